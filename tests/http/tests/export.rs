//! All of a kind, a line each: what is listed page by page, and nothing else.

use serde_json::{Value, json};
use tearoff_http_tests::client::Client;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, reservation, terms};

fn export(backend: &Client, resource: &str) -> Vec<Value> {
    let answer = backend.get(&format!("/v1/export/{resource}"));
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"), "{}", answer.text());
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A list as it is read page by page.
fn listed(backend: &Client, path: &str, name: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let mut page = backend.get(&format!("{path}?limit=100{after}")).expect(200);
        let Value::Array(some) = page[name].take() else { panic!("no list: {page}") };
        all.extend(some);
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

#[test]
fn an_export_is_what_is_listed() {
    let harness = Harness::with(vec![Site::studio("studio"), Site::studio("annex")]);
    let backend = harness.backend();
    let customers: Vec<Value> =
        (0..250).map(|number| json!({ "id": format!("c{number}"), "customer": { "tags": ["vip"] } })).collect();
    assert_eq!(backend.post("/v1/customers/import", &json!({ "customers": customers })).status, 200);
    for order in 0..210 {
        let order = order.to_string();
        assert_eq!(backend.reserve(&order, &reservation(&order, "WELCOME20", 1440)).status, 201);
    }
    for number in 0..100 {
        let code = format!("MORE{number}");
        let made = json!({ "codes": [code], "terms": terms("More", 1000, &json!({})) });
        assert_eq!(backend.post("/v1/promotions", &made).status, 201);
    }
    assert_eq!(export(&backend, "customers"), listed(&backend, "/v1/customers", "customers"));
    assert_eq!(export(&backend, "redemptions"), listed(&backend, "/v1/redemptions", "redemptions"));
    let promotions = listed(&backend, "/v1/promotions", "promotions");
    assert!(promotions.len() > 100);
    assert_eq!(export(&backend, "promotions"), promotions);
    assert_eq!(Value::from(export(&backend, "catalog")), backend.get("/v1/catalog").expect(200)["items"]);
    let codes = promotions.iter().flat_map(|promotion| {
        let path = format!("/v1/promotions/{}/codes", promotion["id"].as_str().unwrap());
        let mut codes = listed(&backend, &path, "codes");
        codes.iter_mut().for_each(|code| code["promotion"] = promotion["id"].clone());
        codes
    });
    assert_eq!(export(&backend, "codes"), codes.collect::<Vec<_>>());
    let annex = harness.backend_of(1);
    assert_eq!((export(&annex, "customers").len(), export(&annex, "redemptions").len()), (0, 0));
    let _ = backend.get("/v1/export/secrets").problem(404, "not_found");
    let _ = harness.page().get("/v1/export/customers").problem(403, "secret_key_needed");
}

#[test]
fn codes_of_one_promotion_are_exported_for_a_spreadsheet() {
    let harness = Harness::open();
    let backend = harness.backend();
    let terms = terms("Ten", 1000, &json!({ "limits": { "per_code": 1 } }));
    let made = backend.post("/v1/promotions", &json!({ "codes": ["-10", "Plain one"], "terms": terms })).expect(201);
    let id = made["id"].as_str().unwrap();
    assert_eq!(backend.reserve("1", &reservation("1", "plain ONE", 1620)).status, 201);
    let retire = json!({ "code": "-10" });
    assert_eq!(backend.post(&format!("/v1/promotions/{id}/codes/retire"), &retire).status, 200);
    let answer = backend.get(&format!("/v1/export/codes?format=csv&promotion={id}"));
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let at = "2026-12-01T10:00:00Z";
    let rows = [
        "promotion,code,state,used,created_at,retired_at".to_owned(),
        format!("{id},\"'-10\",retired,0,{at},{at}"),
        format!("{id},Plain one,active,1,{at},"),
    ];
    assert_eq!(answer.text(), rows.join("\r\n") + "\r\n");
    for (query, field) in [
        ("customers?format=csv", "format"),
        ("codes?format=xml", "format"),
        ("customers?promotion=prm_1", "promotion"),
        ("codes?colour=red", "query"),
    ] {
        let refused = backend.get(&format!("/v1/export/{query}")).problem(400, "invalid_request");
        assert_eq!(refused["errors"][0]["field"], field, "{query}");
    }
    let _ = backend.get("/v1/export/codes?promotion=prm_none").problem(404, "not_found");
}

/// What was drawn by the hundred thousand comes out whole, each code once.
#[test]
fn a_hundred_thousand_codes_are_exported() {
    let harness = Harness::open();
    let backend = harness.backend();
    let made = backend.post("/v1/promotions", &json!({ "terms": terms("Ten", 1000, &json!({})) })).expect(201);
    let id = made["id"].as_str().unwrap();
    let count = 100_000;
    let drawn = backend.post(&format!("/v1/promotions/{id}/codes/generate"), &json!({ "count": count }));
    assert_eq!(drawn.expect(200)["added"], count);
    let answer = backend.get(&format!("/v1/export/codes?format=csv&promotion={id}"));
    let text = answer.text();
    let codes: std::collections::BTreeSet<&str> =
        text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!(codes.len(), count);
}
