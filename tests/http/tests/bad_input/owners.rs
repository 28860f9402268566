//! Promotions, catalogs and policies that an owner got wrong.

use serde_json::{Value, json};
use tearoff_http_tests::client::Client;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::terms;

use crate::{names, nothing_changes};

fn promotion(codes: &Value, more: &Value) -> Value {
    json!({ "codes": codes, "terms": terms("Label", 2000, more) })
}

fn condition(condition: &Value) -> Value {
    promotion(&json!(["NEW"]), &json!({ "conditions": [condition] }))
}

fn benefit(benefit: &Value) -> Value {
    promotion(&json!(["NEW"]), &json!({ "benefit": benefit }))
}

fn refuse_promotion(backend: &Client, body: &Value, field: &str) {
    let told = body.to_string();
    names(&backend.post("/v1/promotions", body), field, told.get(..200).unwrap_or(&told));
}

#[test]
fn a_wrong_benefit_or_limit_is_refused_with_its_field() {
    let harness = Harness::open();
    let backend = harness.backend();
    let percent = |value: Value| benefit(&json!({ "type": "percent", "percent_bp": value }));
    let fixed =
        |value: Value| benefit(&json!({ "type": "fixed", "amounts": [{ "currency": "EUR", "amount_minor": value }] }));
    let limits = |name: &str, value: Value| promotion(&json!(["NEW"]), &json!({ "limits": { name: value } }));
    let euros = json!({ "currency": "EUR", "amount_minor": 500 });
    nothing_changes(&harness, || {
        for value in [json!(-1), json!(10_001), json!(20.5), json!("20"), json!(1e18), json!(i64::MAX), json!(null)] {
            refuse_promotion(&backend, &percent(value), "terms.benefit.percent_bp");
        }
        for value in [json!(-1), json!(1_000_000_000_001_i64), json!(5.0), json!("500"), json!(i64::MIN)] {
            refuse_promotion(&backend, &fixed(value), "terms.benefit.amounts[0].amount_minor");
        }
        for value in [json!(0), json!(-1), json!(1.5), json!("50"), json!(i64::MAX)] {
            refuse_promotion(&backend, &limits("total", value.clone()), "terms.limits.total");
            refuse_promotion(&backend, &limits("per_customer", value), "terms.limits.per_customer");
        }
        refuse_promotion(&backend, &limits("per_planet", json!(1)), "terms.limits.per_planet");
        refuse_promotion(
            &backend,
            &benefit(&json!({ "type": "fixed", "amounts": [euros, euros] })),
            "terms.benefit.amounts",
        );
        refuse_promotion(&backend, &benefit(&json!({ "type": "giveaway" })), "terms.benefit.type");
        refuse_promotion(
            &backend,
            &benefit(&json!({ "type": "fixed", "amounts": [euros], "per": "hour" })),
            "terms.benefit.per",
        );
        refuse_promotion(&backend, &benefit(&json!({ "type": "no_discount" })), "terms.note");
        refuse_promotion(
            &backend,
            &benefit(&json!({ "type": "percent", "percent_bp": 1, "free": true })),
            "terms.benefit.free",
        );
    });
}

