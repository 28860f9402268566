//! What a visitor is told, and what a page can do with it: lookups, quotes, snapshots.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tearoff_core::digest::Digests;
use tearoff_core::facts::Entered;
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;
use tearoff_http_tests::client::Client;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, class_at, lookup, reservation, reservation_of, terms};

fn decoded(token: &Value) -> Snapshot {
    let bytes = token.as_str().expect("a snapshot").split('.').next().expect("bytes");
    Snapshot::read(&URL_SAFE_NO_PAD.decode(bytes).expect("base64url")).expect("a snapshot of this engine")
}

/// What a page computes with a snapshot, as JSON: its quote and digests.
fn computed(snapshot: &Snapshot, cart: &Value) -> (Value, Value) {
    let request: CartRequest = serde_json::from_value(cart.clone()).expect("a cart");
    let cart = snapshot.establish(&request).expect("a cart that the snapshot knows");
    let quote = snapshot.quote(&cart);
    let digests = Digests::of(&snapshot.evaluation(&cart), &quote);
    (serde_json::to_value(&quote).expect("a quote"), serde_json::to_value(digests).expect("digests"))
}

fn look_up(backend: &Client, code: &str, cart: &Value, customer: &Value) -> Value {
    let answer = backend.post("/v1/lookups", &json!({ "code": code, "cart": cart, "customer": customer }));
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.expect(200)
}

#[test]
fn every_kind_of_answer() {
    let harness = Harness::open();
    let backend = harness.backend();
    let (class, none, empty) = (cart("yoga", 1), Value::Null, json!({ "lines": [] }));
    let ana = json!({ "email": "ana@example.com" });
    for (code, cart, customer, status, reason, hint) in [
        (" welcome20 ", &class, &none, "applied", "", ""),
        ("HUNDRED", &class, &none, "applied", "", ""),
        ("MIN30", &class, &none, "rejected", "minimum_spend_not_met", "spend_more"),
        ("MIN30", &cart("yoga", 2), &none, "applied", "", ""),
        ("EXPIRED", &class, &none, "rejected", "expired", ""),
        ("SOON", &class, &none, "rejected", "not_yet_active", ""),
        ("OFF10", &class, &none, "rejected", "promotion_inactive", ""),
        ("NOSUCHCODE", &class, &none, "rejected", "unknown_code", ""),
        ("WELCOME20", &empty, &none, "waiting", "empty_cart", ""),
        ("TUESDAY", &class, &none, "waiting", "date_needed", ""),
        ("TUESDAY", &class_at("2026-12-08T18:00"), &none, "applied", "", ""),
        ("TUESDAY", &class_at("2026-12-09T18:00"), &none, "rejected", "outside_weekdays", "choose_weekday"),
        ("ONCE", &class, &none, "waiting", "customer_needed", ""),
        ("ONCE", &class, &json!({}), "waiting", "customer_needed", ""),
        ("ONCE", &class, &ana, "applied", "", ""),
        ("SECRETLY", &class, &none, "rejected", "unknown_code", ""),
        ("SECRETLY", &cart("yoga", 6), &none, "applied", "", ""),
    ] {
        let answer = look_up(&backend, code, cart, customer);
        let decision = &answer["quote"]["decisions"][0];
        assert_eq!(decision["status"], status, "{code}: {answer}");
        assert_eq!(decision["reasons"][0]["code"].as_str().unwrap_or_default(), reason, "{code}: {answer}");
        assert_eq!(decision["hints"][0]["type"].as_str().unwrap_or_default(), hint, "{code}: {answer}");
        assert_eq!(
            (&answer["engine"], &answer["now_at"]),
            (&json!(tearoff_core::ENGINE), &json!("2026-12-01T10:00:00Z"))
        );
        assert!(status == "applied" || answer["quote"]["discount_minor"] == 0, "{code}: {answer}");
        let told = format!("{answer}{}", backend.post("/v1/quotes", &json!({ "codes": [code], "cart": cart })).text());
        assert!(!told.contains("internal"), "what the owner calls it is never sent (R18): {told}");
    }
}

