//! What is kept, told in the SQL that every database here understands. A database's own module opens it, and runs what is asked of it
//! through [`Connection`]; which statement that is, is decided once, here.
//!
//! Statements are written for both: placeholders are `?1`, `?2` …; integers have 64 bits; text is compared by its bytes; what may be
//! there already says `ON CONFLICT`.

mod answers;
mod codes;
mod customers;
mod promotions;
mod redemptions;
mod row;
mod session;
mod sites;
mod usage;
mod value;

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

    /// Runs a statement that changes rows; tells how many.
    fn change(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64>;
}
