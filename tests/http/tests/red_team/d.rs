//! D: more discounts than are due: codes together, at the border of their time, or for somebody who is somebody else.

use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, lookup, reservation, reservation_of, terms};

use crate::{at_once, first, names, of, offer, quote, reverse, tally, used};

#[test]
fn d1_one_code_counts_once_however_it_is_written() {
    let harness = Harness::open();
    let backend = harness.backend();
    let alone = quote(&backend, &["LAST"], &cart("yoga", 1));
    let again = quote(&backend, &["LAST", " last ", "Ｌａｓｔ", "lAsT\u{a0}"], &cart("yoga", 1));
    assert_eq!(again, alone);
    let mut body = reservation("1", "LAST", 1620);
    body["codes"] = json!(["last", "LAST ", "ＬＡＳＴ"]);
    let recorded = backend.reserve("1", &body).expect(201);
    assert_eq!(recorded["quote"]["decisions"].as_array().map(Vec::len), Some(1));
    assert_eq!(used(&harness, "LAST"), 1);
    let _ = backend.reserve("2", &reservation("2", "l a s t", 1620)).problem(409, "unknown_code");
}

#[test]
fn d1_two_codes_of_one_promotion_are_one_use_each_of_its_own() {
    let harness = Harness::with(vec![Site::studio("studio").with("codes_max", 3)]);
    let backend = harness.backend();
    let each_once = terms("Each once", 1000, &json!({ "limits": { "per_code": 1, "total": 9 } }));
    assert_eq!(backend.post("/v1/promotions", &json!({ "codes": ["AA", "BB", "CC"], "terms": each_once })).status, 201);
    let order = |name: &str, codes: &[&str]| {
        let mut body = reservation(name, "AA", 1620);
        body["codes"] = json!(codes);
        backend.reserve(name, &body)
    };
    assert_eq!(order("1", &["AA"]).status, 201);
    for (name, codes) in [("2", ["BB", "AA"]), ("3", ["AA", "BB"]), ("4", ["CC", "BB"]), ("5", ["BB", "CC"])] {
        let told = quote(&backend, &codes, &cart("yoga", 1));
        let applied = told["decisions"].as_array().unwrap().iter().filter(|one| one["status"] == "applied").count();
        assert!(applied <= 1 && told["total_minor"].as_i64() >= Some(1620), "{codes:?}: {told}");
        let refused = order(name, &codes);
        assert_eq!(refused.status, 409, "{codes:?}: {}", refused.text());
    }
    let _ = order("6", &["AA"]).problem(409, "code_limit_reached");
    assert_eq!(
        [order("7", &["BB"]).status, order("8", &["CC"]).status],
        [201, 201],
        "nothing was used up by being refused"
    );
    let _ = order("9", &["BB"]).problem(409, "code_limit_reached");
    assert_eq!(harness.redemptions().len(), 3);
}

#[test]
fn d2_of_two_codes_that_exclude_each_other_one_applies_and_neither_order_gives_both() {
    let harness = Harness::with(vec![Site::studio("studio").with("codes_max", 2)]);
    let backend = harness.backend();
    for (codes, total) in [(["LAST", "WELCOME20"], 1620), (["WELCOME20", "LAST"], 1440)] {
        let told = quote(&backend, &codes, &cart("yoga", 1));
        let states: Vec<&str> =
            told["decisions"].as_array().unwrap().iter().filter_map(|one| one["status"].as_str()).collect();
        assert_eq!(
            (states, &told["total_minor"]),
            (vec!["applied", "rejected"], &json!(total)),
            "what was entered first stays"
        );
        let mut body = reservation(codes[0], codes[0], total);
        body["codes"] = json!(codes);
        let _ = backend.reserve(codes[0], &body).problem(409, "not_combinable");
    }
    assert_eq!((harness.redemptions().len(), used(&harness, "LAST")), (0, 0), "a refusal uses neither");
}

