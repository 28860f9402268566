//! Schemas, as somebody reads them: fields with their types, what they mean, and which names a value may have.

use serde_json::Value;

use super::html::{Html, paragraphs};

const BELOW: &str = "#/components/schemas/";

/// All schemas of the document, by name.
pub(super) fn all(out: &mut Html, document: &Value) {
    out.open("section", "schemas").element("h2", "", "schemas");
    for (name, schema) in document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten() {
        out.open("article", &format!("schema-{name}")).element("h3", "", name);
        described(out, schema);
        whole(out, schema);
        out.close("article");
    }
    out.close("section");
}

/// What a schema is, in a word or two, with links to those it names.
pub(super) fn name(out: &mut Html, schema: &Value) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let of = reference.strip_prefix(BELOW).unwrap_or(reference);
        out.link(&format!("schema-{of}"), of);
        return;
    }
    if let Some(only) = schema.get("const") {
        out.raw("<code>").text(&only.to_string()).raw("</code>");
        return;
    }
    if let Some(some) = alternatives(schema) {
        let is_null = |one: &&Value| one.get("type").and_then(Value::as_str) == Some("null");
        for (at, one) in some.iter().filter(|one| !is_null(one)).enumerate() {
            out.raw(if at > 0 { " or " } else { "" });
            name(out, one);
        }
        out.raw(if some.iter().any(|one| is_null(&one)) { " or null" } else { "" });
        return;
    }
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    match (kinds.contains(&"array"), schema.get("items")) {
        (true, Some(items)) => {
            out.raw("list of ");
            name(out, items);
        }
        _ => drop(out.text(&kinds.join(" or "))),
    }
    bounds(out, schema);
}

fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
    ["oneOf", "anyOf", "allOf"].iter().find_map(|keyword| schema.get(*keyword)?.as_array())
}

/// Its bounds and names, where it has any.
fn bounds(out: &mut Html, schema: &Value) {
    let number = |name: &str| schema.get(name).filter(|value| value.is_number()).map(Value::to_string);
    let (least, most) = (number("minimum"), number("maximum"));
    match (least, most) {
        (Some(least), Some(most)) => drop(out.text(&format!(", {least} to {most}"))),
        (Some(least), None) => drop(out.text(&format!(", at least {least}"))),
        (None, Some(most)) => drop(out.text(&format!(", at most {most}"))),
        (None, None) => {}
    }
    if let Some(most) = number("maxItems") {
        out.text(&format!(", at most {most}"));
    }
    if let Some(names) = schema.get("enum").and_then(Value::as_array) {
        let names: Vec<String> = names.iter().map(Value::to_string).collect();
        out.raw(": <code>").text(&names.join(" ")).raw("</code>");
    }
}

fn described(out: &mut Html, schema: &Value) {
    out.raw(&paragraphs(schema.get("description").and_then(Value::as_str).unwrap_or_default()));
}

/// Its fields; of one that may be one of several, those of each.
fn whole(out: &mut Html, schema: &Value) {
    let fields = schema.get("properties").and_then(Value::as_object);
    if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
        let required = schema.get("required").and_then(Value::as_array);
        out.raw("<dl>");
        for (field, of) in fields {
            let needed = required.is_some_and(|names| names.iter().any(|name| name == field));
            out.raw("<dt><code>").text(field).raw("</code> <small>");
            name(out, of);
            out.raw(if needed { ", required" } else { "" }).raw("</small></dt><dd>");
            described(out, of);
            out.raw("</dd>");
        }
        out.raw("</dl>");
    }
    match alternatives(schema) {
        Some(some) => {
            out.raw("<ul>");
            for one in some {
                out.raw("<li>");
                if one.get("properties").is_none() {
                    out.raw("<p>");
                    name(out, one);
                    out.raw("</p>");
                }
                described(out, one);
                whole(out, one);
                out.raw("</li>");
            }
            out.raw("</ul>");
        }
        None if fields.is_none() => {
            out.raw("<p>");
            name(out, schema);
            out.raw("</p>");
        }
        None => {}
    }
}
