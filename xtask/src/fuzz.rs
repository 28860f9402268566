//! `cargo xtask fuzz`: spoiled inputs, for as long as one likes. Not part of the test run, which tries a few thousand of them.
//!
//! With cargo-fuzz and a nightly compiler, libFuzzer looks for inputs that reach new code. Without them the same functions are tried
//! blindly, which needs nothing.

use std::path::{Path, PathBuf};

use crate::arguments::Arguments;
use crate::exclusive;
use crate::failure::{Failure, Outcome};
use crate::lockfile;
use crate::process::{self, Run};
use crate::progress;
use crate::workspace::{self, Workspace};

/// The package with the functions, and below it the one for libFuzzer.
const PACKAGE: &str = "tests/fuzz";
const TARGETS: [&str; 4] = ["code", "request", "snapshot", "stored"];
/// How long each target is tried.
const SECONDS: u64 = 60;
/// The same in a soak.
const SOAK_SECONDS: u64 = 600;

/// `cargo xtask fuzz`.
///
/// # Errors
/// When an input fails, naming the file that it is kept in; or something does not compile.
pub(crate) fn run(arguments: &Arguments) -> Outcome<()> {
    let chosen = arguments.values("--target");
    if let Some(unknown) = chosen.iter().find(|name| !TARGETS.contains(name)) {
        return Err(Failure::new(format!("there is no target `{unknown}`; there are {}", TARGETS.join(", "))));
    }
    let workspace = Workspace::find()?;
    let fuzzer = if arguments.has("--blind") { None } else { ensure(&workspace) };
    let targets = TARGETS.into_iter().filter(|target| chosen.is_empty() || chosen.contains(target));
    each(&workspace, fuzzer.as_deref(), targets, arguments.number("--seconds")?.unwrap_or(SECONDS))
}

/// Every target, for ten minutes each.
///
/// # Errors
/// As [`run`].
pub(crate) fn of_the_soak(workspace: &Workspace) -> Outcome<()> {
    each(workspace, ensure(workspace).as_deref(), TARGETS, SOAK_SECONDS)
}

fn each(
    workspace: &Workspace,
    fuzzer: Option<&Path>,
    targets: impl IntoIterator<Item = &'static str>,
    seconds: u64,
) -> Outcome<()> {
    let found = workspace.scratch().join("fuzz");
    for target in targets {
        progress::long_step(&format!("fuzzing `{target}`"), &progress::spoken(std::time::Duration::from_secs(seconds)));
        match fuzzer {
            Some(fuzzer) => guided(workspace, fuzzer, target, seconds, &found)?,
            None => blind(workspace, target, seconds, &found)?,
        }
    }
    Ok(())
}

/// cargo-fuzz, with a nightly compiler to go with it.
fn ensure(workspace: &Workspace) -> Option<PathBuf> {
    let nightly = Run::new("rustup").args(["run", "nightly", "rustc", "--version"]).seconds(10).output();
    if nightly.is_err() {
        return without("no nightly compiler", "rustup toolchain install nightly --profile minimal");
    }
    let home = workspace.cache.join("cargo-fuzz");
    let cached = || Some(home.join("bin/cargo-fuzz")).filter(|path| path.is_file());
    if let Some(found) = process::find("cargo-fuzz").or_else(cached) {
        return Some(found);
    }
    let _turn = exclusive::turn(&workspace.cache.join("cargo-fuzz.lock")).ok()?;
    progress::long_step("building cargo-fuzz, once", "1 to 3 minutes");
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let install = workspace::clean(Run::new(program)).args(["install", "--quiet", "cargo-fuzz", "--locked", "--root"]);
    let build = workspace.cache.join("build/cargo-fuzz");
    let installed = install.arg(&home).env("CARGO_TARGET_DIR", build).directory(&workspace.cache).minutes(15).output();
    match (installed, cached()) {
        (Ok(_), Some(found)) => Some(found),
        _ => without("cargo-fuzz cannot be installed", "cargo install cargo-fuzz --locked"),
    }
}

fn without(what: &str, cure: &str) -> Option<PathBuf> {
    progress::warning(&format!("{what}: going on blindly. For libFuzzer, type `{cure}` and begin again"));
    None
}

fn guided(workspace: &Workspace, fuzzer: &Path, target: &str, seconds: u64, found: &Path) -> Outcome<()> {
    let corpus = found.join("corpus").join(target);
    let package = lockfile::package_name(workspace, PACKAGE)?;
    let seeds = workspace.cargo("run").args(["--quiet", "-p", &package, "--bin", "seeds", "--", target]).arg(&corpus);
    seeds.run()?;
    let fuzz = workspace::clean(Run::new("rustup")).args(["run", "nightly"]).arg(fuzzer);
    let fuzz =
        fuzz.args(["run", "--fuzz-dir"]).arg(workspace.root.join(PACKAGE).join("cargo")).arg(target).arg(&corpus);
    // The cargo that runs us is not the nightly one.
    let fuzz = fuzz.without_env("CARGO").without_env("RUSTC").env("CARGO_TARGET_DIR", workspace.target.join("fuzz"));
    let limit = format!("-max_total_time={seconds}");
    let kept = format!("-artifact_prefix={}/", found.display());
    let fuzz = fuzz.args(["--", &limit, &kept, "-max_len=65536", "-verbosity=0", "-print_final_stats=1"]);
    fuzz.directory(&workspace.root).minutes(20 + seconds.div_ceil(60)).run()
}

fn blind(workspace: &Workspace, target: &str, seconds: u64, found: &Path) -> Outcome<()> {
    let package = lockfile::package_name(workspace, PACKAGE)?;
    let run = workspace.cargo("run").args(["--quiet", "--release", "-p", &package, "--bin", "blind", "--", target]);
    run.arg(seconds.to_string()).arg(found).minutes(20 + seconds.div_ceil(60)).run()
}
