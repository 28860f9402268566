//! A start that is refused leaves nothing behind that was not there: no database, no log, no lock.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::config::Database;

/// Which of a SQLite database's files were not there before a start.
pub(crate) struct Absent {
    database: Vec<PathBuf>,
    lock: PathBuf,
    is_lock_absent: bool,
}

impl Absent {
    /// Looks, before anything is made. On PostgreSQL a start makes no files.
    pub(crate) fn before(database: &Database) -> Self {
        match database {
            Database::Sqlite(path) => Self::before_file(path),
            Database::Postgres(_) => Self { database: Vec::new(), lock: PathBuf::new(), is_lock_absent: false },
        }
    }

    /// The same for a database that is a file.
    pub(crate) fn before_file(database: &Path) -> Self {
        let ending = |ending: &str| {
            let mut name = database.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        // Beside a database that is there, SQLite itself clears away what it has made.
        let files = if database.exists() { Vec::new() } else { ["", "-wal", "-shm", "-journal"].map(ending).into() };
        let lock = database.with_added_extension("lock");
        Self { database: files, is_lock_absent: !lock.exists(), lock }
    }

    /// Takes away what has been made since. Nobody may hold the database open any more; where another server has begun meanwhile, all of
    /// it is that server's.
    pub(crate) fn clear(self) {
        if !self.is_lock_absent && self.database.is_empty() {
            return;
        }
        // Held until the end, so that nobody begins on what is taken away.
        let Ok(lock) = File::open(&self.lock) else { return };
        if lock.try_lock().is_err() {
            return;
        }
        let made = self.database.iter().chain(self.is_lock_absent.then_some(&self.lock));
        for file in made {
            match fs::remove_file(file) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => tracing::warn!(file = %file.display(), %error, "a file of the refused start stays"),
            }
        }
    }
}
