//! A batch's transaction, with few journeys to the database and back.
//!
//! While a batch holds its sites nobody else writes what it reads. So **what was read once need not be read again** until the batch itself
//! writes it; **what is added can wait** until somebody asks for it, at the latest for the commit, and goes then as one statement for many rows;
//! **a counter is raised in memory**, under the limit that guards it, and once in the database, guarded again; and **what the items will
//! ask is asked for all of them at once**, behind the statement that holds their sites: each is run on guesses, the answers of the last
//! batch, to learn what it will ask. What came of that is thrown away; what counts is the run on the answers. A batch like the last one so
//! takes three journeys: to hold and ask, to tell, and to commit.
//!
//! All this supposes that nothing goes wrong. When something does, a row that is refused or an item that fails after the database has
//! heard of it, the batch is undone and done again with care: every statement at once, every item within a savepoint.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use tokio_postgres::Row;

use super::connection::{Link, Trouble};
use super::shape::Shape;
use crate::store::sql::{Columns, Connection, Session, Value, count};
use crate::store::{Item, StoreError, Stored};

/// How often the items are run to learn what they will ask, at the least and the most. A reservation asks at least two things that no
/// other asks, its key and its order; and every round does the work up to there again.
const ROUNDS: RangeInclusive<usize> = 2..=5;

/// A statement with its values.
type Asked = (usize, Vec<Value<'static>>);

/// What a batch expects to be answered, from the last one: never more than a reason to ask.
#[derive(Default)]
pub(super) struct Habits {
    /// What its first item was answered.
    answers: HashMap<Asked, Arc<Vec<Found>>>,
    /// Which statements found nothing, whatever their values.
    in_vain: HashSet<usize>,
}

/// A row that was read; where it was asked for among others, their number stands before its columns.
struct Found {
    row: Row,
    from: usize,
}

impl Columns for Found {
    fn at(&self, index: usize) -> Stored<Value<'_>> {
        self.row.at(index.saturating_add(self.from))
    }
}

/// Something done in memory.
enum Deed {
    /// A row that is to be added.
    Add(Arc<Shape>, Vec<Value<'static>>),
    /// A counter that was raised.
    Raise(Vec<Value<'static>>, i64),
}

/// A counter as it was read, and by how much it was raised since.
struct Counter {
    found: i64,
    raised: i64,
    /// The statement that raises it, and the limit that bore it last.
    by: Option<(Box<str>, i64)>,
}

/// How carefully a batch is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// In memory first: whatever goes wrong concerns the whole batch.
    None,
    /// Every item within a savepoint: what is refused is the item's own affair.
    EachAlone,
    /// The same for the last time: so is what meets somebody else's.
    NobodyElse,
}

/// A batch's transaction.
pub(super) struct Batch<'l> {
    link: &'l Link,
    care: Care,
    gathers: Cell<bool>,
    read: RefCell<HashMap<Asked, Arc<Vec<Found>>>>,
    /// What is to be asked next, and the same in the order of asking.
    asked: RefCell<(HashSet<Asked>, Vec<Asked>)>,
    expected: Habits,
    /// How often an item could not go on for want of a guess.
    stops: Cell<usize>,
    /// Of each statement that was asked, whether it found anything.
    has_found: RefCell<HashMap<usize, bool>>,
    /// How often somebody had to wait for an answer alone.
    waits: Cell<usize>,
    /// What the first item asks, while it runs.
    first_asks: RefCell<Option<HashMap<Asked, Arc<Vec<Found>>>>>,
    deeds: RefCell<Vec<Deed>>,
    counters: RefCell<HashMap<Vec<Value<'static>>, Counter>>,
    /// Whether the database has heard of something since the last mark.
    is_told: Cell<bool>,
}

