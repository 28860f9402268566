//! F: what breaks around it: the clock, the disk, the connection, the process.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::process::{Start, program, run_to_its_end};
use tearoff_http_tests::site::{Site, lookup, reservation};
use tearoff_server::config::Database;
use tempfile::TempDir;

use crate::{first, names, offer, quote, step, used};

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");

fn studio() -> [Site; 1] {
    [Site::studio("studio")]
}

#[test]
fn f5_nobody_can_park_a_code() {
    let harness = Harness::with(vec![Site::studio("studio").whose_tag_redeems()]);
    let (page, backend) = (harness.page(), harness.backend());
    let _ = page.reserve("page", &reservation("page", "LAST", 1620)).problem(403, "secret_key_needed");
    assert_eq!(used(&harness, "LAST"), 0, "a page holds nothing");
    for round in 0..3 {
        let abandoned =
            backend.reserve(&format!("{round}"), &reservation(&format!("{round}"), "LAST", 1620)).expect(201);
        let _ = backend
            .reserve(&format!("late-{round}"), &reservation("late", "LAST", 1620))
            .problem(409, "usage_limit_reached");
        harness.clock().advance(TimeDelta::minutes(15));
        let shown = backend.get(&format!("/v1/redemptions/{}", abandoned["id"].as_str().unwrap())).expect(200);
        assert_eq!((&shown["state"], &shown["uses"]), (&json!("expired"), &json!([])));
    }
    assert_eq!(backend.reserve("next", &reservation("next", "LAST", 1620)).status, 201);
    assert_eq!(used(&harness, "LAST"), 1);
}

#[test]
fn f6_a_hold_that_ended_during_payment_is_taken_again_or_clearly_refused() {
    let harness = Harness::open();
    let backend = harness.backend();
    let paying = backend.reserve("paying", &reservation("paying", "LAST", 1620)).expect(201);
    harness.clock().advance(TimeDelta::minutes(16));
    let other = backend.reserve("other", &reservation("other", "LAST", 1620)).expect(201);
    let refused = step(&backend, &paying, "confirm");
    let _ = refused.problem(409, "hold_expired");
    assert_eq!(used(&harness, "LAST"), 1, "never both");
    assert_eq!(step(&backend, &other, "release").status, 200);
    let confirmed = step(&backend, &paying, "confirm").expect(200);
    assert_eq!(
        (&confirmed["state"], &confirmed["total_minor"], used(&harness, "LAST")),
        (&json!("confirmed"), &json!(1620), 1)
    );
}

#[test]
fn f7_a_clock_that_jumps_revives_nothing() {
    let harness = Harness::open();
    let backend = harness.backend();
    let opening = harness.now();
    let hour = TimeDelta::hours(1);
    let shown = backend.post("/v1/lookups", &lookup("TODAY")).expect(200)["snapshot"].clone();
    let held = backend.reserve("held", &reservation("held", "LAST", 1620)).expect(201);
    harness.clock().advance(hour);
    let next = backend.reserve("next", &reservation("next", "LAST", 1620)).expect(201);
    harness.clock().set(opening);
    let path = |redemption: &Value| format!("/v1/redemptions/{}", redemption["id"].as_str().unwrap());
    assert_eq!(backend.get(&path(&held)).expect(200)["state"], "expired", "what has ended has ended");
    for name in ["place", "confirm"] {
        let _ = step(&backend, &held, name).problem(409, "hold_expired");
    }
    let _ = backend.reserve("third", &reservation("third", "LAST", 1620)).problem(409, "usage_limit_reached");
    assert_eq!(used(&harness, "LAST"), 1);
    // Back by an hour: a hold of the future ends as it says, and no sooner.
    assert_eq!(step(&backend, &next, "place").expect(200)["state"], "placed");
    let earlier = backend.reserve("earlier", &reservation("earlier", "FIFTY", 1620)).expect(201);
    assert!(earlier["id"].as_str() > next["id"].as_str(), "ids keep their order, so that no page of a list skips one");
    harness.clock().set(opening - hour);
    let mut early = reservation("early", "TODAY", 1620);
    early["snapshot"] = shown.clone();
    assert_eq!(
        backend.reserve("early", &early).status,
        201,
        "today's terms hold, the snapshot of the future does not matter"
    );
    harness.clock().set("2026-11-30T21:59:59Z".parse().unwrap());
    let mut too_early = reservation("too-early", "TODAY", 1620);
    too_early["snapshot"] = shown;
    let _ = backend.reserve("too-early", &too_early).problem(409, "not_yet_active");
    harness.clock().set(opening + TimeDelta::days(36_500));
    assert_eq!(
        first(&quote(&backend, &["WELCOME20"], &json!({ "lines": [{ "id": "1", "item": "yoga" }] }))),
        ("applied", "")
    );
    assert_eq!(used(&harness, "FIFTY"), 1, "the sweep comes with the next write");
    assert_eq!(backend.reserve("far", &reservation("far", "FIFTY", 1620)).status, 201);
    assert_eq!(used(&harness, "FIFTY"), 1);
}

