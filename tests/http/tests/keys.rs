//! Keys, origins and guesses: who may ask what, from where, and how often.

use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, lookup, reservation, terms};

const REDEMPTION: &str = "/v1/redemptions/red_01890000-0000-7000-8000-000000000000";
const PROMOTION: &str = "/v1/promotions/prm_01890000-0000-7000-8000-000000000000";

/// Every route that needs a key, and whether a page's is enough.
fn routes() -> Vec<(&'static str, String, Value, bool)> {
    let quote = json!({ "codes": ["WELCOME20"], "cart": cart("yoga", 1) });
    let promotion = json!({ "codes": ["NEW"], "terms": terms("New", 1000, &json!({})) });
    let edit = json!({ "terms": terms("New", 1000, &json!({})) });
    let policy = json!({ "policy": { "currency": "EUR", "zone": "Europe/Athens" } });
    vec![
        ("POST", "/v1/lookups".into(), lookup("WELCOME20"), true),
        ("POST", "/v1/quotes".into(), quote, true),
        ("POST", "/v1/redemptions".into(), reservation("1", "WELCOME20", 1440), false),
        ("GET", "/v1/redemptions".into(), Value::Null, false),
        ("GET", REDEMPTION.into(), Value::Null, false),
        ("POST", format!("{REDEMPTION}/place"), Value::Null, false),
        ("POST", format!("{REDEMPTION}/confirm"), Value::Null, false),
        ("POST", format!("{REDEMPTION}/release"), Value::Null, false),
        ("GET", "/v1/promotions".into(), Value::Null, false),
        ("POST", "/v1/promotions".into(), promotion, false),
        ("GET", PROMOTION.into(), Value::Null, false),
        ("PUT", PROMOTION.into(), edit, false),
        ("POST", format!("{PROMOTION}/activate"), Value::Null, false),
        ("POST", format!("{PROMOTION}/deactivate"), Value::Null, false),
        ("GET", "/v1/catalog".into(), Value::Null, false),
        ("PUT", "/v1/catalog".into(), json!({ "items": [] }), false),
        ("GET", "/v1/site".into(), Value::Null, false),
        ("PUT", "/v1/site".into(), policy, false),
        ("POST", "/v1/site/secrets/rotate".into(), Value::Null, false),
        ("GET", "/v1/export/customers".into(), Value::Null, false),
        ("GET", "/v1/presets".into(), Value::Null, false),
        ("GET", "/v1/keys".into(), Value::Null, false),
        ("POST", "/v1/keys".into(), json!({ "kind": "publishable" }), false),
        ("DELETE", "/v1/keys/key_0000000000000000".into(), Value::Null, false),
        ("GET", "/v1/customers".into(), Value::Null, false),
        ("POST", "/v1/customers/import".into(), json!({ "customers": [] }), false),
        ("GET", "/v1/customers/42".into(), Value::Null, false),
        ("PUT", "/v1/customers/42".into(), json!({}), false),
        ("DELETE", "/v1/customers/42".into(), Value::Null, false),
        ("GET", format!("{PROMOTION}/codes"), Value::Null, false),
        ("POST", format!("{PROMOTION}/codes"), json!({ "codes": [] }), false),
        ("POST", format!("{PROMOTION}/codes/generate"), json!({ "count": 1 }), false),
        ("POST", format!("{PROMOTION}/codes/retire"), json!({ "code": "A" }), false),
        ("POST", format!("{PROMOTION}/codes/delete"), json!({ "which": "all" }), false),
    ]
}

fn send(client: &Client, method: &str, path: &str, body: &Value) -> Answer {
    let request = client.request(method, path).header("idempotency-key", "keys");
    if body.is_null() { request.send() } else { request.json(body).send() }
}

