//! The database that a tool works on.

use std::path::PathBuf;

use super::lines::Broken;
use crate::config::Database;

/// The file of `--database sqlite:PATH`.
///
/// # Errors
/// [`Broken::Invalid`], without what was written: it may hold a password.
pub(super) fn sqlite_file(database: &str) -> Result<PathBuf, Broken> {
    match Database::parse(database) {
        Ok(Database::Sqlite(path)) => Ok(path),
        Ok(Database::Postgres(_)) => {
            Err(Broken::Invalid("PostgreSQL is not spoken yet: `--database` must be `sqlite:PATH`".into()))
        }
        Err(wanted) => Err(Broken::Invalid(format!("`--database` {wanted}"))),
    }
}
