//! One state of the database, as a connection sees it from the first question on.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use tokio_postgres::{Config, Row};

use super::connection::{Link, Trouble};
use crate::store::sql::{Columns, Connection, Value};
use crate::store::{StoreError, Stored};

/// What was answered, by statement and values.
type Answers = HashMap<Box<str>, HashMap<Vec<Value<'static>>, Arc<Vec<Row>>>>;

/// A transaction that reads, begun by its first question.
pub(super) struct Sight<'c> {
    config: &'c Config,
    /// The connection, once something was asked.
    link: RefCell<Option<Link>>,
    idle: RefCell<Option<Link>>,
    /// What was asked before, where several ask: the state is the same, and so is the answer.
    known: Option<RefCell<Answers>>,
    /// Whether there is no database to be found.
    is_away: Cell<bool>,
}

impl<'c> Sight<'c> {
    /// For one who asks, through a connection that nobody uses, if there is one.
    pub(super) const fn of_one(config: &'c Config, idle: Option<Link>) -> Self {
        Self { config, link: RefCell::new(None), idle: RefCell::new(idle), known: None, is_away: Cell::new(false) }
    }

    /// For several who ask one after another: what one was answered is not asked again for the next.
    pub(super) fn of_many(config: &'c Config, idle: Option<Link>) -> Self {
        Self { known: Some(RefCell::default()), ..Self::of_one(config, idle) }
    }

    /// Whether something went wrong, after which nothing more can be asked in this state; where the database is away, another would be no better.
    pub(super) fn is_over(&self) -> bool {
        self.link.borrow().as_ref().is_some_and(|link| link.trouble().is_some())
    }

    /// Ends the transaction; gives back a connection that may be used again.
    pub(super) fn end(&self) -> Option<Link> {
        let asked = self.link.take().filter(|link| link.trouble().is_none());
        if let Some(link) = &asked {
            // Nobody waits for what it says: whoever reads next hears of it.
            link.send("COMMIT");
            link.hand_over();
        }
        asked.or_else(|| self.idle.take())
    }

    fn rows(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Trouble> {
        if let Some(link) = &*self.link.borrow() {
            return link.rows(sql, values);
        }
        let (link, rows) = self.first_rows(sql, values)?;
        *self.link.borrow_mut() = Some(link);
        Ok(rows)
    }

    /// The first rows of a transaction that sees one state. The idle connection may have broken meanwhile: as nothing has been read, another
    /// one does as well.
    fn first_rows(&self, sql: &str, values: &[Value<'_>]) -> Result<(Link, Vec<Row>), Trouble> {
        let begun = |link: Link| {
            link.forget_trouble();
            link.send("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
            link.rows(sql, values).map(|rows| (link, rows))
        };
        match self.idle.take().map(begun) {
            Some(Ok(read)) => Ok(read),
            Some(Err(Trouble::Refused(cause))) => Err(Trouble::Refused(cause)),
            Some(Err(_)) | None => begun(self.connect()?),
        }
    }

    /// Another connection. Who was in vain for one need not wait as long for the next.
    fn connect(&self) -> Result<Link, Trouble> {
        if self.is_away.get() {
            return Err(Trouble::Lost("the database is away".into()));
        }
        let link = Link::connect(self.config, false);
        self.is_away.set(link.is_err());
        link
    }

    fn known(&self, sql: &str, values: &[Value<'_>]) -> Option<Arc<Vec<Row>>> {
        let known = self.known.as_ref()?.borrow();
        let answers: &HashMap<Vec<Value<'_>>, Arc<Vec<Row>>> = known.get(sql)?;
        answers.get(values).cloned()
    }
}

impl Connection for Sight<'_> {
    fn query(&self, sql: &str, values: &[Value<'_>], read: &mut dyn FnMut(&dyn Columns) -> Stored<()>) -> Stored<()> {
        let rows = match self.known(sql, values) {
            Some(rows) => rows,
            None => Arc::new(self.rows(sql, values)?),
        };
        if let Some(known) = &self.known {
            let values = values.iter().cloned().map(Value::into_owned).collect();
            known.borrow_mut().entry(sql.into()).or_default().entry(values).or_insert_with(|| Arc::clone(&rows));
        }
        rows.iter().try_for_each(|row| read(row))
    }

    fn query_many(
        &self,
        sql: &str,
        rows: &[Vec<Value<'_>>],
        read: &mut dyn FnMut(usize, &dyn Columns) -> Stored<()>,
    ) -> Stored<()> {
        if self.link.borrow().is_none() {
            // The transaction begins with a question that may be asked again.
            self.query("SELECT 1", &[], &mut |_| Ok(()))?;
        }
        match &*self.link.borrow() {
            Some(link) => link.query_many(sql, rows, read),
            None => Err(StoreError::Busy),
        }
    }

    fn change(&self, _: &str, _: &[Value<'_>]) -> Stored<u64> {
        Err(StoreError::Inconsistent("a reader that writes".into()))
    }
}
