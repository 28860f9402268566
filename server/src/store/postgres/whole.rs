//! A database from its first row to its last, within one transaction: read beside servers, or filled before there are any.

use std::time::Duration;

use super::connection::{Link, Trouble};
use super::{Place, migrate};
use crate::store::sql::{Connection, Value};
use crate::store::transfer::{Fill, Filling, NotAdded, Reading, TransferError, Transferred};
use crate::store::{OpenError, StoreError};

/// What reads or fills it may wait for its file, its pipe or its turn for as long as it takes.
const UNHURRIED: &str = "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0";
/// How long a commit may take that brings a whole database to the disk.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// Lets `work` read one state, for as long as it takes. Nobody who writes waits for it.
///
/// # Errors
/// [`TransferError`], also that of `work`.
pub(in crate::store) fn read_whole(url: &str, work: Reading<'_>) -> Result<Transferred, TransferError> {
    let (place, link) = connect(url, false)?;
    migrate::check(&link, &place).map_err(OpenError::from)?;
    tell(&link, &format!("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; {UNHURRIED}"))?;
    work(&link, migrate::known())
}

/// Lets `work` fill a database. When it fails, nothing of it remains but empty tables.
///
/// # Errors
/// [`TransferError`], also that of `work`.
pub(in crate::store) fn fill_whole(url: &str, work: Filling<'_>) -> Result<Transferred, TransferError> {
    let (place, link) = connect(url, true)?;
    migrate::run(&link, &place).map_err(OpenError::from)?;
    // Everything belongs to a site: while nobody can add one, a server beside cannot add anything.
    tell(&link, &format!("BEGIN ISOLATION LEVEL READ COMMITTED; {UNHURRIED}; LOCK TABLE sites IN EXCLUSIVE MODE"))?;
    // Left as it is, the transaction is undone with its connection.
    let done = work(&link, migrate::known())?;
    move_numbers_on(&link)?;
    link.wait_up_to(PATIENCE, link.client().batch_execute("COMMIT")).map_err(|trouble| match trouble {
        Trouble::Lost(cause) => TransferError::InDoubt(cause.to_string()),
        other => StoreError::from(other).into(),
    })?;
    Ok(done)
}

fn connect(url: &str, writes: bool) -> Result<(Place, Link), TransferError> {
    let place = Place::parse(url).map_err(OpenError::from)?;
    let link = Link::connect(&place.config, writes).map_err(|trouble| OpenError::from(place.failed(&trouble)))?;
    Ok((place, link))
}

fn tell(link: &Link, sql: &str) -> Result<(), StoreError> {
    Ok(link.wait(link.client().batch_execute(sql))?)
}

/// Rows that bring their number along do not move on what gives the next one.
fn move_numbers_on(link: &Link) -> Result<(), StoreError> {
    let sql = "SELECT table_name::text, column_name::text FROM information_schema.columns \
               WHERE table_schema = current_schema() AND is_identity = 'YES'";
    for row in link.wait(link.client().query(sql, &[]))? {
        let mut names = [String::new(), String::new()];
        for (at, name) in names.iter_mut().enumerate() {
            *name = row.try_get(at).map_err(Trouble::from)?;
        }
        let [table, column] = names;
        let sequence = format!("pg_get_serial_sequence('{table}', '{column}')");
        tell(link, &format!("SELECT setval({sequence}, max({column})) FROM {table} HAVING count(*) > 0"))?;
    }
    Ok(())
}

impl Fill for Link {
    fn fill(&self, sql: &str, rows: &[Vec<Value<'static>>]) -> Result<(), NotAdded> {
        tell(self, "SAVEPOINT filling").map_err(NotAdded::Failed)?;
        let together = self.post_many(&self.shape(sql), rows.to_vec()).and_then(|()| self.settle());
        if together.is_ok() {
            return tell(self, "RELEASE SAVEPOINT filling").map_err(NotAdded::Failed);
        }
        // Together they do not say which of them it is.
        self.forget_trouble();
        tell(self, "ROLLBACK TO SAVEPOINT filling").map_err(NotAdded::Failed)?;
        rows.iter().enumerate().try_for_each(|(row, values)| {
            // Nobody is in the way but the row itself.
            let told = |error| match self.trouble() {
                Some(Trouble::InTheWay(cause) | Trouble::Refused(cause)) => {
                    NotAdded::Row { row, error: StoreError::Database(cause) }
                }
                // Such as a full disk: no row is at fault.
                Some(Trouble::Lost(cause)) => NotAdded::Failed(StoreError::Database(cause)),
                None => NotAdded::Row { row, error },
            };
            self.change(sql, values).map(drop).map_err(told)
        })
    }
}
