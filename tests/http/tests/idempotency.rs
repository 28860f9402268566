//! The idempotency contract, row by row (R56): a request sent twice is done once.

use std::sync::Barrier;
use std::thread;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tearoff_http_tests::client::Answer;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, lookup, reservation};

#[test]
fn a_key_is_required() {
    let harness = Harness::open();
    let backend = harness.backend();
    let body = reservation("1", "WELCOME20", 1440);
    let _ = backend.post("/v1/redemptions", &body).problem(400, "idempotency_key_required");
    for key in ["", "a b", "ключ", &"k".repeat(256)] {
        let _ = backend.reserve(key, &body).problem(400, "idempotency_key_invalid");
    }
    assert_eq!(harness.redemptions(), Vec::<Value>::new());
    assert_eq!(backend.reserve(&"k".repeat(255), &body).status, 201);
}

#[test]
fn the_same_request_gets_the_first_answer_byte_for_byte() {
    let harness = Harness::open();
    let backend = harness.backend();
    let body = reservation("1", "WELCOME20", 1440);
    let first = backend.reserve("key", &body);
    assert_eq!((first.status, first.is_replayed()), (201, false), "{}", first.text());
    harness.clock().advance(TimeDelta::minutes(3));
    let again = backend.reserve("key", &body);
    same_again(&first, &again);
    // Whatever became of it meanwhile: the answer to the request is what it was.
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(backend.post(&format!("/v1/redemptions/{id}/confirm"), &json!({})).status, 200);
    same_again(&first, &backend.reserve("key", &body));
    harness.clock().advance(TimeDelta::hours(23));
    same_again(&first, &backend.reserve("key", &body));
    assert_eq!(harness.redemptions().len(), 1);
}

/// The same request is the same whatever its white space and the order of its fields.
#[test]
fn the_form_of_a_request_is_not_its_content() {
    let harness = Harness::open();
    let backend = harness.backend();
    let first = backend.reserve("key", &reservation("1", "WELCOME20", 1440));
    let turned = r#" { "seen" : {"total_minor":1440}, "cart":{"lines":[ {"quantity":1,"item":"yoga","id":"1"} ]},
                      "codes":["WELCOME20"], "order":"1" } "#;
    let again = backend.request("POST", "/v1/redemptions").header("idempotency-key", "key").text(turned).send();
    same_again(&first, &again);
}

#[test]
fn another_request_under_the_key_is_refused_and_does_nothing() {
    let harness = Harness::open();
    let backend = harness.backend();
    let body = reservation("1", "WELCOME20", 1440);
    let first = backend.reserve("key", &body);
    let changes: [(&str, Value); 6] = [
        ("order", json!("2")),
        ("codes", json!([])),
        ("cart", cart("yoga", 2)),
        ("seen", json!({ "total_minor": 1 })),
        ("place", json!(true)),
        ("customer", json!({ "email": "ana@example.com" })),
    ];
    for (name, value) in changes {
        let mut other = body.clone();
        other[name] = value;
        let _ = backend.reserve("key", &other).problem(422, "idempotency_key_reused");
    }
    assert_eq!(harness.redemptions().len(), 1);
    same_again(&first, &backend.reserve("key", &body));
}

