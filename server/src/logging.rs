//! The log: lines on standard error, for people or for programs.

mod gathered;
mod lines;

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::format::JsonFields;

pub(crate) use gathered::Written;
use lines::JsonLines;

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
    /// From now on this process logs so. What is logged is written a moment later, and all of it when what this gives is dropped.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub(crate) fn begin(self) -> io::Result<Written> {
        let (written, gathering) = Written::to(io::stderr())?;
        let log = tracing_subscriber::fmt().with_max_level(self.level).with_writer(gathering);
        match self.format {
            Format::Json => log.fmt_fields(JsonFields::new()).event_format(JsonLines).init(),
            Format::Text => log.init(),
        }
        Ok(written)
    }
}
