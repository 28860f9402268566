//! The page as a whole: it holds all that the document does, leads nowhere that is not there, and marks up nothing that is not ours.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::routes::openapi;

fn whole_page() -> (Value, String) {
    let document = openapi::whole(crate::routes::api().1);
    let page = page(&document);
    (document, page)
}

fn values<'p>(page: &'p str, before: &str) -> Vec<&'p str> {
    page.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_operation_problem_and_schema_has_its_place() {
    let (document, page) = whole_page();
    let ids = values(&page, " id=\"");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len(), "two of one name");
    let operations = operations(&document);
    assert!(operations.len() > 30);
    for operation in &operations {
        assert!(unique.contains(operation.anchor().as_str()), "{}", operation.path);
    }
    for anchor in values(&page, "href=\"#") {
        assert!(unique.contains(anchor), "{anchor} is nowhere");
    }
    assert!(unique.contains("problem-cart_signature_expired") && unique.contains("schema-SignedCart"));
}

#[test]
fn it_runs_nothing_and_loads_its_style_only() {
    let (_, page) = whole_page();
    for forbidden in ["<script", "<img", "style=\"", "javascript:", "onclick", "://", "<iframe"] {
        // Addresses stand in examples, as text.
        let in_markup = page.split("<pre").map(|part| part.split("</pre>").last().unwrap_or_default());
        let in_markup: String = in_markup.collect();
        let in_markup = in_markup.replace("https://studio.example", "");
        assert!(!in_markup.contains(forbidden) || forbidden == "://", "{forbidden}");
    }
    assert_eq!(values(&page, "<link rel=\"stylesheet\" href=\""), ["/docs/style.css"]);
}

/// The article of a schema, without markup.
fn schema(page: &str, name: &str) -> String {
    let (_, article) = page.split_once(&format!("id=\"schema-{name}\"")).expect("the schema");
    let article = article.split_once("</article>").map_or(article, |(article, _)| article);
    let pieces = article.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    pieces.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn bounds_are_told_and_what_is_all_of_several_is_no_choice() {
    let fields = json!({
        "name": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-z]+$" },
        "list": { "type": "array", "items": { "type": "integer", "minimum": 1 }, "minItems": 2, "maxItems": 2 },
        "both": { "allOf": [{ "$ref": "#/components/schemas/A" }, { "type": "object" }] },
    });
    let document = json!({ "components": { "schemas": {
        "A": { "type": "object", "properties": fields },
        "B": { "allOf": [{ "$ref": "#/components/schemas/A" }, { "type": "object", "properties": { "more": { "type": "integer", "maximum": 9 } } }] },
        "C": { "oneOf": [{ "$ref": "#/components/schemas/A" }, { "$ref": "#/components/schemas/B" }] },
    } } });
    let page = page(&document);
    let one = schema(&page, "A");
    for told in ["string, 1 to 64 characters, like ^[a-z]+$", "list of integer, at least 1, 2 entries", "A and object"]
    {
        assert!(one.contains(told), "{told}: {one}");
    }
    let both = schema(&page, "B");
    assert!(both.contains("All of these together: A") && both.contains("integer, at most 9"), "{both}");
    assert!(!both.contains("One of"), "{both}");
    let either = schema(&page, "C");
    assert!(either.contains("One of: A") && !either.contains("together"), "{either}");
}

#[test]
fn each_form_of_an_answer_has_an_example_in_that_form() {
    let (document, _) = whole_page();
    let content = &document["paths"]["/v1/export/{resource}"]["get"]["responses"]["200"]["content"];
    let example = |kind: &str| content[kind]["example"].as_str().unwrap_or_default();
    assert!(example("application/x-ndjson").starts_with('{'), "{content}");
    assert!(example("text/csv").starts_with("promotion,code"), "{content}");
}

#[test]
fn what_a_document_says_is_text() {
    let evil = "<script>alert(1)</script>\"' & `<b>`";
    let document = json!({
        "openapi": evil, "info": { "description": evil, "version": evil },
        "paths": { "/v1/x": { "get": { "tags": [evil], "summary": evil, "description": evil,
            "parameters": [{ "name": evil, "in": evil, "description": evil, "example": evil }],
            "responses": { "200": { "description": evil, "content": { "application/json": { "example": { "a": evil } } } } } } } },
        "components": { "schemas": { "X": { "description": evil, "type": "object",
            "properties": { "a": { "type": "string", "enum": [evil], "description": evil } } } } },
    });
    let page = page(&document);
    assert!(!page.contains("<script") && !page.contains("<b>`") && page.contains("&lt;script&gt;"));
}
