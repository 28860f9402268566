//! The process: starting, stopping, logging, and that there is one writer to a file.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tearoff_http_tests::client::Answer;
use tearoff_http_tests::harness::redemptions;
use tearoff_http_tests::process::{Process, Start, program, run_to_its_end};
use tearoff_http_tests::site::{Site, reservation, terms};
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");

fn studio() -> [Site; 1] {
    [Site::studio("studio")]
}

#[test]
fn a_second_server_on_one_file_is_refused() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let mut first = start.run();
    let (status, said) = run_to_its_end(start.command());
    assert!(!status.success() && said.contains("in use by another server") && said.contains("test.sqlite"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(first.stranger().get("/readyz").status, 200, "the first goes on");
    assert!(first.stop().success());
    assert_eq!(start.run().stranger().get("/readyz").status, 200, "the file is free again");
}

/// Told to stop in the middle of it all, it answers what it has begun, and everything it has acknowledged is there.
#[test]
fn stopping_under_load_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let secret = &studio()[0].secret;
    let mut process = start.run();
    let acknowledged = Mutex::new(BTreeMap::new());
    let status = thread::scope(|scope| {
        for caller in 0..16 {
            let (backend, acknowledged) = (process.stranger().with_key(secret), &acknowledged);
            scope.spawn(move || {
                for round in 0.. {
                    let order = format!("{caller}-{round}");
                    let body = reservation(&order, "WELCOME20", 1440);
                    let asked =
                        backend.request("POST", "/v1/redemptions").header("idempotency-key", &order).json(&body);
                    match asked.try_send() {
                        Ok(answer) if answer.status == 503 => {}
                        Ok(answer) => {
                            let id = answer.expect(201)["id"].as_str().unwrap().to_owned();
                            acknowledged.lock().unwrap().insert(order, id);
                        }
                        Err(_) => break,
                    }
                }
            });
        }
        while acknowledged.lock().unwrap().len() < 200 {
            thread::sleep(Duration::from_millis(1));
        }
        process.stop()
    });
    assert!(status.success(), "{}", process.log());
    let process = start.run();
    let recorded: BTreeMap<String, String> = redemptions(&process.stranger().with_key(secret))
        .iter()
        .map(|redemption| {
            (redemption["order"].as_str().unwrap().to_owned(), redemption["id"].as_str().unwrap().to_owned())
        })
        .collect();
    // Nor is anything recorded that nobody was told of: what was under way was answered.
    assert_eq!(recorded, acknowledged.into_inner().unwrap());
}

/// A request that is under way when it is told to stop is answered; nobody new is let in.
#[test]
fn what_is_under_way_is_answered() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let secret = &studio()[0].secret;
    let mut process = start.run();
    let body = reservation("slow", "WELCOME20", 1440).to_string();
    let (begun, rest) = body.split_at(body.len() / 2);
    let head = format!(
        "POST /v1/redemptions HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {secret}\r\nidempotency-key: slow\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(process.address()).unwrap();
    stream.write_all(format!("{head}{begun}").as_bytes()).unwrap();
    // One that has been answered, so that the one before it is surely under way.
    assert_eq!(process.stranger().get("/healthz").status, 200);
    process.ask_to_stop();
    let told = Instant::now();
    while TcpStream::connect(process.address()).is_ok() {
        assert!(told.elapsed() < Duration::from_secs(10), "it still lets people in");
        thread::sleep(Duration::from_millis(5));
    }
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert_eq!(Answer::parse(&answer).status, 201, "{}", String::from_utf8_lossy(&answer));
    assert!(process.ended().success(), "{}", process.log());
    let recorded = redemptions(&start.run().stranger().with_key(secret));
    assert_eq!(recorded.iter().map(|redemption| redemption["order"].as_str().unwrap()).collect::<Vec<_>>(), ["slow"]);
}

/// A request that never comes to its end, under way.
fn hang(process: &Process) -> TcpStream {
    let mut stream = TcpStream::connect(process.address()).unwrap();
    let head =
        "POST /v1/lookups HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(process.stranger().get("/health").status, 200, "the one before it is surely under way");
    stream
}

/// What does not end is waited for, and no longer than is said.
#[test]
fn requests_that_do_not_end_are_left() {
    for seconds in [0, 2] {
        let folder = TempDir::new().unwrap();
        let start = Start::new(SERVER, folder.path(), &studio());
        let mut process = start.with_settings(&["--stop-timeout", &seconds.to_string()]).run();
        let hanging = hang(&process);
        let told = Instant::now();
        let status = process.stop();
        assert!(status.success() && process.log().contains("still under way"), "{}", process.log());
        let took = told.elapsed();
        assert!((seconds..seconds + 2).contains(&took.as_secs()), "{seconds}: {took:?}");
        drop(hanging);
    }
}

