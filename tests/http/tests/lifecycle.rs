//! The life of a redemption (R55, R70): what can become of it, when, and what that does to the uses that limits count.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tearoff_http_tests::client::Client;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, lookup, reservation, terms};

fn step(backend: &Client, redemption: &Value, step: &str) -> tearoff_http_tests::client::Answer {
    let id = redemption["id"].as_str().expect("an id");
    backend.request("POST", &format!("/v1/redemptions/{id}/{step}")).send()
}

fn show(backend: &Client, redemption: &Value) -> Value {
    let mut shown = backend.get(&format!("/v1/redemptions/{}", redemption["id"].as_str().expect("an id"))).expect(200);
    for only_here in ["left_minor", "uses", "reversals"] {
        let told = shown.as_object_mut().and_then(|members| members.remove(only_here));
        assert!(told.is_some(), "{only_here}");
    }
    shown
}

#[test]
fn reserved_then_placed_then_confirmed() {
    let harness = Harness::open();
    let backend = harness.backend();
    let reserved = backend.reserve("key", &reservation("7", "WELCOME20", 1440)).expect(201);
    for (name, wanted) in [
        ("state", json!("reserved")),
        ("order", json!("7")),
        ("currency", json!("EUR")),
        ("subtotal_minor", json!(1800)),
        ("discount_minor", json!(360)),
        ("total_minor", json!(1440)),
        ("reserved_at", json!("2026-12-01T10:00:00Z")),
        ("expires_at", json!("2026-12-01T10:15:00Z")),
        ("placed_at", Value::Null),
        ("confirmed_at", Value::Null),
    ] {
        assert_eq!(reserved[name], wanted, "{name}: {reserved}");
    }
    assert_eq!(show(&backend, &reserved), reserved);
    harness.clock().advance(TimeDelta::minutes(5));
    let placed = step(&backend, &reserved, "place").expect(200);
    assert_eq!((&placed["state"], &placed["placed_at"]), (&json!("placed"), &json!("2026-12-01T10:05:00Z")));
    assert_eq!(placed["expires_at"], Value::Null, "to place ends the expiry");
    harness.clock().advance(TimeDelta::days(30));
    assert_eq!(show(&backend, &reserved), placed);
    assert_eq!(step(&backend, &reserved, "place").expect(200), placed, "once more changes nothing");
    let confirmed = step(&backend, &reserved, "confirm").expect(200);
    assert_eq!(
        (&confirmed["state"], &confirmed["confirmed_at"]),
        (&json!("confirmed"), &json!("2026-12-31T10:05:00Z"))
    );
    harness.clock().advance(TimeDelta::days(1));
    assert_eq!(step(&backend, &reserved, "confirm").expect(200), confirmed);
    assert_eq!(step(&backend, &reserved, "place").expect(200), confirmed);
    let refused = step(&backend, &reserved, "release").problem(409, "wrong_state");
    assert_eq!(refused["state"], "confirmed");
    assert_eq!(show(&backend, &reserved), confirmed);
}

#[test]
fn what_is_released_can_be_used_by_another() {
    let harness = Harness::open();
    let backend = harness.backend();
    for (round, place) in [false, true].into_iter().enumerate() {
        let mut body = reservation(&format!("first-{round}"), "LAST", 1620);
        body["place"] = json!(place);
        let first = backend.reserve(&format!("first-{round}"), &body).expect(201);
        let late = backend.reserve(&format!("late-{round}"), &reservation(&format!("late-{round}"), "LAST", 1620));
        let _ = late.problem(409, "usage_limit_reached");
        let released = step(&backend, &first, "release").expect(200);
        assert_eq!((&released["state"], released["placed_at"].is_string()), (&json!("released"), place));
        assert_eq!((&released["released_at"], &released["expires_at"]), (&json!("2026-12-01T10:00:00Z"), &Value::Null));
        assert_eq!(step(&backend, &first, "release").expect(200), released, "twice gives back once");
        for after in ["place", "confirm"] {
            assert_eq!(step(&backend, &first, after).problem(409, "wrong_state")["state"], "released");
        }
        let next = backend.reserve(&format!("next-{round}"), &reservation(&format!("next-{round}"), "LAST", 1620));
        let next = next.expect(201);
        let again = backend.reserve(&format!("again-{round}"), &reservation(&format!("again-{round}"), "LAST", 1620));
        let _ = again.problem(409, "usage_limit_reached");
        assert_eq!(step(&backend, &next, "release").status, 200);
    }
}

