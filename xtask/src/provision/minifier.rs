//! `esbuild`, which minifies the JavaScript. Without it the scripts are larger and work.

use std::path::PathBuf;

use crate::progress;
use crate::workspace::Workspace;

use super::npm;

/// The program, installed when it is missing; `None`, with a warning, when that cannot be done.
pub(crate) fn ensure(workspace: &Workspace) -> Option<PathBuf> {
    let found = npm::ensure(workspace, "esbuild");
    found.inspect_err(|failure| progress::warning(&format!("no esbuild, the scripts will be larger: {failure}"))).ok()
}
