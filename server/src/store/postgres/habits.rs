//! What a batch expects to be answered, from those before it: never more than a reason to run on it and to ask.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio_postgres::Row;

use super::connection::Trouble;
use crate::store::Stored;
use crate::store::sql::{Columns, Value};

/// Most answers, and most counts, that are expected: enough for the promotions of a busy day.
const MOST: usize = 4096;

/// A statement with its values.
pub(super) type Asked = (usize, Vec<Value<'static>>);

/// A row that was read; where it was asked for among others, their number stands before its columns.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) row: Row,
    pub(super) from: usize,
}

impl Columns for Found {
    fn at(&self, index: usize) -> Stored<Value<'_>> {
        self.row.at(index.saturating_add(self.from))
    }
}

impl Found {
    /// A row that was asked for among others, with the place of its question, from 0.
    pub(super) fn among_others(row: Row) -> Result<(usize, Self), Trouble> {
        let number: i64 = row.try_get(0)?;
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        Ok((place.unwrap_or(usize::MAX), Self { row, from: 1 }))
    }

    fn is_like(&self, other: &Self) -> bool {
        let width = |found: &Self| found.row.len().saturating_sub(found.from);
        let alike = |index| matches!((self.at(index), other.at(index)), (Ok(one), Ok(other)) if one == other);
        width(self) == width(other) && (0..width(self)).all(alike)
    }
}

/// What is taken for an answer.
#[derive(Clone, Debug)]
pub(super) enum Guess {
    /// Rows.
    Rows(Arc<Vec<Found>>),
    /// What a counter counts.
    Count(i64),
}

impl Guess {
    /// Whether it has come true.
    pub(super) fn is(&self, found: &[Found]) -> bool {
        match self {
            Self::Rows(rows) => {
                rows.len() == found.len() && rows.iter().zip(found).all(|(one, other)| one.is_like(other))
            }
            Self::Count(count) => {
                let counted = found.first().map_or(Ok(Value::Integer(0)), |row| row.at(0));
                counted.is_ok_and(|counted| counted == Value::Integer(*count))
            }
        }
    }
}

/// What was answered in the batches before.
#[derive(Default)]
pub(super) struct Habits {
    answers: HashMap<Asked, Arc<Vec<Found>>>,
    /// What counters counted in the end.
    counts: HashMap<Vec<Value<'static>>, i64>,
    /// Which statements found nothing, whatever their values, when they were last asked.
    in_vain: HashSet<usize>,
}

impl Habits {
    /// What may be answered, as far as there is reason to think so.
    pub(super) fn guess(&self, asked: &Asked) -> Option<Arc<Vec<Found>>> {
        self.answers.get(asked).cloned().or_else(|| self.in_vain.contains(&asked.0).then(Arc::default))
    }

    /// What a counter may count: one that nobody has heard of has counted nothing.
    pub(super) fn count(&self, key: &[Value<'static>]) -> i64 {
        self.counts.get(key).copied().unwrap_or_default()
    }

    /// Learns what a batch was answered, what its counters count now, and which of its statements have found anything.
    pub(super) fn learn<'a>(
        &mut self,
        answers: impl Iterator<Item = (&'a Asked, &'a Arc<Vec<Found>>)>,
        counts: impl Iterator<Item = (&'a Vec<Value<'static>>, i64)>,
        has_found: &HashMap<usize, bool>,
    ) {
        if self.answers.len() > MOST {
            self.answers.clear();
        }
        if self.counts.len() > MOST {
            self.counts.clear();
        }
        for (asked, rows) in answers {
            if rows.is_empty() {
                self.answers.remove(asked);
            } else {
                self.answers.insert(asked.clone(), Arc::clone(rows));
            }
        }
        self.counts.extend(counts.map(|(key, count)| (key.clone(), count)));
        for (number, found) in has_found {
            if *found {
                self.in_vain.remove(number);
            } else {
                self.in_vain.insert(*number);
            }
        }
    }
}
