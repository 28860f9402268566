//! Keys and secrets that are made, replaced and revoked, without anybody being locked out; and policies by name.

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{lookup, reservation};

fn keys(backend: &Client) -> Vec<Value> {
    backend.get("/v1/keys").expect(200)["keys"].as_array().unwrap().clone()
}

fn make(backend: &Client, body: &Value) -> Value {
    backend.post("/v1/keys", body).expect(201)
}

fn revoke(backend: &Client, id: &Value) -> Answer {
    backend.request("DELETE", &format!("/v1/keys/{}", id.as_str().unwrap())).send()
}

/// The key of the harness's site that ends with the same four characters.
fn of_seed(backend: &Client, key: &str, kind: &str) -> Value {
    let last_four = &key[key.len() - 4..];
    let is_it = |found: &&Value| found["kind"] == kind && found["last_four"] == last_four;
    keys(backend).iter().find(is_it).expect("the key")["id"].clone()
}

#[test]
fn a_key_is_told_once_and_listed_without_itself() {
    let harness = Harness::open();
    let backend = harness.backend();
    let before = keys(&backend).len();
    let made = make(&backend, &json!({ "kind": "secret", "mode": "test" }));
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("sk_test_") && key.ends_with(made["last_four"].as_str().unwrap()));
    let listed = backend.get("/v1/keys");
    assert!(!listed.text().contains(key));
    assert_eq!(keys(&backend).len(), before + 1);
    let tester = harness.stranger().with_key(key);
    assert_eq!(tester.get("/v1/site").status, 200);
    let _ = tester.post("/v1/keys", &json!({ "kind": "secret" })).problem(403, "live_key_needed");
    let live = of_seed(&backend, &harness.site(0).secret, "secret");
    let _ = revoke(&tester, &live).problem(403, "live_key_needed");
    let _ = tester.post("/v1/site/secrets/rotate", &json!({})).problem(403, "live_key_needed");
    let _ = revoke(&tester, &made["id"]).problem(403, "live_key_needed");
    assert_eq!(revoke(&backend, &made["id"]).status, 204);
    let _ = tester.get("/v1/site").problem(401, "unauthorized");
    let _ = revoke(&backend, &made["id"]).problem(404, "not_found");
    let _ = harness.page().get("/v1/keys").problem(403, "secret_key_needed");
}

#[test]
fn the_last_secret_key_stays() {
    let harness = Harness::open();
    let backend = harness.backend();
    let first = of_seed(&backend, &harness.site(0).secret, "secret");
    let _ = revoke(&backend, &first).problem(409, "last_secret_key");
    let _ = make(&backend, &json!({ "kind": "secret", "mode": "test" }));
    let _ = revoke(&backend, &first).problem(409, "last_secret_key");
    let second = make(&backend, &json!({ "kind": "secret" }));
    assert_eq!(revoke(&backend, &first).status, 204);
    let _ = backend.get("/v1/site").problem(401, "unauthorized");
    let other = harness.stranger().with_key(second["key"].as_str().unwrap());
    let _ = revoke(&other, &second["id"]).problem(409, "last_secret_key");
    let page = of_seed(&other, &harness.site(0).publishable, "publishable");
    assert_eq!(revoke(&other, &page).status, 204, "a site may do without pages");
    let _ = harness.page().post("/v1/lookups", &lookup("WELCOME20")).problem(401, "unauthorized");
}

#[test]
fn a_key_is_replaced_without_a_gap() {
    let harness = Harness::open();
    let backend = harness.backend();
    let old = of_seed(&backend, &harness.site(0).secret, "secret");
    let until = harness.now() + TimeDelta::hours(1);
    let replace = |kind: &str, id: &Value, until: &str| {
        backend.post("/v1/keys", &json!({ "kind": kind, "replaces": { "id": id, "valid_until": until } }))
    };
    let _ = replace("publishable", &old, "2026-12-02T00:00:00Z").problem(409, "key_of_another_kind");
    let _ = replace("secret", &json!("key_0"), "2026-12-02T00:00:00Z").problem(404, "not_found");
    let bad = replace("secret", &old, "tomorrow").problem(400, "invalid_request");
    assert_eq!(bad["errors"][0]["field"], "replaces.valid_until");
    let instant = until.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let made = replace("secret", &old, &instant).expect(201);
    let new = harness.stranger().with_key(made["key"].as_str().unwrap());
    assert_eq!((backend.get("/v1/site").status, new.get("/v1/site").status), (200, 200));
    let _ = revoke(&backend, &made["id"]).problem(409, "last_secret_key");
    harness.clock().set(until);
    let _ = backend.get("/v1/site").problem(401, "unauthorized");
    assert_eq!(new.get("/v1/site").status, 200);
}

