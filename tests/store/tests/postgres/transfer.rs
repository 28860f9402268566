//! From one database to the other and back, and the list of tables that both follow.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::path::PathBuf;

use tearoff_postgres_tests::{Cluster, Cut, Proxy};
use tearoff_server::config;
use tearoff_server::store::postgres::open;
use tearoff_server::store::transfer::{Kind, TABLES, TransferError, import};
use tearoff_store_tests::contract::{busy, exported, imported};
use tearoff_store_tests::ledger::Asked;
use tearoff_store_tests::{Database, Ledger};
use tempfile::TempDir;

use crate::Postgres;
use crate::schema::OWN;

struct Sqlite(TempDir);

impl Sqlite {
    fn path(&self) -> PathBuf {
        self.0.path().join("test.sqlite")
    }
}

impl Database for Sqlite {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn name(&self) -> config::Database {
        config::Database::Sqlite(self.path())
    }
}

#[test]
fn what_goes_to_postgresql_and_back_is_the_same_byte_by_byte() {
    let ledger = Ledger::<Sqlite>::open();
    busy(&ledger);
    let all = exported(&ledger.database().name());
    let there = Postgres::new();
    let _ = imported(&there.name(), &all).expect("an import");
    assert!(exported(&there.name()) == all, "on PostgreSQL");
    let back = Sqlite::new();
    let _ = imported(&back.name(), &exported(&there.name())).expect("an import");
    assert!(exported(&back.name()) == all, "on SQLite again");
    for order in ["first", "second"] {
        let there = Ledger::with(there.clone());
        let _ = there.granted(&Asked::of(order, "FREELY"));
        there.audit();
    }
    let back = Ledger::with(back);
    let _ = back.granted(&Asked::of("first", "FREELY"));
    back.audit();
}

/// An export that arms a cut when it is first read: what was committed before were the tables.
struct Sheet<'a> {
    left: &'a [u8],
    proxy: &'a Proxy,
    cut: Cut,
}

impl Read for Sheet<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.proxy.cut_next_commit(self.cut);
        self.left.read(buffer)
    }
}

/// The last word of an import may be lost on its way, or the answer to it: nobody knows which, and that is what is said.
#[test]
fn an_import_whose_commit_is_lost_is_in_doubt() {
    let ledger = Ledger::<Sqlite>::open();
    busy(&ledger);
    let all = exported(&ledger.database().name());
    for (cut, is_there) in [(Cut::Before, false), (Cut::After, true)] {
        let there = Postgres::new();
        let proxy = Proxy::to(&there.0);
        let name = config::Database::parse(&proxy.url()).expect("an address");
        let mut sheet = BufReader::new(Sheet { left: &all, proxy: &proxy, cut });
        let lost = import(&name, &mut sheet, &mut |_, _| {}).expect_err("it was cut");
        assert!(matches!(lost, TransferError::InDoubt(_)), "{cut:?}: {lost}");
        assert!(!proxy.is_whole() && lost.to_string().contains("look which"), "{cut:?}: {lost}");
        assert_eq!(there.0.number("SELECT count(*) FROM sites") > 0, is_there, "{cut:?}");
        if is_there {
            assert!(exported(&there.name()) == all, "everything");
        } else {
            let _ = imported(&there.name(), &all).expect("nothing is in the way of the next");
        }
    }
}

/// A column: what it holds, and whether there may be nothing in it.
type Columns = BTreeMap<String, (Kind, bool)>;
/// A table: its primary key in order, and its columns.
type Schema = BTreeMap<String, (Vec<String>, Columns)>;

fn listed() -> Schema {
    let table = |table: &tearoff_server::store::transfer::Table| {
        let name = |column: &tearoff_server::store::transfer::Column| column.name.to_owned();
        let key = table.columns.iter().take(table.key).map(name).collect();
        let columns = table.columns.iter().map(|column| (name(column), (column.kind, column.is_optional))).collect();
        (table.name.to_owned(), (key, columns))
    };
    TABLES.iter().map(table).collect()
}

fn kind(name: &str) -> Kind {
    match name {
        "INTEGER" | "bigint" => Kind::Integer,
        "TEXT" | "text" => Kind::Text,
        "BLOB" | "bytea" => Kind::Bytes,
        other => panic!("a column of type {other}"),
    }
}

/// Table, column, type, whether it may be empty, and its place in the primary key from 1, else 0.
type Described = (String, String, String, bool, i64);

fn schema(rows: Vec<Described>) -> Schema {
    let mut keys: BTreeMap<String, BTreeMap<i64, String>> = BTreeMap::new();
    let mut schema = Schema::new();
    for (table, column, of, is_optional, place) in rows {
        if place > 0 {
            let _ = keys.entry(table.clone()).or_default().insert(place, column.clone());
        }
        // SQLite lets a primary key be empty where nobody forbids it; nobody means it.
        let _ = schema.entry(table).or_default().1.insert(column, (kind(&of), is_optional && place == 0));
    }
    for (table, key) in keys {
        schema.get_mut(&table).expect("a table").0 = key.into_values().collect();
    }
    schema
}

fn of_sqlite() -> Schema {
    let database = Sqlite::new();
    drop(database.open());
    let file = rusqlite::Connection::open(database.path()).expect("the file");
    let sql = "SELECT m.name, c.name, c.type, c.\"notnull\" = 0, c.pk FROM sqlite_master m, pragma_table_info(m.name) c \
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
    let mut statement = file.prepare(sql).expect("a query");
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .expect("rows");
    schema(rows.map(|row| row.expect("a row")).collect())
}

fn of_postgres() -> Schema {
    let database = Cluster::shared().database();
    drop(open(&database.url).expect("opening"));
    let sql = "SELECT c.table_name::text, c.column_name::text, c.data_type::text, c.is_nullable = 'YES', coalesce(k.ordinal_position, 0)::int8 \
               FROM information_schema.columns c \
               LEFT JOIN information_schema.table_constraints t ON t.table_schema = c.table_schema \
                 AND t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY' \
               LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = t.constraint_schema \
                 AND k.constraint_name = t.constraint_name AND k.table_name = c.table_name AND k.column_name = c.column_name \
               WHERE c.table_schema = current_schema()";
    let rows = database.look().query(sql, &[]).expect("rows");
    let rows = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4)));
    schema(rows.filter(|row: &Described| !OWN.contains(&&*row.0)).collect())
}

/// A step that adds a table, a column or a key and forgets the list of what is exported fails here.
#[test]
fn the_list_of_what_is_exported_is_the_schema_of_both_databases() {
    assert_eq!(listed(), of_sqlite());
    assert_eq!(listed(), of_postgres());
}

/// What a row refers to is there before it, or it could not be imported.
#[test]
fn tables_come_after_those_that_they_refer_to() {
    let database = Sqlite::new();
    drop(database.open());
    let file = rusqlite::Connection::open(database.path()).expect("the file");
    let mut referring = 0;
    for (at, table) in TABLES.iter().enumerate() {
        let mut statement = file.prepare("SELECT \"table\" FROM pragma_foreign_key_list(?1)").expect("a query");
        let others = statement.query_map([table.name], |row| row.get::<_, String>(0)).expect("rows");
        for other in others.map(|other| other.expect("a row")) {
            let before = TABLES[..at].iter().any(|table| table.name == other);
            assert!(before, "`{}` refers to `{other}`, which must stand before it", table.name);
            referring += 1;
        }
    }
    assert!(referring > TABLES.len() / 2);
}
