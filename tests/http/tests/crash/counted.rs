//! What must hold after the server is up again.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tearoff_http_tests::client::Client;
use tearoff_http_tests::harness::redemptions;
use tearoff_http_tests::site::reservation;

/// How many of the acknowledged are not recorded.
pub(super) fn lost(backend: &Client, acknowledged: &BTreeMap<String, String>) -> usize {
    let recorded: Vec<Value> = redemptions(backend).iter().map(|redemption| redemption["id"].clone()).collect();
    acknowledged.values().filter(|id| !recorded.contains(&Value::from(id.as_str()))).count()
}

/// What was acknowledged is recorded under the same id, is found again by its key, and the list is in the order of time.
pub(super) fn everything_is_there(backend: &Client, acknowledged: &BTreeMap<String, String>) {
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
pub(super) fn sound(database: &Path, most: u32) {
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
