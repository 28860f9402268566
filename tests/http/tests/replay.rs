//! `tearoff replay --all`: what is kept of every redemption, evaluated again (R67).

use std::process::Command;

use rusqlite::Connection;
use serde_json::{Value, json};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, lookup, reservation, terms};

/// What it says of a database, and whether it found nothing.
fn replay(harness: &Harness) -> (Vec<Value>, Option<i32>) {
    let (lines, code, _) = replay_said(harness);
    (lines, code)
}

/// The same, with what it says beside.
fn replay_said(harness: &Harness) -> (Vec<Value>, Option<i32>, String) {
    let database = format!("sqlite:{}", harness.database().display());
    let ended = Command::new(env!("CARGO_BIN_EXE_server-under-test"))
        .args(["replay", "--all", "--database", &database])
        .output()
        .unwrap();
    let lines = String::from_utf8(ended.stdout).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (lines, ended.status.code(), String::from_utf8(ended.stderr).unwrap())
}

/// Redemptions of every sort: without a code, with a snapshot, of older terms, of a promotion that is off, of two sites.
fn redeemed() -> Harness {
    let harness = Harness::with(vec![Site::studio("one"), Site::studio("two")]);
    let backend = harness.backend();
    let mut plain = reservation("plain", "WELCOME20", 1800);
    plain["codes"] = json!([]);
    assert_eq!(backend.reserve("plain", &plain).status, 201);
    let shown = backend.post("/v1/lookups", &lookup("WELCOME20")).expect(200);
    let mut priced = reservation("priced", "WELCOME20", 1440);
    priced["snapshot"] = shown["snapshot"].clone();
    priced["customer"] = json!({ "email": "ana@example.com" });
    assert_eq!(backend.reserve("priced", &priced).status, 201);
    assert_eq!(backend.reserve("last", &reservation("last", "LAST", 1620)).status, 201);
    let promotions = backend.get("/v1/promotions?limit=100").expect(200)["promotions"].clone();
    for promotion in promotions.as_array().unwrap() {
        let path = format!("/v1/promotions/{}", promotion["id"].as_str().unwrap());
        assert_eq!(backend.put(&path, &json!({ "terms": terms("After", 500, &json!({})) })).status, 200);
        assert_eq!(backend.request("POST", &format!("{path}/deactivate")).send().status, 200);
    }
    let mut two = reservation("two", "WELCOME20", 2880);
    two["cart"] = cart("yoga", 2);
    assert_eq!(harness.backend_of(1).reserve("two", &two).status, 201);
    harness
}

#[test]
fn every_redemption_gives_the_same_bytes() {
    let harness = redeemed();
    let (lines, code) = replay(&harness);
    let count = json!({ "engine": tearoff_core::ENGINE, "redemptions": 4, "same": 4, "differ": 0, "other_engine": 0, "at_fault": 0 });
    assert_eq!((lines.as_slice(), code), (&[count][..], Some(0)), "beside the server that runs");
}

#[test]
fn what_was_changed_behind_our_back_is_told() {
    let harness = redeemed();
    let database = Connection::open(harness.database()).unwrap();
    let change = |what: &str, order: &str| {
        let sql = format!("UPDATE redemptions SET {what} WHERE order_reference = ?1");
        assert_eq!(database.execute(&sql, [order]).unwrap(), 1);
    };
    change("total_minor = 1441", "priced");
    change("cart = x'00ff'", "last");
    change("engine = 0", "two");
    // Another sum in the bytes of the quote itself: 1800 becomes 1801.
    let result: Vec<u8> = database
        .query_row("SELECT result FROM redemptions WHERE order_reference = 'plain'", [], |row| row.get(0))
        .unwrap();
    let at = result.windows(2).position(|bytes| bytes == [0x88, 0x0e]).unwrap();
    let mut bent = result.clone();
    bent[at] = 0x89;
    let sql = "UPDATE redemptions SET result = ?1 WHERE order_reference = 'plain'";
    assert_eq!(database.execute(sql, [bent]).unwrap(), 1);
    let (lines, code) = replay(&harness);
    assert_eq!(code, Some(1));
    let [plain, priced, last, count] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(plain["byte"], json!(at), "{plain}");
    assert!(plain["differences"].as_array().is_some_and(|all| all.iter().any(|one| one["then"] == 1801)), "{plain}");
    assert_eq!(priced["differences"], json!([{ "field": "total_minor", "then": 1441, "now": 1440 }]));
    assert!(priced["redemption"].as_str().is_some_and(|id| id.starts_with("red_")) && priced.get("byte").is_none());
    assert_eq!(last["unreadable"], "cart");
    let want = json!({ "engine": tearoff_core::ENGINE, "redemptions": 4, "same": 0, "differ": 2, "other_engine": 1, "at_fault": 1 });
    assert_eq!(*count, want);
}

/// A replay that compares nothing has found nothing out, and does not pass for one that has.
#[test]
fn a_database_of_another_engine_is_told() {
    let harness = redeemed();
    let database = Connection::open(harness.database()).unwrap();
    database.execute("UPDATE redemptions SET engine = 0", []).unwrap();
    let (lines, code, said) = replay_said(&harness);
    let want = json!({ "engine": tearoff_core::ENGINE, "redemptions": 4, "same": 0, "differ": 0, "other_engine": 4, "at_fault": 0 });
    assert_eq!((lines.as_slice(), code), (&[want][..], Some(2)));
    assert!(said.contains("nothing was compared: 4 redemptions"), "{said}");
    assert_eq!(replay(&Harness::open()).1, Some(0), "where there is nothing, nothing is left out");
}

#[test]
fn a_database_that_is_not_there_is_told() {
    let ask = |arguments: &[&str]| {
        let ended =
            Command::new(env!("CARGO_BIN_EXE_server-under-test")).arg("replay").args(arguments).output().unwrap();
        (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
    };
    let (code, said) = ask(&["--all", "--database", "sqlite:/nowhere/tearoff.sqlite"]);
    assert!(code == Some(2) && said.contains("/nowhere/tearoff.sqlite"), "{said}");
    for arguments in [&["--all"][..], &["--database", "sqlite:a"], &["--all", "--database", "a"]] {
        assert_eq!(ask(arguments).0, Some(2), "{arguments:?}");
    }
}
