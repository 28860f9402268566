//! The store for more than one machine: a PostgreSQL database, with any number of servers on it.
//!
//! A server writes through one connection, in batches as everywhere: one transaction, one durable commit. What makes the batches of
//! several servers one sequence is the row of the site: **whoever writes for a site holds that site's row** from the batch's first
//! statement to its commit. All that is decided is decided within one site (its codes, counters, orders and answers), so that what a
//! batch reads nobody else changes before it has written, and `READ COMMITTED` is enough: after the wait for the rows every statement sees
//! what the others have committed.
//!
//! Only the first statement of a batch waits for others, for all its sites at once and in the order of their numbers: two batches cannot
//! wait for each other. What is met on the way and belongs to somebody else, a hold that has ended or an answer grown old, is skipped
//! where another holds it. (Planting a seed is the exception: it learns its site late, and a deadlock would be undone and tried again.)
//! The alternatives were weighed: under `SERIALIZABLE` or `REPEATABLE READ` two servers with one hot promotion undo each other's batches
//! all the time, for whoever has waited holds a snapshot from before the wait; and rows of promotions cannot all be known before they are read,
//! so that they would be locked in any order.
//!
//! A batch that meets another's all the same (a site planted by two servers at once), or whose connection breaks, is undone and
//! done again. So is one whose connection breaks while it commits: if that commit held after all, what it recorded is found again by order
//! reference and idempotency key. A database that stays away is a busy one: callers are told to come back, and the server lives on.

mod batch;
mod connection;
mod habits;
mod limits;
mod migrate;
mod readers;
mod rounds;
mod shape;
mod sight;
mod whole;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::{Item, Opened, Readers, StoreError, Writer};
use batch::{Batch, Care};
use connection::{Link, Trouble};
use limits::PostgresLimits;
use readers::PostgresReaders;
pub(super) use whole::{fill_whole, read_whole};

/// Why a database cannot be opened. No password is told.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its address cannot be read.
    #[error("the address of the PostgreSQL database cannot be read: {0}")]
    Address(String),
    /// It asks for what this version does not speak.
    #[error(
        "`sslmode=require` is not possible yet: this version speaks to PostgreSQL without TLS, over a socket of the machine, a private \
         network or a tunnel"
    )]
    Tls,
    /// It was written by a newer version.
    #[error("{name} has schema {found}, and this version knows schemas up to {known}")]
    Newer {
        /// The database.
        name: String,
        /// Its schema.
        found: u32,
        /// The newest schema known here.
        known: u32,
    },
    /// It was written by an older version.
    #[error("{name} has schema {found}, and this version reads schema {known}: `tearoff serve` brings it up to date")]
    Older {
        /// The database.
        name: String,
        /// Its schema.
        found: u32,
        /// The schema of this version.
        known: u32,
    },
    /// PostgreSQL refused, or is not there.
    #[error("{name} cannot be opened: {cause}")]
    Database {
        /// The database.
        name: String,
        /// What it says.
        cause: String,
    },
}

/// Where a database is.
#[derive(Clone)]
struct Place {
    config: Config,
    name: String,
}

impl Place {
    fn parse(url: &str) -> Result<Self, OpenError> {
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            OpenError::Address(cause)
        })?;
        if config.get_ssl_mode() == SslMode::Require {
            return Err(OpenError::Tls);
        }
        if config.get_application_name().is_none() {
            config.application_name("tearoff");
        }
        let hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        });
        let hosts = hosts.collect::<Vec<_>>().join(", ");
        let database = config.get_dbname().or_else(|| config.get_user()).unwrap_or_default();
        let name = format!("the PostgreSQL database `{database}` at `{hosts}`");
        Ok(Self { config, name })
    }

    fn failed(&self, trouble: &Trouble) -> OpenError {
        OpenError::Database { name: self.name.clone(), cause: trouble.to_string() }
    }
}

/// Opens a database by its `postgres://` address, and brings its schema up to date. It waits, and must not be called by a thread that
/// serves connections.
///
/// # Errors
/// [`OpenError`].
pub fn open(url: &str) -> Result<Opened, OpenError> {
    let place = Place::parse(url)?;
    let link = Link::connect(&place.config, true).map_err(|trouble| place.failed(&trouble))?;
    migrate::run(&link, &place)?;
    warn_of_lies(&link);
    let readers = Arc::new(PostgresReaders::new(place.config.clone()));
    let limits = Box::new(PostgresLimits::new(place.config.clone()));
    let writer = Box::new(PostgresWriter { config: place.config, link: Some(link), is_away: false, batches: 0 });
    Ok(Opened { writer, readers, limits: Some(limits) })
}

/// Opens a database that is there to be read only, beside servers that may be writing to it.
///
/// # Errors
/// [`OpenError`], also for a schema that is not this version's: a server brings it up to date.
pub fn open_to_read(url: &str) -> Result<Arc<dyn Readers>, OpenError> {
    let place = Place::parse(url)?;
    let link = Link::connect(&place.config, false).map_err(|trouble| place.failed(&trouble))?;
    migrate::check(&link, &place)?;
    Ok(Arc::new(PostgresReaders::with(place.config, link)))
}

