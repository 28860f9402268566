//! The writer, measured: how much is in a batch, how long it takes, how many holds end at its head.

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};

use super::Metrics;
use crate::clock::Clock;
use crate::store::{Item, SiteNumber, StoreError, Undo, Write, Writer};

/// A writer that is measured.
pub(crate) struct MeasuredWriter {
    writer: Box<dyn Writer>,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
}

impl MeasuredWriter {
    pub(crate) fn new(writer: Box<dyn Writer>, metrics: Arc<Metrics>, clock: Arc<dyn Clock>) -> Self {
        Self { writer, metrics, clock }
    }
}

impl Writer for MeasuredWriter {
    fn commit(&mut self, items: &mut [&mut dyn Item]) -> Result<(), StoreError> {
        // Every batch has the ending of holds at its head; the rest is work.
        let pieces = u32::try_from(items.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let now = self.clock.now();
        let (mut head, mut work) = (None, Vec::new());
        for item in items {
            match &head {
                None => head = Some(Head { item: &mut **item, now, ended: 0 }),
                Some(_) => work.push(Work(&mut **item)),
            }
        }
        let mut measured: Vec<&mut dyn Item> = head.iter_mut().map(|head| head as &mut dyn Item).collect();
        measured.extend(work.iter_mut().map(|item| item as &mut dyn Item));
        let began = Instant::now();
        let committed = self.writer.commit(&mut measured);
        if committed.is_ok() {
            self.metrics.commit.observe(began.elapsed().as_secs_f64());
            self.metrics.batch.observe(f64::from(pieces));
            self.metrics.holds.inc_by(head.map_or(0, |head| head.ended));
        }
        committed
    }
}

/// What stands at the head of a batch, and ends holds.
struct Head<'i, 'o> {
    item: &'i mut (dyn Item + 'o),
    now: DateTime<Utc>,
    /// How many it has ended.
    ended: u64,
}

impl Item for Head<'_, '_> {
    fn site(&self) -> Option<SiteNumber> {
        self.item.site()
    }

    fn run(&mut self, store: &dyn Write) -> Result<(), Undo> {
        let before = left(store, self.now);
        self.item.run(store)?;
        // It may run again: what counts is the last time.
        self.ended = if before > 0 { before.saturating_sub(left(store, self.now)) } else { 0 };
        Ok(())
    }
}

/// How many holds have ended and are still there. Where that cannot be read, whoever ends them will say so.
fn left(store: &dyn Write, now: DateTime<Utc>) -> u64 {
    /// More than end between two batches, unless the server has been down; of more, fewer are counted than end.
    const MOST: u32 = 10_000;
    store.ended_holds(now, MOST).map_or(0, |ended| ended.len() as u64)
}

/// Any other item of a batch.
struct Work<'i, 'o>(&'i mut (dyn Item + 'o));

impl Item for Work<'_, '_> {
    fn site(&self) -> Option<SiteNumber> {
        self.0.site()
    }

    fn run(&mut self, store: &dyn Write) -> Result<(), Undo> {
        self.0.run(store)
    }
}
