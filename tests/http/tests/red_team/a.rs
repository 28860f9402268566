//! A: money and prices. What is charged is what the catalog and the terms say, to the minor unit, whatever is sent.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, lookup, reservation, terms};

use crate::{Sold, first, names, offer, quote, sell};

/// A cart of one line of each of these items.
fn one_of(items: &[&str]) -> Value {
    let lines: Vec<Value> = items.iter().map(|item| json!({ "id": item, "item": item })).collect();
    json!({ "lines": lines })
}

/// Reserves with a body that is given as text.
fn reserve_text(backend: &Client, body: &str) -> Answer {
    backend.request("POST", "/v1/redemptions").header("idempotency-key", "text").text(body).send()
}

#[test]
fn a1_a_price_from_the_page_changes_nothing() {
    let harness = Harness::with(vec![Site::studio("studio").whose_tag_redeems()]);
    let page = harness.page();
    let honest = page.post("/v1/lookups", &lookup("WELCOME20")).expect(200);
    for (name, value) in [("unit_price_minor", json!(1)), ("kind", json!("fee")), ("discounted", json!(true))] {
        let mut forged = lookup("WELCOME20");
        forged["cart"]["lines"][0][name] = value;
        assert_eq!(page.post("/v1/lookups", &forged).expect(200)["quote"], honest["quote"], "{name}");
    }
    for name in ["discount_minor", "total_minor", "subtotal_minor", "percent_bp"] {
        let mut forged = lookup("WELCOME20");
        forged["cart"]["lines"][0][name] = json!(1);
        names(&page.post("/v1/lookups", &forged), &format!("cart.lines[0].{name}"));
        let mut forged = reservation("1", "WELCOME20", 1440);
        forged[name] = json!(1);
        names(&page.reserve("forged", &forged), name);
    }
    let mut cheap = reservation("1", "WELCOME20", 1);
    cheap["place"] = json!(true);
    cheap["cart"]["lines"][0]["unit_price_minor"] = json!(1);
    let changed = page.reserve("cheap", &cheap).problem(409, "quote_changed");
    assert_eq!(changed["quote"]["total_minor"], 1440, "a fresh quote comes with the refusal");
    assert!(harness.redemptions().is_empty());
}

#[test]
fn a1_a_gift_is_one_of_its_list_and_costs_what_the_catalog_says() {
    let harness = Harness::open();
    let backend = harness.backend();
    let gift = json!({ "kind": "gift", "benefit": { "type": "gift", "items": ["mug"] } });
    let promotion = offer(&backend, "PRESENT", 0, &gift);
    let promotion = promotion.rsplit('/').next().unwrap();
    let order = |key: &str, item: &str, total: i64| {
        let mut body = reservation(key, "PRESENT", 1800);
        body["gifts"] = json!([{ "promotion": promotion, "item": item }]);
        body["seen"]["total_minor"] = json!(total);
        backend.reserve(key, &body)
    };
    let _ = order("dear", "estate", 1800).problem(409, "gift_not_chosen");
    names(&order("none", "boat", 1800), "gifts[0].item");
    let mut line = json!({ "code": "PRESENT", "cart": cart("yoga", 1) });
    line["cart"]["lines"][0]["id"] = json!("~gift0");
    names(&backend.post("/v1/lookups", &line), "cart.lines[0].id");
    assert!(harness.redemptions().is_empty());
    let given = order("given", "mug", 1800).expect(201);
    assert_eq!([&given["subtotal_minor"], &given["discount_minor"]], [&json!(3000), &json!(1200)]);
}

#[test]
fn a2_nothing_negative_becomes_a_credit() {
    let harness = Harness::with(vec![Site::studio("studio").with("prices", "caller")]);
    let backend = harness.backend();
    let before = harness.kept();
    for (name, value) in [("quantity", -1), ("quantity", 0), ("unit_price_minor", -1800)] {
        let mut body = reservation("1", "WELCOME20", 1440);
        body["cart"]["lines"][0][name] = json!(value);
        names(&backend.reserve("negative", &body), &format!("cart.lines[0].{name}"));
    }
    let mut body = reservation("1", "WELCOME20", 1440);
    body["cart"]["lines"][0]["occurrences"] = json!([{ "start": "2026-12-08T18:00", "unit_price_minor": -1 }]);
    names(&backend.reserve("negative", &body), "cart.lines[0].occurrences[0].unit_price_minor");
    let mut body = reservation("1", "WELCOME20", 1440);
    body["seen"]["total_minor"] = json!(-1440);
    names(&backend.reserve("negative", &body), "seen.total_minor");
    assert_eq!(harness.kept(), before);
}

