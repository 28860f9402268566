//! Databases that earlier releases have left, as files in `tests/releases`: this version opens them, finds all that is in them, and goes on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use chrono::TimeDelta;
use rusqlite::Connection;
use serde_json::{Value, json};
use tearoff_http_tests::harness::{Harness, redemptions};
use tearoff_http_tests::process::program;
use tearoff_http_tests::release::{asked, order, reverse, sites, steps};
use tearoff_http_tests::site::reservation;
use tearoff_postgres_tests::Cluster;
use tearoff_server::config::Database;
use tearoff_server::store::transfer::{Flaw, TransferError, export, import};
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");

/// What every release has left: the path of its files, without their endings.
fn releases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../releases");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut found: Vec<PathBuf> = files
        .filter(|file| file.extension().is_some_and(|ending| ending == "sqlite"))
        .map(|file| file.with_extension(""))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

fn sqlite(release: &Path) -> PathBuf {
    release.with_added_extension("sqlite")
}

/// A server on a database, some time after the release has left it.
fn serve(database: &Database) -> Harness {
    let harness = Harness::configured(sites(), |config| config.database = database.clone());
    harness.clock().advance(TimeDelta::days(2));
    harness
}

fn run(arguments: &[&str]) -> Output {
    program(SERVER).args(arguments).output().unwrap()
}

/// Evaluates all that is kept again.
fn replay(database: &str, redemptions: u64) {
    let output = run(&["replay", "--all", "--database", database]);
    let count: Value = serde_json::from_slice(&output.stdout).unwrap();
    let [same, other, differ, at_fault] =
        ["same", "other_engine", "differ", "at_fault"].map(|name| count[name].as_u64().unwrap());
    assert_eq!((same + other, differ, at_fault), (redemptions, 0, 0), "{count}");
}

/// All that is in it is found, and all that can be done with it can still be done.
fn goes_on(harness: &Harness) {
    let backend = harness.backend();
    let kept = redemptions(&backend);
    let of = |order: &str| kept.iter().find(|one| one["order"] == order).unwrap_or_else(|| panic!("no `{order}`"));
    let states: BTreeSet<&str> = kept.iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, BTreeSet::from(["confirmed", "expired", "placed", "released", "reversed"]));
    // What was promised holds.
    assert_eq!(steps(&backend, of("last"), &["confirm"])["state"], "confirmed");
    assert_eq!(reverse(&backend, of("percent"), &json!({ "cause": "cancelled" }))["state"], "reversed");
    assert_eq!(reverse(&backend, of("limited"), &json!({ "cause": "cancelled" }))["left_minor"], 0);
    let rest = backend.request("POST", &format!("/v1/redemptions/{}/reverse", of("part")["id"].as_str().unwrap()));
    let rest = rest.header("Idempotency-Key", "the-rest").json(&json!({ "cause": "cancelled" })).send().expect(200);
    assert_eq!(rest["state"], "reversed", "after one part, the others");
    let _ = backend.reserve("later", &reservation("later", "LAST", 1620)).problem(409, "usage_limit_reached");
    let _ = backend.reserve("fixed-2", &reservation("fixed", "FIXED", 1300)).problem(409, "order_already_redeemed");
    // And what is new is as it was, but where a limit has something else left, or another cart took the place.
    let differ = ["limited", "part", "replaced"];
    let alike = |one: &&Value| one["state"] == "confirmed" && !differ.iter().any(|order| one["order"] == *order);
    assert!(kept.iter().filter(alike).count() > 10);
    for (number, one) in kept.iter().filter(alike).enumerate() {
        let codes = &one["quote"]["decisions"];
        let code = codes.as_array().unwrap().iter().find_map(|decision| decision["code"].as_str());
        let customer = match one["order"].as_str().unwrap() {
            "private" => Some("ana"),
            "standing" => Some("bob"),
            _ => None,
        };
        let again = order(&backend, &format!("again-{number}"), code, customer);
        if one["engine"] == again["engine"] {
            assert_eq!(again["quote"], one["quote"], "{}", one["order"]);
        }
        assert_eq!(steps(&backend, &again, &["place", "confirm"])["state"], "confirmed");
    }
    assert!(backend.get("/v1/edits").expect(200)["edits"].as_array().is_some_and(|edits| edits.len() > 20));
    assert_eq!(backend.get("/v1/customers").expect(200)["customers"].as_array().map(Vec::len), Some(5));
}

