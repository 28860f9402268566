//! A database as a release leaves it: all that can be done through the interface, done once, for later releases to open.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::client::Client;
use crate::harness::Harness;
use crate::site::{Site, reservation, terms};

/// The sites of a release's database. Their keys are known, so that later releases can ask.
#[must_use]
pub fn sites() -> Vec<Site> {
    vec![Site::studio("release"), Site::studio("annex").whose_tag_redeems()]
}

/// The code that unlocks each benefit, by its type.
const BENEFITS: [(&str, &str); 8] = [
    ("percent", "WELCOME20"),
    ("fixed", "FIXED"),
    ("fixed_price", "PRICE"),
    ("spend_tiers", "SPEND"),
    ("quantity_tiers", "QUANTITY"),
    ("buy_get", "PAIR"),
    ("gift", "GIFT"),
    ("no_discount", "SHIRT"),
];

/// Every kind of benefit, every kind of limit, every state of a redemption, customers, codes, keys, edits.
///
/// # Panics
/// When the server refuses what it must not.
pub fn fill(harness: &Harness) {
    let backend = harness.backend();
    tell_of_customers(&backend);
    make_promotions(&backend);
    change_what_an_owner_changes(&backend);
    redeem(harness, &backend);
}

fn tell_of_customers(backend: &Client) {
    let ana = json!({ "emails": ["ana@example.com"], "phones": ["+302101234567"], "tags": ["vip"],
                      "passes": [{ "id": "ten", "valid_until": "2099-01-01T00:00:00Z" }], "history": { "has_ordered": true } });
    for (id, customer) in [("ana", ana), ("bob", json!({ "standing_bp": 500 })), ("cleo", json!({}))] {
        let _ = backend.request("PUT", &format!("/v1/customers/{id}")).json(&customer).send().expect(201);
    }
    assert_eq!(backend.request("DELETE", "/v1/customers/cleo").send().status, 204);
    let many: Vec<Value> = (0..3).map(|number| json!({ "id": format!("c{number}"), "customer": {} })).collect();
    let _ = backend.post("/v1/customers/import", &json!({ "customers": many })).expect(200);
}

fn make_promotions(backend: &Client) {
    let euros = |amount_minor: u32| json!([{ "currency": "EUR", "amount_minor": amount_minor }]);
    let make = |codes: &[&str], more: Value| {
        let _ = backend
            .post("/v1/promotions", &json!({ "codes": codes, "terms": terms("Release", 1000, &more) }))
            .expect(201);
    };
    make(&["FIXED"], json!({ "benefit": { "type": "fixed", "amounts": euros(500) } }));
    make(&["PRICE"], json!({ "benefit": { "type": "fixed_price", "prices": euros(1000) } }));
    make(
        &["SPEND"],
        json!({ "benefit": { "type": "spend_tiers", "tiers": [{ "from": euros(3000), "percent_bp": 1500 }] } }),
    );
    make(
        &["QUANTITY"],
        json!({ "benefit": { "type": "quantity_tiers", "tiers": [{ "from_quantity": 2, "percent_bp": 1200 }] } }),
    );
    make(&["PAIR"], json!({ "benefit": { "type": "buy_get", "buy": 1, "get": 1 } }));
    make(&["GIFT"], json!({ "kind": "gift", "benefit": { "type": "gift", "items": ["mug"] } }));
    make(&["SHIRT"], json!({ "benefit": { "type": "no_discount" }, "note": "Show this at the desk." }));
    make(&[], json!({ "kind": "automatic", "benefit": { "type": "percent", "percent_bp": 300 } }));
    let uses = |max: u32| json!({ "max": max, "count": "occurrences" });
    make(
        &["LIMITED", "LIMITED TOO"],
        json!({ "limits": { "total": uses(9), "per_customer": 4, "per_code": 5, "per_day": uses(8), "per_week": 8, "per_month": 8,
                            "budget": euros(20_000) } }),
    );
    make(
        &["FOR ANA"],
        json!({ "conditions": [{ "type": "active_pass", "passes": ["ten"] }], "disclosure": "private" }),
    );
}

fn id_of(backend: &Client, code: &str) -> String {
    let exported = backend.get("/v1/export/codes").text();
    let codes = exported.lines().map(|line| serde_json::from_str::<Value>(line).expect("a code"));
    let found = codes.into_iter().find(|one| one["code"] == code).expect("the code");
    found["promotion"].as_str().expect("an id").to_owned()
}

fn change_what_an_owner_changes(backend: &Client) {
    let path = format!("/v1/promotions/{}", id_of(backend, "MIN30"));
    let edited = backend.request("PUT", &path).header("If-Match", "*");
    let _ = edited.json(&json!({ "terms": terms("Edited", 700, &json!({})) })).send().expect(200);
    let off = format!("/v1/promotions/{}/deactivate", id_of(backend, "HUNDRED"));
    let _ = backend.request("POST", &off).send().expect(200);
    let codes = format!("/v1/promotions/{}/codes", id_of(backend, "FIFTY"));
    let _ = backend.post(&codes, &json!({ "codes": ["OLD", "GONE", "Olea 10"] })).expect(200);
    for (what, body) in [
        ("generate", json!({ "count": 10, "prefix": "R-" })),
        ("retire", json!({ "code": "OLD" })),
        ("delete", json!({ "which": "selected", "codes": ["GONE"] })),
    ] {
        let _ = backend.post(&format!("{codes}/{what}"), &body).expect(200);
    }
    let _ = backend.post("/v1/keys", &json!({ "kind": "publishable" })).expect(201);
    let _ = backend.request("POST", "/v1/site/secrets/rotate").send().expect(200);
}