/// A hold is half-open: held one millisecond before its end, free at its end.
#[test]
fn a_hold_ends_by_itself() {
    let harness = Harness::open();
    let backend = harness.backend();
    let held = backend.reserve("held", &reservation("1", "LAST", 1620)).expect(201);
    harness.clock().advance(TimeDelta::minutes(15) - TimeDelta::milliseconds(1));
    let _ = backend.reserve("early", &reservation("2", "LAST", 1620)).problem(409, "usage_limit_reached");
    assert_eq!(backend.post("/v1/lookups", &lookup("LAST")).expect(200)["quote"]["decisions"][0]["status"], "rejected");
    harness.clock().advance(TimeDelta::milliseconds(1));
    assert_eq!(show(&backend, &held)["state"], "expired");
    assert_eq!(backend.post("/v1/lookups", &lookup("LAST")).expect(200)["quote"]["decisions"][0]["status"], "applied");
    assert_eq!(backend.reserve("next", &reservation("3", "LAST", 1620)).status, 201);
    let ended = show(&backend, &held);
    assert_eq!(
        (&ended["state"], &ended["placed_at"], &ended["released_at"]),
        (&json!("expired"), &Value::Null, &Value::Null)
    );
    assert_eq!(ended["expires_at"], held["expires_at"], "it says when it ended");
}

#[test]
fn confirming_after_the_hold_takes_the_use_again_while_there_is_one() {
    let harness = Harness::open();
    let backend = harness.backend();
    for (order, late_step, state) in [("1", "confirm", "confirmed"), ("2", "place", "placed")] {
        let code = format!("LATE{order}");
        let body = json!({ "codes": [code], "terms": terms("Last", 1000, &json!({ "limits": { "total": 1 } })) });
        assert_eq!(backend.post("/v1/promotions", &body).status, 201);
        let late = backend.reserve(order, &reservation(order, &code, 1620)).expect(201);
        harness.clock().advance(TimeDelta::minutes(16));
        assert_eq!(step(&backend, &late, late_step).expect(200)["state"], state);
        let other = backend.reserve(&format!("other-{order}"), &reservation(&format!("other-{order}"), &code, 1620));
        let _ = other.problem(409, "usage_limit_reached");
    }
}

#[test]
fn confirming_after_the_hold_is_refused_when_others_took_the_use() {
    let harness = Harness::open();
    let backend = harness.backend();
    let late = backend.reserve("late", &reservation("1", "LAST", 1620)).expect(201);
    harness.clock().advance(TimeDelta::minutes(16));
    let other = backend.reserve("other", &reservation("2", "LAST", 1620)).expect(201);
    for late_step in ["confirm", "place"] {
        let _ = step(&backend, &late, late_step).problem(409, "hold_expired");
        assert_eq!(show(&backend, &late)["state"], "expired");
    }
    assert_eq!(step(&backend, &other, "release").status, 200);
    assert_eq!(step(&backend, &late, "confirm").expect(200)["state"], "confirmed", "there is room again");
}

/// Time passes while a request waits its turn. A hold that ends in just that moment must not trip anybody.
#[test]
fn a_hold_that_ends_while_others_are_decided_trips_nobody() {
    let harness = Harness::open();
    let backend = harness.backend();
    let start = harness.now();
    let mut holder = backend.reserve("holder", &reservation("holder", "LAST", 1620)).expect(201);
    harness.clock().tick_at_each_look(TimeDelta::milliseconds(1));
    for round in 0..12_i64 {
        let ends_at = holder["expires_at"].as_str().unwrap().parse().unwrap();
        harness.clock().set(ends_at);
        harness.clock().advance(TimeDelta::milliseconds(-round));
        // Each try takes a little time: soon the hold is over, and one of them is served.
        holder = (0..50)
            .find_map(|try_number| {
                let name = format!("round-{round}-{try_number}");
                let answer = backend.reserve(&name, &reservation(&name, "LAST", 1620));
                if answer.status != 201 {
                    let _ = answer.problem(409, "usage_limit_reached");
                }
                (answer.status == 201).then(|| answer.json())
            })
            .expect("the hold ends");
    }
    assert!(harness.now() > start);
}

#[test]
fn where_placing_confirms() {
    let harness = Harness::with(vec![Site::studio("studio").with("confirm_on", "placed")]);
    let backend = harness.backend();
    let reserved = backend.reserve("1", &reservation("1", "WELCOME20", 1440)).expect(201);
    assert_eq!(reserved["state"], "reserved");
    let placed = step(&backend, &reserved, "place").expect(200);
    assert_eq!((&placed["state"], &placed["confirmed_at"]), (&json!("confirmed"), &json!("2026-12-01T10:00:00Z")));
    let mut at_once = reservation("2", "WELCOME20", 1440);
    at_once["place"] = json!(true);
    let at_once = backend.reserve("2", &at_once).expect(201);
    assert_eq!((&at_once["state"], &at_once["expires_at"]), (&json!("confirmed"), &Value::Null));
}

#[test]
fn where_payment_confirms() {
    let harness = Harness::open();
    let backend = harness.backend();
    let mut body = reservation("1", "WELCOME20", 1440);
    body["place"] = json!(true);
    let placed = backend.reserve("1", &body).expect(201);
    assert_eq!((&placed["state"], &placed["confirmed_at"]), (&json!("placed"), &Value::Null));
    assert_eq!(step(&backend, &placed, "confirm").expect(200)["state"], "confirmed");
}

