//! A lane that its owner takes away while promotions name it (R50).

use serde_json::json;
use tearoff_core::evaluate;
use tearoff_core::standalone::{EvaluationRequest, Question};

/// A lane that was taken away acts after all others and on what they left, whatever it was before; of several the one whose id comes
/// first goes first (R50).
#[test]
fn a_lane_that_was_taken_away_acts_last() {
    let promotion = |id: &str, lane: Option<&str>, benefit: serde_json::Value| {
        json!({ "id": id, "codes": [id], "terms": {
            "name": id, "kind": "coupon", "label": id, "lane": lane, "benefit": benefit,
        } })
    };
    let percent = |bp: u32| json!({ "type": "percent", "percent_bp": bp });
    let ten = json!({ "type": "fixed", "amounts": [{ "currency": "EUR", "amount_minor": 1000 }] });
    let request: EvaluationRequest = serde_json::from_value(json!({
        "site": { "currency": "EUR", "zone": "Europe/Athens", "codes_max": 3, "lanes": [
            { "id": "staff", "acts_on": "list" }, { "id": "club", "acts_on": "list" },
        ] },
        "promotions": [
            promotion("STAFF", Some("staff"), percent(1000)),
            promotion("CLUB", Some("club"), ten),
            promotion("HALF", None, percent(5000)),
        ],
        "cart": { "lines": [{ "id": "1", "item": "mat", "kind": "product", "unit_price_minor": 10_000 }] },
        "facts": { "now_at": "2026-12-01T12:00:00Z", "codes": ["STAFF", "CLUB", "HALF"] },
    }))
    .unwrap();
    let mut question = Question::parse(&request).unwrap();
    let taken = |question: &Question| {
        let quote = evaluate(&question.evaluation());
        quote.decisions.iter().map(|decision| decision.discount().minor()).collect::<Vec<_>>()
    };
    // As listed, on list prices: 10 % of 100.00.
    assert_eq!(taken(&question), [1000, 1000, 5000]);
    // 50.00 are left when the lane's turn comes.
    question.facts.policy.lanes.retain(|lane| lane.id.as_str() == "club");
    assert_eq!(taken(&question), [400, 1000, 5000]);
    question.facts.policy.lanes.clear();
    assert_eq!(taken(&question), [400, 1000, 5000]);
}
