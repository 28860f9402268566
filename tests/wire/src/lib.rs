//! The document that describes the wire: JSON Schema (draft 2020-12), generated from core's types.

pub mod growth;
mod tidy;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};
use tearoff_core::audit::Finding;
use tearoff_core::audit::request::AuditRequest;
use tearoff_core::backtest::BacktestOutcome;
use tearoff_core::catalog::CatalogItemDraft;
use tearoff_core::invalid::InvalidLine;
use tearoff_core::redemption::State;
use tearoff_core::replay::Replayed;
use tearoff_core::standalone::{Answer, EvaluationRequest};

const ABOUT: &str = "What goes in and out of Tearoff, as JSON. As it stands this schema is that of one evaluation request, a line of \
    `tearoff quote`; the other parts stand under `$defs`. Requests refuse unknown fields; answers may gain fields, and whoever reads \
    them passes over what they do not know. Amounts are integers in minor units of the currency beside them, and written without a \
    decimal point.";

/// The parts that are sent; all that is not in them is answered.
pub const REQUESTS: [&str; 3] = ["EvaluationRequest", "AuditRequest", "CatalogItemDraft"];

/// Where the document is committed.
#[must_use]
pub fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/wire/v1.schema.json")
}

/// The document, as it is committed.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", document())
}

/// The document.
///
/// # Panics
/// When a type is described in two ways under one name.
#[must_use]
pub fn document() -> Value {
    let mut definitions = BTreeMap::new();
    let mut read = SchemaSettings::draft2020_12().for_deserialize().into_generator();
    read.subschema_for::<EvaluationRequest>();
    read.subschema_for::<AuditRequest>();
    read.subschema_for::<CatalogItemDraft>();
    collect(&mut definitions, read);
    let mut written = SchemaSettings::draft2020_12().for_serialize().into_generator();
    written.subschema_for::<Answer>();
    written.subschema_for::<InvalidLine>();
    written.subschema_for::<Finding>();
    written.subschema_for::<Replayed>();
    written.subschema_for::<BacktestOutcome>();
    written.subschema_for::<State>();
    collect(&mut definitions, written);
    definitions.insert("KeptAnswer".into(), kept());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:tearoff:wire:v1",
        "title": "Tearoff wire format, version 1",
        "description": ABOUT,
        "$ref": "#/$defs/EvaluationRequest",
        "$defs": Map::from_iter(definitions),
    })
}

/// An answer that holds its request, which `tearoff quote --keep-request` writes and `tearoff replay` reads.
fn kept() -> Value {
    json!({
        "description": "An answer with the request it answers: what `tearoff quote --keep-request` writes and `tearoff replay` reads.",
        "allOf": [{ "$ref": "#/$defs/Answer" }],
        "type": "object",
        "properties": { "request": { "$ref": "#/$defs/EvaluationRequest" } },
        "required": ["request"],
    })
}

fn collect(definitions: &mut BTreeMap<String, Value>, mut generator: SchemaGenerator) {
    for (name, mut schema) in generator.take_definitions(true) {
        tidy::tidy(&mut schema);
        if let Some(other) = definitions.get(&name) {
            assert_eq!(*other, schema, "{name} is read and written in different ways");
        }
        definitions.insert(name, schema);
    }
}
