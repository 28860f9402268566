//! Each kind of finding, found and not found.

mod customers;
mod lines;
mod spending;
mod times;

use alloc::string::String;
use alloc::vec::Vec;
use serde_json::{Value, json};
use std::string::ToString;

use super::request::AuditRequest;
use super::*;
use crate::id::PromotionId;
use crate::promotion::{Condition, Lists};

/// A request about one coupon, `site` and `terms` laid over plain ones.
fn request(site: &Value, terms: &Value, more: &Value) -> AuditRequest {
    let mut whole = json!({
        "site": { "currency": "EUR", "zone": "Europe/Athens" },
        "promotions": [{ "id": "p", "codes": ["P"], "terms": {
            "name": "p", "kind": "coupon", "label": "p", "benefit": { "type": "percent", "percent_bp": 1000 },
        } }],
        "now_at": "2026-12-01T12:00:00Z",
    });
    let lay = |over: &mut Value, with: &Value| {
        over.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    };
    lay(&mut whole["site"], site);
    lay(&mut whole["promotions"][0]["terms"], terms);
    if whole["promotions"][0]["terms"]["kind"] == "automatic" {
        whole["promotions"][0]["codes"] = json!([]);
    }
    lay(&mut whole, more);
    serde_json::from_value(whole).unwrap()
}

/// `severity code field` of each finding but the cost.
fn told(findings: &[Finding]) -> Vec<String> {
    let told = |finding: &Finding| {
        let value = serde_json::to_value(finding).unwrap();
        let text = |name: &str| value[name].as_str().unwrap().to_string();
        alloc::format!("{} {} {}", text("severity"), text("code"), text("field"))
    };
    findings.iter().filter(|finding| !matches!(finding.what, What::WorstCaseCost { .. })).map(told).collect()
}

fn check(table: &[(&str, Value, Value, &[&str])]) {
    for (name, site, terms, want) in table {
        let findings = request(site, terms, &json!({})).findings().unwrap();
        assert_eq!(told(&findings), *want, "{name}");
        for finding in findings {
            assert!(finding.message.ends_with('.') && finding.rule > 0, "{name}: {}", finding.message);
        }
    }
}

fn amounts(minor: i64) -> Value {
    json!([{ "currency": "EUR", "amount_minor": minor }])
}

#[test]
fn faults_of_a_request_have_their_fields() {
    let mut bad = request(
        &json!({}),
        &json!({}),
        &json!({ "now_at": "soon", "catalog": [
        { "id": "a b", "name": "n", "kind": "boat", "prices": [] },
    ] }),
    );
    bad.promotions[0].codes.push("50%".into());
    let fields: Vec<String> = bad.findings().unwrap_err().into_iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["promotions[0].codes[1]", "now_at", "catalog[0].id", "catalog[0].kind", "catalog[0].prices"]);
}
