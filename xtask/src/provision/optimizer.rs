//! `wasm-opt`, which takes a quarter off the widget. Without it the widget is larger and works.

use std::path::PathBuf;

use crate::progress;
use crate::workspace::Workspace;

use super::npm;

/// The program, installed when it is missing; `None`, with a warning, when that cannot be done.
pub(crate) fn ensure(workspace: &Workspace) -> Option<PathBuf> {
    let found = npm::ensure(workspace, "wasm-opt");
    found.inspect_err(|failure| progress::warning(&format!("no wasm-opt, the widget will be larger: {failure}"))).ok()
}
