//! The document of the wire, as it was when this was built.

/// JSON Schema of what goes in and out: version 1, generated from core's types. `core/WIRE.md` says how it may grow.
pub const SCHEMA: &str = include_str!("../../core/wire/v1.schema.json");
