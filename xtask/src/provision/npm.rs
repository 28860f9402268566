//! What comes as npm packages: two tools, at the versions with which the size budgets were measured, and what core is measured beside.

use std::path::{Path, PathBuf};

use crate::exclusive;
use crate::failure::{Failure, Outcome};
use crate::hash::Fingerprint;
use crate::process::{self, Run};
use crate::progress;
use crate::tree;
use crate::workspace::Workspace;

use super::debian;

/// Package and version. A newer one may be smaller or larger: change it together with the budgets.
const PACKAGES: [(&str, &str); 2] = [("binaryen", "132.0.0"), ("esbuild", "0.28.2")];

/// The program `name` of these packages, installed when it is missing.
///
/// # Errors
/// When there is no node and none may be installed, or npm fails.
pub(crate) fn ensure(workspace: &Workspace, name: &str) -> Outcome<PathBuf> {
    let folder = workspace.cache.join("npm");
    let program = folder.join("node_modules/.bin").join(name);
    let present = |(package, version): (&str, &str)| {
        let manifest = folder.join("node_modules").join(package).join("package.json");
        tree::read_text(&manifest).is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
    };
    let is_there = || process::find("node").is_some() && program.exists() && PACKAGES.into_iter().all(present);
    if is_there() {
        return Ok(program);
    }
    let _turn = exclusive::turn(&workspace.cache.join("npm.lock"))?;
    if is_there() {
        return Ok(program);
    }
    ensure_npm()?;
    let wanted = PACKAGES.map(|(package, version)| format!("{package}@{version}"));
    progress::long_step(&format!("installing {}", wanted.join(" and ")), "10 seconds");
    tree::empty(&folder)?;
    // Their install scripts only look for what the packages already hold.
    npm("install", &folder).args(wanted).minutes(3).output()?;
    if program.exists() { Ok(program) } else { Err(Failure::new(format!("npm installed no `{name}`"))) }
}

/// The folder with the packages that core is measured beside, exactly those of the lock file in `xtask/bench`, below `node_modules`.
///
/// # Errors
/// When there is no node and none may be installed, or npm fails.
pub(crate) fn peers(workspace: &Workspace) -> Outcome<PathBuf> {
    const FILES: [&str; 2] = ["package.json", "package-lock.json"];
    let source = workspace.root.join("xtask/bench");
    let wanted = Fingerprint::new().add_files(&source, &FILES)?.short();
    let (folder, marker) = (workspace.cache.join("peers"), workspace.cache.join("peers/installed"));
    let is_there =
        || process::find("node").is_some() && tree::read_text(&marker).is_ok_and(|installed| installed == wanted);
    if is_there() {
        return Ok(folder);
    }
    let _turn = exclusive::turn(&workspace.cache.join("npm.lock"))?;
    if is_there() {
        return Ok(folder);
    }
    ensure_npm()?;
    progress::long_step("installing what core is measured beside", "40 seconds");
    tree::empty(&folder)?;
    for file in FILES {
        tree::write(&folder.join(file), tree::read(&source.join(file))?)?;
    }
    // One of them names a whole framework as its peer, of which the part that is measured needs nothing.
    npm("ci", &folder).arg("--legacy-peer-deps").minutes(10).output()?;
    tree::write(&marker, wanted)?;
    Ok(folder)
}

fn ensure_npm() -> Outcome<()> {
    if process::find("npm").is_some() && process::find("node").is_some() {
        return Ok(());
    }
    debian::install(&["nodejs", "npm"], "node with npm", "1 minute")
}

fn npm(subcommand: &str, folder: &Path) -> Run {
    let switches = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error", "--prefix"];
    Run::new("npm").arg(subcommand).args(switches).arg(folder).directory(folder)
}
