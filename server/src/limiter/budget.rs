//! A budget that comes back with time.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::TooMany;

/// A budget as time: each unit takes an interval to come back, and so many intervals may be owed at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub(super) interval_nanoseconds: u64,
    pub(super) burst: u64,
}

impl Budget {
    /// So many times `count` units come back in each period, and so many times `burst` may be spent at once.
    pub(super) fn new(period_nanoseconds: u64, count: NonZeroU32, burst: NonZeroU32, times: u64) -> Self {
        let count = u64::from(count.get()).saturating_mul(times);
        let interval_nanoseconds = period_nanoseconds.checked_div(count).unwrap_or(period_nanoseconds).max(1);
        Self { interval_nanoseconds, burst: u64::from(burst.get()).saturating_mul(times) }
    }

    /// What so many units cost, in nanoseconds.
    pub(super) const fn time(&self, count: u64) -> u64 {
        self.interval_nanoseconds.saturating_mul(count)
    }
}

/// When all that was spent will have come back, in nanoseconds since the table was made.
#[derive(Debug, Default)]
pub(super) struct Spent(AtomicU64);

impl Spent {
    /// Spends so many units, all or none.
    pub(super) fn spend(&self, budget: Budget, count: u32, now: u64) -> Result<(), TooMany> {
        let bound = now.saturating_add(budget.time(budget.burst));
        let after = |full_at: u64| full_at.max(now).saturating_add(budget.time(u64::from(count)));
        let affordable = |full_at: u64| Some(after(full_at)).filter(|after| *after <= bound);
        let spent = self.0.try_update(Ordering::AcqRel, Ordering::Acquire, affordable);
        spent.map(drop).map_err(|full_at| TooMany::after(Duration::from_nanos(after(full_at).saturating_sub(bound))))
    }

    /// Gives so many units back.
    pub(super) fn give_back(&self, budget: Budget, count: u32) {
        self.give_back_time(budget.time(u64::from(count)));
    }

    /// Gives back what costs so many nanoseconds.
    pub(super) fn give_back_time(&self, time: u64) {
        self.0.update(Ordering::AcqRel, Ordering::Acquire, |full_at| full_at.saturating_sub(time));
    }

    /// Somebody else knows that not all has come back before `full_at`.
    pub(super) fn owe_at_least(&self, full_at: u64) {
        self.0.fetch_max(full_at, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_comes_back() {
        let budget = Budget { interval_nanoseconds: 10, burst: 3 };
        let spent = Spent::default();
        assert!(spent.spend(budget, 3, 100).is_ok() && spent.spend(budget, 1, 109).is_err());
        assert!(spent.spend(budget, 1, 110).is_ok() && spent.spend(budget, 1, 119).is_err());
        assert!(spent.spend(budget, 3, 1000).is_ok() && spent.spend(budget, 4, u64::MAX / 2).is_err());
    }

    #[test]
    fn what_others_know_to_be_owed_is_owed_here_too() {
        let budget = Budget { interval_nanoseconds: 10, burst: 3 };
        let spent = Spent::default();
        spent.owe_at_least(130);
        assert!(spent.spend(budget, 1, 109).is_err() && spent.spend(budget, 1, 110).is_ok());
        spent.owe_at_least(120);
        assert!(spent.spend(budget, 1, 119).is_err(), "who knows less says nothing");
    }
}
