//! The database that a tool works on.

use std::env;
use std::path::PathBuf;

use super::lines::Broken;
use crate::config::Database;

/// Where it is named when no flag does, as for a server: a list of processes shows flags, and passwords in them.
const VARIABLE: &str = "TEAROFF_DATABASE";

/// Which database it is.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The database: `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST/NAME`; what the environment has as TEAROFF_DATABASE when absent
    #[arg(long, value_name = "DATABASE")]
    database: Option<String>,
}

impl Which {
    /// Whether a flag names it.
    pub(super) const fn is_told(&self) -> bool {
        self.database.is_some()
    }

    /// The database of `--database`, or else of the environment.
    ///
    /// # Errors
    /// [`Broken::Invalid`], without what was written: it may hold a password.
    pub(super) fn named(&self) -> Result<Database, Broken> {
        let (told, by) = match &self.database {
            Some(database) => (Ok(database.clone()), "--database"),
            None => (env::var(VARIABLE), VARIABLE),
        };
        let told = told.map_err(|_| Broken::Invalid(format!("`--database` is needed, or `{VARIABLE}`")))?;
        Database::parse(&told).map_err(|wanted| Broken::Invalid(format!("`{by}` {wanted}")))
    }

    /// The same where it must be a file.
    ///
    /// # Errors
    /// [`Broken::Invalid`], without what was written: it may hold a password.
    pub(super) fn file(&self) -> Result<PathBuf, Broken> {
        match self.named()? {
            Database::Sqlite(path) => Ok(path),
            Database::Postgres(_) => Err(Broken::Invalid(
                "this is for one file, `--database sqlite:PATH`: PostgreSQL has tools of its own, such as `pg_dump`"
                    .into(),
            )),
        }
    }
}
