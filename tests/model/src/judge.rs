//! Whether a promotion applies, and to which occurrences (R19 to R43).

use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::cart::{Line, Occurrence};
use crate::number::{Number, json, sum, zero};
use crate::read::{amount_in, integer, list, must, texts, truth};
use crate::window::{begins, ends, instant, instant_text};

/// What a promotion is judged by.
pub(crate) struct Question<'a> {
    pub(crate) site: &'a Value,
    pub(crate) promotion: &'a Value,
    pub(crate) lines: &'a [Line<'a>],
    pub(crate) currency: &'a str,
    pub(crate) facts: &'a Value,
}

/// Who can do something about a reason (R64).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Final,
    Missing,
    Mendable,
}

/// A reason with its place: class, then rule, then the order in which it was found.
pub(crate) struct Reason {
    pub(crate) class: Class,
    pub(crate) rule: u8,
    pub(crate) json: Value,
}

fn reason(class: Class, rule: u8, json: Value) -> Reason {
    Reason { class, rule, json }
}

/// Whether an occurrence may be discounted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    Yes,
    No,
    /// Its date is missing, and the promotion asks for one.
    Unknown,
}

/// What came of it: for each line and occurrence whether it fits, and why the promotion does not apply.
pub(crate) struct Judgment {
    pub(crate) fits: Vec<Vec<Fit>>,
    pub(crate) reasons: Vec<Reason>,
}

pub(crate) fn judge(question: &Question<'_>) -> Judgment {
    let fits = fits(question);
    let mut reasons = Vec::new();
    if !truth(question.promotion, "active", true) {
        reasons.push(reason(Class::Final, 68, json!({"code": "promotion_inactive"})));
    }
    reasons.extend(currency_not_offered(question));
    reasons.extend(outside_window(question));
    reasons.extend(limits(question));
    if question.lines.is_empty() {
        reasons.push(reason(Class::Missing, 37, json!({"code": "empty_cart"})));
    } else {
        reasons.extend(no_line(question, &fits));
        reasons.extend(spending(question, &fits));
    }
    reasons.sort_by_key(|reason| (reason.class, reason.rule));
    Judgment { fits, reasons }
}

fn conditions<'a>(question: &Question<'a>, kind: &str) -> Vec<&'a Value> {
    let all = list(&question.promotion["terms"], "conditions").iter();
    all.filter(|condition| must(condition, "type") == kind).collect()
}

/// Every amount that is needed must be stated for the cart's currency (R15).
fn currency_not_offered(question: &Question<'_>) -> Option<Reason> {
    let benefit = &question.promotion["terms"]["benefit"];
    let mut tables = vec![list(benefit, "caps"), list(benefit, "amounts")];
    tables.retain(|table| !table.is_empty());
    for kind in ["minimum_subtotal", "maximum_subtotal"] {
        tables.extend(conditions(question, kind).into_iter().map(|condition| list(condition, "amounts")));
    }
    let is_missing = tables.iter().any(|table| amount_in(table, question.currency).is_none());
    let json = json!({"code": "currency_not_offered", "currency": question.currency});
    is_missing.then(|| reason(Class::Final, 15, json))
}

fn outside_window(question: &Question<'_>) -> Option<Reason> {
    let zone: Tz = must(question.site, "zone").parse().expect("a zone");
    let now = instant(must(question.facts, "now_at"));
    for condition in conditions(question, "redeemable") {
        let from = condition["from"].as_str().map(|text| begins(text, zone));
        let until = condition["until"].as_str().map(|text| ends(text, zone));
        if let Some(from) = from.filter(|from| now < *from) {
            let json = json!({"code": "not_yet_active", "starts_at": instant_text(from)});
            return Some(reason(Class::Final, 25, json));
        }
        if let Some(until) = until.filter(|until| now >= *until) {
            return Some(reason(Class::Final, 25, json!({"code": "expired", "ended_at": instant_text(until)})));
        }
    }
    None
}

fn limits(question: &Question<'_>) -> Vec<Reason> {
    let id = must(question.promotion, "id");
    let usage = list(question.facts, "usage").iter().find(|usage| must(usage, "promotion") == id);
    let used = |field| usage.and_then(|usage| integer(usage, field)).unwrap_or(0);
    let limits = &question.promotion["terms"]["limits"];
    let mut reasons = Vec::new();
    if integer(limits, "total").is_some_and(|most| used("total") >= most) {
        reasons.push(reason(Class::Final, 42, json!({"code": "usage_limit_reached"})));
    }
    if let Some(most) = integer(limits, "per_customer") {
        if question.facts["customer"].is_null() {
            reasons.push(reason(Class::Missing, 69, json!({"code": "customer_needed"})));
        } else if used("customer") >= most {
            reasons.push(reason(Class::Final, 43, json!({"code": "customer_limit_reached"})));
        }
    }
    reasons
}

