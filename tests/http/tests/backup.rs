//! `tearoff backup`: a copy of a database that a server is writing to, with all that was acknowledged before.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tearoff_http_tests::harness::redemptions;
use tearoff_http_tests::process::{Process, Start, program};
use tearoff_http_tests::site::{Site, reservation};
use tearoff_server::store::back_up;
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");

fn studio() -> [Site; 1] {
    [Site::studio("studio")]
}

fn ask(database: &str, to: &Path) -> Output {
    program(SERVER).args(["backup", "--database", database, "--to"]).arg(to).output().unwrap()
}

fn sqlite(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn files(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Callers who order without end, until told to stop; `acknowledged` has what was.
fn order(process: &Process, caller: usize, stop: &AtomicBool, acknowledged: &Mutex<BTreeSet<String>>) {
    let backend = process.stranger().with_key(&studio()[0].secret);
    for round in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let order = format!("{caller}-{round}");
        let answer = backend.reserve(&order, &reservation(&order, "WELCOME20", 1440));
        // The writer is never kept waiting for longer than a caller is.
        assert_eq!(answer.status, 201, "{}", answer.text());
        acknowledged.lock().unwrap().insert(order);
    }
}

#[test]
fn a_copy_made_under_load_has_all_that_was_acknowledged_before() {
    let (folder, copies) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let start = Start::new(SERVER, folder.path(), &studio());
    let mut process = start.run();
    let (stop, acknowledged) = (AtomicBool::new(false), Mutex::new(BTreeSet::new()));
    let counted = || acknowledged.lock().unwrap().len();
    let mut made = Vec::new();
    thread::scope(|scope| {
        for caller in 0..8 {
            let (process, stop, acknowledged) = (&process, &stop, &acknowledged);
            scope.spawn(move || order(process, caller, stop, acknowledged));
        }
        for round in 0..4 {
            while counted() < 100 * (round + 1) {
                thread::yield_now();
            }
            let before = acknowledged.lock().unwrap().clone();
            let to = copies.path().join(format!("copy-{round}.sqlite"));
            let output = ask(&sqlite(&start.database()), &to);
            assert!(output.status.success(), "{}", said(&output));
            made.push((to, before, output));
        }
        assert!(counted() > made[3].1.len(), "it went on meanwhile");
        stop.store(true, Ordering::SeqCst);
    });
    assert!(process.stop().success(), "{}", process.log());
    assert_eq!(files(copies.path()).len(), made.len(), "one file each: {:?}", files(copies.path()));
    for (copy, before, output) in &made {
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let metadata = copy.metadata().unwrap();
        assert_eq!((metadata.permissions().mode() & 0o777, told["bytes"].as_u64()), (0o600, Some(metadata.len())));
        let connection = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
        assert_eq!(told["redemptions"], count("SELECT count(*) FROM redemptions"));
        // One state, and no moment between two: every counter has its records.
        assert_eq!(count("SELECT count(*) FROM redemptions"), count("SELECT count(*) FROM uses"));
        let replayed = program(SERVER).args(["replay", "--all", "--database", &sqlite(copy)]).output().unwrap();
        let replayed_count: Value = serde_json::from_slice(&replayed.stdout).unwrap();
        assert_eq!((&replayed_count["same"], replayed.status.success()), (&told["redemptions"], true));
        // A server starts on it as it is, and has everything.
        std::fs::copy(copy, start.database()).unwrap();
        let mut again = start.run();
        let kept = redemptions(&again.stranger().with_key(&studio()[0].secret));
        let orders: BTreeSet<String> = kept.iter().map(|one| one["order"].as_str().unwrap().to_owned()).collect();
        assert!(before.is_subset(&orders), "{:?} were acknowledged before and are not in it", before - &orders);
        assert!(again.stop().success());
    }
    assert_eq!(files(copies.path()).len(), made.len(), "whoever reads a copy needs no log beside it");
}

/// However much is written while it is being made: a copy of what was there when it began, made in one go.
#[test]
fn what_is_written_meanwhile_is_not_in_the_copy() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    assert!(start.run().stop().success());
    let other = Connection::open(start.database()).unwrap();
    other.execute_batch("CREATE TABLE padding (bytes BLOB)").unwrap();
    let pad = |rows: u32| {
        let insert = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1) \
                      INSERT INTO padding SELECT zeroblob(2000) FROM n";
        assert_eq!(other.execute(insert, [rows]).unwrap(), rows as usize);
    };
    pad(5000);
    let copy = folder.path().join("copy.sqlite");
    let mut seen = Vec::new();
    let copied = back_up(&start.database(), &copy, &mut |done, pages| {
        seen.push((done, pages));
        pad(500);
        other
            .execute_batch("UPDATE padding SET bytes = zeroblob(10) WHERE rowid <= 500; PRAGMA wal_checkpoint")
            .unwrap();
    });
    assert!(copied.is_ok(), "{copied:?}");
    assert!(seen.len() > 5 && seen.is_sorted_by(|one, next| one.0 < next.0 && one.1 == next.1), "{seen:?}");
    let copy = Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let (count, bytes): (u32, u32) = copy
        .query_row("SELECT count(*), min(length(bytes)) FROM padding", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!((count, bytes), (5000, 2000));
}

