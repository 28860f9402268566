//! Input that does not parse, as data: which field, which fault, and a sentence.

use alloc::{format, string::String, vec::Vec};
use serde::Serialize;

/// One fault of an input, tied to the field that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvalidField {
    /// Path of the field as a developer would write it: `cart.lines[2].quantity`.
    pub field: String,
    /// What kind of fault it is; stable.
    pub code: Fault,
    /// The fault in English, lower case, without a full stop.
    pub message: String,
}

/// The kinds of fault an input field can have. Codes are for ever: add, never rename.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The field is needed and absent.
    Required,
    /// A number or a length lies outside its bounds.
    OutOfBounds,
    /// The text does not have the form that is asked for.
    Malformed,
    /// The value names something that does not exist on this site.
    Unknown,
    /// The same thing is given twice.
    Duplicate,
    /// Two fields, or a field and the site's policy, contradict each other.
    Contradiction,
}

/// Collects every fault of an input instead of stopping at the first (R1: an error names its field).
#[derive(Debug, Default)]
pub struct Faults {
    prefix: String,
    found: Vec<InvalidField>,
}

impl Faults {
    /// Starts with no faults; every field path begins with `prefix`.
    #[must_use]
    pub fn within(prefix: &str) -> Self {
        Self { prefix: prefix.into(), found: Vec::new() }
    }

    /// Notes one fault of `field`, a path below the prefix (empty for the prefix itself).
    pub fn add(&mut self, field: &str, code: Fault, message: impl Into<String>) {
        let field = match (self.prefix.is_empty(), field.is_empty()) {
            (true, _) => field.into(),
            (false, true) => self.prefix.clone(),
            (false, false) if field.starts_with('[') => format!("{}{field}", self.prefix),
            (false, false) => format!("{}.{field}", self.prefix),
        };
        self.found.push(InvalidField { field, code, message: message.into() });
    }

    /// Passes a result's value on and keeps its fault, so that parsing goes on to the next field.
    pub fn keep<T>(&mut self, field: &str, parsed: Result<T, (Fault, String)>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err((code, message)) => {
                self.add(field, code, message);
                None
            }
        }
    }

    /// Takes in faults found by another parser.
    pub fn extend(&mut self, faults: Vec<InvalidField>) {
        self.found.extend(faults);
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All faults found, in the order of the fields.
    #[must_use]
    pub fn into_vec(self) -> Vec<InvalidField> {
        self.found
    }
}
