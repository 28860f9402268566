//! An owner's edits: made for the state that was seen, by the policy that holds, and done once (SPEC section 14).

use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::terms;

fn new_promotion(code: &str) -> Value {
    json!({ "codes": [code], "terms": terms("New", 1000, &json!({})) })
}

fn put_if(client: &Client, path: &str, tag: &str, body: &Value) -> Answer {
    client.request("PUT", path).header("if-match", tag).json(body).send()
}

/// Two people edit the site, or its catalog: the one who has not seen the other's edit is told so, and changes nothing.
#[test]
fn an_edit_of_something_else_than_was_read_is_refused() {
    let harness = Harness::open();
    let backend = harness.backend();
    for (path, mine, theirs) in [
        (
            "/v1/site",
            json!({ "policy": { "currency": "EUR", "zone": "Europe/Athens", "hold_seconds": 600 } }),
            json!({ "policy": { "currency": "EUR", "zone": "Europe/Athens", "hold_seconds": 300 } }),
        ),
        (
            "/v1/catalog",
            json!({ "items": [] }),
            json!({ "items": [{ "id": "mat", "name": "Mat", "kind": "product", "prices": [{ "currency": "EUR", "amount_minor": 1 }] }] }),
        ),
    ] {
        let read = backend.get(path);
        let tag = read.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{path} has no ETag");
        assert_eq!(backend.get(path).header("etag"), tag, "reading changes nothing");
        let edited = put_if(&backend, path, &tag, &mine);
        assert_eq!(edited.status, 200, "{}", edited.text());
        assert_eq!(edited.header("etag"), backend.get(path).header("etag"));
        assert_ne!(edited.header("etag"), tag);
        let after = harness.kept();
        let _ = put_if(&backend, path, &tag, &theirs).problem(412, "changed_meanwhile");
        assert_eq!(harness.kept(), after);
        assert_eq!(put_if(&backend, path, "*", &theirs).status, 200);
        assert_eq!(backend.put(path, &mine).status, 200);
        let read_again = backend.get(path);
        assert_ne!(read_again.header("etag"), edited.header("etag"), "the same again is not the same state");
    }
}

/// Off and on again is another state than before: somebody has been there meanwhile.
#[test]
fn a_promotions_tag_never_comes_back() {
    let harness = Harness::open();
    let backend = harness.backend();
    let made = backend.post("/v1/promotions", &new_promotion("NEW"));
    let path = format!("/v1/promotions/{}", made.expect(201)["id"].as_str().expect("an id"));
    let mut tags = vec![made.header("etag").to_owned()];
    for step in ["deactivate", "activate", "deactivate", "activate"] {
        let answer = backend.request("POST", &format!("{path}/{step}")).send();
        assert_eq!(answer.header("etag"), backend.get(&path).header("etag"));
        tags.push(answer.header("etag").to_owned());
    }
    let distinct: std::collections::BTreeSet<&String> = tags.iter().collect();
    assert_eq!(distinct.len(), tags.len(), "{tags:?}");
    let edit = json!({ "terms": terms("Edited", 500, &json!({})) });
    let _ = put_if(&backend, &path, &tags[0], &edit).problem(412, "changed_meanwhile");
    assert_eq!(put_if(&backend, &path, &tags[4], &edit).status, 200);
}

/// What is checked is checked by the policy that holds when it is written, not by the one that held when it was sent.
#[test]
fn a_promotion_is_made_by_the_policy_that_holds() {
    let harness = Harness::open();
    let backend = harness.backend();
    let mut policy = backend.get("/v1/site").expect(200)["policy"].clone();
    policy["new_codes"] = json!("strict");
    // While somebody else writes, both wait; the policy's turn comes first.
    let other = Connection::open(harness.database()).expect("the database");
    other.execute_batch("BEGIN IMMEDIATE").expect("the right to write");
    let refused = thread::scope(|scope| {
        let edited = scope.spawn(|| harness.backend().put("/v1/site", &json!({ "policy": policy })));
        thread::sleep(Duration::from_millis(300));
        let made = scope.spawn(|| harness.backend().post("/v1/promotions", &new_promotion("TWO WORDS")));
        thread::sleep(Duration::from_millis(300));
        other.execute_batch("COMMIT").expect("letting go");
        assert_eq!(edited.join().expect("an answer").status, 200);
        made.join().expect("an answer")
    });
    assert_eq!(refused.problem(400, "invalid_request")["errors"][0]["field"], "codes[0]");
}

