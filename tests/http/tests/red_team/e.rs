//! E: guessing codes, and learning from an answer what it does not say.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tearoff_core::digest::Digests;
use tearoff_core::facts::Entered;
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, lookup, reservation, terms};
use tearoff_server::config::{GUESS_BURST, GUESSES_PER_MINUTE};
use tearoff_server::limiter::Guesses;

use crate::{at_once, first, names, offer, tally};

/// A server behind a proxy on this machine, on which an address may make so many guesses at once and hardly any more.
fn behind_a_proxy(burst: u32) -> Harness {
    Harness::configured(vec![Site::studio("studio")], |config| {
        config.guesses = Guesses { per_minute: NonZeroU32::MIN, burst: NonZeroU32::new(burst).expect("some") };
        config.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    })
}

fn from(harness: &Harness, forwarded_for: &str) -> Client {
    harness.page().with_header("x-forwarded-for", forwarded_for)
}

fn guess(page: &Client) -> u16 {
    page.post("/v1/lookups", &lookup("GUESSED")).status
}

#[test]
fn e1_guesses_from_one_address_run_out() {
    let harness = Harness::with_usual_guesses(vec![Site::studio("studio"), Site::studio("other")]);
    let page = harness.page();
    let answers: Vec<Answer> = (0..60).map(|index| page.post("/v1/lookups", &lookup(&format!("{index:06}")))).collect();
    let told = answers.iter().filter(|answer| answer.status == 200).count();
    let burst = GUESS_BURST as usize;
    // The test takes less than a minute.
    assert!((burst..=burst + GUESSES_PER_MINUTE as usize).contains(&told), "{told} guesses were answered");
    let refused = answers.last().unwrap();
    let _ = refused.problem(429, "too_many_requests");
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60 / GUESSES_PER_MINUTE + 1).contains(&wait), "{wait}");
    for known in ["WELCOME20", "SECRETLY"] {
        let good = page.post("/v1/lookups", &lookup(known));
        let _ = good.problem(429, "too_many_requests");
        assert!(!good.text().contains("discount"), "a good code is not told from a bad one any more");
    }
    assert_eq!(
        harness.page_of(1).post("/v1/lookups", &lookup("WELCOME20")).status,
        200,
        "another site's visitors go on"
    );
    assert_eq!(harness.backend().post("/v1/lookups", &lookup("WELCOME20")).status, 200);
}

#[test]
fn e1_what_a_customer_has_used_is_a_guess_as_well() {
    let harness = behind_a_proxy(1);
    let page = from(&harness, "198.51.100.1");
    let ask = |email: &str| {
        let mut body = lookup("ONCE");
        body["customer"] = json!({ "email": email });
        page.post("/v1/lookups", &body).status
    };
    let answered = (0..40).filter(|index| ask(&format!("{index}@example.com")) == 200).count();
    // One comes back in six seconds.
    assert!((9..=16).contains(&answered), "{answered} strangers' histories were told");
}

#[test]
fn e1_redeeming_is_guessing_too() {
    let harness = Harness::configured(vec![Site::studio("studio").whose_tag_redeems()], |config| {
        config.guesses = Guesses { per_minute: NonZeroU32::MIN, burst: NonZeroU32::new(4).expect("some") };
    });
    let page = harness.page();
    let redeem = |key: &str, code: &str| {
        let mut body = reservation("1", code, 1440);
        body["place"] = json!(true);
        page.reserve(key, &body)
    };
    for round in 0..20 {
        // Nothing is kept of a refusal for a page, so that not even the same key asks for free.
        let answer = redeem("same-key", &format!("GUESS{round}"));
        let wanted = if round < 4 { (409, "unknown_code") } else { (429, "too_many_requests") };
        let _ = answer.problem(wanted.0, wanted.1);
    }
    let _ = page.post("/v1/lookups", &lookup("WELCOME20")).problem(429, "too_many_requests");
    let _ = redeem("good", "WELCOME20").problem(429, "too_many_requests");
    assert!(harness.redemptions().is_empty());
}

