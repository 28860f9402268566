//! The contract on PostgreSQL, and what only a database has that several servers share.

mod network;
mod plans;
mod reading;
mod schema;
mod servers;
mod transfer;

use tearoff_postgres_tests::Cluster;
use tearoff_server::config;
use tearoff_store_tests::Database;

/// A database of its own on the one server of the run.
#[derive(Clone)]
struct Postgres(tearoff_postgres_tests::Database);

impl Database for Postgres {
    fn new() -> Self {
        Self(Cluster::shared().database())
    }

    fn name(&self) -> config::Database {
        config::Database::parse(&self.0.url).expect("an address")
    }
}

tearoff_store_tests::contract!(Postgres);

#[test]
fn no_more_edits_of_a_site_are_kept_than_it_may_have() {
    tearoff_store_tests::contract::no_more_edits_of_a_site_are_kept_than_it_may_have::<Postgres>(|ledger, number| {
        let sql = "INSERT INTO edits (site, number, edited_at, key, mode, resource, action) VALUES (1, $1, 0, '\\x0000000000000000', 0, 0, 1)";
        assert_eq!(ledger.database().0.look().execute(sql, &[&number]).expect("a row"), 1);
    });
}
