//! The one error of this crate: a sentence for the person at the terminal.

use std::fmt;

/// Why a step could not be done, said so that the reader knows what to do next.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// What every step answers.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A failure told in `sentence`.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// Says which deed failed, in front of the system's own words.
pub(crate) trait Context<T> {
    /// Puts what `deed` returns before the cause.
    fn context<S: Into<String>>(self, deed: impl FnOnce() -> S) -> Outcome<T>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn context<S: Into<String>>(self, deed: impl FnOnce() -> S) -> Outcome<T> {
        self.map_err(|cause| Failure(format!("{}: {cause}", deed().into())))
    }
}

/// Shorthand for the commonest context, a file that could not be used.
pub(crate) trait FileContext<T> {
    /// Names the file that the failed deed was about.
    fn file(self, path: &std::path::Path) -> Outcome<T>;
}

impl<T> FileContext<T> for std::io::Result<T> {
    fn file(self, path: &std::path::Path) -> Outcome<T> {
        self.context(|| format!("`{}`", path.display()))
    }
}