/// The page computes, from the bytes it was sent, exactly what the server answered (R66).
#[test]
fn a_page_computes_what_the_server_answered() {
    let harness = Harness::open();
    let backend = harness.backend();
    for (code, cart) in [
        ("WELCOME20", cart("yoga", 1)),
        ("MIN30", cart("yoga", 1)),
        ("EXPIRED", cart("yoga", 1)),
        ("FIFTY", cart("massage", 3)),
        ("ONCE", cart("yoga", 1)),
        ("TUESDAY", class_at("2026-12-09T18:00")),
        ("SECRETLY", cart("yoga", 7)),
        ("WELCOME20", json!({ "lines": [] })),
        (
            "WELCOME20",
            json!({ "currency": "USD", "lines": [{ "id": "a", "item": "mug", "quantity": 3, "location": "annex" }] }),
        ),
    ] {
        let answer = look_up(&backend, code, &cart, &Value::Null);
        let snapshot = decoded(&answer["snapshot"]);
        let (quote, digests) = computed(&snapshot, &cart);
        assert_eq!((&quote, &digests), (&answer["quote"], &answer["digests"]), "{code}");
        assert!(snapshot.expires_at > harness.now(), "{code}");
        let quoted = backend.post("/v1/quotes", &json!({ "codes": [code], "cart": cart })).expect(200);
        assert_eq!(
            (&quoted["quote"], &quoted["digests"]),
            (&answer["quote"], &answer["digests"]),
            "{code}: a quote is a lookup"
        );
    }
}

/// The cart changes; the page prices on by itself, as the server would.
#[test]
fn a_page_prices_a_changed_cart_as_the_server_does() {
    let harness = Harness::open();
    let backend = harness.backend();
    let snapshot = decoded(&look_up(&backend, "MIN30", &cart("yoga", 1), &Value::Null)["snapshot"]);
    for quantity in [2, 3, 10, 1] {
        let cart = cart("yoga", quantity);
        let server = backend.post("/v1/quotes", &json!({ "codes": ["MIN30"], "cart": cart })).expect(200);
        let (quote, digests) = computed(&snapshot, &cart);
        assert_eq!((quote, digests), (server["quote"].clone(), server["digests"].clone()), "{quantity}");
    }
    let other: CartRequest = serde_json::from_value(cart("mug", 1)).unwrap();
    assert!(snapshot.establish(&other).is_err(), "an item that it did not ask about needs the server");
}

/// Nor does a clock tell them apart: of 101 questions each, in turn, the medians differ by less than a twentieth, or 50 microseconds (R65).
#[test]
fn private_codes_take_as_long_as_unknown_ones() {
    let harness = Harness::open();
    let page = harness.page();
    let took = |code: &str| {
        let asked_at = std::time::Instant::now();
        let _ = page.post("/v1/lookups", &lookup(code)).expect(200);
        asked_at.elapsed()
    };
    let (mut private, mut unknown): (Vec<_>, Vec<_>) = (0..101).map(|_| (took("SECRETLY"), took("NOTHINGS"))).unzip();
    private.sort_unstable();
    unknown.sort_unstable();
    let difference = private[50].abs_diff(unknown[50]);
    let bound = (unknown[50] / 20).max(std::time::Duration::from_micros(50));
    assert!(difference < bound, "{:?} and {:?}", private[50], unknown[50]);
}

