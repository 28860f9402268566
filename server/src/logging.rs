//! The log: lines on standard error, for people or for programs.

use std::io;

use tracing::level_filters::LevelFilter;

/// What is logged, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// How a line is written.
    pub format: Format,
    /// The least of what is logged.
    pub level: LevelFilter,
}

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As a JSON object.
    Json,
    /// As text.
    Text,
}

impl Format {
    /// Reads a format's name.
    ///
    /// # Errors
    /// What would be right.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err("must be `json` or `text`".into()),
        }
    }
}

/// Reads a level's name.
///
/// # Errors
/// What would be right.
pub(crate) fn level(text: &str) -> Result<LevelFilter, String> {
    match text {
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        "trace" => Ok(LevelFilter::TRACE),
        _ => Err("must be `error`, `warn`, `info`, `debug` or `trace`".into()),
    }
}

impl Log {
    /// From now on this process logs so.
    pub(crate) fn begin(self) {
        let log = tracing_subscriber::fmt().with_max_level(self.level).with_writer(io::stderr);
        match self.format {
            // The span is the request's, and tells its id.
            Format::Json => log.json().flatten_event(true).with_current_span(true).with_span_list(false).init(),
            Format::Text => log.init(),
        }
    }
}
