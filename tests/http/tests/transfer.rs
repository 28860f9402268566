//! `tearoff export` and `tearoff import`: everything of a database, from one kind to the other and back.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;
use tearoff_http_tests::harness::redemptions;
use tearoff_http_tests::process::{Process, Start, program};
use tearoff_http_tests::site::{Site, reservation, reservation_of};
use tearoff_postgres_tests::Cluster;
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");

fn studio() -> [Site; 1] {
    [Site::studio("studio")]
}

fn ask(arguments: &[&str]) -> Output {
    program(SERVER).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// The same, which must go well; what it writes.
fn done(arguments: &[&str]) -> Vec<u8> {
    let output = ask(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    output.stdout
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn sqlite(folder: &Path, name: &str) -> String {
    format!("sqlite:{}", folder.join(name).display())
}

fn files(folder: &Path) -> Vec<String> {
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    files
}

/// Orders of some customers, a few of them confirmed, released and cancelled.
fn sell(process: &Process) {
    let backend = process.stranger().with_key(&studio()[0].secret);
    for order in 0..20 {
        let (name, customer) =
            (order.to_string(), serde_json::json!({ "email": format!("ana{}@example.com", order % 7) }));
        let made = backend.reserve(&name, &reservation_of(&name, "WELCOME20", 1440, customer)).expect(201);
        let path = format!("/v1/redemptions/{}", made["id"].as_str().unwrap());
        let steps: &[&str] = [&["place", "confirm"][..], &["release"], &["place"], &[]][order % 4];
        for step in steps {
            let _ = backend.request("POST", &format!("{path}/{step}")).send().expect(200);
        }
        if order == 8 {
            let part = serde_json::json!({ "cause": "cancelled" });
            let reverse = backend.request("POST", &format!("{path}/reverse")).header("Idempotency-Key", "8-back");
            let _ = reverse.json(&part).send().expect(200);
        }
    }
}

#[test]
fn a_studio_moves_to_postgresql_and_back() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let mut process = start.run();
    sell(&process);
    let here = format!("sqlite:{}", start.database().display());
    let all = done(&["export", "--database", &here]);
    let kept = redemptions(&process.stranger().with_key(&studio()[0].secret));
    assert!(process.stop().success(), "and the server went on meanwhile");
    let there = Cluster::shared().database().url;
    let export = folder.path().join("all.jsonl");
    std::fs::write(&export, &all).unwrap();
    let told = done(&["import", "--database", &there, export.to_str().unwrap()]);
    let rows = serde_json::from_slice::<Value>(&told).unwrap()["rows"].clone();
    assert_eq!((&rows["redemptions"], &rows["sites"], &rows["reversals"]), (&20.into(), &1.into(), &1.into()));
    let from_there = done(&["export", "--database", &there]);
    assert!(from_there == all, "byte by byte");
    // From a pipe, too.
    let back = sqlite(folder.path(), "back.sqlite");
    let mut import = program(SERVER)
        .args(["import", "--database", &back])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    import.stdin.take().unwrap().write_all(&from_there).unwrap();
    assert!(import.wait().unwrap().success());
    assert_eq!(folder.path().join("back.sqlite").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(done(&["export", "--database", &back]) == all, "byte by byte");
    for database in [&there, &back] {
        let replayed: Value = serde_json::from_slice(&done(&["replay", "--all", "--database", database])).unwrap();
        assert_eq!((&replayed["same"], &replayed["redemptions"]), (&20.into(), &20.into()));
        let mut process = start.clone().on(database).run();
        let backend = process.stranger().with_key(&studio()[0].secret);
        assert_eq!(redemptions(&backend), kept, "the same keys lead to the same redemptions");
        let made = backend.reserve("new", &reservation("new", "WELCOME20", 1440)).expect(201);
        let place = format!("/v1/redemptions/{}/place", made["id"].as_str().unwrap());
        let _ = backend.request("POST", &place).send().expect(200);
        assert_eq!(backend.reserve("0", &reservation("0", "WELCOME20", 1440)).status, 422, "a key that is taken");
        assert!(process.stop().success(), "{}", process.log());
    }
}

#[test]
fn a_file_is_whole_and_its_owners_and_overwrites_nothing() {
    let (folder, made) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let start = Start::new(SERVER, folder.path(), &studio());
    let mut process = start.run();
    sell(&process);
    assert!(process.stop().success());
    let database = format!("sqlite:{}", start.database().display());
    let before = files(folder.path());
    let export = made.path().join("all.jsonl");
    let name = export.to_str().unwrap();
    let told: Value = serde_json::from_slice(&done(&["export", "--database", &database, "--output", name])).unwrap();
    assert_eq!(told["rows"]["redemptions"], 20);
    assert_eq!(export.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(files(folder.path()), before, "it leaves nothing beside the database");
    let all = std::fs::read(&export).unwrap();
    assert!(all == done(&["export", "--database", &database]));
    std::fs::write(made.path().join("taken.partial"), "somebody's").unwrap();
    std::fs::write(made.path().join("cut.jsonl"), &all[..all.len() / 2]).unwrap();
    let path = |name: &str| made.path().join(name).to_str().unwrap().to_owned();
    let (new, cut) = (sqlite(made.path(), "new.sqlite"), path("cut.jsonl"));
    let kept = files(made.path());
    for (arguments, why) in [
        (vec!["export", "--database", &database, "--output", name], "nothing is overwritten"),
        (vec!["export", "--database", &database, "--output", &path("taken")], "taken.partial"),
        (vec!["export", "--database", &database, "--output", &path("nowhere/all")], "cannot be written"),
        (vec!["export", "--database", &new, "--output", &path("more")], "new.sqlite"),
        (vec!["export", "--database", "postgres://ana:hush@127.0.0.1:1/codes"], "`codes` at `127.0.0.1`"),
        (vec!["export", "--database", "mysql:hush"], "--database"),
        (vec!["import", "--database", &new, &cut], "is cut, or missing: the export is not whole; nothing was imported"),
        (vec!["import", "--database", &new, &path("nowhere")], "nowhere"),
        (vec!["import", "--database", &new], "line 1 is not how an export begins"),
        (vec!["import", "--database", &database, name], "there are rows in `sites`"),
        (vec!["import", "--database", "postgres://ana:hush@127.0.0.1:1/codes", name], "`codes` at `127.0.0.1`"),
    ] {
        let output = ask(&arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(why) && !said.contains("hush") && !said.contains("panicked"), "{why}: {said}");
        assert_eq!(files(made.path()), kept, "{why}");
    }
    assert!(all == done(&["export", "--database", &database]), "what is refused changes nothing");
    let mut process = start.run();
    let output = ask(&["import", "--database", &database, name]);
    assert!(said(&output).contains("is in use by another server"), "{}", said(&output));
    assert!(process.stop().success());
}

/// A disk that is too small for what is imported: nothing is wrong with any line, nothing is done, and nothing stays.
#[test]
fn a_full_disk_is_said_to_be_full() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let mut process = start.run();
    let item = |number: u32| {
        let prices = serde_json::json!([{ "currency": "EUR", "amount_minor": 1000 }]);
        serde_json::json!({ "id": format!("item-{number:07}"), "name": "n".repeat(100), "kind": "product", "prices": prices })
    };
    let items: Vec<Value> = (0..10_000).map(item).collect();
    let owner = process.stranger().with_key(&studio()[0].secret);
    let put = owner.request("PUT", "/v1/catalog").header("If-Match", "*");
    assert_eq!(put.json(&serde_json::json!({ "items": items })).send().status, 200);
    assert!(process.stop().success());
    let (all, small) = (folder.path().join("all.jsonl"), folder.path().join("small"));
    let database = format!("sqlite:{}", start.database().display());
    let _ = done(&["export", "--database", &database, "--output", all.to_str().unwrap()]);
    std::fs::create_dir(&small).unwrap();
    let on_a_small_disk = |command: &str| {
        // A disk of its own, gone with the process: only root may have one.
        let mounted = format!("mount -t tmpfs -o size=2m none \"$1\" && {command}");
        let here = sqlite(&small, "new.sqlite");
        program("unshare")
            .args([
                "--mount",
                "sh",
                "-c",
                &mounted,
                "sh",
                small.to_str().unwrap(),
                SERVER,
                &here,
                all.to_str().unwrap(),
            ])
            .output()
            .unwrap()
    };
    if !on_a_small_disk("true").status.success() {
        eprintln!("no disk can be mounted here");
        return;
    }
    let output = on_a_small_disk("\"$2\" import --database \"$3\" \"$4\"; code=$?; ls \"$1\" >&2; exit $code");
    let told = said(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("the database failed: the disk is full"), "{told}");
    assert!(!told.contains("line ") && !told.contains("done") && !told.contains("sqlite\n"), "{told}");
}
