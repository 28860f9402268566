//! `cargo xtask soak`: what the test run tries briefly, for as long as it takes to trust it. It takes hours.

use crate::arguments::Arguments;
use crate::failure::Outcome;
use crate::workspace::Workspace;
use crate::{fuzz, parity};

/// `cargo xtask soak`.
///
/// # Errors
/// When an answer differs, an input makes core panic, or something does not compile.
pub(crate) fn run(_: &Arguments) -> Outcome<()> {
    let workspace = Workspace::find()?;
    parity::of_the_soak(&workspace)?;
    fuzz::of_the_soak(&workspace)
}