#[test]
fn a3_a_number_is_a_plain_integer() {
    let harness = Harness::open();
    let backend = harness.backend();
    let body = reservation("1", "WELCOME20", 1440).to_string();
    for number in [
        "-0.0",
        "1e400",
        "1e0",
        "1.0",
        "\"1\"",
        "123456789012345678901234567890",
        "true",
        "null2",
        "NaN",
        "0x1",
        "+1",
        "01",
        "1_0",
    ] {
        let quantity = reserve_text(&backend, &body.replace("\"quantity\":1", &format!("\"quantity\":{number}")));
        let _ = quantity.problem(400, "invalid_request");
        let total = reserve_text(&backend, &body.replace("1440", number));
        let _ = total.problem(400, "invalid_request");
    }
    assert!(harness.redemptions().is_empty());
    assert_eq!(reserve_text(&backend, &body).status, 201, "only the number was wrong");
}

#[test]
fn a4_amounts_never_wrap() {
    let harness = Harness::with(vec![Site::studio("studio").with("prices", "caller")]);
    let backend = harness.backend();
    for (price, quantity) in [
        (1_000_000_000_000_i64, 2),
        (1_000_000_000_000, 10_000),
        (1_000_000_000_001, 1),
        (i64::MAX, 1),
        (i64::MAX, 10_000),
    ] {
        let mut body = reservation("1", "WELCOME20", 1440);
        body["cart"]["lines"][0]["unit_price_minor"] = json!(price);
        body["cart"]["lines"][0]["quantity"] = json!(quantity);
        let refused = backend.reserve("much", &body).problem(400, "invalid_request");
        assert!(
            refused["errors"][0]["field"].as_str().is_some_and(|field| field.starts_with("cart.lines[0]")),
            "{refused}"
        );
    }
    let line = |id: u32, price: i64| json!({ "id": id.to_string(), "item": "yoga", "unit_price_minor": price });
    let sum = json!({ "lines": [line(1, 1_000_000_000_000), line(2, 1)] });
    names(&backend.post("/v1/quotes", &json!({ "codes": [], "cart": sum })), "cart.lines[1]");
    let most = json!({ "lines": [line(1, 1_000_000_000_000)] });
    assert_eq!(quote(&backend, &["WELCOME20"], &most)["total_minor"], 800_000_000_000_i64);
    assert!(harness.redemptions().is_empty());
}

#[test]
fn a5_a_fixed_amount_takes_no_more_than_there_is() {
    let harness = Harness::open();
    let backend = harness.backend();
    let fifty = json!({ "type": "fixed", "amounts": [{ "currency": "EUR", "amount_minor": 5000 }] });
    offer(&backend, "FIFTYOFF", 0, &json!({ "benefit": fifty }));
    let told = quote(&backend, &["FIFTYOFF"], &cart("yoga", 1));
    assert_eq!([&told["discount_minor"], &told["total_minor"]], [&json!(1800), &json!(0)]);
    let recorded = backend.reserve("1", &reservation("1", "FIFTYOFF", 0)).expect(201);
    assert_eq!([&recorded["subtotal_minor"], &recorded["discount_minor"]], [&json!(1800), &json!(1800)]);
    assert_eq!(recorded["total_minor"], 0, "the surplus is lost, and nothing is paid out");
}

#[test]
fn a6_percentages_end_at_a_hundred() {
    let harness = Harness::open();
    let backend = harness.backend();
    for percent_bp in [10_001_i64, -500, -1, i64::MAX] {
        let benefit = json!({ "benefit": { "type": "percent", "percent_bp": percent_bp } });
        let body = json!({ "codes": ["TOOMUCH"], "terms": terms("x", 0, &benefit) });
        names(&backend.post("/v1/promotions", &body), "terms.benefit.percent_bp");
    }
    assert_eq!(first(&quote(&backend, &["TOOMUCH"], &cart("yoga", 1))), ("rejected", "unknown_code"));
    let free = backend.reserve("1", &reservation("1", "HUNDRED", 0)).expect(201);
    assert_eq!([&free["discount_minor"], &free["total_minor"]], [&json!(1800), &json!(0)]);
}

