//! A clock that a test moves, and that can be made to run.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use tearoff_server::clock::{Clock, ManualClock};

/// Stands still until it is moved; or moves on a little each time anybody looks.
#[derive(Debug)]
pub struct TestClock {
    manual: ManualClock,
    tick_milliseconds: AtomicI64,
}

impl TestClock {
    /// A clock that shows `now`.
    #[must_use]
    pub const fn at(now: DateTime<Utc>) -> Self {
        Self { manual: ManualClock::at(now), tick_milliseconds: AtomicI64::new(0) }
    }

    /// Sets the clock.
    pub fn set(&self, now: DateTime<Utc>) {
        self.manual.set(now);
    }

    /// Moves the clock forward, or back by a negative step.
    pub fn advance(&self, step: TimeDelta) {
        self.manual.advance(step);
    }

    /// From now on the clock moves on by `step` after each look, as time does while work is being done.
    pub fn tick_at_each_look(&self, step: TimeDelta) {
        self.tick_milliseconds.store(step.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        let now = self.manual.now();
        self.manual.advance(TimeDelta::milliseconds(self.tick_milliseconds.load(Ordering::SeqCst)));
        now
    }
}
