//! Who changes what owners have set up, told by the statements that do.

use std::cell::Cell;
use std::convert::Infallible;

use super::super::sql::{Columns, Connection, Remembered, Value};
use super::Memories;
use crate::memo::Memo;
use crate::store::Stored;

/// The tables of what is remembered.
const TABLES: [&str; 8] =
    ["sites", "origins", "keys", "secrets", "catalog_items", "promotions", "terms_versions", "codes"];

/// Whether a statement changes what is remembered, perhaps.
pub(super) fn changes(sql: &str) -> bool {
    /// More statements than there are.
    const STATEMENTS_MAX: usize = 1000;
    static KNOWN: Memo<String, bool> = Memo::of_at_most(STATEMENTS_MAX);
    if sql.starts_with("SELECT") {
        return false;
    }
    let Ok(changes) = KNOWN.recall(sql, || Ok::<_, Infallible>(names_any(sql)));
    changes
}

fn names_any(sql: &str) -> bool {
    let words: Vec<&str> = sql.split(|letter: char| letter.is_whitespace() || "(),".contains(letter)).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let mut named = words.array_windows().filter(|[before, _]| ["FROM", "JOIN", "INTO", "UPDATE"].contains(before));
    named.any(|[_, table]| TABLES.contains(table))
}

/// Whether a statement that touches these tables may be held to change what is remembered, or not to: whatever writes to one of ours says so.
#[cfg(debug_assertions)]
pub(super) fn is_so(changes: bool, touched: &super::touched::Touched) -> bool {
    changes || !touched.written.iter().any(|table| TABLES.contains(&table.as_str()))
}

/// The writer's connection within a batch. What is set up is remembered until the batch changes any of it.
pub(super) struct Watched<'c> {
    connection: &'c rusqlite::Connection,
    memories: &'c Memories,
    remembered: Remembered<'c>,
    changed: Cell<bool>,
}

impl<'c> Watched<'c> {
    /// A batch that is about to begin.
    pub(super) fn over(connection: &'c rusqlite::Connection, memories: &'c Memories) -> Self {
        Self { connection, memories, remembered: memories.set_up.now(), changed: Cell::new(false) }
    }

    /// The batch is durable: what it changed holds for everybody from now on.
    pub(super) fn committed(&self) {
        self.memories.counted.changed();
        if self.changed.get() {
            self.memories.set_up.changed();
        }
    }

    fn watch(&self, sql: &str) {
        self.changed.set(self.changed.get() || changes(sql));
    }
}

impl Connection for Watched<'_> {
    fn query(&self, sql: &str, values: &[Value<'_>], read: &mut dyn FnMut(&dyn Columns) -> Stored<()>) -> Stored<()> {
        self.watch(sql);
        self.connection.query(sql, values, read)
    }

    fn change(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64> {
        self.watch(sql);
        self.connection.change(sql, values)
    }

    fn set_up(&self) -> Option<Remembered<'_>> {
        (!self.changed.get()).then_some(self.remembered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Purpose;
    use crate::store::sql::Session;
    use crate::store::{Read, Secret, SiteNumber};

    #[test]
    fn what_statements_change() {
        for (sql, wanted) in [
            ("SELECT number FROM sites WHERE id = ?1", false),
            ("INSERT INTO promotions (id) VALUES (?1) RETURNING number", true),
            ("UPDATE keys SET valid_until = ?1", true),
            ("DELETE FROM codes WHERE key = ?1", true),
            ("INSERT INTO redemptions (id) VALUES (?1)", false),
            ("SAVEPOINT item", false),
        ] {
            assert_eq!(changes(sql), wanted, "{sql}");
        }
    }

    #[test]
    fn a_change_is_seen_by_its_own_batch_at_once_and_by_others_when_it_is_durable() {
        let file = tempfile::TempDir::new().unwrap();
        let open = || rusqlite::Connection::open(file.path().join("test.sqlite")).unwrap();
        let (writer, reader, memories) = (open(), open(), Memories::default());
        writer
            .execute_batch(
                "PRAGMA journal_mode = WAL; CREATE TABLE secrets (site, purpose, version, secret);
                 INSERT INTO secrets VALUES (1, 0, 1, zeroblob(32))",
            )
            .unwrap();
        let ask = |connection: &dyn Connection| {
            let found: Option<Secret> = Session(connection).secret(SiteNumber(1), Purpose::Snapshots, None).unwrap();
            found.unwrap().version
        };
        let other = || Watched::over(&reader, &memories);
        assert_eq!(ask(&other()), 1);
        let batch = Watched::over(&writer, &memories);
        writer.execute_batch("BEGIN").unwrap();
        assert_eq!(ask(&batch), 1);
        assert_eq!(batch.change("UPDATE secrets SET version = 2", &[]).unwrap(), 1);
        assert_eq!((ask(&batch), ask(&other())), (2, 1));
        writer.execute_batch("COMMIT").unwrap();
        batch.committed();
        assert_eq!(ask(&other()), 2);
    }
}