/// What is asked about three classes and a mug, with this code.
///
/// # Panics
/// When there is no promotion of that code.
#[must_use]
pub fn asked(backend: &Client, code: Option<&str>, customer: Option<&str>) -> Value {
    let cart = json!({ "lines": [
        { "id": "1", "item": "yoga", "quantity": 3, "occurrences": [{ "start": "2026-12-08T18:00" }, { "start": "2026-12-15T18:00" }] },
        { "id": "2", "item": "mug" },
    ] });
    let mut asked = json!({ "codes": code.into_iter().collect::<Vec<_>>(), "cart": cart });
    if let Some(account) = customer {
        asked["customer"] = json!({ "account": account, "email": format!("{account}@example.com") });
    }
    if code == Some("GIFT") {
        asked["gifts"] = json!([{ "promotion": id_of(backend, "GIFT"), "item": "mug" }]);
    }
    asked
}

/// An order of that, at what it costs; its redemption.
///
/// # Panics
/// When it is not granted.
#[must_use]
pub fn order(backend: &Client, order: &str, code: Option<&str>, customer: Option<&str>) -> Value {
    let mut asked = asked(backend, code, customer);
    let quote = backend.post("/v1/quotes", &asked).expect(200);
    asked["seen"] = json!({ "total_minor": quote["quote"]["total_minor"] });
    asked["order"] = order.into();
    backend.reserve(order, &asked).expect(201)
}

/// Takes steps with a redemption; how it is told after the last.
///
/// # Panics
/// When one is refused.
pub fn steps(backend: &Client, redemption: &Value, steps: &[&str]) -> Value {
    let path = format!("/v1/redemptions/{}", redemption["id"].as_str().expect("an id"));
    let take = |_, step: &&str| backend.request("POST", &format!("{path}/{step}")).send().expect(200);
    steps.iter().fold(redemption.clone(), take)
}

/// Takes a redemption back.
///
/// # Panics
/// When it is refused.
pub fn reverse(backend: &Client, redemption: &Value, body: &Value) -> Value {
    let id = redemption["id"].as_str().expect("an id");
    let asked = backend.request("POST", &format!("/v1/redemptions/{id}/reverse"));
    asked.header("Idempotency-Key", &format!("{id}-back")).json(body).send().expect(200)
}

fn redeem(harness: &Harness, backend: &Client) {
    let done = ["place", "confirm"];
    for (benefit, code) in BENEFITS {
        let _ = steps(backend, &order(backend, benefit, Some(code), None), &done);
    }
    let _ = steps(backend, &order(backend, "automatic", None, None), &done);
    let _ = steps(backend, &order(backend, "standing", None, Some("bob")), &done);
    let _ = steps(backend, &order(backend, "private", Some("FOR ANA"), Some("ana")), &done);
    let _ = steps(backend, &order(backend, "edited", Some("MIN30"), None), &done);
    let _ = steps(backend, &order(backend, "last", Some("LAST"), None), &["place"]);
    let refused = backend.reserve("late", &reservation("late", "LAST", 1620));
    let _ = refused.problem(409, "usage_limit_reached");
    let _ = steps(backend, &order(backend, "limited", Some("LIMITED"), Some("ana")), &done);
    let _ = steps(backend, &order(backend, "released", Some("LIMITED TOO"), Some("ana")), &["release"]);
    let whole = steps(backend, &order(backend, "whole", Some("ONCE"), Some("ana")), &done);
    let _ = reverse(backend, &whole, &json!({ "cause": "cancelled" }));
    let part = steps(backend, &order(backend, "part", Some("LIMITED TOO"), Some("bob")), &done);
    let parts = json!([{ "line": "1", "start": "2026-12-08T18:00", "quantity": 1 }]);
    let _ = reverse(backend, &part, &json!({ "cause": "cancelled", "parts": parts }));
    let mistaken = steps(backend, &order(backend, "replaced", Some("FIFTY"), None), &["place"]);
    let path = format!("/v1/redemptions/{}/replace", mistaken["id"].as_str().expect("an id"));
    let mut other = reservation("replaced", "FIXED", 1300);
    other.as_object_mut().expect("a request").retain(|name, _| name != "order");
    let _ = backend.request("POST", &path).header("Idempotency-Key", "replaced-by").json(&other).send().expect(201);
    let key = backend.post("/v1/keys", &json!({ "kind": "secret", "mode": "test" })).expect(201);
    let trying = harness.stranger().with_key(key["key"].as_str().expect("a key"));
    let _ = steps(&trying, &order(&trying, "trial", Some("ONCE"), Some("ana")), &done);
    let page = harness.page_of(1);
    let mut by_page = reservation("by-page", "WELCOME20", 1440);
    by_page["place"] = true.into();
    let _ = page.reserve("by-page", &by_page).expect(201);
    let _ = order(backend, "expired", Some("LIMITED"), Some("bob"));
    harness.clock().advance(TimeDelta::hours(1));
    let _ = order(backend, "held", Some("LIMITED"), Some("ana"));
}
