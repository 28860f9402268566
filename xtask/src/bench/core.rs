//! `cargo xtask bench core`: core beside others, in one run.
//!
//! Scripts in `xtask/bench` time core natively, as WebAssembly in node and in Chromium, and others, all in turn within each round.

use std::path::{Path, PathBuf};

use crate::failure::Outcome;
use crate::lockfile;
use crate::process::Run;
use crate::progress;
use crate::provision::{browser, npm};
use crate::suite;
use crate::temporary::Temporary;
use crate::tree;
use crate::workspace::Workspace;

use super::measured::Measured;
use super::{counts, modules, targets};

/// The package with what is measured.
pub(super) const PACKAGE: &str = "tests/bench";
/// Its native program.
const PROGRAM: &str = "bench-native";
/// How often everything is measured. Odd, so that there is a median.
const ROUNDS: usize = 51;

/// Measures everything, prints the table, and keeps it below `target/xtask/bench`.
///
/// # Errors
/// When something does not compile or run.
pub(super) fn run(workspace: &Workspace) -> Outcome<()> {
    let program = build(workspace)?;
    let timed = modules::timed(workspace)?;
    let weights = modules::weigh(workspace)?;
    let counted = counts::count(workspace)?;
    let measured = measure(workspace, &program, &timed)?;
    let table = targets::table(&measured, &weights, counted.as_ref());
    let file = workspace.scratch().join("bench/core.txt");
    tree::write(&file, &table)?;
    println!("{table}");
    progress::step(&format!("the table is in {}", file.display()));
    Ok(())
}

/// Builds the native program as a release is built.
///
/// # Errors
/// When it does not compile.
pub(super) fn build(workspace: &Workspace) -> Outcome<PathBuf> {
    progress::long_step("building core for this machine", "1 minute at first, then seconds");
    let package = lockfile::package_name(workspace, PACKAGE)?;
    workspace.cargo("build").args(["--quiet", "--release", "-p", &package, "--bin", PROGRAM]).run()?;
    Ok(workspace.target.join("release").join(PROGRAM))
}

fn measure(workspace: &Workspace, program: &Path, timed: &Path) -> Outcome<Measured> {
    let (peers, found) = (npm::peers(workspace)?, browser::ensure()?);
    let capabilities = suite::browser::capabilities(workspace, &found)?;
    let temporary = Temporary::new()?;
    let input = workspace.scratch().join("bench/input");
    tree::empty(&input)?;
    Run::new(program).arg("input").arg(&input).output()?;
    Run::new(program).arg("count").arg(timed.join("timed.wasm")).output()?;
    progress::long_step(&format!("measuring in {ROUNDS} rounds"), "1 minute");
    let scripts = workspace.root.join("widget/js");
    let said = [
        ("scripts", scripts.as_path()),
        ("native", program),
        ("modules", timed),
        ("input", input.as_path()),
        ("peers", &peers),
        ("driver", &found.driver),
        ("capabilities", &capabilities),
    ];
    let run = Run::new("node").arg(workspace.root.join("xtask/bench/measure.mjs"));
    let run = run.args(said.map(|(name, path)| format!("{name}={}", path.display())));
    let run = run.arg(format!("rounds={ROUNDS}")).env("TMPDIR", temporary.path());
    Measured::parse(&run.minutes(15).output()?)
}
