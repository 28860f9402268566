//! What a promotion touches: scopes, sets of units, and what the catalog sells.

use super::*;

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
fn the_catalog_knows_items_and_prices() {
    let item = |id: &str, price: i64| json!({ "id": id, "name": id, "kind": "product", "prices": amounts(price) });
    let catalog = json!({ "catalog": [item("mat", 2000), item("towel", 500)] });
    let gift = json!({ "kind": "gift", "benefit": { "type": "gift", "items": ["towel", "hat"] },
        "scope": { "include": [{ "type": "item", "item": "cap" }] } });
    assert_eq!(
        told(&request(&json!({}), &gift, &catalog).findings().unwrap()),
        [
            "note items_not_in_catalog scope",
            "note nothing_in_catalog scope",
            "contradiction gifts_not_in_catalog benefit.items",
        ]
    );
    for (price, want) in [(2000, &["contradiction price_not_below_catalog benefit.prices"][..]), (1999, &[])] {
        let fixed = json!({ "benefit": { "type": "fixed_price", "prices": amounts(price) } });
        assert_eq!(told(&request(&json!({}), &fixed, &catalog).findings().unwrap()), want, "{price}");
    }
}

/// A scope may name nothing that is not there, and yet hold nothing that is: a category, a kind, or all but what is sold.
#[test]
fn a_scope_is_held_against_what_is_sold() {
    let item = |id: &str, kind: &str, categories: Value| json!({ "id": id, "name": id, "kind": kind, "categories": categories, "prices": amounts(1000) });
    let catalog = json!({ "catalog": [item("mat", "product", json!(["gear"])), item("late", "fee", json!([]))] });
    let of = |name: &str, value: &str| json!([{ "type": name, name: value }]);
    let nothing = &["note nothing_in_catalog scope"][..];
    for (scope, want) in [
        (json!({}), &[][..]),
        (json!({ "include": of("category", "gear") }), &[]),
        (json!({ "include": of("category", "classes") }), nothing),
        (json!({ "include": of("kind", "group_class") }), nothing),
        (json!({ "exclude": of("item", "mat") }), nothing),
        (json!({ "include": of("kind", "fee") }), &[]),
    ] {
        let terms = json!({ "scope": scope });
        assert_eq!(told(&request(&json!({}), &terms, &catalog).findings().unwrap()), want, "{scope}");
        let unsold = request(&json!({}), &terms, &json!({ "catalog": [] })).findings().unwrap();
        assert!(!told(&unsold).iter().any(|told| told.contains("nothing_in_catalog")), "{scope}");
    }
    let from =
        json!({ "benefit": { "type": "buy_get", "buy": 1, "get": 1, "from": { "include": of("category", "x") } } });
    assert_eq!(
        told(&request(&json!({}), &from, &catalog).findings().unwrap()),
        ["note nothing_in_catalog benefit.from"]
    );
}

/// Carts may be in any currency in which something has a price.
#[test]
fn currencies_are_held_against_what_is_sold() {
    let prices = |currencies: &[&str]| {
        let price = |currency: &&str| json!({ "currency": currency, "amount_minor": 1000 });
        currencies.iter().map(price).collect::<Value>()
    };
    let item = |id: &str, currencies: &[&str]| json!({ "id": id, "name": id, "kind": "product", "prices": prices(currencies) });
    let (missing, idle) = ("note not_in_catalog_currencies benefit", "note currencies_not_in_catalog benefit");
    for (offered, sold, want) in [
        (&["EUR"][..], &["EUR"][..], &[][..]),
        (&["EUR"], &["EUR", "USD"], &[missing]),
        (&["EUR", "USD"], &["EUR"], &[idle]),
        (&["EUR", "GBP"], &["EUR", "USD"], &[missing, idle]),
        (&["USD"], &["EUR", "USD"], &["note not_in_site_currency benefit"]),
    ] {
        let catalog = json!({ "catalog": [item("mat", sold), item("towel", &["EUR", "JPY"])] });
        let scope = json!({ "include": [{ "type": "item", "item": "mat" }] });
        let terms = json!({ "benefit": { "type": "fixed", "amounts": prices(offered) }, "scope": scope });
        assert_eq!(
            told(&request(&json!({}), &terms, &catalog).findings().unwrap()),
            want,
            "{}",
            json!([offered, sold])
        );
    }
    let percent = request(&json!({}), &json!({}), &json!({ "catalog": [item("mat", &["USD"])] }));
    assert_eq!(told(&percent.findings().unwrap()), [""; 0], "a percentage is offered in any");
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
