//! Bodies that are no JSON, or not the JSON that is asked for.

use serde_json::{Value, json};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{lookup, reservation};

use crate::{names, nothing_changes};

const ROUTES: [(&str, &str); 6] = [
    ("POST", "/v1/lookups"),
    ("POST", "/v1/quotes"),
    ("POST", "/v1/redemptions"),
    ("POST", "/v1/promotions"),
    ("PUT", "/v1/catalog"),
    ("PUT", "/v1/site"),
];

#[test]
fn what_is_no_json_is_refused_everywhere() {
    let harness = Harness::open();
    let backend = harness.backend();
    let deep = format!(r#"{{"cart":{}"#, "[".repeat(100_000));
    let deep_unknown = format!(r#"{{"x":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    let texts: [&[u8]; 17] = [
        b"",
        b" ",
        b"{",
        b"nonsense",
        b"[]",
        b"null",
        b"7",
        b"\"text\"",
        b"{\"cart\":",
        b"{'cart':{}}",
        b"{\"cart\":NaN}",
        b"\xEF\xBB\xBF{}",
        b"{\"\xFF\xFE\":1}",
        b"{\"cart\":\"\x01\"}",
        b"{\"cart\":\"\\uD800\"}",
        deep.as_bytes(),
        deep_unknown.as_bytes(),
    ];
    nothing_changes(&harness, || {
        for (method, path) in ROUTES {
            for text in texts {
                let told = format!("{method} {path} {}", String::from_utf8_lossy(&text[..text.len().min(40)]));
                let answer = backend
                    .request(method, path)
                    .header("idempotency-key", "no-json")
                    .header("content-type", "application/json")
                    .bytes(text)
                    .send();
                let problem = answer.any_problem();
                assert_eq!(answer.status, 400, "{told}: {problem}");
                let field = problem["errors"][0]["field"].as_str().unwrap_or_default();
                assert!(!field.is_empty() && field.len() < 100, "{told}: {problem}");
            }
        }
    });
}

#[test]
fn a_body_has_no_more_than_one_value() {
    let harness = Harness::open();
    let twice = format!("{0}{0}", lookup("WELCOME20"));
    names(&harness.backend().request("POST", "/v1/lookups").text(twice).send(), "body", "two values");
}

/// What a page or a backend sends beside the cart.
#[test]
fn a_wrong_field_is_named() {
    let harness = Harness::open();
    let backend = harness.backend();
    let page = |name: &str, value: Value| changed(lookup("WELCOME20"), name, value);
    let lookups = [
        (page("code", Value::Null), "code"),
        (page("code", json!(7)), "code"),
        (page("code", json!(["WELCOME20"])), "code"),
        (page("code", json!("A".repeat(10_240))), "code"),
        (page("customer", json!({ "email": "nobody" })), "customer.email"),
        (page("customer", json!({ "email": "a@b\r\nBcc: c@d" })), "customer.email"),
        (page("customer", json!({ "email": 7 })), "customer.email"),
        (page("customer", json!({ "email": "ana@example.com." })), "customer.email"),
        (page("customer", json!({ "email": "ana\u{200b}@example.com" })), "customer.email"),
        (page("customer", json!({ "account": "7\u{2060}" })), "customer.account"),
        (page("customer", json!({ "account": "a".repeat(129) })), "customer.account"),
        (page("customer", json!({ "identity": "asserted" })), "customer.identity"),
        (page("customer", json!("ana@example.com")), "customer"),
        (page("discount_minor", json!(500)), "discount_minor"),
        (page("now_at", json!("2026-12-24T10:00:00Z")), "now_at"),
        (page("channel", json!("staff")), "channel"),
    ];
    let order = |name: &str, value: Value| changed(reservation("8", "WELCOME20", 1440), name, value);
    let redemptions = [
        (order("order", Value::Null), "order"),
        (order("order", json!("")), "order"),
        (order("order", json!(" 8")), "order"),
        (order("order", json!("8\n9")), "order"),
        (order("order", json!("8\u{202e}9")), "order"),
        (order("order", json!("8\u{200b}")), "order"),
        (order("order", json!("8\u{a0}8")), "order"),
        (order("order", json!("8".repeat(129))), "order"),
        (order("order", json!(8)), "order"),
        (order("codes", json!("WELCOME20")), "codes"),
        (order("codes", json!([7])), "codes[0]"),
        (order("codes", json!(["A".repeat(10_240)])), "codes[0]"),
        (order("codes", json!(vec!["A"; 11])), "codes"),
        (order("codes", json!(vec!["A"; 10_000])), "codes"),
        (order("seen", Value::Null), "seen"),
        (order("seen", json!({})), "seen.total_minor"),
        (order("seen", json!({ "total_minor": 14.4 })), "seen.total_minor"),
        (order("seen", json!({ "total_minor": "1440" })), "seen.total_minor"),
        (order("seen", json!({ "total_minor": 1440, "discount_minor": 360 })), "seen.discount_minor"),
        (order("place", json!("yes")), "place"),
        (order("place", json!(1)), "place"),
        (order("snapshot", json!(7)), "snapshot"),
        (order("snapshot", json!("nonsense")), "snapshot"),
        (order("state", json!("confirmed")), "state"),
    ];
    nothing_changes(&harness, || {
        for (body, field) in lookups {
            names(&backend.post("/v1/lookups", &body), field, field);
        }
        for (body, field) in redemptions {
            names(&backend.reserve("wrong-field", &body), field, &body.to_string()[..60]);
        }
    });
}

/// Negative and huge totals are no totals; whatever they are called, nothing is recorded for them.
#[test]
fn an_impossible_total_records_nothing() {
    let harness = Harness::open();
    let backend = harness.backend();
    nothing_changes(&harness, || {
        for (index, total) in ["-1", "-1440", "1000000000001", "9223372036854775807"].into_iter().enumerate() {
            let body = reservation("9", "WELCOME20", 0)
                .to_string()
                .replace("\"total_minor\":0", &format!("\"total_minor\":{total}"));
            let answer = backend
                .request("POST", "/v1/redemptions")
                .header("idempotency-key", &format!("impossible-{index}"))
                .text(body)
                .send();
            names(&answer, "seen.total_minor", total);
        }
    });
}

/// A code in another script, or no code at all, is an ordinary no, in the words for an unknown code (R8).
#[test]
fn other_scripts_are_unknown_codes() {
    let harness = Harness::open();
    let backend = harness.backend();
    let unknown =
        backend.post("/v1/lookups", &lookup("NOSUCHCODE")).expect(200)["quote"]["decisions"][0]["reasons"].clone();
    nothing_changes(&harness, || {
        for code in [
            "ЅАVЕ10",
            "WELCОME20",
            "WELCOMEſ20",
            "WELCOME\u{200B}20",
            "WEL\u{AD}COME20",
            "\u{202E}02EMOCLEW",
            "折扣",
            "خصم",
            "🎟️",
            "WELCOME20\u{301}",
            "' OR 1=1 --",
            "%",
            "_",
            "\"; DROP TABLE codes",
            "<script>alert(1)</script>",
            "\u{0}",
            "",
            " ",
            "A\r\nSet-Cookie: a=b",
        ] {
            let answer = backend.post("/v1/lookups", &lookup(code)).expect(200);
            let decision = &answer["quote"]["decisions"][0];
            assert_eq!((&decision["status"], &decision["reasons"]), (&json!("rejected"), &unknown), "{code}: {answer}");
            assert_eq!(answer["quote"]["discount_minor"], 0, "{code}");
        }
    });
    let wide = backend.post("/v1/lookups", &lookup("ｗｅｌｃｏｍｅ２０")).expect(200);
    assert_eq!(wide["quote"]["decisions"][0]["status"], "applied", "full-width forms come from input methods: {wide}");
}

fn changed(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}
