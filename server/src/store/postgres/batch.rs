//! A batch's transaction, with few journeys to the database and back.
//!
//! While a batch holds its sites nobody else writes what it reads. So **what was read once need not be read again** until the batch itself
//! writes it; **what is added can wait** until somebody asks for it, at the latest for the commit, and goes then as one statement for many rows;
//! **a counter is raised in memory**, under the limit that guards it, and once in the database, guarded again; and **the items are run on guesses
//! first**, what the batches before were answered and counted. Then all that they asked is asked at once, behind the statement that holds their
//! sites. Where every guess has come true, what they did in memory is what they would do now; else it is thrown away, and they run on the
//! answers. A batch like the last one so runs each item once and takes two journeys: to hold and ask, and to tell and commit.
//!
//! All this supposes that nothing goes wrong. When something does, a row that is refused or an item that fails after the database has
//! heard of it, the batch is undone and done again with care: every statement at once, every item within a savepoint.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use tokio_postgres::Row;

use super::connection::{Link, Trouble};
use super::habits::{Asked, Found, Guess};
use super::shape::{Relation, Shape};
use crate::store::sql::{Columns, Connection, Session, Value, count};
use crate::store::{Item, StoreError, Stored};

/// How often the items are run on guesses, at the least and the most. Whoever asks what depends on an answer that nobody could guess is a round
/// behind; and every round does the work up to there again.
const ROUNDS: RangeInclusive<usize> = 2..=5;

/// Rows that were read or guessed, and up to which deed they are known to hold.
struct Known {
    rows: Arc<Vec<Found>>,
    until: usize,
}

