//! The embedded store: one SQLite file, one writer, any number of readers beside it.
//!
//! WAL with `synchronous=FULL`: a commit is on the disk before it is acknowledged, and one commit carries a whole batch, so that
//! full durability costs no more than less would.

mod changes;
mod connection;
mod migrate;
#[cfg(debug_assertions)]
mod plan;
#[cfg(debug_assertions)]
mod touched;
mod whole;

use std::cell::OnceCell;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::sql::{self, Columns, Count, Memory, Remembered, Session, Value};
use super::{Item, Opened, Read, Readers, StoreError, Stored, Writer};
use changes::Watched;
pub(super) use whole::{fill_whole, read_whole};

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process writes to it.
    #[error("`{}` is in use by another server; only one may write to it", .0.display())]
    InUse(PathBuf),
    /// The file system refused.
    #[error("`{path}` cannot be opened: {error}", path = .0.display(), error = .1)]
    File(PathBuf, std::io::Error),
    /// It was written by a newer version.
    #[error("`{path}` has schema {found}, and this version knows schemas up to {known}", path = .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest schema known here.
        known: u32,
    },
    /// It was written by an older version.
    #[error("`{path}` has schema {found}, and this version reads schema {known}: `tearoff serve` brings it up to date", path = .path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The schema of this version.
        known: u32,
    },
    /// SQLite refused.
    #[error("`{path}` cannot be opened: {error}", path = .0.display(), error = .1)]
    Database(PathBuf, rusqlite::Error),
}

/// When a commit is on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Before it is acknowledged.
    #[default]
    Full,
    /// Some time later: a power cut loses what was acknowledged. No setting asks for it; tests do, which must be seen to notice.
    Normal,
}

/// Opens a database, which is made if it is not there, and brings its schema up to date.
///
/// # Errors
/// [`OpenError`].
pub fn open(path: &Path) -> Result<Opened, OpenError> {
    open_with(path, Durability::Full)
}

/// The same, with other than full durability.
///
/// # Errors
/// [`OpenError`].
pub fn open_with(path: &Path, durability: Durability) -> Result<Opened, OpenError> {
    let (connection, lock) = open_to_write(path, durability)?;
    let memories = Arc::new(Memories::default());
    let readers =
        SqliteReaders { path: path.to_owned(), idle: Mutex::new(Vec::new()), memories: Some(Arc::clone(&memories)) };
    let writer = SqliteWriter { connection, memories, _lock: lock };
    Ok(Opened { writer: Box::new(writer), readers: Arc::new(readers), limits: None })
}

/// The same, for whoever writes, with the lock that keeps others from it.
fn open_to_write(path: &Path, durability: Durability) -> Result<(Connection, File), OpenError> {
    let lock = lock(path)?;
    // SQLite gives its log and index the mode of the file that it finds.
    for_owner_only(path).map_err(|error| OpenError::File(path.to_owned(), error))?;
    let failed = |error| OpenError::Database(path.to_owned(), error);
    let mut connection =
        connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE).map_err(failed)?;
    // The journal mode is kept in the file; `FULL` is not, and without it an acknowledged commit may be lost with the power.
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous).map_err(failed)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    // Whoever is erased is not to be read between what is left, nor in a copy of the file.
    connection.pragma_update(None, "secure_delete", true).map_err(failed)?;
    migrate::run(&mut connection, path)?;
    Ok((connection, lock))
}

/// Opens a database that is there to be read only, beside a server that may be writing to it.
///
/// # Errors
/// [`OpenError`], also for a schema that is not this version's: a server brings it up to date.
pub fn open_to_read(path: &Path) -> Result<Arc<dyn Readers>, OpenError> {
    let failed = |error| OpenError::Database(path.to_owned(), error);
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    migrate::check(&connection, path)?;
    Ok(Arc::new(SqliteReaders { path: path.to_owned(), idle: Mutex::new(vec![connection]), memories: None }))
}

