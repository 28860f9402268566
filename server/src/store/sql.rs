//! What is kept, told in the SQL that every database here understands. A database's own module opens it, and runs what is asked of it
//! through [`Connection`]; which statement that is, is decided once, here.
//!
//! Statements are written for both: placeholders are `?1`, `?2` …; integers have 64 bits; text is compared by its bytes; what may be
//! there already says `ON CONFLICT`, and in what it does then each column is named with its table; a sum is cast to an integer.

mod answers;
mod codes;
mod customers;
mod edits;
mod memory;
mod promotions;
mod redemptions;
mod row;
mod session;
mod sites;
mod usage;
mod value;

pub(super) use memory::{Count, Memory, Remembered};
pub(super) use row::inconsistent;
pub(super) use session::Session;
pub(super) use value::{Columns, Value};

use super::Stored;

/// A connection within a transaction.
pub(super) trait Connection {
    /// Runs a query, and hands each of its rows to `read`.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError), as with everything here; also that of `read`.
    fn query(&self, sql: &str, values: &[Value<'_>], read: &mut dyn FnMut(&dyn Columns) -> Stored<()>) -> Stored<()>;

    /// Runs a query about each of these rows of values, which finds at most one row, and hands what it finds to `read` with the place of its values. The
    /// places come in any order.
    fn query_many(
        &self,
        sql: &str,
        rows: &[Vec<Value<'_>>],
        read: &mut dyn FnMut(usize, &dyn Columns) -> Stored<()>,
    ) -> Stored<()> {
        rows.iter().enumerate().try_for_each(|(at, values)| self.query(sql, values, &mut |row| read(at, row)))
    }

    /// Runs a statement that changes rows; tells how many.
    fn change(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64>;

    /// Adds a row, and does not ask whether one was changed instead. It may wait until somebody asks for it.
    fn add(&self, sql: &str, values: &[Value<'_>]) -> Stored<()> {
        self.change(sql, values).map(drop)
    }

    /// What a counter counts: the one column of the one row, or nothing where there is none. `sql` asks for it by `key`.
    fn count(&self, sql: &str, key: &[Value<'_>]) -> Stored<i64> {
        count(self, sql, key)
    }

    /// Raises a counter by `by`, unless it would be above `most`; tells whether it did. `sql` has these values after those of `key`.
    fn raise(&self, sql: &str, key: &[Value<'_>], by: i64, most: i64) -> Stored<bool> {
        let values: Vec<_> = key.iter().cloned().chain([Value::Integer(by), Value::Integer(most)]).collect();
        Ok(self.change(sql, &values)? == 1)
    }

    /// Does `work` so that it can be undone: when it answers `false` or fails, nothing of it remains.
    fn attempt(&self, work: &mut dyn FnMut() -> Stored<bool>) -> Stored<bool> {
        self.change("SAVEPOINT attempt", &[])?;
        let done = work();
        if !matches!(done, Ok(true)) {
            self.change("ROLLBACK TO attempt", &[])?;
        }
        self.change("RELEASE attempt", &[])?;
        done
    }

    /// What is remembered of what owners have set up, as long as it holds; `None` where nothing is.
    fn set_up(&self) -> Option<Remembered<'_>> {
        None
    }

    /// What is remembered of counters and open holds, as long as it holds; `None` where nothing is.
    fn counted(&self) -> Option<Remembered<'_>> {
        None
    }

    /// How a query ends whose rows are read to be changed: by `clause` where others may write at the same time, and else by nothing.
    fn holding(&self, clause: &'static str) -> &'static str {
        let _ = clause;
        ""
    }
}

/// What a counter counts, asked of the database.
pub(super) fn count(connection: &(impl Connection + ?Sized), sql: &str, key: &[Value<'_>]) -> Stored<i64> {
    let mut count = 0;
    connection.query(sql, key, &mut |row| {
        count = value::column(row, 0)?;
        Ok(())
    })?;
    Ok(count)
}
