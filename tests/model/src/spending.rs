//! Minimum and maximum subtotal (R28), inclusive; 0 means no limit.

use serde_json::{Value, json};

use crate::appointment::Fit;
use crate::number::{Number, sum, zero};
use crate::question::{Amounts, Question};
use crate::read::{amount_in, list, text};
use crate::reason::{Class, Reason, money, too_little, with};

/// What is wrong with what the cart costs. `left` is what earlier lanes have left of it.
///
/// Only a known fact fails (R37): an appointment of which a fact is missing may yet count toward a minimum of what is eligible, and
/// does not yet count toward a maximum.
pub(crate) fn reasons(question: &Question<'_>, promotion: &Value, fits: &[Vec<Fit>], left: &Amounts) -> Vec<Reason> {
    let currency = question.currency;
    let bound = |kind| {
        let condition = question.condition(promotion, kind)?;
        let amount = amount_in(list(condition, "amounts"), currency)?;
        (amount > zero()).then_some((condition, amount))
    };
    let mut reasons = Vec::new();
    if let Some((condition, required)) = bound("minimum_subtotal") {
        let actual = counted(question, condition, fits, left, &[Fit::Yes, Fit::Unknown]);
        if actual < required {
            reasons.push(too_little(&required, &actual, currency));
        }
    }
    if let Some((condition, allowed)) = bound("maximum_subtotal") {
        let actual = counted(question, condition, fits, left, &[Fit::Yes]);
        if actual > allowed {
            let (allowed, actual) = (money(&allowed, currency), money(&actual, currency));
            let json = json!({"code": "maximum_spend_exceeded", "allowed": allowed, "actual": actual});
            reasons.push(with(Class::Mendable, 28, json));
        }
    }
    if let Some(condition) = question.condition(promotion, "maximum_lines") {
        let (allowed, actual) = (condition["lines"].as_u64().unwrap_or(0), question.lines.len() as u64);
        if actual > allowed {
            let json = json!({"code": "too_many_lines", "allowed": allowed, "actual": actual});
            reasons.push(with(Class::Mendable, 28, json));
        }
    }
    reasons
}

/// What counts of the cart: all lines, or the occurrences that fit one of these ways; before discounts, or after those of earlier lanes.
fn counted(question: &Question<'_>, condition: &Value, fits: &[Vec<Fit>], left: &Amounts, counts: &[Fit]) -> Number {
    let is_all = text(condition, "basis").unwrap_or("all_lines") == "all_lines";
    let is_after = text(condition, "counts").unwrap_or("before_discounts") == "after_discounts";
    let prices = if is_after { left.clone() } else { question.list_prices() };
    let counted = question.places().into_iter().filter(|(line, slot)| is_all || counts.contains(&fits[*line][*slot]));
    sum(counted.map(|(line, slot)| &prices[line][slot]))
}
