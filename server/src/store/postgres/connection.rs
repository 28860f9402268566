//! What is asked in SQL, asked of PostgreSQL.
//!
//! A connection brings the small runtime that moves its bytes, and is driven by the thread that asks: there is no other thread to wake
//! for each answer. It is for threads that may wait: the writer's own, and those that read.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::{Future, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::BytesMut;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, Error, NoTls, Row, Statement};

use super::habits::{Found, Habits};
use super::shape::{Relation, Shape};
use crate::store::sql::{Columns, Connection, Value, inconsistent};
use crate::store::{StoreError, Stored};

/// How long an answer may take: longer than anybody waits for another's batch, and no request waits for ever.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(3);

/// Settings of every session. A process that stands still within a transaction must not hold up the others for longer than a caller waits;
/// and what is acknowledged is durable, whatever the server's default says. Everything we ask is found by an index: a table that was small when
/// a statement was planned may have grown since.
const SESSION: &str = "SET lock_timeout = '8s'; SET idle_in_transaction_session_timeout = '8s'; SET statement_timeout = '9s'; \
                       SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
                       SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// Whoever writes asks the same few things, by lists of values: planning them anew for each batch would take a tenth of PostgreSQL's time.
const PLANNED_ONCE: &str = "SET plan_cache_mode = force_generic_plan";

/// What went wrong, as far as it matters to who goes on.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// Another transaction was in the way: the same may succeed when it is done again.
    InTheWay(String),
    /// The connection is gone, or the server behind it is of no use.
    Lost(String),
    /// What was asked was refused, and would be again.
    Refused(String),
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::InTheWay(_) | Trouble::Lost(_) => Self::Busy,
            Trouble::Refused(cause) => Self::Database(cause),
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::InTheWay(cause) | Self::Lost(cause) | Self::Refused(cause)) = self;
        out.write_str(cause)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        const IN_THE_WAY: [SqlState; 5] = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::UNIQUE_VIOLATION,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::QUERY_CANCELED,
        ];
        // A server that was told to read only is one that another has taken over from; a statement of an older schema is prepared anew.
        const OF_NO_USE: [SqlState; 4] = [
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            SqlState::FEATURE_NOT_SUPPORTED,
            SqlState::INVALID_SQL_STATEMENT_NAME,
        ];
        let Some(told) = error.as_db_error() else { return Self::Lost(described(&error)) };
        let (state, cause) = (told.code(), format!("{} ({})", told.message(), told.code().code()));
        let is_of = |class| state.code().starts_with(class);
        if IN_THE_WAY.contains(state) {
            Self::InTheWay(cause)
        } else if OF_NO_USE.contains(state) || ["08", "53", "57P", "58", "XX"].into_iter().any(is_of) {
            Self::Lost(cause)
        } else {
            Self::Refused(cause)
        }
    }
}

/// An error with its causes. None of them holds what the connection was made with.
fn described(error: &Error) -> String {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        told = format!("{told}: {next}");
        cause = next.source();
    }
    told
}

/// A statement that was sent, and whose answer nobody needs yet.
type Sent = Pin<Box<dyn Future<Output = Result<(), Trouble>> + Send>>;
/// A question that was sent.
pub(super) type Answer = Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + Send>>;

/// What the statements of a connection touch.
#[derive(Default)]
struct Shapes {
    by_text: HashMap<Box<str>, Arc<Shape>>,
    by_number: Vec<Arc<Shape>>,
    /// The texts that do the same for many rows of values at once, by number.
    for_many: HashMap<usize, Arc<str>>,
    /// How what one adds may change what another asks, by the numbers of who asks and who adds.
    relations: HashMap<(usize, usize), Option<Arc<Relation>>>,
    /// The texts that fail where they change nothing, by those that do not.
    guarded: HashMap<Box<str>, Arc<str>>,
}

/// A connection to PostgreSQL.
pub(super) struct Link {
    /// There until it is dropped.
    runtime: Option<Runtime>,
    client: Arc<Client>,
    prepared: RefCell<HashMap<Box<str>, Statement>>,
    shapes: RefCell<Shapes>,
    /// How often the items of the next batch are run to learn what they will ask.
    rounds: Cell<usize>,
    habits: RefCell<Habits>,
    sent: RefCell<Vec<Sent>>,
    trouble: RefCell<Option<Trouble>>,
    /// Whether its transactions hold what they decide on.
    writes: bool,
}

