//! More examples worked out by hand: sets, tiers, gifts, lanes, limits of occurrences, later payments.

use serde_json::{Value, json};

/// One promotion with a code on lines of one unit each, in euros.
fn request(terms: &Value, prices: &[i64]) -> Value {
    let line = |(place, price): (usize, &i64)| json!({"id": format!("{place}"), "item": "yoga", "kind": "group_class", "unit_price_minor": price});
    let lines: Vec<Value> = prices.iter().enumerate().map(line).collect();
    json!({
        "site": {"currency": "EUR", "zone": "Europe/Athens"},
        "promotions": [promotion("prm_1", &["Welcome"], terms)],
        "cart": {"lines": lines},
        "facts": {"now_at": "2026-12-01T16:00:00Z", "codes": ["welcome"]},
    })
}

fn promotion(id: &str, codes: &[&str], terms: &Value) -> Value {
    let mut whole = json!({"name": "n", "kind": "coupon", "label": "L"});
    for (name, value) in terms.as_object().unwrap() {
        whole[name] = value.clone();
    }
    json!({"id": id, "codes": codes, "terms": whole})
}

fn euros(amount: i64) -> Value {
    json!([{"currency": "EUR", "amount_minor": amount}])
}

fn discounts(request: &Value) -> Vec<i64> {
    let quote = tearoff_model::answer(request);
    quote["lines"].as_array().unwrap().iter().map(|line| line["discount_minor"].as_i64().unwrap()).collect()
}

fn decisions(request: &Value) -> Vec<(Value, Value)> {
    let quote = tearoff_model::answer(request);
    let told = quote["decisions"].as_array().unwrap().iter();
    told.map(|one| (one["status"].clone(), one["reasons"][0]["code"].clone())).collect()
}

#[test]
fn the_cheapest_of_complete_sets_get_cheaper() {
    let buy_get = json!({"benefit": {"type": "buy_get", "buy": 2, "get": 1}});
    assert_eq!(discounts(&request(&buy_get, &[900, 500, 700, 800, 600, 400, 300])), [0, 0, 0, 0, 0, 400, 300]);
    assert_eq!(decisions(&request(&buy_get, &[900, 500])), [("rejected".into(), "minimum_quantity_not_met".into())]);
}

#[test]
fn what_serves_both_parts_of_a_set_is_bought_where_it_must_be() {
    let from = json!({"include": [{"type": "kind", "kind": "group_class"}, {"type": "item", "item": "mat"}]});
    let scope = json!({"include": [{"type": "kind", "kind": "group_class"}]});
    let terms = json!({"benefit": {"type": "buy_get", "buy": 1, "get": 1, "from": from}, "scope": scope});
    let mut request = request(&terms, &[200, 300, 900]);
    request["cart"]["lines"][2]["kind"] = "product".into();
    request["cart"]["lines"][2]["item"] = "mat".into();
    // One class is bought; the other is the cheapest of what is left to get.
    assert_eq!(discounts(&request), [200, 0, 0]);
    request["cart"]["lines"][1]["paid"] = false.into();
    // The only class that is paid for must be bought.
    assert_eq!(discounts(&request), [0, 0, 900]);
}

#[test]
fn the_highest_tier_reached_acts_on_all() {
    let tier = |from: i64, percent_bp: i64| json!({"from": euros(from), "percent_bp": percent_bp});
    let terms = json!({"benefit": {"type": "spend_tiers", "tiers": [tier(3000, 2000), tier(1000, 1000)]}});
    assert_eq!(discounts(&request(&terms, &[1000, 1999])), [100, 200]);
    assert_eq!(discounts(&request(&terms, &[1000, 2000])), [200, 400]);
    assert_eq!(decisions(&request(&terms, &[999])), [("rejected".into(), "minimum_spend_not_met".into())]);
}

#[test]
fn a_gift_is_a_line_of_its_own_that_nothing_else_sees() {
    let terms = json!({"kind": "gift", "benefit": {"type": "gift", "items": ["tote", "mat"]}});
    let mut request = request(&terms, &[1000]);
    request["facts"]["customer"] = json!({"identity": "asserted", "standing_bp": 1000});
    assert_eq!(decisions(&request)[0], ("waiting".into(), "gift_not_chosen".into()));
    request["facts"]["gifts"] = json!([{"promotion": "prm_1", "item": "mat", "unit_price_minor": 700}]);
    let quote = tearoff_model::answer(&request);
    assert_eq!(discounts(&request), [100, 700]);
    assert_eq!((&quote["total_minor"], &quote["lines"][1]["gift"]), (&json!(900), &json!("mat")));
}

