//! What each story's answer hashes to, so that the same engine can be held to the same bytes (R67), wherever it is compiled to.

use std::fmt::Write as _;

use tearoff_core::ENGINE;

use crate::native::question;
use crate::story::Story;

/// The committed digests: the engine that made them, then one story a line.
pub const COMMITTED: &str = include_str!("../digests.txt");

/// The digests of all stories that are answered with a quote, in the form in which they are committed.
#[must_use]
pub fn list(stories: &[Story]) -> String {
    let mut text = format!("engine {ENGINE}\n");
    for story in stories {
        if let Ok(question) = question(story) {
            let _ = writeln!(text, "{} {}", question.answer().digests.evaluation, story.slug);
        }
    }
    text
}
