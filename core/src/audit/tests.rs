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
fn times() {
    let conditions = |list: Value| json!({ "conditions": list });
    let window = |from: &str, until: &str| json!({ "type": "appointment_window", "from": from, "until": until });
    let none = || json!({});
    check(&[
        ("nothing to say", none(), none(), &[]),
        (
            "over",
            none(),
            conditions(json!([{ "type": "redeemable", "until": "2026-11-30" }])),
            &["never_applies over conditions.redeemable"],
        ),
        ("ends in a moment", none(), conditions(json!([{ "type": "redeemable", "until": "2026-12-01T14:01" }])), &[]),
        (
            "appointments over",
            none(),
            conditions(json!([window("2026-11-01", "2026-11-29")])),
            &["contradiction appointments_over conditions.appointment_window"],
        ),
        ("over somewhere on earth, perhaps", none(), conditions(json!([window("2026-11-01", "2026-11-30")])), &[]),
        (
            "code begins after the appointments",
            none(),
            conditions(json!([{ "type": "redeemable", "from": "2027-02-01" }, window("2027-01-01", "2027-01-15")])),
            &["contradiction appointments_over conditions.appointment_window"],
        ),
        // 1 December 2026 is a Tuesday.
        (
            "no such day",
            none(),
            conditions(json!([window("2026-12-07", "2026-12-09"), { "type": "weekdays", "days": ["thu", "sun"] }])),
            &["never_applies weekdays_outside_window conditions.weekdays"],
        ),
        (
            "the last day",
            none(),
            conditions(json!([window("2026-12-07", "2026-12-09"), { "type": "weekdays", "days": ["wed"] }])),
            &[],
        ),
        (
            "not with the hour at which the window ends",
            none(),
            conditions(json!([window("2026-12-07", "2026-12-09T00:00"), { "type": "weekdays", "days": ["wed"] }])),
            &["never_applies weekdays_outside_window conditions.weekdays"],
        ),
        (
            "any two weeks have every day",
            none(),
            conditions(json!([window("2026-12-07", "2026-12-20"), { "type": "weekdays", "days": ["sun"] }])),
            &[],
        ),
        (
            "no such hours",
            none(),
            conditions(json!([window("2026-12-07T10:00", "2026-12-07T12:00"),
                { "type": "appointment_hours", "from": "17:00", "until": "19:00" }])),
            &["never_applies hours_outside_window conditions.appointment_hours"],
        ),
        (
            "after midnight belongs to the day before",
            none(),
            conditions(json!([window("2026-12-07T00:00", "2026-12-07T02:00"), { "type": "weekdays", "days": ["sun"] },
                { "type": "appointment_hours", "from": "22:00", "until": "03:00" }])),
            &[],
        ),
        (
            "and not to its own",
            none(),
            conditions(json!([window("2026-12-07T00:00", "2026-12-07T02:00"), { "type": "weekdays", "days": ["mon"] },
                { "type": "appointment_hours", "from": "22:00", "until": "03:00" }])),
            &["never_applies weekdays_outside_window conditions.weekdays"],
        ),
        (
            "too late for an early bird",
            none(),
            conditions(
                json!([window("2026-12-03", "2026-12-09"), { "type": "lead_time", "at_least_minutes": 20_160 }]),
            ),
            &["never_applies lead_time_outside_window conditions.lead_time"],
        ),
        (
            "too early for the last minute",
            none(),
            conditions(json!([window("2027-01-10", "2027-01-12"), { "type": "lead_time", "at_most_minutes": 1440 },
                { "type": "redeemable", "until": "2026-12-31" }])),
            &["never_applies lead_time_outside_window conditions.lead_time"],
        ),
        (
            "in time later",
            none(),
            conditions(json!([window("2027-01-10", "2027-01-12"), { "type": "lead_time", "at_most_minutes": 1440 }])),
            &[],
        ),
        (
            "not checked",
            json!({ "has_dates": false }),
            conditions(json!([window("2026-12-07", "2026-12-09"), { "type": "weekdays", "days": ["thu"] },
                { "type": "booking_type", "booking": "one_time" }])),
            &[
                "not_checked dates_not_checked conditions.appointment_window",
                "not_checked dates_not_checked conditions.weekdays",
                "not_checked frequency_not_checked conditions.booking_type",
            ],
        ),
    ]);
}

