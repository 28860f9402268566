//! The whole answer: what becomes of the codes in the order typed, what acts by itself, what each line costs.

use serde_json::{Value, json};

use crate::cart;
use crate::code::{key, shown_known, shown_unknown};
use crate::codes::{Fate, fates};
use crate::customer::is_believed;
use crate::judge::{Gift, Judgment};
use crate::lanes::{Act, Code, Lane, needs_no_code, run};
use crate::later::later;
use crate::number::{Number, json, sum, zero};
use crate::question::{Amounts, Question};
use crate::read::{integer, list, must, text, texts};
use crate::reason::{Class, Reason, money};

/// The quote that is expected for an evaluation request.
///
/// # Panics
/// When the request is not valid.
#[must_use]
pub fn answer(request: &Value) -> Value {
    let (site, facts) = (&request["site"], &request["facts"]);
    let lines = cart::read(site, &request["cart"]);
    let currency = text(&request["cart"], "currency").unwrap_or_else(|| must(site, "currency"));
    let question = Question { site, lines: &lines, currency, facts };
    let standing = standing(&question);
    let mut alone: Vec<&Value> = list(request, "promotions").iter().filter(|one| needs_no_code(one)).collect();
    alone.extend(standing.iter());

    let entered = entered(request);
    let known: Vec<Code<'_>> = entered.iter().filter_map(|(_, code)| code.clone()).collect();
    let fates = fates(&question, &known, &alone);
    let admitted: Vec<Code<'_>> = known
        .iter()
        .zip(&fates)
        .filter(|(_, fate)| matches!(fate, Fate::Admitted))
        .map(|(code, _)| code.clone())
        .collect();
    let lanes = run(&question, &admitted, &alone);
    let gifts: Vec<&Gift<'_>> = lanes.iter().filter_map(|lane| lane.act.as_ref()?.judgment.gift.as_ref()).collect();

    let mut decisions = Vec::new();
    let mut fates = fates.iter();
    for (shown, code) in &entered {
        decisions.push(match code {
            None => unknown(shown),
            Some(code) => of_code(&question, code, fates.next().expect("a fate for each"), &lanes),
        });
    }
    for lane in &lanes {
        if let Some(act) = lane.act.as_ref().filter(|act| act.code.is_none()) {
            decisions.push(applied(&question, act, &lanes));
        }
        for (promotion, judgment) in &lane.waiting {
            decisions.push(refused(None, promotion, &judgment.reasons, None));
        }
    }
    quote(&question, &lanes, &gifts, decisions)
}

/// The discount that a customer always has, as a promotion that acts by itself, ahead of others that are worth the same (R49).
fn standing(question: &Question<'_>) -> Option<Value> {
    let percent_bp = integer(&question.facts["customer"], "standing_bp").filter(|_| is_believed(question))?;
    let benefit = json!({"type": "percent", "percent_bp": percent_bp});
    Some(json!({"id": "", "terms": {"kind": "automatic", "benefit": benefit}}))
}