impl Link {
    /// Connects. One that `writes` holds the rows that it is about to change.
    pub(super) fn connect(config: &Config, writes: bool) -> Result<Self, Trouble> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Trouble::Lost(error.to_string()))?;
        let connected = runtime.block_on(async {
            let (client, connection) = timeout(CONNECTING, config.connect(NoTls)).await.map_err(|_| late())??;
            // It ends with its client; why, the client tells.
            tokio::spawn(async move { drop(connection.await) });
            timeout(PATIENCE, client.batch_execute(SESSION)).await.map_err(|_| late())??;
            if writes {
                timeout(PATIENCE, client.batch_execute(PLANNED_ONCE)).await.map_err(|_| late())??;
            }
            Ok(client)
        });
        match connected {
            Ok(client) => Ok(Self {
                runtime: Some(runtime),
                client: Arc::new(client),
                prepared: RefCell::default(),
                shapes: RefCell::default(),
                rounds: Cell::new(0),
                habits: RefCell::default(),
                sent: RefCell::default(),
                trouble: RefCell::default(),
                writes,
            }),
            Err(trouble) => {
                runtime.shutdown_background();
                Err(trouble)
            }
        }
    }

    /// The client, for what has no place in the store's SQL.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Sends statements without values, whose answer nobody needs before the next one's.
    pub(super) fn send(&self, sql: &'static str) {
        let client = Arc::clone(&self.client);
        self.push(Box::pin(async move { Ok(client.batch_execute(sql).await?) }));
    }

    /// Sends a statement that must change a row: its transaction fails where it does not.
    pub(super) fn post(&self, sql: &str, values: Vec<Value<'static>>) -> Result<(), Trouble> {
        let known = self.shapes.borrow().guarded.get(sql).cloned();
        let text = known.unwrap_or_else(|| {
            let text: Arc<str> = format!("WITH changed AS ({sql} RETURNING 1) SELECT 1 / count(*) FROM changed").into();
            self.shapes.borrow_mut().guarded.insert(sql.into(), Arc::clone(&text));
            text
        });
        let (client, statement) = (Arc::clone(&self.client), self.statement(&text)?);
        self.push(Box::pin(async move { all_changed(client.execute_raw(&statement, &values).await?, 1) }));
        Ok(())
    }

    /// Sends the addition of many rows, which is found out later.
    pub(super) fn post_many(&self, shape: &Shape, rows: Vec<Vec<Value<'static>>>) -> Result<(), Trouble> {
        let (client, statement) = (Arc::clone(&self.client), self.for_many(shape)?);
        let count = rows.len();
        let lists = lists(rows);
        self.push(Box::pin(async move { all_changed(client.execute_raw(&statement, &lists).await?, count) }));
        Ok(())
    }

    /// Sends a statement that holds the rows of these numbers; what is asked after it is answered after it.
    pub(super) fn hold(&self, sql: &str, numbers: Vec<i64>) -> Result<(), Trouble> {
        let (client, statement) = (Arc::clone(&self.client), self.statement(sql)?);
        self.push(Box::pin(async move { Ok(client.execute(&statement, &[&numbers]).await.map(drop)?) }));
        Ok(())
    }

    /// Gives what was sent to the network, without waiting for an answer.
    pub(super) fn hand_over(&self) {
        if let Some(runtime) = &self.runtime {
            runtime.block_on(tokio::task::yield_now());
        }
    }

    /// What is first asked is first answered, so asking is to be polled once, here and now.
    fn push(&self, mut asking: Sent) {
        match asking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => self.sent.borrow_mut().push(asking),
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(trouble)) => drop(self.fail(trouble)),
        }
    }

    /// Sends a question, to be answered together with others.
    pub(super) fn ask(&self, shape: &Shape, values: Vec<Value<'static>>) -> Result<Answer, Trouble> {
        let (client, statement) = (Arc::clone(&self.client), self.statement(&shape.text)?);
        self.asking(Box::pin(async move { client.query(&statement, &parameters(&values)).await }))
    }

    /// Sends one question about many rows of values; before each row of the answer stands their number, from 1.
    pub(super) fn ask_many(&self, shape: &Shape, rows: Vec<Vec<Value<'static>>>) -> Result<Answer, Trouble> {
        let (client, statement) = (Arc::clone(&self.client), self.for_many(shape)?);
        let lists = lists(rows);
        self.asking(Box::pin(async move {
            let lists: Vec<_> = lists.iter().map(|list| list as &(dyn ToSql + Sync)).collect();
            client.query(&statement, &lists).await
        }))
    }

    fn asking(&self, mut asking: Answer) -> Result<Answer, Trouble> {
        // Polled once, it is sent; no answer can be there before we have listened.
        match asking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Ok(asking),
            Poll::Ready(Ok(rows)) => Ok(Box::pin(ready(Ok(rows)))),
            Poll::Ready(Err(error)) => Err(self.fail(error.into())),
        }
    }

    /// Waits for the answers to all these questions, in the order in which they were sent.
    pub(super) fn all(&self, asked: Vec<Answer>) -> Result<Vec<Vec<Row>>, Trouble> {
        self.wait(async move {
            let mut answers = Vec::with_capacity(asked.len());
            for one in asked {
                answers.push(one.await?);
            }
            Ok(answers)
        })
    }

    /// The rows of a query.
    pub(super) fn rows(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Trouble> {
        let statement = self.statement(sql)?;
        self.wait(self.client.query(&statement, &parameters(values)))
    }

    /// What a statement touches.
    pub(super) fn shape(&self, sql: &str) -> Arc<Shape> {
        let mut shapes = self.shapes.borrow_mut();
        if let Some(known) = shapes.by_text.get(sql) {
            return Arc::clone(known);
        }
        let shape = Arc::new(Shape::of(shapes.by_number.len(), sql));
        shapes.by_number.push(Arc::clone(&shape));
        shapes.by_text.insert(sql.into(), Arc::clone(&shape));
        shape
    }

    /// The statement that does for many rows of values at once what `shape` does for one.
    fn for_many(&self, shape: &Shape) -> Result<Statement, Trouble> {
        let known = self.shapes.borrow().for_many.get(&shape.number).cloned();
        if let Some(text) = known {
            return self.statement(&text);
        }
        let one = self.statement(&shape.text)?;
        let types: Vec<_> = one.params().iter().map(Type::name).collect();
        let text: Arc<str> = if shape.adds() { shape.for_rows(&types) } else { shape.for_askings(&types) }.into();
        self.shapes.borrow_mut().for_many.insert(shape.number, Arc::clone(&text));
        self.statement(&text)
    }

    /// How often the items of the next batch are run to learn what they will ask.
    pub(super) const fn rounds(&self) -> usize {
        self.rounds.get()
    }

    /// What the next batch expects to be answered.
    pub(super) const fn habits(&self) -> &RefCell<Habits> {
        &self.habits
    }

    /// How what one statement adds may change what another asks, if it ever does.
    pub(super) fn relation(&self, asks: &Shape, adds: &Shape) -> Option<Arc<Relation>> {
        let relations = &mut self.shapes.borrow_mut().relations;
        relations.entry((asks.number, adds.number)).or_insert_with(|| asks.relation(adds).map(Arc::new)).clone()
    }

    /// Sets it.
    pub(super) fn set_rounds(&self, rounds: usize) {
        self.rounds.set(rounds);
    }

    /// The statement of that number, among those that there are.
    pub(super) fn numbered(&self, number: usize) -> Option<Arc<Shape>> {
        self.shapes.borrow().by_number.get(number).cloned()
    }

    /// Waits for an answer, and for those of what was sent before.
    pub(super) fn wait<T>(&self, asking: impl Future<Output = Result<T, Error>>) -> Result<T, Trouble> {
        self.wait_up_to(PATIENCE, asking)
    }

    /// The same, for so long.
    pub(super) fn wait_up_to<T>(
        &self,
        patience: Duration,
        asking: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Trouble> {
        let Some(runtime) = &self.runtime else { return Err(Trouble::Lost("the connection is closed".into())) };
        let mut sent = self.sent.take();
        let mut asking = pin!(asking);
        let mut earlier = None;
        let both = poll_fn(|context| {
            let answer = asking.as_mut().poll(context);
            sent.retain_mut(|one| match one.as_mut().poll(context) {
                Poll::Pending => true,
                Poll::Ready(answer) => {
                    earlier = earlier.take().or(answer.err());
                    false
                }
            });
            answer
        });
        let answer = runtime.block_on(async { timeout(patience, both).await });
        let answer = answer.map_err(|_| late()).and_then(|answer| answer.map_err(Trouble::from));
        // What fails after a failure says no more than that.
        match earlier {
            Some(trouble) => Err(self.fail(trouble)),
            None => answer.map_err(|trouble| self.fail(trouble)),
        }
    }

    /// Waits for the answers of all that was sent.
    pub(super) fn settle(&self) -> Result<(), Trouble> {
        self.wait(self.client.batch_execute(""))
    }

    /// Keeps the first trouble of a transaction.
    pub(super) fn fail(&self, trouble: Trouble) -> Trouble {
        self.trouble.borrow_mut().get_or_insert_with(|| trouble.clone());
        trouble
    }

    /// The trouble that the transaction is in, if it cannot go on.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble.borrow().clone()
    }

    /// Forgets the trouble of a transaction that is over.
    pub(super) fn forget_trouble(&self) {
        self.trouble.take();
    }

    /// A statement, prepared once.
    pub(super) fn statement(&self, sql: &str) -> Result<Statement, Trouble> {
        if let Some(known) = self.prepared.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = self.wait(self.client.prepare(&placeholders(sql)))?;
        self.prepared.borrow_mut().insert(sql.into(), statement.clone());
        Ok(statement)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // A runtime that is dropped waits, which a thread that serves connections must not.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn late() -> Trouble {
    Trouble::Lost("the database does not answer".into())
}

/// The statement as PostgreSQL writes it: `$1` for `?1`. No text within our statements holds a question mark.
fn placeholders(sql: &str) -> String {
    sql.replace('?', "$")
}

/// What must change and does not was guarded in vain in memory.
fn all_changed(changed: u64, count: usize) -> Result<(), Trouble> {
    let is_all = usize::try_from(changed) == Ok(count);
    if is_all { Ok(()) } else { Err(Trouble::Refused(format!("{changed} of {count} rows changed"))) }
}

/// A column of many rows.
#[derive(Debug)]
struct List(Vec<Value<'static>>);

/// Rows as columns.
fn lists(rows: Vec<Vec<Value<'static>>>) -> Vec<List> {
    let (width, height) = (rows.first().map_or(0, Vec::len), rows.len());
    let mut lists: Vec<List> = (0..width).map(|_| List(Vec::with_capacity(height))).collect();
    for row in rows {
        lists.iter_mut().zip(row).for_each(|(list, value)| list.0.push(value));
    }
    lists
}

impl ToSql for List {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.0.as_slice().to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        <&[Value<'static>]>::accepts(kind)
    }

    to_sql_checked!();
}

fn parameters<'v>(values: &'v [Value<'v>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl Connection for Link {
    fn query(&self, sql: &str, values: &[Value<'_>], read: &mut dyn FnMut(&dyn Columns) -> Stored<()>) -> Stored<()> {
        let rows = self.rows(sql, values)?;
        rows.iter().try_for_each(|row| read(row))
    }

    fn query_many(
        &self,
        sql: &str,
        rows: &[Vec<Value<'_>>],
        read: &mut dyn FnMut(usize, &dyn Columns) -> Stored<()>,
    ) -> Stored<()> {
        let rows = rows.iter().map(|row| row.iter().cloned().map(Value::into_owned).collect()).collect();
        let answer = self.ask_many(&self.shape(sql), rows)?;
        let found = self.all(vec![answer])?;
        found.into_iter().flatten().try_for_each(|row| {
            let (place, found) = Found::among_others(row)?;
            read(place, &found)
        })
    }

    fn change(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64> {
        let statement = self.statement(sql)?;
        Ok(self.wait(self.client.execute(&statement, &parameters(values)))?)
    }

    fn holding(&self, clause: &'static str) -> &'static str {
        if self.writes { clause } else { "" }
    }
}

impl Columns for Row {
    fn at(&self, index: usize) -> Stored<Value<'_>> {
        self.try_get(index).map_err(|error| inconsistent(&error.to_string()))
    }
}

impl<'r> FromSql<'r> for Value<'r> {
    fn from_sql(kind: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *kind {
            Type::INT8 => Self::Integer(i64::from_sql(kind, raw)?),
            Type::INT4 => Self::Integer(i32::from_sql(kind, raw)?.into()),
            Type::BOOL => Self::Integer(bool::from_sql(kind, raw)?.into()),
            Type::BYTEA => Self::Bytes(raw.into()),
            _ => Self::Text(<&str>::from_sql(kind, raw)?.into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::BOOL, Type::BYTEA, Type::TEXT].contains(kind)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Integer(number), &Type::INT8) => number.to_sql(kind, out),
            (Self::Integer(number), &Type::INT4) => i32::try_from(*number)?.to_sql(kind, out),
            (Self::Text(text), &Type::TEXT) => text.to_sql(kind, out),
            (Self::Bytes(bytes), &Type::BYTEA) => bytes.as_ref().to_sql(kind, out),
            _ => Err(format!("a value that is no {kind}").into()),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::BYTEA, Type::TEXT].contains(kind)
    }

    to_sql_checked!();
}