#[test]
fn lines() {
    let scope = |scope: Value| json!({ "scope": scope });
    let kind = |kind: &str| json!({ "type": "kind", "kind": kind });
    let yoga = || json!({ "type": "item", "item": "yoga" });
    let tuesdays = |scope: Value| json!({ "scope": scope, "conditions": [{ "type": "weekdays", "days": ["tue"] }] });
    let none = || json!({});
    check(&[
        (
            "in and out",
            none(),
            scope(json!({ "include": [yoga()], "exclude": [yoga()] })),
            &["never_applies nothing_in_scope scope"],
        ),
        ("one left", none(), scope(json!({ "include": [yoga(), kind("tax")], "exclude": [yoga()] })), &[]),
        (
            "an item may be of any kind",
            none(),
            scope(json!({ "include": [yoga()], "exclude": [kind("product")] })),
            &[],
        ),
        (
            "nothing to get",
            none(),
            json!({ "benefit": { "type": "buy_get", "buy": 1, "get": 1,
            "from": { "include": [kind("product")], "exclude": [kind("product")] } } }),
            &["never_applies nothing_in_scope benefit.from"],
        ),
        (
            "a package on Tuesdays",
            none(),
            tuesdays(json!({ "include": [kind("package"), kind("product")] })),
            &["never_applies no_appointment_in_scope scope"],
        ),
        (
            "all but appointments on Tuesdays",
            none(),
            tuesdays(json!({ "exclude":
            [kind("appointment"), kind("group_class"), kind("series_class")] })),
            &["never_applies no_appointment_in_scope scope"],
        ),
        (
            "without dates",
            json!({ "has_dates": false }),
            tuesdays(json!({ "include": [kind("package")] })),
            &["not_checked dates_not_checked conditions.weekdays"],
        ),
        ("somewhere else", none(), scope(json!({ "locations": ["moon"] })), &["never_applies unknown_locations scope"]),
        (
            "here or somewhere else",
            json!({ "locations": [{ "id": "here", "zone": "UTC" }] }),
            scope(json!({ "locations": ["here", "moon"] })),
            &["note unknown_locations scope"],
        ),
        (
            "renewed products",
            none(),
            json!({ "every_payment": true, "scope": { "include": [kind("product")] } }),
            &["note no_subscription_in_scope scope"],
        ),
    ]);
}

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
fn customers_and_limits() {
    let conditions = |list: Value| json!({ "conditions": list });
    let none = || json!({});
    let audience = |audience: &str| json!({ "type": "audience", "audience": audience });
    check(&[
        (
            "existing and never ordered",
            none(),
            conditions(json!([audience("existing"), { "type": "first_order" }])),
            &["note existing_who_never_ordered conditions.audience"],
        ),
        (
            "new and never ordered",
            none(),
            conditions(json!([audience("new"), { "type": "first_order" }])),
            &["note first_order_implied conditions.first_order"],
        ),
        (
            "twice the first",
            none(),
            json!({ "conditions": [{ "type": "first_order" }], "limits": { "per_customer": 2 } }),
            &["note limit_unreachable limits.per_customer"],
        ),
        (
            "more than there are",
            none(),
            json!({ "limits": { "total": 5, "per_customer": 6, "per_day": 5, "per_month": 9 } }),
            &["note limit_unreachable limits.per_customer", "note limit_unreachable limits.per_month"],
        ),
        (
            "other units",
            none(),
            json!({ "limits": { "total": 5, "per_customer": { "max": 6, "count": "occurrences" } } }),
            &[],
        ),
        (
            "no codes to count",
            none(),
            json!({ "kind": "automatic", "limits": { "per_code": 1 } }),
            &["note code_limit_without_codes limits.per_code"],
        ),
    ]);
    let more = json!({ "promotions": [{ "id": "p", "active": false, "terms": {
        "name": "p", "kind": "coupon", "label": "p", "benefit": { "type": "percent", "percent_bp": 1000 },
    } }] });
    let findings = request(&none(), &none(), &json!({})).findings().unwrap();
    assert!(told(&findings).is_empty());
    let mut bare = request(&none(), &none(), &json!({}));
    bare.promotions = serde_json::from_value(more["promotions"].clone()).unwrap();
    assert_eq!(told(&bare.findings().unwrap()), ["note inactive active", "never_applies no_codes codes"]);
}

