//! Amounts: benefits and minimums that contradict each other, and what a promotion may cost.

use super::*;

#[test]
fn amounts_and_benefits() {
    let minimum =
        |minor: i64, basis: &str| json!({ "type": "minimum_subtotal", "amounts": amounts(minor), "basis": basis });
    let maximum =
        |minor: i64, basis: &str| json!({ "type": "maximum_subtotal", "amounts": amounts(minor), "basis": basis });
    let both = |one: Value, two: Value| json!({ "conditions": [one, two] });
    let after = |mut condition: Value| {
        condition["counts"] = json!("after_discounts");
        condition
    };
    let tiers = |maximum: Value| {
        json!({ "conditions": [maximum], "benefit": { "type": "spend_tiers",
            "tiers": [{ "from": amounts(700), "percent_bp": 200 }, { "from": amounts(600), "percent_bp": 100 }] } })
    };
    let none = || json!({});
    check(&[
        (
            "above",
            none(),
            both(minimum(501, "all_lines"), maximum(500, "all_lines")),
            &["never_applies minimum_above_maximum conditions.minimum_subtotal"],
        ),
        ("just so", none(), both(minimum(500, "all_lines"), maximum(500, "all_lines")), &[]),
        ("no maximum", none(), both(minimum(501, "all_lines"), maximum(0, "all_lines")), &[]),
        (
            "eligible are some of all",
            none(),
            both(minimum(501, "eligible_lines"), maximum(500, "all_lines")),
            &["never_applies minimum_above_maximum conditions.minimum_subtotal"],
        ),
        ("a little of a lot", none(), both(minimum(501, "all_lines"), maximum(500, "eligible_lines")), &[]),
        (
            "both after discounts",
            none(),
            both(after(minimum(501, "all_lines")), after(maximum(500, "all_lines"))),
            &["never_applies minimum_above_maximum conditions.minimum_subtotal"],
        ),
        (
            "before discounts it is more",
            none(),
            both(after(minimum(501, "all_lines")), maximum(500, "all_lines")),
            &["never_applies minimum_above_maximum conditions.minimum_subtotal"],
        ),
        ("discounts bring it down", none(), both(minimum(501, "all_lines"), after(maximum(500, "all_lines"))), &[]),
        (
            "in one currency",
            none(),
            json!({ "conditions": [
            { "type": "minimum_subtotal", "amounts": [{ "currency": "EUR", "amount_minor": 9 }, { "currency": "USD", "amount_minor": 1 }] },
            { "type": "maximum_subtotal", "amounts": [{ "currency": "EUR", "amount_minor": 5 }, { "currency": "USD", "amount_minor": 5 }] },
        ] }),
            &["contradiction minimum_above_maximum conditions.minimum_subtotal"],
        ),
        (
            "no currency",
            none(),
            json!({ "benefit": { "type": "fixed", "amounts": [{ "currency": "USD", "amount_minor": 1 }] },
            "limits": { "budget": amounts(5000) } }),
            &["never_applies no_common_currency benefit"],
        ),
        (
            "another currency",
            none(),
            json!({ "benefit": { "type": "fixed", "amounts": [{ "currency": "USD", "amount_minor": 1 }] } }),
            &["note not_in_site_currency benefit"],
        ),
        (
            "tiers out of reach",
            none(),
            tiers(maximum(599, "all_lines")),
            &["never_applies tiers_above_maximum benefit.tiers"],
        ),
        ("the first tier in reach", none(), tiers(maximum(600, "all_lines")), &[]),
        ("tiers see the price before discounts", none(), tiers(after(maximum(599, "all_lines"))), &[]),
        (
            "nothing",
            none(),
            json!({ "benefit": { "type": "percent", "percent_bp": 0 } }),
            &["contradiction gives_nothing benefit"],
        ),
        (
            "nothing but a shirt",
            none(),
            json!({ "benefit": { "type": "percent", "percent_bp": 0 }, "note": "A shirt." }),
            &["note gives_nothing benefit"],
        ),
        (
            "nothing by itself",
            none(),
            json!({ "kind": "automatic", "benefit": { "type": "percent", "percent_bp": 0 }, "note": "n" }),
            &["never_applies gives_nothing benefit"],
        ),
        (
            "capped to nothing",
            none(),
            json!({ "benefit": { "type": "percent", "percent_bp": 5000, "caps": amounts(0) } }),
            &["contradiction gives_nothing benefit"],
        ),
        (
            "too small a budget",
            none(),
            json!({ "benefit": { "type": "fixed", "amounts": amounts(1000) },
            "limits": { "budget": amounts(999) } }),
            &["contradiction budget_below_amount limits.budget"],
        ),
        (
            "just enough",
            none(),
            json!({ "benefit": { "type": "fixed", "amounts": amounts(1000) },
            "limits": { "budget": amounts(1000) } }),
            &[],
        ),
        (
            "no budget",
            none(),
            json!({ "kind": "automatic", "limits": { "budget": amounts(0) } }),
            &["never_applies budget_empty limits.budget"],
        ),
    ]);
}