/// What is to be asked next.
#[derive(Default)]
struct Asking {
    order: Vec<Asked>,
    /// What is taken for the answer meanwhile, if anything, and up to which deed it holds.
    guesses: HashMap<Asked, Option<(Guess, usize)>>,
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
    /// Whether items run on guesses.
    guesses: Cell<bool>,
    read: RefCell<HashMap<Asked, Known>>,
    asked: RefCell<Asking>,
    /// How often an item could not go on for want of a guess.
    stops: Cell<usize>,
    /// Whether an item wanted what only the database can do.
    is_unfinished: Cell<bool>,
    /// Of each statement that was asked, whether it found anything.
    has_found: RefCell<HashMap<usize, bool>>,
    /// How often somebody had to wait for an answer alone.
    waits: Cell<usize>,
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
            guesses: Cell::new(false),
            read: RefCell::default(),
            asked: RefCell::default(),
            stops: Cell::new(0),
            is_unfinished: Cell::new(false),
            has_found: RefCell::default(),
            waits: Cell::new(0),
            deeds: RefCell::default(),
            counters: RefCell::default(),
            is_told: Cell::new(false),
        }
    }

    /// Runs the items one after another, and tells the database all that is left to tell. It does not wait for what the database says to that: what
    /// cannot be done fails the transaction.
    pub(super) fn run(&self, items: &mut [&mut dyn Item]) -> Result<(), Trouble> {
        let session = Session(self);
        if self.with_care() {
            return items.iter_mut().try_for_each(|item| self.item(*item, &session));
        }
        let rounds = self.link.rounds().clamp(*ROUNDS.start(), *ROUNDS.end());
        if !self.foresee_all(items, rounds, &session)? {
            for item in &mut *items {
                self.item(*item, &session)?;
            }
            // What this batch would have needed the next one is given: most are alike.
            let is_enough = self.waits.get() <= items.len() / 8;
            self.link.set_rounds(if is_enough { rounds.saturating_sub(1) } else { rounds.saturating_add(1) });
        }
        self.learn();
        self.post()
    }

    /// Runs all items on guesses, as often as that leads on; tells whether what they did is what they would do.
    fn foresee_all(&self, items: &mut [&mut dyn Item], rounds: usize, session: &Session<'_>) -> Result<bool, Trouble> {
        for _ in 0..rounds {
            let (came_true, asked) = self.foresee(items, session)?;
            if came_true {
                return Ok(true);
            }
            // From nothing; what was answered is known now.
            self.deeds.borrow_mut().clear();
            self.counters.borrow_mut().clear();
            self.read.borrow_mut().values_mut().for_each(|known| known.until = 0);
            if asked == 0 || (self.is_unfinished.get() && self.stops.get() == 0) {
                break;
            }
        }
        Ok(false)
    }

    /// Runs all items on guesses, and asks what they asked; tells whether all came true, and how much was asked.
    fn foresee(&self, items: &mut [&mut dyn Item], session: &Session<'_>) -> Result<(bool, usize), Trouble> {
        self.guesses.set(true);
        self.stops.set(0);
        self.is_unfinished.set(false);
        for item in items {
            // One that could not go on runs again.
            let _ = self.part("item", &mut || Ok(item.run(session).is_ok()));
        }
        self.guesses.set(false);
        let Asking { order, guesses } = self.asked.take();
        let asked = order.len();
        let came_true = self.ask(order, &guesses)?;
        Ok((came_true && self.stops.get() == 0 && !self.is_unfinished.get(), asked))
    }

    /// What the next batch may expect.
    fn learn(&self) {
        let asks = |number| self.link.numbered(number).is_some_and(|shape| shape.asks() && !shape.is_of_one_order());
        let (read, counters) = (self.read.borrow(), self.counters.borrow());
        let answers = read.iter().filter(|((number, _), _)| asks(*number));
        let counts = counters.iter().map(|(key, counter)| (key, counter.found.saturating_add(counter.raised)));
        self.link.habits().borrow_mut().learn(
            answers.map(|(asked, known)| (asked, &known.rows)),
            counts,
            &self.has_found.borrow(),
        );
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

    /// Asks all of this at once; tells whether all guesses have come true.
    fn ask(&self, asked: Vec<Asked>, guesses: &HashMap<Asked, Option<(Guess, usize)>>) -> Result<bool, Trouble> {
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
                answers.push(self.link.ask_many(&shape, rows)?);
                groups.push(askings);
                continue;
            }
            for one in askings {
                answers.push(self.link.ask(&shape, one.1.clone())?);
                groups.push(vec![one]);
            }
        }
        let mut came_true = true;
        for (group, rows) in groups.into_iter().zip(self.link.all(answers)?) {
            for (asked, found) in split(group, rows)? {
                self.note(asked.0, !found.is_empty());
                came_true &= matches!(guesses.get(&asked), Some(Some((guess, _))) if guess.is(&found));
                self.read.borrow_mut().insert(asked, Known { rows: Arc::new(found), until: 0 });
            }
        }
        Ok(came_true)
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
        if !matches!(done, Ok(true)) {
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
        if undone.is_empty() {
            return;
        }
        for deed in undone {
            let Deed::Raise(key, by) = deed else { continue };
            if let Some(counter) = self.counters.borrow_mut().get_mut(&key) {
                counter.raised = counter.raised.saturating_sub(by);
            }
        }
        // Other deeds will stand in their places.
        self.read.borrow_mut().values_mut().for_each(|known| known.until = known.until.min(mark));
        let mut asking = self.asked.borrow_mut();
        asking.guesses.values_mut().flatten().for_each(|(_, until)| *until = (*until).min(mark));
    }

    /// Tells the database what was done in memory, without waiting for what it says, before somebody goes on.
    fn tell(&self) -> Result<(), Trouble> {
        let sees = |asked: &Asked, known: &Known| {
            let shape = self.link.numbered(asked.0);
            shape.is_some_and(|shape| self.is_touched(&shape, &asked.1, known.until))
        };
        self.read.borrow_mut().retain(|asked, known| !sees(asked, known));
        self.read.borrow_mut().values_mut().for_each(|known| known.until = 0);
        for counter in self.counters.borrow().values() {
            if let Some((sql, _)) = counter.by.as_ref().filter(|_| counter.raised > 0) {
                self.forget(&self.link.shape(sql));
            }
        }
        self.post()
    }

    /// Sends what was done in memory.
    fn post(&self) -> Result<(), Trouble> {
        let deeds = self.deeds.take();
        if deeds.is_empty() {
            return Ok(());
        }
        self.is_told.set(true);
        // What refers to a row comes after it: the first row of a table is added before the first that refers to it.
        let mut tables: Vec<(Arc<Shape>, Vec<Vec<Value<'static>>>)> = Vec::new();
        for deed in deeds {
            let Deed::Add(shape, values) = deed else { continue };
            let is_free = |rows: &[Vec<_>]| !shape.mends || !rows.iter().any(|row| shape.is_one_row(row, &values));
            match tables.iter_mut().find(|(other, rows)| other.number == shape.number && is_free(rows)) {
                Some((_, rows)) => rows.push(values),
                None => tables.push((shape, vec![values])),
            }
        }
        for (shape, rows) in tables {
            self.link.post_many(&shape, rows)?;
        }
        for (key, counter) in &mut *self.counters.borrow_mut() {
            let raised = std::mem::take(&mut counter.raised);
            let Some((sql, most)) = counter.by.as_ref().filter(|_| raised > 0) else { continue };
            counter.found = counter.found.saturating_add(raised);
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

    /// Whether a deed from this one on may change what this asks.
    fn is_touched(&self, shape: &Shape, values: &[Value<'_>], from: usize) -> bool {
        let deeds = self.deeds.borrow();
        let mut relations: Vec<(usize, Option<Arc<Relation>>)> = Vec::new();
        deeds.get(from..).unwrap_or_default().iter().any(|deed| {
            let Deed::Add(added, row) = deed else { return false };
            let known = relations.iter().position(|(number, _)| *number == added.number);
            let at = known.unwrap_or_else(|| {
                relations.push((added.number, self.link.relation(shape, added)));
                relations.len() - 1
            });
            let relation = relations.get(at).and_then(|(_, relation)| relation.as_ref());
            relation.is_some_and(|relation| relation.sees(values, row))
        })
    }

    /// Whether somebody asks for a row that the database has not heard of.
    fn is_awaited(&self, shape: &Shape, values: &[Value<'_>]) -> bool {
        let counts = |counter: &Counter| {
            let by = counter.by.as_ref().filter(|_| counter.raised > 0);
            by.is_some_and(|(sql, _)| self.link.shape(sql).shares_table(shape))
        };
        self.is_touched(shape, values, 0) || self.counters.borrow().values().any(counts)
    }

    /// What is known of this, if no deed has changed it since.
    fn known(&self, shape: &Shape, asked: &Asked) -> Option<Arc<Vec<Found>>> {
        let mut read = self.read.borrow_mut();
        let known = read.get_mut(asked)?;
        if self.is_touched(shape, &asked.1, known.until) {
            read.remove(asked);
            return None;
        }
        known.until = self.deeds.borrow().len();
        Some(Arc::clone(&known.rows))
    }

    /// What an item is to take for the answer while it runs on guesses; it is asked after that.
    fn expect(&self, shape: &Shape, asked: Asked) -> Stored<Arc<Vec<Found>>> {
        let mut asking = self.asked.borrow_mut();
        if !asking.guesses.contains_key(&asked) {
            let guess = self.link.habits().borrow().guess(&asked).map(|rows| (Guess::Rows(rows), 0));
            asking.order.push(asked.clone());
            asking.guesses.insert(asked.clone(), guess);
        }
        let Some(Some((Guess::Rows(rows), until))) = asking.guesses.get_mut(&asked) else {
            self.stops.set(self.stops.get().saturating_add(1));
            return Err(StoreError::Busy);
        };
        if self.is_touched(shape, &asked.1, *until) {
            return Err(self.unfinished());
        }
        *until = self.deeds.borrow().len();
        Ok(Arc::clone(rows))
    }

    /// An item cannot be run to its end on guesses.
    fn unfinished(&self) -> StoreError {
        self.is_unfinished.set(true);
        StoreError::Busy
    }

    /// What goes straight to the database, after all that it has not heard of.
    fn told(&self) -> Stored<()> {
        if self.guesses.get() {
            return Err(self.unfinished());
        }
        self.is_told.set(true);
        Ok(self.tell()?)
    }

    /// The rows of a question that holds nothing.
    fn rows(&self, shape: &Shape, asked: Asked) -> Stored<Arc<Vec<Found>>> {
        if let Some(rows) = self.known(shape, &asked) {
            return Ok(rows);
        }
        if self.guesses.get() {
            return self.expect(shape, asked);
        }
        if self.is_awaited(shape, &asked.1) {
            self.tell()?;
        }
        self.waits.set(self.waits.get().saturating_add(1));
        let rows = self.link.rows(&shape.text, &asked.1)?.into_iter().map(|row| Found { row, from: 0 });
        let rows = Arc::new(rows.collect::<Vec<_>>());
        self.note(shape.number, !rows.is_empty());
        let known = Known { rows: Arc::clone(&rows), until: self.deeds.borrow().len() };
        self.read.borrow_mut().insert(asked, known);
        Ok(rows)
    }

    /// The rows of a question that holds what it finds, or changes something.
    fn held_rows(&self, shape: &Shape, asked: Asked) -> Stored<Arc<Vec<Found>>> {
        if let Some(rows) = self.known(shape, &asked) {
            // Nothing that it is about was written since; when it is asked again, more may have come.
            if !self.guesses.get() {
                self.read.borrow_mut().remove(&asked);
            }
            return Ok(rows);
        }
        if self.guesses.get() && shape.holds() {
            return self.expect(shape, asked);
        }
        // It may change what it asks, and it holds rows that nobody must have asked before.
        self.told()?;
        self.forget(shape);
        self.counters.borrow_mut().clear();
        let rows = self.link.rows(&shape.text, &asked.1)?.into_iter().map(|row| Found { row, from: 0 });
        let rows = Arc::new(rows.collect::<Vec<_>>());
        self.note(shape.number, !rows.is_empty());
        Ok(rows)
    }
}

/// What was answered to questions that were asked together, each with its own.
fn split(group: Vec<Asked>, rows: Vec<Row>) -> Result<impl Iterator<Item = (Asked, Vec<Found>)>, Trouble> {
    let is_one = group.len() == 1;
    let mut found: Vec<Vec<Found>> = group.iter().map(|_| Vec::new()).collect();
    for row in rows {
        let (at, row) = if is_one { (0, Found { row, from: 0 }) } else { Found::among_others(row)? };
        if let Some(found) = found.get_mut(at) {
            found.push(row);
        }
    }
    Ok(group.into_iter().zip(found))
}

fn owned(values: &[Value<'_>]) -> Vec<Value<'static>> {
    values.iter().cloned().map(Value::into_owned).collect()
}

impl Connection for Batch<'_> {
    fn query(&self, sql: &str, values: &[Value<'_>], read: &mut dyn FnMut(&dyn Columns) -> Stored<()>) -> Stored<()> {
        if self.with_care() {
            return self.link.query(sql, values, read);
        }
        let shape = self.link.shape(sql);
        let asked = (shape.number, owned(values));
        let rows = if shape.asks() { self.rows(&shape, asked)? } else { self.held_rows(&shape, asked)? };
        rows.iter().try_for_each(|found| read(found))
    }

    fn query_many(
        &self,
        sql: &str,
        rows: &[Vec<Value<'_>>],
        read: &mut dyn FnMut(usize, &dyn Columns) -> Stored<()>,
    ) -> Stored<()> {
        if self.with_care() {
            return self.link.query_many(sql, rows, read);
        }
        let shape = self.link.shape(sql);
        let asked: Vec<Asked> = rows.iter().map(|values| (shape.number, owned(values))).collect();
        if self.guesses.get() {
            // All are asked, whatever is known of the first.
            let found: Vec<_> = asked.into_iter().map(|asked| self.rows(&shape, asked)).collect();
            let found = found.into_iter().collect::<Stored<Vec<_>>>()?;
            let mut places = found.iter().enumerate();
            return places.try_for_each(|(at, rows)| rows.iter().try_for_each(|row| read(at, row)));
        }
        if asked.iter().any(|asked| self.known(&shape, asked).is_none()) {
            if asked.iter().any(|(_, values)| self.is_awaited(&shape, values)) {
                self.tell()?;
            }
            self.waits.set(self.waits.get().saturating_add(1));
            self.ask(asked.clone(), &HashMap::new())?;
        }
        asked.into_iter().enumerate().try_for_each(|(at, asked)| {
            let rows = self.rows(&shape, asked)?;
            rows.iter().try_for_each(|row| read(at, row))
        })
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
        if self.with_care() || !shape.adds() {
            return self.change(sql, values).map(drop);
        }
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
        let asked = (self.link.shape(sql).number, key.clone());
        let found = if self.guesses.get() && !self.read.borrow().contains_key(&asked) {
            let found = self.link.habits().borrow().count(&key);
            let mut asking = self.asked.borrow_mut();
            asking.order.push(asked.clone());
            asking.guesses.insert(asked, Some((Guess::Count(found), 0)));
            found
        } else {
            count(self, sql, &key)?
        };
        self.counters.borrow_mut().insert(key, Counter { found, raised: 0, by: None });
        Ok(found)
    }

    fn raise(&self, sql: &str, key: &[Value<'_>], by: i64, most: i64) -> Stored<bool> {
        let key = owned(key);
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
