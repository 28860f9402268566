//! The modules of `tests/bench`, made as the widget is.

use std::path::{Path, PathBuf};

use crate::bundle::{compile, compress, shrink};
use crate::failure::{FileContext, Outcome};
use crate::lockfile;
use crate::progress;
use crate::provision::{bindgen, optimizer, wasm_target};
use crate::tree;
use crate::workspace::Workspace;

use super::core::PACKAGE;

/// The module that is timed.
const TIMED: &str = "timed";
/// The modules that are weighed: each does what the one before does, and more.
const WEIGHED: [&str; 3] = ["echoing", "evaluating", "comparing"];

/// What the weighed modules tell, in brotli bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weights {
    /// Of a module that reads questions and writes answers.
    pub(super) echoing: u64,
    /// What deciding and pricing adds.
    pub(super) evaluation: u64,
    /// What hints and digests add to that.
    pub(super) comparison: u64,
    /// Whether the modules were optimized as the widget is served.
    pub(super) optimized: bool,
}

/// The folder with the module that is timed, `timed.wasm` and `timed.js`.
///
/// # Errors
/// When something does not compile.
pub(super) fn timed(workspace: &Workspace) -> Outcome<PathBuf> {
    let folder = workspace.scratch().join("bench/timed");
    make(workspace, TIMED, &folder)?;
    Ok(folder)
}

/// Makes the weighed modules and weighs them.
///
/// # Errors
/// When something does not compile.
pub(super) fn weigh(workspace: &Workspace) -> Outcome<Weights> {
    let folder = workspace.scratch().join("bench/weighed");
    let weigh = |name: &str| -> Outcome<u64> {
        let module = make(workspace, name, &folder)?;
        Ok(compress::brotli(&tree::read(&module)?)?.len() as u64)
    };
    let [echoing, evaluating, comparing] = WEIGHED.map(weigh);
    let (echoing, evaluating, comparing) = (echoing?, evaluating?, comparing?);
    Ok(Weights {
        echoing,
        evaluation: evaluating.saturating_sub(echoing),
        comparison: comparing.saturating_sub(evaluating),
        optimized: optimizer::ensure(workspace).is_some(),
    })
}

/// Compiles, binds and optimizes one module; returns where it is.
fn make(workspace: &Workspace, name: &str, folder: &Path) -> Outcome<PathBuf> {
    progress::long_step(&format!("compiling the module `{name}`"), "2 minutes at first, then seconds");
    let toolchain = wasm_target::ensure(workspace)?;
    let package = lockfile::package_name(workspace, PACKAGE)?;
    let compiled = compile::module(workspace, &toolchain, &["-p", &package, "--example", name])?;
    std::fs::create_dir_all(folder).file(folder)?;
    let compiled = compiled.join("examples").join(format!("{name}.wasm"));
    compile::bind(&bindgen::ensure(workspace)?, &compiled, name, folder)?;
    let (bound, finished) = (folder.join(format!("{name}_bg.wasm")), folder.join(format!("{name}.wasm")));
    match optimizer::ensure(workspace) {
        Some(optimizer) => shrink::optimize(&optimizer, &bound, &finished)?,
        None => std::fs::copy(&bound, &finished).map(drop).file(&finished)?,
    }
    Ok(finished)
}