#[test]
fn the_worst_case() {
    let cost = |site: Value, terms: Value| {
        let catalog =
            json!({ "catalog": [{ "id": "mat", "name": "mat", "kind": "product", "prices": amounts(2000) }] });
        let findings = request(&site, &terms, &catalog).findings().unwrap();
        let cost = findings.iter().find_map(|finding| match finding.what {
            What::WorstCaseCost { amount, .. } => Some(amount.map(crate::money::Amount::minor)),
            _ => None,
        });
        cost.unwrap()
    };
    let fixed = |per: &str| json!({ "type": "fixed", "amounts": amounts(500), "per": per });
    let maximum = json!([{ "type": "maximum_subtotal", "amounts": amounts(999) }]);
    for (name, terms, want) in [
        ("a percentage", json!({}), None),
        ("used so often", json!({ "limits": { "total": 10 } }), None),
        (
            "capped",
            json!({ "benefit": { "type": "percent", "percent_bp": 1000, "caps": amounts(300) }, "limits": { "total": 10 } }),
            Some(3000),
        ),
        ("of at most so much", json!({ "conditions": maximum, "limits": { "total": 10 } }), Some(1000)),
        ("a budget", json!({ "limits": { "budget": amounts(7000) } }), Some(7000)),
        (
            "the smaller",
            json!({ "benefit": fixed("redemption"), "limits": { "total": 10, "budget": amounts(7000) } }),
            Some(5000),
        ),
        ("without a limit", json!({ "benefit": fixed("redemption") }), None),
        ("each code once", json!({ "benefit": fixed("redemption"), "limits": { "per_code": 3 } }), Some(1500)),
        (
            "so many dates",
            json!({ "benefit": fixed("occurrence"), "limits": { "total": { "max": 7, "count": "occurrences" } } }),
            Some(3500),
        ),
        (
            "so many bookings of dates",
            json!({ "benefit": fixed("occurrence"), "limits": { "total": 2 } }),
            Some(1_000_000),
        ),
        (
            "so many units",
            json!({ "benefit": fixed("unit"), "units": { "max": 3 }, "limits": { "total": 2 } }),
            Some(3000),
        ),
        ("any number of units", json!({ "benefit": fixed("unit"), "limits": { "total": 2 } }), None),
        (
            "a gift",
            json!({ "kind": "gift", "benefit": { "type": "gift", "items": ["mat"] }, "limits": { "total": 4 } }),
            Some(8000),
        ),
        (
            "tiers",
            json!({ "benefit": { "type": "quantity_tiers", "tiers": [
            { "from_quantity": 2, "amounts": amounts(100) }, { "from_quantity": 5, "amounts": amounts(900) },
        ] }, "limits": { "total": 2 } }),
            Some(1800),
        ),
        ("for nothing", json!({ "benefit": { "type": "no_discount" }, "note": "A shirt." }), Some(0)),
    ] {
        assert_eq!(cost(json!({}), terms), want, "{name}");
    }
    let by_unit = json!({ "rounding": { "round": "per_unit" } });
    assert_eq!(cost(by_unit, json!({ "conditions": maximum, "limits": { "total": 10 } })), Some(9990));
}
