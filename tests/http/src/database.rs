//! What a server under test keeps its records in: a file, or, where the run says so, a PostgreSQL database.

use std::path::Path;

use tearoff_postgres_tests::Cluster;
use tearoff_server::config::Database;

/// The variable with which the same tests run on PostgreSQL.
const CHOICE: &str = "TEAROFF_TEST_DATABASE";

/// The name of an empty database: a file in `folder`, unless `TEAROFF_TEST_DATABASE` is `postgres`.
///
/// # Panics
/// When the variable says something else.
#[must_use]
pub fn name(folder: &Path) -> String {
    match std::env::var(CHOICE).as_deref() {
        Err(_) | Ok("sqlite") => format!("sqlite:{}", folder.join("test.sqlite").display()),
        Ok("postgres") => Cluster::shared().database().url,
        Ok(other) => panic!("{CHOICE}={other}: it is `sqlite` or `postgres`"),
    }
}

/// The same, opened.
///
/// # Panics
/// As [`name`].
#[must_use]
pub fn empty(folder: &Path) -> Database {
    Database::parse(&name(folder)).expect("a database")
}
