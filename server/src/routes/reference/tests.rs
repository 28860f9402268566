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