#[test]
fn empty_lists_name_nobody() {
    let request = request(&json!({}), &json!({}), &json!({}));
    let policy = SitePolicy::parse(&request.site, &|_| true, "site").unwrap();
    let id = PromotionId::parse("p").unwrap();
    let mut promotion = Promotion::parse(id, 1, &request.promotions[0].terms, &|_| None, "terms").unwrap();
    let nobody = [Condition::NamedCustomers, Condition::ActivePass].into();
    promotion.terms = promotion.terms.changed(|terms| terms.conditions = nobody);
    promotion.lists = Lists::default();
    let now = crate::time::parse_instant(&request.now_at).unwrap();
    let audited = Audited { promotion: &promotion, active: true, codes: 1 };
    assert_eq!(
        told(&audit(&[audited], &policy, None, now)),
        ["never_applies nobody_named conditions.named_customers", "never_applies no_pass_named conditions.active_pass"]
    );
}

#[test]
fn the_catalog_knows_items_and_prices() {
    let item = |id: &str, price: i64| json!({ "id": id, "name": id, "kind": "product", "prices": amounts(price) });
    let catalog = json!({ "catalog": [item("mat", 2000), item("towel", 500)] });
    let gift = json!({ "kind": "gift", "benefit": { "type": "gift", "items": ["towel", "hat"] },
        "scope": { "include": [{ "type": "item", "item": "cap" }] } });
    assert_eq!(
        told(&request(&json!({}), &gift, &catalog).findings().unwrap()),
        ["note items_not_in_catalog scope", "contradiction gifts_not_in_catalog benefit.items"]
    );
    for (price, want) in [(2000, &["contradiction price_not_below_catalog benefit.prices"][..]), (1999, &[])] {
        let fixed = json!({ "benefit": { "type": "fixed_price", "prices": amounts(price) } });
        assert_eq!(told(&request(&json!({}), &fixed, &catalog).findings().unwrap()), want, "{price}");
    }
}

#[test]
fn a_price_is_held_against_what_its_scope_sells() {
    let item = |id: &str, kind: &str, category: &str, price: i64| json!({ "id": id, "name": id, "kind": kind, "categories": [category], "prices": amounts(price) });
    let catalog = json!({ "catalog": [
        item("late", "fee", "extra", 9000), item("mat", "product", "gear", 2000), item("sauna", "appointment", "spa", 5000),
    ] });
    let of = |name: &str, value: &str| json!([{ "type": name, name: value }]);
    let (include, exclude) = (|list: Value| json!({ "include": list }), |list: Value| json!({ "exclude": list }));
    for (scope, dearest) in [
        // A fee is sold by name only.
        (json!({}), 5000),
        (include(of("item", "mat")), 2000),
        (include(of("kind", "product")), 2000),
        (include(of("category", "gear")), 2000),
        (include(of("kind", "appointment")), 5000),
        (include(of("kind", "fee")), 9000),
        (include(of("category", "extra")), 9000),
        (exclude(of("item", "sauna")), 2000),
        (exclude(of("kind", "appointment")), 2000),
        (exclude(of("category", "spa")), 2000),
        (exclude(of("item", "mat")), 5000),
    ] {
        for (price, lowers) in [(dearest - 1, true), (dearest, false)] {
            let terms = json!({ "benefit": { "type": "fixed_price", "prices": amounts(price) }, "scope": scope });
            let told = told(&request(&json!({}), &terms, &catalog).findings().unwrap());
            let finds = told.iter().any(|told| told == "contradiction price_not_below_catalog benefit.prices");
            assert_eq!(finds, !lowers, "{scope} at {price}");
        }
    }
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
