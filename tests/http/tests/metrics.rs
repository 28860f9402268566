//! What Prometheus is told: everything that happens, and nothing that a caller made up.

use chrono::TimeDelta;
use serde_json::json;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, lookup, reservation, terms};

/// The value of a line, 0 where it is not there.
fn value(told: &str, name: &str) -> u64 {
    let line = told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0, |value| value.parse().unwrap_or_else(|_| panic!("{name} {value}")))
}

#[test]
fn everything_is_counted() {
    let harness = Harness::with_metrics(vec![Site::studio("studio")], |_| {});
    let (backend, page) = (harness.backend(), harness.page());
    for code in ["WELCOME20", "WELCOME20", "MIN30", "TUESDAY", "GUESSED-ONE", "SECRETLY"] {
        assert_eq!(page.post("/v1/lookups", &lookup(code)).status, 200);
    }
    for (key, body, status) in [
        ("1", reservation("1", "WELCOME20", 1440), 201),
        ("1", reservation("1", "WELCOME20", 1440), 200),
        ("2", reservation("2", "WELCOME20", 1), 409),
        ("3", reservation("3", "LAST", 1620), 201),
        ("4", reservation("4", "LAST", 1620), 409),
        ("5", json!({}), 400),
    ] {
        assert_eq!(backend.reserve(key, &body).status, status, "{key}");
    }
    assert_eq!(page.reserve("6", &reservation("6", "WELCOME20", 1440)).status, 403);
    // Both holds end, at the head of the batch with the next piece of work.
    harness.clock().advance(TimeDelta::minutes(16));
    assert_eq!(backend.reserve("7", &reservation("7", "LAST", 1620)).status, 201);
    for path in ["/v1/redemptions/red_1", "/v1/redemptions/red_2", "/nowhere/A-CODE?code=B-CODE"] {
        assert_eq!(backend.get(path).status, 404);
    }
    assert_eq!(backend.request("BREW", "/v1/site").send().status, 405);
    let told = harness.metrics();
    assert!(told.ends_with("# EOF\n"), "{told}");
    for (name, wanted) in [
        (r#"tearoff_lookups_total{outcome="applied"}"#, 2),
        (r#"tearoff_lookups_total{outcome="waiting"}"#, 1),
        (r#"tearoff_lookups_total{outcome="rejected"}"#, 1),
        // A private code is told as an unknown one, here too.
        (r#"tearoff_lookups_total{outcome="unknown"}"#, 2),
        (r#"tearoff_redemptions_total{outcome="recorded",reason=""}"#, 3),
        (r#"tearoff_redemptions_total{outcome="existing",reason=""}"#, 1),
        (r#"tearoff_redemptions_total{outcome="quote_changed",reason=""}"#, 1),
        (r#"tearoff_redemptions_total{outcome="refused",reason="usage_limit_reached"}"#, 1),
        (r#"tearoff_redemptions_total{outcome="refused",reason="invalid_request"}"#, 1),
        (r#"tearoff_redemptions_total{outcome="refused",reason="secret_key_needed"}"#, 1),
        ("tearoff_holds_ended_total", 2),
        (r#"tearoff_http_requests_total{route="/v1/lookups",method="POST",status="2xx"}"#, 6),
        (r#"tearoff_http_requests_total{route="/v1/redemptions",method="POST",status="4xx"}"#, 4),
        (r#"tearoff_http_requests_total{route="/v1/redemptions/{id}",method="GET",status="4xx"}"#, 2),
        (r#"tearoff_http_requests_total{route="none",method="GET",status="4xx"}"#, 1),
        (r#"tearoff_http_requests_total{route="/v1/site",method="other",status="4xx"}"#, 1),
        (r#"tearoff_http_request_seconds_count{route="/v1/lookups",method="POST"}"#, 6),
    ] {
        assert_eq!(value(&told, name), wanted, "{name}\n{told}");
    }
    let batches = value(&told, "tearoff_batch_pieces_count");
    assert!(batches > 0 && batches == value(&told, "tearoff_commit_seconds_count"), "{told}");
    assert!(value(&told, "tearoff_connections_open") > 0, "{told}");
    assert!(told.contains(&format!("engine=\"{}\"", tearoff_core::ENGINE)), "{told}");
    for made_up in ["WELCOME20", "CODE", "GUESSED", "red_", "BREW", "nowhere", "sk_", "pk_"] {
        assert!(!told.contains(made_up), "{made_up}\n{told}");
    }
    assert_eq!(harness.stranger().get("/metrics").status, 404, "only on its own listener");
}

/// What acts without a code is in every answer, and is not what was looked up.
#[test]
fn a_lookup_is_counted_by_its_code() {
    let harness = Harness::with_metrics(vec![Site::studio("studio")], |_| {});
    let mut automatic = terms("Automatic", 500, &json!({}));
    automatic["kind"] = "automatic".into();
    let made = harness.backend().post("/v1/promotions", &json!({ "codes": [], "terms": automatic }));
    assert_eq!(made.status, 201, "{}", made.text());
    let answer = harness.page().post("/v1/lookups", &lookup("GUESSED")).expect(200);
    let acts = |decision: &serde_json::Value| decision["status"] == "applied" && decision["code"].is_null();
    assert!(answer["quote"]["decisions"].as_array().unwrap().iter().any(acts), "{answer}");
    let told = harness.metrics();
    let counted =
        ["unknown", "applied"].map(|outcome| value(&told, &format!("tearoff_lookups_total{{outcome=\"{outcome}\"}}")));
    assert_eq!(counted, [1, 0], "{told}");
}

#[test]
fn refusals_of_the_limiter_are_counted_by_budget() {
    let one = std::num::NonZeroU32::MIN;
    let harness = Harness::with_metrics(vec![Site::studio("studio").whose_tag_redeems()], |config| {
        config.page_redemptions.0 = one;
        config.guesses = tearoff_server::limiter::Guesses { per_minute: one, burst: one };
    });
    let page = harness.page();
    let statuses = [1, 2, 3].map(|_| page.post("/v1/lookups", &lookup("GUESSED")).status);
    assert_eq!(statuses, [200, 429, 429]);
    let other = Harness::with_metrics(vec![Site::studio("studio").whose_tag_redeems()], |config| {
        config.page_redemptions.0 = one;
    });
    let placed = |order: &str| {
        let mut body = reservation(order, "WELCOME20", 1440);
        body["place"] = true.into();
        other.page().reserve(order, &body).status
    };
    assert_eq!(["1", "2"].map(placed), [201, 429]);
    let refused =
        |told: &str, budget: &str| value(told, &format!("tearoff_limiter_refusals_total{{budget=\"{budget}\"}}"));
    let (told, others) = (harness.metrics(), other.metrics());
    assert_eq!((refused(&told, "guesses_and_requests"), refused(&told, "page_redemptions")), (2, 0));
    assert_eq!((refused(&others, "guesses_and_requests"), refused(&others, "page_redemptions")), (0, 1));
}
