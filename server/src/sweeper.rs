//! Ends holds and forgets old answers and edits while nothing else is written.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{MissedTickBehavior, interval};

use crate::redeem::Batcher;
use crate::store::{SiteNumber, Stored, Write};

/// How often. What is decided does not depend on it: every batch begins by ending the holds whose time is over.
const EVERY: Duration = Duration::from_secs(5);
/// Forgotten at once: a pause that nobody notices.
const AT_ONCE: u32 = 1000;

/// Sweeps until the writer ends.
pub(crate) async fn sweep(batcher: Batcher) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while batcher.is_open() {
        ticks.tick().await;
        // A piece of work is enough to end holds: that is done at the head of its batch.
        while forget(&batcher, |store, now| store.forget_answers(now, AT_ONCE)).await == AT_ONCE {}
        while forget(&batcher, |store, now| store.forget_edits(now, AT_ONCE)).await == AT_ONCE {}
    }
}

/// Forgets some of what need not be kept any longer; tells how many.
async fn forget(batcher: &Batcher, forget: fn(&dyn Write, DateTime<Utc>) -> Stored<u32>) -> u32 {
    batcher.submit(SiteNumber(0), forget).await.unwrap_or_else(|error| {
        tracing::debug!(%error, "not swept");
        0
    })
}
