//! What owners have set up, as it was last read: every request asks for it, and few change it.
//!
//! Rows are kept by the statement that asked for them, with its values. They are worthless as soon as anybody writes to one of their tables: to the
//! batch that does so at once, and to everybody else when it is durable, before anybody is told that it is. Nobody else writes to the file.

use std::cell::Cell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::memo::Memo;
use crate::store::Stored;
use crate::store::sql::{Columns, Connection, Value, inconsistent};

/// The tables.
const TABLES: [&str; 8] =
    ["sites", "origins", "keys", "secrets", "catalog_items", "promotions", "terms_versions", "codes"];
/// Most bytes that are kept: enough for the codes of a busy day.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// What a statement does to what is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touches {
    /// It asks for that, and for nothing else.
    Asks,
    /// It changes it, perhaps.
    Changes,
    /// It has nothing to do with it, or with other things as well.
    Other,
}

impl Touches {
    pub(super) fn of(sql: &str) -> Self {
        /// More statements than there are.
        const STATEMENTS_MAX: usize = 1000;
        static KNOWN: Memo<String, Touches> = Memo::of_at_most(STATEMENTS_MAX);
        let Ok(touches) = KNOWN.recall(sql, || Ok::<_, Infallible>(Self::read(sql)));
        touches
    }

    /// Whether a statement with these tables may be held to be this: what is remembered is of these tables alone, and whatever changes
    /// one of them says so.
    #[cfg(debug_assertions)]
    pub(super) fn is_so(self, touched: &super::touched::Touched) -> bool {
        let is_ours = |table: &String| TABLES.contains(&table.as_str());
        match self {
            Self::Asks => touched.read.iter().all(is_ours) && touched.written.is_empty(),
            Self::Changes => true,
            Self::Other => !touched.written.iter().any(is_ours),
        }
    }

    fn read(sql: &str) -> Self {
        let words: Vec<&str> = sql.split(|letter: char| letter.is_whitespace() || "(),".contains(letter)).collect();
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let named = words.array_windows().filter(|[before, _]| ["FROM", "JOIN", "INTO", "UPDATE"].contains(before));
        let are_these: Vec<bool> = named.map(|[_, table]| TABLES.contains(table)).collect();
        let (any, all) = (are_these.contains(&true), !are_these.contains(&false));
        match words.first() {
            Some(&"SELECT") if any && all => Self::Asks,
            Some(&"SELECT") => Self::Other,
            _ if any => Self::Changes,
            _ => Self::Other,
        }
    }
}

