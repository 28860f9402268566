//! How PostgreSQL finds what is asked for: no statement may look through a table that grows with history, or each commit would take longer than
//! the last. The plans are those by which the stories' statements ran, as `auto_explain` logs them.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tearoff_postgres_tests::Cluster;
use tearoff_server::config;
use tearoff_server::store::GROWING;
use tearoff_store_tests::Database;

/// A database that is looked through only where no index serves, by plans that hold for any values; and that tells them.
struct Explained(tearoff_postgres_tests::Database);

/// A server whose log tells the plan of each statement.
fn start() -> Cluster {
    let cluster = Cluster::start();
    let settings = [
        "enable_seqscan = off",
        "plan_cache_mode = force_generic_plan",
        "session_preload_libraries = auto_explain",
        "auto_explain.log_min_duration = 0",
    ];
    // Of the database in which each story has a schema.
    let set = settings.map(|setting| format!("ALTER DATABASE postgres SET {setting}")).join("; ");
    cluster.database().look().batch_execute(&set).expect("settings");
    cluster
}

/// That of the stories, whose log nobody else writes.
fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(start)
}

impl Database for Explained {
    fn new() -> Self {
        Self(cluster().database())
    }

    fn name(&self) -> config::Database {
        config::Database::parse(&self.0.url).expect("an address")
    }
}

/// The statements of a log that read a growing table row by row: no index serves them, whichever rows there are.
fn looking_through(log: &str) -> BTreeSet<(&str, &str)> {
    /// What is asked once for all of a table, beside a server that goes on.
    const WHOLE: [&str; 1] = ["SELECT count(*) FROM redemptions"];
    let (mut found, mut statement) = (BTreeSet::new(), "");
    for line in log.lines() {
        let step = line.trim_start_matches(['\t', ' ', '-', '>']);
        if let Some(text) = step.strip_prefix("Query Text: ") {
            statement = text;
        }
        let Some((_, rest)) = step.split_once("Seq Scan on ") else { continue };
        let table = rest.split(' ').next().unwrap_or_default();
        // The first row tells whether there is anything; a step of the schema, which begins with what it is for, is done once.
        let asks_for_any = statement.ends_with(" LIMIT 1") && !statement.contains("WHERE");
        let is_once = WHOLE.contains(&statement) || statement.starts_with("--");
        if GROWING.contains(&table) && !asks_for_any && !is_once {
            found.insert((statement, step));
        }
    }
    found
}

#[test]
fn no_statement_looks_through_a_table_that_grows() {
    const AT_ONCE: usize = 4;
    /// Random walks ask a hundred times what the others ask.
    const LONG: &str = "the_books_balance_whatever_happens";
    let mut stories = tearoff_store_tests::contract!(each Explained).to_vec();
    stories.retain(|(name, _)| *name != LONG);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((name, story)) = stories.get(next.fetch_add(1, Ordering::SeqCst)) {
                    eprintln!("{name}");
                    story();
                }
            });
        }
    });
    let log = cluster().log();
    assert!(log.contains("Query Text: SELECT") && log.contains("Index Cond: "), "the plans are told");
    let found = looking_through(&log);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_reads_every_row_is_noticed() {
    let cluster = start();
    let mut look = cluster.database().look();
    look.batch_execute(
        "CREATE TABLE uses (a integer, b integer); CREATE INDEX of_a ON uses (a); CREATE TABLE sites (a integer)",
    )
    .expect("tables");
    let asked = [
        ("SELECT b FROM uses WHERE a = 10", false),
        ("SELECT b FROM uses WHERE b = 11", true),
        ("DELETE FROM uses WHERE a + 1 = 12", true),
        ("SELECT a FROM sites WHERE a = 13", false),
        ("SELECT b FROM uses WHERE b = 14 LIMIT 1", true),
        ("SELECT 1 FROM uses LIMIT 1", false),
    ];
    for (sql, _) in asked {
        look.batch_execute(sql).expect("an answer");
    }
    let log = cluster.log();
    let found = looking_through(&log);
    for (sql, wanted) in asked {
        assert_eq!(found.iter().any(|(statement, _)| *statement == sql), wanted, "{sql}: {found:?}");
    }
}
