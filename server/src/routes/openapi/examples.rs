//! An example of every request, answer and problem: what a real server was asked and said, written by `interface-examples` of `tests/http`.

use serde_json::{Map, Value, json};

const EXAMPLES: &str = include_str!("examples.json");
/// The one that is no operation's: what stands in a text.
const SIGNED_CART: &str = "SignedCart";

/// Puts them in their places.
pub(super) fn add(document: &mut Value) {
    let mut examples: Value = serde_json::from_str(EXAMPLES).unwrap_or_default();
    let mut part =
        |name: &str| examples.get_mut(name).and_then(Value::as_object_mut).map(std::mem::take).unwrap_or_default();
    let (operations, problems) = (part("operations"), part("problems"));
    for (name, example) in &operations {
        let Some((method, path)) = name.split_once(' ') else { continue };
        let operation = document.get_mut("paths").and_then(|paths| paths.get_mut(path)?.get_mut(method));
        if let Some(operation) = operation {
            of_operation(operation, example);
        }
    }
    if let Some(schema) = document.pointer_mut("/components/schemas/SignedCart").and_then(Value::as_object_mut) {
        schema.extend(operations.get(SIGNED_CART).map(|example| ("examples".to_owned(), json!([example]))));
    }
    let summary = |problem: &Value| problem.get("title").cloned().unwrap_or_default();
    let named = |(code, problem): (String, Value)| (code, json!({ "summary": summary(&problem), "value": problem }));
    let named: Map<String, Value> = problems.into_iter().map(named).collect();
    let at = "/components/responses/ProblemResponse/content/application~1problem+json";
    if let Some(content) = document.pointer_mut(at).and_then(Value::as_object_mut) {
        content.insert("examples".into(), named.into());
    }
}

fn of_operation(operation: &mut Value, example: &Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
    for parameter in parameters.filter_map(Value::as_object_mut) {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        let value = example.get("parameters").and_then(|values| values.get(name)).cloned();
        parameter.extend(value.map(|value| ("example".to_owned(), value)));
    }
    let status = example.get("status").map(Value::to_string).unwrap_or_default();
    for (place, name) in [("/requestBody".to_owned(), "request"), (format!("/responses/{status}"), "response")] {
        let contents = operation.pointer_mut(&place).and_then(|body| body.get_mut("content")?.as_object_mut());
        for (kind, content) in contents.into_iter().flatten() {
            let Some(content) = content.as_object_mut() else { continue };
            // What may be had in several forms has an example in each.
            let in_form = example.get("forms").and_then(|forms| forms.get(kind));
            let value = in_form.filter(|_| name == "response").or_else(|| example.get(name));
            content.extend(value.map(|value| ("example".to_owned(), value.clone())));
        }
    }
}