/// Whoever does not say what they saw may overwrite what they did not see: they are asked, and nothing changes.
#[test]
fn an_edit_says_what_was_seen() {
    let harness = Harness::open();
    let backend = harness.backend();
    let made = backend.post("/v1/promotions", &new_promotion("NEW")).expect(201);
    let promotion = format!("/v1/promotions/{}", made["id"].as_str().unwrap());
    let before = harness.kept();
    for (path, body) in [
        ("/v1/site", json!({ "policy": { "currency": "EUR", "zone": "Europe/Athens" } })),
        ("/v1/catalog", json!({ "items": [] })),
        (promotion.as_str(), json!({ "terms": terms("New", 500, &json!({})) })),
    ] {
        let problem = backend.request("PUT", path).json(&body).send().problem(428, "if_match_required");
        assert_eq!(problem["errors"][0]["field"], "If-Match", "{problem}");
        assert_eq!(harness.kept(), before, "{path}");
    }
    // Switching on and off overwrites nothing, and neither does the first catalog.
    assert_eq!(backend.request("POST", &format!("{promotion}/deactivate")).send().status, 200);
    assert_eq!(backend.put("/v1/catalog", &json!({ "items": [] })).status, 200);
    let first = json!({ "items": [{ "id": "mat", "name": "Mat", "kind": "product", "prices": [{ "currency": "EUR", "amount_minor": 1 }] }] });
    assert_eq!(backend.request("PUT", "/v1/catalog").json(&first).send().status, 200);
    let _ = backend.request("PUT", "/v1/catalog").json(&first).send().problem(428, "if_match_required");
}

/// A lane that promotions still name stays: without it they would act after all others.
#[test]
fn a_lane_in_use_cannot_be_taken_away() {
    let harness = Harness::open();
    let backend = harness.backend();
    let with = |lanes: Value| {
        let mut policy = backend.get("/v1/site").expect(200)["policy"].clone();
        policy["lanes"] = lanes;
        put_if(&backend, "/v1/site", "*", &json!({ "policy": policy }))
    };
    assert_eq!(with(json!([{ "id": "members" }, { "id": "late" }])).status, 200);
    let in_lane = json!({ "codes": ["MEMBER"], "terms": terms("x", 1000, &json!({ "lane": "members" })) });
    let made = backend.post("/v1/promotions", &in_lane).expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/promotions/{made}");
    // It may be switched on again.
    assert_eq!(backend.request("POST", &format!("{path}/deactivate")).send().status, 200);
    let before = harness.kept();
    let problem = with(json!([{ "id": "late" }])).problem(409, "lane_in_use");
    assert_eq!(problem["errors"][0]["field"], "policy.lanes", "{problem}");
    assert!(
        problem["detail"].as_str().is_some_and(|detail| detail.contains("members") && detail.contains(&made)),
        "{problem}"
    );
    assert_eq!(problem["promotions"], json!([made]));
    assert_eq!(harness.kept(), before);
    assert_eq!(with(json!([{ "id": "members" }])).status, 200, "the other one is free");
    let elsewhere = json!({ "terms": terms("x", 1000, &json!({})) });
    assert_eq!(put_if(&backend, &path, "*", &elsewhere).status, 200);
    assert_eq!(with(json!([])).status, 200);
}

/// A promotion asked for twice is made once, codes or no codes, as long as the key says that it is the same request.
#[test]
fn a_promotion_sent_twice_is_made_once() {
    let harness = Harness::open();
    let backend = harness.backend();
    let make = |key: &str, body: &Value| {
        backend.request("POST", "/v1/promotions").header("idempotency-key", key).json(body).send()
    };
    let mut uncoded = new_promotion("X");
    uncoded["codes"] = json!([]);
    let count = || backend.get("/v1/promotions?limit=100").expect(200)["promotions"].as_array().map_or(0, Vec::len);
    let before = count();
    for (key, body) in [("coded", new_promotion("NEW")), ("uncoded", uncoded)] {
        let first = make(key, &body);
        assert_eq!((first.status, first.is_replayed()), (201, false), "{}", first.text());
        let path = format!("/v1/promotions/{}", first.json()["id"].as_str().expect("an id"));
        assert_eq!(backend.request("POST", &format!("{path}/deactivate")).send().status, 200);
        let again = make(key, &body);
        assert_eq!((again.status, again.is_replayed(), &again.body), (200, true, &first.body), "{}", again.text());
        assert_eq!(again.header("etag"), first.header("etag"));
        let mut other = body.clone();
        other["active"] = json!(false);
        let _ = make(key, &other).problem(422, "idempotency_key_reused");
    }
    let taken = make("taken", &new_promotion("NEW"));
    let _ = taken.problem(409, "code_taken");
    let again = make("taken", &new_promotion("NEW"));
    assert_eq!((&again.body, again.is_replayed()), (&taken.body, true), "a refusal stays the answer to that request");
    let _ = make("a b", &new_promotion("OTHER")).problem(400, "idempotency_key_invalid");
    assert_eq!(count(), before + 2);
    // A key belongs to its route.
    let body = tearoff_http_tests::site::reservation("1", "WELCOME20", 1440);
    let _ = backend.reserve("coded", &body).problem(422, "idempotency_key_reused");
}