/// A private code that does not apply is answered like one that does not exist, but for the echo (R65).
#[test]
fn private_codes_answer_like_unknown_ones() {
    let harness = Harness::open();
    let backend = harness.backend();
    for customer in [Value::Null, json!({ "email": "ana@example.com" })] {
        let ask = |code: &str| {
            backend.post("/v1/lookups", &json!({ "code": code, "cart": cart("yoga", 1), "customer": customer }))
        };
        let (private, unknown) = (ask("SECRETLY"), ask("NOTHINGS"));
        let alike = without_digests(private.json(), "SECRETLY");
        assert_eq!(alike, without_digests(unknown.json(), "NOTHINGS"));
        assert_eq!(private.body.len(), unknown.body.len());
        let names = |answer: &tearoff_http_tests::client::Answer| {
            answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(names(&private), names(&unknown));
        // The digests are of the echoed code too. They are those of an evaluation in which nothing is known of it.
        let snapshot = Snapshot {
            facts: tearoff_core::facts::Facts {
                entered: vec![Entered::unknown("SECRETLY")],
                ..known_facts(&backend, &customer)
            },
            candidates: Vec::new(),
            ..decoded(&look_up(&backend, "WELCOME20", &cart("yoga", 1), &customer)["snapshot"])
        };
        assert_eq!(computed(&snapshot, &cart("yoga", 1)).1, private.json()["digests"]);
    }
    let refused = backend.reserve("1", &reservation("1", "SECRETLY", 900)).problem(409, "unknown_code");
    let unknown = backend.reserve("2", &reservation("2", "NOTHINGS", 900)).problem(409, "unknown_code");
    assert_eq!(without_digests(refused, "SECRETLY"), without_digests(unknown, "NOTHINGS"));
}

fn known_facts(backend: &Client, customer: &Value) -> tearoff_core::facts::Facts {
    decoded(&look_up(backend, "WELCOME20", &cart("yoga", 1), customer)["snapshot"]).facts
}

fn without_digests(mut answer: Value, code: &str) -> Value {
    assert_eq!(answer["snapshot"], Value::Null, "{code}");
    answer["digests"].take();
    serde_json::from_str(&answer.to_string().replace(code, "CODE")).unwrap()
}

/// What a page says of prices, kinds and discounts changes nothing where the catalog speaks (R61).
#[test]
fn forged_prices_change_nothing() {
    let harness = Harness::with(vec![Site::studio("studio").whose_tag_redeems()]);
    let page = harness.page();
    let honest = page.post("/v1/lookups", &lookup("MIN30")).expect(200);
    for (name, value) in [
        ("unit_price_minor", json!(1)),
        ("unit_price_minor", json!(10_000_000)),
        ("unit_price_minor", json!(-1800)),
        ("kind", json!("fee")),
        ("kind", json!("package")),
        ("categories", json!(["vip"])),
    ] {
        let mut forged = lookup("MIN30");
        forged["cart"]["lines"][0][name] = value;
        assert_eq!(page.post("/v1/lookups", &forged).expect(200), honest, "{forged}");
        let mut order = reservation("1", "WELCOME20", 1);
        order["place"] = json!(true);
        order["cart"] = forged["cart"].clone();
        let refused = page.reserve(&format!("forged-{name}"), &order);
        assert!(matches!(refused.status, 409 | 422), "{}", refused.text());
    }
    assert_eq!(harness.redemptions(), Vec::<Value>::new());
    let mut cheap = reservation("1", "WELCOME20", 1440);
    cheap["place"] = json!(true);
    cheap["cart"]["lines"][0]["unit_price_minor"] = json!(1);
    let recorded = page.reserve("catalog", &cheap).expect(201);
    assert_eq!((&recorded["subtotal_minor"], &recorded["total_minor"]), (&json!(1800), &json!(1440)));
    let dated = json!({ "lines": [{ "id": "1", "item": "yoga", "occurrences": [{ "start": "2026-12-08T18:00", "unit_price_minor": 1 }] }] });
    let answer = page.post("/v1/lookups", &json!({ "code": "WELCOME20", "cart": dated })).expect(200);
    assert_eq!(answer["quote"]["total_minor"], 1440);
}

/// A total that the visitor has not seen is never recorded; they are shown the new one.
#[test]
fn another_total_is_quote_changed() {
    let harness = Harness::open();
    let backend = harness.backend();
    let before = harness.kept();
    for (index, seen) in [0, 1, 1619, 1621, 1800, 1_000_000_000_000].into_iter().enumerate() {
        let changed = backend.reserve(&format!("key-{index}"), &reservation(&index.to_string(), "LAST", seen));
        let changed = changed.problem(409, "quote_changed");
        assert_eq!(
            (&changed["quote"]["total_minor"], &changed["quote"]["discount_minor"]),
            (&json!(1620), &json!(180))
        );
        let decision = &changed["quote"]["decisions"][0];
        assert_eq!((&decision["code"], &decision["status"]), (&json!("LAST"), &json!("applied")));
        assert_eq!(harness.kept(), before, "{seen}");
    }
    assert_eq!(backend.reserve("key", &reservation("1", "LAST", 1620)).status, 201, "the use is still there");
}

/// The cart is priced as it is at the redemption: taking the costly line out again loses the minimum.
#[test]
fn a_changed_cart_is_priced_again() {
    let harness = Harness::open();
    let backend = harness.backend();
    let shown = look_up(&backend, "MIN30", &cart("yoga", 2), &Value::Null);
    assert_eq!(shown["quote"]["total_minor"], 3240);
    let mut less = reservation("1", "MIN30", 1620);
    less["snapshot"] = shown["snapshot"].clone();
    let refused = backend.reserve("1", &less).problem(409, "minimum_spend_not_met");
    assert_eq!(refused["reasons"][0]["required"]["amount_minor"], 3000);
    assert_eq!(harness.redemptions().len(), 0);
}

/// A snapshot that this site did not sign is refused; one that is not for this order is of no use.
#[test]
fn snapshots_cannot_be_forged_or_borrowed() {
    let harness = Harness::with(vec![Site::studio("studio"), Site::studio("other")]);
    let backend = harness.backend();
    harness.clock().set("2026-12-01T21:59:50Z".parse().unwrap());
    let ana = json!({ "email": "ana@example.com" });
    let own = look_up(&backend, "TODAY", &cart("yoga", 1), &ana)["snapshot"].as_str().unwrap().to_owned();
    let foreign =
        look_up(&harness.backend_of(1), "TODAY", &cart("yoga", 1), &ana)["snapshot"].as_str().unwrap().to_owned();
    let welcome = look_up(&backend, "WELCOME20", &cart("yoga", 1), &ana)["snapshot"].as_str().unwrap().to_owned();
    harness.clock().set("2026-12-01T22:00:05Z".parse().unwrap());
    let (bytes, signature) = own.split_once('.').unwrap();
    let mut forged = decoded(&json!(own));
    forged.facts.now = "2026-12-01T10:00:00Z".parse().unwrap();
    let forged_bytes = URL_SAFE_NO_PAD.encode(tearoff_core::canonical::Canonical::to_bytes(&forged));
    let with = |order: &str, token: &str, customer: &Value| {
        let mut body = reservation_of(order, "TODAY", 1620, customer.clone());
        body["snapshot"] = json!(token);
        backend.reserve(order, &body)
    };
    for (index, token) in [
        format!("{forged_bytes}.{signature}"),
        forged_bytes.clone(),
        format!("{bytes}."),
        format!("{bytes}.AQ"),
        format!("{bytes}.{}", signature.chars().rev().collect::<String>()),
        format!("{bytes}.{signature}A"),
        format!("{bytes}.{signature}.{signature}"),
        format!("{}.{signature}", &bytes[4..]),
        foreign.clone(),
        format!("{}.{signature}", foreign.split_once('.').unwrap().0),
        String::new(),
        ".".into(),
        "x".repeat(500_000),
    ]
    .iter()
    .enumerate()
    {
        let problem = with(&format!("forged-{index}"), token, &ana).problem(400, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], "snapshot", "{problem}");
    }
    let _ = with("no-ones", &own, &Value::Null).problem(409, "expired");
    let _ = with("bens", &own, &json!({ "email": "ben@example.com" })).problem(409, "expired");
    let _ = with("other-code", &welcome, &ana).problem(409, "expired");
    assert_eq!(harness.redemptions().len(), 0);
    assert_eq!(with("anas", &own, &json!({ "email": " ANA@example.com" })).status, 201);
    harness.clock().set("2026-12-01T22:05:00Z".parse().unwrap());
    let _ = with("late", &own, &ana).problem(409, "expired");
}