/// The codes typed, each once: how each is shown, and what it unlocks.
fn entered(request: &Value) -> Vec<(String, Option<Code<'_>>)> {
    let alphabet = request["site"]["new_codes"].as_str().unwrap_or("letters_digits_spaces");
    let mut entered: Vec<(String, Option<Code<'_>>)> = Vec::new();
    for typed in texts(&request["facts"], "codes") {
        let found = list(request, "promotions").iter().find_map(|promotion| {
            let code = texts(promotion, "codes")
                .into_iter()
                .find(|code| key(typed).is_some_and(|typed| key(code) == Some(typed)))?;
            let shown = shown_known(code, alphabet);
            Some((shown.clone(), Some(Code { shown, promotion })))
        });
        let one = found.unwrap_or_else(|| (shown_unknown(typed), None));
        let is_same = |other: &(String, Option<Code<'_>>)| other.0 == one.0 && other.1.is_some() == one.1.is_some();
        if !entered.iter().any(is_same) {
            entered.push(one);
        }
    }
    entered
}

fn of_code(question: &Question<'_>, code: &Code<'_>, fate: &Fate, lanes: &[Lane<'_>]) -> Value {
    let rejected =
        |reason: Value| decision(Some(&code.shown), code.promotion, json!({"status": "rejected", "reasons": [reason]}));
    match fate {
        Fate::Admitted => {
            let acts = lanes.iter().filter_map(|lane| lane.act.as_ref());
            let act =
                acts.into_iter().find(|act| act.code.as_ref() == Some(&code.shown)).expect("what is admitted acts");
            applied(question, act, lanes)
        }
        Fate::Refused { reasons, with } => refused(Some(&code.shown), code.promotion, reasons, with.as_deref()),
        Fate::NotCombinable { with } => rejected(json!({"code": "not_combinable", "with": with})),
        Fate::Beaten { by } => {
            rejected(json!({"code": "better_discount_applied", "discount": money(by, question.currency)}))
        }
    }
}

/// A decision about a promotion that may be spoken of.
fn decision(shown: Option<&str>, promotion: &Value, outcome: Value) -> Value {
    let id = must(promotion, "id");
    let mut decision = json!({
        "code": shown,
        "promotion": if id.is_empty() { None } else { Some(id) },
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
fn refused(shown: Option<&str>, promotion: &Value, reasons: &[Reason], with: Option<&str>) -> Value {
    if let Some(shown) = shown.filter(|_| promotion["terms"]["disclosure"] == "private") {
        return unknown(&key(shown).expect("owners have codes"));
    }
    let waits = with.is_none() && reasons.iter().all(|reason| reason.class == Class::Missing);
    let status = if waits { "waiting" } else { "rejected" };
    // All reasons are told (R64); that of R48 has the last place in their order.
    let in_the_way = with.map(|with| json!({"code": "not_combinable", "with": with}));
    let reasons: Vec<Value> = reasons.iter().map(|reason| reason.json.clone()).chain(in_the_way).collect();
    decision(shown, promotion, json!({"status": status, "reasons": reasons}))
}

fn applied(question: &Question<'_>, act: &Act<'_>, lanes: &[Lane<'_>]) -> Value {
    let judgment = &act.judgment;
    let mut allocations = allocations(question, judgment);
    if let Some(gift) = &judgment.gift {
        let gifts = lanes.iter().filter(|lane| lane.act.as_ref().is_some_and(|act| act.judgment.gift.is_some()));
        let number = gifts.into_iter().position(|lane| is_of(lane, act)).expect("a gift of some lane");
        let price = json(&gift.price);
        allocations.push(json!({"line": gift_line(number), "discount_minor": price, "occurrences": []}));
    }
    let discount = json(&judgment.discount());
    let outcome = json!({"status": "applied", "discount_minor": discount, "allocations": allocations});
    let mut decision = decision(act.code.as_deref(), act.promotion, outcome);
    decision["note"] = act.promotion["terms"]["note"].clone();
    decision
}

fn is_of(lane: &Lane<'_>, act: &Act<'_>) -> bool {
    lane.act.as_ref().is_some_and(|own| std::ptr::eq(own, act))
}

fn gift_line(number: usize) -> String {
    format!("~gift{number}")
}

fn allocations(question: &Question<'_>, judgment: &Judgment<'_>) -> Vec<Value> {
    let mut allocations = Vec::new();
    for (line, taken) in question.lines.iter().zip(&judgment.shares) {
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
    allocations
}

fn quote(question: &Question<'_>, lanes: &[Lane<'_>], gifts: &[&Gift<'_>], decisions: Vec<Value>) -> Value {
    let acts: Vec<&Act<'_>> = lanes.iter().filter_map(|lane| lane.act.as_ref()).collect();
    let mut taken: Amounts = question.nothing();
    for (line, slot) in question.places() {
        taken[line][slot] = sum(acts.iter().map(|act| &act.judgment.shares[line][slot]));
    }
    let given = sum(gifts.iter().map(|gift| &gift.price));
    let subtotal = question.lines.iter().fold(given.clone(), |sum, line| sum + line.subtotal());
    let mut quote = priced(&subtotal, &(sum(taken.iter().flatten()) + given));
    quote["currency"] = question.currency.into();
    quote["decisions"] = decisions.into();
    let mut lines = Vec::new();
    for (place, (line, taken)) in question.lines.iter().zip(&taken).enumerate() {
        let mut quoted = priced(&line.subtotal(), &sum(taken));
        let dated = line.occurrences.iter().zip(taken).filter_map(|(occurrence, taken)| {
            let mut quoted = priced(&sum(&occurrence.units), taken);
            quoted["start"] = occurrence.start?.text().into();
            Some(quoted)
        });
        quoted["id"] = line.id.into();
        quoted["occurrences"] = dated.collect();
        quoted["later"] = later(question, place, &acts);
        quoted["gift"] = Value::Null;
        lines.push(quoted);
    }
    for (number, gift) in gifts.iter().enumerate() {
        let mut quoted = priced(&gift.price, &gift.price);
        quoted["id"] = gift_line(number).into();
        quoted["occurrences"] = json!([]);
        quoted["later"] = Value::Null;
        quoted["gift"] = gift.item.into();
        lines.push(quoted);
    }
    quote["lines"] = lines.into();
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