fn fits(question: &Question<'_>) -> Vec<Vec<Fit>> {
    let of_line = |line: &Line<'_>| {
        let touched =
            is_in_scope(&question.promotion["terms"]["scope"], line) && (!is_dated(question) || line.takes_place());
        line.occurrences.iter().map(|occurrence| if touched { fit(question, occurrence) } else { Fit::No }).collect()
    };
    question.lines.iter().map(of_line).collect()
}

/// Whether the promotion has conditions on appointments that this site's pages can answer (R27).
fn is_dated(question: &Question<'_>) -> bool {
    truth(question.site, "has_dates", true) && !conditions(question, "weekdays").is_empty()
}

fn fit(question: &Question<'_>, occurrence: &Occurrence) -> Fit {
    if !is_dated(question) {
        return Fit::Yes;
    }
    let Some(start) = occurrence.start else { return Fit::Unknown };
    let mut days = conditions(question, "weekdays").into_iter().map(|condition| texts(condition, "days"));
    if days.all(|days| days.contains(&start.weekday())) { Fit::Yes } else { Fit::No }
}

/// Scope (R19 to R21): named by an inclusion, or by none where there is none and the kind need not be named; at a venue; not excluded.
fn is_in_scope(scope: &Value, line: &Line<'_>) -> bool {
    let names = |selector: &Value| match must(selector, "type") {
        "kind" => must(selector, "kind") == line.kind,
        "category" => line.categories.contains(&must(selector, "category")),
        "item" => must(selector, "item") == line.item,
        other => panic!("`{other}` is no selector"),
    };
    let (include, exclude, locations) = (list(scope, "include"), list(scope, "exclude"), texts(scope, "locations"));
    let must_be_named = ["fee", "tip", "deposit", "tax"].contains(&line.kind);
    let included = if include.is_empty() { !must_be_named } else { include.iter().any(names) };
    let at_venue = locations.is_empty() || line.location.is_some_and(|location| locations.contains(&location));
    included && at_venue && !exclude.iter().any(names)
}

/// Why no line can be discounted, or not yet.
fn no_line(question: &Question<'_>, fits: &[Vec<Fit>]) -> Vec<Reason> {
    let scope = &question.promotion["terms"]["scope"];
    let touched = |line: &Line<'_>| is_in_scope(scope, line) && (!is_dated(question) || line.takes_place());
    let has = |wanted: Fit| fits.iter().flatten().any(|fit| *fit == wanted);
    if !question.lines.iter().any(touched) {
        vec![reason(Class::Mendable, 20, json!({"code": "no_eligible_lines"}))]
    } else if has(Fit::Unknown) {
        vec![reason(Class::Missing, 27, json!({"code": "date_needed"}))]
    } else if has(Fit::Yes) {
        vec![]
    } else {
        let outside = |condition: &Value| {
            let mut days = texts(condition, "days");
            let week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            days.sort_by_key(|day| week.iter().position(|known| known == day));
            reason(Class::Mendable, 27, json!({"code": "outside_weekdays", "days": days}))
        };
        conditions(question, "weekdays").into_iter().map(outside).collect()
    }
}

/// Minimum and maximum subtotal (R28), inclusive; 0 means no limit.
///
/// Only a known fact fails (R37): an appointment without a date may yet count toward a minimum of what is eligible, and does not
/// yet count toward a maximum.
fn spending(question: &Question<'_>, fits: &[Vec<Fit>]) -> Vec<Reason> {
    let money = |amount: &Number| json!({"currency": question.currency, "amount_minor": json(amount)});
    let mut reasons = Vec::new();
    for condition in conditions(question, "minimum_subtotal") {
        let Some(required) = amount_in(list(condition, "amounts"), question.currency) else { continue };
        let actual = counted(question, fits, condition, &[Fit::Yes, Fit::Unknown]);
        if required > zero() && actual < required {
            let json = json!({"code": "minimum_spend_not_met", "required": money(&required), "actual": money(&actual)});
            reasons.push(reason(Class::Mendable, 28, json));
        }
    }
    for condition in conditions(question, "maximum_subtotal") {
        let Some(allowed) = amount_in(list(condition, "amounts"), question.currency) else { continue };
        let actual = counted(question, fits, condition, &[Fit::Yes]);
        if allowed > zero() && actual > allowed {
            let json = json!({"code": "maximum_spend_exceeded", "allowed": money(&allowed), "actual": money(&actual)});
            reasons.push(reason(Class::Mendable, 28, json));
        }
    }
    reasons
}

/// What counts of the cart: all lines, or the occurrences that fit one of these ways.
fn counted(question: &Question<'_>, fits: &[Vec<Fit>], condition: &Value, counts: &[Fit]) -> Number {
    let is_all = condition["basis"].as_str() != Some("eligible_lines");
    let lines = question.lines.iter().zip(fits);
    let occurrences = lines.flat_map(|(line, fits)| line.occurrences.iter().zip(fits));
    let counted = occurrences.filter(|(_, fit)| is_all || counts.contains(fit));
    sum(counted.flat_map(|(occurrence, _)| &occurrence.units))
}
