//! `cargo xtask bench`: every figure that the project quotes, from one run.

mod core;
pub(crate) mod counts;
pub(crate) mod crash;
mod measured;
mod modules;
mod server;
mod targets;

use crate::arguments::Arguments;
use crate::bundle;
use crate::failure::Outcome;
use crate::workspace::Workspace;

/// The parts, by the words that ask for them.
pub(crate) const SIZES: &str = "sizes";
/// As above.
pub(crate) const CORE: &str = "core";
/// As above.
pub(crate) const SERVER: &str = "server";
/// As above.
pub(crate) const CRASH: &str = "crash";
/// How the server is measured.
pub(crate) const ROUNDS: &str = "--rounds";
/// As above.
pub(crate) const SECONDS: &str = "--seconds";
/// As above.
pub(crate) const PARTS: &str = "--parts";

/// `cargo xtask bench`: the parts asked for, or all.
///
/// # Errors
/// When something does not compile or run, or a crash loses something. A target that is missed is no failure: this only tells.
pub(crate) fn run(arguments: &Arguments) -> Outcome<()> {
    let workspace = Workspace::find()?;
    let asks = |part| arguments.has(part) || [SIZES, CORE, SERVER, CRASH].iter().all(|part| !arguments.has(part));
    if asks(SIZES) {
        let sizes = bundle::ensure(&workspace)?;
        println!("Sizes of the files served\n{}", sizes.table());
    }
    if asks(CORE) {
        core::run(&workspace)?;
    }
    if asks(SERVER) {
        server::run(&workspace, arguments)?;
    }
    if asks(CRASH) {
        crash::run(&workspace)?;
    }
    Ok(())
}
