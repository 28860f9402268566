//! Putting a story to an implementation.

use serde_json::Value;

use crate::compare::{self, Difference};
use crate::story::Story;
use crate::want::FieldFault;

/// Something that answers stories: core here, core in a browser, a server.
pub trait Implementation {
    /// Answers what is given in the story.
    ///
    /// # Errors
    /// Says what went wrong when the implementation could not be asked, or said something that is no answer.
    fn answer(&self, story: &Story) -> Result<Answered, String>;

    /// What came of each step under `then`; `None` for an implementation that only prices.
    ///
    /// # Errors
    /// As [`Self::answer`].
    fn then(&self, _story: &Story) -> Result<Option<Vec<Value>>, String> {
        Ok(None)
    }
}

/// What an implementation said.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    /// A quote, as it stands on the wire.
    Quote(Value),
    /// The input is refused: fields as paths below the story's `given`.
    Errors(Vec<FieldFault>),
}

/// Asks the implementation and compares.
///
/// # Errors
/// Everything that differs, with the name of the story's file, its title and the path of each number.
pub fn replay(story: &Story, implementation: &impl Implementation) -> Result<(), String> {
    let headed = |lines: String| format!("{}.json: {}\n{lines}", story.slug, story.title);
    let answered = implementation.answer(story).map_err(|fault| headed(format!("  no answer: {fault}")))?;
    let mut found = compare::differences(story, &answered);
    if !story.want_then.is_empty() {
        let then = implementation.then(story).map_err(|fault| headed(format!("  no outcomes: {fault}")))?;
        found.extend(then.into_iter().flat_map(|then| compare::outcomes(story, &then)));
    }
    if found.is_empty() { Ok(()) } else { Err(headed(listed(&found))) }
}

fn listed(differences: &[Difference]) -> String {
    differences.iter().map(|difference| format!("  {difference}\n")).collect()
}
