//! Everything of a database as JSON lines, from one database to another of either kind.
//!
//! The first line says what the file is; then comes each table, a line that names its columns and a line for each of its rows, in the order
//! of the primary key; the last line counts the rows and has the SHA-256 of all that stands before it. So the file is written and read
//! in one go, with no more in memory than a page of rows, and two databases that hold the same give the same bytes.
//!
//! An export is one state, also beside servers that write. An import fills an empty database or leaves it as it is.

mod export;
mod import;
mod line;
mod tables;

use std::io::{self, BufRead, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

pub use tables::{Column, Kind, TABLES, Table};

use super::sql::{Connection, Value};
use super::{OpenError, StoreError, postgres, sqlite};
use crate::config::Database;

/// What was written or read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transferred {
    /// How many rows of each table, in the order of the file.
    #[serde(serialize_with = "line::counts")]
    pub rows: Vec<(&'static str, u64)>,
}

/// Why something was not written or read. Nothing was then imported, unless it is in doubt.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database does not do what it should.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is to be imported cannot be read.
    #[error("the export cannot be read: {0}")]
    Unreadable(io::Error),
    /// Nobody takes what is exported.
    #[error("the export cannot be written: {0}")]
    Unwritable(io::Error),
    /// There is something where everything is to go.
    #[error("the database is not empty, there are rows in `{table}`: an import adds to nothing and replaces nothing")]
    NotEmpty {
        /// The first table with rows.
        table: &'static str,
    },
    /// The database went away while it was told to keep everything.
    #[error("the connection was lost at the very end, {0}: either everything was imported or nothing, look which")]
    InDoubt(String),
    /// What is to be imported is no export, or not all of one.
    #[error("line {line} {flaw}; nothing was imported")]
    Invalid {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        flaw: Flaw,
    },
}

/// What is wrong with a line of what should be an export. It reads on from `line 7 …`, and tells no value.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// It is something else.
    #[error("is not how an export begins that `tearoff export` has written")]
    NoExport,
    /// It is written in another form.
    #[error("says that the export has the format {found}, and this version reads the format {known}")]
    Format {
        /// The form.
        found: u32,
        /// The form that is known.
        known: u32,
    },
    /// It is of another schema.
    #[error(
        "says that the export is of schema {found}, and this version has schema {known}: import it with the version that wrote it; \
         `tearoff serve` of this one then brings an older database up to date"
    )]
    Schema {
        /// Its schema.
        found: u32,
        /// The schema that is known.
        known: u32,
    },
    /// It is of an engine that is not known yet.
    #[error("says that the export is of engine {found}, and this version has engine {known}")]
    Engine {
        /// Its engine.
        found: u32,
        /// The engine of this version.
        known: u32,
    },
    /// The file ends where it must not.
    #[error("is cut, or missing: the export is not whole")]
    Cut,
    /// No line is so long.
    #[error("has more than {max} bytes", max = line::LINE_MAX)]
    TooLong,
    /// Another table, or another form of it.
    #[error("must begin the table `{wanted}`, with its columns")]
    NoTable {
        /// The table.
        wanted: &'static str,
    },
    /// It is no row.
    #[error("must be a row of `{table}`, a list of {columns} values")]
    NoRow {
        /// The table.
        table: &'static str,
        /// How many columns it has.
        columns: usize,
    },
    /// A value is none of its column's.
    #[error("must have {wanted}{or_null} in the column `{column}` of `{table}`")]
    Column {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What it must hold.
        wanted: &'static str,
        /// What else it may hold.
        or_null: &'static str,
    },
    /// A row stands where it must not, or twice.
    #[error("must come after the row before it, in the order of the primary key of `{table}`")]
    OutOfOrder {
        /// The table.
        table: &'static str,
    },
    /// The database does not take it.
    #[error("is a row that `{table}` does not take: {error}")]
    Refused {
        /// The table.
        table: &'static str,
        /// What the database says.
        error: StoreError,
    },
    /// It is no last line.
    #[error("must be the last, with the number of rows and the sum of the lines before")]
    NoFoot,
    /// Rows are missing, or too many.
    #[error("counts other rows than there are: the export was changed, or is not whole")]
    Counts,
    /// Something was changed.
    #[error("has another sum than the lines before it: the export was changed")]
    Sum,
    /// Something follows.
    #[error("must be the last, and more follows")]
    More,
}

/// Why rows were not added.
pub(super) enum NotAdded {
    /// One of them is not taken.
    Row {
        /// Its index among those that were to be added.
        row: usize,
        /// Why.
        error: StoreError,
    },
    /// The database takes none, whichever they are: its disk is full, or it is away.
    Failed(StoreError),
}

/// A connection that fills an empty database, within one transaction.
pub(super) trait Fill: Connection {
    /// Adds all these rows; after a failure no more is added.
    ///
    /// # Errors
    /// [`NotAdded`], of the first row that cannot be added.
    fn fill(&self, sql: &str, rows: &[Vec<Value<'static>>]) -> Result<(), NotAdded>;
}

/// Writes everything of a database. `progress` is told how many lines are written.
///
/// # Errors
/// [`TransferError`].
pub fn export(
    database: &Database,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64),
) -> Result<Transferred, TransferError> {
    let mut work = |connection: &dyn Connection, schema| export::export(connection, schema, out, progress);
    match database {
        Database::Sqlite(path) => sqlite::read_whole(path, &mut work),
        Database::Postgres(url) => postgres::read_whole(url.reveal(), &mut work),
    }
}

/// Fills an empty database, which is made or brought up to date if need be, with what was exported. `progress` is told how many bytes and how
/// many lines are read.
///
/// # Errors
/// [`TransferError`]; but for [`TransferError::InDoubt`] nothing of the export is then in the database.
pub fn import(
    database: &Database,
    input: &mut dyn BufRead,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Transferred, TransferError> {
    let mut work = |target: &dyn Fill, schema| import::import(target, schema, input, progress);
    match database {
        Database::Sqlite(path) => sqlite::fill_whole(path, &mut work),
        Database::Postgres(url) => postgres::fill_whole(url.reveal(), &mut work),
    }
}

/// What is read or written within a transaction, and which schema it has.
pub(super) type Reading<'w> = &'w mut dyn FnMut(&dyn Connection, u32) -> Result<Transferred, TransferError>;
/// The same for what is filled.
pub(super) type Filling<'w> = &'w mut dyn FnMut(&dyn Fill, u32) -> Result<Transferred, TransferError>;

fn hexadecimal(sum: Sha256) -> String {
    sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
