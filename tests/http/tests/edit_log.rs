//! Who changed what: every change that a secret key makes is kept with it, and tells no secret.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tearoff_http_tests::client::Client;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::terms;

/// What a secret key does that changes nothing of the site: quotes, and redemptions, which are records of their own.
const NO_EDITS: [&str; 8] = [
    "post /v1/lookups",
    "post /v1/quotes",
    "post /v1/redemptions",
    "post /v1/redemptions/{id}/place",
    "post /v1/redemptions/{id}/confirm",
    "post /v1/redemptions/{id}/release",
    "post /v1/redemptions/{id}/reverse",
    "post /v1/redemptions/{id}/replace",
];

fn edits(backend: &Client, query: &str) -> Vec<Value> {
    let mut page = backend.get(&format!("/v1/edits?limit=100{query}")).expect(200);
    let Value::Array(edits) = page["edits"].take() else { panic!("no list: {page}") };
    edits
}

fn newest(backend: &Client) -> Value {
    edits(backend, "").into_iter().next().unwrap_or_default()
}

/// A change, and what is kept of it.
struct Step {
    route: &'static str,
    /// What stands for `{id}`.
    id: String,
    body: Value,
    edit: Value,
}

fn step(route: &'static str, id: &str, body: Value, edit: Value) -> Step {
    Step { route, id: id.to_owned(), body, edit }
}

fn edit(resource: &str, id: impl Into<Value>, action: &str, revisions: [Value; 2], count: Value) -> Value {
    let [before, after] = revisions;
    json!({ "resource": resource, "id": id.into(), "action": action, "revision_before": before,
            "revision_after": after, "count": count })
}

/// Every change of a site, in an order in which each is possible.
fn steps(backend: &Client) -> Vec<Step> {
    let (site, catalog) = (backend.get("/v1/site"), backend.get("/v1/catalog"));
    // What an `ETag` names.
    let [of_site, of_catalog]: [u32; 2] =
        [&site, &catalog].map(|answer| answer.header("etag").trim_matches('"').parse().unwrap());
    let (site, catalog) = (site.expect(200), catalog.expect(200));
    let ten = terms("Ten", 1000, &json!({}));
    let made = backend.post("/v1/promotions", &json!({ "terms": ten, "codes": ["SPRING"] })).expect(201);
    let id = made["id"].as_str().unwrap();
    let none = || [Value::Null, Value::Null];
    let revisions = |before: u32, after: u32| [json!(before), json!(after)];
    let key = backend.post("/v1/keys", &json!({ "kind": "publishable" })).expect(201);
    let key = key["id"].as_str().unwrap();
    let customers: Vec<Value> = (0..3).map(|number| json!({ "id": format!("c{number}"), "customer": {} })).collect();
    let ana = json!({ "emails": ["ana@example.com"], "tags": ["vip"] });
    vec![
        step(
            "put /v1/site",
            "",
            json!({ "policy": site["policy"] }),
            edit("site", Value::Null, "changed", revisions(of_site, of_site + 1), Value::Null),
        ),
        step(
            "post /v1/site/secrets/rotate",
            "",
            Value::Null,
            edit("secret", Value::Null, "replaced", revisions(1, 2), Value::Null),
        ),
        step(
            "post /v1/site/secrets/carts",
            "",
            json!({}),
            edit("cart_secret", Value::Null, "made", none(), Value::Null),
        ),
        step(
            "put /v1/catalog",
            "",
            catalog,
            edit("catalog", Value::Null, "changed", revisions(of_catalog, of_catalog + 1), Value::Null),
        ),
        step(
            "put /v1/promotions/{id}",
            id,
            json!({ "terms": terms("Twenty", 2000, &json!({})) }),
            edit("promotion", id, "changed", revisions(1, 2), Value::Null),
        ),
        step(
            "post /v1/promotions/{id}/deactivate",
            id,
            Value::Null,
            edit("promotion", id, "deactivated", revisions(2, 3), Value::Null),
        ),
        step(
            "post /v1/promotions/{id}/activate",
            id,
            Value::Null,
            edit("promotion", id, "activated", revisions(3, 4), Value::Null),
        ),
        step(
            "post /v1/promotions/{id}/codes",
            id,
            json!({ "codes": ["ONE", "TWO", "SPRING"] }),
            edit("codes", id, "added", none(), json!(2)),
        ),
        step(
            "post /v1/promotions/{id}/codes/generate",
            id,
            json!({ "count": 3 }),
            edit("codes", id, "generated", none(), json!(3)),
        ),
        step(
            "post /v1/promotions/{id}/codes/retire",
            id,
            json!({ "code": "one" }),
            edit("codes", id, "retired", none(), json!(1)),
        ),
        step(
            "post /v1/promotions/{id}/codes/delete",
            id,
            json!({ "which": "selected", "codes": ["TWO", "none"] }),
            edit("codes", id, "deleted", none(), json!(1)),
        ),
        step(
            "post /v1/customers/import",
            "",
            json!({ "customers": customers }),
            edit("customer", Value::Null, "imported", none(), json!(3)),
        ),
        step(
            "put /v1/customers/{id}",
            "ana-7",
            ana,
            json!({ "resource": "customer", "id": "ana-7", "action": "made", "revision_before": null, "count": null }),
        ),
        step(
            "delete /v1/customers/{id}",
            "ana-7",
            Value::Null,
            edit("customer", Value::Null, "erased", none(), Value::Null),
        ),
        step("delete /v1/keys/{id}", key, Value::Null, edit("key", key, "revoked", none(), Value::Null)),
        step(
            "post /v1/promotions",
            "",
            json!({ "terms": ten }),
            json!({ "resource": "promotion", "action": "made", "revision_before": null, "revision_after": 1, "count": null }),
        ),
        step(
            "post /v1/keys",
            "",
            json!({ "kind": "secret", "mode": "test" }),
            json!({ "resource": "key", "action": "made", "count": null }),
        ),
    ]
}

