//! The document against what is really read and written, told by every story of the corpus.

use serde_json::{Value, json};
use tearoff_core::catalog::CatalogItemDraft;
use tearoff_corpus::native::question;
use tearoff_corpus::want::Want;

use super::whole;

fn document() -> Value {
    let (_, document) = crate::routes::api();
    whole(document)
}

/// What is wrong with a value, as the schema has it: only as much of JSON Schema as the document uses.
fn faults(document: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let Some(schema) = name.strip_prefix('#').and_then(|pointer| document.pointer(pointer)) else {
            found.push(format!("{path}: no schema {name}"));
            return;
        };
        return faults(document, schema, value, path, found);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = |choice: &&Value| {
            let mut found = Vec::new();
            faults(document, choice, value, path, &mut found);
            found.is_empty()
        };
        if choices.iter().filter(fits).count() != 1 {
            found.push(format!("{path}: {value} is not one of the choices"));
        }
        return;
    }
    let one = [schema["const"].clone()];
    let allowed = schema["enum"].as_array().map_or(if one[0].is_null() { &[][..] } else { &one[..] }, Vec::as_slice);
    if !allowed.is_empty() && !allowed.contains(value) {
        found.push(format!("{path}: {value} is none of {allowed:?}"));
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    };
    if !types.is_empty() && !types.contains(&type_of(value)) {
        found.push(format!("{path}: {value} is no {types:?}"));
    }
    for (key, low) in [("minimum", true), ("maximum", false)] {
        if let (Some(bound), Some(number)) = (schema[key].as_i64(), value.as_i64())
            && (if low { number < bound } else { number > bound })
        {
            found.push(format!("{path}: {number} is beyond {bound}"));
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        faults(document, &schema["items"], item, &format!("{path}[{index}]"), found);
    }
    let Some(object) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            found.push(format!("{path}: lacks {name}"));
        }
    }
    for (name, value) in object {
        match schema["properties"].get(name) {
            Some(schema) => faults(document, schema, value, &format!("{path}.{name}"), found),
            // The document is to know every field, though it may let callers meet others.
            None if schema["type"] == "object" => found.push(format!("{path}: does not know {name}")),
            None => {}
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn check(document: &Value, name: &str, value: &Value, story: &str) {
    let mut found = Vec::new();
    let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
    faults(document, &schema, value, name, &mut found);
    assert!(found.is_empty(), "{story}: {}", found.join("\n"));
}

fn written<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn every_story_is_asked_and_answered_as_the_document_says() {
    let document = document();
    for story in tearoff_corpus::stories().unwrap() {
        let slug = &story.slug;
        let Want::Quote(_) = story.want else { continue };
        check(&document, "SitePolicyDraft", &written(&story.given.site), slug);
        check(&document, "CartRequest", &written(&story.given.cart), slug);
        for promotion in &story.given.promotions {
            check(&document, "Draft", &written(&promotion.terms), slug);
        }
        let answer = question(&story).unwrap().answer();
        check(&document, "Quote", &written(&answer.quote), slug);
        check(&document, "Digests", &written(&answer.digests), slug);
    }
    let item =
        r#"{"id":"a","name":"A","kind":"fee","categories":["b"],"prices":[{"currency":"EUR","amount_minor":1}]}"#;
    check(&document, "CatalogItemDraft", &written(&serde_json::from_str::<CatalogItemDraft>(item).unwrap()), "an item");
}

#[test]
fn wrong_requests_are_wrong_by_the_document_too() {
    let document = document();
    for story in tearoff_corpus::stories().unwrap() {
        let mut cart = written(&story.given.cart);
        cart["colour"] = "red".into();
        let mut found = Vec::new();
        let schema = json!({ "$ref": "#/components/schemas/CartRequest" });
        faults(&document, &schema, &cart, "cart", &mut found);
        assert!(!found.is_empty());
    }
}

#[test]
fn the_document_is_whole() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for (path, methods) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with("/v1/"), "{path}");
        for (method, operation) in methods.as_object().unwrap() {
            let about = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{about}");
            assert!(operation["security"].as_array().is_some_and(|keys| !keys.is_empty()), "{about}");
            let body: &[&str] = if operation["requestBody"].is_object() { &["400", "413", "415"] } else { &[] };
            // Without a key, with another's or from a foreign origin, when we fail, when we are busy.
            for status in ["401", "403", "500", "503"].iter().chain(body) {
                assert!(operation["responses"][status].is_object(), "{about}: {status}");
            }
        }
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