/// A snapshot is of one code, also where another unlocks the same promotion.
#[test]
fn a_snapshot_is_of_one_code() {
    let harness = Harness::open();
    let backend = harness.backend();
    let today = json!({ "conditions": [{ "type": "redeemable", "until": "2026-12-01" }] });
    let made =
        backend.post("/v1/promotions", &json!({ "codes": ["ONE", "OTHER"], "terms": terms("Twins", 1000, &today) }));
    assert_eq!(made.status, 201);
    harness.clock().set("2026-12-01T21:59:50Z".parse().unwrap());
    let shown = look_up(&backend, "ONE", &cart("yoga", 1), &Value::Null)["snapshot"].clone();
    harness.clock().set("2026-12-01T22:00:05Z".parse().unwrap());
    let with = |code: &str| {
        let mut body = reservation(code, code, 1620);
        body["snapshot"] = shown.clone();
        backend.reserve(code, &body)
    };
    let _ = with("OTHER").problem(409, "expired");
    assert_eq!(with("ONE").status, 201);
}

/// With a secret key on a site that says so, the host's own prices count, and nobody else's.
#[test]
fn the_hosts_prices_count_where_the_site_says_so() {
    let harness = Harness::with(vec![Site::studio("studio").with("prices", "caller")]);
    let mut order = reservation("1", "WELCOME20", 4000);
    order["cart"]["lines"][0]["unit_price_minor"] = json!(5000);
    let recorded = harness.backend().reserve("1", &order).expect(201);
    assert_eq!((&recorded["subtotal_minor"], &recorded["total_minor"]), (&json!(5000), &json!(4000)));
    order["order"] = json!("2");
    order["place"] = json!(true);
    let _ = harness.page().reserve("2", &order).problem(403, "secret_key_needed");
}
