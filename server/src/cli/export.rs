//! `tearoff export`: everything of a database as JSON lines.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::database::Which;
use super::lines::{Broken, ended, write};
use super::progress::Progress;
use crate::config::Database;
use crate::partial::{NotMade, Partial};
use crate::store::transfer::{TransferError, Transferred, export};

/// What is exported, and where to.
#[derive(Debug, clap::Args)]
pub(super) struct Input {
    #[command(flatten)]
    database: Which,
    /// File that is made, readable for its owner only; there must be none of that name. Standard output when absent
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes everything.
///
/// # Errors
/// [`Broken`].
pub(super) fn run(input: &Input) -> Result<(), Broken> {
    let database = input.database.named()?;
    match &input.output {
        Some(to) => to_file(&database, to),
        // Whoever stops reading has no whole export, and is told so.
        None => written(&database, &mut BufWriter::new(io::stdout().lock())).map(drop),
    }
}

fn to_file(database: &Database, to: &Path) -> Result<(), Broken> {
    let not_made = |error: NotMade| Broken::Invalid(error.to_string());
    let partial = Partial::make(to).map_err(not_made)?;
    let transferred = written(database, &mut BufWriter::new(&partial.file)).map_err(|broken| match broken {
        Broken::Unwritable(error) => not_made(NotMade::File(to.to_owned(), error)),
        other => other,
    })?;
    partial.name(to).map_err(not_made)?;
    let mut out = io::stdout().lock();
    ended(write(&transferred, &mut out).and_then(|()| Ok(out.flush()?)))
}

fn written(database: &Database, out: &mut dyn Write) -> Result<Transferred, Broken> {
    let mut shown = Progress::new("lines", None);
    let mut last = 0;
    let transferred = export(database, out, &mut |lines| {
        shown.advance(lines, lines);
        last = lines;
    });
    shown.ended(last, transferred.is_ok());
    transferred.map_err(|error| match error {
        TransferError::Unwritable(error) => Broken::Unwritable(error),
        other => Broken::Invalid(other.to_string()),
    })
}
