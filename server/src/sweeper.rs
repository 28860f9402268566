//! Ends holds and forgets old answers while nothing else is written.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::redeem::Batcher;
use crate::store::{SiteNumber, Write};

/// How often. What is decided does not depend on it: every batch begins by ending the holds whose time is over.
const EVERY: Duration = Duration::from_secs(5);
/// Answers forgotten at once: a pause that nobody notices.
const ANSWERS: u32 = 1000;

/// Sweeps until the writer ends.
pub(crate) async fn sweep(batcher: Batcher) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while batcher.is_open() {
        ticks.tick().await;
        // An empty piece of work is enough to end holds: that is done at the head of its batch.
        let forget = |store: &dyn Write, now| store.forget_answers(now, ANSWERS);
        if let Err(error) = batcher.submit(SiteNumber(0), forget).await {
            tracing::debug!(%error, "not swept");
        }
    }
}
