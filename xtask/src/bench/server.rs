//! `cargo xtask bench server`: the server under load, beside floors, in one run.

use crate::arguments::Arguments;
use crate::failure::{FileContext, Outcome};
use crate::lockfile;
use crate::process::Run;
use crate::progress;
use crate::provision::postgres;
use crate::tree;
use crate::workspace::Workspace;

use super::{PARTS, ROUNDS, SECONDS};

/// The package that sends, with the floors.
const PACKAGE: &str = "tests/load";
/// The package with the server.
const SERVER: &str = "server";

/// Measures, prints the tables, and keeps them below `target/xtask/bench`.
///
/// # Errors
/// When something does not compile or run.
pub(super) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome<()> {
    progress::long_step("building the server and its floors for this machine", "5 minutes at first, then seconds");
    let packages = [lockfile::package_name(workspace, SERVER)?, lockfile::package_name(workspace, PACKAGE)?];
    let packages = packages.iter().flat_map(|package| ["-p", package.as_str()]);
    workspace.cargo("build").args(["--quiet", "--release", "--bins"]).args(packages).run()?;
    let program = |name: &str| workspace.target.join("release").join(name);
    let folder = workspace.scratch().join("bench/server");
    std::fs::create_dir_all(&folder).file(&folder)?;
    let told = |name, otherwise| arguments.value(name).unwrap_or(otherwise).to_owned();
    progress::long_step("letting the server and its floors take turns", "10 minutes");
    let tables = Run::new(program("bench-server"))
        .args([program("tearoff"), program("floor"), folder.clone()])
        .args([told(ROUNDS, "7"), told(SECONDS, "1"), told(PARTS, "sqlite,postgres,quotes,history")])
        .env(postgres::FOLDER, postgres::ensure()?)
        .minutes(60)
        .output()?;
    let file = workspace.scratch().join("bench/server.md");
    tree::write(&file, &tables)?;
    println!("{tables}");
    progress::step(&format!("the tables are in {}", file.display()));
    Ok(())
}
