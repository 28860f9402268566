//! What a statement touches, in builds that check themselves: [`changes`](super::changes) reads it off the words of the statement, and SQLite, which
//! knows, tells it while it prepares one. So every test that runs a statement also checks what is remembered because of it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::changes::{changes, is_so};

/// The tables that a statement reads and those that it writes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) read: BTreeSet<String>,
    pub(super) written: BTreeSet<String>,
}

thread_local! {
    /// What the statements that this thread has prepared touch, since it was last looked at.
    static NOTED: RefCell<Touched> = RefCell::default();
}

/// Lets a connection note what its statements touch.
///
/// # Errors
/// What SQLite says.
pub(super) fn watched(mut connection: Connection) -> rusqlite::Result<Connection> {
    connection.authorizer(Some(|context: AuthContext<'_>| {
        NOTED.with_borrow_mut(|noted| note(noted, context.action));
        Authorization::Allow
    }))?;
    Ok(connection)
}

fn note(noted: &mut Touched, action: AuthAction<'_>) {
    let (tables, name) = match action {
        AuthAction::Read { table_name, .. } => (&mut noted.read, table_name),
        AuthAction::Insert { table_name } | AuthAction::Delete { table_name } => (&mut noted.written, table_name),
        AuthAction::Update { table_name, .. } => (&mut noted.written, table_name),
        _ => return,
    };
    // A `WITH` and a list of values are tables to SQLite as well, without a name.
    if !name.is_empty() {
        tables.insert(name.to_owned());
    }
}

/// Holds what is read off a statement against what it touches, the first time that this process prepares it.
///
/// # Panics
/// When they differ such that somebody would be told what is not so any more.
pub(super) fn check(connection: &Connection, sql: &str) {
    static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if !SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned()) {
        return;
    }
    let (changes, touched) = (changes(sql), touched(connection, sql));
    assert!(is_so(changes, &touched), "`{sql}` is held to change nothing, and touches {touched:?}");
}

/// What a statement touches; nothing where it cannot be prepared, or where nobody watches.
fn touched(connection: &Connection, sql: &str) -> Touched {
    NOTED.take();
    // As it comes: one that is kept prepared is not prepared again.
    let _prepared = connection.prepare(sql);
    NOTED.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_off_wrongly_is_noticed() {
        let connection = watched(Connection::open_in_memory().unwrap()).unwrap();
        connection
            .execute_batch("CREATE TABLE keys (a); CREATE TABLE uses (a); CREATE TABLE sites (a UNIQUE, b)")
            .unwrap();
        for (sql, changes, wanted) in [
            ("SELECT a FROM keys", false, true),
            ("UPDATE uses SET a = 1", false, true),
            ("UPDATE OR REPLACE keys SET a = 1", false, false),
            ("REPLACE INTO keys VALUES (1)", false, false),
            ("WITH one AS (SELECT a FROM uses) DELETE FROM keys", false, false),
            ("INSERT INTO sites (a, b) VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET b = 2", false, false),
            ("DELETE FROM keys", false, false),
            ("DELETE FROM keys", true, true),
            ("SAVEPOINT item", false, true),
        ] {
            let touched = touched(&connection, sql);
            assert_eq!(is_so(changes, &touched), wanted, "{sql}: {touched:?}");
        }
    }
}
