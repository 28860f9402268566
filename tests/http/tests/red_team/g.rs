//! G: text that is meant for somebody else: a database, a browser, a log, a header.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};
use tearoff_http_tests::client::Answer;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, lookup, reservation, reservation_of, terms};

use crate::{address, first, names, offer, quote, used};

#[test]
fn g1_what_is_sql_elsewhere_is_an_unknown_code_here() {
    let harness = Harness::open();
    let backend = harness.backend();
    let before = harness.kept();
    for code in [
        "' OR 1=1 --",
        "\"; DROP TABLE codes; --",
        "WELCOME%",
        "WELCOME2_",
        "%",
        "_",
        "') UNION SELECT 1 --",
        "WELCOME20'--",
        "\\",
        "$1",
        "?1",
    ] {
        let answer = backend.post("/v1/lookups", &lookup(code)).expect(200);
        assert_eq!(first(&answer["quote"]), ("rejected", "unknown_code"), "{code}");
        let _ = backend.reserve("sql", &reservation("1", code, 1800)).problem(409, "unknown_code");
        let _ = backend
            .get(&format!("/v1/redemptions/{}", code.replace(|one: char| !one.is_ascii_alphanumeric(), "%27")))
            .problem(404, "not_found");
        // Only the answer to the key may be kept.
        harness.clock().advance(chrono::TimeDelta::hours(49));
    }
    assert_eq!(harness.kept(), before);
    let odd = "o'); DROP TABLE redemptions; --";
    let customer = json!({ "account": "' OR ''='" });
    let kept = backend.reserve("odd", &reservation_of(odd, "ONCE", 1620, customer.clone())).expect(201);
    assert_eq!(kept["order"], odd, "where text is free it is kept as it is");
    let _ =
        backend.reserve("again", &reservation_of("2", "ONCE", 1620, customer)).problem(409, "customer_limit_reached");
    assert_eq!(backend.reserve("other", &reservation_of("3", "ONCE", 1620, json!({ "account": "x" }))).status, 201);
}

#[test]
fn g2_what_only_looks_like_a_code_is_unknown_and_cannot_be_made() {
    let harness = Harness::open();
    let backend = harness.backend();
    let unknown =
        backend.post("/v1/lookups", &lookup("NOSUCHCODE")).expect(200)["quote"]["decisions"][0]["reasons"].clone();
    for typed in [
        "WELC\u{41e}ME20",
        "\u{39c}\u{399}\u{39d}30",
        "WELCOME\u{17f}20",
        "we\u{131}come20",
        "WEL\u{200b}COME20",
        "WELCOME20\u{202e}",
        "\u{2066}WELCOME20\u{2069}",
        "WELCOME20\u{301}",
        "WELCOME\u{0}20",
        "WELCOME20\u{0}",
        "WEL\u{ad}COME20",
        "\u{feff}WELCOME20",
        "𝐖𝐄𝐋𝐂𝐎𝐌𝐄20",
        "WELCOME②⓪",
        "WELCOME２\u{fe0f}０",
        "WELCOME२०",
    ] {
        let decision = backend.post("/v1/lookups", &lookup(typed)).expect(200)["quote"]["decisions"][0].clone();
        assert_eq!(
            (&decision["status"], &decision["reasons"]),
            (&json!("rejected"), &unknown),
            "{}",
            typed.escape_unicode()
        );
        let body = json!({ "codes": [typed], "terms": terms("x", 1000, &json!({})) });
        names(&backend.post("/v1/promotions", &body), "codes[0]");
    }
    assert_eq!(
        first(&quote(&backend, &["ｗｅｌｃｏｍｅ２０"], &cart("yoga", 1))),
        ("applied", ""),
        "what input methods type is read"
    );
    let taken = json!({ "codes": ["ＷＥＬＣＯＭＥ２０"], "terms": terms("x", 1000, &json!({})) });
    let _ = backend.post("/v1/promotions", &taken).problem(409, "code_taken");
}

