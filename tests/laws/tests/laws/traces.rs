//! What a trace tells of rounding (R3, R66): every amount on which a discount was computed, in the order of the cart, and no other.

use serde_json::{Value, json};
use tearoff_core::evaluate::trace::{Step, trace};
use tearoff_core::standalone::{EvaluationRequest, Question};

/// What was rounded, to what, for 15 % off two units at 9.99 and one at 5.00.
fn rounded(round: &str, more: &Value) -> Vec<(i64, i64)> {
    let mut request = json!({
        "site": { "currency": "EUR", "zone": "Europe/Athens", "rounding": { "round": round } },
        "promotions": [{ "id": "p", "codes": ["P"], "terms": {
            "name": "p", "kind": "coupon", "label": "p", "benefit": { "type": "percent", "percent_bp": 1500 },
        } }],
        "cart": { "lines": [
            { "id": "1", "item": "mat", "kind": "product", "quantity": 2, "unit_price_minor": 999 },
            { "id": "2", "item": "strap", "kind": "product", "unit_price_minor": 500 },
        ] },
        "facts": { "now_at": "2026-12-01T12:00:00Z", "codes": ["P"] },
    });
    let terms = request["promotions"][0]["terms"].as_object_mut().unwrap();
    terms.extend(more.as_object().unwrap().clone());
    let request: EvaluationRequest = serde_json::from_value(request).unwrap();
    let question = Question::parse(&request).unwrap();
    let (_, steps) = trace(&question.evaluation());
    let rounded = |step: &Step| match step {
        Step::Rounded { of_minor, rounded_minor, .. } => Some((of_minor.minor(), rounded_minor.minor())),
        _ => None,
    };
    steps.iter().filter_map(rounded).collect()
}

#[test]
fn each_amount_that_is_rounded_is_told_once() {
    let (all, two, dearest) = (json!({}), json!({ "units": { "max": 2 } }), json!({ "units": { "max": 1 } }));
    for (round, more, want) in [
        ("per_cart", &all, vec![(2498, 375)]),
        ("per_line", &all, vec![(1998, 300), (500, 75)]),
        // Equal units are rounded alike, so they are told of once.
        ("per_unit", &all, vec![(999, 150), (500, 75)]),
        ("per_unit", &two, vec![(999, 150)]),
        ("per_unit", &dearest, vec![(999, 150)]),
    ] {
        assert_eq!(rounded(round, more), want, "{round} {more}");
    }
}
