//! `tearoff import`: an empty database is filled with an export.

use std::io::{self, Write};
use std::path::PathBuf;

use super::database::Which;
use super::lines::{Broken, Source, ended, write};
use super::progress::Progress;
use crate::store::transfer::import;

/// What is imported, and where to.
#[derive(Debug, clap::Args)]
pub(super) struct Input {
    /// What `tearoff export` wrote; standard input when absent or `-`
    file: Option<PathBuf>,
    #[command(flatten)]
    database: Which,
}

/// Reads everything.
///
/// # Errors
/// [`Broken`].
pub(super) fn run(input: &Input) -> Result<(), Broken> {
    let database = input.database.named()?;
    let source = Source::open(input.file.as_deref())?;
    let mut shown = Progress::new("lines", source.bytes);
    let mut last = 0;
    let imported = import(&database, &mut source.into_reader(), &mut |read, lines| {
        shown.advance(read, lines);
        last = lines;
    });
    shown.ended(last, imported.is_ok());
    let imported = imported.map_err(|error| Broken::Invalid(error.to_string()))?;
    let mut out = io::stdout().lock();
    ended(write(&imported, &mut out).and_then(|()| Ok(out.flush()?)))
}
