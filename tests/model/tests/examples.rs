//! Examples worked out by hand, so that the yardstick is measured too.

use serde_json::{Value, json};

/// Three lines at 10.00 and a fixed 1.00 off, with what a test changes.
fn request(rounding: Value, benefit: Value) -> Value {
    let line = |id: &str| json!({"id": id, "item": "yoga", "kind": "group_class", "unit_price_minor": 1000});
    json!({
        "site": {"currency": "EUR", "zone": "Europe/Athens", "rounding": rounding},
        "promotions": [{"id": "prm_1", "codes": ["Welcome"], "terms": {
            "name": "welcome", "kind": "coupon", "label": "Welcome", "benefit": benefit,
        }}],
        "cart": {"lines": [line("b"), line("c"), line("a")]},
        "facts": {"now_at": "2026-12-01T16:00:00Z", "codes": [" welcome"]},
    })
}

/// What each line gets, in the cart's order.
fn discounts(request: &Value) -> Vec<i64> {
    let quote = tearoff_model::answer(request);
    let lines = quote["lines"].as_array().unwrap();
    lines.iter().map(|line| line["discount_minor"].as_i64().unwrap()).collect()
}

#[test]
fn a_cent_left_over_goes_where_the_policy_says() {
    let one_euro = json!({"type": "fixed", "amounts": [{"currency": "EUR", "amount_minor": 100}]});
    for (rounding, wanted) in [
        (json!({}), [33, 33, 34]),
        (json!({"leftover": "first"}), [34, 33, 33]),
        (json!({"leftover": "last"}), [33, 33, 34]),
        (json!({"split": "per_unit"}), [33, 33, 34]),
        (json!({"split": "per_unit", "leftover": "first"}), [34, 33, 33]),
    ] {
        assert_eq!(discounts(&request(rounding.clone(), one_euro.clone())), wanted, "{rounding}");
    }
}

#[test]
fn percentages_are_rounded_once_and_cut_by_a_cap() {
    let percent = |percent_bp: i64, caps: Value| json!({"type": "percent", "percent_bp": percent_bp, "caps": caps});
    let mut request = request(json!({}), percent(1500, json!([])));
    assert_eq!(discounts(&request), [150, 150, 150]);
    request["promotions"][0]["terms"]["benefit"] = percent(1500, json!([{"currency": "EUR", "amount_minor": 100}]));
    assert_eq!(discounts(&request), [33, 33, 34]);
    request["cart"]["lines"] = json!([{"id": "1", "item": "yoga", "kind": "group_class", "unit_price_minor": 3490}]);
    request["promotions"][0]["terms"]["benefit"] = percent(1500, json!([]));
    assert_eq!(discounts(&request), [524], "523.5, away from zero");
}

#[test]
fn equal_parts_stop_at_the_price_and_the_excess_is_shared_again() {
    let ten_euros = json!({"type": "fixed", "amounts": [{"currency": "EUR", "amount_minor": 1000}]});
    let mut request = request(json!({"split": "per_unit"}), ten_euros);
    request["cart"]["lines"][0]["unit_price_minor"] = 100.into();
    assert_eq!(discounts(&request), [100, 450, 450]);
}

#[test]
fn a_missing_date_waits_and_a_wrong_one_is_refused() {
    let mut request = request(json!({}), json!({"type": "percent", "percent_bp": 1000}));
    request["promotions"][0]["terms"]["conditions"] = json!([{"type": "weekdays", "days": ["tue"]}]);
    let status = |request: &Value| tearoff_model::answer(request)["decisions"][0]["status"].clone();
    assert_eq!(status(&request), "waiting");
    for line in 0..3 {
        request["cart"]["lines"][line]["occurrences"] = json!([{"start": "2026-12-02T18:00"}]);
    }
    assert_eq!(status(&request), "rejected", "a Wednesday");
    request["cart"]["lines"][1]["occurrences"] = json!([{"start": "2026-12-01"}]);
    assert_eq!(discounts(&request), [0, 100, 0], "a Tuesday");
}