#[test]
fn without_a_valid_key_nobody_gets_in() {
    let harness = Harness::open();
    let before = harness.kept();
    let (secret, publishable) = (harness.site(0).secret.clone(), harness.site(0).publishable.clone());
    let headers = [
        String::new(),
        "Bearer".into(),
        "Bearer ".into(),
        "Bearer nonsense".into(),
        format!("Basic {secret}"),
        secret.clone(),
        format!("Bearer {}", secret.to_uppercase()),
        format!("Bearer {secret}0"),
        format!("Bearer {}", &secret[..secret.len() - 1]),
        format!("Bearer {}", publishable.replacen("pk_", "sk_", 1)),
        format!("Bearer {}", secret.replacen("sk_", "pk_", 1)),
        format!("Bearer {secret},{secret}"),
        "Bearer sk_' OR 1=1 --".into(),
        format!("Bearer sk_{}", "a".repeat(5000)),
    ];
    for (method, path, body, _) in routes() {
        for header in headers.iter().take(if path == "/v1/redemptions" { headers.len() } else { 4 }) {
            let stranger = harness.stranger();
            let stranger = if header.is_empty() { stranger } else { stranger.with_header("authorization", header) };
            let answer = send(&stranger, method, &path, &body);
            let _ = answer.problem(401, "unauthorized");
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{method} {path}");
        }
    }
    let in_address = harness.stranger().get(&format!("/v1/redemptions?key={secret}"));
    let _ = in_address.problem(401, "unauthorized");
    assert_eq!(harness.kept(), before);
}

#[test]
fn a_page_key_opens_only_what_pages_need() {
    let harness = Harness::open();
    let before = harness.kept();
    for (method, path, body, for_pages) in routes() {
        let answer = send(&harness.page(), method, &path, &body);
        if for_pages {
            assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
        } else {
            let _ = answer.problem(403, "secret_key_needed");
        }
    }
    assert_eq!(harness.kept(), before);
}

/// A tag without a backend may redeem where the site lets it, and then only whole (R55).
#[test]
fn a_page_redeems_only_where_the_site_lets_it() {
    let harness =
        Harness::with(vec![Site::studio("tag").whose_tag_redeems(), Site::studio("host").with("confirm_on", "placed")]);
    let mut order = reservation("1", "WELCOME20", 1440);
    let _ = harness.page().reserve("unplaced", &order).problem(403, "secret_key_needed");
    order["place"] = json!(true);
    let _ = harness.page_of(1).reserve("elsewhere", &order).problem(403, "secret_key_needed");
    assert_eq!(harness.page().reserve("placed", &order).expect(201)["state"], "confirmed");
    assert_eq!(harness.redemptions().len(), 1);
}

/// What belongs to one site does not exist for another.
#[test]
fn sites_do_not_see_each_other() {
    let harness = Harness::with(vec![Site::studio("one"), Site::studio("two")]);
    let (one, two) = (harness.backend(), harness.backend_of(1));
    let redemption = one.reserve("1", &reservation("1", "LAST", 1620)).expect(201)["id"].as_str().unwrap().to_owned();
    let made =
        one.post("/v1/promotions", &json!({ "codes": ["MINE"], "terms": terms("Mine", 1000, &json!({})) })).expect(201);
    let promotion = made["id"].as_str().unwrap();
    for (method, path) in [
        ("GET", format!("/v1/redemptions/{redemption}")),
        ("POST", format!("/v1/redemptions/{redemption}/place")),
        ("POST", format!("/v1/redemptions/{redemption}/confirm")),
        ("POST", format!("/v1/redemptions/{redemption}/release")),
        ("GET", format!("/v1/promotions/{promotion}")),
        ("POST", format!("/v1/promotions/{promotion}/deactivate")),
    ] {
        let _ = two.request(method, &path).send().problem(404, "not_found");
    }
    let edit = json!({ "terms": terms("Yours", 1000, &json!({})) });
    let _ = two.put(&format!("/v1/promotions/{promotion}"), &edit).problem(404, "not_found");
    assert_eq!(two.get("/v1/redemptions").expect(200)["redemptions"], json!([]));
    let unknown = two.post("/v1/lookups", &lookup("MINE")).expect(200);
    assert_eq!(unknown["quote"]["decisions"][0]["reasons"][0]["code"], "unknown_code");
    assert_eq!(
        two.post("/v1/promotions", &json!({ "codes": ["MINE"], "terms": terms("Mine", 1, &json!({})) })).status,
        201
    );
    assert_eq!(
        two.reserve("1", &reservation("1", "LAST", 1620)).status,
        201,
        "each site counts its own uses and orders"
    );
    assert_eq!(one.get(&format!("/v1/redemptions/{redemption}")).expect(200)["state"], "reserved");
}

