//! Copies a SQLite database that a server may be writing to.
//!
//! The whole copy is one consistent state: a read that is open all the while keeps it in sight, and no writer waits for it. The copy gets its
//! name only when it is whole, checked and on the disk.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, Error, OpenFlags};

use crate::partial::{NotMade, Partial};

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// How many redemptions it holds.
    pub redemptions: u64,
    /// How large it is.
    pub bytes: u64,
}

/// Why there is no copy. Nothing is then left of it.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is a file of that name, or none can be made.
    #[error(transparent)]
    NotMade(#[from] NotMade),
    /// SQLite refused to read, or it is no database of ours.
    #[error("`{path}` cannot be read as a database with redemptions: {error}", path = .0.display(), error = .1)]
    Source(PathBuf, Error),
    /// SQLite refused to write.
    #[error("`{path}` cannot be written: {error}", path = .0.display(), error = .1)]
    Copy(PathBuf, Error),
    /// The copy is not sound, and so the database is not either.
    #[error("the copy does not pass SQLite's checks, and so the database does not: {0}")]
    Damaged(String),
    /// The copy is not what was copied.
    #[error("the copy holds {copied} redemptions, and the database {there}")]
    Differs {
        /// How many it holds.
        copied: u64,
        /// How many there are.
        there: u64,
    },
}

/// Copies a database to a file that is not there yet, readable for its owner only. `progress` is told how many pages are done, of how many.
///
/// # Errors
/// [`BackupError`].
pub fn back_up(database: &Path, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Copied, BackupError> {
    let partial = Partial::make(to)?;
    let source_failed = |error| BackupError::Source(database.to_owned(), error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // Only who may write clears SQLite's log and index away again, where nobody else has the database open.
    let source = Connection::open_with_flags(database, flags).map_err(source_failed)?;
    let there = pin(&source).map_err(source_failed)?;
    let failed = |error| BackupError::Copy(to.to_owned(), error);
    let mut copy = Connection::open_with_flags(&partial.path, flags).map_err(failed)?;
    copy_pages(&source, &mut copy, progress).map_err(failed)?;
    // It stands alone: no log beside it, which somebody would forget to take along.
    copy.pragma_update(None, "journal_mode", "DELETE").map_err(failed)?;
    let faults = faults(&copy).map_err(failed)?;
    if !faults.is_empty() {
        return Err(BackupError::Damaged(faults));
    }
    let copied = redemptions(&copy).map_err(failed)?;
    if copied != there {
        return Err(BackupError::Differs { copied, there });
    }
    copy.close().map_err(|(_, error)| failed(error))?;
    let bytes = partial.name(to)?;
    Ok(Copied { redemptions: copied, bytes })
}

/// Begins to read: from now on the connection sees this state, whatever others write. Tells how many redemptions there are in it.
fn pin(source: &Connection) -> Result<u64, Error> {
    const WAIT: Duration = Duration::from_secs(5);
    source.busy_timeout(WAIT)?;
    source.pragma_update(None, "query_only", true)?;
    source.execute_batch("BEGIN")?;
    redemptions(source)
}

fn redemptions(connection: &Connection) -> Result<u64, Error> {
    let count: i64 = connection.query_row("SELECT count(*) FROM redemptions", [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn copy_pages(source: &Connection, copy: &mut Connection, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Error> {
    /// Copied at once: a megabyte.
    const PAGES: i32 = 256;
    const PAUSE: Duration = Duration::from_millis(20);
    // All of it is synced at the end, and it has no name before.
    copy.pragma_update(None, "synchronous", "OFF")?;
    let backup = Backup::new(source, copy)?;
    let pages = |count: i32| u64::try_from(count).unwrap_or_default();
    loop {
        let step = backup.step(PAGES)?;
        let done = backup.progress();
        progress(pages(done.pagecount).saturating_sub(pages(done.remaining)), pages(done.pagecount));
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            // Somebody folds the log at this moment.
            _ => thread::sleep(PAUSE),
        }
    }
}

/// What SQLite finds wrong; empty where it is sound.
fn faults(connection: &Connection) -> Result<String, Error> {
    let mut check = connection.prepare("PRAGMA integrity_check(10)")?;
    let found = check.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut faults: Vec<String> = found.into_iter().filter(|line| line != "ok").collect();
    let mut check = connection.prepare("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 10")?;
    let orphans = check.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    faults.extend(orphans.into_iter().map(|table| format!("a row of `{table}` belongs to nothing")));
    Ok(faults.join("; "))
}
