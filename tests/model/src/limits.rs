//! How often a promotion may be used, and for how much (R41 to R45).

use serde_json::{Value, json};

use crate::number::{Number, whole};
use crate::question::Question;
use crate::read::{amount_in, integer, list, must};
use crate::reason::{Class, Reason, plain, with};

/// A limit on uses, with what is left of it.
pub(crate) struct Limit {
    pub(crate) left: i64,
    pub(crate) counts_occurrences: bool,
    pub(crate) reached: Reason,
}

/// The limits on uses. One per customer says nothing about a customer whom nobody knows.
pub(crate) fn limits(question: &Question<'_>, promotion: &Value) -> Vec<Limit> {
    let period = |name| with(Class::Final, 45, json!({"code": "period_limit_reached", "period": name}));
    let all = [
        ("total", "total", plain(Class::Final, 42, "usage_limit_reached")),
        ("per_customer", "customer", plain(Class::Final, 43, "customer_limit_reached")),
        ("per_code", "code", plain(Class::Final, 45, "code_limit_reached")),
        ("per_day", "day", period("day")),
        ("per_week", "week", period("week")),
        ("per_month", "month", period("month")),
    ];
    let limits = &promotion["terms"]["limits"];
    let of = |(name, counter, reached): (&str, &str, Reason)| {
        let limit = &limits[name];
        if limit.is_null() || (name == "per_customer" && question.facts["customer"].is_null()) {
            return None;
        }
        let most = limit.as_i64().unwrap_or_else(|| integer(limit, "max").expect("how many"));
        let left = (most - used(question, promotion, counter)).max(0);
        Some(Limit { left, counts_occurrences: limit["count"] == "occurrences", reached })
    };
    all.into_iter().filter_map(of).collect()
}

/// What is left of the budget, where there is one for the cart's currency.
pub(crate) fn budget_left(question: &Question<'_>, promotion: &Value) -> Option<Number> {
    let budget = amount_in(list(&promotion["terms"]["limits"], "budget"), question.currency)?;
    Some((budget - whole(used(question, promotion, "spent_minor"))).max(whole(0)))
}

fn used(question: &Question<'_>, promotion: &Value, counter: &str) -> i64 {
    let id = must(promotion, "id");
    let usage = list(question.facts, "usage").iter().find(|usage| must(usage, "promotion") == id);
    usage.and_then(|usage| integer(usage, counter)).unwrap_or(0)
}
