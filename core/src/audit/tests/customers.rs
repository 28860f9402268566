//! Whom a promotion is for, and how often.

use super::*;

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
