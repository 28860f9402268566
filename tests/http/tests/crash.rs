//! Crashes (R60): the process killed at any moment, or the power cut. Nothing acknowledged is lost and no limit is exceeded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tearoff_http_tests::client::Client;
use tearoff_http_tests::harness::redemptions;
use tearoff_http_tests::process::{Process, Start};
use tearoff_http_tests::site::{Site, reservation};
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");
const CALLERS: usize = 200;

/// Callers who do not give up: each asks again, under its own key, until it has an answer.
struct Crowd {
    server: RwLock<Client>,
    acknowledged: Mutex<BTreeMap<String, String>>,
    refused: AtomicUsize,
    unanswered: AtomicUsize,
    given_up: AtomicBool,
}

impl Crowd {
    fn before(server: Client) -> Self {
        Self {
            server: RwLock::new(server),
            acknowledged: Mutex::default(),
            refused: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            given_up: AtomicBool::new(false),
        }
    }

    fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    fn insist(&self, order: &str) {
        let body = reservation(order, "FIFTY", 1620);
        while !self.given_up.load(Ordering::SeqCst) {
            let server = self.server.read().unwrap().clone();
            let asked =
                server.request("POST", "/v1/redemptions").header("idempotency-key", order).json(&body).try_send();
            match asked {
                // 200: it was recorded before, and the answer to that was lost.
                Ok(answer) if matches!(answer.status, 200 | 201) => {
                    let id = answer.json()["id"].as_str().unwrap().to_owned();
                    self.acknowledged.lock().unwrap().insert(order.to_owned(), id);
                    return;
                }
                Ok(answer) if answer.status == 503 => thread::sleep(Duration::from_millis(20)),
                Ok(answer) => {
                    let _ = answer.problem(409, "usage_limit_reached");
                    self.refused.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                Err(_) => {
                    self.unanswered.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(10));
                }
            }
        }
    }
}

fn studio() -> [Site; 1] {
    [Site::studio("studio")]
}

/// 200 callers for 50 uses; the server is killed in the middle and started again. Tells how often callers went unanswered.
fn kill_midway(delay: Duration, acknowledgements: usize) -> usize {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let secret = &studio()[0].secret;
    let mut process = start.run();
    let crowd = Crowd::before(process.stranger().with_key(secret));
    thread::scope(|scope| {
        for order in 0..CALLERS {
            let crowd = &crowd;
            scope.spawn(move || crowd.insist(&format!("order-{order}")));
        }
        let begun = Instant::now();
        while crowd.acknowledged() < acknowledgements && begun.elapsed() < Duration::from_secs(5) {
            thread::sleep(Duration::from_micros(100));
        }
        thread::sleep(delay);
        process.kill();
        process = start.run();
        *crowd.server.write().unwrap() = process.stranger().with_key(secret);
    });
    assert_eq!((crowd.acknowledged(), crowd.refused.load(Ordering::SeqCst)), (50, CALLERS - 50));
    let backend = process.stranger().with_key(secret);
    everything_is_there(&backend, &crowd.acknowledged.lock().unwrap());
    assert_eq!(redemptions(&backend).len(), 50);
    sound(&start.database(), 50);
    crowd.unanswered.load(Ordering::SeqCst)
}

#[test]
fn killed_at_any_moment_and_started_again() {
    let unanswered: usize = [(0, 0), (3, 0), (9, 0), (0, 1), (1, 1), (0, 10), (0, 30), (0, 49)]
        .into_iter()
        .map(|(delay, acknowledgements)| kill_midway(Duration::from_millis(delay), acknowledgements))
        .sum();
    assert!(unanswered > 0, "no caller noticed any of the kills: they came too late to prove anything");
}

