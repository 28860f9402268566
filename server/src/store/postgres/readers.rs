//! Connections for reading, made when needed and kept, and never more than a server can bear.

use std::cell::RefCell;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio_postgres::{Config, Row};

use super::connection::{Link, Trouble};
use crate::store::sql::{Columns, Connection, Session, Value};
use crate::store::{Read, Readers, StoreError, Stored};

/// Most connections of one server that read at once. A read takes a millisecond: so many serve thousands a second, and a dozen servers
/// fit under PostgreSQL's hundred connections.
const READERS_MAX: usize = 6;
/// How long a read waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Those that nobody reads through at the moment, and how many more may be made.
struct Pool {
    idle: Vec<Link>,
    free: usize,
}

/// Those who read.
pub(super) struct PostgresReaders {
    config: Config,
    pool: Mutex<Pool>,
    given_back: Condvar,
}

impl PostgresReaders {
    pub(super) fn new(config: Config) -> Self {
        let pool = Pool { idle: Vec::new(), free: READERS_MAX };
        Self { config, pool: Mutex::new(pool), given_back: Condvar::new() }
    }

    pub(super) fn with(config: Config, link: Link) -> Self {
        let readers = Self::new(config);
        readers.pool.lock().unwrap_or_else(PoisonError::into_inner).idle.push(link);
        readers
    }

    /// Takes a turn, and a connection if one is idle.
    fn take(&self) -> Result<Option<Link>, StoreError> {
        let pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.given_back.wait_timeout_while(pool, PATIENCE, |pool| pool.free == 0);
        let (mut pool, _) = waited.unwrap_or_else(PoisonError::into_inner);
        pool.free = pool.free.checked_sub(1).ok_or(StoreError::Busy)?;
        Ok(pool.idle.pop())
    }

    fn give_back(&self, link: Option<Link>) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.free = pool.free.saturating_add(1);
        pool.idle.extend(link);
        drop(pool);
        self.given_back.notify_one();
    }
}

/// A turn, which ends however reading ends.
struct Turn<'r> {
    readers: &'r PostgresReaders,
    /// The connection, once something was asked.
    link: RefCell<Option<Link>>,
    idle: RefCell<Option<Link>>,
}

impl Turn<'_> {
    /// The first rows of a transaction that sees one state. The idle connection may have broken meanwhile: as nothing has been read, another
    /// one does as well.
    fn first_rows(&self, sql: &str, values: &[Value<'_>]) -> Result<(Link, Vec<Row>), Trouble> {
        let begun = |link: Link| {
            link.forget_trouble();
            link.send("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
            link.rows(sql, values).map(|rows| (link, rows))
        };
        match self.idle.take().map(begun) {
            Some(Ok(read)) => Ok(read),
            Some(Err(Trouble::Refused(cause))) => Err(Trouble::Refused(cause)),
            Some(Err(_)) | None => begun(Link::connect(&self.readers.config, false)?),
        }
    }
}

impl Connection for Turn<'_> {
    fn query(&self, sql: &str, values: &[Value<'_>], read: &mut dyn FnMut(&dyn Columns) -> Stored<()>) -> Stored<()> {
        if let Some(link) = &*self.link.borrow() {
            return link.query(sql, values, read);
        }
        let (link, rows) = self.first_rows(sql, values)?;
        *self.link.borrow_mut() = Some(link);
        rows.iter().try_for_each(|row| read(row))
    }

    fn change(&self, _: &str, _: &[Value<'_>]) -> Stored<u64> {
        Err(StoreError::Inconsistent("a reader that writes".into()))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let asked = self.link.take().filter(|link| link.trouble().is_none());
        if let Some(link) = &asked {
            // Nobody waits for what it says: whoever reads next hears of it.
            link.send("COMMIT");
            link.hand_over();
        }
        self.readers.give_back(asked.or_else(|| self.idle.take()));
    }
}

impl Readers for PostgresReaders {
    fn read(&self, work: &mut dyn FnMut(&dyn Read)) -> Result<(), StoreError> {
        let idle = self.take()?;
        let turn = Turn { readers: self, link: RefCell::default(), idle: RefCell::new(idle) };
        work(&Session(&turn));
        Ok(())
    }
}
