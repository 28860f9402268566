//! Where things are: the checkout, the caches beside it, and the folder in which cargo builds.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, FileContext, Outcome};
use crate::process::Run;
use crate::progress;
use crate::tree;

/// A build folder larger than this is emptied before the next build: it holds the remains of many checkouts and toolchains.
const TARGET_BYTES_MAX: u64 = 20 * 1024 * 1024 * 1024;

/// Where the sources of the packages are.
const SOURCES: [&str; 6] = ["core", "server", "widget", "www", "tests", "xtask"];

/// The folders that every step works with.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// What is kept between checkouts: `TEAROFF_CACHE`, or `tearoff` in the user's cache folder.
    pub(crate) cache: PathBuf,
    /// Cargo's build folder: `CARGO_TARGET_DIR`, or `target` in the cache, so that a fresh clone builds no dependency twice.
    pub(crate) target: PathBuf,
    /// Whether the build folder is in the cache, and so ours to keep small.
    target_is_ours: bool,
}

impl Workspace {
    /// Finds the folders and makes the cache.
    ///
    /// # Errors
    /// When there is no home folder and no cache is named, or the cache cannot be made.
    pub(crate) fn find() -> Outcome<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root =
            manifest.parent().map(Path::to_path_buf).ok_or_else(|| Failure::new("the checkout has no root folder"))?;
        let cache = cache_folder(|name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute()))
            .ok_or_else(|| Failure::new("no cache folder: set TEAROFF_CACHE to an absolute path"))?;
        fs::create_dir_all(&cache).file(&cache)?;
        let chosen = std::env::var_os("CARGO_TARGET_DIR").filter(|path| !path.is_empty());
        let target_is_ours = chosen.is_none();
        let target = chosen.map_or_else(|| cache.join("target"), |path| root.join(path));
        let workspace = Self { root, cache, target, target_is_ours };
        workspace.claim_target()?;
        Ok(workspace)
    }

    /// Takes the build folder over from another checkout. Cargo tells sources apart by their place in the workspace and by their age,
    /// so those of this checkout are made newer than anything that was built of the other's.
    fn claim_target(&self) -> Outcome<()> {
        let (marker, own) = (self.target.join("checkout"), self.root.display().to_string());
        if !self.target_is_ours || fs::read_to_string(&marker).is_ok_and(|last| last == own) {
            return Ok(());
        }
        if self.target.is_dir() {
            for folder in SOURCES {
                tree::touch(&self.root.join(folder))?;
            }
        }
        tree::write(&marker, own)
    }

    /// What `cargo xtask bundle` makes and the server serves.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("www/dist")
    }

    /// A folder of the checkout's own, never committed, for what may be thrown away.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.root.join("target/xtask")
    }

    /// `cargo` in the checkout with our build folder, limited to one hour.
    pub(crate) fn cargo(&self, subcommand: &str) -> Run {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        clean(Run::new(program)).arg(subcommand).directory(&self.root).env("CARGO_TARGET_DIR", &self.target).minutes(60)
    }

    /// Empties our build folder when it has grown beyond its bound.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn bound_target(&self) -> Outcome<()> {
        if !self.target_is_ours || tree::bytes(&self.target) <= TARGET_BYTES_MAX {
            return Ok(());
        }
        progress::step(&format!("emptying the build folder {}, which has outgrown its bound", self.target.display()));
        fs::remove_dir_all(&self.target).file(&self.target)
    }
}

/// Takes away what cargo told this program about its own package: it would make the packages built by the inner cargo look changed.
/// And rustup shall never fetch a whole toolchain by itself.
pub(crate) fn clean(run: Run) -> Run {
    let ours = |name: &str| {
        ["CARGO_PKG_", "CARGO_BIN_", "CARGO_MANIFEST_", "CARGO_CRATE_"].iter().any(|prefix| name.starts_with(prefix))
    };
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(|name| ours(name));
    names.fold(run, Run::without_env).without_env("LD_LIBRARY_PATH").env("RUSTUP_AUTO_INSTALL", "0")
}

fn cache_folder(path: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let users = || path("XDG_CACHE_HOME").or_else(|| Some(path("HOME")?.join(".cache")));
    path("TEAROFF_CACHE").or_else(|| Some(users()?.join("tearoff")))
}

#[cfg(test)]
mod tests {
    use super::cache_folder;
    use std::path::PathBuf;

    #[test]
    fn the_most_special_variable_names_the_cache() {
        let all = [("TEAROFF_CACHE", "/t"), ("XDG_CACHE_HOME", "/x"), ("HOME", "/h")];
        for (known, want) in [
            (&all[..], Some("/t")),
            (&all[1..], Some("/x/tearoff")),
            (&all[2..], Some("/h/.cache/tearoff")),
            (&[], None),
        ] {
            let variable =
                |name: &str| known.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value));
            assert_eq!(cache_folder(variable), want.map(PathBuf::from));
        }
    }
}
