use super::*;
use std::string::ToString;

fn request(json: serde_json::Value) -> EvaluationRequest {
    serde_json::from_value(json).unwrap()
}

fn draft(json: serde_json::Value) -> PromotionRequest {
    serde_json::from_value(json).unwrap()
}

/// An order of a massage at this price, with these codes, where `TEN` takes 10.00 off and 1.00 comes off by itself.
fn order(price: i64, codes: &[&str]) -> EvaluationRequest {
    let fixed =
        |minor: i64| serde_json::json!({ "type": "fixed", "amounts": [{ "currency": "EUR", "amount_minor": minor }] });
    request(serde_json::json!({
        "site": { "currency": "EUR", "zone": "Europe/Athens", "has_dates": false },
        "promotions": [
            { "id": "ten", "codes": ["TEN"], "terms": { "name": "t", "kind": "coupon", "label": "t", "benefit": fixed(1000) } },
            { "id": "one", "terms": { "name": "o", "kind": "automatic", "label": "o", "benefit": fixed(100) } },
        ],
        "cart": { "lines": [{ "id": "1", "item": "massage", "kind": "appointment", "unit_price_minor": price }] },
        "facts": { "now_at": "2026-11-20T10:00:00Z", "codes": codes },
    }))
}

fn terms(kind: &str, percent_bp: i64, more: &serde_json::Value) -> serde_json::Value {
    let mut terms = serde_json::json!({
        "name": "d", "kind": kind, "label": "d", "benefit": { "type": "percent", "percent_bp": percent_bp },
    });
    terms.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    terms
}

fn tried(draft: PromotionRequest, orders: &[EvaluationRequest]) -> BacktestOutcome {
    let mut backtest = Backtest::new(draft).unwrap();
    orders.iter().for_each(|order| backtest.add(order).unwrap());
    backtest.outcome().clone()
}

fn euro(outcome: &BacktestOutcome) -> Effect {
    outcome.currencies[&Currency::parse("EUR").unwrap()]
}

fn told(outcome: &BacktestOutcome) -> Vec<(String, u64)> {
    let code = |told: &Told| serde_json::to_value(told).unwrap()["code"].as_str().unwrap().to_string();
    outcome.reasons.iter().map(|told| (code(told), told.orders)).collect()
}

#[test]
fn a_coupon_wins_loses_and_is_refused() {
    let minimum = serde_json::json!({ "conditions": [
        { "type": "minimum_subtotal", "amounts": [{ "currency": "EUR", "amount_minor": 500 }] },
    ] });
    let half = draft(
        serde_json::json!({ "id": "draft", "codes": ["HALF"], "active": false, "terms": terms("coupon", 1000, &minimum) }),
    );
    // 50.00: 5.00 instead of 1.00. 6.00: 0.60 instead of 1.00. 10.00: 1.00 as before. 4.00: too little. With TEN: not combinable.
    let orders = [order(5000, &[]), order(600, &[]), order(1000, &[]), order(400, &[]), order(5000, &["TEN"])];
    let outcome = tried(half, &orders);
    let want = Effect { cost_minor: 360, winners: 1, won_minor: 400, losers: 1, lost_minor: 40, unchanged: 3 };
    assert_eq!((outcome.orders, outcome.applied, outcome.not_better), (5, 3, 0));
    assert_eq!(euro(&outcome), want);
    assert_eq!(told(&outcome), [("minimum_spend_not_met".into(), 1), ("not_combinable".into(), 1)]);
}

#[test]
fn what_acts_by_itself_tells_why_it_did_not() {
    let evening = serde_json::json!({ "conditions": [{ "type": "channels", "channels": ["invoice"] }] });
    let elsewhere = draft(serde_json::json!({ "id": "draft", "terms": terms("automatic", 5000, &evening) }));
    assert_eq!(told(&tried(elsewhere, &[order(5000, &[])])), [("other_channel".into(), 1)]);

    let none = serde_json::json!({});
    let weak = draft(serde_json::json!({ "id": "draft", "terms": terms("automatic", 100, &none) }));
    let outcome = tried(weak, &[order(5000, &[]), order(20_000, &[])]);
    assert_eq!((outcome.applied, outcome.not_better, euro(&outcome).winners), (1, 1, 1));
}

#[test]
fn its_limits_are_used_up_as_the_orders_go_by() {
    let twice = serde_json::json!({ "limits": { "total": 2, "budget": [{ "currency": "EUR", "amount_minor": 900 }] } });
    let coupon = draft(serde_json::json!({ "id": "draft", "codes": ["D"], "terms": terms("coupon", 1000, &twice) }));
    let outcome = tried(coupon.clone(), &[order(4000, &[]), order(4000, &[]), order(4000, &[])]);
    assert_eq!((outcome.applied, told(&outcome)), (2, [("usage_limit_reached".into(), 1)].into()));
    let outcome = tried(coupon, &[order(5000, &[]), order(5000, &[])]);
    assert_eq!((outcome.applied, told(&outcome)), (1, [("budget_exhausted".into(), 1)].into()));
}

/// Two dates of one line and a line without any are three occurrences.
#[test]
fn a_limit_of_occurrences_is_used_up_by_each_of_them() {
    let mut three = order(4000, &[]);
    let lines = serde_json::json!([
        { "id": "1", "item": "massage", "kind": "appointment", "unit_price_minor": 2000,
            "occurrences": [{ "start": "2026-12-01" }, { "start": "2026-12-08" }] },
        { "id": "2", "item": "massage", "kind": "appointment", "unit_price_minor": 2000 },
    ]);
    three.cart.lines = serde_json::from_value(lines).unwrap();
    for (most, applied) in [(3, 1), (6, 2), (9, 3)] {
        let limit = serde_json::json!({ "limits": { "total": { "max": most, "count": "occurrences" } } });
        let coupon =
            draft(serde_json::json!({ "id": "draft", "codes": ["D"], "terms": terms("coupon", 1000, &limit) }));
        let outcome = tried(coupon, &[three.clone(), three.clone(), three.clone()]);
        assert_eq!(outcome.applied, applied, "{most}");
    }
}

#[test]
fn what_cannot_be_tried_is_said() {
    let none = serde_json::json!({});
    let without = draft(serde_json::json!({ "id": "draft", "terms": terms("coupon", 1000, &none) }));
    assert_eq!(Backtest::new(without).unwrap_err().field, "codes");
    let taken = draft(serde_json::json!({ "id": "ten", "codes": ["TEN"], "terms": terms("coupon", 1000, &none) }));
    let mut backtest = Backtest::new(taken).unwrap();
    let fields: Vec<String> =
        backtest.add(&order(5000, &[])).unwrap_err().into_iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["promotions[2].id", "promotions[2].codes[0]"]);
    assert_eq!(backtest.outcome().orders, 0);
}
