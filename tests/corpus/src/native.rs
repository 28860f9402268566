//! Core itself as an implementation: on this machine, or compiled to WebAssembly in a browser.

use serde_json::Value;
use tearoff_core::invalid::InvalidField;
use tearoff_core::standalone::{Answer, Question};

use crate::replay::{Answered, Implementation};
use crate::story::Story;
use crate::want::FieldFault;

/// Core, called directly.
#[derive(Clone, Copy, Debug, Default)]
pub struct Native;

impl Implementation for Native {
    fn answer(&self, story: &Story) -> Result<Answered, String> {
        match question(story) {
            Err(faults) => Ok(Answered::Errors(faults.iter().map(FieldFault::from).collect())),
            Ok(question) => {
                let Answer { quote, .. } = question.answer();
                serde_json::to_value(quote).map(Answered::Quote).map_err(|error| error.to_string())
            }
        }
    }

    fn then(&self, story: &Story) -> Result<Option<Vec<Value>>, String> {
        let outcomes = question(story).map(|question| question.then).unwrap_or_default();
        let written = outcomes.iter().map(serde_json::to_value).collect::<Result<Vec<Value>, _>>();
        written.map(Some).map_err(|error| error.to_string())
    }
}

/// What the story asks of core.
///
/// # Errors
/// The faults of its input.
pub fn question(story: &Story) -> Result<Question, Vec<InvalidField>> {
    Question::parse(&story.given)
}

impl From<&InvalidField> for FieldFault {
    fn from(fault: &InvalidField) -> Self {
        let code = serde_json::to_value(fault.code).ok();
        let code = code.as_ref().and_then(Value::as_str).unwrap_or_default();
        Self { field: fault.field.clone(), code: code.into() }
    }
}
