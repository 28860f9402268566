//! A database with a long history, filled by SQL from one redemption that a server has recorded.

use std::path::Path;

use rusqlite::Connection;

/// How many orders there were.
pub const ORDERS: u32 = 1_000_000;
/// How many codes there are.
pub const CODES: u32 = 100_000;

/// Fills the database at `path`, which no server has open and in which there is one redemption at least.
///
/// # Panics
/// When it cannot be filled.
pub fn fill(path: &Path, orders: u32, codes: u32) {
    let connection = Connection::open(path).expect("the database");
    let execute = |sql: &str| connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN");
    // Ids of version 7, of the year 2023, so that they come before all others. Nothing is held any more.
    let id = "unhex(printf('%012x7%03x8%015x', 1700000000000 + i, 0, i))";
    for (table, others) in [
        ("redemptions", &[("id", id), ("order_reference", "'old-' || i"), ("state", "2")][..]),
        ("uses", &[("redemption", id)]),
        ("answers", &[("key", "randomblob(16)"), ("redemption", id)]),
    ] {
        let one = format!("SELECT * FROM {table} LIMIT 1");
        let (columns, values) = columns(&connection, table, others);
        execute(&format!("INSERT INTO {table} ({columns}) SELECT {values} FROM ({one}), {}", numbers(orders)));
    }
    // Each counter is the sum of its uses, which are all of one promotion.
    execute(&format!(
        "UPDATE counters SET used = used + {orders} WHERE promotion = (SELECT promotion FROM uses ORDER BY redemption LIMIT 1)"
    ));
    let spelled = "'OLD' || i";
    let (columns, values) =
        columns(&connection, "codes", &[("key", spelled), ("spelling", spelled), ("number", "number + 1 + i")]);
    execute(&format!(
        "INSERT INTO codes ({columns}) SELECT {values} FROM (SELECT * FROM codes ORDER BY number DESC LIMIT 1), {}",
        numbers(codes)
    ));
    execute("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}

/// The numbers below `count`, each as `i`.
fn numbers(count: u32) -> String {
    format!(
        "(WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {count}) SELECT i FROM numbers)"
    )
}

/// The columns of a table, and their values: those of a row that is there, but for some.
fn columns(connection: &Connection, table: &str, others: &[(&str, &str)]) -> (String, String) {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)").expect("the columns");
    let names = statement.query_map([table], |row| row.get::<_, String>(0)).expect("the columns");
    let names: Vec<String> = names.collect::<Result<_, _>>().expect("the columns");
    let value = |name: &String| {
        let other = others.iter().find(|(column, _)| column == name);
        other.map_or_else(|| name.clone(), |(_, value)| (*value).to_owned())
    };
    (names.join(", "), names.iter().map(value).collect::<Vec<_>>().join(", "))
}