fn send(backend: &Client, step: &Step) -> Value {
    let (method, path) = step.route.split_once(' ').unwrap();
    let request = backend.request(&method.to_uppercase(), &path.replace("{id}", &step.id));
    let new = step.route.starts_with("put /v1/customers");
    let request = if method == "put" && !new { request.header("If-Match", "*") } else { request };
    let answer = if step.body.is_null() { request.send() } else { request.json(&step.body).send() };
    assert!((200..300).contains(&answer.status), "{}: {}", step.route, answer.text());
    serde_json::from_str(&answer.text()).unwrap_or_default()
}

#[test]
fn every_change_is_kept_with_who_made_it() {
    let harness = Harness::open();
    let backend = harness.backend();
    let keys = backend.get("/v1/keys").expect(200);
    let secret = keys["keys"].as_array().unwrap().iter().find(|key| key["kind"] == "secret").unwrap();
    let mut told = Vec::new();
    let steps = steps(&backend);
    for step in &steps {
        let before = edits(&backend, "").len();
        let answer = send(&backend, step);
        let found = newest(&backend);
        for (name, value) in step.edit.as_object().unwrap() {
            assert_eq!(&found[name], value, "{}: `{name}` of {found}", step.route);
        }
        assert_eq!((&found["key"], &found["mode"]), (&secret["id"], &json!("live")), "{}", step.route);
        assert_eq!(found["edited_at"], "2026-12-01T10:00:00Z", "{}", step.route);
        assert_eq!(edits(&backend, "").len(), before + 1, "{}: one", step.route);
        if step.edit.get("id").is_none() {
            assert_eq!(found["id"], answer["id"], "{}", step.route);
        }
        told.extend([answer["key"].clone(), answer["secret"].clone()]);
    }
    // Nothing that must not be there is there: codes, keys, addresses, tags, whoever was erased.
    let all = Value::from(edits(&backend, "")).to_string();
    let codes = ["SPRING", "ONE", "TWO", "ana", "vip", "sk_", "pk_", "0000000000"].map(str::to_owned);
    for hidden in codes.into_iter().chain(told.iter().filter_map(|key| key.as_str().map(str::to_owned))) {
        assert!(!all.contains(&hidden), "{hidden}: {all}");
    }
    // Every route that may change something is among those above, or known to change nothing of the site.
    let document = backend.get("/v1/openapi.json").expect(200);
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        described.extend(
            methods
                .as_object()
                .unwrap()
                .keys()
                .filter(|method| *method != "get")
                .map(|method| format!("{method} {path}")),
        );
    }
    let known: BTreeSet<String> = steps.iter().map(|step| step.route).chain(NO_EDITS).map(str::to_owned).collect();
    assert_eq!(described, known, "a route that changes a site keeps an edit, and stands in this test");
}