/// Told again, it waits for nobody; what it has acknowledged is there all the same.
#[test]
fn told_to_stop_twice_it_stops_at_once() {
    for signals in [["TERM", "TERM"], ["INT", "TERM"], ["TERM", "INT"]] {
        let folder = TempDir::new().unwrap();
        let start = Start::new(SERVER, folder.path(), &studio());
        let mut process = start.run();
        let backend = process.stranger().with_key(&studio()[0].secret);
        assert_eq!(backend.reserve("1", &reservation("1", "WELCOME20", 1440)).status, 201);
        let hanging = hang(&process);
        process.signal(signals[0]);
        let told = Instant::now();
        while !process.log().contains("stopping") {
            assert!(told.elapsed() < Duration::from_secs(10), "{}", process.log());
            thread::sleep(Duration::from_millis(5));
        }
        thread::sleep(Duration::from_millis(100));
        assert!(process.is_running(), "it waits for what is under way");
        let told = Instant::now();
        process.signal(signals[1]);
        let status = process.ended();
        assert!(told.elapsed() < Duration::from_secs(2), "{:?}", told.elapsed());
        assert_eq!(status.code(), Some(1), "{}", process.log());
        drop(hanging);
        let recorded = redemptions(&start.run().stranger().with_key(&studio()[0].secret));
        assert_eq!(recorded.len(), 1);
    }
}

/// Whoever watches over it learns that it is about to go: what was asked before it was told to stop, and is answered after, says so.
#[test]
fn it_is_not_ready_while_it_stops() {
    let folder = TempDir::new().unwrap();
    let mut process = Start::new(SERVER, folder.path(), &studio()).run();
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(process.address()).unwrap();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\n{{").as_bytes())
            .unwrap();
        stream
    };
    let answer = |mut stream: TcpStream| {
        stream.write_all(b"}").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        Answer::parse(&answer).status
    };
    let (ready, live) = (ask("/ready"), ask("/health"));
    assert_eq!(process.stranger().get("/ready").status, 200);
    process.ask_to_stop();
    let told = Instant::now();
    while TcpStream::connect(process.address()).is_ok() {
        assert!(told.elapsed() < Duration::from_secs(10), "it still lets people in");
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!((answer(ready), answer(live)), (503, 200));
    assert!(process.ended().success(), "{}", process.log());
}

/// Secrets stand in the database: whoever else is on the machine can read none of its files, whatever the umask.
#[test]
fn its_files_are_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let process = start.run();
    let backend = process.stranger().with_key(&studio()[0].secret);
    assert_eq!(backend.reserve("1", &reservation("1", "WELCOME20", 1440)).status, 201);
    let kept = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
    let kept: Vec<_> = kept.filter(|entry| entry.file_name().to_string_lossy().starts_with("test.sqlite")).collect();
    assert!(kept.len() >= 4, "the database, its log, its index, its lock: {kept:?}");
    for entry in kept {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?} has mode {mode:o}", entry.file_name());
    }
}

/// Somebody else writes to the file for longer than anybody waits: that is no broken disk. Callers are told to come back, and can.
#[test]
fn a_busy_database_is_waited_for_and_survived() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let mut process = start.run();
    let backend = process.stranger().with_key(&studio()[0].secret);
    let other = rusqlite::Connection::open(start.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = backend.reserve("1", &reservation("1", "WELCOME20", 1440));
    let _ = busy.problem(503, "unavailable");
    assert!(!busy.header("retry-after").is_empty());
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(backend.reserve("1", &reservation("1", "WELCOME20", 1440)).status, 201);
    assert!(process.stop().success(), "{}", process.log());
}

/// Where it may open few files, connections that do nothing do not keep those out that ask.
#[test]
fn idle_connections_do_not_use_up_its_file_handles() {
    for (soft, hard, idle) in [(64, "unlimited", 100), (200, "200", 20)] {
        let folder = TempDir::new().unwrap();
        let start = Start::new(SERVER, folder.path(), &studio()).with_open_files(soft, hard);
        let process = start.run();
        let idle: Vec<_> = (0..idle).map(|_| TcpStream::connect(process.address()).unwrap()).collect();
        let backend = process.stranger().with_key(&studio()[0].secret);
        assert_eq!(backend.reserve("1", &reservation("1", "WELCOME20", 1440)).status, 201, "{}", process.log());
        assert!(!process.log().contains("not accepted"), "{}", process.log());
        drop(idle);
    }
}

