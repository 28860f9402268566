//! The contract on PostgreSQL, and what only a database has that several servers share.

mod network;
mod schema;
mod servers;

use tearoff_postgres_tests::Cluster;
use tearoff_server::store::Opened;
use tearoff_server::store::postgres::open;
use tearoff_store_tests::Database;

/// A database of its own on the one server of the run.
#[derive(Clone)]
struct Postgres(tearoff_postgres_tests::Database);

impl Database for Postgres {
    fn new() -> Self {
        Self(Cluster::shared().database())
    }

    fn open(&self) -> Opened {
        open(&self.0.url).expect("opening")
    }
}

tearoff_store_tests::contract!(Postgres);
