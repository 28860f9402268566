//! `valgrind`, which counts the instructions that a program executes.

use std::path::PathBuf;

use crate::failure::{Failure, Outcome};
use crate::process;

use super::debian;

/// The program, installed when it is missing.
///
/// # Errors
/// When there is none and none may be installed.
pub(crate) fn ensure() -> Outcome<PathBuf> {
    if let Some(found) = process::find("valgrind") {
        return Ok(found);
    }
    debian::install(&["valgrind"], "valgrind", "20 seconds")?;
    process::find("valgrind").ok_or_else(|| Failure::new("valgrind is installed, but not on the search path"))
}
