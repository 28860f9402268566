//! The two tools that come as npm packages, at the versions with which the size budgets were measured.

use std::path::PathBuf;

use crate::exclusive;
use crate::failure::{Failure, Outcome};
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
    if process::find("npm").is_none() || process::find("node").is_none() {
        debian::install(&["nodejs", "npm"], "node with npm", "1 minute")?;
    }
    let wanted = PACKAGES.map(|(package, version)| format!("{package}@{version}"));
    progress::long_step(&format!("installing {}", wanted.join(" and ")), "10 seconds");
    tree::empty(&folder)?;
    // Their install scripts only look for what the packages already hold.
    let switches =
        ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error", "--prefix"];
    Run::new("npm").args(switches).arg(&folder).args(wanted).directory(&folder).minutes(3).output()?;
    if program.exists() { Ok(program) } else { Err(Failure::new(format!("npm installed no `{name}`"))) }
}