#[test]
fn f8_a_second_process_is_refused_and_the_first_goes_on() {
    let harness = Harness::open();
    let database = harness.database();
    let start = Start::new(SERVER, database.parent().unwrap(), &studio());
    let (status, said) = run_to_its_end(start.command());
    assert!(!status.success() && said.contains("in use by another server"), "{said}");
    assert_eq!(harness.backend().reserve("1", &reservation("1", "LAST", 1620)).status, 201);
    assert_eq!(used(&harness, "LAST"), 1);
}

#[test]
fn f9_a_reader_that_never_ends_keeps_nobody_from_redeeming() {
    let harness = Harness::open();
    let backend = harness.backend();
    let reader = Connection::open_with_flags(harness.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let seen = |reader: &Connection| {
        reader.query_row("SELECT count(*) FROM redemptions", [], |row| row.get::<_, u32>(0)).unwrap()
    };
    assert_eq!(seen(&reader), 0);
    let redeem =
        |index: u32| backend.reserve(&format!("{index}"), &reservation(&format!("{index}"), "WELCOME20", 1440)).status;
    assert!((0..150).all(|index| redeem(index) == 201));
    assert_eq!(seen(&reader), 0, "it sees what it saw");
    reader.execute_batch("COMMIT").unwrap();
    let log = || std::fs::metadata(harness.database().with_extension("sqlite-wal")).unwrap().len();
    assert!((150..200).all(|index| redeem(index) == 201));
    let once_free = log();
    assert!((200..350).all(|index| redeem(index) == 201));
    assert!(
        log() < once_free + once_free / 4,
        "once it is gone the log is used again from its start: {once_free}, {}",
        log()
    );
    assert_eq!(seen(&reader), 350);
}

#[test]
fn f10_a_file_that_is_no_database_any_more_is_not_served() {
    for (from, bytes) in [(0, &b"nonsense"[..]), (100, &[0xff; 400][..])] {
        let folder = TempDir::new().unwrap();
        let start = Start::new(SERVER, folder.path(), &studio());
        assert!(start.run().stop().success());
        let mut file = std::fs::read(start.database()).unwrap();
        file[from..from + bytes.len()].copy_from_slice(bytes);
        std::fs::write(start.database(), &file).unwrap();
        let (status, said) = run_to_its_end(start.command());
        assert!(!status.success() && said.contains("test.sqlite") && !said.contains("panicked"), "{said}");
        assert_eq!(std::fs::read(start.database()).unwrap(), file, "it is left as it is, for whoever mends it");
    }
}

#[test]
fn f11_a_copy_taken_under_load_is_whole() {
    let harness = Harness::open();
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy.sqlite");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for caller in 0..4 {
            let (backend, done) = (harness.backend(), &done);
            scope.spawn(move || {
                for round in 0.. {
                    if done.load(Ordering::SeqCst) {
                        break;
                    }
                    let name = format!("{caller}-{round}");
                    let held = backend.reserve(&name, &reservation(&name, "FIFTY", 1620)).expect(201);
                    assert_eq!(step(&backend, &held, if round % 2 == 0 { "release" } else { "place" }).status, 200);
                    if round % 2 == 1 {
                        assert_eq!(step(&backend, &held, "release").status, 200);
                    }
                }
            });
        }
        while harness.redemptions().len() < 40 {
            thread::sleep(Duration::from_millis(2));
        }
        let source = format!("sqlite:{}", harness.database().display());
        let copied = program(SERVER).args(["backup", "--database", &source, "--to"]).arg(&copy).output().unwrap();
        done.store(true, Ordering::SeqCst);
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    });
    let restored =
        Harness::configured(vec![Site::studio("studio")], |config| config.database = Database::Sqlite(copy.clone()));
    let look = Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let number = |sql: &str| look.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(look.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");
    let held = number("SELECT count(*) FROM redemptions WHERE state IN (0, 1, 2)");
    assert_eq!(number("SELECT coalesce(sum(used), 0) FROM counters"), held, "counters and records are of one moment");
    assert!(restored.redemptions().len() >= 40);
    assert_eq!(restored.backend().reserve("on", &reservation("on", "FIFTY", 1620)).status, 201, "and it goes on");
}

