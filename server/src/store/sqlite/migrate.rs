//! Brings a database's schema up to date, one step after another, each whole or not at all.

use std::cmp::Ordering;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::OpenError;

/// The steps in order. A step that was released is never changed; the schema's number is how many have run.
const STEPS: [&str; 13] = [
    include_str!("migrations/0001_foundation.sql"),
    include_str!("migrations/0002_orders_by_whom.sql"),
    include_str!("migrations/0003_revisions.sql"),
    include_str!("migrations/0004_holds_set_aside.sql"),
    include_str!("migrations/0005_counters.sql"),
    include_str!("migrations/0006_without_codes.sql"),
    include_str!("migrations/0007_reversals.sql"),
    include_str!("migrations/0008_codes.sql"),
    include_str!("migrations/0009_customers.sql"),
    include_str!("migrations/0010_keys.sql"),
    include_str!("migrations/0011_cart_secrets.sql"),
    include_str!("migrations/0012_shared_limits.sql"),
    include_str!("migrations/0013_edits.sql"),
];

/// The schema of this version.
pub(super) fn known() -> u32 {
    STEPS.len().try_into().unwrap_or(u32::MAX)
}

/// Runs what has not run yet.
///
/// # Errors
/// [`OpenError::Newer`] for a schema from the future, [`OpenError::Database`] when a step fails; the step is then undone.
pub(super) fn run(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |error| OpenError::Database(path.to_owned(), error);
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let known = known();
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

/// Whether a database has the schema of this version.
///
/// # Errors
/// [`OpenError::Newer`] and [`OpenError::Older`] where it has not.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |error| OpenError::Database(path.to_owned(), error);
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let (path, known) = (path.to_owned(), known());
    match found.cmp(&known) {
        Ordering::Less => Err(OpenError::Older { path, found, known }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(OpenError::Newer { path, found, known }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in a database of the first schema is the host's, and stays.
    #[test]
    fn every_step_keeps_what_is_there() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(STEPS[0]).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        let site = "INSERT INTO sites VALUES (1, 'studio', '{}', 0, 0)";
        let (ana, bob) = ("01".repeat(17), "02".repeat(17));
        let redemption = format!(
            "INSERT INTO redemptions VALUES \
             (x'01', 1, 'A-1', x'', 1, 2, 0, 0, 0, 0, NULL, x'{ana}{bob}', 'EUR', 1, 0, 1, x'', x'', x'', x'')"
        );
        connection.execute_batch(&format!("{site}; {redemption};")).unwrap();
        run(&mut connection, Path::new("test")).unwrap();
        let kept: (String, i64) = connection
            .query_row("SELECT order_reference, reserved_by FROM redemptions", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(kept, ("A-1".into(), 1));
        let mut named =
            connection.prepare("SELECT hex(identity), orders FROM identity_orders ORDER BY identity").unwrap();
        let named = named.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let named: Vec<(String, i64)> = named.map(Result::unwrap).collect();
        assert_eq!(named, [(ana, 1), (bob, 1)], "each of whom has ordered");
        let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version as usize, STEPS.len());
    }
}
