//! Debian's packages, installed only by root and never with a question.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::failure::{Failure, Outcome};
use crate::process::{self, Run};
use crate::progress;
use crate::tree;

/// Lists of packages older than this name versions that the archive may no longer hold.
const LISTS_AGE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
const LISTS: &str = "/var/lib/apt/lists";

/// Installs `packages` for `purpose`, which takes `about` so long.
///
/// # Errors
/// When this is no Debian or we are not root, with the command to type; or when the installation fails.
pub(crate) fn install(packages: &[&str], purpose: &str, about: &str) -> Outcome<()> {
    let typed = format!("apt-get install --no-install-recommends {}", packages.join(" "));
    if process::find("apt-get").is_none() {
        return Err(Failure::new(format!(
            "{purpose} is missing and this system has no apt-get; install it with your system's packages (on Debian: `{typed}`)"
        )));
    }
    if !nix::unistd::geteuid().is_root() {
        return Err(Failure::new(format!("{purpose} is missing; type `sudo {typed}`")));
    }
    if !lists_are_fresh() {
        update()?;
    }
    progress::long_step(&format!("installing {purpose} from Debian's packages"), about);
    let first = try_install(packages);
    if first.is_ok() || process::interrupted() {
        return first;
    }
    // The lists may be from before the archive's last change.
    update()?;
    try_install(packages)
}

fn try_install(packages: &[&str]) -> Outcome<()> {
    let run = apt_get().args(["install", "--yes", "--no-install-recommends"]).args(packages);
    run.minutes(10).output().map(drop)
}

fn update() -> Outcome<()> {
    progress::long_step("updating the lists of Debian's packages", "20 seconds");
    apt_get().arg("update").minutes(3).output().map(drop)
}

fn apt_get() -> Run {
    let quiet = [
        "-qq",
        "-o",
        "Dpkg::Use-Pty=0",
        "-o",
        "DPkg::Lock::Timeout=120",
        "-o",
        "Acquire::Retries=2",
        "-o",
        "Acquire::http::Timeout=30",
    ];
    Run::new("apt-get").args(quiet).env("DEBIAN_FRONTEND", "noninteractive")
}

fn lists_are_fresh() -> bool {
    let Ok(entries) = fs::read_dir(Path::new(LISTS)) else { return false };
    let mut packages = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().contains("_Packages"));
    packages.any(|entry| tree::is_younger(&entry.path(), LISTS_AGE_MAX))
}
