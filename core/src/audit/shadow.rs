//! Whether another promotion always takes the place of one that acts by itself (R49).
//!
//! Claimed only where it follows from the terms alone: the other one fits wherever this one does, nothing can use it up, it takes off
//! at least as much of at least the same units, and goes first on a tie.

use core::cmp::Reverse;

use super::subject::Subject;
use super::{Audited, Severity, What};
use crate::money::AmountTable;
use crate::policy::SitePolicy;
use crate::promotion::condition::{Basis, Channel};
use crate::promotion::{
    ActsOn, Benefit, Condition, Lane, Lists, Most, Promotion, Scope, Selector, Series, Terms, Unit,
};

impl Subject<'_, '_> {
    pub(super) fn shadows(&mut self, all: &[Audited<'_>]) {
        let (this, policy) = (self.promotion(), self.policy);
        let shadow = all.iter().find(|other| other.active && takes_the_place(other.promotion, this, policy));
        if let Some(shadow) = shadow {
            let by = shadow.promotion.terms.promotion.clone();
            self.find(Severity::Shadowed, "benefit", What::ShadowedBy { by });
        }
    }
}

/// Whether `one` acts wherever `other` would.
fn takes_the_place(one: &Promotion, other: &Promotion, policy: &SitePolicy) -> bool {
    let order = |terms: &Terms| (Reverse(terms.priority), terms.promotion.clone());
    let (a, b) = (&one.terms, &other.terms);
    let acts_alone = !a.needs_code && !b.needs_code && a.lane == b.lane;
    acts_alone
        && order(a) < order(b)
        && adds_up(&a.lane, policy)
        && one.limits.is_empty()
        && a.conditions.iter().all(|condition| b.conditions.iter().any(|other| is_implied(condition, other)))
        && names_all(&one.lists, &other.lists)
        && fits_wherever(a, b)
        && (is_same_touch(one, other) || touches_all(a, b))
        && gives_as_much(&a.benefit, &b.benefit, is_same_touch(one, other))
}

/// Whether what a promotion takes off is the sum of its shares: one computed on list prices is cut to what earlier lanes left.
fn adds_up(lane: &Lane, policy: &SitePolicy) -> bool {
    let acts_on = match lane {
        Lane::Price => return true,
        Lane::Gift | Lane::Referral => policy.evaluation.acts_on,
        Lane::Own(id) => {
            policy.evaluation.lanes.iter().find(|own| own.id == *id).map_or(ActsOn::Remaining, |own| own.acts_on)
        }
    };
    acts_on == ActsOn::Remaining
}

/// Whether a condition holds wherever another of its kind does, apart from what depends on the lines that fit.
fn is_implied(condition: &Condition, by: &Condition) -> bool {
    match (condition, by) {
        (Condition::Redeemable { window }, Condition::Redeemable { window: by }) => {
            window.from().is_none_or(|from| by.from().is_some_and(|by| from <= by))
                && window.until().is_none_or(|until| by.until().is_some_and(|by| until >= by))
        }
        (
            Condition::MinimumSubtotal { amounts, basis, counts },
            Condition::MinimumSubtotal { amounts: by, basis: by_basis, counts: by_counts },
        ) => basis == by_basis && counts == by_counts && states_all(amounts, by, |one, by| one <= by),
        (
            Condition::MaximumSubtotal { amounts, basis, counts },
            Condition::MaximumSubtotal { amounts: by, basis: by_basis, counts: by_counts },
        ) => basis == by_basis && counts == by_counts && states_all(amounts, by, |one, by| one == by),
        (Condition::MaximumLines { lines }, Condition::MaximumLines { lines: by }) => lines >= by,
        (Condition::Channels { channels }, Condition::Channels { channels: by }) => {
            let all = [Channel::BookingPage, Channel::PointOfSale, Channel::StaffInbox, Channel::Invoice];
            all.into_iter().all(|channel| channels.contains(channel) || !by.contains(channel))
        }
        _ => condition == by,
    }
}

/// Whether whoever is on the one's lists is on the other's.
fn names_all(one: &Lists, other: &Lists) -> bool {
    fn has_all<T: PartialEq>(one: &[T], other: &[T]) -> bool {
        other.iter().all(|entry| one.contains(entry))
    }
    has_all(&one.customers, &other.customers) && has_all(&one.tags, &other.tags) && has_all(&one.passes, &other.passes)
}

/// The conditions that are judged line by line.
fn of_lines(terms: &Terms) -> impl Iterator<Item = &Condition> {
    let is_of_lines =
        |condition: &&Condition| condition.is_of_dates() || matches!(condition, Condition::BookingType { .. });
    terms.conditions.iter().filter(is_of_lines)
}

/// Whether both judge every line alike.
fn fits_alike(one: &Terms, other: &Terms) -> bool {
    one.scope == other.scope && of_lines(one).eq(of_lines(other))
}

/// Whether every line that fits the other fits the one, and the one never waits for a date that the other does not need.
fn fits_wherever(one: &Terms, other: &Terms) -> bool {
    let counts_eligible =
        |condition: &Condition| matches!(condition, Condition::MaximumSubtotal { basis: Basis::EligibleLines, .. });
    fits_alike(one, other)
        || (of_lines(one).next().is_none()
            && contains(&one.scope, &other.scope)
            && !one.conditions.iter().any(counts_eligible))
}

/// Whether both touch exactly the same units of every cart.
fn is_same_touch(one: &Promotion, other: &Promotion) -> bool {
    let counts_occurrences = |promotion: &Promotion| {
        promotion.limits.iter().any(|limit| matches!(limit.most, Most::Uses { unit: Unit::Occurrences, .. }))
    };
    let (a, b) = (&one.terms, &other.terms);
    fits_alike(a, b)
        && a.series == b.series
        && a.units == b.units
        && a.is_for_first_appointment() == b.is_for_first_appointment()
        && !counts_occurrences(other)
}

/// Whether the one touches every unit that the other touches: it takes all that fits.
fn touches_all(one: &Terms, other: &Terms) -> bool {
    let series = match (one.series, other.series) {
        (Series::Each, _) => true,
        (Series::First(count), Series::First(other_count)) => fits_alike(one, other) && count >= other_count,
        (Series::First(_), Series::Each) => false,
    };
    series && one.units.is_none() && !one.is_for_first_appointment()
}

/// Whether the one takes off at least as much of what it touches as the other of what that touches.
fn gives_as_much(one: &Benefit, other: &Benefit, is_same_touch: bool) -> bool {
    match (one, other) {
        (Benefit::Percent { percent, cap }, Benefit::Percent { percent: other_percent, cap: other_cap }) => {
            let capped = match (cap, other_cap) {
                (None, _) => true,
                (Some(cap), Some(other)) => states_all(cap, other, |one, other| one >= other),
                (Some(_), None) => false,
            };
            percent >= other_percent && capped
        }
        (Benefit::Fixed { amounts, per }, Benefit::Fixed { amounts: other, per: other_per }) => {
            per == other_per && states_all(amounts, other, |one, other| one >= other)
        }
        (Benefit::FixedPrice { prices }, Benefit::FixedPrice { prices: other }) => {
            states_all(prices, other, |one, other| one <= other)
        }
        (Benefit::NoDiscount, Benefit::NoDiscount) => true,
        // The customer chooses a gift of each on its own.
        (Benefit::Gift { .. }, _) => false,
        _ => is_same_touch && one == other,
    }
}

/// Whether the one table states an amount for each currency of the other, and they compare as wanted.
fn states_all(
    one: &AmountTable,
    other: &AmountTable,
    compare: impl Fn(crate::money::Amount, crate::money::Amount) -> bool,
) -> bool {
    other.amounts().iter().all(|money| one.find(money.currency).is_some_and(|amount| compare(amount, money.amount)))
}

/// Whether every line in the other scope is in the one.
fn contains(one: &Scope, other: &Scope) -> bool {
    // Without any inclusion fees are out, and an item or a category may hold one.
    let for_sale = |selector: &Selector| matches!(selector, Selector::Kind { kind } if !kind.must_be_named());
    let include = if one.include.is_empty() {
        other.include.iter().all(for_sale)
    } else {
        !other.include.is_empty() && other.include.iter().all(|selector| one.include.contains(selector))
    };
    let locations = one.locations.is_empty()
        || (!other.locations.is_empty() && other.locations.iter().all(|location| one.locations.contains(location)));
    include
        && locations
        && one.exclude.iter().all(|selector| other.exclude.contains(selector))
        && one.phrases.iter().all(|phrase| other.phrases.contains(phrase))
        && (!one.exclude_discounted || other.exclude_discounted)
}

#[cfg(feature = "zones")]
#[cfg(test)]
mod tests;
