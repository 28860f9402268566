//! PostgreSQL's programs, for the tests that start a server of their own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, FileContext, Outcome};
use crate::process;

use super::debian;

/// The variable that names the folder of the programs, to us and to the tests.
pub(crate) const FOLDER: &str = "POSTGRES_BIN";
/// Where Debian puts them, one folder per version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Where Debian's package looks whether to make a database and start a server when it is installed.
const NO_SERVICE: &str = "/etc/postgresql-common/createcluster.d/tearoff.conf";

/// The folder with `initdb` and `postgres`: the one that `POSTGRES_BIN` or the search path names, else Debian's, installed when it is
/// missing. No service is left running.
///
/// # Errors
/// When there is none and none may be installed.
pub(crate) fn ensure() -> Outcome<PathBuf> {
    if let Some(found) = present() {
        return Ok(found);
    }
    let no_service = Path::new(NO_SERVICE);
    // Without the right to write here there is none to install either, and that is told below.
    let is_told = no_service.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok())
        && fs::write(no_service, "create_main_cluster = false\n").is_ok();
    let installed = debian::install(&["postgresql"], "PostgreSQL's server", "30 seconds");
    if is_told {
        fs::remove_file(no_service).file(no_service)?;
    }
    installed?;
    present().ok_or_else(|| Failure::new(format!("postgresql is installed, but not below {DEBIAN}")))
}

fn present() -> Option<PathBuf> {
    let named = std::env::var_os(FOLDER).map(PathBuf::from);
    let found = process::find("initdb").and_then(|initdb| fs::canonicalize(initdb).ok()?.parent().map(Path::to_owned));
    named.into_iter().chain(newest_of_debian()).chain(found).find(|folder| is_whole(folder))
}

fn newest_of_debian() -> Option<PathBuf> {
    let folders = fs::read_dir(DEBIAN).ok()?.flatten().map(|entry| entry.path().join("bin"));
    let version = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    folders.filter(|folder| is_whole(folder)).max_by_key(version)
}

fn is_whole(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_ctl"].iter().all(|program| folder.join(program).is_file())
}
