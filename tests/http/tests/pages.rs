//! What a page may do where no backend redeems for it (R55), and what it may not do to the host or to other visitors.

use rusqlite::Connection;
use serde_json::{Value, json};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, reservation};

fn open() -> Harness {
    Harness::with(vec![Site::studio("tag").whose_tag_redeems()])
}

/// What the tag sends for an order of one yoga class.
fn order(reference: &str, code: &str, total_minor: u64) -> Value {
    placed(reservation(reference, code, total_minor))
}

fn placed(mut body: Value) -> Value {
    body["place"] = json!(true);
    body
}

fn answers_kept(harness: &Harness) -> u32 {
    let look = Connection::open(harness.database()).expect("the database");
    look.query_row("SELECT count(*) FROM answers", [], |row| row.get(0)).expect("a count")
}

/// Anybody can be refused as often as they like: nothing is kept of it, and the same request is considered again.
#[test]
fn a_refusal_leaves_nothing_behind() {
    let harness = open();
    let page = harness.page();
    let holder = harness.backend().reserve("holder", &reservation("0", "LAST", 1620)).expect(201);
    let kept = answers_kept(&harness);
    for round in 0..10 {
        let changed = page.reserve(&format!("changed-{round}"), &order("1", "WELCOME20", 1));
        let _ = changed.problem(409, "quote_changed");
        let _ = page.reserve("late", &order("2", "LAST", 1620)).problem(409, "usage_limit_reached");
    }
    assert_eq!(answers_kept(&harness), kept);
    let release = format!("/v1/redemptions/{}/release", holder["id"].as_str().expect("an id"));
    assert_eq!(harness.backend().request("POST", &release).send().status, 200);
    assert_eq!(page.reserve("late", &order("2", "LAST", 1620)).status, 201, "there is room now");
    let again = page.reserve("late", &order("2", "LAST", 1620));
    assert!(again.status == 200 && again.is_replayed(), "what was recorded is told again: {}", again.text());
}
