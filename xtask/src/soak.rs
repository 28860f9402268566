//! `cargo xtask soak`: what the test run tries briefly, for as long as it takes to trust it. It takes hours.

use crate::arguments::Arguments;
use crate::bench::crash;
use crate::failure::Outcome;
use crate::provision::postgres;
use crate::suite::REQUESTS;
use crate::workspace::Workspace;
use crate::{fuzz, lockfile, parity, progress};

/// `cargo xtask soak`.
///
/// # Errors
/// When an answer differs, a limit is exceeded, an input makes core panic, or something does not compile.
pub(crate) fn run(_: &Arguments) -> Outcome<()> {
    let workspace = Workspace::find()?;
    crash::run(&workspace)?;
    servers(&workspace)?;
    parity::of_the_soak(&workspace)?;
    fuzz::of_the_soak(&workspace)
}

/// Twenty thousand orders for five thousand uses with four servers on one PostgreSQL, and again while they are killed.
fn servers(workspace: &Workspace) -> Outcome<()> {
    progress::long_step("four servers on one PostgreSQL, 20,000 orders for 5,000 uses, twice", "5 minutes");
    let package = lockfile::package_name(workspace, REQUESTS)?;
    let databases = postgres::ensure()?;
    let run =
        workspace.cargo("test").args(["-p", &package, "--test", "servers", "--", "--ignored", "--test-threads=1"]);
    run.env(postgres::FOLDER, databases).minutes(30).run()
}
