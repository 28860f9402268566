//! Rounds in which all that is measured takes turns.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tearoff_postgres_tests::Cluster;

use crate::history;
use crate::load::{Came, Pace, Stint, send};
use crate::pages::{self, Memory, Touched};
use crate::program::{Program, SqliteFile, tearoff};
use crate::request::Request;
use crate::site::{Wanted, quotes, redemptions, redemptions_anywhere};

/// How many connections there are at a time.
pub const CLIENTS: [usize; 4] = [1, 16, 64, 256];
/// With how many a fixed load is sent.
pub const CLIENTS_OF_FIXED: usize = 64;
/// Where the file with a long history is kept.
const AGED: &str = "aged/aged.sqlite";
/// What share of the floor's rate a fixed load is.
pub const SHARE: f64 = 0.4;

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Database {
    /// A SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Durable redemptions of many promotions in turn.
    Many(Database),
    /// Durable redemptions of one promotion.
    Hot(Database),
    /// As the first, at [`SHARE`] of the floor's rate.
    Fixed(Database),
    /// Quotes.
    Quotes(Database),
    /// Redemptions on a SQLite file with a long history, held against one without.
    Late,
    /// Quotes there.
    LateQuotes,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The server.
    Ours,
    /// What it is held against.
    Floor,
}

/// What came of every stint, a value a round.
pub type Measured = BTreeMap<(What, usize, Side), Vec<Came>>;

/// What one redemption takes on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weight {
    /// In how many trees of a SQLite file it adds an entry.
    pub trees: u64,
    /// Bytes of the file, ours.
    pub ours: f64,
    /// Bytes of the file, the floor's.
    pub floor: f64,
    /// Bytes of a floor's row that nobody reads, so that both are alike.
    pub filling: u64,
    /// What a long history costs, where that was measured.
    pub history: Option<Aged>,
}

/// What a long history costs beside the time of requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aged {
    /// In how many seconds a server starts.
    pub start: f64,
    /// Pages that requests touch.
    pub late: Touched,
    /// Those where nothing has been redeemed.
    pub early: Touched,
}

/// What is to be measured, and with what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The server's program.
    pub tearoff: PathBuf,
    /// The floors' program.
    pub floor: PathBuf,
    /// Where databases are kept meanwhile.
    pub folder: PathBuf,
    /// How many rounds. Odd, so that there is a median.
    pub rounds: usize,
    /// How long each stint is counted.
    pub counted: Duration,
    /// On which databases redemptions are measured.
    pub databases: Vec<Database>,
    /// Whether quotes are.
    pub quotes: bool,
    /// Whether a long history is.
    pub history: bool,
}

/// The servers of one round.
struct Servers {
    sqlite: Program,
    floor: Program,
    echo: Program,
    /// Ours and the naive one.
    postgres: Option<(Program, Program)>,
    /// Ours, with a long history.
    late: Option<Program>,
}

impl Plan {
    /// Measures everything; `told` hears of each round.
    ///
    /// # Panics
    /// When something does not start, or is answered otherwise than it must be.
    #[must_use]
    pub fn measure(&self, told: &mut dyn FnMut(usize)) -> (Measured, Weight) {
        let cluster = self.databases.contains(&Database::Postgres).then(Cluster::start);
        let (mut measured, mut weight) = (Measured::new(), self.weigh());
        if self.history {
            weight.history = Some(self.age());
        }
        for round in 0..self.rounds {
            told(round);
            let folder = self.folder("round");
            let servers = self.start(&folder, cluster.as_ref(), &weight);
            self.round(&servers, round, &mut measured);
            self.late(&servers, round, &mut measured);
            drop(servers);
            let _ = fs::remove_dir_all(&folder);
        }
        (measured, weight)
    }

    /// An empty folder of this name.
    fn folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    fn ours(&self, folder: &Path, database: &str) -> Program {
        tearoff(&self.tearoff, database, folder, &log("ours"))
    }