#[test]
fn d3_sixty_and_sixty_percent_end_at_the_subtotal() {
    for (acts_on, total) in [("remaining", 288), ("list", 0)] {
        let lanes = json!([{ "id": "extra", "acts_on": acts_on }]);
        let harness = Harness::with(vec![Site::studio("studio").with("codes_max", 2).with("lanes", lanes)]);
        let backend = harness.backend();
        offer(&backend, "SIXTY", 6000, &json!({}));
        offer(&backend, "EXTRA", 6000, &json!({ "lane": "extra" }));
        for codes in [["SIXTY", "EXTRA"], ["EXTRA", "SIXTY"]] {
            let told = quote(&backend, &codes, &cart("yoga", 1));
            assert_eq!(told["total_minor"], total, "{acts_on} {codes:?}");
            assert_eq!(told["discount_minor"], 1800 - total, "{acts_on} {codes:?}");
        }
    }
}

#[test]
fn d4_a_code_belongs_to_one_promotion_also_when_two_owners_hurry() {
    let harness = Harness::open();
    let spellings = ["Twin", " TWIN ", "twin", "ｔｗｉｎ"];
    let answers = at_once(&harness, 8, |index, backend| {
        let body =
            json!({ "codes": [format!("OWN{index}"), spellings[index % 4]], "terms": terms("x", 1000, &json!({})) });
        backend.post("/v1/promotions", &body)
    });
    assert_eq!(tally(&answers), of([("201", 1), ("code_taken", 7)]));
    let winner = answers.iter().position(|answer| answer.status == 201).unwrap();
    for index in 0..8 {
        let wanted = if index == winner { ("applied", "") } else { ("rejected", "unknown_code") };
        let told = quote(&harness.backend(), &[&format!("OWN{index}")], &cart("yoga", 1));
        assert_eq!(first(&told), wanted, "of a promotion that was not made no code stays");
    }
    let others: Vec<String> =
        (0..8).map(|index| offer(&harness.backend(), &format!("ADDS{index}"), 1000, &json!({}))).collect();
    let answers = at_once(&harness, 8, |index, backend| {
        backend.post(&format!("{}/codes", others[index]), &json!({ "codes": ["ALONE", spellings[index % 4]] }))
    });
    assert_eq!(tally(&answers), of([("code_taken", 8)]), "whole or not at all: the other code is taken by nobody");
    let answers = at_once(&harness, 8, |index, backend| {
        backend.post(&format!("{}/codes", others[index]), &json!({ "codes": ["Alone"] }))
    });
    // Whoever is overtaken between looking and writing is told so in the answer.
    let told =
        |answer: &Answer, name: &str| if answer.status == 200 { answer.json()[name].as_i64().unwrap() } else { 0 };
    let sum = |name: &str| answers.iter().map(|answer| told(answer, name)).sum::<i64>();
    let answered = answers.iter().filter(|answer| answer.status == 200).count() as i64;
    assert_eq!((sum("added"), sum("refused")), (1, answered - 1), "{:?}", tally(&answers));
    assert_eq!(first(&quote(&harness.backend(), &["alone"], &cart("yoga", 1))), ("applied", ""));
}

#[test]
fn d5_a_code_is_used_also_beside_a_better_automatic_discount() {
    for (precedence, outcome) in [("code_first", 201), ("best_for_customer", 409)] {
        let harness = Harness::with(vec![Site::studio("studio").with("precedence", precedence)]);
        let backend = harness.backend();
        let half = json!({ "terms": terms("Half", 5000, &json!({ "kind": "automatic" })) });
        assert_eq!(backend.post("/v1/promotions", &half).status, 201);
        let told = quote(&backend, &["LAST"], &cart("yoga", 1));
        let answer = backend.reserve("1", &reservation("1", "LAST", 1620));
        assert_eq!(answer.status, outcome, "{}", answer.text());
        if outcome == 201 {
            assert_eq!(
                (&told["total_minor"], used(&harness, "LAST")),
                (&json!(1620), 1),
                "what is redeemed is counted"
            );
        } else {
            assert_eq!((first(&told), &told["total_minor"]), (("rejected", "better_discount_applied"), &json!(900)));
            assert_eq!(used(&harness, "LAST"), 0, "what did not act is not used up");
        }
    }
}