/// A test key tries a site out and changes nothing that visitors meet: whatever keeps an edit is refused, and says which key to use.
#[test]
fn a_test_key_changes_nothing_that_visitors_meet() {
    let harness = Harness::open();
    let backend = harness.backend();
    let tester = backend.post("/v1/keys", &json!({ "kind": "secret", "mode": "test" })).expect(201);
    let tester = harness.stranger().with_key(tester["key"].as_str().expect("a key"));
    let steps = steps(&backend);
    let before = edits(&backend, "");
    for step in &steps {
        let (method, path) = step.route.split_once(' ').expect("a route");
        let request = tester.request(&method.to_uppercase(), &path.replace("{id}", &step.id)).header("If-Match", "*");
        let answer = if step.body.is_null() { request.send() } else { request.json(&step.body).send() };
        let problem = answer.problem(403, "live_key_needed");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("`sk_`")), "{}: {problem}", step.route);
    }
    assert_eq!(edits(&backend, ""), before);
    // All that tries a site out goes on.
    let cart = json!({ "lines": [{ "id": "1", "item": "yoga", "occurrences": [{ "start": "2026-12-01T18:00" }] }] });
    let asked = json!({ "codes": ["WELCOME20"], "cart": cart });
    let total = tester.post("/v1/quotes", &asked).expect(200)["quote"]["total_minor"].clone();
    let order = json!({ "order": "1", "cart": cart, "codes": ["WELCOME20"], "seen": { "total_minor": total } });
    let made = tester.reserve("1", &order).expect(201);
    let path = format!("/v1/redemptions/{}", made["id"].as_str().expect("an id"));
    for step in ["place", "confirm"] {
        let _ = tester.post(&format!("{path}/{step}"), &Value::Null).expect(200);
    }
    let reverse = tester.request("POST", &format!("{path}/reverse")).header("Idempotency-Key", "back");
    assert_eq!(reverse.json(&json!({ "cause": "cancelled" })).send().expect(200)["state"], "reversed");
    for path in
        ["/v1/site", "/v1/catalog", "/v1/promotions", "/v1/customers", "/v1/keys", "/v1/edits", "/v1/redemptions"]
    {
        assert_eq!(tester.get(path).status, 200, "{path}");
    }
}

#[test]
fn what_changes_nothing_is_no_edit() {
    let harness = Harness::open();
    let backend = harness.backend();
    let ten = terms("Ten", 1000, &json!({}));
    let made = backend.request("POST", "/v1/promotions").header("Idempotency-Key", "1");
    let made = made.json(&json!({ "terms": ten, "codes": ["ONE"] })).send().expect(201);
    let id = made["id"].as_str().unwrap();
    assert_eq!(edits(&backend, "").len(), 1);
    let again = backend.request("POST", "/v1/promotions").header("Idempotency-Key", "1");
    assert!(again.json(&json!({ "terms": ten, "codes": ["ONE"] })).send().is_replayed());
    assert_eq!(backend.put(&format!("/v1/promotions/{id}"), &json!({ "terms": ten })).status, 200);
    for (what, body) in [
        ("activate", Value::Null),
        ("codes", json!({ "codes": ["ONE"] })),
        ("codes/delete", json!({ "which": "selected", "codes": ["NONE"] })),
    ] {
        assert_eq!(backend.post(&format!("/v1/promotions/{id}/{what}"), &body).status, 200, "{what}");
    }
    let refused = backend.post("/v1/promotions", &json!({ "terms": ten, "codes": ["ONE"] }));
    assert_eq!(refused.status, 409);
    assert_eq!(edits(&backend, "").len(), 1);
    let path = format!("/v1/promotions/{id}/codes/retire");
    for _ in 0..2 {
        assert_eq!(backend.post(&path, &json!({ "code": "ONE" })).status, 200);
    }
    assert_eq!(edits(&backend, "").len(), 2, "retired once");
}

#[test]
fn edits_are_read_page_by_page_and_by_what_they_are_about() {
    let harness = Harness::with(vec![
        tearoff_http_tests::site::Site::studio("studio"),
        tearoff_http_tests::site::Site::studio("annex"),
    ]);
    let backend = harness.backend();
    let mut ids = Vec::new();
    for number in 0..5 {
        let made = backend.post("/v1/promotions", &json!({ "terms": terms(&format!("{number}"), 1000, &json!({})) }));
        ids.push(made.expect(201)["id"].clone());
    }
    assert_eq!(backend.post("/v1/keys", &json!({ "kind": "publishable" })).status, 201);
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let mut page = backend.get(&format!("/v1/edits?limit=2&resource=promotion{after}")).expect(200);
        let Value::Array(some) = page["edits"].take() else { panic!("no list") };
        assert!(some.len() <= 2);
        found.extend(some.into_iter().map(|mut edit| edit["id"].take()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    ids.reverse();
    assert_eq!(found, ids);
    assert_eq!(edits(&backend, "").len(), 6);
    let third = ids[2].as_str().unwrap();
    assert_eq!(edits(&backend, &format!("&resource=promotion&id={third}")).len(), 1);
    assert_eq!(edits(&backend, &format!("&resource=codes&id={third}")).len(), 0);
    assert_eq!(edits(&harness.backend_of(1), "").len(), 0, "each site has its own");
    for (query, field) in [
        ("after=x", "after"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("resource=redemption", "resource"),
        ("resource=", "resource"),
        ("id=prm_1", "id"),
        ("colour=red", "query"),
    ] {
        let refused = backend.get(&format!("/v1/edits?{query}")).problem(400, "invalid_request");
        assert_eq!(refused["errors"][0]["field"], field, "{query}");
    }
    let _ = harness.page().get("/v1/edits").problem(403, "secret_key_needed");
}