    fn theirs(&self, arguments: &[&str]) -> Program {
        Program::start(Command::new(&self.floor).args(arguments), &log("floor"))
    }

    /// How much a redemption adds to the file, and how much a floor's row must be filled to add as much.
    fn weigh(&self) -> Weight {
        let folder = self.folder("weighed");
        let ours = SqliteFile::at(folder.join("ours.sqlite"));
        let server = self.ours(&folder, &format!("sqlite:{}", folder.join("ours.sqlite").display()));
        let requests = redemptions(server.address, Wanted::Many);
        let weight_of_ours = grown(&ours, server.address, &requests);
        let trees = ours.trees();
        let weight_of_floor = |name: &str, filling: u64| {
            let path = folder.join(name);
            let file = path.to_str().expect("a path");
            let floor = self.theirs(&["sqlite", file, &trees.to_string(), &filling.to_string()]);
            grown(&SqliteFile::at(path.clone()), floor.address, &requests)
        };
        let bare = weight_of_floor("bare.sqlite", 0);
        let filling = (weight_of_ours - bare).max(0.0) as u64;
        let filled = weight_of_floor("filled.sqlite", filling);
        Weight { trees, ours: weight_of_ours, floor: filled, filling, history: None }
    }

    fn start(&self, folder: &Path, cluster: Option<&Cluster>, weight: &Weight) -> Servers {
        let path = |name: &str| folder.join(name).to_str().expect("a path").to_owned();
        let (trees, filling) = (weight.trees.to_string(), weight.filling.to_string());
        let postgres = cluster.map(|cluster| {
            let ours = self.ours(folder, &cluster.whole_database().url);
            (ours, self.theirs(&["naive", &cluster.whole_database().url, &trees, &filling]))
        });
        let late = self.history.then(|| self.ours(folder, &format!("sqlite:{}", self.folder.join(AGED).display())));
        Servers {
            late,
            sqlite: self.ours(folder, &format!("sqlite:{}", path("ours.sqlite"))),
            floor: self.theirs(&["sqlite", &path("floor.sqlite"), &trees, &filling]),
            echo: self.theirs(&["echo"]),
            postgres,
        }
    }

    fn round(&self, servers: &Servers, round: usize, measured: &mut Measured) {
        let mut numbers = 0;
        for &database in &self.databases {
            let (ours, floor) = match (database, &servers.postgres) {
                (Database::Postgres, Some((ours, naive))) => (ours.address, naive.address),
                _ => (servers.sqlite.address, servers.floor.address),
            };
            for (what, wanted) in [(What::Many(database), Wanted::Many), (What::Hot(database), Wanted::Hot)] {
                let requests = redemptions(ours, wanted);
                for clients in CLIENTS {
                    let sides = [(Side::Ours, ours), (Side::Floor, floor)];
                    let stint = self.stint(&requests, 201, clients, Pace::AsAnswered);
                    turns(stint, (what, clients), &sides, round, measured, &mut numbers);
                }
            }
            let fast =
                measured.get(&(What::Many(database), CLIENTS_OF_FIXED, Side::Floor)).and_then(|came| came.last());
            let pace = Pace::PerSecond(fast.map_or(1.0, |came| came.rate * SHARE));
            let requests = redemptions(ours, Wanted::Many);
            let stint = self.stint(&requests, 201, CLIENTS_OF_FIXED, pace);
            let sides = [(Side::Ours, ours), (Side::Floor, floor)];
            turns(stint, (What::Fixed(database), CLIENTS_OF_FIXED), &sides, round, measured, &mut numbers);
        }
        if !self.quotes {
            return;
        }
        let requests = quotes();
        for clients in CLIENTS {
            let stint = self.stint(&requests, 200, clients, Pace::AsAnswered);
            let sides = [(Side::Ours, servers.sqlite.address), (Side::Floor, servers.echo.address)];
            turns(stint, (What::Quotes(Database::Sqlite), clients), &sides, round, measured, &mut numbers);
            if let Some((ours, _)) = &servers.postgres {
                let sides = [(Side::Ours, ours.address)];
                turns(stint, (What::Quotes(Database::Postgres), clients), &sides, round, measured, &mut numbers);
            }
        }
    }

