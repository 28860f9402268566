//! A database from its first row to its last, within one transaction: read beside a server, or filled where there is none.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use super::{Durability, OpenError, connect, connection, migrate, open_to_write};
use crate::leftovers::Absent;
use crate::store::sql::Value;
use crate::store::transfer::{Fill, Filling, NotAdded, Reading, TransferError, Transferred};
use crate::store::{OpenError as AnyOpenError, StoreError};

/// Lets `work` read one state, for as long as it takes. Nobody who writes waits for it; their log is not folded meanwhile.
///
/// # Errors
/// [`TransferError`], also that of `work`.
pub(in crate::store) fn read_whole(path: &Path, work: Reading<'_>) -> Result<Transferred, TransferError> {
    // Only who may write clears SQLite's log and index away again, where nobody else has the database open.
    let reader = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| failed_to_open(path, error))?;
    reader.pragma_update(None, "query_only", true).map_err(|error| failed_to_open(path, error))?;
    migrate::check(&reader, path).map_err(AnyOpenError::from)?;
    execute(&reader, "BEGIN")?;
    work(&reader, migrate::known())
}

/// Lets `work` fill a database, which is made if it is not there. When it fails, nothing of it remains.
///
/// # Errors
/// [`TransferError`], also that of `work`.
pub(in crate::store) fn fill_whole(path: &Path, work: Filling<'_>) -> Result<Transferred, TransferError> {
    let absent = Absent::before_file(path);
    let filled = fill(path, work);
    if filled.is_err() {
        absent.clear();
    }
    filled
}

fn fill(path: &Path, work: Filling<'_>) -> Result<Transferred, TransferError> {
    let (writer, _lock) = open_to_write(path, Durability::Full).map_err(AnyOpenError::from)?;
    execute(&writer, "BEGIN IMMEDIATE")?;
    let done = work(&writer, migrate::known());
    if done.is_err() {
        // A full disk may have undone it already; what is told is what went wrong first.
        let _ = execute(&writer, "ROLLBACK");
        return done;
    }
    execute(&writer, "COMMIT")?;
    // Only tidies up: what was committed is safe in the log.
    if let Err(error) = writer.pragma_update(None, "wal_checkpoint", "TRUNCATE") {
        tracing::debug!(%error, "the log was not folded into the database");
    }
    done
}

fn failed_to_open(path: &Path, error: rusqlite::Error) -> TransferError {
    AnyOpenError::from(OpenError::Database(path.to_owned(), error)).into()
}

fn execute(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.execute_batch(sql).map_err(connection::busy_or_failed)
}

impl Fill for Connection {
    fn fill(&self, sql: &str, rows: &[Vec<Value<'static>>]) -> Result<(), NotAdded> {
        let mut statement = connection::prepared(self, sql).map_err(NotAdded::Failed)?;
        rows.iter().enumerate().try_for_each(|(row, values)| {
            statement.execute(params_from_iter(values)).map(drop).map_err(|error| match error.sqlite_error_code() {
                // Only these are about what stands in the row.
                Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig) => {
                    NotAdded::Row { row, error: connection::failed(error) }
                }
                _ => NotAdded::Failed(connection::failed(error)),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_no_rows_fault() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE sites (id UNIQUE, rest); PRAGMA max_page_count = 10").unwrap();
        let row = |id: i64, bytes: usize| vec![Value::Integer(id), Value::Bytes(vec![0; bytes].into())];
        let fill = |rows: &[_]| connection.fill("INSERT INTO sites (id, rest) VALUES (?1, ?2)", rows);
        let refused = fill(&[row(1, 10), row(2, 10), row(1, 10)]);
        assert!(matches!(refused, Err(NotAdded::Row { row: 2, .. })));
        let Err(NotAdded::Failed(error)) = fill(&[row(3, 100_000)]) else { panic!("it has no room") };
        assert_eq!(error.to_string(), "the database failed: the disk is full");
    }
}
