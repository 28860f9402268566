//! How many pages of a SQLite file a request touches. A server that may keep a single page in memory reads each one that it touches, and the
//! operating system counts what a process reads from files (what it receives from its clients is not among it).

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::program::Program;
use crate::request::Request;

/// Pages a request touches, of one kind of request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Touched {
    /// By a quote.
    pub quote: f64,
    /// By a redemption.
    pub redemption: f64,
}

/// How much whoever opens the file from now on may keep of it in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// One page.
    Least,
    /// As much as usual.
    Usual,
}

/// Sets what a file's servers keep in memory; none has it open.
///
/// # Panics
/// When the file cannot be written.
pub fn keep(path: &Path, memory: Memory) {
    let connection = Connection::open(path).expect("the file");
    // Kept in the file, and heeded by whoever sets no other.
    let pages = match memory {
        Memory::Least => 1,
        Memory::Usual => 0,
    };
    connection.execute_batch(&format!("PRAGMA default_cache_size = {pages}")).expect("a setting");
}

/// How many pages each of these requests makes a server read, answered with `status` one after another. Few enough that none meets a
/// checkpoint, which reads what others have written.
///
/// # Panics
/// When it is answered otherwise.
#[must_use]
pub fn touched(server: &Program, page_bytes: u64, requests: &[Request], status: u16, first: u64) -> f64 {
    const WARM_UP: u64 = 8;
    const COUNTED: u64 = 32;
    let send = |number: u64| {
        let index = usize::try_from(number).unwrap_or_default() % requests.len();
        let (came, told) = requests[index].send(server.address, first + number);
        assert_eq!(came, status, "{told}");
    };
    (0..WARM_UP).for_each(send);
    let before = read_from_files(server.id());
    (WARM_UP..WARM_UP + COUNTED).for_each(send);
    let read = read_from_files(server.id()).saturating_sub(before);
    read as f64 / (page_bytes * COUNTED) as f64
}

/// Bytes a process has read from files and pipes so far.
fn read_from_files(process: u32) -> u64 {
    let told = fs::read_to_string(format!("/proc/{process}/io")).expect("what a process has read");
    let count = told.lines().find_map(|line| line.strip_prefix("rchar: ")).and_then(|count| count.parse().ok());
    count.expect("a number of bytes")
}
