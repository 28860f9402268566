//! Taking a redemption back and putting another in its place, as a host's backend does it (R57, R58).

use serde_json::{Value, json};
use tearoff_http_tests::client::Answer;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, terms};

/// A studio where a placed order is confirmed at once.
fn studio() -> Harness {
    Harness::with(vec![Site::studio("studio").with("confirm_on", "placed")])
}

fn keyed(harness: &Harness, path: &str, key: &str, body: &Value) -> Answer {
    harness.backend().request("POST", path).header("Idempotency-Key", key).json(body).send()
}

/// Books three places at 18.00 with 20 % off, in all 43.20.
fn booked(harness: &Harness, order: &str) -> String {
    let backend = harness.backend();
    let cart = json!({ "lines": [{ "id": "1", "item": "yoga", "quantity": 3, "occurrences": [{ "start": "2026-12-01T18:00" }] }] });
    let quote = backend.post("/v1/quotes", &json!({ "codes": ["WELCOME20"], "cart": cart })).expect(200);
    let seen = json!({ "total_minor": quote["quote"]["total_minor"] });
    let request = json!({ "order": order, "cart": cart, "codes": ["WELCOME20"], "seen": seen, "place": true });
    let redemption = backend.reserve(order, &request).expect(201);
    redemption["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_part_is_taken_back_once_however_often_it_is_asked() {
    let harness = studio();
    let id = booked(&harness, "A-1");
    let path = format!("/v1/redemptions/{id}/reverse");
    let part = json!({ "cause": "cancelled", "parts": [{ "line": "1", "quantity": 1 }] });
    let first = keyed(&harness, &path, "one", &part);
    let told = first.expect(200);
    let (whole, refund) =
        (told["total_minor"].as_i64().unwrap(), told["reversals"][0]["refund_minor"].as_i64().unwrap());
    assert_eq!((told["state"].as_str(), told["left_minor"].as_i64()), (Some("confirmed"), Some(whole - refund)));
    let again = keyed(&harness, &path, "one", &part);
    assert!(again.is_replayed() && again.body == first.body, "byte for byte");
    let other = json!({ "cause": "mistake" });
    let _ = keyed(&harness, &path, "one", &other).problem(422, "idempotency_key_reused");
    let rest = keyed(&harness, &path, "two", &other).expect(200);
    assert_eq!((rest["state"].as_str(), rest["left_minor"].as_i64()), (Some("reversed"), Some(0)));
    let refunds = rest["reversals"].as_array().unwrap().iter().map(|one| one["refund_minor"].as_i64().unwrap());
    assert_eq!(refunds.sum::<i64>(), whole, "the parts are the whole");
    let problem = keyed(&harness, &path, "three", &other).problem(409, "wrong_state");
    assert!(problem["detail"].is_string());
    assert_eq!(harness.backend().get(&format!("/v1/redemptions/{id}")).expect(200), rest);
}

#[test]
fn bad_requests_name_their_fields_and_change_nothing() {
    let harness = studio();
    let id = booked(&harness, "A-1");
    let path = format!("/v1/redemptions/{id}/reverse");
    let before = harness.backend().get(&format!("/v1/redemptions/{id}")).expect(200);
    for (body, field) in [
        (json!({}), "cause"),
        (json!({ "cause": "whim" }), "cause"),
        (json!({ "cause": "mistake", "why": "x" }), "why"),
        (json!({ "cause": "mistake", "parts": [{ "line": "" }] }), "parts[0].line"),
        (json!({ "cause": "mistake", "parts": [{ "line": "1", "start": "soon" }] }), "parts[0].start"),
        (json!({ "cause": "mistake", "parts": [{ "line": "1", "quantity": 0 }] }), "parts[0].quantity"),
        (json!({ "cause": "mistake", "parts": [{ "line": "1", "quantity": -1 }] }), "parts[0].quantity"),
        (json!({ "cause": "mistake", "parts": [{ "line": "1", "quantity": 1.5 }] }), "parts[0].quantity"),
        (json!({ "cause": "mistake", "parts": vec![json!({ "line": "1" }); 2001] }), "parts"),
    ] {
        let problem = keyed(&harness, &path, "key", &body).problem(400, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    for (body, code) in [
        (json!({ "cause": "mistake", "parts": [{ "line": "2" }] }), "unknown_part"),
        (json!({ "cause": "mistake", "parts": [{ "line": "1", "quantity": 4 }] }), "not_that_many"),
        (
            json!({ "cause": "mistake", "parts": [{ "line": "1", "quantity": 2 }, { "line": "1", "quantity": 2 }] }),
            "not_that_many",
        ),
    ] {
        let _ = keyed(&harness, &path, "key", &body).problem(409, code);
    }
    let whole = json!({ "cause": "mistake" });
    let _ = harness.backend().post(&path, &whole).problem(400, "idempotency_key_required");
    let page = harness.page().request("POST", &path).header("Idempotency-Key", "k").json(&whole).send();
    let _ = page.problem(403, "secret_key_needed");
    let nobodys = "/v1/redemptions/red_00000000-0000-7000-8000-000000000000/reverse";
    let _ = keyed(&harness, nobodys, "key", &whole).problem(404, "not_found");
    assert_eq!(harness.backend().get(&format!("/v1/redemptions/{id}")).expect(200), before);
}

#[test]
fn another_cart_takes_its_place_in_one_step() {
    let harness = studio();
    let id = booked(&harness, "A-1");
    let path = format!("/v1/redemptions/{id}/replace");
    let cart = json!({ "lines": [{ "id": "1", "item": "yoga", "occurrences": [{ "start": "2026-12-01T18:00" }] }] });
    let asked = |total: i64| json!({ "cart": cart, "codes": [], "seen": { "total_minor": total } });
    let changed = keyed(&harness, &path, "wrong", &asked(1)).problem(409, "quote_changed");
    let total = changed["quote"]["total_minor"].as_i64().unwrap();
    let answer = keyed(&harness, &path, "right", &asked(total));
    let second = answer.expect(201);
    assert_eq!((second["order"].as_str(), second["state"].as_str()), (Some("A-1"), Some("confirmed")));
    let again = keyed(&harness, &path, "right", &asked(total));
    assert!(again.is_replayed() && again.body == answer.body, "byte for byte");
    let first = harness.backend().get(&format!("/v1/redemptions/{id}")).expect(200);
    assert_eq!((first["state"].as_str(), &first["replaced_by"]), (Some("reversed"), &second["id"]));
    assert_eq!(first["reversals"][0]["cause"], "replaced");
    let _ = keyed(&harness, &path, "again", &asked(total)).problem(409, "wrong_state");
    // The order is taken, by the second one.
    let late = json!({ "order": "A-1", "cart": cart, "codes": [], "seen": { "total_minor": total }, "place": true });
    let taken = harness.backend().reserve("late", &late).problem(409, "order_already_redeemed");
    assert_eq!(taken["redemption"], second["id"]);
}

/// What was only held is no order any more when another takes its place: a code for first orders goes along, and is spent as before.
#[test]
fn a_held_first_order_stays_the_first_when_it_is_replaced() {
    let harness = Harness::open();
    let backend = harness.backend();
    let first = terms("First", 1000, &json!({ "conditions": [{ "type": "first_order" }] }));
    let _ = backend.post("/v1/promotions", &json!({ "codes": ["FIRST"], "terms": first })).expect(201);
    let asked = |quantity: u32| {
        let line = json!({ "id": "1", "item": "yoga", "quantity": quantity, "occurrences": [{ "start": "2026-12-01T18:00" }] });
        json!({ "codes": ["FIRST"], "customer": { "email": "ana@example.com" }, "cart": { "lines": [line] } })
    };
    let seen = |total: u32, quantity: u32| {
        let mut asked = asked(quantity);
        asked["seen"] = json!({ "total_minor": total });
        asked
    };
    let status = || backend.post("/v1/quotes", &asked(1)).expect(200)["quote"]["decisions"][0]["status"].clone();
    assert_eq!(status(), "applied");
    let mut order = seen(1620, 1);
    order["order"] = json!("1");
    let held = backend.reserve("1", &order).expect(201);
    assert_eq!((held["state"].as_str(), status().as_str()), (Some("reserved"), Some("rejected")), "it is her first");
    let path = format!("/v1/redemptions/{}/replace", held["id"].as_str().unwrap());
    let second = keyed(&harness, &path, "two-places", &seen(3240, 2)).expect(201);
    assert_eq!((second["state"].as_str(), second["discount_minor"].as_i64()), (Some("reserved"), Some(360)));
    let first = backend.get(&format!("/v1/redemptions/{}", held["id"].as_str().unwrap())).expect(200);
    assert_eq!((first["state"].as_str(), &first["replaced_by"]), (Some("released"), &second["id"]));
    assert_eq!(status(), "rejected", "it is hers still");
    let release = format!("/v1/redemptions/{}/release", second["id"].as_str().unwrap());
    assert_eq!(backend.request("POST", &release).send().expect(200)["state"], "released");
    assert_eq!(status(), "applied");
}