/// The answer that tells a new key may be lost, and with it the key: the old one goes on for a day, unless its owner says otherwise.
#[test]
fn a_lost_answer_locks_nobody_out() {
    let harness = Harness::open();
    let backend = harness.backend();
    let old = of_seed(&backend, &harness.site(0).secret, "secret");
    let replace = |more: Value| {
        let mut replaced = more;
        replaced["id"] = old.clone();
        backend.post("/v1/keys", &json!({ "kind": "secret", "replaces": replaced }))
    };
    let _lost = replace(json!({})).expect(201);
    harness.clock().set(harness.now() + TimeDelta::hours(23));
    let made = replace(json!({})).expect(201);
    assert_eq!(backend.get("/v1/site").status, 200, "a day from the first time on");
    harness.clock().set(harness.now() + TimeDelta::hours(2));
    let _ = backend.get("/v1/site").problem(401, "unauthorized");
    let new = harness.stranger().with_key(made["key"].as_str().unwrap());
    assert_eq!(new.get("/v1/site").status, 200);
}

/// However many keys there are, one can be replaced: those that have an end to come take no other's place, and whoever ends the old one at
/// once is always let.
#[test]
fn a_site_full_of_keys_replaces_them() {
    let harness = Harness::open();
    let backend = harness.backend();
    let fill = |body: &Value| {
        let full = (0..300).map(|_| backend.post("/v1/keys", body)).find(|answer| answer.status != 201);
        full.expect("an end").problem(409, "too_many_keys")
    };
    let _ = fill(&json!({ "kind": "publishable" }));
    assert_eq!(keys(&backend).len(), 100);
    let mut own = of_seed(&backend, &harness.site(0).secret, "secret");
    let made = backend.post("/v1/keys", &json!({ "kind": "secret", "replaces": { "id": own } })).expect(201);
    own = made["id"].clone();
    let other = harness.stranger().with_key(made["key"].as_str().unwrap());
    assert_eq!((backend.get("/v1/site").status, other.get("/v1/site").status), (200, 200), "both, for a day");
    // What was replaced goes on among a hundred that have an end to come.
    for _ in 0..99 {
        let body = json!({ "kind": "secret", "replaces": { "id": own } });
        own = other.post("/v1/keys", &body).expect(201)["id"].clone();
    }
    let full = fill(&json!({ "kind": "secret", "replaces": { "id": own } }));
    assert!(full["detail"].as_str().unwrap().contains("replaces.valid_until"), "{full}");
    assert_eq!(keys(&other).len(), 200);
    let at_once = json!({ "kind": "secret", "replaces": { "id": own, "valid_until": "2026-01-01T00:00:00Z" } });
    assert_eq!(backend.post("/v1/keys", &at_once).status, 201);
    harness.clock().advance(TimeDelta::hours(25));
    let next = backend.get("/v1/site");
    let _ = next.problem(401, "unauthorized");
}

