//! What a statement looks through, in builds that check themselves: no statement may look through a table that grows with history, however it is
//! asked, or each commit would take longer than the last. So every test that runs a statement also checks its plan.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::store::GROWING;

/// What is asked once for all of a table, beside a server that goes on, and so looks through it.
const WHOLE: [&str; 1] = ["SELECT count(*) FROM redemptions"];

/// Explains a statement the first time that this process prepares it.
///
/// # Panics
/// When it looks through a table that grows.
pub(super) fn check(connection: &Connection, sql: &str) {
    static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if WHOLE.contains(&sql)
        || asks_for_any_row(sql)
        || !SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned())
    {
        return;
    }
    // Who reads a whole database into another says that nothing will be written.
    let reads_all = connection.pragma_query_value(None, "query_only", |row| row.get(0)).unwrap_or(false);
    if reads_all {
        return;
    }
    let looked_through = looked_through(connection, sql).unwrap_or_default();
    assert!(looked_through.is_empty(), "`{sql}` looks through {looked_through:?}");
}

/// Whether a statement only asks if there is anything in a table: the first row tells.
fn asks_for_any_row(sql: &str) -> bool {
    sql.ends_with(" LIMIT 1") && !["WHERE", "ORDER BY", "JOIN"].iter().any(|word| sql.contains(word))
}

/// The growing tables of which the plan of a statement reads every row. What cannot be explained, such as a savepoint, reads none.
fn looked_through(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>("detail")).collect::<Result<Vec<_>, _>>()?;
    let table =
        |step: &String| step.strip_prefix("SCAN ").map(|rest| rest.split(' ').next().unwrap_or(rest).to_owned());
    Ok(steps.iter().filter_map(table).filter(|table| GROWING.contains(&table.as_str())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_every_row_is_noticed() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE uses (a, b); CREATE INDEX of_a ON uses (a); CREATE TABLE sites (a)")
            .unwrap();
        for (sql, wanted) in [
            ("SELECT b FROM uses WHERE a = ?1", false),
            ("SELECT b FROM uses WHERE b = ?1", true),
            ("SELECT a FROM uses ORDER BY a", true),
            ("DELETE FROM uses WHERE a + 1 = ?1", true),
            ("SELECT sites.a FROM sites JOIN uses ON uses.a = sites.a", false),
            ("SAVEPOINT item", false),
        ] {
            let found = looked_through(&connection, sql).unwrap_or_default();
            assert_eq!(!found.is_empty(), wanted, "{sql}: {found:?}");
        }
    }
}