#[test]
fn wrong_conditions_and_scopes_are_refused_with_their_field() {
    let harness = Harness::open();
    let backend = harness.backend();
    let at = |name: &str| format!("terms.conditions[0]{name}");
    let minimum = |amount: Value| json!({ "type": "minimum_subtotal", "amounts": [{ "currency": "EUR", "amount_minor": amount }] });
    let table = [
        (condition(&json!({ "type": "moon_phase" })), at(".type")),
        (condition(&json!({ "type": "redeemable", "from": "2026-12-31", "until": "2026-12-01" })), at("")),
        (condition(&json!({ "type": "redeemable", "from": "tomorrow" })), at(".from")),
        (condition(&json!({ "type": "redeemable", "until": "2026-02-30" })), at(".until")),
        (condition(&json!({ "type": "weekdays", "days": ["funday"] })), at(".days")),
        (condition(&json!({ "type": "weekdays", "days": [] })), at(".days")),
        (condition(&minimum(json!(-1))), at(".amounts[0].amount_minor")),
        (condition(&minimum(json!(1.5))), at(".amounts[0].amount_minor")),
        (condition(&json!({ "type": "minimum_subtotal", "amounts": [], "basis": "moon" })), at(".basis")),
    ];
    let twice =
        json!({ "conditions": [{ "type": "weekdays", "days": ["mon"] }, { "type": "weekdays", "days": ["tue"] }] });
    let many: Vec<Value> = (0..1001).map(|index| json!({ "type": "item", "item": format!("item{index}") })).collect();
    nothing_changes(&harness, || {
        for (body, field) in &table {
            refuse_promotion(&backend, body, field);
        }
        refuse_promotion(&backend, &promotion(&json!(["NEW"]), &twice), "terms.conditions[1]");
        let scope = |include: Value| promotion(&json!(["NEW"]), &json!({ "scope": { "include": include } }));
        refuse_promotion(&backend, &scope(json!([{ "type": "kind", "kind": "boat" }])), "terms.scope.include[0].kind");
        refuse_promotion(&backend, &scope(json!([{ "type": "item", "item": "a b" }])), "terms.scope.include[0].item");
        refuse_promotion(&backend, &scope(many.into()), "terms.scope.include");
        refuse_promotion(&backend, &promotion(&json!(["NEW"]), &json!({ "label": "" })), "terms.label");
        refuse_promotion(&backend, &promotion(&json!(["NEW"]), &json!({ "label": "x".repeat(10_240) })), "terms.label");
        for name in ["name", "label", "note", "description"] {
            let turned = json!({ name: "\u{202e}ffo % 02" });
            refuse_promotion(&backend, &promotion(&json!(["NEW"]), &turned), &format!("terms.{name}"));
        }
        refuse_promotion(&backend, &promotion(&json!(["NEW"]), &json!({ "colour": "red" })), "terms.colour");
        refuse_promotion(&backend, &promotion(&json!(["NEW"]), &json!({ "kind": "lottery" })), "terms.kind");
        refuse_promotion(&backend, &json!({ "codes": ["NEW"] }), "terms");
    });
}

/// A list for an object, an object or a number for a name: JSON all of it, and wrong in one field.
#[test]
fn a_value_of_another_type_is_refused_with_its_field() {
    let harness = Harness::open();
    let backend = harness.backend();
    let table = [
        ("kind", json!(7), "terms.kind"),
        ("kind", json!({ "coupon": null }), "terms.kind"),
        ("disclosure", json!(["open"]), "terms.disclosure"),
        ("scope", json!([]), "terms.scope"),
        ("limits", json!([5]), "terms.limits"),
        ("limits", json!({ "total": { "max": 5, "count": 7 } }), "terms.limits.total.count"),
        ("benefit", json!({ "type": 7 }), "terms.benefit.type"),
        ("benefit", json!({ "type": { "no_discount": null } }), "terms.benefit.type"),
        ("conditions", json!([["weekdays"]]), "terms.conditions[0]"),
        ("conditions", json!([{ "type": "channels", "channels": [7] }]), "terms.conditions[0].channels[0]"),
    ];
    nothing_changes(&harness, || {
        for (name, value, field) in table {
            refuse_promotion(&backend, &promotion(&json!(["NEW"]), &json!({ name: value })), field);
        }
        names(&backend.put("/v1/site", &json!({ "policy": [] })), "policy", "a list for a policy");
    });
}

