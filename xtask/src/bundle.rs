//! Makes what a page loads: `www/dist`, from the widget, the loader and the demo page.
//!
//! Two stages, each skipped when nothing it depends on has changed. The first compiles the widget and is kept in the cache, so that a
//! fresh clone of known sources compiles nothing. The second names the release by its content, fills that name and the integrity
//! hashes into the loader, and compresses every file once, at the highest quality, so that the server never has to.

mod assemble;
pub(crate) mod compile;
pub(crate) mod compress;
mod glue;
mod languages;
pub(crate) mod link;
mod release;
pub(crate) mod shrink;
mod sizes;
mod widget;

use crate::arguments::Arguments;
use crate::exclusive;
use crate::failure::{Failure, Outcome};
use crate::hash::Fingerprint;
use crate::progress;
use crate::provision::wasm_target;
use crate::tree;
use crate::workspace::Workspace;

pub(crate) use sizes::Sizes;

/// `cargo xtask bundle`.
///
/// # Errors
/// When a tool fails or, with `--check`, when a size is over its budget.
pub(crate) fn run(arguments: &Arguments) -> Outcome<()> {
    let workspace = Workspace::find()?;
    let sizes = ensure(&workspace)?;
    print!("{}", sizes.table());
    if arguments.has("--check") { check(&sizes) } else { Ok(()) }
}

/// Makes `www/dist` unless it is up to date already.
///
/// # Errors
/// When a tool fails or a source is missing.
pub(crate) fn ensure(workspace: &Workspace) -> Outcome<Sizes> {
    let toolchain = wasm_target::ensure(workspace)?;
    let _turn = exclusive::turn(&workspace.scratch().join("bundle.lock"))?;
    let plan = widget::Plan::new(workspace, &toolchain)?;
    let inputs = Fingerprint::new()
        .add("widget", &plan.fingerprint)
        .add_files(
            &workspace.root,
            &["www/loader", "www/booking", "widget/words", "xtask/src/bundle.rs", "xtask/src/bundle"],
        )?
        .short();
    if let Some(sizes) = Sizes::read(&workspace.dist(), &inputs) {
        progress::step("the bundle is up to date");
        return Ok(sizes);
    }
    let widget = plan.ensure(workspace, &toolchain)?;
    progress::step("assembling www/dist");
    let made_without = plan.missing(&toolchain).collect::<Vec<_>>().join(", ");
    let sizes = assemble::dist(workspace, &widget, plan.minifier.as_deref(), Provenance { inputs, made_without })?;
    tree::write(&workspace.dist().join(sizes::FILE), sizes.json())?;
    Ok(sizes)
}

/// What a bundle was made from, and without.
pub(crate) struct Provenance {
    /// Names all that it depends on.
    pub(crate) inputs: String,
    /// Tools that would have made it smaller.
    pub(crate) made_without: String,
}

/// Fails when a size is over its budget.
///
/// # Errors
/// Naming each such size.
pub(crate) fn check(sizes: &Sizes) -> Outcome<()> {
    let over = sizes.over_budget();
    if over.is_empty() {
        return Ok(());
    }
    let excuse =
        if sizes.made_without.is_empty() { String::new() } else { format!("; made without {}", sizes.made_without) };
    Err(Failure::new(format!("over budget: {}{excuse}", over.join("; "))))
}
