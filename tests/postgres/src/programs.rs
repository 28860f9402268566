//! Where PostgreSQL's programs are, and as whom they run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian puts them, one folder per version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// PostgreSQL's programs.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    folder: PathBuf,
    /// Who runs them, where we are root: they refuse to.
    user: Option<&'static str>,
}

impl Programs {
    /// Those that `POSTGRES_BIN` names, else the newest of Debian's.
    ///
    /// # Panics
    /// When there are none; it says what to install.
    pub(crate) fn find() -> Self {
        let named = std::env::var_os("POSTGRES_BIN").map(PathBuf::from);
        let folder = named.or_else(newest_of_debian).filter(|folder| folder.join("initdb").is_file()).expect(
            "PostgreSQL's server is missing: `cargo xtask test --only provision` installs it, or tells what to install; on Debian it is \
             `apt-get install --no-install-recommends postgresql`",
        );
        let is_root = said("id", &["-u"]).as_deref() == Some("0");
        let user = is_root.then(|| if said("id", &["-u", "postgres"]).is_some() { "postgres" } else { "nobody" });
        Self { folder, user }
    }

    /// The path of one of them.
    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// A command that runs one of them.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.run(self.path(program))
    }

    /// A command that runs any program as they are run.
    pub(crate) fn run(&self, program: impl AsRef<OsStr>) -> Command {
        let Some(user) = self.user else { return Command::new(program) };
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={user}")).arg(format!("--regid={user}")).arg("--clear-groups").arg(program);
        command.current_dir("/");
        command
    }

    /// Gives a folder to whoever runs them.
    ///
    /// # Panics
    /// When it cannot be given.
    pub(crate) fn own(&self, folder: &Path) {
        if let Some(user) = self.user {
            let given = Command::new("chown").arg(user).arg(folder).status().expect("chown runs");
            assert!(given.success(), "the folder is given to `{user}`");
        }
    }
}

fn newest_of_debian() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN).ok()?.flatten().map(|entry| entry.path().join("bin"));
    let number = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    versions.filter(|folder| folder.join("initdb").is_file()).max_by_key(number)
}

/// What a program says, if it ends well.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
