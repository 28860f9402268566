//! Changes to a request: what a visitor does to a cart, and what must not matter.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde_json::Value;
use tearoff_cases::Random;
use tearoff_core::cart::Frequency;
use tearoff_core::facts::Entered;
use tearoff_core::promotion::Selector;
use tearoff_core::promotion::condition::Basis;
use tearoff_core::promotion::draft::ConditionDraft;
use tearoff_core::request::{CartRequest, LineRequest, OccurrenceRequest};
use tearoff_core::standalone::EvaluationRequest;

/// A line that costs `price` and that no promotion of the generator names.
#[must_use]
pub fn stranger(price_minor: i64) -> LineRequest {
    LineRequest {
        id: "stranger".into(),
        item: "stranger".into(),
        unit_price_minor: Some(price_minor),
        kind: Some("fee".into()),
        ..LineRequest::default()
    }
}

/// One more unit of what a line holds, at another price, on the line's first date.
#[must_use]
pub fn one_more(like: &LineRequest, price_minor: i64) -> LineRequest {
    let mut occurrences = like.occurrences.clone();
    occurrences.sort_by(|one, two| one.start.cmp(&two.start));
    occurrences.truncate(1);
    for occurrence in &mut occurrences {
        occurrence.unit_price_minor = None;
    }
    LineRequest {
        id: "one-more".into(),
        quantity: None,
        unit_price_minor: Some(price_minor),
        occurrences,
        ..like.clone()
    }
}

/// The request with one more line, somewhere among the others.
#[must_use]
pub fn with_line(request: &EvaluationRequest, line: LineRequest, random: &mut Random) -> EvaluationRequest {
    let mut changed = request.clone();
    changed.cart.lines.push(line);
    random.shuffle(&mut changed.cart.lines);
    changed
}

/// The request with every appointment moved to the next free such weekday.
#[must_use]
pub fn moved_to(request: &EvaluationRequest, day: &str) -> EvaluationRequest {
    let mut changed = request.clone();
    for line in &mut changed.cart.lines {
        if takes_place(line) {
            move_line(line, day);
        }
    }
    changed
}

fn takes_place(line: &LineRequest) -> bool {
    matches!(line.kind.as_deref(), Some("appointment" | "group_class" | "series_class"))
}

fn move_line(line: &mut LineRequest, day: &str) {
    let mut taken = BTreeSet::new();
    for occurrence in &mut line.occurrences {
        let (date, time) = occurrence.start.split_at(10);
        let date: NaiveDate = date.parse().expect("a date");
        let day: Weekday = day.parse().expect("a weekday");
        let mut date = date + Days::new(u64::from(day.days_since(date.weekday())));
        while !taken.insert(format!("{date}{time}")) {
            date = date + Days::new(7);
        }
        occurrence.start = format!("{date}{time}");
    }
}

/// The request with every appointment on a date, its time kept.
#[must_use]
pub fn on_date(request: &EvaluationRequest, date: &str) -> EvaluationRequest {
    let mut changed = request.clone();
    for occurrence in appointments(&mut changed) {
        occurrence.start = format!("{date}{}", &occurrence.start[10..]);
    }
    changed
}

/// The request with every appointment at a time of day, its date kept.
#[must_use]
pub fn at_time(request: &EvaluationRequest, time: &str) -> EvaluationRequest {
    let mut changed = request.clone();
    for occurrence in appointments(&mut changed) {
        occurrence.start = format!("{}T{time}", &occurrence.start[..10]);
    }
    changed
}

fn appointments(request: &mut EvaluationRequest) -> impl Iterator<Item = &mut OccurrenceRequest> {
    let lines = request.cart.lines.iter_mut().filter(|line| takes_place(line));
    lines.flat_map(|line| &mut line.occurrences)
}

/// The request with every line booked this often.
#[must_use]
pub fn booked(request: &EvaluationRequest, frequency: Frequency) -> EvaluationRequest {
    let mut changed = request.clone();
    changed.cart.lines.iter_mut().for_each(|line| line.frequency = Some(frequency));
    changed
}

/// The request with so many more units of a line.
#[must_use]
pub fn with_more_units(request: &EvaluationRequest, line: &str, count: u32) -> EvaluationRequest {
    let mut changed = request.clone();
    for line in changed.cart.lines.iter_mut().filter(|found| found.id == line) {
        line.quantity = Some(line.quantity.unwrap_or(1) + i64::from(count));
    }
    changed
}