/// A first start makes the schema step by step: it is killed at ever later moments of that, and the next start finds its way.
#[test]
fn f12_a_start_that_is_killed_is_started_again() {
    let mut before_it_was_ready = 0;
    for milliseconds in [0, 2, 4, 6, 8, 10, 13, 16, 20, 25, 30, 40] {
        let folder = TempDir::new().unwrap();
        let start = Start::new(SERVER, folder.path(), &studio());
        let mut child = start.command().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        let said = child.wait_with_output().unwrap().stderr;
        before_it_was_ready += usize::from(!String::from_utf8_lossy(&said).contains("listening"));
        let mut process = start.run();
        let backend = process.stranger().with_key(&studio()[0].secret);
        assert_eq!(backend.reserve("1", &reservation("1", "LAST", 1620)).status, 201, "after {milliseconds} ms");
        assert_eq!(backend.reserve("2", &reservation("2", "LAST", 1620)).status, 409);
        assert!(process.stop().success());
    }
    assert!(before_it_was_ready > 2, "killed too late to prove anything");
}

#[test]
fn f17_connections_that_do_nothing_keep_nobody_waiting() {
    let harness = Harness::open();
    let head =
        format!("POST /v1/lookups HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\n", harness.site(0).publishable);
    let waiting: Vec<TcpStream> = (0..150)
        .map(|index| {
            let mut stream = TcpStream::connect(harness.address()).unwrap();
            match index % 3 {
                0 => {}
                1 => stream.write_all(head.as_bytes()).unwrap(),
                _ => {
                    let body = "content-type: application/json\r\ncontent-length: 100\r\n\r\n{\"code\":";
                    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
                }
            }
            stream
        })
        .collect();
    let begun = Instant::now();
    let backend = harness.backend();
    for index in 0..20 {
        let name = index.to_string();
        assert_eq!(backend.reserve(&name, &reservation(&name, "WELCOME20", 1440)).status, 201);
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let mut broken = waiting.into_iter().nth(2).unwrap();
    broken.shutdown(std::net::Shutdown::Write).unwrap();
    let mut said = String::new();
    broken.read_to_string(&mut said).unwrap();
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 400 "), "{said}");
    assert_eq!(harness.redemptions().len(), 20);
}

/// A head without an end is cut off by its size, long before its time is over.
#[test]
fn f17_a_head_without_an_end_is_cut_off() {
    let harness = Harness::open();
    let mut stream = TcpStream::connect(harness.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: test\r\n").unwrap();
    let line = format!("x-long: {}\r\n", "x".repeat(8_000));
    // The server may hang up while this is being sent.
    let sent = (0..200).take_while(|_| stream.write_all(line.as_bytes()).is_ok()).count();
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    let said = String::from_utf8_lossy(&said);
    assert!(
        sent < 200 || said.starts_with("HTTP/1.1 431 ") || said.starts_with("HTTP/1.1 400 "),
        "{sent} lines, {said}"
    );
    assert_eq!(harness.stranger().get("/healthz").status, 200);
}

#[test]
fn f16_a_promotion_per_request_does_not_crowd_out_redeeming() {
    let harness = Harness::with(vec![Site::studio("busy"), Site::studio("quiet")]);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for caller in 0..8 {
            let (backend, done) = (harness.backend(), &done);
            scope.spawn(move || {
                for round in 0.. {
                    if done.load(Ordering::SeqCst) {
                        break;
                    }
                    offer(&backend, &format!("C{caller}R{round}"), 1000, &json!({}));
                }
            });
        }
        let quiet = harness.backend_of(1);
        for index in 0..30 {
            let begun = Instant::now();
            let name = index.to_string();
            assert_eq!(quiet.reserve(&name, &reservation(&name, "WELCOME20", 1440)).status, 201);
            assert!(begun.elapsed() < Duration::from_secs(5), "another site's load: {:?}", begun.elapsed());
        }
        done.store(true, Ordering::SeqCst);
    });
    names(
        &harness.backend_of(1).post("/v1/quotes", &json!({ "codes": vec!["A"; 11], "cart": { "lines": [] } })),
        "codes",
    );
}