type Rows = Arc<[Box<[Value<'static>]>]>;
type Answers = HashMap<Box<str>, HashMap<Vec<Value<'static>>, Rows>>;

/// What is kept, for all connections of a file.
#[derive(Debug, Default)]
pub(super) struct SetUp {
    /// Raised whenever anything is changed.
    generation: AtomicU64,
    kept: RwLock<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// What the answers are of.
    generation: u64,
    answers: Answers,
    bytes: usize,
}

impl SetUp {
    fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    fn find(&self, generation: u64, sql: &str, values: &[Value<'_>]) -> Option<Rows> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let answers: &HashMap<Vec<Value<'_>>, Rows> = kept.answers.get(sql)?;
        (kept.generation == generation).then(|| answers.get(values).cloned()).flatten()
    }

    fn keep(&self, generation: u64, sql: &str, values: &[Value<'_>], rows: &Rows) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        // What somebody read before the last change is of no use to those after it.
        if generation < kept.generation {
            return;
        }
        if generation > kept.generation || kept.bytes >= BYTES_MAX {
            *kept = Kept { generation, ..Kept::default() };
        }
        /// What a question and its answer take beside what is in them, about.
        const EACH: usize = 200;
        let bytes = weight(values).saturating_add(rows.iter().map(|row| weight(row)).sum()).saturating_add(EACH);
        let values = values.iter().cloned().map(Value::into_owned).collect();
        kept.answers.entry(sql.into()).or_default().insert(values, Arc::clone(rows));
        kept.bytes = kept.bytes.saturating_add(bytes);
    }
}

/// What values take in memory, about.
fn weight(values: &[Value<'_>]) -> usize {
    let each = |value: &Value<'_>| {
        let long = match value {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Null | Value::Integer(_) => 0,
        };
        long.saturating_add(size_of::<Value<'_>>())
    };
    values.iter().map(each).sum()
}

/// Whether a question is one of ours, by numbers only. A stranger asks for keys, origins, codes and items that are not there, as many and as long
/// ones as they like: that there are none is not kept.
fn are_ours(values: &[Value<'_>]) -> bool {
    values.iter().all(|value| matches!(value, Value::Null | Value::Integer(_)))
}

/// A connection within a transaction that asks for what is set up only once.
pub(super) struct Recalling<'c> {
    connection: &'c rusqlite::Connection,
    set_up: &'c SetUp,
    generation: u64,
    /// Whether anything of it was changed in this transaction.
    changed: Cell<bool>,
}

impl<'c> Recalling<'c> {
    /// Before the transaction begins, so that nothing is taken for newer than it is.
    pub(super) fn over(connection: &'c rusqlite::Connection, set_up: &'c SetUp) -> Self {
        Self { connection, set_up, generation: set_up.generation(), changed: Cell::new(false) }
    }

    /// The transaction is durable: what it changed holds for everybody from now on.
    pub(super) fn committed(&self) {
        if self.changed.get() {
            self.set_up.generation.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Recalling<'_> {
    fn rows(&self, sql: &str, values: &[Value<'_>]) -> Stored<Rows> {
        let mut rows = Vec::new();
        let columns = self.connection.prepare_cached(sql).map_err(super::connection::failed)?.column_count();
        self.connection.query(sql, values, &mut |row| {
            rows.push((0..columns).map(|column| Ok(row.at(column)?.into_owned())).collect::<Stored<_>>()?);
            Ok(())
        })?;
        Ok(rows.into())
    }
}

impl Connection for Recalling<'_> {
    fn query(&self, sql: &str, values: &[Value<'_>], read: &mut dyn FnMut(&dyn Columns) -> Stored<()>) -> Stored<()> {
        match Touches::of(sql) {
            Touches::Asks if !self.changed.get() => {}
            touches => {
                self.changed.set(self.changed.get() || touches == Touches::Changes);
                return self.connection.query(sql, values, read);
            }
        }
        let rows = match self.set_up.find(self.generation, sql, values) {
            Some(rows) => rows,
            None => {
                let rows = self.rows(sql, values)?;
                if !rows.is_empty() || are_ours(values) {
                    self.set_up.keep(self.generation, sql, values, &rows);
                }
                rows
            }
        };
        rows.iter().try_for_each(|row| read(&Row(row)))
    }

    fn change(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64> {
        self.changed.set(self.changed.get() || Touches::of(sql) == Touches::Changes);
        self.connection.change(sql, values)
    }
}

/// A row that was read before.
struct Row<'r>(&'r [Value<'static>]);

impl Columns for Row<'_> {
    fn at(&self, index: usize) -> Stored<Value<'_>> {
        self.0.get(index).map(Value::lent).ok_or_else(|| inconsistent("a column"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_statements_touch() {
        for (sql, touches) in [
            ("SELECT number FROM sites WHERE id = ?1", Touches::Asks),
            (
                "SELECT a FROM promotions JOIN terms_versions ON b = c WHERE d = (SELECT max(e) FROM codes)",
                Touches::Asks,
            ),
            ("SELECT a FROM codes JOIN uses ON b = c", Touches::Other),
            ("SELECT used FROM counters", Touches::Other),
            ("INSERT INTO promotions (id) VALUES (?1) RETURNING number", Touches::Changes),
            ("UPDATE keys SET valid_until = ?1", Touches::Changes),
            ("DELETE FROM codes WHERE key = ?1", Touches::Changes),
            ("INSERT INTO redemptions (id) VALUES (?1)", Touches::Other),
            ("SAVEPOINT item", Touches::Other),
        ] {
            assert_eq!(Touches::of(sql), touches, "{sql}");
        }
    }

    #[test]
    fn what_a_stranger_asks_for_fills_nothing() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE origins (origin, site); INSERT INTO origins VALUES ('known', 1)")
            .unwrap();
        let set_up = SetUp::default();
        let ask = |sql: &str, value: Value<'_>| {
            let mut rows = 0;
            let counted = Recalling::over(&connection, &set_up).query(sql, &[value], &mut |_| {
                rows += 1;
                Ok(())
            });
            counted.unwrap();
            (rows, set_up.kept.read().unwrap().bytes)
        };
        let (by_name, by_site) =
            ("SELECT 1 FROM origins WHERE origin = ?1", "SELECT origin FROM origins WHERE site = ?1");
        assert_eq!(ask(by_name, "a stranger".repeat(1000).as_str().into()), (0, 0));
        let (none, kept) = ask(by_site, 7_i64.into());
        assert!(none == 0 && kept > 0, "that a site has none is asked at every request");
        let (one, more) = ask(by_name, "known".into());
        assert!(one == 1 && more > kept);
        // However much there is: it ends somewhere.
        connection
            .execute("UPDATE origins SET origin = zeroblob(?1)", [i64::try_from(BYTES_MAX / 4).unwrap()])
            .unwrap();
        let filled = (0..8_i64).map(|site| ask("SELECT origin FROM origins WHERE site <> ?1", (site + 2).into()).1);
        assert!(filled.max().unwrap() < 2 * BYTES_MAX);
    }

    #[test]
    fn a_change_is_seen_by_its_own_batch_at_once_and_by_others_when_it_is_durable() {
        let file = tempfile::TempDir::new().unwrap();
        let open = || rusqlite::Connection::open(file.path().join("test.sqlite")).unwrap();
        let (writer, reader, set_up) = (open(), open(), SetUp::default());
        writer
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE sites (id); INSERT INTO sites VALUES (1)")
            .unwrap();
        let ask = |connection: &dyn Connection| {
            let mut found = Vec::new();
            let kept = connection.query("SELECT id FROM sites", &[], &mut |row| {
                found.push(row.at(0)?.into_owned());
                Ok(())
            });
            kept.map(|()| found).unwrap()
        };
        let (before, after) = (vec![Value::Integer(1)], vec![Value::Integer(2)]);
        assert_eq!(ask(&Recalling::over(&reader, &set_up)), before);
        let early = Recalling::over(&reader, &set_up);
        let batch = Recalling::over(&writer, &set_up);
        writer.execute_batch("BEGIN").unwrap();
        assert_eq!(ask(&batch), before);
        assert_eq!(batch.change("UPDATE sites SET id = 2", &[]).unwrap(), 1);
        assert_eq!((ask(&batch), ask(&Recalling::over(&reader, &set_up))), (after.clone(), before.clone()));
        writer.execute_batch("COMMIT").unwrap();
        batch.committed();
        assert_eq!(ask(&Recalling::over(&reader, &set_up)), after);
        assert_eq!(ask(&early), after, "what was kept before is gone, and is read anew");
        assert_eq!(ask(&Recalling::over(&reader, &set_up)), after, "what is read late is kept for nobody");
    }
}