#[test]
fn a_code_takes_the_place_of_a_better_discount_unless_the_site_says_otherwise() {
    let mut request = request(&json!({"benefit": {"type": "percent", "percent_bp": 500}}), &[1000]);
    let ten = json!({"kind": "automatic", "benefit": {"type": "percent", "percent_bp": 1000}});
    request["promotions"].as_array_mut().unwrap().push(promotion("prm_2", &[], &ten));
    assert_eq!(discounts(&request), [50]);
    request["site"]["precedence"] = "best_for_customer".into();
    assert_eq!(discounts(&request), [100]);
    assert_eq!(decisions(&request)[0], ("rejected".into(), "better_discount_applied".into()));
}

#[test]
fn a_later_lane_acts_on_what_is_left_or_on_list_prices() {
    let half = json!({"benefit": {"type": "percent", "percent_bp": 6000}});
    let mut request = request(&half, &[1000]);
    let referral = json!({"kind": "referral", "benefit": {"type": "percent", "percent_bp": 5000}});
    request["promotions"].as_array_mut().unwrap().push(promotion("prm_2", &["Friend"], &referral));
    request["facts"]["codes"] = json!(["friend", "welcome"]);
    request["site"]["codes_max"] = 2.into();
    assert_eq!(discounts(&request), [800]);
    request["site"]["acts_on"] = "list".into();
    assert_eq!(discounts(&request), [1000], "what is above what is left is lost");
    request["site"]["codes_max"] = 1.into();
    assert_eq!(decisions(&request)[1], ("rejected".into(), "not_combinable".into()));
}

#[test]
fn a_limit_of_occurrences_keeps_the_earliest() {
    let limit = json!({"max": 5, "count": "occurrences"});
    let terms = json!({"benefit": {"type": "percent", "percent_bp": 1000}, "limits": {"total": limit}});
    let mut request = request(&terms, &[1000, 2000]);
    request["cart"]["lines"][0]["occurrences"] = json!([{"start": "2026-12-03"}, {"start": "2026-12-10"}]);
    request["cart"]["lines"][1]["occurrences"] = json!([{"start": "2026-12-02"}]);
    request["facts"]["usage"] = json!([{"promotion": "prm_1", "total": 3}]);
    assert_eq!(discounts(&request), [100, 200]);
    request["site"]["overflow"] = "refuse".into();
    assert_eq!(decisions(&request), [("rejected".into(), "usage_limit_reached".into())]);
}

#[test]
fn what_lies_after_midnight_belongs_to_the_day_before() {
    let hours = json!({"type": "appointment_hours", "from": "22:00", "until": "02:00"});
    let conditions = json!([hours, {"type": "weekdays", "days": ["fri"]}]);
    let terms = json!({"benefit": {"type": "percent", "percent_bp": 1000}, "conditions": conditions});
    let mut request = request(&terms, &[1000]);
    for (start, wanted) in [
        ("2026-12-05T01:00", ("applied", Value::Null)),
        ("2026-12-05T23:00", ("rejected", json!("outside_weekdays"))),
        ("2026-12-04T12:00", ("rejected", json!("outside_appointment_hours"))),
        ("2026-12-05", ("waiting", json!("date_needed"))),
        ("2026-12-06", ("rejected", json!("outside_weekdays"))),
    ] {
        request["cart"]["lines"][0]["occurrences"] = json!([{"start": start}]);
        assert_eq!(decisions(&request), [(wanted.0.into(), wanted.1)], "{start}");
    }
}

#[test]
fn later_payments_repeat_what_the_terms_repeat() {
    let terms = json!({"benefit": {"type": "percent", "percent_bp": 1000}, "first_payments": 3});
    let mut request = request(&terms, &[1000, 1000]);
    request["cart"]["lines"][0]["kind"] = "subscription".into();
    request["cart"]["lines"][1]["frequency"] = "open_ended".into();
    let later = |request: &Value, line: usize| {
        let later = tearoff_model::answer(request)["lines"][line]["later"].clone();
        (later["discount_minor"].clone(), later["times"].clone())
    };
    assert_eq!(later(&request, 0), (100.into(), 2.into()));
    assert_eq!(later(&request, 1), (100.into(), Value::Null));
    request["promotions"][0]["terms"]["first_occurrences"] = 4.into();
    assert_eq!(later(&request, 1), (100.into(), 3.into()));
    request["promotions"][0]["terms"]["first_payments"] = 1.into();
    assert_eq!(later(&request, 0), (0.into(), Value::Null));
}