/// Holds the file beside the database that says that somebody writes to it; it is let go when the process ends, however it ends.
fn lock(path: &Path) -> Result<File, OpenError> {
    let beside = path.with_added_extension("lock");
    let failed = |error| OpenError::File(beside.clone(), error);
    let file = for_owner_only(&beside).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Opens a file; one that is not there is made for its owner only, whatever the umask: it will hold secrets. The mode of one that is there
/// is its owner's affair.
fn for_owner_only(path: &Path) -> Result<File, std::io::Error> {
    const OWNER_ONLY: u32 = 0o600;
    OpenOptions::new().create(true).truncate(false).write(true).mode(OWNER_ONLY).open(path)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, rusqlite::Error> {
    /// Statements kept prepared by each connection: more than there are.
    const STATEMENTS: usize = 100;
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    #[cfg(debug_assertions)]
    let connection = touched::watched(connection)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A plan follows from the statement alone. Otherwise one with a `LIMIT ?` is planned anew whenever a value is bound, which takes ten times as
    // long as running it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// What is remembered, for all connections of a file. Each batch counts something, and few change what is set up.
#[derive(Debug, Default)]
struct Memories {
    set_up: Memory,
    counted: Memory,
}

struct SqliteWriter {
    connection: Connection,
    memories: Arc<Memories>,
    _lock: File,
}

impl Writer for SqliteWriter {
    fn commit(&mut self, items: &mut [&mut dyn Item]) -> Result<(), StoreError> {
        let watched = Watched::over(&self.connection, &self.memories);
        let session = Session(&watched);
        // Only here can somebody else be in the way: whoever has begun so is the one who writes.
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(connection::busy_or_failed)?;
        for item in items {
            session.execute("SAVEPOINT item")?;
            if item.run(&session).is_err() {
                session.execute("ROLLBACK TO item")?;
            }
            session.execute("RELEASE item")?;
        }
        session.execute("COMMIT")?;
        watched.committed();
        Ok(())
    }
}

impl Drop for SqliteWriter {
    fn drop(&mut self) {
        // Only tidies up: what was committed is safe in the log.
        if let Err(error) = self.connection.pragma_update(None, "wal_checkpoint", "TRUNCATE") {
            tracing::debug!(%error, "the log was not folded into the database");
        }
    }
}

/// Connections for reading, made when needed and kept.
struct SqliteReaders {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    /// What is remembered, where nobody but this process writes.
    memories: Option<Arc<Memories>>,
}

impl SqliteReaders {
    fn take(&self) -> Result<Connection, StoreError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.map_or_else(|| connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(connection::failed), Ok)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

impl Readers for SqliteReaders {
    fn are_near(&self) -> bool {
        true
    }

    fn read(&self, work: &mut dyn FnMut(&dyn Read)) -> Result<(), StoreError> {
        Reading { readers: self, set_up: None, counted: None, begun: OnceCell::new() }.within(work)
    }

    fn recall(&self, work: &mut dyn FnMut(&dyn Read)) -> Result<(), StoreError> {
        // Before the transaction begins, so that nothing is taken for newer than it is.
        let memories = self.memories.as_deref();
        let set_up = memories.map(|memories| memories.set_up.now());
        let counted = memories.map(|memories| memories.counted.now());
        Reading { readers: self, set_up, counted, begun: OnceCell::new() }.within(work)
    }
}

/// A transaction that begins with the first question that is asked of the file: what is remembered takes none. A read that cannot be closed is
/// dropped with its connection.
struct Reading<'r> {
    readers: &'r SqliteReaders,
    set_up: Option<Remembered<'r>>,
    counted: Option<Remembered<'r>>,
    begun: OnceCell<Connection>,
}

impl Reading<'_> {
    fn within(self, work: &mut dyn FnMut(&dyn Read)) -> Result<(), StoreError> {
        work(&Session(&self));
        let Some(connection) = self.begun.into_inner() else { return Ok(()) };
        Session(&connection).execute("COMMIT")?;
        self.readers.give_back(connection);
        Ok(())
    }

    fn begun(&self) -> Stored<&Connection> {
        if let Some(connection) = self.begun.get() {
            return Ok(connection);
        }
        let connection = self.readers.take()?;
        Session(&connection).execute("BEGIN")?;
        Ok(self.begun.get_or_init(|| connection))
    }
}

impl sql::Connection for Reading<'_> {
    fn query(&self, sql: &str, values: &[Value<'_>], read: &mut dyn FnMut(&dyn Columns) -> Stored<()>) -> Stored<()> {
        self.begun()?.query(sql, values, read)
    }

    fn change(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64> {
        self.begun()?.change(sql, values)
    }

    fn count(&self, sql: &str, key: &[Value<'_>]) -> Stored<i64> {
        let ask = || sql::count(self, sql, key);
        let Some(counted) = self.counted else { return ask() };
        let key: Vec<_> = key.iter().cloned().map(Value::into_owned).collect();
        let found = counted.recall(&key, || ask().map(|count| Some(Count(count))))?;
        Ok(found.map_or(0, |Count(count)| count))
    }

    fn set_up(&self) -> Option<Remembered<'_>> {
        self.set_up
    }

    fn counted(&self) -> Option<Remembered<'_>> {
        self.counted
    }
}
