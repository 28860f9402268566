//! What must hold of the customer and of where they book (R29 to R34, R52, R69).

use serde_json::Value;

use crate::code::key;
use crate::question::Question;
use crate::read::{must, text, texts, truth};
use crate::reason::{Class, Reason, plain};

/// What a condition on the customer comes to.
enum Found {
    Holds,
    Fails(&'static str),
    /// Nobody knows who they are.
    CustomerNeeded,
    /// Their own word is not enough.
    SignInNeeded,
}

/// Whether rules about named customers, passes and standing discounts may believe who the customer is (R69).
pub(crate) fn is_believed(question: &Question<'_>) -> bool {
    let customer = &question.facts["customer"];
    let is_asserted = !customer.is_null() && must(customer, "identity") == "asserted";
    !customer.is_null() && (is_asserted || truth(question.site, "trusts_claims", false))
}

pub(crate) fn reasons(question: &Question<'_>, promotion: &Value) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let rules = [
        ("audience", 29),
        ("first_order", 30),
        ("first_appointment", 31),
        ("named_customers", 32),
        ("active_pass", 33),
    ];
    let mut missing = Vec::new();
    for (kind, rule) in rules {
        let Some(condition) = question.condition(promotion, kind) else { continue };
        match found(question, condition) {
            Found::Holds => {}
            Found::Fails(code) => reasons.push(plain(Class::Final, rule, code)),
            Found::CustomerNeeded => missing.push("customer_needed"),
            Found::SignInNeeded => missing.push("sign_in_needed"),
        }
    }
    if let Some(channels) = question.condition(promotion, "channels") {
        let here = text(question.facts, "channel").unwrap_or("booking_page");
        if !texts(channels, "channels").contains(&here) {
            reasons.push(plain(Class::Final, 34, "other_channel"));
        }
    }
    // How often a customer used it is a question about them too.
    if !promotion["terms"]["limits"]["per_customer"].is_null() && question.facts["customer"].is_null() {
        missing.push("customer_needed");
    }
    if is_own_referral(question, promotion) {
        reasons.push(plain(Class::Final, 52, "own_referral"));
    }
    missing.sort_unstable();
    missing.dedup();
    reasons.extend(missing.into_iter().map(|code| plain(Class::Missing, 69, code)));
    reasons
}

fn found(question: &Question<'_>, condition: &Value) -> Found {
    let customer = &question.facts["customer"];
    if customer.is_null() {
        return Found::CustomerNeeded;
    }
    let past = |field| truth(&customer["history"], field, false);
    let holds_else = |holds: bool, code| if holds { Found::Holds } else { Found::Fails(code) };
    match must(condition, "type") {
        "audience" if must(condition, "audience") == "existing" => {
            holds_else(past("in_system"), "existing_customers_only")
        }
        "audience" => holds_else(!past("has_ordered") && !past("has_appointment"), "new_customers_only"),
        "first_order" => holds_else(!past("has_ordered"), "first_order_only"),
        "first_appointment" => holds_else(!past("has_appointment"), "first_appointment_only"),
        _ if !is_believed(question) => Found::SignInNeeded,
        "named_customers" => {
            let tags = texts(condition, "tags");
            let is_named = text(customer, "id").is_some_and(|id| texts(condition, "customers").contains(&id));
            let is_tagged = texts(customer, "tags").iter().any(|tag| tags.contains(tag));
            holds_else(is_named || is_tagged, "not_for_this_customer")
        }
        "active_pass" => {
            let passes = texts(condition, "passes");
            holds_else(texts(customer, "passes").iter().any(|pass| passes.contains(pass)), "pass_needed")
        }
        other => panic!("`{other}` is no condition on customers"),
    }
}

/// Whether one of a referral's codes is the customer's own.
fn is_own_referral(question: &Question<'_>, promotion: &Value) -> bool {
    let own: Vec<Option<String>> = texts(&question.facts["customer"], "own_codes").into_iter().map(key).collect();
    must(&promotion["terms"], "kind") == "referral"
        && texts(promotion, "codes").into_iter().any(|code| own.contains(&key(code)))
}