#[test]
fn d6_a_line_taken_back_refunds_its_stored_share() {
    let harness = Harness::with(vec![Site::studio("studio").with("confirm_on", "placed")]);
    let backend = harness.backend();
    let mut body = reservation("1", "MIN30", 3240);
    body["cart"] = cart("yoga", 2);
    body["place"] = json!(true);
    let booked = backend.reserve("1", &body).expect(201);
    let part = json!({ "cause": "cancelled", "parts": [{ "line": "1", "quantity": 1 }] });
    let after = reverse(&backend, &booked, "one-back", &part).expect(200);
    assert_eq!((&after["reversals"][0]["refund_minor"], &after["left_minor"]), (&json!(1620), &json!(1620)));
    assert_eq!(after["discount_minor"], 360, "what was decided is not decided again");
    let rest = reverse(&backend, &booked, "rest", &json!({ "cause": "cancelled" })).expect(200);
    assert_eq!((&rest["state"], &rest["left_minor"]), (&json!("reversed"), &json!(0)));
}

#[test]
fn d7_time_is_the_servers_half_open_and_in_the_sites_zone() {
    let harness = Harness::open();
    let backend = harness.backend();
    let window =
        |from: &str, until: &str| json!({ "conditions": [{ "type": "redeemable", "from": from, "until": until }] });
    // Athens turns its clocks on 28 March 2027 from 03:00 to 04:00, and on 31 October from 04:00 back to 03:00.
    offer(&backend, "SPRING", 1000, &window("2027-03-28", "2027-03-28"));
    offer(&backend, "AUTUMN", 1000, &window("2027-10-31", "2027-10-31"));
    offer(&backend, "GAP", 1000, &window("2027-03-28T03:30", "2027-03-29"));
    offer(&backend, "EVER", 1000, &window("2026-01-01", "9999-12-31"));
    for (code, now, status, reason) in [
        ("SPRING", "2027-03-27T21:59:59.999Z", "rejected", "not_yet_active"),
        ("SPRING", "2027-03-27T22:00:00Z", "applied", ""),
        ("SPRING", "2027-03-28T20:59:59.999Z", "applied", ""),
        ("SPRING", "2027-03-28T21:00:00Z", "rejected", "expired"),
        ("GAP", "2027-03-28T00:59:59.999Z", "rejected", "not_yet_active"),
        ("GAP", "2027-03-28T01:00:00Z", "applied", ""),
        ("AUTUMN", "2027-10-30T21:00:00Z", "applied", ""),
        ("AUTUMN", "2027-10-31T21:59:59.999Z", "applied", ""),
        ("AUTUMN", "2027-10-31T22:00:00Z", "rejected", "expired"),
        ("EVER", "2027-10-31T22:00:00Z", "applied", ""),
    ] {
        harness.clock().set(now.parse().unwrap());
        assert_eq!(first(&quote(&backend, &[code], &cart("yoga", 1))), (status, reason), "{code} at {now}");
    }
    for instant in ["2016-12-31T23:59:60", "10000-01-01", "2027-02-29", "2027-03-28T24:00"] {
        let body = json!({ "codes": ["NEVER"], "terms": terms("x", 1000, &window("2016-01-01", instant)) });
        names(&backend.post("/v1/promotions", &body), "terms.conditions[0].until");
    }
    for clock in ["now", "now_at", "at", "timestamp"] {
        let mut body = lookup("SPRING");
        body[clock] = json!("2027-03-28T10:00:00Z");
        names(&backend.post("/v1/lookups", &body), clock);
    }
    let stamped = backend.request("POST", "/v1/lookups").header("date", "Sun, 28 Mar 2027 10:00:00 GMT");
    assert_eq!(first(&stamped.json(&lookup("SPRING")).send().expect(200)["quote"]), ("rejected", "expired"));
}

