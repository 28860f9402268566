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
    if let Some((together, some)) = parts(schema) {
        let is_null = |one: &&Value| one.get("type").and_then(Value::as_str) == Some("null");
        for (at, one) in some.iter().filter(|one| !is_null(one)).enumerate() {
            out.raw(if at > 0 { together.between() } else { "" });
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

/// How the parts of a schema go together.
#[derive(Clone, Copy)]
enum Together {
    /// A value is one of them.
    OneOf,
    /// A value is all of them at once.
    AllOf,
}

impl Together {
    const fn between(self) -> &'static str {
        match self {
            Self::OneOf => " or ",
            Self::AllOf => " and ",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::OneOf => "<p>One of:</p>",
            Self::AllOf => "<p>All of these together:</p>",
        }
    }
}

fn parts(schema: &Value) -> Option<(Together, &Vec<Value>)> {
    const KEYWORDS: [(&str, Together); 3] =
        [("oneOf", Together::OneOf), ("anyOf", Together::OneOf), ("allOf", Together::AllOf)];
    KEYWORDS.iter().find_map(|(keyword, together)| Some((*together, schema.get(*keyword)?.as_array()?)))
}

/// Its bounds and names, where it has any.
fn bounds(out: &mut Html, schema: &Value) {
    const BOUNDS: [(&str, &str, &str); 4] = [
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " entries"),
        ("minProperties", "maxProperties", " fields"),
    ];
    let number = |name: &str| schema.get(name).filter(|value| value.is_number()).map(Value::to_string);
    for (least, most, of) in BOUNDS {
        match (number(least), number(most)) {
            (Some(least), Some(most)) if least == most => drop(out.text(&format!(", {least}{of}"))),
            (Some(least), Some(most)) => drop(out.text(&format!(", {least} to {most}{of}"))),
            (Some(least), None) => drop(out.text(&format!(", at least {least}{of}"))),
            (None, Some(most)) => drop(out.text(&format!(", at most {most}{of}"))),
            (None, None) => {}
        }
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        out.raw(", like <code>").text(pattern).raw("</code>");
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
    match parts(schema) {
        Some((together, some)) => {
            out.raw(together.words()).raw("<ul>");
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