#[test]
fn a7_what_is_rounded_falls_on_the_lines_to_the_last_cent() {
    const PRICES: [i64; 7] = [1, 333, 333, 334, 999, 1001, 4999];
    const NAMES: [&str; 7] = ["g", "f", "e", "d", "c", "b", "a"];
    let harness = Harness::open();
    let backend = harness.backend();
    let priced: Vec<[(&str, i64); 1]> = PRICES.iter().map(|price| [("EUR", *price)]).collect();
    let items: Vec<Sold<'_>> =
        NAMES.iter().zip(&priced).map(|(name, price)| (*name, "product", price.as_slice())).collect();
    sell(&backend, &items);
    let backwards: Vec<&str> = NAMES.iter().rev().copied().collect();
    for percent_bp in [1, 333, 1250, 3333, 6667, 9999] {
        let code = format!("P{percent_bp}");
        offer(&backend, &code, percent_bp, &json!({}));
        let told = quote(&backend, &[&code], &one_of(&NAMES));
        let discount_of = |quote: &Value, name: &str| {
            let line = quote["lines"].as_array().unwrap().iter().find(|line| line["id"] == name).unwrap();
            line["discount_minor"].as_i64().unwrap()
        };
        let parts: Vec<i64> = NAMES.iter().map(|name| discount_of(&told, name)).collect();
        assert_eq!(parts.iter().sum::<i64>(), told["discount_minor"].as_i64().unwrap(), "{code}");
        let percent = i64::try_from(percent_bp).unwrap();
        for (part, price) in parts.iter().zip(PRICES) {
            assert!((part * 10_000 - price * percent).abs() < 10_000, "{code}: {part} of {price}");
        }
        let turned = quote(&backend, &[&code], &one_of(&backwards));
        let again: Vec<i64> = NAMES.iter().map(|name| discount_of(&turned, name)).collect();
        assert_eq!(again, parts, "{code}: the order of the lines decides nothing");
    }
}

#[test]
fn a8_half_a_minor_unit_goes_where_the_policy_says_in_every_currency() {
    const CURRENCIES: [&str; 4] = ["EUR", "JPY", "KWD", "CLF"];
    for (half, off_five, off_fifteen) in [("up", 1, 2), ("even", 0, 2), ("down", 0, 1)] {
        let harness = Harness::with(vec![Site::studio("studio").with("rounding", json!({ "half": half }))]);
        let backend = harness.backend();
        let prices = |amount: i64| CURRENCIES.map(|currency| (currency, amount));
        sell(&backend, &[("five", "product", &prices(5)), ("fifteen", "product", &prices(15))]);
        offer(&backend, "TENTH", 1000, &json!({}));
        for currency in CURRENCIES {
            for (item, off) in [("five", off_five), ("fifteen", off_fifteen)] {
                let cart = json!({ "currency": currency, "lines": [{ "id": "1", "item": item }] });
                assert_eq!(quote(&backend, &["TENTH"], &cart)["discount_minor"], off, "{half} {currency} {item}");
            }
        }
        let item = json!({ "id": "x", "name": "x", "kind": "product", "prices": [{ "currency": "JPY", "amount_minor": 0.5 }] });
        names(&backend.put("/v1/catalog", &json!({ "items": [item] })), "items[0].prices[0].amount_minor");
    }
}

#[test]
fn a9_no_number_moves_to_another_currency() {
    let harness = Harness::open();
    let backend = harness.backend();
    let euros = json!({ "type": "fixed", "amounts": [{ "currency": "EUR", "amount_minor": 500 }] });
    offer(&backend, "FIVER", 0, &json!({ "benefit": euros }));
    let dollars = json!({ "currency": "USD", "lines": [{ "id": "1", "item": "mug" }] });
    let told = quote(&backend, &["FIVER"], &dollars);
    assert_eq!((first(&told), &told["total_minor"]), (("rejected", "currency_not_offered"), &json!(1300)));
    let mut body = reservation("1", "FIVER", 800);
    body["cart"] = dollars;
    let _ = backend.reserve("1", &body).problem(409, "currency_not_offered");
    let dong = json!({ "codes": ["FIVER"], "cart": { "currency": "VND", "lines": [{ "id": "1", "item": "mug" }] } });
    names(&backend.post("/v1/quotes", &dong), "cart.lines[0].item");
    assert!(harness.redemptions().is_empty());
}

#[test]
fn a10_a_cart_has_one_basis_and_tax_is_not_discounted() {
    let harness = Harness::open();
    let backend = harness.backend();
    for name in ["tax_included", "net", "tax_minor", "tax_rate_bp"] {
        let mut body = json!({ "codes": ["HUNDRED"], "cart": cart("yoga", 1) });
        body["cart"]["lines"][0][name] = json!(1);
        names(&backend.post("/v1/quotes", &body), &format!("cart.lines[0].{name}"));
    }
    sell(&backend, &[("class", "group_class", &[("EUR", 1800)]), ("vat", "tax", &[("EUR", 432)])]);
    let told = quote(&backend, &["HUNDRED"], &one_of(&["class", "vat"]));
    assert_eq!([&told["discount_minor"], &told["total_minor"]], [&json!(1800), &json!(432)]);
}