    /// What is measured with a long history, and without.
    fn late(&self, servers: &Servers, round: usize, measured: &mut Measured) {
        let Some(late) = &servers.late else { return };
        let sides = [(Side::Ours, late.address), (Side::Floor, servers.sqlite.address)];
        // Numbers that neither has seen: what is kept of earlier rounds is kept.
        let mut numbers = 100_000_000_000 + round as u64 * 1_000_000_000;
        for clients in [1, 64] {
            for (what, requests, status) in
                [(What::LateQuotes, quotes(), 200), (What::Late, redemptions_anywhere(late.address, Wanted::Many), 201)]
            {
                let stint = self.stint(&requests, status, clients, Pace::AsAnswered);
                turns(stint, (what, clients), &sides, round, measured, &mut numbers);
            }
        }
    }

    /// Makes a file with a long history; tells what that costs.
    fn age(&self) -> Aged {
        let folder = self.folder("aged");
        let path = self.folder.join(AGED);
        let server = self.ours(&folder, &format!("sqlite:{}", path.display()));
        drop(server);
        let early = self.touched(&folder, &path, 1_000_000);
        history::fill(&path, history::ORDERS, history::CODES);
        let begun = Instant::now();
        drop(self.ours(&folder, &format!("sqlite:{}", path.display())));
        let start = begun.elapsed().as_secs_f64();
        let late = self.touched(&folder, &path, 2_000_000);
        Aged { start, late, early }
    }

    /// Pages of a file that requests touch, numbered from `first`.
    fn touched(&self, folder: &Path, path: &Path, first: u64) -> Touched {
        pages::keep(path, Memory::Least);
        let server = self.ours(folder, &format!("sqlite:{}", path.display()));
        let page_bytes = SqliteFile::at(path.to_owned()).page_bytes();
        let redemptions = redemptions(server.address, Wanted::Many);
        let touched = Touched {
            quote: pages::touched(&server, page_bytes, &quotes(), 200, first),
            redemption: pages::touched(&server, page_bytes, &redemptions, 201, first),
        };
        drop(server);
        pages::keep(path, Memory::Usual);
        touched
    }

    fn stint<'a>(&self, requests: &'a [Request], status: u16, clients: usize, pace: Pace) -> Stint<'a> {
        let nobody = SocketAddr::from(([127, 0, 0, 1], 0));
        let (warm_up, counted) = (self.counted / 4, self.counted);
        Stint { address: nobody, requests, status, clients, pace, warm_up, counted }
    }
}

/// Lets the sides answer one after another, and another one first in every second round.
fn turns(
    stint: Stint<'_>,
    (what, clients): (What, usize),
    sides: &[(Side, SocketAddr)],
    round: usize,
    measured: &mut Measured,
    numbers: &mut u64,
) {
    let mut sides = sides.to_vec();
    if round % 2 == 1 {
        sides.reverse();
    }
    for (side, address) in sides {
        let came = send(&Stint { address, ..stint }, numbers);
        measured.entry((what, clients, side)).or_default().push(came);
    }
}

/// By how many bytes a file grows with each redemption.
fn grown(file: &SqliteFile, address: SocketAddr, requests: &[Request]) -> f64 {
    let stint = Stint {
        address,
        requests,
        status: 201,
        clients: 64,
        pace: Pace::AsAnswered,
        warm_up: Duration::ZERO,
        counted: Duration::from_secs(1),
    };
    let (before, mut numbers) = (file.bytes(), 0);
    let _ = send(&stint, &mut numbers);
    file.bytes().saturating_sub(before) as f64 / numbers.max(1) as f64
}

/// Where a program logs to, each to a file of its own: memory where there is some, so that logging does not wait for the disk that is measured.
fn log(name: &str) -> PathBuf {
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    folder.join(format!("tearoff-load-{}-{name}-{number}.log", std::process::id()))
}
