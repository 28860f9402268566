//! What is asked in SQL, asked of SQLite.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Error, ErrorCode, Row, params_from_iter};

use crate::store::sql::{Columns, Connection, Value, inconsistent};
use crate::store::{StoreError, Stored};

impl Connection for rusqlite::Connection {
    fn query(&self, sql: &str, values: &[Value<'_>], read: &mut dyn FnMut(&dyn Columns) -> Stored<()>) -> Stored<()> {
        let mut statement = prepared(self, sql)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            read(row)?;
        }
        Ok(())
    }

    fn change(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64> {
        let mut statement = prepared(self, sql)?;
        let changed = statement.execute(params_from_iter(values)).map_err(failed)?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }
}

/// The statement, prepared now or before. Builds that check themselves look at its plan, and at what it touches.
pub(super) fn prepared<'c>(connection: &'c rusqlite::Connection, sql: &str) -> Stored<CachedStatement<'c>> {
    #[cfg(debug_assertions)]
    {
        super::plan::check(connection, sql);
        super::touched::check(connection, sql);
    }
    connection.prepare_cached(sql).map_err(failed)
}

impl Columns for Row<'_> {
    fn at(&self, index: usize) -> Stored<Value<'_>> {
        match self.get_ref(index).map_err(failed)? {
            ValueRef::Null => Ok(Value::Null),
            ValueRef::Integer(number) => Ok(Value::Integer(number)),
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text).map_err(|_| inconsistent("a text"))?;
                Ok(Value::Text(text.into()))
            }
            ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.into())),
            ValueRef::Real(_) => Err(inconsistent("a number")),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A database's complaint.
pub(super) fn failed(error: Error) -> StoreError {
    StoreError::Database(match error.sqlite_error_code() {
        // SQLite leaves open whether it is the disk or a bound of its own, of which we set none.
        Some(ErrorCode::DiskFull) => "the disk is full".into(),
        _ => error.to_string(),
    })
}

/// A database's complaint when it is asked for the right to write.
pub(super) fn busy_or_failed(error: Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => StoreError::Busy,
        _ => failed(error),
    }
}
