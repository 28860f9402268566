//! What each later payment costs, for subscriptions and for series whose end is open (R38, R40).

use serde_json::{Value, json};

use crate::judge::taken;
use crate::lanes::Act;
use crate::limits::limits;
use crate::number::{Number, json, sum, zero};
use crate::question::Question;
use crate::read::{integer, list, must, text, truth};
use crate::tiers;
use crate::units::{picked, units};

/// On how many later payments a promotion acts.
enum Times {
    Never,
    So(i64),
    ForEver,
}

/// What one more payment for a line costs; null where there is none to come. It is the line's last occurrence once more.
pub(crate) fn later(question: &Question<'_>, line: usize, acts: &[&Act<'_>]) -> Value {
    let of = &question.lines[line];
    let is_subscription = of.kind == "subscription";
    if !is_subscription && of.frequency != Some("open_ended") {
        return Value::Null;
    }
    let place = (line, of.occurrences.len() - 1);
    let list_prices = question.list_prices();
    let subtotal = list_prices[place.0][place.1].clone();
    let mut left = list_prices.clone();
    let mut fewest: Option<i64> = None;
    for act in acts {
        let terms = &act.promotion["terms"];
        // A payment reaches a tier by itself or not at all.
        let tier = match tiers::reached(question, &terms["benefit"], &[place]) {
            Some(Err(_)) => continue,
            Some(Ok(tier)) => Some(tier),
            None => None,
        };
        let times = times(question, act, tier, line, is_subscription);
        if matches!(times, Times::Never) {
            continue;
        }
        let prices = if act.is_on_list { &list_prices } else { &left };
        let touched = picked(terms, units(question, &[place], prices));
        let found: Number = sum(&taken(question, &terms["benefit"], tier, &touched));
        let before = left[place.0][place.1].clone();
        let found = found.min(before.clone());
        // What takes nothing off ends nothing either.
        if let (Times::So(times), true) = (times, found > zero()) {
            fewest = Some(fewest.map_or(times, |fewest| fewest.min(times)));
        }
        left[place.0][place.1] = before - found;
    }
    let total = &left[place.0][place.1];
    let discount = &subtotal - total;
    json!({
        "subtotal_minor": json(&subtotal),
        "discount_minor": json(&discount),
        "total_minor": json(total),
        "times": fewest,
    })
}

fn times(question: &Question<'_>, act: &Act<'_>, tier: Option<&Value>, line: usize, is_subscription: bool) -> Times {
    let terms = &act.promotion["terms"];
    let benefit = &terms["benefit"];
    let acted_on = act.judgment.kept.iter().filter(|(of, _)| *of == line).count() as i64;
    let is_repeatable = !["no_discount", "gift", "buy_get"].contains(&must(benefit, "type"));
    if acted_on == 0 || !is_repeatable {
        return Times::Never;
    }
    // What a customer always has, they have then too (R49).
    if must(act.promotion, "id").is_empty() {
        return Times::ForEver;
    }
    let so = |times: i64| if times > 0 { Times::So(times) } else { Times::Never };
    if is_subscription {
        return match truth(terms, "every_payment", false) {
            true => Times::ForEver,
            false => so(integer(terms, "first_payments").unwrap_or(1) - 1),
        };
    }
    let is_once = match tier {
        Some(tier) => !list(tier, "amounts").is_empty(),
        None => must(benefit, "type") == "fixed" && text(benefit, "per").unwrap_or("redemption") == "redemption",
    };
    // An amount for the redemption is given once; and there is but one first appointment (R31).
    if is_once || question.condition(act.promotion, "first_appointment").is_some() {
        return Times::Never;
    }
    // Later dates count as occurrences, and a limit may have few left for them (R38). A thousand left may be any number.
    let kept = act.judgment.kept.len() as i64;
    let limits = limits(question, act.promotion);
    let left = limits.iter().filter(|limit| limit.counts_occurrences && limit.left < 1000);
    let left = left.map(|limit| limit.left - kept);
    let first = integer(terms, "first_occurrences").map(|first| first - acted_on);
    left.chain(first).min().map_or(Times::ForEver, so)
}
