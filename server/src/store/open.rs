//! Opening a database of either kind.

use std::sync::Arc;

use super::sqlite::Durability;
use super::{Opened, Readers, postgres, sqlite};
use crate::config::Database;

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file.
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    /// The server.
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
}

/// Opens a database and brings its schema up to date. It may wait, and must not be called by a thread that serves connections.
///
/// # Errors
/// [`OpenError`].
pub fn open(database: &Database) -> Result<Opened, OpenError> {
    open_with(database, Durability::Full)
}

/// The same, with other than full durability of a file. That of a PostgreSQL server is its owner's affair.
///
/// # Errors
/// [`OpenError`].
pub fn open_with(database: &Database, durability: Durability) -> Result<Opened, OpenError> {
    Ok(match database {
        Database::Sqlite(path) => sqlite::open_with(path, durability)?,
        Database::Postgres(url) => postgres::open(url.reveal())?,
    })
}

/// Opens a database that is there to be read only, beside servers that may be writing to it.
///
/// # Errors
/// [`OpenError`], also for a schema that is not this version's.
pub fn open_to_read(database: &Database) -> Result<Arc<dyn Readers>, OpenError> {
    Ok(match database {
        Database::Sqlite(path) => sqlite::open_to_read(path)?,
        Database::Postgres(url) => postgres::open_to_read(url.reveal())?,
    })
}