/// The request without a line.
#[must_use]
pub fn without_line(request: &EvaluationRequest, line: &str) -> EvaluationRequest {
    let mut changed = request.clone();
    changed.cart.lines.retain(|found| found.id != line);
    changed
}

/// The request with one more line of what a promotion names, otherwise like one that is there.
#[must_use]
pub fn with_one_of(request: &EvaluationRequest, like: &LineRequest, what: &Selector) -> EvaluationRequest {
    let mut changed = request.clone();
    let mut line =
        LineRequest { id: "one-more".into(), quantity: Some(1), categories: None, discounted: None, ..like.clone() };
    line.occurrences.sort_by(|one, two| one.start.cmp(&two.start));
    line.occurrences.truncate(1);
    match what {
        Selector::Kind { kind } => line.kind = serde_json::to_value(kind).expect("a kind").as_str().map(Into::into),
        Selector::Category { category } => line.categories = Some(vec![category.as_str().into()]),
        Selector::Item { item } => line.item = item.as_str().into(),
    }
    changed.cart.lines.push(line);
    changed
}

/// The request without a code, however it was typed.
#[must_use]
pub fn without_code(request: &EvaluationRequest, code: &str) -> EvaluationRequest {
    let mut changed = request.clone();
    let shown = Entered::unknown(code).code;
    changed.facts.codes.retain(|typed| {
        let typed = Entered::unknown(typed).code;
        *typed != *code && typed != shown
    });
    changed
}

/// The request with conditions on what the cart is worth judged on eligible lines, and none on how many lines there are: no line could be
/// added under such a one.
#[must_use]
pub fn judged_on_eligible_lines(request: &EvaluationRequest) -> EvaluationRequest {
    let mut changed = request.clone();
    let conditions = changed.promotions.iter_mut().map(|promotion| &mut promotion.terms.conditions);
    for condition in conditions.flat_map(|conditions| {
        conditions.retain(|condition| !matches!(condition, ConditionDraft::MaximumLines { .. }));
        conditions
    }) {
        match condition {
            ConditionDraft::MinimumSubtotal { basis, .. } | ConditionDraft::MaximumSubtotal { basis, .. } => {
                *basis = Basis::EligibleLines;
            }
            _ => {}
        }
    }
    changed
}

/// The cart as another visitor might leave it: lines taken out, quantities changed, lines put in any order.
#[must_use]
pub fn rearranged(cart: &CartRequest, random: &mut Random) -> CartRequest {
    let mut changed = cart.clone();
    changed.lines.retain(|_| random.chance(80));
    for line in &mut changed.lines {
        if random.chance(40) {
            line.quantity = Some(random.between(1, 5));
        }
    }
    random.shuffle(&mut changed.lines);
    changed
}

/// The value as JSON whose objects have their keys in any order.
#[must_use]
pub fn with_keys_shuffled(value: &Value, random: &mut Random) -> String {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<String> =
                object.iter().map(|(key, value)| format!("{key:?}: {}", with_keys_shuffled(value, random))).collect();
            random.shuffle(&mut entries);
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(array) => {
            let entries: Vec<String> = array.iter().map(|value| with_keys_shuffled(value, random)).collect();
            format!("[{}]", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// Replaces one leaf of a value by something nobody should send.
pub fn spoil(value: &mut Value, random: &mut Random) {
    let count = match value {
        Value::Object(object) => object.len(),
        Value::Array(array) if random.chance(95) => array.len(),
        _ => 0,
    };
    let place = usize::try_from(random.below(count as u64)).expect("a place in the list");
    match value {
        Value::Object(object) if count > 0 => spoil(object.values_mut().nth(place).expect("a value"), random),
        Value::Array(array) if count > 0 => spoil(&mut array[place], random),
        leaf => *leaf = nonsense(leaf, random),
    }
}

/// Something of the same type as a rule, so that it is read and must be checked.
fn nonsense(leaf: &Value, random: &mut Random) -> Value {
    let numbers = [-1, 0, 1, 10_000, 10_001, 1_000_000_000_000, 1_000_000_000_001, i64::MAX, i64::MIN];
    let long = "x".repeat(70);
    let texts = ["", " ", "\0", "é", "9999-12-31", "1970-01-01T00:00", "2026-02-30", "mon", "tax", "EUR", "eur", &long];
    match leaf {
        Value::Number(_) => (*random.pick(&numbers)).into(),
        Value::String(_) if random.chance(90) => (*random.pick(&texts)).into(),
        Value::Bool(value) => (!*value).into(),
        _ => random.pick(&[Value::Null, 1.into(), "".into(), Value::Array(Vec::new()), true.into()]).clone(),
    }
}