/// Browsers leave out the port that a scheme has anyway, owners may not.
#[test]
fn an_origin_is_kept_as_browsers_send_it() {
    let harness = Harness::open();
    let backend = harness.backend();
    let policy = backend.get("/v1/site").expect(200)["policy"].clone();
    let site = json!({ "policy": policy, "origins": ["https://new.example:443", "https://new.example", "https://new.example:8443"] });
    let kept = backend.put("/v1/site", &site).expect(200);
    assert_eq!(kept["origins"], json!(["https://new.example", "https://new.example:8443"]));
    let page = harness.page().with_header("origin", "https://new.example");
    assert_eq!(page.post("/v1/lookups", &lookup("WELCOME20")).status, 200);
}

#[test]
fn a_page_works_from_the_sites_origins_only() {
    let harness = Harness::with(vec![Site::studio("studio"), Site::studio("other")]);
    let from =
        |client: Client, origin: &str| client.with_header("origin", origin).post("/v1/lookups", &lookup("WELCOME20"));
    let allowed = from(harness.page(), "https://studio.example");
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.header("access-control-allow-origin"), "https://studio.example");
    varies(&allowed);
    for origin in [
        "https://other.example",
        "http://studio.example",
        "https://studio.example:8443",
        "https://www.studio.example",
        "https://studio.example.evil.test",
        "https://evil.test/https://studio.example",
        "https://STUDIO.example",
        "https://studio.example/",
        "null",
        "*",
        "file://",
    ] {
        let refused = from(harness.page(), origin);
        let _ = refused.problem(403, "origin_not_allowed");
        assert!(!refused.headers.contains_key("access-control-allow-origin"), "{origin}");
        varies(&refused);
    }
    let leaked = from(harness.backend(), "https://studio.example");
    let _ = leaked.problem(403, "origin_not_allowed");
    let faulty = harness.page().with_header("origin", "https://studio.example").post("/v1/lookups", &json!({}));
    let _ = faulty.problem(400, "invalid_request");
    assert_eq!(faulty.header("access-control-allow-origin"), "https://studio.example", "a page reads its own faults");
    let without_key =
        harness.stranger().with_header("origin", "https://studio.example").post("/v1/lookups", &json!({}));
    let _ = without_key.problem(401, "unauthorized");
}

/// A name that is made to lead to this server is still another's name: what a request says of its host decides nothing (DNS
/// rebinding). Only on the machine itself are pages of the server its own without being named.
#[test]
fn a_page_of_another_name_for_this_server_is_foreign() {
    let harness = Harness::open();
    let port = harness.address().port();
    let from = |client: Client, host: &str| {
        let client = client.with_header("host", host).with_header("origin", &format!("http://{host}"));
        client.post("/v1/lookups", &lookup("WELCOME20"))
    };
    for host in
        ["evil.test".to_owned(), format!("evil.test:{port}"), format!("127.0.0.1.evil.test:{port}"), "10.0.0.7".into()]
    {
        for client in [harness.page(), harness.backend()] {
            let refused = from(client, &host);
            let _ = refused.problem(403, "origin_not_allowed");
            assert!(!refused.headers.contains_key("access-control-allow-origin"), "{host}");
        }
    }
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")] {
        assert_eq!(from(harness.page(), &host).status, 200, "{host}");
    }
    let named = Harness::configured(vec![Site::studio("studio")], |config| {
        config.public_origins = vec!["https://codes.example".into()];
    });
    let own = named.page().with_header("host", "127.0.0.1:8600").with_header("origin", "https://codes.example");
    assert_eq!(own.post("/v1/lookups", &lookup("WELCOME20")).status, 200, "whatever a proxy says of the host");
    let other_port = harness.page().with_header("origin", "http://127.0.0.1:1");
    let _ = other_port.post("/v1/lookups", &lookup("WELCOME20")).problem(403, "origin_not_allowed");
}