impl<'l> Batch<'l> {
    pub(super) fn new(link: &'l Link, care: Care) -> Self {
        Self {
            link,
            care,
            gathers: Cell::new(false),
            read: RefCell::default(),
            asked: RefCell::default(),
            expected: link.take_habits(),
            stops: Cell::new(0),
            has_found: RefCell::default(),
            waits: Cell::new(0),
            first_asks: RefCell::default(),
            deeds: RefCell::default(),
            counters: RefCell::default(),
            is_told: Cell::new(false),
        }
    }

    /// Runs the items one after another, and tells the database all that is left to tell. The first of them is the sweep.
    pub(super) fn run(&self, items: &mut [&mut dyn Item]) -> Result<(), Trouble> {
        let session = Session(self);
        let rounds = self.link.rounds().clamp(*ROUNDS.start(), *ROUNDS.end());
        let mut asked_last = 0;
        let is_known = !self.expected.answers.is_empty();
        if !self.with_care() && is_known {
            asked_last = self.gather(items, rounds, &session)?;
        }
        // The sweep; it may hold more sites.
        let Some((sweep, items)) = items.split_first_mut() else { return Ok(()) };
        self.item(*sweep, &session)?;
        let Some((first, rest)) = items.split_first_mut() else { return self.end() };
        self.first(*first, &session)?;
        if !self.with_care() && !is_known && rest.len() > 1 {
            asked_last = self.gather(rest, rounds, &session)?;
        }
        self.waits.set(0);
        for item in &mut *rest {
            self.item(*item, &session)?;
        }
        if !self.with_care() && rest.len() > 1 {
            // What this batch would have needed the next one is given: most are alike.
            let is_few = |count: usize| count <= rest.len() / 8;
            let more = usize::from(!is_few(self.waits.get()));
            let fewer = usize::from(more == 0 && is_few(asked_last));
            self.link.set_rounds(rounds.saturating_add(more).saturating_sub(fewer));
        }
        self.end()
    }

    fn end(&self) -> Result<(), Trouble> {
        self.tell()?;
        self.link.settle()
    }

    /// What the first item asks, and is answered, the next batch expects.
    fn first(&self, item: &mut dyn Item, session: &Session<'_>) -> Result<(), Trouble> {
        if self.with_care() {
            return self.item(item, session);
        }
        *self.first_asks.borrow_mut() = Some(HashMap::new());
        self.item(item, session)?;
        let answers = self.first_asks.take().unwrap_or_default();
        let has_found = self.has_found.borrow();
        let in_vain = has_found.iter().filter_map(|(number, found)| (!found).then_some(*number)).collect();
        self.link.set_habits(Habits { answers, in_vain });
        Ok(())
    }

    /// What may be answered, as far as there is reason to think so.
    fn guess(&self, shape: &Shape, asked: &Asked) -> Option<Arc<Vec<Found>>> {
        let is_in_vain = self.expected.in_vain.contains(&shape.number);
        self.expected.answers.get(asked).cloned().or_else(|| is_in_vain.then(Arc::default))
    }

    /// Notes what an item will ask, and lets it go on with a guess, if there is one.
    fn expect(&self, shape: &Shape, asked: Asked) -> Stored<Arc<Vec<Found>>> {
        let guess = self.guess(shape, &asked);
        let (known, order) = &mut *self.asked.borrow_mut();
        if known.insert(asked.clone()) {
            order.push(asked);
        }
        if guess.is_none() {
            self.stops.set(self.stops.get().saturating_add(1));
        }
        guess.ok_or(StoreError::Busy)
    }

    fn with_care(&self) -> bool {
        self.care != Care::None
    }

    fn item(&self, item: &mut dyn Item, session: &Session<'_>) -> Result<(), Trouble> {
        let kept = self.part("item", &mut || Ok(item.run(session).is_ok()));
        match self.link.trouble() {
            // It has been undone.
            Some(Trouble::Refused(_)) if self.with_care() => self.link.forget_trouble(),
            Some(Trouble::InTheWay(_)) if self.care == Care::NobodyElse => self.link.forget_trouble(),
            Some(trouble) => return Err(trouble),
            None => {}
        }
        kept.map(drop).map_err(|error| Trouble::Refused(error.to_string()))
    }