#[test]
fn a11_the_cart_is_priced_as_it_is_when_it_is_redeemed() {
    let harness = Harness::open();
    let backend = harness.backend();
    let shown = backend.post("/v1/lookups", &json!({ "code": "MIN30", "cart": one_of(&["yoga", "mug"]) })).expect(200);
    assert_eq!(shown["quote"]["total_minor"], 2700);
    let redeem = |key: &str, cart: &Value, total: i64| {
        let mut body = reservation("1", "MIN30", 2700);
        body["snapshot"] = shown["snapshot"].clone();
        body["cart"] = cart.clone();
        body["seen"]["total_minor"] = json!(total);
        backend.reserve(key, &body)
    };
    let dropped = redeem("dropped", &one_of(&["yoga"]), 1620).problem(409, "minimum_spend_not_met");
    assert_eq!(dropped["reasons"][0]["required"]["amount_minor"], 3000);
    let added = redeem("added", &one_of(&["yoga", "mug", "massage"]), 2700).problem(409, "quote_changed");
    assert_eq!(added["quote"]["total_minor"], 8550, "the dear line is charged");
    assert!(harness.redemptions().is_empty());
    assert_eq!(redeem("as-shown", &one_of(&["yoga", "mug"]), 2700).expect(201)["total_minor"], 2700);
}

/// Looks a code up with a body that the server may refuse, and hang up on, before it is all there.
fn pushed(harness: &Harness, body: &str) -> Answer {
    let mut stream = TcpStream::connect(harness.address()).unwrap();
    let head = format!(
        "POST /v1/lookups HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n",
        harness.site(0).secret,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let _ = stream.write_all(body.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Answer::parse(&answer)
}

#[test]
fn a12_what_is_too_large_too_deep_or_said_twice_is_refused_at_once() {
    let harness = Harness::open();
    let send = |text: String| {
        let begun = Instant::now();
        let answer = pushed(&harness, &text);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        answer
    };
    let lines = |count: usize| {
        let lines: Vec<String> = (0..count).map(|index| format!(r#"{{"id":"{index}","item":"yoga"}}"#)).collect();
        format!(r#"{{"code":"WELCOME20","cart":{{"lines":[{}]}}}}"#, lines.join(","))
    };
    let _ = send(lines(100_000)).problem(413, "body_too_large");
    names(&send(lines(30_000)), "cart.lines");
    names(&send(lines(501)), "cart.lines");
    let _ = send(format!(r#"{{"code":"{}"}}"#, "x".repeat(1024 * 1024))).problem(413, "body_too_large");
    let _ = send(format!(r#"{{"cart":{}"#, "[".repeat(500_000))).problem(400, "invalid_request");
    let _ = send(format!(r#"{{"cart":{}1{}}}"#, r#"{"lines":"#.repeat(9_000), "}".repeat(9_000)))
        .problem(400, "invalid_request");
    for (twice, field) in [
        (r#"{"code":"HUNDRED","code":"WELCOME20","cart":{"lines":[]}}"#, "code"),
        (r#"{"code":"WELCOME20","cart":{"lines":[]},"cart":{"lines":[]}}"#, "cart"),
        (r#"{"code":"WELCOME20","cart":{"lines":[{"id":"1","item":"yoga","item":"mug"}]}}"#, "cart.lines[0].item"),
    ] {
        names(&send(twice.into()), field);
    }
}

#[test]
fn a13_fees_tips_deposits_and_taxes_are_not_discounted_unless_named() {
    let harness = Harness::open();
    let backend = harness.backend();
    let kinds = ["fee", "tip", "deposit", "tax"];
    let mut items: Vec<Sold<'_>> = kinds.iter().map(|kind| (*kind, *kind, [("EUR", 1000)].as_slice())).collect();
    items.push(("class", "group_class", &[("EUR", 1800)]));
    sell(&backend, &items);
    for kind in kinds {
        let alone = quote(&backend, &["HUNDRED"], &one_of(&[kind]));
        assert_eq!((first(&alone), &alone["total_minor"]), (("rejected", "no_eligible_lines"), &json!(1000)), "{kind}");
        let beside = quote(&backend, &["HUNDRED"], &one_of(&[kind, "class"]));
        assert_eq!([&beside["discount_minor"], &beside["total_minor"]], [&json!(1800), &json!(1000)], "{kind}");
    }
    let named = json!({ "scope": { "include": [{ "type": "kind", "kind": "fee" }] } });
    offer(&backend, "NOFEE", 10_000, &named);
    assert_eq!(quote(&backend, &["NOFEE"], &one_of(&["fee", "tip", "class"]))["discount_minor"], 1000);
}

#[test]
fn a14_a_quote_of_a_quote_is_the_same_quote() {
    let harness = Harness::with(vec![Site::studio("studio").whose_tag_redeems()]);
    let page = harness.page();
    let body = json!({ "codes": ["WELCOME20"], "cart": cart("yoga", 3) });
    let told = page.post("/v1/quotes", &body);
    let mut fed_back = body.clone();
    fed_back["cart"]["lines"][0]["unit_price_minor"] = json!(1440);
    for again in [&body, &fed_back, &body] {
        let again = page.post("/v1/quotes", again);
        assert_eq!((again.status, &again.body), (200, &told.body), "{}", again.text());
    }
}