/// A double click, a retry that overtakes: one is done, the others are told of it or told to wait.
#[test]
fn twenty_at_once_are_done_once() {
    let harness = Harness::open();
    let body = reservation("1", "LAST", 1620);
    let together = Barrier::new(20);
    let answers: Vec<Answer> = thread::scope(|scope| {
        let ask = || {
            together.wait();
            harness.backend().reserve("key", &body)
        };
        let asking: Vec<_> = (0..20).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let done: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(done.len(), 1, "exactly one is the first");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        match answer.status {
            200 => assert_eq!((&answer.body, answer.is_replayed()), (&done[0].body, true)),
            409 => assert!(!answer.header("retry-after").is_empty(), "{}", answer.text()),
            _ => panic!("{}", answer.text()),
        }
    }
    assert_eq!(harness.redemptions().len(), 1);
}

#[test]
fn a_key_belongs_to_its_site() {
    let harness = Harness::with(vec![Site::studio("one"), Site::studio("two")]);
    let body = reservation("1", "WELCOME20", 1440);
    let [one, two] = [0, 1].map(|site| harness.backend_of(site).reserve("key", &body));
    assert_eq!([one.status, two.status], [201, 201]);
    assert!(!two.is_replayed());
    let [one, two] = [one.json(), two.json()];
    assert_ne!(one["id"], two["id"]);
    let foreign = harness.backend_of(1).get(&format!("/v1/redemptions/{}", one["id"].as_str().unwrap()));
    let _ = foreign.problem(404, "not_found");
    // Another request under the other site's key: no data of it is seen.
    let other = harness.backend_of(1).reserve("second", &body);
    assert_eq!(other.json()["id"], two["id"]);
}

/// What was refused before it was considered may be corrected under the same key.
#[test]
fn a_mistake_does_not_use_the_key_up() {
    let harness = Harness::open();
    let backend = harness.backend();
    let good = reservation("1", "WELCOME20", 1440);
    let mut bad = good.clone();
    bad["cart"]["lines"][0]["quantity"] = json!(0);
    for _ in 0..2 {
        let answer = backend.reserve("key", &bad);
        let _ = answer.problem(400, "invalid_request");
        assert!(!answer.is_replayed());
    }
    let _ = harness.stranger().reserve("key", &good).problem(401, "unauthorized");
    let _ = harness.page().reserve("key", &good).problem(403, "secret_key_needed");
    assert_eq!(backend.reserve("key", &good).status, 201);
}

/// A refusal that was considered is an answer, and stays the answer to that request.
#[test]
fn a_refusal_is_told_again_byte_for_byte() {
    let harness = Harness::open();
    let backend = harness.backend();
    let holder = backend.reserve("holder", &reservation("1", "LAST", 1620)).expect(201);
    let late = reservation("2", "LAST", 1620);
    let first = backend.reserve("late", &late);
    let _ = first.problem(409, "usage_limit_reached");
    let id = holder["id"].as_str().unwrap();
    assert_eq!(backend.post(&format!("/v1/redemptions/{id}/release"), &json!({})).status, 200);
    same_again(&first, &backend.reserve("late", &late));
    let _ = backend.reserve("late", &late).problem(409, "usage_limit_reached");
    assert_eq!(backend.reserve("late again", &late).status, 400, "a key has no spaces");
    assert_eq!(backend.reserve("late-again", &late).status, 201, "a new key is a new question, and there is room now");
    let changed = reservation("3", "WELCOME20", 1);
    let first = backend.reserve("changed", &changed);
    let _ = first.problem(409, "quote_changed");
    same_again(&first, &backend.reserve("changed", &changed));
}

/// An order has one redemption for ever, so that a retry finds it however late it comes.
#[test]
fn an_order_is_redeemed_once_for_ever() {
    let harness = Harness::open();
    let backend = harness.backend();
    let body = reservation("1", "WELCOME20", 1440);
    let first = backend.reserve("key", &body).expect(201);
    let second = backend.reserve("other-key", &body);
    assert_eq!((second.status, second.is_replayed()), (200, true), "{}", second.text());
    assert_eq!(second.json(), first);
    let mut other = body.clone();
    other["cart"] = cart("yoga", 2);
    other["seen"] = json!({ "total_minor": 2880 });
    let taken = backend.reserve("third-key", &other).problem(409, "order_already_redeemed");
    assert_eq!(taken["redemption"], first["id"], "it says which one exists");
    harness.clock().advance(TimeDelta::days(400));
    let late = backend.reserve("key", &body);
    assert_eq!(late.expect(200)["id"], first["id"], "the key is forgotten, the order is not");
    let id = first["id"].as_str().unwrap();
    assert_eq!(backend.post(&format!("/v1/redemptions/{id}/release"), &json!({})).status, 200);
    let _ = backend.reserve("fourth-key", &other).problem(409, "order_already_redeemed");
    assert_eq!(harness.redemptions().len(), 1);
}

/// What is found by its order is the first answer under the new key: it stays that, and the key is that request's.
#[test]
fn what_is_found_is_kept_under_its_key() {
    let harness = Harness::open();
    let backend = harness.backend();
    let body = reservation("1", "WELCOME20", 1440);
    let id = backend.reserve("key", &body).expect(201)["id"].as_str().unwrap().to_owned();
    let found = backend.reserve("other-key", &body);
    assert_eq!((found.status, found.is_replayed()), (200, true), "{}", found.text());
    assert_eq!(backend.post(&format!("/v1/redemptions/{id}/confirm"), &json!({})).status, 200);
    let again = backend.reserve("other-key", &body);
    assert_eq!((again.status, &again.body, again.is_replayed()), (200, &found.body, true), "{}", again.text());
    assert_eq!(again.header("content-type"), found.header("content-type"));
    let _ = backend.reserve("other-key", &reservation("2", "WELCOME20", 1440)).problem(422, "idempotency_key_reused");
    assert_eq!(
        backend.reserve("third-key", &body).expect(200)["state"],
        "confirmed",
        "a new key is told how it stands"
    );
    harness.clock().advance(TimeDelta::hours(49));
    assert_eq!(backend.reserve("other-key", &body).expect(200)["state"], "confirmed", "and so is a forgotten one");
}

/// An order whose redemption was given up keeps it (R56): whoever wants another names the order anew.
#[test]
fn an_order_that_was_given_up_says_what_to_do() {
    let harness = Harness::open();
    let backend = harness.backend();
    let id =
        backend.reserve("key", &reservation("1", "WELCOME20", 1440)).expect(201)["id"].as_str().unwrap().to_owned();
    assert_eq!(backend.post(&format!("/v1/redemptions/{id}/release"), &json!({})).status, 200);
    let mut other = reservation("1", "WELCOME20", 2880);
    other["cart"] = cart("yoga", 2);
    let taken = backend.reserve("other", &other).problem(409, "order_already_redeemed");
    assert_eq!((&taken["redemption"], &taken["state"]), (&json!(id), &json!("released")), "{taken}");
    assert!(taken["detail"].as_str().is_some_and(|detail| detail.contains("another reference")), "{taken}");
    other["order"] = json!("1-2");
    assert_eq!(backend.reserve("anew", &other).status, 201);
}

/// What is confirmed cannot be released, and nobody is told to try.
#[test]
fn an_order_that_is_confirmed_says_what_to_do() {
    let harness = Harness::open();
    let backend = harness.backend();
    let id =
        backend.reserve("key", &reservation("1", "WELCOME20", 1440)).expect(201)["id"].as_str().unwrap().to_owned();
    assert_eq!(backend.post(&format!("/v1/redemptions/{id}/confirm"), &json!({})).status, 200);
    let mut other = reservation("1", "WELCOME20", 2880);
    other["cart"] = cart("yoga", 2);
    let taken = backend.reserve("other", &other).problem(409, "order_already_redeemed");
    assert_eq!((&taken["redemption"], &taken["state"]), (&json!(id), &json!("confirmed")), "{taken}");
    let detail = taken["detail"].as_str().unwrap();
    assert!(detail.contains("under another reference") && !detail.contains("release it"), "{taken}");
    assert!(backend.post(&format!("/v1/redemptions/{id}/release"), &json!({})).status >= 400);
    other["order"] = json!("1-2");
    assert_eq!(backend.reserve("anew", &other).status, 201);
}

/// Between a lost answer and a late retry a page looks the code up again: the order is the same, the snapshot is not (R56).
#[test]
fn a_late_retry_with_a_fresh_snapshot_finds_its_redemption() {
    let harness = Harness::open();
    let backend = harness.backend();
    let asked = || {
        let shown = backend.post("/v1/lookups", &lookup("WELCOME20")).expect(200);
        let mut body = reservation("1", "WELCOME20", 1440);
        body["snapshot"] = shown["snapshot"].clone();
        body["seen"]["digests"] = json!({ "terms": shown["digests"]["terms"], "result": shown["digests"]["result"] });
        body
    };
    let early = asked();
    let first = backend.reserve("key", &early);
    assert_eq!(first.status, 201, "{}", first.text());
    harness.clock().advance(TimeDelta::minutes(7));
    let late = asked();
    assert_ne!(early["snapshot"], late["snapshot"]);
    same_again(&first, &backend.reserve("key", &late));
    assert_eq!(backend.reserve("other-key", &late).expect(200)["id"], first.json()["id"]);
    let mut other = late;
    other["seen"]["total_minor"] = json!(1441);
    let _ = backend.reserve("third-key", &other).problem(409, "order_already_redeemed");
    assert_eq!(harness.redemptions().len(), 1);
}

fn same_again(first: &Answer, again: &Answer) {
    // What was created is created once: told again it is found.
    let status = if first.status == 201 { 200 } else { first.status };
    assert_eq!((again.status, &again.body), (status, &first.body), "{} is not {}", again.text(), first.text());
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert!(again.is_replayed() && !first.is_replayed());
}
