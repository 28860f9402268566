//! `cargo xtask parity`: the same random cases by core here, by core as WebAssembly in a browser, and by a naive model.
//!
//! The native program compares core with the model case by case, and writes the digests of core's answers to a file. The browser's test
//! is compiled with that file and fails unless it arrives at the same digests.

use crate::arguments::Arguments;
use crate::failure::Outcome;
use crate::lockfile;
use crate::progress;
use crate::suite::browser;
use crate::tree;
use crate::workspace::Workspace;

/// How many cases the test run evaluates.
pub(crate) const CASES: u64 = 50_000;
const SEED: u64 = 1;
/// How many seeds a soak goes through, and how many cases of each: a million in all, in pieces that a browser's test ends in time.
const SOAK: (u64, u64) = (10, 100_000);
/// The package with the native program `parity`.
const PACKAGE: &str = "tests/parity";

/// `cargo xtask parity`.
///
/// # Errors
/// When an answer differs, naming the first case that does; or something does not compile.
pub(crate) fn run(arguments: &Arguments) -> Outcome<()> {
    let workspace = Workspace::find()?;
    let (cases, seed) = (arguments.number("--cases")?.unwrap_or(CASES), arguments.number("--seed")?.unwrap_or(SEED));
    everywhere(&workspace, Build::Checked, cases, seed)
}

/// The cases of the test run.
///
/// # Errors
/// As [`run`].
pub(crate) fn of_the_test_run(workspace: &Workspace) -> Outcome<()> {
    everywhere(workspace, Build::Checked, CASES, SEED)
}

/// A million cases, from seeds of their own.
///
/// # Errors
/// As [`run`].
pub(crate) fn of_the_soak(workspace: &Workspace) -> Outcome<()> {
    let (seeds, cases) = SOAK;
    (1..=seeds).try_for_each(|number| everywhere(workspace, Build::Fast, cases, SEED + number))
}

/// How the native program is built.
enum Build {
    /// As every test is, which is there already.
    Checked,
    /// Optimized, which takes a minute to build and halves the time of each case.
    Fast,
}

fn everywhere(workspace: &Workspace, build: Build, cases: u64, seed: u64) -> Outcome<()> {
    let package = lockfile::package_name(workspace, PACKAGE)?;
    let digests = workspace.scratch().join("parity.txt");
    // Emptied, so that an old run's digests can never pass for this one's.
    tree::write(&digests, "")?;
    progress::step(&format!("{cases} random cases from seed {seed}: core against the model"));
    let numbers = ["--cases".to_owned(), cases.to_string(), "--seed".to_owned(), seed.to_string()];
    let profile: &[&str] = match build {
        Build::Checked => &[],
        Build::Fast => &["--release"],
    };
    let native = workspace.cargo("run").args(profile).args(["-p", &package, "--bin", "parity", "--"]).args(numbers);
    native.arg("--expected").arg(&digests).run()?;
    progress::step(&format!("{cases} random cases from seed {seed}: the same in the browser"));
    browser::test(workspace, &[browser::PARITY], |run| run.env("TEAROFF_PARITY", &digests))
}