/// Guesses from many addresses, each within its own budget: beyond what a site bears each counts as ten. The visitors whose codes are good go on.
#[test]
fn e2_guesses_from_many_addresses_soon_cost_ten_times_as_much() {
    let harness = Harness::with_metrics(vec![Site::studio("studio"), Site::studio("other")], |config| {
        config.guesses = Guesses { per_minute: NonZeroU32::MIN, burst: NonZeroU32::new(20).expect("some") };
        config.site_guesses.0 = NonZeroU32::new(40).expect("some");
        config.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    });
    let guesses_of = |address: &str| (0..20).filter(|_| guess(&from(&harness, address)) == 200).count();
    let first: usize = (0..2).map(|index| guesses_of(&format!("198.51.100.{index}"))).sum();
    assert_eq!(first, 40);
    let later: Vec<usize> = (2..12).map(|index| guesses_of(&format!("198.51.100.{index}"))).collect();
    // What comes back to the site, 40 a minute, counts as one.
    assert!(later.iter().sum::<usize>() < 10 * 20 / 3, "{later:?} of 20 each");
    for index in 0..50 {
        let visitor = from(&harness, &format!("203.0.113.{index}"));
        assert_eq!(visitor.post("/v1/lookups", &lookup("WELCOME20")).status, 200, "a good code");
    }
    let mistyped = from(&harness, "203.0.113.7");
    assert_eq!(
        [guess(&mistyped), mistyped.post("/v1/lookups", &lookup("WELCOME20")).status],
        [200, 200],
        "once mistyped"
    );
    let elsewhere = harness.page_of(1).with_header("x-forwarded-for", "198.51.100.2");
    assert_eq!((0..20).filter(|_| guess(&elsewhere) == 200).count(), 20, "another site");
    let told = harness.metrics();
    let strained = told.lines().find_map(|line| line.strip_prefix("tearoff_limiter_strained_answers_total "));
    assert!(strained.and_then(|count| count.parse::<u64>().ok()).is_some_and(|count| count > 50), "{told}");
}

/// The digests of a question in which nothing is known of this code, as a guesser makes them.
fn digests_of_unknown(page: &Client, code: &str) -> Value {
    let known = page.post("/v1/lookups", &lookup("WELCOME20")).expect(200);
    let mut snapshot = decoded(&known);
    snapshot.facts.entered = vec![Entered::unknown(code)];
    snapshot.candidates.clear();
    let request: CartRequest = serde_json::from_value(cart("yoga", 1)).unwrap();
    let cart = snapshot.establish(&request).unwrap();
    let quote = snapshot.quote(&cart);
    serde_json::to_value(Digests::of(&snapshot.evaluation(&cart), &quote)).unwrap()
}

