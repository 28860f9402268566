//! For every part of the terms: when one promotion acts wherever another would, and the nearest pair of which that is not true.

use alloc::vec::Vec;
use serde_json::{Value, json};

use crate::audit::Severity;
use crate::audit::request::AuditRequest;

/// Terms of two promotions without a code, and whether the first, which goes first on a tie, takes the place of the second.
type Pair = (&'static str, Value, Value, bool);

fn promotion(id: &str, terms: &Value) -> Value {
    let mut whole = json!({
        "name": "p", "kind": "automatic", "label": "p", "benefit": { "type": "percent", "percent_bp": 1000 },
    });
    whole.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
    json!({ "id": id, "terms": whole })
}

fn is_shadowed(site: &Value, one: &Value, other: &Value) -> bool {
    let mut whole = json!({ "currency": "EUR", "zone": "Europe/Athens" });
    whole.as_object_mut().unwrap().extend(site.as_object().unwrap().clone());
    let request: AuditRequest = serde_json::from_value(json!({
        "site": whole,
        "promotions": [promotion("b", other), promotion("a", one)],
        "now_at": "2026-12-01T12:00:00Z",
    }))
    .unwrap();
    let findings = request.findings().unwrap();
    findings.iter().any(|finding| finding.severity == Severity::Shadowed && finding.promotion.as_str() == "b")
}

fn check(pairs: &[Pair]) {
    for (name, one, other, shadowed) in pairs {
        assert_eq!(is_shadowed(&json!({}), one, other), *shadowed, "{name}");
    }
}

/// The pair, and the pair the other way round, which is not shadowed.
fn one_way(name: &'static str, wider: Value, narrower: Value) -> [Pair; 2] {
    [(name, wider.clone(), narrower.clone(), true), (name, narrower, wider, false)]
}

fn none() -> Value {
    json!({})
}

fn amounts(minor: i64) -> Value {
    json!([{ "currency": "EUR", "amount_minor": minor }])
}

fn when(condition: Value) -> Value {
    json!({ "conditions": [condition] })
}

fn gives(benefit: Value) -> Value {
    json!({ "benefit": benefit, "note": "n" })
}

#[test]
fn who_goes_first() {
    check(&[
        ("the same, by id", none(), none(), true),
        ("the same, by priority", none(), json!({ "priority": 1 }), false),
        ("of another lane", json!({ "lane": "gift" }), none(), false),
        ("with a code", json!({ "kind": "coupon" }), none(), false),
        ("a limit runs out", json!({ "limits": { "total": 1000 } }), none(), false),
        ("the other has a limit", none(), json!({ "limits": { "total": 1 } }), true),
    ]);
    assert!(!is_shadowed(&none(), &none(), &json!({ "kind": "coupon" })), "what has a code was asked for");
}

/// On list prices, what earlier lanes took is cut off again.
#[test]
fn lanes_on_list_prices() {
    let own = |acts_on: &str| json!({ "lanes": [{ "id": "club", "acts_on": acts_on }] });
    let list = || json!({ "acts_on": "list" });
    for (site, lane, shadowed) in [
        (none(), "referral", true),
        (list(), "referral", false),
        (none(), "gift", true),
        (list(), "gift", false),
        (list(), "price", true),
        (own("remaining"), "club", true),
        (own("list"), "club", false),
    ] {
        let terms = json!({ "lane": lane });
        assert_eq!(is_shadowed(&site, &terms, &terms), shadowed, "{lane} {site}");
    }
}

#[test]
fn dates() {
    let days = |days: &[&str]| when(json!({ "type": "weekdays", "days": days }));
    let window =
        |from: Option<&str>, until: Option<&str>| when(json!({ "type": "redeemable", "from": from, "until": until }));
    let first = |count: u32| json!({ "first_occurrences": count });
    check(&[
        ("the same days", days(&["mon"]), days(&["mon"]), true),
        ("other days", days(&["mon", "tue"]), days(&["mon"]), false),
        (
            "the same window",
            window(Some("2026-12-05"), Some("2026-12-09")),
            window(Some("2026-12-05"), Some("2026-12-09")),
            true,
        ),
        ("as many dates", first(2), first(2), true),
        (
            "as many dates of other lines",
            first(2),
            json!({ "first_occurrences": 2, "scope": {
            "include": [{ "type": "kind", "kind": "product" }] } }),
            false,
        ),
    ]);
    check(&one_way("some days", none(), days(&["mon"])));
    check(&one_way("a window", none(), window(Some("2026-12-05"), None)));
    check(&one_way("begins a day earlier", window(Some("2026-12-04"), None), window(Some("2026-12-05"), None)));
    check(&one_way("ends a day later", window(None, Some("2026-12-06")), window(None, Some("2026-12-05"))));
    let whole = || window(Some("2026-12-04"), Some("2026-12-06"));
    check(&one_way("has no beginning", window(None, Some("2026-12-06")), whole()));
    check(&one_way("has no end", window(Some("2026-12-04"), None), whole()));
    check(&one_way("earlier, and as late", whole(), window(Some("2026-12-05"), Some("2026-12-06"))));
    check(&one_way("as early, and later", whole(), window(Some("2026-12-04"), Some("2026-12-05"))));
    check(&one_way("on every date", none(), first(1)));
    check(&one_way("on one date more", first(2), first(1)));
    check(&one_way("on the first appointment", none(), when(json!({ "type": "first_appointment" }))));
}

#[test]
fn what_the_cart_is_worth() {
    let of = |kind: &str, minor: i64, basis: &str, counts: &str| {
        when(json!({ "type": kind, "amounts": amounts(minor), "basis": basis, "counts": counts }))
    };
    let minimum = |minor: i64| of("minimum_subtotal", minor, "all_lines", "before_discounts");
    let maximum = |minor: i64| of("maximum_subtotal", minor, "all_lines", "before_discounts");
    check(&[
        ("the same minimum", minimum(200), minimum(200), true),
        ("of eligible lines", of("minimum_subtotal", 100, "eligible_lines", "before_discounts"), minimum(200), false),
        ("after discounts", of("minimum_subtotal", 100, "all_lines", "after_discounts"), minimum(200), false),
        (
            "in another currency",
            when(json!({ "type": "minimum_subtotal",
            "amounts": [{ "currency": "USD", "amount_minor": 100 }] })),
            minimum(200),
            false,
        ),
        ("the same maximum", maximum(200), maximum(200), true),
        // 0 is no limit, so that more is not always wider.
        ("a higher maximum", maximum(300), maximum(200), false),
        ("a lower maximum", maximum(100), maximum(200), false),
        (
            "a maximum of eligible lines",
            of("maximum_subtotal", 200, "eligible_lines", "before_discounts"),
            maximum(200),
            false,
        ),
        ("a maximum after discounts", of("maximum_subtotal", 200, "all_lines", "after_discounts"), maximum(200), false),
    ]);
    check(&one_way("a minimum", none(), minimum(200)));
    check(&one_way("a lower minimum", minimum(199), minimum(200)));
    check(&one_way("a maximum", none(), maximum(200)));
    // What is eligible for the one may be more than what is eligible for the other.
    let eligible = of("maximum_subtotal", 200, "eligible_lines", "before_discounts");
    let mut products = eligible.clone();
    products["scope"] = json!({ "include": [{ "type": "kind", "kind": "product" }] });
    check(&[
        ("more is eligible", eligible.clone(), products, false),
        ("as much is eligible", eligible.clone(), eligible, true),
    ]);
}

#[test]
fn who_and_where() {
    let channels = |channels: &[&str]| when(json!({ "type": "channels", "channels": channels }));
    let customers = |customers: &[&str]| when(json!({ "type": "named_customers", "customers": customers }));
    let tags = |tags: &[&str]| when(json!({ "type": "named_customers", "tags": tags }));
    let passes = |passes: &[&str]| when(json!({ "type": "active_pass", "passes": passes }));
    let audience = |audience: &str| when(json!({ "type": "audience", "audience": audience }));
    for channel in ["booking_page", "point_of_sale", "staff_inbox", "invoice"] {
        check(&[("the same channel", channels(&[channel]), channels(&[channel]), true)]);
        for other in
            ["booking_page", "point_of_sale", "staff_inbox", "invoice"].iter().filter(|other| **other != channel)
        {
            check(&one_way("one channel more", channels(&[channel, other]), channels(&[channel])));
            check(&[("another channel", channels(&[channel]), channels(&[other]), false)]);
        }
    }
    check(&one_way("a channel", none(), channels(&["invoice"])));
    check(&one_way("one customer more", customers(&["ann", "bob"]), customers(&["ann"])));
    check(&one_way("one tag more", tags(&["gold", "silver"]), tags(&["gold"])));
    check(&one_way("one pass more", passes(&["ten", "year"]), passes(&["ten"])));
    check(&[
        ("the same customers", customers(&["ann"]), customers(&["ann"]), true),
        ("tags are no customers", tags(&["ann"]), customers(&["ann"]), false),
        ("the same passes", passes(&["ten"]), passes(&["ten"]), true),
        ("the same audience", audience("new"), audience("new"), true),
        ("another audience", audience("new"), audience("existing"), false),
    ]);
}

#[test]
fn which_lines() {
    let scope = |scope: Value| json!({ "scope": scope });
    let include = |selectors: &[Value]| scope(json!({ "include": selectors }));
    let exclude = |selectors: &[Value]| scope(json!({ "exclude": selectors }));
    let kind = |kind: &str| json!({ "type": "kind", "kind": kind });
    let yoga = || json!({ "type": "item", "item": "yoga" });
    let locations = |locations: &[&str]| scope(json!({ "locations": locations }));
    let phrases = |phrases: &[&str]| scope(json!({ "phrases": phrases }));
    check(&[
        ("an item may be a fee", none(), include(&[yoga()]), false),
        ("fees are named", none(), include(&[kind("fee")]), false),
        ("of one item only", include(&[yoga()]), none(), false),
        ("the same item", include(&[yoga()]), include(&[yoga()]), true),
    ]);
    check(&one_way("products alone", none(), include(&[kind("product")])));
    check(&one_way("appointments too", include(&[kind("product"), kind("appointment")]), include(&[kind("product")])));
    check(&one_way("without products", none(), exclude(&[kind("product")])));
    check(&one_way("without yoga either", exclude(&[kind("product")]), exclude(&[kind("product"), yoga()])));
    check(&one_way("at one venue", none(), locations(&["north"])));
    check(&one_way("at another venue too", locations(&["north", "south"]), locations(&["north"])));
    check(&one_way("by one phrase", none(), phrases(&["Yoga"])));
    check(&one_way("by one phrase more", phrases(&["Yoga"]), phrases(&["Yoga", "Flow"])));
    check(&one_way("nothing on sale", none(), scope(json!({ "exclude_discounted": true }))));
}

#[test]
fn which_units() {
    let units = |max: u32| json!({ "units": { "max": max } });
    check(&[
        ("as many units", units(2), units(2), true),
        ("more units are other units", units(3), units(2), false),
        ("fewer units", units(1), units(2), false),
    ]);
    check(&one_way("every unit", none(), units(1)));
}

#[test]
fn how_much() {
    let percent = |bp: u32, caps: Value| gives(json!({ "type": "percent", "percent_bp": bp, "caps": caps }));
    let fixed = |minor: i64, per: &str| gives(json!({ "type": "fixed", "amounts": amounts(minor), "per": per }));
    let price = |minor: i64| gives(json!({ "type": "fixed_price", "prices": amounts(minor) }));
    check(&one_way("a percentage", percent(1000, json!([])), percent(999, json!([]))));
    check(&one_way("a cap", percent(1000, json!([])), percent(1000, amounts(10))));
    check(&one_way("a higher cap", percent(1000, amounts(11)), percent(1000, amounts(10))));
    check(&one_way("an amount", fixed(11, "redemption"), fixed(10, "redemption")));
    check(&one_way("an amount per unit", fixed(11, "unit"), fixed(10, "unit")));
    check(&one_way("a price", price(9), price(10)));
    let shirt = || gives(json!({ "type": "no_discount" }));
    check(&[
        ("the same cap", percent(1000, amounts(10)), percent(1000, amounts(10)), true),
        ("the same amount", fixed(10, "redemption"), fixed(10, "redemption"), true),
        ("the same price", price(10), price(10), true),
        ("for each unit", fixed(10, "unit"), fixed(10, "redemption"), false),
        ("another benefit", fixed(10_000, "unit"), none(), false),
        ("the same shirt", shirt(), shirt(), true),
    ]);
    let dollars = gives(json!({ "type": "fixed", "amounts": [{ "currency": "USD", "amount_minor": 50 }] }));
    check(&[("another currency", dollars, fixed(10, "redemption"), false)]);
}

/// Tiers and sets depend on all they touch: only the same of the same is surely as much.
#[test]
fn tiers_and_sets() {
    let tiers =
        |percent: u32| json!({ "type": "quantity_tiers", "tiers": [{ "from_quantity": 2, "percent_bp": percent }] });
    let with = |more: Value| {
        let mut terms = gives(tiers(1000));
        terms.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        terms
    };
    let sets = || gives(json!({ "type": "buy_get", "buy": 1, "get": 1 }));
    let occurrences = |max: u32| json!({ "limits": { "total": { "max": max, "count": "occurrences" } } });
    let mut pairs: Vec<Pair> = [
        ("of the first appointment", when(json!({ "type": "first_appointment" }))),
        ("of the first date", json!({ "first_occurrences": 1 })),
        ("of products", json!({ "scope": { "include": [{ "type": "kind", "kind": "product" }] } })),
        ("of the dates that are left", occurrences(5)),
    ]
    .into_iter()
    .map(|(name, more)| (name, with(none()), with(more), false))
    .collect();
    pairs.extend([
        ("the same tiers", gives(tiers(1000)), gives(tiers(1000)), true),
        ("higher tiers", gives(tiers(1001)), gives(tiers(1000)), false),
        ("the same sets", sets(), sets(), true),
        ("sets are no tiers", sets(), gives(tiers(1000)), false),
        (
            "both of the first appointment",
            with(when(json!({ "type": "first_appointment" }))),
            with(when(json!({ "type": "first_appointment" }))),
            true,
        ),
        ("used up one by one", with(none()), with(json!({ "limits": { "total": 5 } })), true),
    ]);
    check(&pairs);
}
