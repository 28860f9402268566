//! What a page is not told (R65), and that nothing else goes with it: a page prices other carts by what it was told.

use serde_json::{Value, json};
use tearoff_core::project::conceal;
use tearoff_core::standalone::{EvaluationRequest, Question};

fn promotion(id: &str, kind: &str, disclosure: &str, minimum: i64) -> Value {
    let codes = if kind == "coupon" { json!([id]) } else { json!([]) };
    json!({ "id": id, "codes": codes, "terms": {
        "name": id, "kind": kind, "label": id, "disclosure": disclosure,
        "benefit": { "type": "percent", "percent_bp": 1000 },
        "conditions": [{ "type": "minimum_subtotal", "amounts": [{ "currency": "EUR", "amount_minor": minimum }] }],
    } })
}

/// The promotions that are told of a cart of 20.00, and those of the entered codes that are known in it.
fn told(promotions: &[Value]) -> (Vec<String>, Vec<String>) {
    let request: EvaluationRequest = serde_json::from_value(json!({
        "site": { "currency": "EUR", "zone": "Europe/Athens", "codes_max": 2 },
        "promotions": promotions,
        "cart": { "lines": [{ "id": "1", "item": "mat", "kind": "product", "unit_price_minor": 2000 }] },
        "facts": { "now_at": "2026-12-01T12:00:00Z", "codes": promotions.iter().flat_map(|known| {
            known["codes"].as_array().unwrap().clone()
        }).collect::<Vec<_>>() },
    }))
    .unwrap();
    let question = Question::parse(&request).unwrap();
    let (mut candidates, mut facts) = (question.candidates.clone(), question.facts.clone());
    conceal(&mut candidates, &question.cart, &mut facts);
    let candidates = candidates.iter().map(|candidate| candidate.terms.promotion.as_str().to_owned());
    let entered = facts.entered.iter().filter_map(|entered| Some(entered.promotion.as_ref()?.as_str().to_owned()));
    (candidates.collect(), entered.collect())
}

#[test]
fn what_is_private_and_fails_is_not_told_and_all_else_is() {
    let (fails, holds) = (5000, 1000);
    for (one, is_told) in [
        (promotion("CODE", "coupon", "open", fails), true),
        (promotion("CODE", "coupon", "open", holds), true),
        (promotion("CODE", "coupon", "private", fails), false),
        (promotion("CODE", "coupon", "private", holds), true),
    ] {
        for (other, other_is_told) in [
            (promotion("self", "automatic", "open", fails), true),
            (promotion("self", "automatic", "open", holds), true),
            (promotion("self", "automatic", "private", fails), false),
        ] {
            let (candidates, entered) = told(&[one.clone(), other.clone()]);
            let want = [("CODE", is_told), ("self", other_is_told)];
            let want: Vec<&str> = want.into_iter().filter(|(_, told)| *told).map(|(id, _)| id).collect();
            assert_eq!(candidates, want, "{one}\n{other}");
            assert_eq!(entered, if is_told { vec!["CODE"] } else { vec![] }, "{one}\n{other}");
        }
    }
    let private = promotion("self", "automatic", "private", holds);
    assert_eq!(told(&[private]).0, ["self"], "what acts is told");
    let mut off = promotion("self", "automatic", "open", holds);
    off["active"] = json!(false);
    assert_eq!(told(&[off]).0, Vec::<String>::new(), "what is switched off is not spoken of");
}
