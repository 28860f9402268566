//! The schema: the same as SQLite's, made once, and refused where it is another version's.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

use tearoff_postgres_tests::Cluster;
use tearoff_server::store::postgres::{OpenError, open, open_to_read};
use tearoff_server::store::sqlite;

/// What PostgreSQL needs beside the tables of both: it has no place for the schema's number but a table, and servers that share it share their
/// limits.
pub(crate) const OWN: [&str; 3] = ["limiter_key", "schema_number", "spendings"];

/// The columns of each table in their order, and the indexes with names of ours.
type Schema = (BTreeMap<String, Vec<String>>, Vec<(String, String)>);

fn of_sqlite() -> Schema {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("test.sqlite");
    drop(sqlite::open(&path).expect("opening"));
    let file = rusqlite::Connection::open(path).expect("the file");
    let pairs = |sql: &str| -> Vec<(String, String)> {
        let mut statement = file.prepare(sql).expect("a query");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    };
    let columns = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, c.cid";
    let indexes =
        "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY 1, 2";
    (grouped(pairs(columns)), pairs(indexes))
}

fn of_postgres() -> Schema {
    let database = Cluster::shared().database();
    drop(open(&database.url).expect("opening"));
    let mut client = database.look();
    let mut pairs = |sql: &str| -> Vec<(String, String)> {
        let rows = client.query(sql, &[]).expect("rows");
        rows.iter()
            .map(|row| (row.get(0), row.get(1)))
            .filter(|(table, _): &(String, _)| !OWN.contains(&table.as_str()))
            .collect()
    };
    let columns = "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = current_schema() \
                   ORDER BY table_name COLLATE \"C\", ordinal_position";
    let indexes = "SELECT tablename::text, indexname::text FROM pg_indexes WHERE schemaname = current_schema() \
                   AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key' ORDER BY tablename COLLATE \"C\", indexname COLLATE \"C\"";
    (grouped(pairs(columns)), pairs(indexes))
}

fn grouped(pairs: Vec<(String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut grouped: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, column) in pairs {
        grouped.entry(table).or_default().push(column);
    }
    grouped
}

#[test]
fn both_databases_have_one_schema() {
    let (sqlite, postgres) = (of_sqlite(), of_postgres());
    assert!(sqlite.0.len() > 10 && sqlite.1.len() > 5, "{sqlite:?}");
    assert_eq!(sqlite, postgres);
}

#[test]
fn the_steps_have_the_same_names() {
    let steps = |database: &str| {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../server/src/store").join(database).join("migrations");
        let mut names: Vec<_> =
            std::fs::read_dir(folder).expect("the steps").map(|step| step.expect("a step").file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(steps("sqlite"), steps("postgres"));
}

/// Integers have 64 bits and text is compared by its bytes, whatever the server's own order is.
#[test]
fn types_are_those_that_the_statements_speak_of() {
    let database = Cluster::shared().database();
    drop(open(&database.url).expect("opening"));
    let others = "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND NOT (data_type IN ('bigint', 'bytea') \
                  OR data_type = 'text' AND collation_name = 'C')";
    assert_eq!(database.number(others), 0);
    let mut names = database.look();
    names.batch_execute("INSERT INTO sites (id, policy, created_at, updated_at) VALUES ('b', '', 0, 0), ('B', '', 0, 0), ('a', '', 0, 0)").expect("rows");
    let rows = names.query("SELECT id FROM sites ORDER BY id", &[]).expect("rows");
    assert_eq!(rows.iter().map(|row| row.get::<_, String>(0)).collect::<String>(), "Bab");
}

#[test]
fn many_servers_that_start_at_once_make_it_once() {
    let database = Cluster::shared().database();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| drop(open(&database.url).expect("opening")));
        }
    });
    assert_eq!(database.number("SELECT count(*) FROM schema_number"), 1);
}

#[test]
fn another_versions_schema_is_refused() {
    let database = Cluster::shared().database();
    let refused = open_to_read(&database.url).err().expect("a refusal");
    assert!(matches!(refused, OpenError::Older { found: 0, .. }), "{refused}");
    assert!(refused.to_string().ends_with("`tearoff serve` brings it up to date"), "{refused}");
    drop(open(&database.url).expect("opening"));
    assert!(open_to_read(&database.url).is_ok());
    database.look().batch_execute("UPDATE schema_number SET number = 999").expect("writing");
    for refused in [open(&database.url).err(), open_to_read(&database.url).err()] {
        let refused = refused.expect("a refusal");
        assert!(matches!(refused, OpenError::Newer { found: 999, .. }), "{refused}");
    }
}

/// Neither an address at fault nor a server that is not there tells the password.
#[test]
fn a_database_that_cannot_be_opened_is_named_without_its_password() {
    for url in [
        "postgres://ana:hush@127.0.0.1:1/codes",
        "postgres://ana:hush@127.0.0.1/codes?sslmode=require",
        "postgres://ana:hush@127.0.0.1/codes?port=none",
        "postgres://ana:hush@127.0.0.1/codes?what=hush",
        "postgres://ana:hush",
    ] {
        let refused = open(url).err().expect("a refusal").to_string();
        assert!(!refused.contains("hush"), "{url}: {refused}");
    }
    let refused = open("postgres://ana:hush@127.0.0.1:1/codes").err().expect("a refusal").to_string();
    assert!(refused.starts_with("the PostgreSQL database `codes` at `127.0.0.1` cannot be opened: "), "{refused}");
    assert!(matches!(open("postgres://ana@127.0.0.1/codes?sslmode=require").err(), Some(OpenError::Tls)));
}