/// What was acknowledged is recorded under the same id, is found again by its key, and the list is in the order of time.
fn everything_is_there(backend: &Client, acknowledged: &BTreeMap<String, String>) {
    let listed = redemptions(backend);
    let recorded: BTreeMap<&str, &Value> =
        listed.iter().map(|redemption| (redemption["order"].as_str().unwrap(), redemption)).collect();
    for (order, id) in acknowledged {
        let found = recorded.get(order.as_str()).unwrap_or_else(|| panic!("{order} was acknowledged and is lost"));
        assert_eq!(found["id"], id.as_str(), "{order}");
        let again = backend.reserve(order, &reservation(order, "FIFTY", 1620));
        assert_eq!((again.expect(200)["id"].as_str(), again.is_replayed()), (Some(id.as_str()), true), "{order}");
    }
    let ids: Vec<&str> = listed.iter().map(|redemption| redemption["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted(), "ids are in the order of time");
    for redemption in &listed {
        let id = redemption["id"].as_str().unwrap().strip_prefix("red_").unwrap().replace('-', "");
        assert_eq!(id.as_bytes()[12], b'7', "a UUID of version 7: {id}");
        let reserved_at: chrono::DateTime<chrono::Utc> = redemption["reserved_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(i64::from_str_radix(&id[..12], 16), Ok(reserved_at.timestamp_millis()), "its time is in it");
    }
}

/// Looks into the file itself: whole, in the journal mode of choice, its counters those of its records.
fn sound(database: &Path, most: u32) {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let text = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    assert_eq!(text("PRAGMA journal_mode"), "wal");
    assert_eq!(number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    let used = number("SELECT max(used) FROM counters");
    assert_eq!(used, number("SELECT count(*) FROM uses"), "the counter is the number of records");
    assert!(used <= most, "{used}");
}

/// What a disk would hold after a power cut: of every file of the database, what was last synced.
struct PowerCut {
    folder: TempDir,
    library: PathBuf,
}

impl PowerCut {
    fn prepare() -> Self {
        let folder = TempDir::new().unwrap();
        let library = folder.path().join("power_cut.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/power_cut.c");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
        let built = Command::new(&compiler)
            .args(["-O2", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .args([source, "-ldl"])
            .status();
        assert!(built.is_ok_and(|status| status.success()), "`{compiler}` builds SQLite and must build power_cut.c");
        Self { folder, library }
    }

    fn preloaded(&self, start: Start) -> Start {
        let database = start.database();
        start
            .with("LD_PRELOAD", self.library.to_str().unwrap())
            .with("POWER_CUT_FILES", database.to_str().unwrap())
            .with("POWER_CUT_DISK", self.folder.path().to_str().unwrap())
    }

    /// Gives the database what the disk holds, as after a reboot.
    fn restore(&self, database: &Path) {
        let name = database.file_name().unwrap().to_str().unwrap();
        for ending in ["", "-wal", "-shm", "-journal"] {
            let file = format!("{name}{ending}");
            let _ = std::fs::remove_file(database.with_file_name(&file));
            let kept = self.folder.path().join(&file);
            if kept.exists() {
                std::fs::copy(kept, database.with_file_name(&file)).unwrap();
            }
        }
    }
}

/// Cuts the power once so much is acknowledged; gives the server after the reboot, and what was acknowledged before.
fn cut(start: &Start, acknowledgements: usize, disk: &PowerCut) -> (Process, BTreeMap<String, String>) {
    let secret = &studio()[0].secret;
    let mut process = start.run();
    let crowd = Crowd::before(process.stranger().with_key(secret));
    thread::scope(|scope| {
        for caller in 0..8 {
            let crowd = &crowd;
            // One after another: every acknowledgement is a commit of its own, or nearly.
            scope.spawn(move || (0..7).for_each(|order| crowd.insist(&format!("order-{caller}-{order}"))));
        }
        let begun = Instant::now();
        while crowd.acknowledged() < acknowledgements && begun.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_micros(50));
        }
        process.kill();
        crowd.given_up.store(true, Ordering::SeqCst);
    });
    disk.restore(&start.database());
    let acknowledged = crowd.acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() >= acknowledgements, "{} were acknowledged", acknowledged.len());
    (start.run(), acknowledged)
}

/// SIGKILL cannot show whether commits are synced, because what was written survives in the kernel. This can.
#[test]
fn the_power_is_cut() {
    for acknowledgements in [1, 11, 23, 37] {
        let (folder, disk) = (TempDir::new().unwrap(), PowerCut::prepare());
        let start = disk.preloaded(Start::new(SERVER, folder.path(), &studio()));
        let (process, acknowledged) = cut(&start, acknowledgements, &disk);
        everything_is_there(&process.stranger().with_key(&studio()[0].secret), &acknowledged);
        sound(&start.database(), 50);
    }
}

/// The check of the check: with a disk that says it has synced and has not, the same run loses what was acknowledged.
#[test]
fn a_disk_that_lies_would_be_noticed() {
    let (folder, disk) = (TempDir::new().unwrap(), PowerCut::prepare());
    let honest = disk.preloaded(Start::new(SERVER, folder.path(), &studio()));
    // The schema and the seed reach the disk.
    drop(honest.run());
    let lying = honest.clone().with("POWER_CUT_LIES", "1");
    let secret = &studio()[0].secret;
    let mut process = lying.run();
    let backend = process.stranger().with_key(secret);
    assert_eq!(backend.reserve("order", &reservation("order", "FIFTY", 1620)).status, 201);
    process.kill();
    disk.restore(&honest.database());
    let process = honest.run();
    assert_eq!(redemptions(&process.stranger().with_key(secret)).len(), 0);
}

/// A disk that breaks: what cannot be made durable is not acknowledged, the server ends by itself and says why, and what was
/// acknowledged before is there.
#[test]
fn a_disk_that_breaks_ends_the_server() {
    let (folder, disk) = (TempDir::new().unwrap(), PowerCut::prepare());
    let broken = folder.path().join("broken");
    let start =
        disk.preloaded(Start::new(SERVER, folder.path(), &studio())).with("POWER_CUT_BROKEN", broken.to_str().unwrap());
    let secret = &studio()[0].secret;
    let mut process = start.run();
    let backend = process.stranger().with_key(secret);
    assert_eq!(backend.reserve("before", &reservation("before", "FIFTY", 1620)).status, 201);
    std::fs::write(&broken, "").unwrap();
    let during = |order: usize| reservation(&format!("during-{order}"), "FIFTY", 1620);
    let ask = |order: usize| {
        let asked = backend.request("POST", "/v1/redemptions").header("idempotency-key", &format!("during-{order}"));
        // Nobody answers any more, or says that it failed.
        if let Ok(answer) = asked.json(&during(order)).try_send() {
            assert!(answer.status >= 500, "{}", answer.text());
            let _ = answer.any_problem();
        }
    };
    thread::scope(|scope| (0..16).for_each(|order| drop(scope.spawn(move || ask(order)))));
    assert!(!process.ended().success(), "{}", process.log());
    std::fs::remove_file(&broken).unwrap();
    disk.restore(&start.database());
    let process = start.run();
    let backend = process.stranger().with_key(secret);
    let orders: Vec<Value> = redemptions(&backend).iter().map(|redemption| redemption["order"].clone()).collect();
    assert_eq!(orders, ["before"]);
    assert_eq!(backend.reserve("during-0", &during(0)).status, 201, "the retry is served");
    sound(&start.database(), 50);
}
