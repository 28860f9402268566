//! What becomes of a batch when its connection breaks.

use std::time::{Duration, Instant};

use tearoff_core::redemption::{State, Step};
use tearoff_postgres_tests::{Cluster, Cut, Proxy};
use tearoff_server::config;
use tearoff_server::redeem::{Failed, Reserved};
use tearoff_server::store::StoreError;
use tearoff_store_tests::ledger::Asked;
use tearoff_store_tests::{Database, Ledger};

/// A database behind a network that can be cut.
struct Behind {
    proxy: Proxy,
    database: tearoff_postgres_tests::Database,
}

impl Database for Behind {
    fn new() -> Self {
        let database = Cluster::shared().database();
        Self { proxy: Proxy::to(&database), database }
    }

    fn name(&self) -> config::Database {
        config::Database::parse(&self.proxy.url()).expect("an address")
    }
}

fn recorded(reserved: &Reserved) -> bool {
    matches!(reserved, Reserved::New(_) | Reserved::Replayed(_))
}

/// Whether the commit held or not, who asked is told that it is recorded, and it is, once.
#[test]
fn a_connection_that_breaks_while_it_commits() {
    for cut in [Cut::Before, Cut::After] {
        let ledger = Ledger::<Behind>::open();
        let asked = Asked::of("A-1", "LAST");
        ledger.database().proxy.cut_next_commit(cut);
        let answer = ledger.reserve(&asked);
        assert!(recorded(&answer) && !ledger.database().proxy.is_whole(), "{cut:?}: {answer:?}");
        assert!(matches!(ledger.reserve(&asked), Reserved::Replayed(_)));
        assert_eq!((ledger.redemptions().len(), ledger.used("LAST")), (1, 1), "{cut:?}");
        let id = ledger.redemptions()[0].id;
        ledger.database().proxy.cut_next_commit(cut);
        assert_eq!(ledger.stepped(id, Step::Release), State::Released);
        assert_eq!(ledger.used("LAST"), 0, "{cut:?}");
        assert_eq!(ledger.database().database.number("SELECT count(*) FROM redemptions"), 1);
        ledger.audit();
    }
}

/// Nobody waits for long, nothing ends, and all goes on when the database is there again.
#[test]
fn a_database_that_stays_away_is_busy() {
    let ledger = Ledger::<Behind>::open();
    let _ = ledger.granted(&Asked::of("A-1", "THREE"));
    let again = ledger.reserving(&Asked::of("A-2", "THREE"));
    let later = ledger.reserving(&Asked::of("A-2", "THREE"));
    let back = ledger.reserving(&Asked::of("A-2", "THREE"));
    ledger.database().proxy.go_down();
    let begun = Instant::now();
    for reserving in [again, later] {
        let answer = ledger.runtime().block_on(reserving);
        assert!(matches!(answer, Err(Failed::Store(StoreError::Busy))), "{answer:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    ledger.database().proxy.come_back();
    let answer = ledger.runtime().block_on(back).expect("an answer");
    assert!(matches!(answer, Reserved::New(_)), "{answer:?}");
    assert_eq!(ledger.used("THREE"), 2);
    ledger.audit();
}

/// The server crashes and comes back: what was acknowledged is there, and the writer and the readers find it.
#[test]
fn a_database_that_crashes_comes_back() {
    let cluster = Cluster::start();
    struct Own(String);
    impl Database for Own {
        fn new() -> Self {
            unreachable!("it is given")
        }

        fn name(&self) -> config::Database {
            config::Database::parse(&self.0).expect("an address")
        }
    }
    let ledger = Ledger::with(Own(cluster.database().url));
    for number in 0..2 {
        let _ = ledger.granted(&Asked::of(format!("A-{number}"), "THREE"));
    }
    cluster.crash(Duration::ZERO);
    assert_eq!(ledger.used("THREE"), 2);
    let _ = ledger.granted(&Asked::of("A-3", "THREE"));
    ledger.audit();
}

/// What is acknowledged is durable, also where the server's default is that it need not be.
#[test]
fn a_session_syncs_its_commits_whatever_the_servers_default() {
    let database = Cluster::shared().whole_database();
    let opened = || Ledger::with(Behind { proxy: Proxy::to(&database), database: database.clone() });
    drop(opened());
    let sql = format!("ALTER DATABASE {} SET synchronous_commit = off", database.name);
    database.look().batch_execute(&sql).expect("a setting");
    database
        .look()
        .batch_execute(
            "CREATE TABLE seen (value TEXT); CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$; \
        CREATE TRIGGER see AFTER INSERT ON redemptions EXECUTE FUNCTION see()",
        )
        .expect("a trigger");
    let _ = opened().granted(&Asked::of("A-1", "LAST"));
    let seen: String = database.look().query_one("SELECT value FROM seen", &[]).expect("a row").get(0);
    assert_eq!(seen, "on");
}
