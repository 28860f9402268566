//! The servers that are asked, each a process of its own.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

/// A running server. It is killed when this is dropped: what it keeps is thrown away.
#[derive(Debug)]
pub struct Program {
    child: Child,
    log: PathBuf,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Program {
    /// Starts `command`, which logs where it listens into `log`, a file of its own.
    ///
    /// # Panics
    /// When it does not listen.
    #[must_use]
    pub fn start(command: &mut Command, log: &Path) -> Self {
        const PATIENCE: Duration = Duration::from_secs(60);
        let file = File::create(log).expect("a log");
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).spawn().expect("the program starts");
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let (mut program, begun) = (Self { child, log: log.to_owned(), address: nowhere }, Instant::now());
        loop {
            let said = std::fs::read_to_string(log).expect("the log");
            if let Some(address) = said.lines().find_map(listening) {
                program.address = address;
                return program;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not listen: {said}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The number of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.log);
    }
}

/// Where a program listens, if this line of its log says so.
fn listening(line: &str) -> Option<SocketAddr> {
    let said = line.contains("listening").then(|| line.split_once("\"address\":\"")).flatten();
    said.and_then(|(_, rest)| rest.split('"').next()?.parse().ok())
}

/// The server itself.
///
/// # Panics
/// When it does not start.
#[must_use]
pub fn tearoff(program: &Path, database: &str, folder: &Path, log: &Path) -> Program {
    let seed = folder.join("seed.json");
    std::fs::write(&seed, crate::site::seed().to_string()).expect("the seed");
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TEAROFF_")) {
        command.env_remove(name);
    }
    command.args(["serve", "--listen", "127.0.0.1:0", "--database", database, "--seed"]).arg(seed);
    // The limiter is asked, and bears it.
    command.args(["--guesses-per-minute", "1000000", "--guess-burst", "1000000"]);
    Program::start(&mut command, log)
}

/// A SQLite file that a server is writing to.
#[derive(Clone, Debug)]
pub struct SqliteFile(PathBuf);

impl SqliteFile {
    /// The file at `path`.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// How many bytes it has, those in its log included.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.number("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    }

    /// How many bytes a page of it has.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn page_bytes(&self) -> u64 {
        self.number("SELECT page_size FROM pragma_page_size")
    }

    /// In how many trees, tables and indexes, a redemption of ours adds an entry.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn trees(&self) -> u64 {
        self.number(
            "SELECT count(*) FROM sqlite_schema WHERE tbl_name IN ('redemptions', 'uses', 'answers') AND rootpage > 0",
        )
    }

    fn number(&self, sql: &str) -> u64 {
        let connection = Connection::open_with_flags(&self.0, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the file");
        let number: i64 = connection.query_row(sql, [], |row| row.get(0)).expect("a number");
        number.try_into().expect("not negative")
    }
}
