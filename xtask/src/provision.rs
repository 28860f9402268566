//! Finds the tools that a step needs, and installs what is missing where it may.
//!
//! Whoever has a tool already pays nothing. Everything installed is kept in the cache or comes from the system's packages. Every step
//! has a time limit and no keyboard; one that may not install says what to type.

pub(crate) mod bindgen;
pub(crate) mod browser;
mod debian;
pub(crate) mod minifier;
pub(crate) mod npm;
pub(crate) mod optimizer;
pub(crate) mod postgres;
pub(crate) mod schemathesis;
pub(crate) mod valgrind;
pub(crate) mod wasm_target;

use crate::failure::Outcome;
use crate::progress;
use crate::workspace::Workspace;

/// Installs everything that any step needs, and says where each tool is.
///
/// # Errors
/// When a tool without which the steps cannot be done is missing and may not be installed.
pub(crate) fn everything(workspace: &Workspace) -> Outcome<()> {
    let toolchain = wasm_target::ensure(workspace)?;
    progress::step(&format!("wasm32 toolchain: {toolchain}"));
    let bindgen = bindgen::ensure(workspace)?;
    progress::step(&format!("wasm-bindgen {}: {}", bindgen.version, bindgen.bundler.display()));
    for (name, found) in [("wasm-opt", optimizer::ensure(workspace)), ("esbuild", minifier::ensure(workspace))] {
        if let Some(tool) = found {
            progress::step(&format!("{name}: {}", tool.display()));
        }
    }
    match valgrind::ensure() {
        Ok(found) => progress::step(&format!("valgrind: {}", found.display())),
        Err(failure) => progress::warning(&format!("no valgrind, instructions will not be counted: {failure}")),
    }
    progress::step(&format!("PostgreSQL: {}", postgres::ensure()?.display()));
    progress::step(&format!("schemathesis: {}", schemathesis::ensure(workspace)?.display()));
    let browser = browser::ensure()?;
    progress::step(&format!("browser: {}, {}", browser.chrome.display(), browser.driver.display()));
    Ok(())
}