/// A key that was to end soon, because others have it, is not prolonged by whoever replaces it once more and says nothing; who wants it longer
/// says so, and who wants it ended at once too.
#[test]
fn a_replaced_key_is_not_prolonged_unasked() {
    let harness = Harness::open();
    let backend = harness.backend();
    let old = of_seed(&backend, &harness.site(0).secret, "secret");
    let made = backend.post("/v1/keys", &json!({ "kind": "secret" })).expect(201);
    let new = harness.stranger().with_key(made["key"].as_str().unwrap());
    let replace = |until: Option<TimeDelta>| {
        let until = until.map(|until| (harness.now() + until).to_rfc3339_opts(SecondsFormat::Secs, true));
        let body = json!({ "kind": "secret", "replaces": { "id": old, "valid_until": until } });
        let _ = new.post("/v1/keys", &body).expect(201);
    };
    replace(Some(TimeDelta::minutes(10)));
    replace(None);
    harness.clock().set(harness.now() + TimeDelta::minutes(9));
    assert_eq!(backend.get("/v1/site").status, 200);
    replace(Some(TimeDelta::minutes(10)));
    harness.clock().set(harness.now() + TimeDelta::minutes(9));
    assert_eq!(backend.get("/v1/site").status, 200, "asked for, it is");
    replace(Some(TimeDelta::zero()));
    let _ = backend.get("/v1/site").problem(401, "unauthorized");
}

/// What a page holds is honored after its secret was replaced, and nothing that is signed with the old one much later.
#[test]
fn snapshots_outlive_their_secret_as_long_as_they_are_honored() {
    let harness = Harness::open();
    let backend = harness.backend();
    let policy = json!({ "currency": "EUR", "zone": "Europe/Athens", "honor_quote_seconds": 900 });
    assert_eq!(backend.put("/v1/site", &json!({ "policy": policy })).status, 200);
    // At ten minutes to midnight in Athens, on the last day of a code.
    harness.clock().set("2026-12-01T21:50:00Z".parse().unwrap());
    let snapshot = backend.post("/v1/lookups", &lookup("TODAY")).expect(200)["snapshot"].clone();
    let reserve = |order: &str| {
        let mut body = reservation(order, "TODAY", 1620);
        body["snapshot"] = snapshot.clone();
        backend.reserve(order, &body)
    };
    assert_eq!(backend.post("/v1/site/secrets/rotate", &json!({})).expect(200)["version"], 2);
    harness.clock().set("2026-12-01T22:00:05Z".parse().unwrap());
    assert_eq!(reserve("1").status, 201, "{}", reserve("1").text());
    let now = backend.post("/v1/lookups", &lookup("WELCOME20")).expect(200)["snapshot"].clone();
    assert_ne!(now, snapshot);
    assert_eq!(backend.post("/v1/site/secrets/rotate", &json!({})).expect(200)["version"], 3);
    let _ = reserve("2").problem(409, "expired");
    let mut strange = reservation("3", "TODAY", 1620);
    strange["snapshot"] = "AAAA.CQAA".into();
    let fault = backend.reserve("3", &strange).problem(400, "invalid_request");
    assert_eq!(fault["errors"][0]["field"], "snapshot", "no secret of ours has that version");
}

#[test]
fn a_preset_gives_what_it_shows() {
    let harness = Harness::open();
    let backend = harness.backend();
    let presets = backend.get("/v1/presets").expect(200)["presets"].as_array().unwrap().clone();
    let names: Vec<&str> = presets.iter().map(|preset| preset["preset"].as_str().unwrap()).collect();
    assert_eq!(names, ["aot_plus", "supersaas", "booking_rewards", "miocommerce", "fotello"]);
    for preset in &presets {
        let policy = json!({ "preset": preset["preset"], "currency": "EUR", "zone": "Europe/Athens" });
        assert_eq!(backend.put("/v1/site", &json!({ "policy": policy })).expect(200)["policy"], preset["policy"]);
    }
    let policy = json!({ "preset": "fotello", "confirm_on": "placed", "currency": "EUR", "zone": "Europe/Athens" });
    let site = backend.put("/v1/site", &json!({ "policy": policy })).expect(200);
    assert_eq!((&site["policy"]["confirm_on"], &site["policy"]["new_codes"]), (&json!("placed"), &json!("strict")));
    let policy = json!({ "preset": "fotelo", "currency": "EUR", "zone": "Europe/Athens" });
    let refused = backend.put("/v1/site", &json!({ "policy": policy })).problem(400, "invalid_request");
    assert_eq!(refused["errors"][0]["field"], "policy.preset");
}