/// An owner's edits act on what comes, never on what is recorded (R9, R55, R59, R68).
#[test]
fn edits_and_switching_off_leave_the_recorded_alone() {
    let harness = Harness::open();
    let backend = harness.backend();
    let made = backend
        .post("/v1/promotions", &json!({ "codes": ["EDITED"], "terms": terms("Before", 1000, &json!({})) }))
        .expect(201);
    let promotion = format!("/v1/promotions/{}", made["id"].as_str().unwrap());
    let reserved = backend.reserve("1", &reservation("1", "EDITED", 1620)).expect(201);
    let edited = backend.put(&promotion, &json!({ "terms": terms("After", 5000, &json!({})) })).expect(200);
    assert_eq!(edited["terms"]["label"], "After");
    assert_eq!(show(&backend, &reserved), reserved);
    let changed = backend.reserve("2", &reservation("2", "EDITED", 1620)).problem(409, "quote_changed");
    assert_eq!(changed["quote"]["total_minor"], 900);
    assert_eq!(backend.request("POST", &format!("{promotion}/deactivate")).send().expect(200)["active"], false);
    let _ = backend.reserve("3", &reservation("3", "EDITED", 900)).problem(409, "promotion_inactive");
    assert_eq!(step(&backend, &reserved, "place").expect(200)["total_minor"], 1620);
    assert_eq!(step(&backend, &reserved, "confirm").expect(200)["quote"], reserved["quote"]);
    assert_eq!(backend.request("POST", &format!("{promotion}/activate")).send().expect(200)["active"], true);
    assert_eq!(backend.reserve("4", &reservation("4", "EDITED", 900)).status, 201);
}

/// What was shown at 23:59:50 is honoured at 00:00:05 (R70), and no longer than the site says.
#[test]
fn a_quote_is_honored_for_a_while() {
    let harness = Harness::open();
    let backend = harness.backend();
    harness.clock().set("2026-12-01T21:59:50Z".parse().unwrap());
    let shown = backend.post("/v1/lookups", &lookup("TODAY")).expect(200);
    assert_eq!(shown["quote"]["total_minor"], 1620);
    let with = |order: &str, snapshot: &Value| {
        let mut body = reservation(order, "TODAY", 1620);
        body["snapshot"] = snapshot.clone();
        body
    };
    harness.clock().set("2026-12-01T22:00:05Z".parse().unwrap());
    assert_eq!(backend.reserve("1", &with("1", &shown["snapshot"])).expect(201)["total_minor"], 1620);
    let _ = backend.reserve("2", &reservation("2", "TODAY", 1620)).problem(409, "expired");
    let mut other = with("3", &shown["snapshot"]);
    other["cart"] = cart("mug", 1);
    other["seen"] = json!({ "total_minor": 1080 });
    assert_eq!(backend.reserve("3", &other).status, 201, "terms and time are honored, whatever is in the cart");
    harness.clock().set("2026-12-01T22:04:50Z".parse().unwrap());
    let _ = backend.reserve("4", &with("4", &shown["snapshot"])).problem(409, "expired");
}

/// Terms are honored; limits, and an owner's switching off, never are.
#[test]
fn limits_are_never_honored() {
    let harness = Harness::open();
    let backend = harness.backend();
    let shown = backend.post("/v1/lookups", &lookup("LAST")).expect(200)["snapshot"].clone();
    assert_eq!(backend.reserve("1", &reservation("1", "LAST", 1620)).status, 201);
    let mut late = reservation("2", "LAST", 1620);
    late["snapshot"] = shown;
    let _ = backend.reserve("2", &late).problem(409, "usage_limit_reached");
    let made = backend
        .post("/v1/promotions", &json!({ "codes": ["EDITED"], "terms": terms("Before", 1000, &json!({})) }))
        .expect(201);
    let promotion = format!("/v1/promotions/{}", made["id"].as_str().unwrap());
    let shown = backend.post("/v1/lookups", &lookup("EDITED")).expect(200)["snapshot"].clone();
    let with = |order: &str, total: u64| {
        let mut body = reservation(order, "EDITED", total);
        body["snapshot"] = shown.clone();
        body
    };
    assert_eq!(backend.put(&promotion, &json!({ "terms": terms("After", 500, &json!({})) })).status, 200);
    assert_eq!(backend.reserve("3", &with("3", 1620)).status, 201, "the edit came after what was shown");
    let limited = terms("After", 500, &json!({ "limits": { "total": 1 } }));
    assert_eq!(backend.put(&promotion, &json!({ "terms": limited })).status, 200);
    let _ = backend.reserve("4", &with("4", 1710)).problem(409, "usage_limit_reached");
    assert_eq!(backend.put(&promotion, &json!({ "terms": terms("After", 500, &json!({})) })).status, 200);
    assert_eq!(backend.reserve("5", &with("5", 1620)).status, 201);
    assert_eq!(backend.request("POST", &format!("{promotion}/deactivate")).send().status, 200);
    let _ = backend.reserve("6", &with("6", 1620)).problem(409, "promotion_inactive");
}