    /// Asks for all items what each will ask first; tells how much was asked in the last round.
    fn gather(&self, items: &mut [&mut dyn Item], rounds: usize, session: &Session<'_>) -> Result<usize, Trouble> {
        let mut asked_last = 0;
        for _ in 0..rounds {
            self.gathers.set(true);
            self.stops.set(0);
            for item in &mut *items {
                // It stops where it has no answer yet; it runs again.
                let _ = item.run(session);
            }
            self.gathers.set(false);
            let (_, asked) = self.asked.take();
            asked_last = asked.len();
            if asked.is_empty() {
                break;
            }
            self.ask(asked)?;
            if self.stops.get() == 0 {
                // All have come to their ends: what they would still ask is what nobody expected.
                break;
            }
        }
        Ok(asked_last)
    }

    /// Asks all of this at once.
    fn ask(&self, asked: Vec<Asked>) -> Result<(), Trouble> {
        let mut alike: HashMap<usize, Vec<Asked>> = HashMap::new();
        let (mut groups, mut answers) = (Vec::new(), Vec::new());
        for one in asked {
            let Some(shape) = self.link.numbered(one.0) else { continue };
            if shape.holds() {
                // What is read of rows that it holds is read after it.
                answers.push(self.link.ask(&shape, one.1.clone())?);
                groups.push(vec![one]);
            } else {
                alike.entry(one.0).or_default().push(one);
            }
        }
        for (number, askings) in alike {
            let Some(shape) = self.link.numbered(number) else { continue };
            if askings.len() > 1 && shape.asks_in_any_order() {
                let rows: Vec<_> = askings.iter().map(|(_, values)| values.clone()).collect();
                answers.push(self.link.ask_many(&shape, &rows)?);
                groups.push(askings);
                continue;
            }
            for one in askings {
                answers.push(self.link.ask(&shape, one.1.clone())?);
                groups.push(vec![one]);
            }
        }
        for (group, rows) in groups.into_iter().zip(self.link.all(answers)?) {
            self.keep(group, rows)?;
        }
        Ok(())
    }

    /// Keeps what was answered to questions that were asked together.
    fn keep(&self, group: Vec<Asked>, rows: Vec<Row>) -> Result<(), Trouble> {
        let is_one = group.len() == 1;
        let mut found: Vec<Vec<Found>> = group.iter().map(|_| Vec::new()).collect();
        for row in rows {
            let of = if is_one { 1 } else { row.try_get::<_, i64>(0)? };
            let at = usize::try_from(of).ok().and_then(|of| of.checked_sub(1));
            if let Some(found) = at.and_then(|at| found.get_mut(at)) {
                found.push(Found { row, from: usize::from(!is_one) });
            }
        }
        for ((number, _), found) in group.iter().zip(&found) {
            self.note(*number, !found.is_empty());
        }
        self.read.borrow_mut().extend(group.into_iter().zip(found.into_iter().map(Arc::new)));
        Ok(())
    }

    /// Notes whether a statement has found anything.
    fn note(&self, number: usize, has_found: bool) {
        *self.has_found.borrow_mut().entry(number).or_default() |= has_found;
    }

    /// Does `work` so that it can be undone: when it answers `false` or fails, nothing of it remains.
    fn part(&self, name: &'static str, work: &mut dyn FnMut() -> Stored<bool>) -> Stored<bool> {
        if self.with_care() {
            return self.part_with_care(name, work);
        }
        let (mark, was_told) = (self.deeds.borrow().len(), self.is_told.replace(false));
        let done = work();
        let is_told = self.is_told.replace(was_told || self.is_told.get());
        if !matches!(done, Ok(true)) && !self.gathers.get() {
            if is_told {
                let why = "something must be undone that the database has heard of";
                return Err(self.link.fail(Trouble::Refused(why.into())).into());
            }
            self.undo(mark);
        }
        done
    }