/// The server's half: markup comes back as data that no browser takes for a page, and what would turn the text around is refused.
#[test]
fn g3_markup_is_answered_as_data() {
    let harness = Harness::open();
    let backend = harness.backend();
    let markup = "<img src=x onerror=alert(1)></script>&\"'";
    offer(&backend, "MARKUP", 1000, &json!({ "label": markup, "note": markup }));
    let page = harness.page();
    let told = page.post("/v1/lookups", &lookup("MARKUP"));
    assert_eq!(told.expect(200)["quote"]["decisions"][0]["label"], markup, "it is kept as its owner wrote it");
    let unknown = page.post("/v1/lookups", &lookup("<script>alert(1)</script>"));
    assert_eq!(unknown.status, 200);
    let refused = page.post("/v1/lookups", &json!({ "<b>": 1 }));
    let _ = refused.problem(400, "invalid_request");
    let missing = page.get("/v1/<script>alert(1)</script>".replace('<', "%3C").replace('>', "%3E").as_str());
    assert!((400..500).contains(&missing.status));
    for answer in [told, unknown, refused, missing] {
        assert!(
            matches!(answer.header("content-type"), "application/json" | "application/problem+json"),
            "{:?}",
            answer.headers
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    for turned in ["\u{202e}ffo", "a\u{2066}b", "a\u{0}b", "a\u{1b}[31m"] {
        let body = json!({ "codes": ["TURNED"], "terms": terms(turned, 1000, &json!({})) });
        names(&backend.post("/v1/promotions", &body), "terms.label");
    }
}

#[test]
fn g4_no_cell_of_an_export_is_a_formula() {
    let harness = Harness::open();
    let backend = harness.backend();
    let body =
        |code: &str| json!({ "codes": [code], "terms": terms("=1+1", 1000, &json!({ "label": "=HYPERLINK(0)" })) });
    for formula in ["=1+1", "+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\"quoted\"", "a,b", "a;b", "|a"] {
        names(&backend.post("/v1/promotions", &body(formula)), "codes[0]");
    }
    for code in ["-1-1", "\u{ff0d}2", " -3", "_4"] {
        assert_eq!(backend.post("/v1/promotions", &body(code)).status, 201, "{code}");
    }
    let table = backend.get("/v1/export/codes?format=csv");
    assert_eq!((table.status, table.header("content-type")), (200, "text/csv; charset=utf-8"));
    let text = table.text();
    let cells: Vec<&str> = text.lines().flat_map(|row| row.split(',')).map(|cell| cell.trim_matches('"')).collect();
    for cell in &cells {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\u{ff0d}', '\u{ff1d}']), "`{cell}` of {text}");
    }
    assert!(cells.contains(&"'-1-1") && cells.contains(&"_4"), "{text}");
    let _ = harness.page().get("/v1/export/codes?format=csv").problem(403, "secret_key_needed");
}

/// Sends a head as it is written, with what no client library would let through.
fn raw(harness: &Harness, headers: &str) -> Vec<u8> {
    let body = reservation("1", "WELCOME20", 1440).to_string();
    let head = format!(
        "POST /v1/redemptions HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         connection: close\r\ncontent-length: {}\r\n",
        harness.site(0).secret,
        body.len()
    );
    let mut stream = TcpStream::connect(harness.address()).unwrap();
    stream.write_all(format!("{head}{headers}\r\n\r\n{body}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

#[test]
fn g5_no_key_breaks_out_of_its_header_or_its_line() {
    let harness = Harness::open();
    for headers in [
        "idempotency-key: a\tb",
        "idempotency-key: a\r\n b",
        "idempotency-key: a\u{0}b",
        "idempotency-key: a\rX: b",
        "idempotency-key: a\u{7f}b",
        "idempotency-key: \u{1b}[31m",
        "idempotency-key: ключ",
        "idempotency-key: a b",
        "idempotency-key:",
        "idempotency-key : a",
    ] {
        let answer = raw(&harness, headers);
        let answer = Answer::parse(&answer);
        assert_eq!(answer.status, 400, "{headers:?}: {}", answer.text());
        assert!(!answer.headers.contains_key("x"), "{headers:?}");
    }
    assert!(harness.redemptions().is_empty());
    for header in ["x-request-id: a%0d%0aX:b\x1b[31m", "x-request-id: <script>", "traceparent: 00-\u{1b}[31m"] {
        let answer = Answer::parse(&raw(&harness, header));
        let echoed = |value: &str| value.contains("X:b") || value.contains("script") || value.contains('\u{1b}');
        assert!(answer.headers.values().all(|value| !echoed(&String::from_utf8_lossy(value.as_bytes()))), "{header:?}");
    }
    let encoded = raw(&harness, "idempotency-key: a%0d%0aX:b");
    assert_eq!(Answer::parse(&encoded).status, 201, "what is only letters stays that");
    assert!(!Answer::parse(&encoded).headers.contains_key("x"));
    for order in ["1\r\nX: b", "1\n2", "\u{1b}[2J", "1\u{2028}2"] {
        names(&harness.backend().reserve("order", &reservation(order, "WELCOME20", 1440)), "order");
    }
    assert_eq!(harness.redemptions().len(), 1);
}

#[test]
fn g6_case_width_and_outer_space_do_not_matter_and_inner_space_is_one() {
    let harness = Harness::with(vec![Site::studio("studio").with("new_codes", "letters_digits_spaces")]);
    let backend = harness.backend();
    offer(&backend, "Summer  Sale-10", 1000, &json!({ "limits": { "total": 9 } }));
    for typed in
        ["summer sale-10", " SUMMER\u{a0}SALE-10 ", "Summer\t \u{3000}Sale-10\n", "ｓｕｍｍｅｒ　ｓａｌｅ－１０"]
    {
        let told = quote(&backend, &[typed], &cart("yoga", 1));
        assert_eq!(first(&told), ("applied", ""), "{}", typed.escape_unicode());
        assert_eq!(told["decisions"][0]["code"], "Summer  Sale-10", "the owner's spelling is shown");
    }
    for other in ["summersale-10", "summer sale 10", "summer sale-1O", "summer sale-l0"] {
        assert_eq!(first(&quote(&backend, &[other], &cart("yoga", 1))), ("rejected", "unknown_code"), "{other}");
    }
    assert_eq!(backend.reserve("1", &reservation("1", "ＳＵＭＭＥＲ sale-10", 1620)).status, 201);
    assert_eq!(used(&harness, "SUMMER SALE-10"), 1);
    let strict = Harness::with(vec![Site::studio("studio").with("new_codes", "strict")]);
    let body = |code: &str| json!({ "codes": [code], "terms": terms("x", 1000, &json!({})) });
    names(&strict.backend().post("/v1/promotions", &body("two words")), "codes[0]");
    let made: Value = strict.backend().post("/v1/promotions", &body("one-word")).expect(201);
    assert_eq!(strict.backend().get(&address(&made)).expect(200)["codes"], json!(["ONE-WORD"]));
}
