//! The contract on SQLite, and what only SQLite has.

use std::path::PathBuf;

use chrono::TimeDelta;
use rusqlite::Connection;
use serde_json::json;
use tearoff_core::id::CustomerId;
use tearoff_core::redemption::State;
use tearoff_server::config;
use tearoff_server::customers::CustomerDraft;
use tearoff_server::store::sqlite::{OpenError, open};
use tearoff_store_tests::ledger::Asked;
use tearoff_store_tests::{Database, Ledger};
use tempfile::TempDir;

/// A file in a folder of its own.
struct Sqlite {
    folder: TempDir,
}

impl Sqlite {
    fn path(&self) -> PathBuf {
        self.folder.path().join("test.sqlite")
    }

    /// Whether these words stand somewhere in its file, or in its log.
    fn holds(&self, words: &str) -> bool {
        let path = self.path();
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        [path.into(), log]
            .map(|file| std::fs::read(file).unwrap_or_default())
            .iter()
            .any(|bytes| bytes.windows(words.len()).any(|window| window == words.as_bytes()))
    }

    fn look(&self) -> Connection {
        Connection::open(self.path()).expect("the file")
    }

    fn count(&self, table: &str) -> u32 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.look().query_row(&sql, [], |row| row.get(0)).expect("a count")
    }
}

impl Database for Sqlite {
    fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder") }
    }

    fn name(&self) -> config::Database {
        config::Database::Sqlite(self.path())
    }
}

tearoff_store_tests::contract!(Sqlite);

#[test]
fn a_second_writer_is_refused_in_clear_words() {
    let ledger = Ledger::<Sqlite>::open();
    let path = ledger.database().path();
    let refused = open(&path).err().expect("a refusal");
    assert!(matches!(refused, OpenError::InUse(_)));
    assert_eq!(
        refused.to_string(),
        format!("`{}` is in use by another server; only one may write to it", path.display())
    );
    let _ = ledger.granted(&Asked::of("A-1", "LAST"));
}

#[test]
fn a_schema_from_the_future_is_refused() {
    let database = Sqlite::new();
    drop(database.open());
    database.look().pragma_update(None, "user_version", 999).expect("writing");
    let refused = open(&database.path()).err().expect("a refusal");
    assert!(matches!(refused, OpenError::Newer { found: 999, .. }), "{refused}");
}

#[test]
fn what_is_no_database_is_refused() {
    let database = Sqlite::new();
    std::fs::write(database.path(), "not a database, but long enough to be looked at").expect("writing");
    let refused = open(&database.path()).err().expect("a refusal");
    assert!(matches!(refused, OpenError::Database(..)), "{refused}");
}

#[test]
fn commits_are_fully_durable_and_references_hold() {
    let ledger = Ledger::<Sqlite>::open();
    let _ = ledger.granted(&Asked::of("A-1", "LAST"));
    let look = ledger.database().look();
    let mode: String = look.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("a mode");
    assert_eq!(mode, "wal");
    let check: String = look.pragma_query_value(None, "integrity_check", |row| row.get(0)).expect("a check");
    assert_eq!(check, "ok");
    let broken = look.prepare("PRAGMA foreign_key_check").expect("a check").exists([]).expect("a check");
    assert!(!broken);
}

/// A row that something has damaged: the hold in it keeps its use, and every other hold ends as it must.
#[test]
fn a_hold_that_cannot_be_read_keeps_no_other_from_ending() {
    let ledger = Ledger::<Sqlite>::open();
    let (damaged, sound) = (ledger.granted(&Asked::of("A-1", "LAST")), ledger.granted(&Asked::of("A-2", "THREE")));
    let id = damaged.id.as_bytes().as_slice();
    let changed = ledger.database().look().execute("UPDATE redemptions SET currency = '?' WHERE id = ?1", [id]);
    assert_eq!(changed, Ok(1));
    ledger.wait(TimeDelta::minutes(20));
    ledger.write(|_, _| Ok(())).expect("a batch");
    let state = |id| ledger.read(|read| read.redemption(sound.site, id)).expect("reading").map(|found| found.state);
    assert_eq!((state(sound.id), ledger.used("THREE")), (Some(State::Expired), 0));
    let later = ledger.granted(&Asked::of("A-3", "THREE"));
    ledger.wait(TimeDelta::minutes(20));
    assert_eq!(ledger.refused(&Asked::of("A-4", "LAST")), "usage_limit_reached", "readers and the writer agree");
    assert_eq!(state(later.id), Some(State::Expired));
    // Mended and put back, it ends like any other.
    let mended = "UPDATE redemptions SET currency = 'EUR', set_aside = 0 WHERE id = ?1";
    assert_eq!(ledger.database().look().execute(mended, [id]), Ok(1));
    assert_eq!(ledger.granted(&Asked::of("A-5", "LAST")).state, State::Reserved);
    ledger.audit();
}

#[test]
fn without_a_limit_no_counter_is_written() {
    let ledger = Ledger::<Sqlite>::open();
    let before = ledger.database().count("counters");
    for number in 0..3 {
        let asked = Asked::of(format!("A-{number}"), "FREELY").by(json!({ "email": "ana@example.com" }));
        let _ = ledger.granted(&asked);
    }
    assert_eq!(ledger.database().count("counters"), before);
    assert_eq!(ledger.database().count("uses"), 3);
}

#[test]
fn a_redemption_takes_at_most_a_kilobyte_and_tells_no_secret() {
    let ledger = Ledger::<Sqlite>::open();
    let asked = Asked::of("A-1", "BOTH").by(json!({ "email": "ana@example.com", "account": "ana-7" }));
    let _ = ledger.granted(&asked);
    let look = ledger.database().look();
    let bytes: u32 = look
        .query_row(
            "SELECT length(cart) + length(facts) + length(result) + length(digests) + length(customer) + length(id) \
             + length(order_reference) + length(fingerprint) + 60 FROM redemptions",
            [],
            |row| row.get(0),
        )
        .expect("a length");
    assert!(bytes <= 1024, "{bytes}");
    drop(ledger.read(|read| read.find_site("studio")));
    assert!(ledger.database().holds("A-1"), "what is searched is there");
    for secret in ["ana@example.com", "ana-7", "sk_studio_", "pk_studio_", "key of A-1"] {
        assert!(!ledger.database().holds(secret), "`{secret}` stands in the file");
    }
}

/// Neither the file nor a copy of it has somewhere, between what is left, what was erased.
#[test]
fn what_was_erased_is_not_to_be_read_in_the_file() {
    let mut ledger = Ledger::<Sqlite>::open();
    let (site, named) = (ledger.site("studio").number, "eleni-of-the-corner-house");
    let customer = CustomerId::parse(named).expect("an id");
    let told = customer.clone();
    let _ = ledger
        .write(move |store, now| store.set_customer(site, &told, &CustomerDraft::default(), &[], now))
        .expect("they are told of");
    ledger.reopen();
    assert!(ledger.database().holds(named));
    assert!(ledger.write(move |store, _| store.erase_customer(site, &customer)).expect("an answer"));
    ledger.reopen();
    assert!(!ledger.database().holds(named));
}

#[test]
fn no_more_edits_of_a_site_are_kept_than_it_may_have() {
    tearoff_store_tests::contract::no_more_edits_of_a_site_are_kept_than_it_may_have::<Sqlite>(|ledger, number| {
        let sql = "INSERT INTO edits (site, number, edited_at, key, mode, resource, action) VALUES (1, ?1, 0, x'0000000000000000', 0, 0, 1)";
        let file = ledger.database().look();
        assert_eq!(file.execute(sql, [number]).expect("a row"), 1);
    });
}