    fn part_with_care(&self, name: &'static str, work: &mut dyn FnMut() -> Stored<bool>) -> Stored<bool> {
        self.link.wait(self.link.client().batch_execute(&format!("SAVEPOINT {name}")))?;
        let done = work();
        let end = if matches!(done, Ok(true)) { "" } else { &*format!("ROLLBACK TO SAVEPOINT {name}; ") };
        self.link.wait(self.link.client().batch_execute(&format!("{end}RELEASE SAVEPOINT {name}")))?;
        done
    }

    fn undo(&self, mark: usize) {
        let undone = self.deeds.borrow_mut().split_off(mark);
        for deed in undone {
            let Deed::Raise(key, by) = deed else { continue };
            if let Some(counter) = self.counters.borrow_mut().get_mut(&key) {
                counter.raised = counter.raised.saturating_sub(by);
            }
        }
    }

    /// Tells the database what was done in memory, without waiting for what it says.
    fn tell(&self) -> Result<(), Trouble> {
        let deeds = self.deeds.take();
        if deeds.is_empty() {
            return Ok(());
        }
        self.is_told.set(true);
        // What refers to a row comes after it: the first row of a table is added before the first that refers to it.
        let mut tables: Vec<(Arc<Shape>, Vec<Vec<Value<'static>>>)> = Vec::new();
        for deed in deeds {
            let Deed::Add(shape, values) = deed else { continue };
            match tables.iter_mut().find(|(other, _)| other.number == shape.number) {
                Some((_, rows)) => rows.push(values),
                None => tables.push((shape, vec![values])),
            }
        }
        for (shape, rows) in tables {
            self.link.post_many(&shape, &rows)?;
        }
        for (key, counter) in &mut *self.counters.borrow_mut() {
            let raised = std::mem::take(&mut counter.raised);
            let Some((sql, most)) = counter.by.as_ref().filter(|_| raised > 0) else { continue };
            counter.found = counter.found.saturating_add(raised);
            self.forget(&self.link.shape(sql));
            let values = key.iter().cloned().chain([Value::Integer(raised), Value::Integer(*most)]).collect();
            self.link.post(sql, values)?;
        }
        Ok(())
    }

    /// Forgets what was read of the tables that a statement is about.
    fn forget(&self, shape: &Shape) {
        let others = |number| self.link.numbered(number).is_some_and(|other| !other.shares_table(shape));
        self.read.borrow_mut().retain(|(number, _), _| others(*number));
    }

    /// Whether somebody asks for a row that the database has not heard of.
    fn is_awaited(&self, shape: &Shape, values: &[Value<'_>]) -> bool {
        let sees = |deed: &Deed| matches!(deed, Deed::Add(added, row) if shape.sees(values, added, row));
        let counts = |counter: &Counter| {
            let by = counter.by.as_ref().filter(|_| counter.raised > 0);
            by.is_some_and(|(sql, _)| self.link.shape(sql).shares_table(shape))
        };
        self.deeds.borrow().iter().any(sees) || self.counters.borrow().values().any(counts)
    }

    /// What goes straight to the database, after all that it has not heard of.
    fn told(&self) -> Stored<()> {
        if self.gathers.get() {
            return Err(StoreError::Busy);
        }
        self.is_told.set(true);
        Ok(self.tell()?)
    }
}

fn owned(values: &[Value<'_>]) -> Vec<Value<'static>> {
    values.iter().cloned().map(Value::into_owned).collect()
}

impl Connection for Batch<'_> {
    fn query(&self, sql: &str, values: &[Value<'_>], read: &mut dyn FnMut(&dyn Columns) -> Stored<()>) -> Stored<()> {
        let shape = self.link.shape(sql);
        if self.with_care() {
            return self.link.query(sql, values, read);
        }
        let asked = (shape.number, owned(values));
        if shape.holds() && self.gathers.get() {
            let rows = self.expect(&shape, asked)?;
            return rows.iter().try_for_each(|found| read(found));
        }
        if !shape.asks() {
            if let Some(rows) = self.read.borrow_mut().remove(&asked) {
                // Nothing that it is about was written since.
                return rows.iter().try_for_each(|found| read(found));
            }
            // It may change what it asks, and it holds rows that nobody must have asked before.
            self.told()?;
            self.forget(&shape);
            self.counters.borrow_mut().clear();
            let rows = self.link.rows(sql, values)?;
            self.note(shape.number, !rows.is_empty());
            return rows.iter().try_for_each(|row| read(row));
        }
        let known = self.read.borrow().get(&asked).cloned();
        let rows = match known {
            Some(rows) => rows,
            None if self.gathers.get() => self.expect(&shape, asked.clone())?,
            None => {
                if self.is_awaited(&shape, values) {
                    self.tell()?;
                }
                self.waits.set(self.waits.get().saturating_add(1));
                let rows = self.link.rows(sql, values)?.into_iter().map(|row| Found { row, from: 0 });
                let rows = Arc::new(rows.collect::<Vec<_>>());
                self.note(shape.number, !rows.is_empty());
                self.read.borrow_mut().insert(asked.clone(), Arc::clone(&rows));
                rows
            }
        };
        if let Some(asks) = &mut *self.first_asks.borrow_mut() {
            asks.insert(asked, Arc::clone(&rows));
        }
        rows.iter().try_for_each(|found| read(found))
    }

    fn change(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64> {
        if self.with_care() {
            return self.link.change(sql, values);
        }
        self.told()?;
        self.forget(&self.link.shape(sql));
        self.counters.borrow_mut().clear();
        self.link.change(sql, values)
    }

    fn add(&self, sql: &str, values: &[Value<'_>]) -> Stored<()> {
        let shape = self.link.shape(sql);
        if self.with_care() || self.gathers.get() || !shape.adds() {
            return self.change(sql, values).map(drop);
        }
        let unseen =
            |number, asked: &Vec<_>| self.link.numbered(number).is_some_and(|one| !one.sees(asked, &shape, values));
        self.read.borrow_mut().retain(|(number, asked), _| unseen(*number, asked));
        self.deeds.borrow_mut().push(Deed::Add(shape, owned(values)));
        Ok(())
    }

    fn count(&self, sql: &str, key: &[Value<'_>]) -> Stored<i64> {
        if self.with_care() {
            return self.link.count(sql, key);
        }
        let key = owned(key);
        if let Some(counter) = self.counters.borrow().get(&key) {
            return Ok(counter.found.saturating_add(counter.raised));
        }
        let found = count(self, sql, &key)?;
        if self.gathers.get() {
            // It may be a guess.
            return Ok(found);
        }
        self.counters.borrow_mut().insert(key, Counter { found, raised: 0, by: None });
        Ok(found)
    }

    fn raise(&self, sql: &str, key: &[Value<'_>], by: i64, most: i64) -> Stored<bool> {
        let key = owned(key);
        if self.gathers.get() {
            return Err(StoreError::Busy);
        }
        if let Some(counter) = self.counters.borrow_mut().get_mut(&key).filter(|_| !self.with_care()) {
            let raised = counter.raised.saturating_add(by);
            if counter.found.saturating_add(raised) > most {
                return Ok(false);
            }
            (counter.raised, counter.by) = (raised, Some((sql.into(), most)));
            self.deeds.borrow_mut().push(Deed::Raise(key, by));
            return Ok(true);
        }
        let values: Vec<_> = key.into_iter().chain([Value::Integer(by), Value::Integer(most)]).collect();
        Ok(self.change(sql, &values)? == 1)
    }

    fn attempt(&self, work: &mut dyn FnMut() -> Stored<bool>) -> Stored<bool> {
        self.part("attempt", work)
    }

    fn holding(&self, clause: &'static str) -> &'static str {
        self.link.holding(clause)
    }
}
