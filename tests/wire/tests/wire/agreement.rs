//! Requests bent in one place each: document and reader refuse the same.

use serde_json::{Map, Value};
use tearoff_core::standalone::{EvaluationRequest, Question};
use tearoff_server::json;

use crate::schemas::validator;

/// The values that take a place, besides none at all and one more field.
fn others() -> [Value; 10] {
    [
        Value::Null,
        true.into(),
        (-1).into(),
        0.into(),
        10_000_000_000_000_u64.into(),
        "".into(),
        "é x".into(),
        "mon".into(),
        Vec::<Value>::new().into(),
        Value::Object(Map::new()),
    ]
}

/// Every place in a value, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let at = format!("{at}/{name}");
                found.push(at.clone());
                places(inner, &at, found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                let at = format!("{at}/{index}");
                found.push(at.clone());
                places(inner, &at, found);
            }
        }
        _ => {}
    }
}

fn bent(request: &Value, place: &str, how: usize) -> Value {
    let (mut request, others) = (request.clone(), others());
    match others.get(how) {
        Some(other) => *request.pointer_mut(place).unwrap() = other.clone(),
        None if how == others.len() => {
            let (parent, name) = place.rsplit_once('/').unwrap();
            match request.pointer_mut(parent).unwrap() {
                Value::Object(fields) => drop(fields.remove(name)),
                Value::Array(items) => drop(items.remove(name.parse().unwrap())),
                _ => {}
            }
        }
        None => match request.pointer_mut(place).unwrap() {
            Value::Object(fields) => drop(fields.insert("colour".into(), "red".into())),
            other => *other = vec![other.clone()].into(),
        },
    }
    request
}

#[test]
fn document_and_reader_refuse_the_same() {
    let document = validator("EvaluationRequest");
    let ways = others().len() + 2;
    let (mut tried, mut refused, mut parted) = (0_u32, 0_u32, Vec::new());
    for (number, story) in tearoff_corpus::stories().unwrap().iter().enumerate() {
        if Question::parse(&story.given).is_err() {
            continue;
        }
        let request = serde_json::to_value(&story.given).unwrap();
        let mut found = Vec::new();
        places(&request, "", &mut found);
        // Each place in one way, another one in each story: over all stories each kind of place meets all.
        for (index, place) in found.iter().enumerate() {
            let request = bent(&request, place, (number + index) % ways);
            let by_document = document.is_valid(&request);
            let read = json::parse::<EvaluationRequest>(request.to_string().as_bytes());
            let by_reader = read.as_ref().err().map(|fault| format!("{} {}", fault.field, fault.message));
            tried += 1;
            refused += u32::from(!by_document);
            // What the reader refuses, the document refuses; what the document refuses, nobody accepts.
            let is_alike = match (by_document, read) {
                (true, Err(_)) => false,
                (false, Ok(read)) => Question::parse(&read).is_err(),
                _ => true,
            };
            if !is_alike {
                let now = request.pointer(place).cloned().unwrap_or_default();
                parted.push(format!("{}: {place} is {now}: document {by_document}, reader {by_reader:?}", story.slug));
            }
        }
    }
    assert!(parted.is_empty(), "{} of {tried}:\n{}", parted.len(), parted.join("\n"));
    assert!(tried > 10_000 && refused > tried / 4, "{tried} tried, {refused} refused");
}
