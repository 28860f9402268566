//! Many codes on one promotion: listed, pasted, drawn, retired, deleted.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, lookup, reservation, terms};

/// A promotion of 10 % with these codes; its id.
fn promote(backend: &Client, codes: &[&str], more: &Value) -> String {
    let made = backend.post("/v1/promotions", &json!({ "codes": codes, "terms": terms("Ten", 1000, more) }));
    made.expect(201)["id"].as_str().unwrap().to_owned()
}

fn post(backend: &Client, id: &str, what: &str, body: &Value) -> Answer {
    backend.post(&format!("/v1/promotions/{id}/codes{what}"), body)
}

/// All codes, page by page, as they are listed.
fn listed(backend: &Client, id: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let mut page = backend.get(&format!("/v1/promotions/{id}/codes?limit=100{after}")).expect(200);
        let Value::Array(some) = page["codes"].take() else { panic!("no list of codes: {page}") };
        all.extend(some);
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

fn spelled(codes: &[Value]) -> Vec<&str> {
    codes.iter().map(|code| code["code"].as_str().unwrap()).collect()
}

/// Why a code is not applied; empty where it is.
fn reason(backend: &Client, code: &str) -> String {
    let answer = backend.post("/v1/lookups", &lookup(code)).expect(200);
    answer["quote"]["decisions"][0]["reasons"][0]["code"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_pasted_list_is_added_whole_or_not_at_all() {
    let harness = Harness::open();
    let backend = harness.backend();
    let id = promote(&backend, &["FIRST"], &json!({}));
    let list = json!(["Second", "first", "no/code", "second", "WELCOME20"]);
    let refused = post(&backend, &id, "", &json!({ "codes": list })).problem(400, "invalid_request");
    let faults = |body: &Value| {
        let faults = body["errors"].as_array().unwrap().iter();
        faults.map(|fault| (fault["field"].clone(), fault["code"].clone())).collect::<Vec<_>>()
    };
    let wanted = [("codes[2]", "malformed"), ("codes[3]", "duplicate"), ("codes[4]", "duplicate")]
        .map(|(f, c)| (json!(f), json!(c)));
    assert_eq!(faults(&refused), wanted);
    assert_eq!(spelled(&listed(&backend, &id)), ["FIRST"]);
    let added = post(&backend, &id, "", &json!({ "codes": list, "skip_faulty": true })).expect(200);
    assert_eq!((&added["added"], &added["already_there"], &added["refused"]), (&json!(1), &json!(1), &json!(3)));
    assert_eq!(faults(&added), wanted);
    assert_eq!(spelled(&listed(&backend, &id)), ["FIRST", "Second"]);
    let _ = post(&backend, &id, "", &json!({ "codes": ["WELCOME20"] })).problem(409, "code_taken");
    let again = post(&backend, &id, "", &json!({ "codes": ["SECOND"] })).expect(200);
    assert_eq!((&again["added"], &again["already_there"]), (&json!(0), &json!(1)));
    let _ = post(&backend, "prm_none", "", &json!({ "codes": ["A"] })).problem(404, "not_found");
    let _ = post(&harness.page(), &id, "", &json!({ "codes": ["A"] })).problem(403, "secret_key_needed");
}

#[test]
fn a_list_under_an_idempotency_key_is_answered_once() {
    let harness = Harness::open();
    let backend = harness.backend();
    let id = promote(&backend, &[], &json!({}));
    let send = |codes: &Value| {
        let path = format!("/v1/promotions/{id}/codes");
        backend.request("POST", &path).header("idempotency-key", "paste").json(&json!({ "codes": codes })).send()
    };
    let first = send(&json!(["A1", "A2"]));
    let again = send(&json!(["A1", "A2"]));
    assert_eq!((first.is_replayed(), again.is_replayed()), (false, true));
    assert_eq!((first.expect(200)["added"].clone(), first.body), (json!(2), again.body));
    let _ = send(&json!(["A3"])).problem(422, "idempotency_key_reused");
}

/// Retired, a code is answered as unknown, in the same words, and nobody else can have it; deleted it is free (R7).
#[test]
fn a_retired_code_stays_taken_and_a_deleted_one_is_free() {
    let harness = Harness::open();
    let backend = harness.backend();
    let (id, other) = (promote(&backend, &["OLD", "NEW"], &json!({})), promote(&backend, &[], &json!({})));
    let redeemed = backend.reserve("1", &reservation("1", "OLD", 1620)).expect(201);
    let retired = post(&backend, &id, "/retire", &json!({ "code": " old" })).expect(200);
    assert_eq!((&retired["state"], &retired["code"]), (&json!("retired"), &json!("OLD")));
    assert_eq!(post(&backend, &id, "/retire", &json!({ "code": "OLD" })).expect(200), retired, "done is done");
    assert_eq!(reason(&backend, "OLD"), "unknown_code");
    let shown = backend.get(&format!("/v1/promotions/{id}")).expect(200);
    assert_eq!(shown["codes"], json!(["NEW"]));
    let confirm = format!("/v1/redemptions/{}/confirm", redeemed["id"].as_str().unwrap());
    assert_eq!(backend.post(&confirm, &json!({})).status, 200, "what was redeemed stays");
    for promotion in [&id, &other] {
        let _ = post(&backend, promotion, "", &json!({ "codes": ["OLD"] })).problem(409, "code_taken");
    }
    let _ = post(&backend, &other, "/retire", &json!({ "code": "NEW" })).problem(404, "not_found");
    let delete = |codes: &Value| post(&backend, &id, "/delete", &json!({ "which": "selected", "codes": codes }));
    assert_eq!(delete(&json!(["old", "WELCOME20", "no/code"])).expect(200)["deleted"], 1);
    assert_eq!(reason(&backend, "WELCOME20"), "", "which is another promotion's");
    assert_eq!(post(&backend, &other, "", &json!({ "codes": ["OLD"] })).expect(200)["added"], 1);
    assert_eq!(reason(&backend, "OLD"), "");
}

#[test]
fn used_up_codes_are_deleted_and_the_others_stay() {
    let harness = Harness::open();
    let backend = harness.backend();
    let id = promote(&backend, &["ONE", "TWO", "THREE"], &json!({ "limits": { "per_code": 1 } }));
    let used = || listed(&backend, &id).iter().map(|code| code["used"].clone()).collect::<Vec<_>>();
    assert_eq!(used(), [0, 0, 0]);
    assert_eq!(backend.reserve("1", &reservation("1", "TWO", 1620)).status, 201);
    assert_eq!(used(), [0, 1, 0]);
    harness.clock().set(harness.now() + chrono::TimeDelta::hours(1));
    assert_eq!(used(), [0, 0, 0], "the hold is over");
    assert_eq!(backend.reserve("2", &reservation("2", "TWO", 1620)).status, 201);
    let delete = |body: &Value| post(&backend, &id, "/delete", body);
    assert_eq!(delete(&json!({ "which": "used_up" })).expect(200)["deleted"], 1);
    assert_eq!(spelled(&listed(&backend, &id)), ["ONE", "THREE"]);
    assert_eq!(
        delete(&json!({ "which": "all", "codes": ["ONE"] })).problem(400, "invalid_request")["errors"][0]["field"],
        "codes"
    );
    assert_eq!(delete(&json!({ "which": "all" })).expect(200)["deleted"], 2);
    assert_eq!(listed(&backend, &id), [Value::Null; 0]);
    let whole = promote(&backend, &["A1", "A2"], &json!({ "limits": { "total": 1 } }));
    let used_up = || post(&backend, &whole, "/delete", &json!({ "which": "used_up" })).expect(200)["deleted"].clone();
    assert_eq!(used_up(), 0);
    assert_eq!(backend.reserve("3", &reservation("3", "A1", 1620)).status, 201);
    assert_eq!(used_up(), 2, "nothing is left of any");
}

/// Codes are the same for all keys: what is tried with a test key uses none up, and what customers have used is used up for whoever asks.
#[test]
fn what_is_tried_uses_no_code_up() {
    let harness = Harness::open();
    let backend = harness.backend();
    let tester = backend.post("/v1/keys", &json!({ "kind": "secret", "mode": "test" })).expect(201);
    let tester = harness.stranger().with_key(tester["key"].as_str().unwrap());
    let id = promote(&backend, &["ONE", "TWO"], &json!({ "limits": { "per_code": 1 } }));
    let used_up = || post(&backend, &id, "/delete", &json!({ "which": "used_up" })).expect(200)["deleted"].clone();
    assert_eq!(tester.reserve("1", &reservation("1", "ONE", 1620)).status, 201);
    assert_eq!(used_up(), 0);
    assert_eq!(backend.reserve("2", &reservation("2", "TWO", 1620)).status, 201);
    assert_eq!(used_up(), 1);
    assert_eq!(spelled(&listed(&backend, &id)), ["ONE"]);
    let whole = promote(&backend, &["A1"], &json!({ "limits": { "total": 1 } }));
    assert_eq!(tester.reserve("3", &reservation("3", "A1", 1620)).status, 201);
    let deleted = post(&backend, &whole, "/delete", &json!({ "which": "used_up" })).expect(200)["deleted"].clone();
    assert_eq!(deleted, 0);
}

#[test]
fn drawn_codes_are_many_and_each_its_own() {
    let harness = Harness::open();
    let backend = harness.backend();
    let id = promote(&backend, &[], &json!({ "limits": { "per_code": 1 } }));
    let generate = |body: &Value| {
        let path = format!("/v1/promotions/{id}/codes/generate");
        backend.request("POST", &path).header("idempotency-key", "draw").json(body).send()
    };
    let wanted = json!({ "count": 2500, "prefix": "Sum-" });
    assert_eq!(generate(&wanted).expect(200)["added"], 2500);
    assert!(generate(&wanted).is_replayed());
    let codes = listed(&backend, &id);
    let distinct: BTreeSet<&str> = spelled(&codes).into_iter().collect();
    assert_eq!((codes.len(), distinct.len()), (2500, 2500));
    assert!(
        distinct
            .iter()
            .all(|code| code.len() == 16 && code.starts_with("Sum-") && !code[4..].contains(['0', 'O', '1', 'I']))
    );
    assert_eq!(reason(&backend, &codes[7]["code"].as_str().unwrap().to_lowercase()), "");
    for (body, field) in [
        (json!({ "count": 0 }), "count"),
        (json!({ "count": 100_001 }), "count"),
        (json!({ "count": 1, "length": 11 }), "length"),
        (json!({ "count": 1, "length": 13, "alphabet": "letters" }), "length"),
        (json!({ "count": 1, "length": 18, "alphabet": "digits" }), "length"),
        (json!({ "count": 1, "length": 63, "prefix": "AB" }), "length"),
        (json!({ "count": 1, "prefix": "é" }), "prefix"),
        (json!({ "count": 1, "alphabet": "emoji" }), "alphabet"),
    ] {
        let refused = post(&backend, &id, "/generate", &body).problem(400, "invalid_request");
        assert_eq!(refused["errors"][0]["field"], field, "{body}");
    }
    assert_eq!(listed(&backend, &id).len(), 2500);
}

/// One request that is sent several times at once draws once.
#[test]
fn the_same_draw_at_the_same_time_is_one() {
    let harness = Harness::open();
    for round in 0..4 {
        let id = promote(&harness.backend(), &[], &json!({}));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let path = format!("/v1/promotions/{id}/codes/generate");
                    let backend = harness.backend();
                    let request = backend.request("POST", &path).header("idempotency-key", &format!("draw-{round}"));
                    assert_eq!(request.json(&json!({ "count": 3000 })).send().expect(200)["added"], 3000);
                });
            }
        });
        assert_eq!(listed(&harness.backend(), &id).len(), 3000, "in round {round}");
    }
}

/// A visitor is served while a hundred thousand codes are written.
#[test]
fn a_hundred_thousand_codes_keep_nobody_waiting() {
    let harness = Harness::with(vec![Site::studio("studio"), Site::studio("annex")]);
    let backend = harness.backend();
    let id = promote(&backend, &[], &json!({}));
    let slowest = std::thread::scope(|scope| {
        let drawing = scope.spawn(|| post(&backend, &id, "/generate", &json!({ "count": 100_000 })).expect(200));
        let visitor = harness.backend_of(1);
        let mut slowest = std::time::Duration::ZERO;
        for order in 0.. {
            let began = std::time::Instant::now();
            let order = order.to_string();
            assert_eq!(visitor.reserve(&order, &reservation(&order, "WELCOME20", 1440)).status, 201);
            slowest = slowest.max(began.elapsed());
            if drawing.is_finished() {
                break;
            }
        }
        assert_eq!(drawing.join().unwrap()["added"], 100_000);
        slowest
    });
    println!("the slowest redemption meanwhile took {slowest:?}");
    assert!(slowest < std::time::Duration::from_secs(5), "{slowest:?}");
}
