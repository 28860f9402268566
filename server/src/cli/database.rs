//! The database that a tool works on.

use std::path::PathBuf;

use super::lines::Broken;
use crate::config::Database;

/// The database of `--database`.
///
/// # Errors
/// [`Broken::Invalid`], without what was written: it may hold a password.
pub(super) fn named(database: &str) -> Result<Database, Broken> {
    Database::parse(database).map_err(|wanted| Broken::Invalid(format!("`--database` {wanted}")))
}

/// The file of `--database sqlite:PATH`.
///
/// # Errors
/// [`Broken::Invalid`], without what was written: it may hold a password.
pub(super) fn sqlite_file(database: &str) -> Result<PathBuf, Broken> {
    match named(database)? {
        Database::Sqlite(path) => Ok(path),
        Database::Postgres(_) => Err(Broken::Invalid(
            "this is for one file, `--database sqlite:PATH`: PostgreSQL has tools of its own, such as `pg_dump`".into(),
        )),
    }
}
