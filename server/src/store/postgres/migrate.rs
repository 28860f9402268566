//! Brings a database's schema up to date, all steps within one transaction: whole or not at all.
//!
//! The schema's number stands in a table of its own. Whoever brings a schema up to date locks it: of several servers that start at once
//! one does it, and the others find it done.

use std::cmp::Ordering;
use std::time::Duration;

use super::connection::{Link, Trouble};
use super::{OpenError, Place};

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

/// How long a step may take, and others wait for it: it may write every row of a table anew.
const PATIENCE: Duration = Duration::from_secs(60 * 60);
/// How often to try again when another server makes the table of the schema at the same moment.
const TRIES: u32 = 5;

/// The schema of this version.
pub(super) fn known() -> u32 {
    STEPS.len().try_into().unwrap_or(u32::MAX)
}

/// Runs what has not run yet.
///
/// # Errors
/// [`OpenError::Newer`] for a schema from the future, [`OpenError::Database`] when a step fails; all are then undone.
pub(super) fn run(link: &Link, place: &Place) -> Result<(), OpenError> {
    let mut tried = 0;
    loop {
        link.forget_trouble();
        let migrated = migrate(link);
        if migrated.is_err() {
            link.send("ROLLBACK");
        }
        tried += 1;
        match migrated {
            Ok(found) if found > known() => {
                return Err(OpenError::Newer { name: place.name.clone(), found, known: known() });
            }
            Ok(_) => return Ok(()),
            Err(Trouble::InTheWay(_)) if tried < TRIES => {}
            Err(trouble) => return Err(place.failed(&trouble)),
        }
    }
}

/// Tells which schema was found.
fn migrate(link: &Link) -> Result<u32, Trouble> {
    let all = |sql| link.wait_up_to(PATIENCE, link.client().batch_execute(sql));
    all("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")?;
    if !has_number(link)? {
        all("CREATE TABLE schema_number (number BIGINT NOT NULL); INSERT INTO schema_number VALUES (0)")?;
    }
    all("LOCK TABLE schema_number IN EXCLUSIVE MODE")?;
    let found = number(link)?;
    let missing = (1_u32..).zip(STEPS).filter(|(number, _)| *number > found);
    for (number, step) in missing {
        all(step)?;
        tracing::info!(schema = number, "the database has a new schema");
    }
    if found < known() {
        link.wait(link.client().execute("UPDATE schema_number SET number = $1", &[&i64::from(known())]))?;
    }
    all("COMMIT")?;
    Ok(found)
}

/// Whether a database has the schema of this version.
///
/// # Errors
/// [`OpenError::Newer`] and [`OpenError::Older`] where it has not.
pub(super) fn check(link: &Link, place: &Place) -> Result<(), OpenError> {
    let found = has_number(link).and_then(|has| if has { number(link) } else { Ok(0) });
    let found = found.map_err(|trouble| place.failed(&trouble))?;
    let name = place.name.clone();
    match found.cmp(&known()) {
        Ordering::Less => Err(OpenError::Older { name, found, known: known() }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(OpenError::Newer { name, found, known: known() }),
    }
}

fn has_number(link: &Link) -> Result<bool, Trouble> {
    let rows = link.wait(link.client().query("SELECT 1 WHERE to_regclass('schema_number') IS NOT NULL", &[]))?;
    Ok(!rows.is_empty())
}

fn number(link: &Link) -> Result<u32, Trouble> {
    let row = link.wait(link.client().query_one("SELECT max(number) FROM schema_number", &[]))?;
    let number: i64 = row.try_get(0).map_err(Trouble::from)?;
    u32::try_from(number).map_err(|_| Trouble::Refused("its schema has no number".into()))
}