/// What a page can read in the snapshot of an answer.
fn decoded(answer: &Value) -> Snapshot {
    let token = answer["snapshot"].as_str().unwrap().split('.').next().unwrap();
    Snapshot::read(&URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap()
}

#[test]
fn e3_a_private_code_reads_like_an_unknown_one_wherever_it_is_asked() {
    let harness = Harness::with(vec![Site::studio("studio").whose_tag_redeems()]);
    let (page, backend) = (harness.page(), harness.backend());
    let private = |more: Value| {
        let mut more = more;
        more["disclosure"] = json!("private");
        more
    };
    offer(&backend, "PRIVLIMIT", 1000, &private(json!({ "limits": { "total": 1 } })));
    assert_eq!(backend.reserve("used", &reservation("used", "PRIVLIMIT", 1620)).status, 201);
    offer(
        &backend,
        "PRIVEXPIR",
        1000,
        &private(json!({ "conditions": [{ "type": "redeemable", "until": "2026-11-01" }] })),
    );
    offer(&backend, "PRIVNAMED", 1000, &private(json!({ "limits": { "per_customer": 1 } })));
    offer(&backend, "PRIVDATED", 1000, &private(json!({ "conditions": [{ "type": "weekdays", "days": ["tue"] }] })));
    let switched = offer(&backend, "PRIVOFFED", 1000, &private(json!({})));
    assert_eq!(backend.request("POST", &format!("{switched}/deactivate")).send().status, 200);
    let retired = offer(&backend, "RETIREDON", 1000, &json!({}));
    assert_eq!(backend.post(&format!("{retired}/codes/retire"), &json!({ "code": "RETIREDON" })).status, 200);
    let asked = |code: &str| {
        let mut order = reservation("order", code, 1620);
        order["place"] = json!(true);
        let told = [
            page.post("/v1/lookups", &lookup(code)),
            page.post("/v1/quotes", &json!({ "codes": [code], "cart": cart("yoga", 1) })),
            page.post("/v1/quotes", &json!({ "codes": ["WELCOME20", code], "cart": cart("yoga", 1) })),
            page.reserve(&format!("key-{code}"), &order),
        ];
        // Codes of one length: all that may differ is the code that was typed, and the digests that hold it.
        told.map(|answer| {
            let mut said: Value = serde_json::from_str(&answer.text().replace(code, "CODE")).unwrap();
            said["digests"].take();
            (answer.status, answer.body.len(), answer.headers.len(), said)
        })
    };
    let unknown = asked("NOSUCHONE");
    for code in ["PRIVLIMIT", "PRIVEXPIR", "PRIVNAMED", "PRIVDATED", "PRIVOFFED", "RETIREDON"] {
        assert_eq!(asked(code), unknown, "{code}");
        // Whoever knows how digests are made can tell whether they are those of an evaluation in which there is no such code.
        let told = page.post("/v1/lookups", &lookup(code)).expect(200);
        assert_eq!(told["digests"], digests_of_unknown(&page, code), "{code}");
    }
    assert_eq!(harness.redemptions().len(), 1);
}

#[test]
fn e4_no_part_of_a_code_is_told_and_pages_can_list_nothing() {
    let harness = Harness::open();
    let page = harness.page();
    for part in ["W", "WELCOME", "WELCOME2", "WELCOME200", "WELCOME%", "WELCOME__", "WELCOME*", "%", "_________"] {
        assert_eq!(
            first(&page.post("/v1/lookups", &lookup(part)).expect(200)["quote"]),
            ("rejected", "unknown_code"),
            "{part}"
        );
    }
    let document = harness.stranger().get("/v1/openapi.json").expect(200);
    let mut of_pages = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let security = operation["security"].as_array().cloned().unwrap_or_default();
            if !security.iter().any(|scheme| scheme.get("publishable").is_some()) {
                continue;
            }
            of_pages += 1;
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let in_address = parameters.iter().filter(|parameter| parameter["in"] != "header").count();
            assert_eq!((method.as_str(), in_address), ("post", 0), "{path}: what a page asks stands in no address");
        }
    }
    assert!(of_pages >= 3, "{of_pages}");
    for list in ["/v1/promotions", "/v1/redemptions", "/v1/catalog", "/v1/site"] {
        let _ = page.get(list).problem(403, "secret_key_needed");
    }
}

#[test]
fn e5_drawn_codes_cannot_be_foretold() {
    const COUNT: u32 = 6000;
    let harness = Harness::open();
    let backend = harness.backend();
    let promotion = offer(&backend, "BULK", 1000, &json!({}));
    let generate = |body: Value| backend.post(&format!("{promotion}/codes/generate"), &body);
    for short in [json!({ "count": 1, "length": 6, "alphabet": "digits" }), json!({ "count": 1, "length": 11 })] {
        names(&generate(short), "length");
    }
    assert_eq!(generate(json!({ "count": COUNT })).expect(200)["added"], COUNT);
    let id = promotion.rsplit('/').next().unwrap();
    let table = backend.get(&format!("/v1/export/codes?format=csv&promotion={id}")).text();
    let codes: BTreeSet<&str> =
        table.lines().skip(1).filter_map(|row| row.split(',').nth(1)).filter(|code| *code != "BULK").collect();
    assert_eq!(codes.len(), COUNT as usize, "each its own");
    let mut seen = BTreeMap::<(usize, char), u32>::new();
    for (place, letter) in codes.iter().flat_map(|code| code.chars().enumerate()) {
        *seen.entry((place, letter)).or_default() += 1;
    }
    let alphabet: BTreeSet<char> = seen.keys().map(|(_, letter)| *letter).collect();
    let places = seen.keys().map(|(place, _)| place + 1).max().unwrap();
    assert!(
        (alphabet.len() as f64).powi(places.try_into().unwrap()) >= 2_f64.powi(60),
        "{places} of {}",
        alphabet.len()
    );
    // Six times what chance strays by: one run in a million goes beyond for any of the letters and places.
    let expected = f64::from(COUNT) / alphabet.len() as f64;
    for ((place, letter), count) in &seen {
        assert!(
            (f64::from(*count) - expected).abs() < 6.0 * expected.sqrt(),
            "{letter} at {place}: {count} of {expected}"
        );
    }
    assert_eq!(seen.len(), places * alphabet.len(), "any letter at any place");
}

