//! Input that does not parse, as data: which field, which fault, and a sentence.

use alloc::{borrow::Cow, string::String, vec::Vec};
use serde::Serialize;

/// A fault in English, lower case, without a full stop. Few say more than what is known beforehand.
pub type Message = Cow<'static, str>;

/// One fault of an input, tied to the field that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvalidField {
    /// Path of the field as a developer would write it: `cart.lines[2].quantity`.
    pub field: String,
    /// What kind of fault it is; stable.
    pub code: Fault,
    /// The fault in words.
    pub message: Message,
}

/// The kinds of fault an input field can have. Codes are for ever: add, never rename.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// A line of many that does not parse, as it is answered among the answers to the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvalidLine {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub error: InvalidFields,
}

/// All that is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvalidFields {
    /// Every fault with its field.
    pub errors: Vec<InvalidField>,
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
    pub fn add(&mut self, field: &str, code: Fault, message: impl Into<Message>) {
        self.found.push(InvalidField { field: below(&self.prefix, field), code, message: message.into() });
    }

    /// Passes a result's value on and keeps its fault, so that parsing goes on to the next field.
    pub fn keep<T>(&mut self, field: &str, parsed: Result<T, (Fault, impl Into<Message>)>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err((code, message)) => {
                self.add(field, code, message);
                None
            }
        }
    }

    /// Takes in the faults of a part, which stands at `field`.
    pub fn nest(&mut self, field: &str, part: Self) {
        for InvalidField { field: inner, code, message } in part.found {
            self.add(&below(field, &inner), code, message);
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

/// Takes what is wrong with an input. A page, which only wants to know whether anything is, carries no sentence about it.
pub(crate) trait Note: Default {
    /// Notes one fault of `field`.
    fn note(&mut self, field: &str, code: Fault, message: impl FnOnce() -> Message);

    /// Takes in the faults of a part, which stands at `field`.
    fn part(&mut self, field: impl FnOnce() -> String, part: Self);

    /// Whether nothing is wrong so far.
    fn is_clean(&self) -> bool;

    /// Passes a result's value on and notes its fault, so that parsing goes on to the next field.
    fn hold<T>(&mut self, field: &str, parsed: Result<T, (Fault, Message)>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err((code, message)) => {
                self.note(field, code, || message);
                None
            }
        }
    }
}

impl Note for Faults {
    fn note(&mut self, field: &str, code: Fault, message: impl FnOnce() -> Message) {
        self.add(field, code, message());
    }

    fn part(&mut self, field: impl FnOnce() -> String, part: Self) {
        if !part.is_empty() {
            self.nest(&field(), part);
        }
    }

    fn is_clean(&self) -> bool {
        self.is_empty()
    }
}

/// Whether anything is wrong.
#[derive(Debug, Default)]
pub(crate) struct Wrong(bool);

impl Note for Wrong {
    fn note(&mut self, _: &str, _: Fault, _: impl FnOnce() -> Message) {
        self.0 = true;
    }

    fn part(&mut self, _: impl FnOnce() -> String, part: Self) {
        self.0 |= part.0;
    }

    fn is_clean(&self) -> bool {
        !self.0
    }
}

/// The path of `field` below `prefix`, either of which may be empty.
fn below(prefix: &str, field: &str) -> String {
    let is_step = !prefix.is_empty() && !field.is_empty() && !field.starts_with('[');
    [prefix, if is_step { "." } else { "" }, field].concat()
}