/// What is refused leaves what is there as it is, and nothing of its own.
#[test]
fn nothing_is_overwritten_and_nothing_is_left() {
    let (folder, copies) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let start = Start::new(SERVER, folder.path(), &studio());
    let mut process = start.run();
    let backend = process.stranger().with_key(&studio()[0].secret);
    assert_eq!(backend.reserve("1", &reservation("1", "WELCOME20", 1440)).status, 201);
    let database = sqlite(&start.database());
    let copy = copies.path().join("copy.sqlite");
    assert!(ask(&database, &copy).status.success());
    let kept = std::fs::read(&copy).unwrap();
    let empty = copies.path().join("empty.sqlite");
    std::fs::write(&empty, "").unwrap();
    let none = copies.path().join("none.sqlite");
    std::fs::write(&none, "nothing that anybody could take for a database, however they look at it").unwrap();
    let damaged = copies.path().join("damaged.sqlite");
    let mut bytes = kept.clone();
    let half = bytes.len() / 2;
    bytes[half..].fill(0x5A);
    std::fs::write(&damaged, bytes).unwrap();
    std::fs::write(copies.path().join("taken.sqlite.partial"), "somebody's").unwrap();
    let before = files(copies.path());
    let new = copies.path().join("new.sqlite");
    for (database, to, why) in [
        (database.as_str(), copy.clone(), "nothing is overwritten"),
        (&database, start.database(), "nothing is overwritten"),
        (&database, copies.path().to_owned(), "nothing is overwritten"),
        (&database, copies.path().join("taken.sqlite"), "taken.sqlite.partial"),
        (&database, copies.path().join("nowhere/new.sqlite"), "cannot be written"),
        (&sqlite(&copies.path().join("nowhere.sqlite")), new.clone(), "nowhere.sqlite"),
        (&sqlite(&empty), new.clone(), "no such table"),
        (&sqlite(&none), new.clone(), "not a database"),
        (&sqlite(&damaged), new.clone(), "damaged.sqlite"),
        ("postgres://ana:hush@db.example/codes", new.clone(), "PostgreSQL"),
        ("mysql:hush", new.clone(), "--database"),
    ] {
        let output = ask(database, &to);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{why}: {said}");
        let is_told = said.contains(why) || (why == "damaged.sqlite" && said.contains("SQLite's checks"));
        assert!(is_told && !said.contains("hush") && !said.contains("panicked"), "{why}: {said}");
        assert_eq!(files(copies.path()), before, "{why}");
    }
    assert_eq!(std::fs::read(&copy).unwrap(), kept);
    assert_eq!(std::fs::read(copies.path().join("taken.sqlite.partial")).unwrap(), b"somebody's");
    assert_eq!(backend.reserve("2", &reservation("2", "WELCOME20", 1440)).status, 201, "the server goes on");
    assert!(process.stop().success());
    // Also of a database that nobody has open.
    let kept = std::fs::read(start.database()).unwrap();
    let (before, later) = (files(folder.path()), copies.path().join("later.sqlite"));
    let output = ask(&database, &later);
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["redemptions"], 2);
    assert_eq!(files(folder.path()), before, "and leaves nothing beside it");
    assert_eq!(std::fs::read(start.database()).unwrap(), kept, "nor anything in it");
}