#[test]
fn e6_a_forged_address_buys_no_guesses() {
    let harness = behind_a_proxy(4);
    for index in 0..4 {
        // The proxy writes its own peer last; before that stands what the visitor sent.
        assert_eq!(guess(&from(&harness, &format!("203.0.113.{index}, 198.51.100.1"))), 200);
    }
    for forged in [
        "203.0.113.9, 198.51.100.1",
        "198.51.100.1",
        "127.0.0.1, 198.51.100.1",
        "::ffff:198.51.100.1",
        ",,198.51.100.1",
        "ÿ, 198.51.100.1",
    ] {
        assert_eq!(guess(&from(&harness, forged)), 429, "{forged}");
    }
    let twice = from(&harness, "203.0.113.9").with_header("x-forwarded-for", "198.51.100.1");
    assert_eq!(guess(&twice), 429, "nor does a second line");
    for name in ["forwarded", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip"] {
        assert_eq!(guess(&from(&harness, "198.51.100.1").with_header(name, "203.0.113.77")), 429, "{name}");
    }
    for path in ["/v1/Lookups", "/v1//lookups", "/v1/lookups/", "/V1/lookups", "/v1/lookups?x=1"] {
        let answer = from(&harness, "198.51.100.1").post(path, &lookup("GUESSED"));
        assert!(matches!(answer.status, 404 | 429), "{path}: {}", answer.text());
    }
    for index in 0..4 {
        assert_eq!(guess(&from(&harness, &format!("2001:db8::{index:x}:1"))), 200);
    }
    assert_eq!(guess(&from(&harness, "2001:db8::ffff:2")), 429, "a household's network is one address");
    assert_eq!(guess(&from(&harness, "2001:db8:0:1::1")), 200);
}

#[test]
fn e6_many_guesses_at_once_are_as_many_as_one_after_another() {
    let harness = behind_a_proxy(7);
    let answers = at_once(&harness, 24, |index, _| {
        let page = from(&harness, "198.51.100.1");
        match index % 3 {
            0 => page.post("/v1/lookups", &lookup("GUESSED")),
            1 => page.post("/v1/quotes", &json!({ "codes": ["GUESSED"], "cart": cart("yoga", 1) })),
            _ => page.with_header("user-agent", &format!("tab {index}")).post("/v1/lookups", &lookup("GUESSED")),
        }
    });
    let told = tally(&answers);
    assert!(told.get("200").is_some_and(|answered| (7..=8).contains(answered)), "{told:?}");
    assert_eq!(told.get("too_many_requests").copied().unwrap_or(0) + told["200"], 24);
}

#[test]
fn e7_a_flood_of_addresses_does_not_make_the_busiest_forgotten() {
    let harness = behind_a_proxy(3);
    let hot = from(&harness, "198.51.100.1");
    assert_eq!([guess(&hot), guess(&hot), guess(&hot), guess(&hot)], [200, 200, 200, 429]);
    let empty = json!({ "codes": [], "cart": { "lines": [] } });
    let answers = at_once(&harness, 8, |caller, _| {
        let mut last = None;
        for index in 0..150 {
            let address = format!("2001:db8:{caller:x}:{index:x}::1");
            last = Some(from(&harness, &address).post("/v1/quotes", &empty));
        }
        last.expect("an answer")
    });
    assert_eq!(tally(&answers).get("200"), Some(&8), "strangers go on");
    assert_eq!(guess(&hot), 429);
}

