//! wasm-bindgen's bundler and test runner, at exactly the version in `Cargo.lock`: any other refuses to work.

use std::fs;
use std::path::PathBuf;

use crate::exclusive;
use crate::failure::{Failure, Outcome};
use crate::lockfile;
use crate::process::{self, Run};
use crate::progress;
use crate::workspace::{self, Workspace};

/// The two programs.
#[derive(Debug)]
pub(crate) struct Bindgen {
    /// Their version.
    pub(crate) version: String,
    /// `wasm-bindgen`.
    pub(crate) bundler: PathBuf,
    /// `wasm-bindgen-test-runner`.
    pub(crate) test_runner: PathBuf,
}

/// The programs on the search path or in the cache, built when they are missing.
///
/// # Errors
/// When `Cargo.lock` holds no wasm-bindgen, or cargo cannot build its tools.
pub(crate) fn ensure(workspace: &Workspace) -> Outcome<Bindgen> {
    let version = lockfile::version(workspace, "wasm-bindgen")?;
    let home = workspace.cache.join(format!("wasm-bindgen-{version}"));
    if let Some(found) = on_search_path(&version) {
        return Ok(found);
    }
    let cached = || in_folder(home.join("bin"), &version);
    if let Some(found) = cached() {
        return Ok(found);
    }
    let _turn = exclusive::turn(&workspace.cache.join("wasm-bindgen.lock"))?;
    if let Some(found) = cached() {
        return Ok(found);
    }
    progress::long_step(&format!("building wasm-bindgen {version}'s tools, once"), "2 to 5 minutes");
    install(workspace, &version, &home)?;
    cached().ok_or_else(|| Failure::new(format!("cargo left no wasm-bindgen in `{}`", home.display())))
}

fn install(workspace: &Workspace, version: &str, home: &std::path::Path) -> Outcome<()> {
    // Kept until it succeeds, so that what a time limit cut short goes on where it was.
    let build = workspace.cache.join("build/wasm-bindgen");
    let cargo = |switches: &[&str]| {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let run = workspace::clean(Run::new(program))
            .args(["install", "--quiet", "wasm-bindgen-cli", "--version", version])
            .args(switches);
        run.arg("--root").arg(home).env("CARGO_TARGET_DIR", &build).directory(&workspace.cache).minutes(20)
    };
    if let Err(failure) = cargo(&["--locked"]).output() {
        if process::interrupted() {
            return Err(failure);
        }
        // The exact versions its authors built with can be newer than what a registry's mirror holds, or withdrawn.
        progress::step(
            "the versions locked by wasm-bindgen-cli are not to be had; building it with the newest that are",
        );
        cargo(&[]).run()?;
    }
    let _kept_a_little_longer = fs::remove_dir_all(&build);
    Ok(())
}

fn on_search_path(version: &str) -> Option<Bindgen> {
    let folder = process::find("wasm-bindgen")?.parent()?.to_path_buf();
    let found = in_folder(folder, version)?;
    let said = Run::new(&found.bundler).arg("--version").seconds(10).output().ok()?;
    (said.split_whitespace().nth(1) == Some(version)).then_some(found)
}

fn in_folder(folder: PathBuf, version: &str) -> Option<Bindgen> {
    let bundler = folder.join("wasm-bindgen");
    let test_runner = folder.join("wasm-bindgen-test-runner");
    let complete = bundler.is_file() && test_runner.is_file();
    complete.then(|| Bindgen { version: version.to_owned(), bundler, test_runner })
}