fn count(database: &Connection, sql: &str) -> u64 {
    database.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap().into()
}

#[test]
fn every_release_goes_on() {
    for release in releases() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("test.sqlite");
        std::fs::copy(sqlite(&release), &file).unwrap();
        let look = || Connection::open(&file).unwrap();
        let left = count(&look(), "SELECT count(*) FROM redemptions");
        let database = Database::Sqlite(file.clone());
        let harness = serve(&database);
        let here = database.to_string();
        replay(&here, left);
        // Moved before anything else is done with it.
        let mut all = Vec::new();
        let _ = export(&database, &mut all, &mut |_| {}).unwrap();
        goes_on(&harness);
        drop(harness);
        replay(&here, count(&look(), "SELECT count(*) FROM redemptions"));
        let sound: String = look().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!((sound.as_str(), count(&look(), "SELECT count(*) FROM pragma_foreign_key_check")), ("ok", 0));
        let there = Database::parse(&Cluster::shared().database().url).unwrap();
        let _ = import(&there, &mut &all[..], &mut |_, _| {}).unwrap();
        let harness = serve(&there);
        goes_on(&harness);
    }
}

/// A request that an older release has answered, and whose answer was lost, is sent again after the upgrade: what was kept of it is understood, the
/// same request is known again, and another one under its key is not taken for it.
#[test]
fn a_retry_across_an_upgrade_is_told_what_it_was_told_before() {
    for release in releases() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("test.sqlite");
        std::fs::copy(sqlite(&release), &file).unwrap();
        // Within the time for which answers are kept.
        let harness = Harness::configured(sites(), |config| config.database = Database::Sqlite(file.clone()));
        harness.clock().advance(TimeDelta::hours(3));
        let backend = harness.backend();
        let before = redemptions(&backend);
        let of =
            |order: &str| before.iter().find(|one| one["order"] == order).unwrap_or_else(|| panic!("no `{order}`"));
        for (key, code, customer) in [("percent", "WELCOME20", None), ("limited", "LIMITED", Some("ana"))] {
            let mut request = asked(&backend, Some(code), customer);
            request["seen"] = json!({ "total_minor": of(key)["total_minor"] });
            request["order"] = json!(key);
            let again = backend.reserve(key, &request);
            assert!(again.is_replayed(), "{key}: {}", again.text());
            assert_eq!((again.status, &again.json()["id"]), (200, &of(key)["id"]), "{key}");
            request["order"] = json!("another");
            let _ = backend.reserve(key, &request).problem(422, "idempotency_key_reused");
        }
        let refused = backend.reserve("late", &reservation("late", "LAST", 1620));
        let _ = refused.problem(409, "usage_limit_reached");
        assert!(refused.is_replayed());
        assert_eq!(redemptions(&backend), before, "nothing is recorded twice");
    }
}

/// What this version would export itself is imported; what a version with another schema exported is refused, and says what to do.
#[test]
fn every_export_is_taken_or_refused_in_clear_words() {
    for release in releases() {
        let file = std::fs::read(release.with_added_extension("jsonl")).unwrap();
        let folder = TempDir::new().unwrap();
        let copy = folder.path().join("test.sqlite");
        std::fs::copy(sqlite(&release), &copy).unwrap();
        let here = Database::Sqlite(copy);
        let before = export(&here, &mut std::io::sink(), &mut |_| {});
        let url = Cluster::shared().database().url;
        let there = Database::parse(&url).unwrap();
        let imported = import(&there, &mut &file[..], &mut |_, _| {});
        if before.is_err() {
            let refused = imported.unwrap_err();
            let is_old = matches!(refused, TransferError::Invalid { line: 1, flaw: Flaw::Schema { .. } });
            assert!(is_old && refused.to_string().contains("brings an older database up to date"), "{refused}");
            continue;
        }
        let told = imported.unwrap();
        let mut again = Vec::new();
        let _ = export(&there, &mut again, &mut |_| {}).unwrap();
        assert!(again == file, "byte by byte");
        let redeemed = told.rows.iter().find(|(table, _)| *table == "redemptions").unwrap().1;
        replay(&url, redeemed);
        goes_on(&serve(&there));
    }
}