#[test]
fn a_browser_may_ask_first() {
    let harness = Harness::open();
    let ask = |origin: &str| {
        let request = harness.stranger().with_header("origin", origin);
        request
            .request("OPTIONS", "/v1/lookups")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type,idempotency-key")
            .send()
    };
    let allowed = ask("https://studio.example");
    assert_eq!(allowed.status, 204);
    assert_eq!(allowed.header("access-control-allow-origin"), "https://studio.example");
    assert!(allowed.header("access-control-allow-methods").contains("POST"));
    for header in ["authorization", "content-type", "idempotency-key"] {
        assert!(allowed.header("access-control-allow-headers").contains(header), "{header}");
    }
    varies(&allowed);
    for origin in ["https://evil.test", "null", "https://studio.example.evil.test"] {
        let refused = ask(origin);
        assert!(!refused.headers.contains_key("access-control-allow-origin"), "{origin}");
        varies(&refused);
    }
    for answer in [allowed, ask("https://evil.test")] {
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        assert_ne!(answer.header("access-control-allow-origin"), "*");
    }
}

fn varies(answer: &Answer) {
    let varies = answer.headers.get_all("vary").iter().any(|value| {
        value.to_str().unwrap_or_default().split(',').any(|name| name.trim().eq_ignore_ascii_case("origin"))
    });
    assert!(varies, "a cache must keep origins apart: {:?}", answer.headers);
}

/// Guessing is slow: soon there is nothing but 429, which says when to come back.
#[test]
fn guesses_run_out() {
    let harness = Harness::with_usual_guesses(vec![Site::studio("studio"), Site::studio("other")]);
    let guess = |index: usize| {
        harness
            .page()
            .with_header("x-forwarded-for", &format!("198.51.100.{index}"))
            .with_header("forwarded", &format!("for=198.51.100.{index}"))
            .with_header("x-real-ip", &format!("198.51.100.{index}"))
            .post("/v1/lookups", &lookup(&format!("GUESS{index}")))
    };
    let answers: Vec<Answer> = (0..200).map(guess).collect();
    let answered = answers.iter().filter(|answer| answer.status == 200).count();
    assert!((5..=60).contains(&answered), "{answered} guesses were answered");
    let refused = answers.last().unwrap();
    let _ = refused.problem(429, "too_many_requests");
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    let quote = harness.page().post("/v1/quotes", &json!({ "codes": ["WELCOME20"], "cart": cart("yoga", 1) }));
    let _ = quote.problem(429, "too_many_requests");
    let _ = harness.page().reserve("guess", &reservation("1", "WELCOME20", 1440)).problem(429, "too_many_requests");
    assert_eq!(
        harness.page_of(1).post("/v1/lookups", &lookup("WELCOME20")).status,
        200,
        "another site's visitors go on"
    );
    assert_eq!(harness.backend().post("/v1/lookups", &lookup("WELCOME20")).status, 200, "the host's backend goes on");
    assert_eq!(harness.redemptions().len(), 0);
}

/// Many codes in one request are as many guesses.
#[test]
fn codes_are_counted_not_requests() {
    let harness = Harness::with_usual_guesses(vec![Site::studio("studio")]);
    let guess = |round: usize| {
        let codes: Vec<String> = (0..10).map(|index| format!("GUESS{round}X{index}")).collect();
        harness.page().post("/v1/quotes", &json!({ "codes": codes, "cart": cart("yoga", 1) })).status
    };
    let answered = (0..20).filter(|round| guess(*round) == 200).count();
    assert!(answered <= 6, "{answered} requests of ten codes were answered");
}
