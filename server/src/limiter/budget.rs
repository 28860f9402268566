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

/// What is asked of a budget, in nanoseconds: so much must be left, and so much of that is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) needed: u64,
    pub(super) spent: u64,
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

    /// The most that may be owed, in nanoseconds.
    pub(super) const fn bound(&self) -> u64 {
        self.time(self.burst)
    }

    /// What it costs to spend so many units where so many must be left.
    pub(super) fn cost(&self, needed: u32, spent: u32) -> Cost {
        Cost { needed: self.time(needed.into()), spent: self.time(spent.into()) }
    }

    /// The same where each unit counts as several; a full budget bears one act, however much it needs.
    pub(super) fn cost_times(&self, needed: u32, spent: u32, times: u64) -> Cost {
        let Cost { needed: once, spent } = self.cost(needed, spent);
        Cost { needed: once.saturating_mul(times).min(self.bound()).max(once), spent: spent.saturating_mul(times) }
    }
}

/// When all that was spent will have come back, in nanoseconds since the table was made.
#[derive(Debug, Default)]
pub(super) struct Spent(AtomicU64);

impl Spent {
    /// Spends what it costs, if as much is left as that needs. What needs nothing is always borne.
    ///
    /// The clock is read after what the others spent: whoever read it before them would take for debt the time that has passed since.
    pub(super) fn spend(&self, budget: Budget, cost: Cost, now: impl Fn() -> u64) -> Result<(), TooMany> {
        let mut too_long = Duration::ZERO;
        let spent = self.0.try_update(Ordering::AcqRel, Ordering::Acquire, |full_at| {
            let now = now();
            too_long = Duration::from_nanos(wait(budget, cost, full_at, now));
            let is_borne = too_long.is_zero();
            is_borne.then(|| if cost.spent == 0 { full_at } else { full_at.max(now).saturating_add(cost.spent) })
        });
        spent.map(drop).map_err(|_| TooMany::after(too_long))
    }

    /// Whether as much is left as it needs; nothing is spent.
    pub(super) fn bears(&self, budget: Budget, cost: Cost, now: impl Fn() -> u64) -> Result<(), TooMany> {
        let full_at = self.0.load(Ordering::Acquire);
        match wait(budget, cost, full_at, now()) {
            0 => Ok(()),
            wait => Err(TooMany::after(Duration::from_nanos(wait))),
        }
    }

    /// Gives back what costs so many nanoseconds.
    pub(super) fn give_back(&self, time: u64) {
        self.0.update(Ordering::AcqRel, Ordering::Acquire, |full_at| full_at.saturating_sub(time));
    }

    /// Somebody else knows that not all has come back before `full_at`.
    pub(super) fn owe_at_least(&self, full_at: u64) {
        self.0.fetch_max(full_at, Ordering::AcqRel);
    }
}

/// How long it takes until as much is left as is needed.
fn wait(budget: Budget, cost: Cost, full_at: u64, now: u64) -> u64 {
    let owed = full_at.saturating_sub(now);
    if cost.needed == 0 { 0 } else { owed.saturating_add(cost.needed).saturating_sub(budget.bound()) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const BUDGET: Budget = Budget { interval_nanoseconds: 10, burst: 3 };

    fn spend(spent: &Spent, count: u32, now: u64) -> bool {
        spent.spend(BUDGET, BUDGET.cost(count, count), || now).is_ok()
    }

    #[test]
    fn what_is_spent_comes_back() {
        let spent = Spent::default();
        assert!(spend(&spent, 3, 100) && !spend(&spent, 1, 109));
        assert!(spend(&spent, 1, 110) && !spend(&spent, 1, 119));
        assert!(spend(&spent, 3, 1000) && !spend(&spent, 4, u64::MAX / 2));
    }

    #[test]
    fn who_was_held_up_does_not_owe_for_the_delay() {
        let spent = Spent::default();
        // While the first reads the clock, two others spend, later: it must read the clock again.
        let (clock, others) = (Cell::new(100), BUDGET.cost(2, 2));
        let held_up = || {
            let now = clock.replace(150);
            if now == 100 {
                assert!(spent.spend(BUDGET, others, || 150).is_ok());
            }
            now
        };
        assert!(spent.spend(BUDGET, BUDGET.cost(1, 1), held_up).is_ok());
        assert!(!spend(&spent, 1, 159) && spend(&spent, 1, 160));
    }

    #[test]
    fn what_others_know_to_be_owed_is_owed_here_too() {
        let spent = Spent::default();
        spent.owe_at_least(130);
        assert!(!spend(&spent, 1, 109) && spend(&spent, 1, 110));
        spent.owe_at_least(120);
        assert!(!spend(&spent, 1, 119), "who knows less says nothing");
    }

    #[test]
    fn what_is_needed_must_be_left_and_is_not_spent() {
        let spent = Spent::default();
        for _ in 0..9 {
            assert!(spent.spend(BUDGET, BUDGET.cost(3, 0), || 100).is_ok());
        }
        assert!(spent.spend(BUDGET, BUDGET.cost(3, 1), || 100).is_ok());
        assert!(spent.spend(BUDGET, BUDGET.cost(3, 0), || 100).is_err(), "as little as the one who spends");
        assert!(
            spent.bears(BUDGET, BUDGET.cost(2, 0), || 100).is_ok()
                && spent.bears(BUDGET, BUDGET.cost(3, 0), || 100).is_err()
        );
        assert!(spent.spend(BUDGET, BUDGET.cost(0, 9), || 100).is_ok(), "what needs nothing is borne");
        assert!(
            spent.spend(BUDGET, BUDGET.cost(1, 0), || 179).is_err()
                && spent.spend(BUDGET, BUDGET.cost(1, 0), || 180).is_ok()
        );
    }

    #[test]
    fn a_full_budget_bears_an_act_that_counts_several_times() {
        let spent = Spent::default();
        assert_eq!(BUDGET.cost_times(1, 1, 2), Cost { needed: 20, spent: 20 });
        assert_eq!(BUDGET.cost_times(2, 2, 10), Cost { needed: 30, spent: 200 });
        assert_eq!(BUDGET.cost_times(4, 4, 10).needed, 40, "what it never bears it does not bear then either");
        assert!(spent.spend(BUDGET, BUDGET.cost_times(2, 2, 10), || 100).is_ok());
        assert!(!spend(&spent, 1, 279) && spend(&spent, 1, 280));
    }
}
