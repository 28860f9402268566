//! B: using a code more often than it may be used, by asking at once, by undoing, or as somebody else.

use std::io::{Read, Write};
use std::net::TcpStream;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, reservation, reservation_of, terms};

use crate::{at_once, of, offer, reverse, step, tally, used};

/// A studio where a placed order is confirmed at once.
fn confirming() -> Harness {
    Harness::with(vec![Site::studio("studio").with("confirm_on", "placed"), Site::studio("other")])
}

fn placed(order: &str, code: &str, total_minor: u64) -> Value {
    let mut body = reservation(order, code, total_minor);
    body["place"] = json!(true);
    body
}

#[test]
fn b1_fifty_in_one_packet_share_one_use() {
    let harness = Harness::open();
    let secret = &harness.site(0).secret;
    let request = |index: usize| {
        let body = reservation(&format!("order-{index}"), "LAST", 1620).to_string();
        let close = if index == 49 { "connection: close\r\n" } else { "" };
        format!(
            "POST /v1/redemptions HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {secret}\r\nidempotency-key: key-{index}\r\n\
             content-type: application/json\r\n{close}content-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let packet: String = (0..50).map(request).collect();
    let mut stream = TcpStream::connect(harness.address()).unwrap();
    stream.write_all(packet.as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    let count = |text: &str| answers.matches(text).count();
    assert_eq!((count("HTTP/1.1 201 "), count("{\"code\":\"usage_limit_reached\",\"detail\"")), (1, 49), "{answers}");
    assert_eq!((harness.redemptions().len(), used(&harness, "LAST")), (1, 1));
}

#[test]
fn b2_twenty_tabs_of_one_customer_share_their_use() {
    let harness = Harness::with(vec![Site::studio("studio").whose_tag_redeems()]);
    let answers = at_once(&harness, 20, |index, backend| {
        let customer = match index % 4 {
            0 => json!({ "email": "Ana@Example.com" }),
            1 => json!({ "email": " ana@example.COM " }),
            2 => json!({ "email": "ana@example.com", "account": format!("a{index}") }),
            _ => json!({ "email": "ANA@EXAMPLE.COM", "account": "7" }),
        };
        let mut body = reservation_of(&format!("order-{index}"), "ONCE", 1620, customer);
        body["place"] = json!(true);
        let caller = if index % 2 == 0 { backend.clone() } else { harness.page() };
        caller.reserve(&format!("key-{index}"), &body)
    });
    assert_eq!(tally(&answers), of([("201", 1), ("customer_limit_reached", 19)]));
    assert_eq!(harness.redemptions().len(), 1, "the page's and the backend's tabs are one customer's");
}

#[test]
fn b4_after_an_edit_is_acknowledged_nothing_is_recorded_by_the_old_terms() {
    let harness = Harness::open();
    let backend = harness.backend();
    let promotion = offer(&backend, "GOING", 1000, &json!({}));
    let answers = at_once(&harness, 20, |index, backend| match index {
        7 => backend.put(&promotion, &json!({ "terms": terms("Less", 500, &json!({})) })),
        _ => backend.reserve(&format!("key-{index}"), &reservation(&format!("order-{index}"), "GOING", 1620)),
    });
    assert_eq!(answers[7].status, 200);
    let told = tally(answers.iter().enumerate().filter(|(index, _)| *index != 7).map(|(_, answer)| answer));
    let (before, after) = (told.get("201").copied().unwrap_or(0), told.get("quote_changed").copied().unwrap_or(0));
    assert_eq!((before + after, harness.redemptions().len()), (19, before), "{told:?}");
    let _ = backend.reserve("late", &reservation("late", "GOING", 1620)).problem(409, "quote_changed");
    let answers = at_once(&harness, 20, |index, backend| match index {
        7 => backend.request("POST", &format!("{promotion}/deactivate")).send(),
        _ => backend.reserve(&format!("off-{index}"), &reservation(&format!("off-{index}"), "GOING", 1710)),
    });
    let recorded = tally(&answers).get("201").copied().unwrap_or(0);
    assert_eq!(harness.redemptions().len(), before + recorded);
    let _ = backend.reserve("off", &reservation("off", "GOING", 1710)).problem(409, "promotion_inactive");
}

#[test]
fn b4_a_code_that_is_deleted_meanwhile_is_used_before_or_not_at_all() {
    let harness = Harness::open();
    let backend = harness.backend();
    let promotion = offer(&backend, "GONE", 1000, &json!({ "limits": { "total": 50 } }));
    let answers = at_once(&harness, 20, |index, backend| match index {
        9 => backend.post(&format!("{promotion}/codes/delete"), &json!({ "which": "all" })),
        _ => backend.reserve(&format!("key-{index}"), &reservation(&format!("order-{index}"), "GONE", 1620)),
    });
    assert_eq!(answers[9].expect(200)["deleted"], 1);
    let told = tally(answers.iter().enumerate().filter(|(index, _)| *index != 9).map(|(_, answer)| answer));
    let count = |kind: &str| told.get(kind).copied().unwrap_or(0);
    assert_eq!((count("201") + count("unknown_code"), harness.redemptions().len()), (19, count("201")), "{told:?}");
    let _ = backend.reserve("late", &reservation("late", "GONE", 1620)).problem(409, "unknown_code");
    for redemption in harness.redemptions() {
        assert_eq!(step(&backend, &redemption, "confirm").expect(200)["state"], "confirmed", "what was recorded stays");
    }
}

#[test]
fn b5_taking_back_while_others_redeem_loses_no_count() {
    let harness = confirming();
    let backend = harness.backend();
    let mut holder = backend.reserve("first", &placed("first", "LAST", 1620)).expect(201);
    for round in 0..6 {
        let answers = at_once(&harness, 16, |index, backend| {
            let name = format!("{round}-{index}");
            match index % 2 {
                0 => reverse(backend, &holder, &name, &json!({ "cause": "mistake" })),
                _ => backend.reserve(&name, &placed(&name, "LAST", 1620)),
            }
        });
        let taken_back = answers.iter().step_by(2).filter(|answer| answer.status == 200).count();
        assert_eq!(taken_back, 1, "it is taken back once: {:?}", tally(&answers));
        let next: Vec<Value> = answers
            .iter()
            .skip(1)
            .step_by(2)
            .filter(|answer| answer.status == 201)
            .map(|answer| answer.json())
            .collect();
        assert!(next.len() <= 1, "one use, one redemption: {:?}", tally(&answers));
        assert_eq!(used(&harness, "LAST") as usize, next.len());
        holder = next.into_iter().next().unwrap_or_else(|| {
            let name = format!("{round}-after");
            backend.reserve(&name, &placed(&name, "LAST", 1620)).expect(201)
        });
    }
    assert_eq!(used(&harness, "LAST"), 1);
}

#[test]
fn b6_an_undo_counts_once_and_only_for_its_own_site() {
    let harness = confirming();
    let (backend, other) = (harness.backend(), harness.backend_of(1));
    let mistake = json!({ "cause": "mistake" });
    let confirmed = backend.reserve("1", &placed("1", "LAST", 1620)).expect(201);
    let _ = reverse(&other, &confirmed, "theirs", &mistake).problem(404, "not_found");
    for name in ["place", "confirm", "release"] {
        let _ = step(&other, &confirmed, name).problem(404, "not_found");
    }
    assert_eq!(used(&harness, "LAST"), 1, "a stranger has taken nothing back");
    let first = reverse(&backend, &confirmed, "mine", &mistake);
    assert_eq!((first.status, used(&harness, "LAST")), (200, 0));
    let again = reverse(&backend, &confirmed, "mine", &mistake);
    assert!(again.is_replayed() && again.body == first.body);
    let _ = reverse(&backend, &confirmed, "twice", &mistake).problem(409, "wrong_state");
    let held = backend.reserve("2", &reservation("2", "LAST", 1620)).expect(201);
    harness.clock().advance(TimeDelta::hours(1));
    let next = backend.reserve("3", &reservation("3", "LAST", 1620)).expect(201);
    let _ = reverse(&backend, &held, "expired", &mistake).problem(409, "wrong_state");
    assert_eq!(step(&backend, &held, "release").expect(200)["state"], "released", "what is over can be given up");
    assert_eq!(step(&backend, &held, "release").status, 200);
    assert_eq!(used(&harness, "LAST"), 1, "the slot of the expired one was freed once, and is taken");
    assert_eq!(step(&backend, &next, "release").status, 200);
    assert_eq!(used(&harness, "LAST"), 0);
}

#[test]
fn b7_a_budget_is_not_overspent() {
    let harness = Harness::open();
    let euros = |amount: i64| json!([{ "currency": "EUR", "amount_minor": amount }]);
    let limited = json!({ "benefit": { "type": "fixed", "amounts": euros(400) }, "limits": { "budget": euros(500) } });
    offer(&harness.backend(), "BUDGET", 0, &limited);
    let answers = at_once(&harness, 10, |index, backend| {
        backend.reserve(&format!("key-{index}"), &reservation(&format!("order-{index}"), "BUDGET", 1400))
    });
    assert_eq!(tally(&answers), of([("201", 1), ("budget_exhausted", 9)]));
    let spent: i64 =
        harness.redemptions().iter().map(|redemption| redemption["discount_minor"].as_i64().unwrap()).sum();
    assert_eq!(spent, 400, "never in part");
}

#[test]
fn b8_an_unpaid_order_holds_the_customers_use_until_it_ends() {
    let harness = Harness::open();
    let backend = harness.backend();
    let order =
        |name: &str| backend.reserve(name, &reservation_of(name, "ONCE", 1620, json!({ "email": "ana@example.com" })));
    let unpaid = order("1").expect(201);
    let _ = order("2").problem(409, "customer_limit_reached");
    harness.clock().advance(TimeDelta::minutes(15));
    assert_eq!(order("3").status, 201, "an unpaid hold ends by itself");
    let _ = step(&backend, &unpaid, "confirm").problem(409, "hold_expired");
    let _ = order("4").problem(409, "customer_limit_reached");
}

#[test]
fn b9_a_guest_who_signs_in_is_the_same_customer() {
    let harness = Harness::open();
    let backend = harness.backend();
    let order = |name: &str, customer: Value| backend.reserve(name, &reservation_of(name, "ONCE", 1620, customer));
    assert_eq!(order("guest", json!({ "email": "ana@example.com" })).status, 201);
    let signed_in = order("account", json!({ "email": "ANA@example.com", "account": "7" }));
    let _ = signed_in.problem(409, "customer_limit_reached");
    assert_eq!(order("other", json!({ "email": "ben@example.com", "account": "8" })).status, 201);
    let _ = order("account-alone", json!({ "account": "8" })).problem(409, "customer_limit_reached");
    let _ = order("nobody", json!({})).problem(409, "customer_needed");
    assert_eq!(order("phone", json!({ "phone": "+302101234567", "email": "cleo@example.com" })).status, 201);
    let _ = order("phone-alone", json!({ "phone": "+302101234567" })).problem(409, "customer_limit_reached");
    assert_eq!(harness.redemptions().len(), 3);
}

#[test]
fn b10_a_limit_below_what_was_used_lets_nobody_in() {
    let harness = Harness::open();
    let backend = harness.backend();
    let promotion = offer(&backend, "LOWERED", 1000, &json!({ "limits": { "total": 5 } }));
    let order = |name: &str| backend.reserve(name, &reservation(name, "LOWERED", 1620));
    let held: Vec<Value> = ["1", "2", "3"].iter().map(|name| order(name).expect(201)).collect();
    let lowered = json!({ "terms": terms("x", 1000, &json!({ "limits": { "total": 1 } })) });
    assert_eq!(backend.put(&promotion, &lowered).status, 200);
    for (index, redemption) in held.iter().enumerate() {
        let _ = order(&format!("more-{index}")).problem(409, "usage_limit_reached");
        assert_eq!(
            step(&backend, redemption, "release").expect(200)["state"],
            "released",
            "what was held stays its own"
        );
    }
    assert_eq!(used(&harness, "LOWERED"), 0, "and never below nothing");
    assert_eq!(order("next").status, 201);
    assert_eq!(used(&harness, "LOWERED"), 1);
    let _ = order("last").problem(409, "usage_limit_reached");
}

#[test]
fn b5_a_replacement_keeps_the_last_use_and_takes_no_second_one() {
    let harness = confirming();
    let backend = harness.backend();
    let first = backend.reserve("first", &placed("first", "LAST", 1620)).expect(201);
    let path = format!("/v1/redemptions/{}/replace", first["id"].as_str().unwrap());
    let replacement =
        |code: &str, total: i64| json!({ "cart": cart("yoga", 1), "codes": [code], "seen": { "total_minor": total } });
    let answers = at_once(&harness, 12, |index, backend| match index % 2 {
        0 => {
            let key = format!("replace-{index}");
            backend.request("POST", &path).header("idempotency-key", &key).json(&replacement("LAST", 1620)).send()
        }
        _ => backend.reserve(&format!("new-{index}"), &placed(&format!("new-{index}"), "LAST", 1620)),
    });
    let others = tally(answers.iter().skip(1).step_by(2));
    assert_eq!(others, of([("usage_limit_reached", 6)]), "the use is never free in between");
    assert_eq!(tally(answers.iter().step_by(2)), of([("201", 1), ("wrong_state", 5)]));
    assert_eq!((used(&harness, "LAST"), harness.redemptions().len()), (1, 2));
}