#[test]
fn wrong_codes_are_refused_with_their_place() {
    let harness = Harness::open();
    let backend = harness.backend();
    let codes = |codes: Value| promotion(&codes, &json!({}));
    nothing_changes(&harness, || {
        for bad in [
            "",
            " ",
            "ЅАVЕ10",
            "SAVEſ10",
            "SAVE\u{200B}10",
            "SAVE\n10\u{0}",
            "折扣",
            "A/B",
            "50%",
            &"A".repeat(65),
            &"A".repeat(10_240),
        ] {
            refuse_promotion(&backend, &codes(json!(["GOOD", bad])), "codes[1]");
        }
        refuse_promotion(&backend, &codes(json!([7])), "codes[0]");
        refuse_promotion(&backend, &codes(json!("NEW")), "codes");
        refuse_promotion(&backend, &codes(json!(["NEW", " new "])), "codes[1]");
        let many: Vec<String> = (0..10_001).map(|index| format!("NEW{index}")).collect();
        refuse_promotion(&backend, &codes(many.into()), "codes");
        let taken = backend.post("/v1/promotions", &codes(json!(["NEW", "welcome20"])));
        let problem = taken.any_problem();
        assert!(taken.status == 400 || taken.status == 409, "{problem}");
        assert_eq!(problem["errors"][0]["field"], "codes[1]", "a code belongs to one promotion: {problem}");
    });
    assert_eq!(backend.post("/v1/promotions", &codes(json!(["NEW"]))).status, 201, "what was refused is not taken");
}

#[test]
fn a_wrong_catalog_or_policy_is_refused_with_its_field() {
    let harness = Harness::open();
    let backend = harness.backend();
    let item = |name: &str, value: Value| {
        let mut item = json!({ "id": "boat", "name": "Boat", "kind": "product", "prices": [{ "currency": "EUR", "amount_minor": 1 }] });
        item[name] = value;
        json!({ "items": [item] })
    };
    let price =
        |currency: &str, amount: Value| item("prices", json!([{ "currency": currency, "amount_minor": amount }]));
    let policy = backend.get("/v1/site").expect(200)["policy"].clone();
    let with = |name: &str, value: Value| {
        let mut policy = policy.clone();
        policy[name] = value;
        policy
    };
    nothing_changes(&harness, || {
        for (body, field) in [
            (price("EUR", json!(-1)), "items[0].prices[0].amount_minor"),
            (price("EUR", json!(1_000_000_000_001_i64)), "items[0].prices[0].amount_minor"),
            (price("EUR", json!(18.0)), "items[0].prices[0].amount_minor"),
            (price("EUR", json!("1800")), "items[0].prices[0].amount_minor"),
            (price("XQX", json!(1)), "items[0].prices[0].currency"),
            (item("kind", json!("boat")), "items[0].kind"),
            (item("id", json!("a b")), "items[0].id"),
            (item("name", json!("")), "items[0].name"),
            (item("name", json!("x".repeat(501))), "items[0].name"),
            (item("name", json!("Boat\u{202e}taoB")), "items[0].name"),
            (item("name", json!("Boat\nLine")), "items[0].name"),
            (item("price_minor", json!(1)), "items[0].price_minor"),
            (json!({}), "items"),
        ] {
            names(&backend.put("/v1/catalog", &body), field, &body.to_string());
        }
        let mut twice = item("kind", json!("product"));
        let again = twice["items"][0].clone();
        twice["items"].as_array_mut().unwrap().push(again);
        names(&backend.put("/v1/catalog", &twice), "items[1].id", "one item twice");
        let many = vec![item("kind", json!("product"))["items"][0].clone(); 10_001];
        names(&backend.put("/v1/catalog", &json!({ "items": many })), "items", "too many items");
        for (name, value) in [
            ("zone", json!("Moon/Base")),
            ("currency", json!("XQX")),
            ("hold_seconds", json!(59)),
            ("hold_seconds", json!(-1)),
            ("hold_seconds", json!(900.5)),
            ("honor_quote_seconds", json!(901)),
            ("confirm_on", json!("never")),
            ("tag_redeems", json!(true)),
            ("colour", json!("red")),
        ] {
            names(&send_policy(&backend, &with(name, value)), &format!("policy.{name}"), name);
        }
    });
}

fn send_policy(backend: &Client, policy: &Value) -> tearoff_http_tests::client::Answer {
    let site = backend.get("/v1/site").expect(200);
    backend.put("/v1/site", &json!({ "policy": policy, "origins": site["origins"] }))
}
