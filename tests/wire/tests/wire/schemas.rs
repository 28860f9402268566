//! Validators for the parts of the document.

use jsonschema::Validator;
use serde_json::{Map, Value};
use tearoff_wire::document;

/// A validator for one part of the document.
pub(crate) fn validator(name: &str) -> Validator {
    validator_in(document(), name)
}

/// The same, which refuses fields that the document does not know, also where readers are to pass over them.
pub(crate) fn strict(name: &str) -> Validator {
    let mut document = document();
    let mut parts = Vec::new();
    parts_of_wholes(&document, &mut parts);
    for (name, schema) in document["$defs"].as_object_mut().unwrap() {
        let is_object = schema["type"] == "object" || schema.get("oneOf").is_some_and(|of| of[0]["type"] == "object");
        if is_object && !parts.contains(name) {
            schema["unevaluatedProperties"] = false.into();
        }
    }
    validator_in(document, name)
}

fn validator_in(mut document: Value, name: &str) -> Validator {
    assert!(document["$defs"][name].is_object(), "{name}");
    document["$ref"] = format!("#/$defs/{name}").into();
    jsonschema::validator_for(&document).unwrap()
}

/// The schemas that stand for some fields of an object only: others name the rest.
fn parts_of_wholes(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(keywords) => {
            if keywords.contains_key("properties") {
                found.extend(["allOf", "anyOf"].iter().flat_map(|of| references(keywords, of)));
            }
            keywords.values().for_each(|value| parts_of_wholes(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| parts_of_wholes(value, found)),
        _ => {}
    }
}

fn references(keywords: &Map<String, Value>, of: &str) -> Vec<String> {
    let schemas = keywords.get(of).and_then(Value::as_array).into_iter().flatten();
    schemas.filter_map(|schema| schema["$ref"].as_str()?.strip_prefix("#/$defs/").map(str::to_owned)).collect()
}

/// Fails with all that is wrong with a value.
pub(crate) fn check(validator: &Validator, value: &Value, about: &str) {
    let faults: Vec<String> =
        validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{about}:\n{}", faults.join("\n"));
}
