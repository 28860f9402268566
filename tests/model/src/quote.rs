//! The whole answer: codes in the order typed, the first that applies holds the place (R48).

use serde_json::{Value, json};

use crate::cart::{self, Line};
use crate::code::{key, shown_known, shown_unknown};
use crate::judge::{Class, Fit, Judgment, Question, judge};
use crate::number::{Number, json, sum, zero};
use crate::price::{Unit, price};
use crate::read::{list, must, text, texts};

/// What is taken off each occurrence of each line.
type Taken = Vec<Vec<Number>>;

/// The quote that is expected for an evaluation request.
///
/// # Panics
/// When the request is not valid.
#[must_use]
pub fn answer(request: &Value) -> Value {
    let (site, facts) = (&request["site"], &request["facts"]);
    let lines = cart::read(&request["cart"]);
    let currency = text(&request["cart"], "currency").unwrap_or_else(|| must(site, "currency"));
    let mut taken: Taken = lines.iter().map(|line| vec![zero(); line.occurrences.len()]).collect();
    let mut holder: Option<String> = None;
    let mut decisions = Vec::new();
    for (shown, promotion) in entered(request) {
        let Some(promotion) = promotion else {
            decisions.push(unknown(&shown));
            continue;
        };
        let judgment = judge(&Question { site, promotion, lines: &lines, currency, facts });
        if !judgment.reasons.is_empty() {
            decisions.push(refused(&shown, promotion, &judgment, holder.as_deref()));
        } else if let Some(with) = &holder {
            let reasons = json!([{"code": "not_combinable", "with": with}]);
            decisions.push(decision(&shown, promotion, json!({"status": "rejected", "reasons": reasons})));
        } else {
            taken = take(promotion, &site["rounding"], currency, &lines, &judgment.fits);
            decisions.push(applied(&shown, promotion, &lines, &taken));
            holder = Some(shown);
        }
    }
    quote(currency, &lines, &taken, decisions)
}

/// The codes typed, each once: how each is shown, and its promotion where it unlocks one.
fn entered(request: &Value) -> Vec<(String, Option<&Value>)> {
    let alphabet = request["site"]["new_codes"].as_str().unwrap_or("letters_digits_spaces");
    let mut entered: Vec<(String, Option<&Value>)> = Vec::new();
    for typed in texts(&request["facts"], "codes") {
        let found = list(request, "promotions").iter().find_map(|promotion| {
            let code = texts(promotion, "codes")
                .into_iter()
                .find(|code| key(typed).is_some_and(|typed| key(code) == Some(typed)))?;
            Some((shown_known(code, alphabet), Some(promotion)))
        });
        let one = found.unwrap_or_else(|| (shown_unknown(typed), None));
        if !entered.contains(&one) {
            entered.push(one);
        }
    }
    entered
}

fn take(promotion: &Value, rounding: &Value, currency: &str, lines: &[Line<'_>], fits: &[Vec<Fit>]) -> Taken {
    let mut units = Vec::new();
    for (line, of_line) in lines.iter().enumerate() {
        for (occurrence, of_occurrence) in of_line.occurrences.iter().enumerate() {
            if fits[line][occurrence] == Fit::Yes {
                let unit = |price: &Number| Unit { line, id: of_line.id, occurrence, price: price.clone() };
                units.extend(of_occurrence.units.iter().map(unit));
            }
        }
    }
    let shares = price(&promotion["terms"]["benefit"], rounding, currency, &units);
    let mut taken: Taken = lines.iter().map(|line| vec![zero(); line.occurrences.len()]).collect();
    for (unit, share) in units.iter().zip(shares) {
        taken[unit.line][unit.occurrence] += share;
    }
    taken
}

/// A decision about a promotion that may be spoken of.
fn decision(shown: &str, promotion: &Value, outcome: Value) -> Value {
    let mut decision = json!({
        "code": shown,
        "promotion": promotion["id"],
        "label": promotion["terms"]["label"],
        "note": null,
    });
    for (name, value) in outcome.as_object().expect("an object") {
        decision[name] = value.clone();
    }
    decision
}

fn unknown(shown: &str) -> Value {
    json!({
        "code": shown,
        "promotion": null,
        "label": null,
        "note": null,
        "status": "rejected",
        "reasons": [{"code": "unknown_code"}],
    })
}

/// Waiting where facts are missing and nothing known fails, else rejected (R37). A private promotion answers like an unknown code (R65).
fn refused(shown: &str, promotion: &Value, judgment: &Judgment, holder: Option<&str>) -> Value {
    if promotion["terms"]["disclosure"] == "private" {
        return unknown(&key(shown).expect("owners have codes"));
    }
    let waits = holder.is_none() && judgment.reasons.iter().all(|reason| reason.class == Class::Missing);
    let status = if waits { "waiting" } else { "rejected" };
    // All reasons are told (R64); that of R48 has the last place in their order.
    let in_the_way = holder.map(|with| json!({"code": "not_combinable", "with": with}));
    let reasons: Vec<Value> = judgment.reasons.iter().map(|reason| reason.json.clone()).chain(in_the_way).collect();
    decision(shown, promotion, json!({"status": status, "reasons": reasons}))
}

fn applied(shown: &str, promotion: &Value, lines: &[Line<'_>], taken: &Taken) -> Value {
    let mut allocations = Vec::new();
    for (line, taken) in lines.iter().zip(taken) {
        let of_occurrences = line.occurrences.iter().zip(taken).filter(|(_, taken)| **taken > zero());
        let occurrences: Vec<Value> = of_occurrences
            .filter_map(|(occurrence, taken)| {
                Some(json!({"start": occurrence.start?.text(), "discount_minor": json(taken)}))
            })
            .collect();
        if sum(taken) > zero() {
            allocations.push(json!({"line": line.id, "discount_minor": json(&sum(taken)), "occurrences": occurrences}));
        }
    }
    let discount = sum(taken.iter().flatten());
    let mut decision = decision(
        shown,
        promotion,
        json!({"status": "applied", "discount_minor": json(&discount), "allocations": allocations}),
    );
    decision["note"] = promotion["terms"]["note"].clone();
    decision
}

fn quote(currency: &str, lines: &[Line<'_>], taken: &Taken, decisions: Vec<Value>) -> Value {
    let subtotal = lines.iter().fold(zero(), |sum, line| sum + line.subtotal());
    let mut quote = priced(&subtotal, &sum(taken.iter().flatten()));
    quote["currency"] = currency.into();
    quote["decisions"] = decisions.into();
    let lines = lines.iter().zip(taken).map(|(line, taken)| {
        let mut quoted = priced(&line.subtotal(), &sum(taken));
        let dated = line.occurrences.iter().zip(taken).filter_map(|(occurrence, taken)| {
            let mut quoted = priced(&sum(&occurrence.units), taken);
            quoted["start"] = occurrence.start?.text().into();
            Some(quoted)
        });
        quoted["id"] = line.id.into();
        quoted["occurrences"] = dated.collect();
        quoted
    });
    quote["lines"] = lines.collect();
    quote
}

/// Before, what is taken off, after.
fn priced(subtotal: &Number, discount: &Number) -> Value {
    json!({
        "subtotal_minor": json(subtotal),
        "discount_minor": json(discount),
        "total_minor": json(&(subtotal - discount)),
    })
}
