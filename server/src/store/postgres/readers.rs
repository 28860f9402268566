//! Connections for reading, made when needed and kept, and never more than a server can bear.

use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio_postgres::Config;

use super::connection::Link;
use super::rounds::{READING, Rounds};
use super::sight::Sight;
use crate::store::sql::Session;
use crate::store::{Read, Readers, StoreError, Together};

/// Most connections of one server that read at once, those included that read for many. A read takes a millisecond: so many serve thousands a
/// second, and a dozen servers fit under PostgreSQL's hundred connections.
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
    /// Those who read for many; started for the first who asks so.
    rounds: OnceLock<Rounds>,
}

impl PostgresReaders {
    pub(super) fn new(config: Config) -> Self {
        let pool = Pool { idle: Vec::new(), free: READERS_MAX - READING };
        Self { config, pool: Mutex::new(pool), given_back: Condvar::new(), rounds: OnceLock::new() }
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
    sight: Sight<'r>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.readers.give_back(self.sight.end());
    }
}

impl Readers for PostgresReaders {
    fn read(&self, work: &mut dyn FnMut(&dyn Read)) -> Result<(), StoreError> {
        let idle = self.take()?;
        let turn = Turn { readers: self, sight: Sight::of_one(&self.config, idle) };
        work(&Session(&turn.sight));
        Ok(())
    }

    fn read_together(&self, work: Together) {
        self.rounds.get_or_init(|| Rounds::begin(&self.config)).join(work);
    }
}