/// A server that does not sync loses what was acknowledged with the power. That is for its owner to decide, knowingly.
fn warn_of_lies(link: &Link) {
    let sql = "SELECT 1 WHERE current_setting('fsync') = 'off' OR current_setting('full_page_writes') = 'off'";
    if link.wait(link.client().query(sql, &[])).is_ok_and(|rows| !rows.is_empty()) {
        tracing::warn!(
            "the PostgreSQL server runs without `fsync` or `full_page_writes`: a power cut loses what was acknowledged"
        );
    }
}

/// How long to wait before a batch is done again: long enough for whoever was in the way to end, or for a server to come back from a restart
/// that nobody noticed; all of it shorter than a request may take.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(2),
    Duration::from_millis(10),
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_millis(1000),
];

struct PostgresWriter {
    config: Config,
    link: Option<Link>,
    /// Whether the database was away when it was last looked for: then nobody is kept waiting for it.
    is_away: bool,
    /// How many batches were committed.
    batches: u64,
}

impl Writer for PostgresWriter {
    fn commit(&mut self, items: &mut [&mut dyn Item]) -> Result<(), StoreError> {
        let mut pauses = if self.is_away { &[][..] } else { &PAUSES[..] }.iter();
        let mut care = Care::None;
        loop {
            let Err(trouble) = self.try_commit(items, care) else {
                self.is_away = false;
                self.batches = self.batches.saturating_add(1);
                self.get_acquainted();
                return Ok(());
            };
            self.is_away = matches!(trouble, Trouble::Lost(_));
            if matches!(trouble, Trouble::Refused(_)) && care == Care::None {
                tracing::debug!(%trouble, "a batch is done again with care");
                care = Care::EachAlone;
                continue;
            }
            tracing::warn!(%trouble, "a batch was not committed");
            if !matches!(trouble, Trouble::InTheWay(_)) {
                // Whatever became of its transaction is over with the connection.
                self.link = None;
            }
            let Some(pause) = pauses.next() else { return Err(StoreError::Busy) };
            thread::sleep(*pause);
            if pauses.len() == 0 {
                care = Care::NobodyElse;
            }
        }
    }
}

impl PostgresWriter {
    /// Lets PostgreSQL look at a table that it has not seen grow. What it has never looked at it takes for small, and an order would be looked
    /// for among all of its site's; its own service looks once a minute, which is late for a first rush.
    fn get_acquainted(&self) {
        /// From here on its service knows what it has to do.
        const BATCHES: u64 = 4096;
        let Some(link) = self.link.as_ref().filter(|_| self.batches <= BATCHES && self.batches.is_power_of_two())
        else {
            return;
        };
        let unknown = "SELECT 1 FROM pg_class WHERE oid = 'redemptions'::regclass AND reltuples < 1000";
        let is_unknown = link.wait(link.client().query(unknown, &[])).is_ok_and(|rows| !rows.is_empty());
        if is_unknown && let Err(trouble) = link.wait(link.client().batch_execute("ANALYZE redemptions")) {
            // Slow is not wrong.
            tracing::debug!(%trouble, "the tables were not looked at");
        }
    }

    /// Does a batch once.
    fn try_commit(&mut self, items: &mut [&mut dyn Item], care: Care) -> Result<(), Trouble> {
        let link = match self.link.take() {
            Some(link) => link,
            None => Link::connect(&self.config, true)?,
        };
        let link = self.link.insert(link);
        link.forget_trouble();
        let done = run(link, items, care);
        if done.is_err() {
            link.send("ROLLBACK");
            // A connection that cannot even undo is of no use any more; the next attempt finds that out.
            link.settle()?;
        }
        done
    }
}

/// Runs all items within one transaction that holds their sites.
fn run(link: &Link, items: &mut [&mut dyn Item], care: Care) -> Result<(), Trouble> {
    link.send("BEGIN ISOLATION LEVEL READ COMMITTED");
    hold_sites(link, items)?;
    if care != Care::None {
        // Whoever cannot hold them is not to take that for an item's own affair.
        link.settle()?;
    }
    Batch::new(link, care).run(items)?;
    // A transaction that has failed says of its commit that all is well; what has failed it is heard of before that.
    link.wait(link.client().batch_execute("COMMIT"))
}

/// Keeps others from writing for these sites: whatever is asked next is answered when nobody else does.
fn hold_sites(link: &Link, items: &[&mut dyn Item]) -> Result<(), Trouble> {
    let mut sites: Vec<i64> = items.iter().filter_map(|item| item.site()).map(|site| site.0).collect();
    sites.sort_unstable();
    sites.dedup();
    let sql = "SELECT number FROM sites WHERE number = ANY(?1) ORDER BY number FOR NO KEY UPDATE";
    link.hold(sql, sites)
}
