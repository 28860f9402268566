//! What an owner is told of a promotion that is made, and will not do what they think (R67).

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, terms};

fn codes_of(answer: &Value) -> Vec<&str> {
    answer["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect()
}

#[test]
fn a_promotion_that_never_applies_is_made_with_a_warning() {
    let harness = Harness::open();
    let backend = harness.backend();
    let over = json!({ "conditions": [{ "type": "redeemable", "until": "2020-01-01" }] });
    let body = json!({ "codes": ["OVER"], "terms": terms("Over", 1000, &over) });
    let made = backend.post("/v1/promotions", &body).expect(201);
    let warning = &made["warnings"][0];
    assert_eq!(
        (&warning["code"], &warning["severity"], &warning["rule"]),
        (&json!("over"), &json!("never_applies"), &json!(25))
    );
    assert!(warning["message"].as_str().is_some_and(|message| message.len() > 10), "{warning}");
    assert_eq!((&warning["promotion"], &warning["field"]), (&made["id"], &json!("conditions.redeemable")));
    // Looked up in the catalog that holds.
    let unknown = json!({ "scope": { "include": [{ "type": "item", "item": "no_such_item" }] } });
    let made = backend.post("/v1/promotions", &json!({ "codes": ["NOITEM"], "terms": terms("x", 1000, &unknown) }));
    assert!(codes_of(&made.expect(201)).contains(&"items_not_in_catalog"), "{made:?}");
    let made = backend.post("/v1/promotions", &json!({ "terms": terms("x", 1000, &json!({})) })).expect(201);
    assert_eq!(codes_of(&made), ["no_codes"]);
}

#[test]
fn an_edit_is_answered_with_warnings_and_a_good_promotion_with_none() {
    let harness = Harness::open();
    let backend = harness.backend();
    let made = backend.post("/v1/promotions", &json!({ "codes": ["NEW"], "terms": terms("x", 1000, &json!({})) }));
    let path = format!("/v1/promotions/{}", made.expect(201)["id"].as_str().unwrap());
    assert_eq!(made.expect(201)["warnings"], json!([]));
    let over = json!({ "terms": terms("x", 1000, &json!({ "conditions": [{ "type": "redeemable", "until": "2020-01-01" }] })) });
    let edited = backend.request("PUT", &path).header("if-match", made.header("etag")).json(&over).send().expect(200);
    assert_eq!(codes_of(&edited), ["over"]);
    let switched = backend.post(&format!("{path}/activate"), &json!({})).expect(200);
    assert_eq!(codes_of(&switched), ["over"], "whoever switches it on is told too");
    assert!(backend.get(&path).expect(200).get("warnings").is_none(), "reading warns of nothing");
}

/// A site's currency, its venues or what it sells may change under promotions that name what was: whoever changes that is told, of what is new
/// and of what is active only.
#[test]
fn whoever_changes_the_site_is_told_what_that_makes_of_promotions() {
    let harness = Harness::open();
    let backend = harness.backend();
    let fixed = |name: &str| {
        let benefit = json!({ "type": "fixed", "amounts": [{ "currency": "EUR", "amount_minor": 500 }] });
        let scope = json!({ "include": [{ "type": "item", "item": "yoga" }] });
        backend
            .post(
                "/v1/promotions",
                &json!({ "codes": [name], "terms": terms(name, 0, &json!({ "benefit": benefit, "scope": scope })) }),
            )
            .expect(201)
    };
    let (on, off) = (fixed("ON"), fixed("OFF"));
    let path = format!("/v1/promotions/{}/deactivate", off["id"].as_str().unwrap());
    let _ = backend.post(&path, &Value::Null).expect(200);
    let put =
        |path: &str, body: &Value| backend.request("PUT", path).header("If-Match", "*").json(body).send().expect(200);
    let (site, catalog) = (backend.get("/v1/site").expect(200), backend.get("/v1/catalog").expect(200));
    let told = |answer: &Value, code: &str| -> Vec<Value> {
        let warnings = answer["warnings"].as_array().unwrap().iter();
        warnings.filter(|warning| warning["code"] == code).map(|warning| warning["promotion"].clone()).collect()
    };
    let mut dollars = json!({ "policy": site["policy"] });
    assert_eq!(put("/v1/site", &dollars)["warnings"], json!([]), "nothing has changed");
    dollars["policy"]["currency"] = json!("USD");
    let changed = put("/v1/site", &dollars);
    let not_offered = told(&changed, "not_in_site_currency");
    assert!(not_offered.contains(&on["id"]) && !not_offered.contains(&off["id"]), "{changed}");
    assert_eq!(put("/v1/site", &dollars)["warnings"], json!([]), "it was told before");
    assert!(backend.get("/v1/site").expect(200).get("warnings").is_none(), "reading warns of nothing");
    let mut items = catalog["items"].as_array().unwrap().clone();
    items.retain(|item| item["id"] != "yoga");
    let changed = put("/v1/catalog", &json!({ "items": items }));
    for code in ["items_not_in_catalog", "nothing_in_catalog"] {
        assert_eq!(told(&changed, code), [on["id"].clone()], "{changed}");
    }
    assert_eq!(put("/v1/catalog", &catalog)["warnings"], json!([]), "what is mended is no warning");
    assert!(backend.get("/v1/catalog").expect(200).get("warnings").is_none());
}

/// What the interface serves, put into one file as it is, is what `tearoff audit` reads; and so is a seed.
#[test]
fn what_is_served_can_be_audited() {
    let harness = Harness::open();
    let backend = harness.backend();
    let over = json!({ "conditions": [{ "type": "redeemable", "until": "2020-01-01" }] });
    let made = backend.post("/v1/promotions", &json!({ "codes": ["OVER"], "terms": terms("x", 1000, &over) }));
    let served = |path: &str| backend.get(path).expect(200);
    let file =
        json!({ "site": served("/v1/site"), "promotions": served("/v1/promotions"), "catalog": served("/v1/catalog") });
    let found = audit(&file);
    let over = found.iter().find(|finding| finding["code"] == "over").unwrap();
    assert_eq!(over["promotion"], made.expect(201)["id"]);
    let found = audit(&Site::seed(&[Site::studio("olea")]));
    assert!(found.iter().any(|finding| finding["promotion"] == "WELCOME20"), "{found:?}");
}

fn audit(file: &Value) -> Vec<Value> {
    let mut running = Command::new(env!("CARGO_BIN_EXE_server-under-test"))
        .args(["audit", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    running.stdin.take().unwrap().write_all(file.to_string().as_bytes()).unwrap();
    let ended = running.wait_with_output().unwrap();
    assert!(ended.status.code().is_some_and(|code| code < 2), "{ended:?}");
    let lines = String::from_utf8(ended.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
