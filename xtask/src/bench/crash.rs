//! `cargo xtask bench crash`: the server killed and its power cut, again and again, under load; then everything is counted.

use crate::failure::Outcome;
use crate::lockfile;
use crate::progress;
use crate::provision::postgres;
use crate::suite::REQUESTS;
use crate::workspace::Workspace;

/// 200 kills and 100 power cuts; and a run with less durability, which must be seen to lose.
///
/// # Errors
/// When anything acknowledged is lost, or a limit exceeded.
pub(crate) fn run(workspace: &Workspace) -> Outcome<()> {
    progress::long_step("killing the server 200 times and cutting its power 100 times, under load", "5 minutes");
    let package = lockfile::package_name(workspace, REQUESTS)?;
    let run = workspace.cargo("test").args(["-p", &package, "--test", "crash", "--"]);
    let run = run.args(["--ignored", "--test-threads=1", "--nocapture"]);
    run.env(postgres::FOLDER, postgres::ensure()?).minutes(60).run()
}
