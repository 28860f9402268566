//! Carts that are wrong, sent to every route that takes one.

use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::Site;

use crate::{names, nothing_changes};

/// Sends a cart, as text, to each of the routes.
fn send(backend: &Client, cart: &str) -> [Answer; 3] {
    let post = |path: &str, before: &str| {
        let body = format!(r#"{{{before},"cart":{cart}}}"#);
        backend.request("POST", path).header("idempotency-key", "bad-cart").text(body).send()
    };
    [
        post("/v1/lookups", r#""code":"WELCOME20""#),
        post("/v1/quotes", r#""codes":["WELCOME20"]"#),
        post("/v1/redemptions", r#""order":"7","codes":["WELCOME20"],"seen":{"total_minor":1440}"#),
    ]
}

fn line(more: &str) -> String {
    format!(r#"{{"lines":[{{"id":"1","item":"yoga"{more}}}]}}"#)
}

fn lines(count: usize) -> String {
    let lines: Vec<String> = (0..count).map(|index| format!(r#"{{"id":"{index}","item":"yoga"}}"#)).collect();
    format!(r#"{{"lines":[{}]}}"#, lines.join(","))
}

fn dates(count: usize) -> String {
    let start = |index: usize| format!(r#"{{"start":"2027-01-01T{:02}:{:02}"}}"#, index / 60, index % 60);
    line(&format!(r#","occurrences":[{}]"#, (0..count).map(start).collect::<Vec<_>>().join(",")))
}

#[test]
fn a_wrong_cart_is_refused_with_its_field() {
    let harness = Harness::open();
    let backend = harness.backend();
    let quantity = "cart.lines[0].quantity";
    let start = "cart.lines[0].occurrences[0].start";
    let table: Vec<(String, &str)> = vec![
        ("null".into(), "cart"),
        ("7".into(), "cart"),
        (r#""lines""#.into(), "cart"),
        ("[]".into(), "cart"),
        ("{}".into(), "cart.lines"),
        (r#"{"lines":null}"#.into(), "cart.lines"),
        (r#"{"lines":{}}"#.into(), "cart.lines"),
        (r#"{"lines":[7]}"#.into(), "cart.lines[0]"),
        (r#"{"lines":[],"discount_minor":500}"#.into(), "cart.discount_minor"),
        (r#"{"lines":[],"lines":[]}"#.into(), "cart.lines"),
        (r#"{"lines":[{"id":"1"}]}"#.into(), "cart.lines[0].item"),
        (r#"{"lines":[{"item":"yoga"}]}"#.into(), "cart.lines[0].id"),
        (r#"{"lines":[{"id":"1","item":"yoga"},{"id":"1","item":"mug"}]}"#.into(), "cart.lines[1].id"),
        (r#"{"lines":[{"id":"","item":"yoga"}]}"#.into(), "cart.lines[0].id"),
        (r#"{"lines":[{"id":7,"item":"yoga"}]}"#.into(), "cart.lines[0].id"),
        (r#"{"lines":[{"id":"1","item":"boat"}]}"#.into(), "cart.lines[0].item"),
        (r#"{"lines":[{"id":"1","item":"йога"}]}"#.into(), "cart.lines[0].item"),
        (r#"{"lines":[{"id":"1","item":"' OR 1=1 --"}]}"#.into(), "cart.lines[0].item"),
        (r#"{"lines":[{"id":"1","item":"yoga\u0000"}]}"#.into(), "cart.lines[0].item"),
        (format!(r#"{{"lines":[{{"id":"1","item":"{}"}}]}}"#, "y".repeat(10_000)), "cart.lines[0].item"),
        (line(r#","total_minor":1"#), "cart.lines[0].total_minor"),
        (line(r#","quantity":0"#), quantity),
        (line(r#","quantity":-1"#), quantity),
        (line(r#","quantity":10001"#), quantity),
        (line(r#","quantity":1.5"#), quantity),
        (line(r#","quantity":2.0"#), quantity),
        (line(r#","quantity":1e3"#), quantity),
        (line(r#","quantity":1e400"#), quantity),
        (line(r#","quantity":-0.0"#), quantity),
        (line(r#","quantity":"2""#), quantity),
        (line(r#","quantity":true"#), quantity),
        (line(r#","quantity":[2]"#), quantity),
        (line(r#","quantity":9223372036854775807"#), quantity),
        (line(r#","quantity":-9223372036854775808"#), quantity),
        (line(r#","quantity":123456789012345678901234567890"#), quantity),
        (line(r#","quantity":1,"quantity":2"#), quantity),
        (line(r#","unit_price_minor":18.00"#), "cart.lines[0].unit_price_minor"),
        (line(r#","unit_price_minor":"1800""#), "cart.lines[0].unit_price_minor"),
        (line(r#","unit_price_minor":18e2"#), "cart.lines[0].unit_price_minor"),
        (line(r#","location":"moon""#), "cart.lines[0].location"),
        (line(r#","location":{}"#), "cart.lines[0].location"),
        (line(r#","categories":"all""#), "cart.lines[0].categories"),
        (line(r#","occurrences":{}"#), "cart.lines[0].occurrences"),
        (line(r#","occurrences":[{}]"#), start),
        (line(r#","occurrences":[{"start":"soon"}]"#), start),
        (line(r#","occurrences":[{"start":"2026-02-30"}]"#), start),
        (line(r#","occurrences":[{"start":"2026-12-01T25:00"}]"#), start),
        (line(r#","occurrences":[{"start":"2026-12-01T18:00Z"}]"#), start),
        (line(r#","occurrences":[{"start":1796148000}]"#), start),
        (line(r#","occurrences":[{"start":"2026-12-01","zone":"UTC"}]"#), "cart.lines[0].occurrences[0].zone"),
        (
            line(r#","occurrences":[{"start":"2026-12-01"},{"start":"2026-12-01"}]"#),
            "cart.lines[0].occurrences[1].start",
        ),
        (r#"{"currency":"EURO","lines":[]}"#.into(), "cart.currency"),
        (r#"{"currency":"eur","lines":[]}"#.into(), "cart.currency"),
        (r#"{"currency":"XQX","lines":[]}"#.into(), "cart.currency"),
        (r#"{"currency":978,"lines":[]}"#.into(), "cart.currency"),
        (r#"{"currency":"USD","lines":[{"id":"1","item":"yoga"}]}"#.into(), "cart.lines[0].item"),
        (r#"{"lines":[{"id":"1","item":"estate","quantity":2}]}"#.into(), "cart.lines[0]"),
        (r#"{"lines":[{"id":"1","item":"estate"},{"id":"2","item":"yoga"}]}"#.into(), "cart.lines[1]"),
        (lines(501), "cart.lines"),
        (lines(10_000), "cart.lines"),
        (dates(1001), "cart.lines"),
    ];
    nothing_changes(&harness, || {
        for (cart, field) in &table {
            for answer in send(&backend, cart) {
                names(&answer, field, cart.get(..120).unwrap_or(cart));
            }
        }
    });
    for answer in send(&backend, &line("")) {
        assert!(answer.status < 300, "the same key serves a good cart: {}", answer.text());
    }
}

/// Where the caller's word counts, what it says must lie within the bounds of R1.
#[test]
fn amounts_that_a_caller_claims_have_bounds() {
    let harness = Harness::with(vec![Site::studio("studio").with("prices", "caller")]);
    let backend = harness.backend();
    let price = "cart.lines[0].unit_price_minor";
    let occurrence = r#","occurrences":[{"start":"2026-12-01","unit_price_minor":-1}]"#;
    let table = [
        (line(r#","unit_price_minor":-1"#), price),
        (line(r#","unit_price_minor":1000000000001"#), price),
        (line(r#","unit_price_minor":9223372036854775807"#), price),
        (line(r#","unit_price_minor":9223372036854775808"#), price),
        (line(r#","unit_price_minor":1000000000000,"quantity":2"#), "cart.lines[0]"),
        (line(r#","kind":"boat""#), "cart.lines[0].kind"),
        (line(r#","categories":["a b"]"#), "cart.lines[0].categories"),
        (line(occurrence), "cart.lines[0].occurrences[0].unit_price_minor"),
    ];
    nothing_changes(&harness, || {
        for (cart, field) in &table {
            for answer in send(&backend, cart) {
                names(&answer, field, cart);
            }
        }
    });
}

/// What lies at the edge of what is allowed is answered, not refused, and not with a failure of ours.
#[test]
fn the_largest_carts_are_answered() {
    let harness = Harness::open();
    let backend = harness.backend();
    for cart in [
        lines(500),
        dates(1000),
        line(r#","quantity":10000"#),
        r#"{"lines":[{"id":"1","item":"estate"}]}"#.to_owned(),
        line(r#","occurrences":[{"start":"0001-01-01T00:00"}]"#),
        line(r#","occurrences":[{"start":"9999-12-31T23:59"}]"#),
        line(r#","occurrences":[{"start":"2026-03-29T03:30"}]"#),
        line(r#","occurrences":[{"start":"2026-10-25T03:30"}]"#),
    ] {
        for answer in send(&backend, &cart).into_iter().take(2) {
            assert!(
                answer.status == 200 || answer.status == 400,
                "{} {}",
                cart.get(..120).unwrap_or(&cart),
                answer.text()
            );
        }
    }
}