#[test]
fn e8_nothing_of_the_inside_is_reachable_or_told() {
    let harness = Harness::open();
    for path in [
        "/metrics",
        "/debug",
        "/debug/pprof",
        "/console",
        "/admin",
        "/v1/admin",
        "/.env",
        "/test.sqlite",
        "/v1/keys",
        "/booking/../seed.json",
    ] {
        let answer = harness.stranger().get(path);
        assert!(
            (400..500).contains(&answer.status) || answer.header("content-type").starts_with("text/html"),
            "{path}: {}",
            answer.status
        );
    }
    let document = harness.stranger().get("/v1/openapi.json").text();
    let backend = harness.backend();
    let mut said = vec![document];
    for body in
        ["{", r#"{"code":7}"#, r#"{"code":"A","cart":{"lines":[{"id":"1","item":"yoga","quantity":1e999}]}}"#, "\u{0}"]
    {
        said.push(backend.request("POST", "/v1/lookups").text(body).send().text());
    }
    said.push(backend.get("/v1/redemptions?after=%27").text());
    said.push(backend.get("/v1/redemptions/%00").text());
    for inside in
        [".rs:", "panicked", "rusqlite", "SELECT", "sqlite", "/work", "stack backtrace", "tokio", "serde_json"]
    {
        for text in &said {
            assert!(!text.contains(inside), "`{inside}` is told: {}", text.get(..300).unwrap_or(text));
        }
    }
}

#[test]
fn e9_a_code_in_an_address_is_read_by_nobody() {
    let harness = Harness::open();
    let (page, backend) = (harness.page(), harness.backend());
    for path in ["/v1/lookups?code=WELCOME20", "/v1/lookups/WELCOME20", "/v1/codes/WELCOME20"] {
        let answer = page.get(path);
        assert!((400..500).contains(&answer.status), "{path}");
        assert!(!answer.text().contains("WELCOME20"), "{path} is echoed: {}", answer.text());
    }
    let queried = backend.request("POST", "/v1/lookups?code=HUNDRED").json(&lookup("WELCOME20")).send().expect(200);
    assert_eq!(queried["quote"]["total_minor"], 1440, "the body alone is read");
    let told = page.post("/v1/lookups", &lookup("WELCOME20"));
    assert_eq!(told.header("cache-control"), "no-store");
    assert!(told.headers.iter().all(|(_, value)| !String::from_utf8_lossy(value.as_bytes()).contains("WELCOME20")));
}

#[test]
fn e10_a_page_is_sent_only_what_it_asked_for() {
    let harness = Harness::open();
    let backend = harness.backend();
    let hidden = json!({ "kind": "automatic", "disclosure": "private", "label": "Hidden automatic",
                         "conditions": [{ "type": "minimum_subtotal", "amounts": [{ "currency": "EUR", "amount_minor": 900_000 }] }] });
    assert_eq!(backend.post("/v1/promotions", &json!({ "terms": terms("x", 1000, &hidden) })).status, 201);
    let page = harness.page();
    let told = page.post("/v1/lookups", &lookup("WELCOME20")).expect(200);
    let token = told["snapshot"].as_str().unwrap().split('.').next().unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
    let snapshot = Snapshot::read(&bytes).unwrap();
    assert_eq!(snapshot.candidates.len(), 1, "the one promotion that the code unlocks");
    let all = format!("{told}{}", String::from_utf8_lossy(&bytes));
    for other in ["FIFTY", "LAST", "SECRETLY", "MIN30", "Label of FIFTY", "Hidden", "massage", "estate", "internal"] {
        assert!(!all.contains(other), "`{other}` is sent to a page");
    }
    let mut named = lookup("WELCOME20");
    named["customer"] = json!({ "email": "ana@example.com" });
    let told = page.post("/v1/lookups", &named).text();
    assert!(told.contains("WELCOME20") && !told.contains("ana@"), "{told}");
}
