//! `tearoff backup`: a copy of a database that may be in use.

use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use super::database::Which;
use super::lines::{Broken, ended, write};
use super::progress::Progress;
use crate::store::{Copied, back_up};

/// What is copied, and where to.
#[derive(Debug, clap::Args)]
pub(super) struct Input {
    #[command(flatten)]
    database: Which,
    /// File that is made; there must be none of that name
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// What is told of a copy.
#[derive(Serialize)]
struct Told {
    redemptions: u64,
    bytes: u64,
}

/// Copies and checks.
///
/// # Errors
/// [`Broken`].
pub(super) fn run(input: &Input) -> Result<(), Broken> {
    let database = input.database.file()?;
    let mut shown: Option<Progress> = None;
    let mut last = 0;
    let mut progress = |done: u64, pages: u64| {
        shown.get_or_insert_with(|| Progress::counted("pages", pages)).advance(done, done);
        last = done;
    };
    let copied = back_up(&database, &input.to, &mut progress).map_err(|error| Broken::Invalid(error.to_string()))?;
    if let Some(shown) = shown {
        shown.done(last);
    }
    let Copied { redemptions, bytes } = copied;
    let mut out = io::stdout().lock();
    ended(write(&Told { redemptions, bytes }, &mut out).and_then(|()| Ok(out.flush()?)))
}
