//! Connections for reading, made when needed and kept, and never more than a server can bear.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio_postgres::Config;

use super::connection::{Link, Trouble};
use crate::store::sql::Session;
use crate::store::{Read, Readers, StoreError};

/// Most connections of one server that read at once. A read takes a millisecond: so many serve thousands a second, and a dozen servers
/// fit under PostgreSQL's hundred connections.
const READERS_MAX: usize = 7;
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

    /// A connection within a transaction that sees one state: the idle one, unless it has broken meanwhile.
    fn begun(&self, idle: Option<Link>) -> Result<Link, Trouble> {
        if let Some(link) = idle.filter(|link| begin(link).is_ok()) {
            return Ok(link);
        }
        let link = Link::connect(&self.config, false)?;
        begin(&link).map(|()| link)
    }
}

fn begin(link: &Link) -> Result<(), Trouble> {
    link.forget_trouble();
    link.wait(link.client().batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
}

/// A turn, which ends however reading ends.
struct Turn<'r> {
    readers: &'r PostgresReaders,
    link: Option<Link>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.readers.give_back(self.link.take());
    }
}

impl Readers for PostgresReaders {
    fn read(&self, work: &mut dyn FnMut(&dyn Read)) -> Result<(), StoreError> {
        let idle = self.take()?;
        let mut turn = Turn { readers: self, link: None };
        let link = self.begun(idle)?;
        work(&Session(&link));
        // What was read was read. A connection that cannot close its transaction is not kept.
        turn.link = link.wait(link.client().batch_execute("COMMIT")).is_ok().then_some(link);
        Ok(())
    }
}