/// Started with the same seed again, it leaves everything as it is.
#[test]
fn starting_again_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let mut process = start.run();
    let backend = |process: &Process| process.stranger().with_key(&studio()[0].secret);
    let kept = |process: &Process| -> Vec<Value> {
        let get = |path: &str| backend(process).get(path).expect(200);
        vec![get("/v1/site"), get("/v1/catalog"), get("/v1/promotions?limit=100"), get("/v1/redemptions?limit=100")]
    };
    let listed = backend(&process).get("/v1/promotions?limit=100").expect(200);
    let welcome = listed["promotions"].as_array().unwrap().iter().find(|one| one["codes"][0] == "WELCOME20").unwrap();
    let path = format!("/v1/promotions/{}", welcome["id"].as_str().unwrap());
    let edit = json!({ "terms": terms("Edited", 3000, &json!({})) });
    assert_eq!(backend(&process).put(&path, &edit).status, 200);
    assert_eq!(backend(&process).reserve("1", &reservation("1", "LAST", 1620)).status, 201);
    let before = kept(&process);
    process.kill();
    let mut process = start.run();
    assert_eq!(kept(&process), before, "after a kill");
    assert!(process.stop().success());
    assert_eq!(kept(&start.run()), before, "after a stop");
}

/// What it cannot be started with is told in words, all of it, and nothing panics.
#[test]
fn wrong_settings_are_told() {
    let folder = TempDir::new().unwrap();
    let database = format!("sqlite:{}", folder.path().join("test.sqlite").display());
    std::fs::write(folder.path().join("bad.json"), r#"{"sites":[{"id":"studio","colour":"red"}]}"#).unwrap();
    let bad_seed = folder.path().join("bad.json").display().to_string();
    for (settings, told) in [
        (vec!["serve"], "--database"),
        (vec!["serve", "--database", "mysql://x"], "--database"),
        (vec!["serve", "--database", "postgres://ana:hush@127.0.0.1:1/codes"], "`codes` at `127.0.0.1`"),
        (vec!["serve", "--database", &database, "--listen", "here"], "--listen"),
        (vec!["serve", "--database", &database, "--listen", "127.0.0.1:99999"], "--listen"),
        (vec!["serve", "--database", &database, "--www", "/nowhere"], "--www"),
        (vec!["serve", "--database", &database, "--seed", "/nowhere.json"], "--seed"),
        (vec!["serve", "--database", &database, "--seed", &bad_seed], "colour"),
        (vec!["serve", "--database", "sqlite:/nowhere/test.sqlite"], "/nowhere/test.sqlite"),
        (vec!["sing"], "sing"),
    ] {
        let mut command = program(SERVER);
        // Whoever tests may have a server up at the usual place.
        command.args(&settings).env("TEAROFF_LISTEN", "127.0.0.1:0");
        let (status, said) = run_to_its_end(command);
        assert!(!status.success() && said.contains(told) && !said.contains("panicked"), "{settings:?}: {said}");
        assert!(!said.contains("hush"), "a password is never told: {said}");
    }
}

/// Everybody knows the demo's secret key: with it a server works on its own machine, and for others only where that is said.
#[test]
fn the_demos_secret_key_is_for_this_machine_alone() {
    const DEMO: &str = include_str!("../../../www/booking/seed.json");
    let exposing: [&[&str]; 3] =
        [&["--listen", "0.0.0.0:0"], &["--trusted-proxy", "127.0.0.1"], &["--public-origin", "https://codes.example"]];
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &[]);
    let empty = std::fs::read(start.seed()).unwrap();
    std::fs::write(start.seed(), DEMO).unwrap();
    let refuse = |what: &str| {
        for settings in exposing {
            let (status, said) = run_to_its_end(start.clone().with_settings(settings).command());
            assert!(!status.success() && said.contains("--allow-published-keys"), "{what} {settings:?}: {said}");
        }
    };
    refuse("seeded");
    assert!(start.run().stop().success());
    std::fs::write(start.seed(), empty).unwrap();
    refuse("kept from an earlier seed");
    let allowed = start.clone().with_settings(&["--public-origin", "https://codes.example", "--allow-published-keys"]);
    assert!(allowed.run().stop().success());
    let here = start.with_settings(&["--public-origin", "http://localhost:8600"]);
    assert!(here.run().stop().success());
}

#[test]
fn health_and_the_document_need_no_key() {
    let folder = TempDir::new().unwrap();
    let process = Start::new(SERVER, folder.path(), &studio()).run();
    let stranger = process.stranger();
    for path in ["/health", "/healthz", "/ready", "/readyz"] {
        assert_eq!(stranger.get(path).status, 200, "{path}");
    }
    let document = stranger.get("/v1/openapi.json").expect(200);
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", document["openapi"]);
    for path in [
        "/v1/lookups",
        "/v1/quotes",
        "/v1/redemptions",
        "/v1/redemptions/{id}",
        "/v1/redemptions/{id}/place",
        "/v1/redemptions/{id}/confirm",
        "/v1/redemptions/{id}/release",
        "/v1/promotions",
        "/v1/promotions/{id}",
        "/v1/promotions/{id}/activate",
        "/v1/promotions/{id}/deactivate",
        "/v1/catalog",
        "/v1/site",
    ] {
        assert!(document["paths"][path].is_object(), "{path} is not described");
    }
}