#[test]
fn d8_a_first_order_is_had_once_and_again_only_when_it_was_cancelled() {
    let harness = Harness::with(vec![Site::studio("studio").with("confirm_on", "placed")]);
    let backend = harness.backend();
    offer(&backend, "FIRSTORDER", 1000, &json!({ "conditions": [{ "type": "first_order" }] }));
    let order = |backend: &Client, name: &str| {
        let mut body = reservation_of(name, "FIRSTORDER", 1620, json!({ "email": "ana@example.com" }));
        body["place"] = json!(true);
        backend.reserve(name, &body)
    };
    let answers = at_once(&harness, 12, |index, backend| order(backend, &index.to_string()));
    assert_eq!(tally(&answers), of([("201", 1), ("first_order_only", 11)]), "though nothing limits it");
    let first = answers.iter().find(|answer| answer.status == 201).unwrap().json();
    assert_eq!(reverse(&backend, &first, "back", &json!({ "cause": "cancelled" })).status, 200);
    let again = order(&backend, "again").expect(201);
    let _ = order(&backend, "more").problem(409, "first_order_only");
    assert_eq!(reverse(&backend, &again, "cleared", &json!({ "cause": "housekeeping" })).status, 200);
    let _ = order(&backend, "still").problem(409, "first_order_only");
    assert_eq!(harness.redemptions().len(), 2, "what is only cleared away was an order");
}

#[test]
fn d9_case_and_spaces_make_no_second_customer_and_nobody_is_merged() {
    let harness = Harness::open();
    let backend = harness.backend();
    let order =
        |name: &str, email: &str| backend.reserve(name, &reservation_of(name, "ONCE", 1620, json!({ "email": email })));
    assert_eq!(order("1", "ana@example.com").status, 201);
    for (index, same) in ["ANA@example.com", " ana@EXAMPLE.com\t", "Ana@Example.Com"].iter().enumerate() {
        let _ = order(&format!("same-{index}"), same).problem(409, "customer_limit_reached");
    }
    for (index, unseen) in
        ["ana@example.com.", "an\u{ad}a@example.com", "ana@example.com\u{200b}", "ana\u{2060}@example.com"]
            .iter()
            .enumerate()
    {
        names(&order(&format!("unseen-{index}"), unseen), "customer.email");
    }
    for (index, another) in ["a.na@example.com", "ana+8@example.com", "ana@bücher.example"].iter().enumerate() {
        assert_eq!(order(&format!("another-{index}"), another).status, 201, "{another} may be another person");
    }
    let _ = order("idn", "ANA@BÜCHER.example").problem(409, "customer_limit_reached");
    assert_eq!(harness.redemptions().len(), 4);
}

#[test]
fn d10_what_is_taken_out_takes_its_discount_with_it() {
    let harness = Harness::open();
    let backend = harness.backend();
    let both = json!({ "lines": [{ "id": "1", "item": "yoga" }, { "id": "2", "item": "massage" }] });
    let full = quote(&backend, &["WELCOME20"], &both);
    assert_eq!(full["discount_minor"], 1660);
    let left = quote(&backend, &["WELCOME20"], &cart("yoga", 1));
    assert_eq!([&left["discount_minor"], &left["total_minor"]], [&json!(360), &json!(1440)]);
    assert_eq!(
        left,
        quote(&harness.backend(), &["WELCOME20"], &cart("yoga", 1)),
        "what was asked before leaves nothing"
    );
    let none = quote(&backend, &["WELCOME20"], &json!({ "lines": [] }));
    assert_eq!(
        (first(&none), &none["discount_minor"], &none["total_minor"]),
        (("waiting", "empty_cart"), &json!(0), &json!(0))
    );
    let _ = backend.reserve("1", &reservation("1", "WELCOME20", 140)).problem(409, "quote_changed");
    assert_eq!(harness.redemptions(), Vec::<Value>::new());
}
