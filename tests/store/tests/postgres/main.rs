//! The contract on PostgreSQL, and what only a database has that several servers share.

mod network;
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
