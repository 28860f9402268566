//! One at a time: two commands in one checkout, or two checkouts with one cache, wait for each other where they would write alike.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::failure::{Failure, FileContext, Outcome};
use crate::process;
use crate::progress;
use crate::tree;

/// How often a lock is tried.
const GLANCE: Duration = Duration::from_millis(100);

/// The right to be the only one, until it is dropped or this program ends in any way.
#[derive(Debug)]
pub(crate) struct Turn {
    _held: File,
}

/// Waits for the turn that the file `lock` stands for.
///
/// # Errors
/// When the file cannot be made or locked.
pub(crate) fn turn(lock: &Path) -> Outcome<Turn> {
    if !lock.exists() {
        tree::write(lock, "")?;
    }
    let file = File::options().append(true).open(lock).file(lock)?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Turn { _held: file }),
            Err(TryLockError::Error(cause)) => return Err(cause).file(lock),
            Err(TryLockError::WouldBlock) if process::interrupted() => return Err(Failure::new("interrupted")),
            Err(TryLockError::WouldBlock) if told => thread::sleep(GLANCE),
            Err(TryLockError::WouldBlock) => {
                progress::step("waiting for another xtask that does the same");
                told = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::turn;

    #[test]
    fn the_next_one_waits() {
        let lock = std::env::temp_dir().join(format!("tearoff-turn-{}", std::process::id()));
        let first = turn(&lock).expect("free");
        let path = lock.clone();
        let second = std::thread::spawn(move || turn(&path).map(drop));
        std::thread::sleep(std::time::Duration::from_millis(100));
        assert!(!second.is_finished());
        drop(first);
        second.join().expect("ends").expect("gets its turn");
        std::fs::remove_file(lock).expect("removed");
    }
}
