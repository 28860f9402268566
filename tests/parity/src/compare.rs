//! Core against the model, one case at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;
use tearoff_core::standalone::{Answer, EvaluationRequest};

use crate::block;

/// Core's answer, if the model expects the same.
///
/// # Errors
/// Tells every place at which they part, or what went wrong, and the request as a line of JSON.
pub fn answer(request: &EvaluationRequest) -> Result<Answer, String> {
    let told = catch_unwind(AssertUnwindSafe(|| agree(request)));
    let told = told.unwrap_or_else(|_| Err("core or the model panicked".into()));
    told.map_err(|fault| format!("{fault}\n{}", line(request)))
}

fn agree(request: &EvaluationRequest) -> Result<Answer, String> {
    let answer = block::answer(request)?;
    let mut core = json(&answer.quote)?;
    without_words(&mut core);
    let model = tearoff_model::answer(&json(request)?);
    let mut places = Vec::new();
    differences("quote", &core, &model, &mut places);
    if places.is_empty() { Ok(answer) } else { Err(places.join("\n")) }
}

fn line(request: &EvaluationRequest) -> String {
    serde_json::to_string(request).unwrap_or_else(|error| error.to_string())
}

fn json(value: &impl serde::Serialize) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|error| error.to_string())
}

/// Takes out what the model leaves to core: hints, and sentences.
fn without_words(quote: &mut Value) {
    let decisions = quote["decisions"].as_array_mut().into_iter().flatten();
    for decision in decisions.filter_map(Value::as_object_mut) {
        decision.remove("hints");
        let reasons = decision.get_mut("reasons").and_then(Value::as_array_mut).into_iter().flatten();
        for reason in reasons.filter_map(Value::as_object_mut) {
            reason.remove("message");
        }
    }
}

/// Notes every place at which two values part.
fn differences(place: &str, core: &Value, model: &Value, places: &mut Vec<String>) {
    match (core, model) {
        (Value::Object(one), Value::Object(two)) => {
            for name in one.keys().chain(two.keys().filter(|name| !one.contains_key(*name))) {
                differences(&format!("{place}.{name}"), &core[name], &model[name], places);
            }
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            for (index, (one, two)) in one.iter().zip(two).enumerate() {
                differences(&format!("{place}[{index}]"), one, two, places);
            }
        }
        _ if core == model => {}
        _ => places.push(format!("{place}: core {core}, model {model}")),
    }
}

#[cfg(test)]
mod tests {
    use super::differences;
    use serde_json::json;

    #[test]
    fn differences_are_named_by_their_place() {
        let mut places = Vec::new();
        differences("q", &json!({"a": [1, {"b": 2}], "c": 3}), &json!({"a": [1, {"b": 4}], "d": 3}), &mut places);
        assert_eq!(places, ["q.a[1].b: core 2, model 4", "q.c: core 3, model null", "q.d: core null, model 3"]);
    }
}
