//! Brings a database's schema up to date, one step after another, each whole or not at all.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::OpenError;

/// The steps in order. A step that was released is never changed; the schema's number is how many have run.
const STEPS: [&str; 1] = [include_str!("migrations/0001_foundation.sql")];

/// Runs what has not run yet.
///
/// # Errors
/// [`OpenError::Newer`] for a schema from the future, [`OpenError::Database`] when a step fails; the step is then undone.
pub(super) fn run(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |error| OpenError::Database(path.to_owned(), error);
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let known = STEPS.len().try_into().unwrap_or(u32::MAX);
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    for (number, step) in (1_u32..).zip(STEPS).filter(|(number, _)| *number > found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(step).map_err(failed)?;
        transaction.pragma_update(None, "user_version", number).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        tracing::info!(schema = number, "the database has a new schema");
    }
    Ok(())
}
