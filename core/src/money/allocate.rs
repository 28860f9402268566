//! Sharing a whole out in parts that sum to it, never above what each can bear (R3, R5).

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use serde::{Deserialize, Serialize};

use super::Amount;
use crate::canonical::canonical_enum;
use crate::order::sort;

/// Who gets the minor units that are left over when all shares are rounded down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Leftover {
    /// The largest remainders; ties go to the smaller line id in bytes, then the earlier occurrence. The order of lines in the
    /// cart does not matter.
    #[default]
    Largest,
    /// The first parts in the cart's order, one unit each.
    First,
    /// The last parts in the cart's order, one unit each.
    Last,
}
canonical_enum!(Leftover { 0 => Largest, 1 => First, 2 => Last });

/// Shares `whole` out in proportion to `weights`, which are also the most each part can bear.
///
/// `ties` orders the parts whose remainders are equal under [`Leftover::Largest`]; between those that it calls equal the earlier comes
/// first. The result sums to `whole`, or to the sum of the weights where that is less. A part of weight zero gets nothing.
#[must_use]
pub fn by_value(
    whole: Amount,
    weights: &[Amount],
    ties: &dyn Fn(usize, usize) -> Ordering,
    leftover: Leftover,
) -> Vec<Amount> {
    let sum = weights.iter().map(|weight| weight.minor_unsigned()).fold(0_u64, u64::saturating_add);
    let whole = whole.minor_unsigned().min(sum);
    let share = |weight: &Amount| Amount::saturated(proportion(whole, weight.minor_unsigned(), sum));
    let mut shares: Vec<Amount> = weights.iter().map(share).collect();
    let given = shares.iter().map(|share| share.minor_unsigned()).fold(0_u64, u64::saturating_add);
    let open = usize::try_from(whole.saturating_sub(given)).unwrap_or(usize::MAX);
    if open == 0 {
        return shares;
    }
    // A single pass settles it: fewer units are open than parts have a remainder, and each of those can bear one more.
    let mut parts = Vec::with_capacity(weights.len());
    parts.extend((0..weights.len()).filter(|part| shares.get(*part) < weights.get(*part)));
    match leftover {
        Leftover::Largest => {
            // It is below the sum, and so within the lowest 64 bits of both products.
            let remainder = |part: usize| {
                let (weight, share) = (weights.get(part)?.minor_unsigned(), shares.get(part)?.minor_unsigned());
                Some(whole.wrapping_mul(weight).wrapping_sub(share.wrapping_mul(sum)))
            };
            sort(&mut parts, &|one, two| remainder(two).cmp(&remainder(one)).then_with(|| ties(one, two)));
        }
        Leftover::First => {}
        Leftover::Last => parts.reverse(),
    }
    for part in parts.into_iter().take(open) {
        if let Some(share) = shares.get_mut(part) {
            *share = Amount(share.0.saturating_add(1));
        }
    }
    shares
}

/// For [`by_value`]: parts of equal remainders get their turns as they stand.
pub(crate) const fn in_turn(_: usize, _: usize) -> Ordering {
    Ordering::Equal
}

/// `whole` x `weight` / `sum`, rounded down. Neither is above the sum.
fn proportion(whole: u64, weight: u64, sum: u64) -> u64 {
    if let Some(product) = whole.checked_mul(weight) {
        return product.checked_div(sum).unwrap_or(0);
    }
    // Beyond 64 bits, bit by bit: a division of 128 bits weighs a kilobyte in a page, for amounts that hardly anybody pays.
    let (mut quotient, mut remainder) = (0_u64, 0_u64);
    for bit in (0..64_u32).rev() {
        let (carry, doubled) = add_below(sum, remainder, remainder);
        quotient = quotient.saturating_mul(2).saturating_add(carry);
        remainder = doubled;
        if weight >> bit & 1 == 1 {
            let (carry, added) = add_below(sum, remainder, whole);
            quotient = quotient.saturating_add(carry);
            remainder = added;
        }
    }
    quotient
}

/// How often `sum` goes into `one` + `other`, and what is left: once at the most, since neither is above it.
const fn add_below(sum: u64, one: u64, other: u64) -> (u64, u64) {
    let room = sum.saturating_sub(other);
    if one >= room { (1, one.saturating_sub(room)) } else { (0, one.saturating_add(other)) }
}

/// A run of units of one part, each able to bear the same amount.
#[derive(Clone, Copy, Debug)]
pub struct Units {
    /// The part they belong to: an index into the result.
    pub part: usize,
    /// How many units.
    pub count: u32,
    /// What each of them can bear at the most.
    pub cap: Amount,
}

/// Shares `whole` out in equal parts per unit, each capped at what it can bear, the excess shared again (`split: per_unit`).
///
/// `runs` come in the order in which leftover minor units are given out, one a unit. The result has one amount for each of
/// `parts` parts and sums to `whole`, or to the sum of the caps where that is less.
#[must_use]
pub fn per_unit(whole: Amount, runs: &[Units], parts: usize) -> Vec<Amount> {
    // What saturates here is above any whole, and so is compared like what it stands for.
    let caps = runs.iter().map(run_total).fold(0_u64, u64::saturating_add);
    let mut open = whole.minor_unsigned().min(caps);
    let mut units = runs.iter().map(|run| u64::from(run.count)).fold(0_u64, u64::saturating_add);
    let mut full = vec![false; runs.len()];
    // Units that cannot bear an equal part are filled; what they leave raises the part of the others, which may fill more.
    loop {
        let mut changed = false;
        for (run, full) in runs.iter().zip(&mut full) {
            if !*full && run.cap.minor_unsigned().saturating_mul(units) <= open {
                *full = true;
                changed = true;
                open = open.saturating_sub(run_total(run));
                units = units.saturating_sub(u64::from(run.count));
            }
        }
        if !changed {
            break;
        }
    }
    let (each, mut extra) = divide(open, units);
    let mut shares = vec![0_u64; parts];
    for (run, full) in runs.iter().zip(full) {
        let count = u64::from(run.count);
        let with_extra = if full { 0 } else { extra.min(count) };
        extra = extra.saturating_sub(with_extra);
        let given = if full { run_total(run) } else { each.saturating_mul(count).saturating_add(with_extra) };
        if let Some(share) = shares.get_mut(run.part) {
            *share = share.saturating_add(given);
        }
    }
    shares.into_iter().map(Amount::saturated).collect()
}

/// The quotient and the remainder; 0 where there is nothing to divide by, since then there is nothing to share.
fn divide(whole: u64, parts: u64) -> (u64, u64) {
    (whole.checked_div(parts).unwrap_or(0), whole.checked_rem(parts).unwrap_or(0))
}

fn run_total(run: &Units) -> u64 {
    run.cap.minor_unsigned().saturating_mul(u64::from(run.count))
}

/// Splits an amount evenly over `count` units: the first runs of units bear one minor unit more where it does not come out even.
///
/// Returned as at most two runs of `(count, amount each)`, the larger amount first. This is also how a share of an occurrence
/// falls on its single units (R3, R57).
#[must_use]
pub fn even_runs(amount: Amount, count: u32) -> [(u32, Amount); 2] {
    let (each, extra) = divide(amount.minor_unsigned(), u64::from(count));
    let extra = u32::try_from(extra).unwrap_or(count);
    [(extra, Amount::saturated(each.saturating_add(1))), (count.saturating_sub(extra), Amount::saturated(each))]
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may overflow: it then fails")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amounts(minors: &[i64]) -> Vec<Amount> {
        minors.iter().map(|minor| Amount::new(*minor).unwrap()).collect()
    }

    fn minors(amounts: &[Amount]) -> Vec<i64> {
        amounts.iter().map(|amount| amount.minor()).collect()
    }

    #[test]
    fn largest_remainders_first_and_ties_by_rank() {
        for (whole, weights, ranks, wanted) in [
            (100, &[1000, 1000, 1000][..], &[0, 1, 2][..], &[34, 33, 33][..]),
            (100, &[1000, 1000, 1000], &[2, 0, 1], &[33, 34, 33]),
            (1, &[999, 1], &[0, 1], &[1, 0]),
            (10, &[0, 5, 5], &[0, 1, 2], &[0, 5, 5]),
            (999, &[1, 1], &[0, 1], &[1, 1]),
            (5, &[0, 0], &[0, 1], &[0, 0]),
            (7, &[3, 3, 3], &[0, 1, 2], &[3, 2, 2]),
        ] {
            let ties = |one: usize, two: usize| ranks[one].cmp(&ranks[two]);
            let shares = by_value(Amount::new(whole).unwrap(), &amounts(weights), &ties, Leftover::Largest);
            assert_eq!(minors(&shares), wanted);
        }
    }

    #[test]
    fn leftover_goes_to_the_first_or_the_last() {
        let weights = amounts(&[100, 100, 100]);
        let share = |leftover| minors(&by_value(Amount::new(101).unwrap(), &weights, &in_turn, leftover));
        assert_eq!(share(Leftover::First), [34, 34, 33]);
        assert_eq!(share(Leftover::Last), [33, 34, 34]);
        assert_eq!(share(Leftover::Largest), [34, 34, 33]);
        let with_zero = by_value(Amount::new(1).unwrap(), &amounts(&[0, 1, 1]), &in_turn, Leftover::First);
        assert_eq!(minors(&with_zero), [0, 1, 0], "what costs nothing takes no turn");
    }

    #[test]
    fn equal_parts_per_unit_with_the_excess_shared_again() {
        let run = |part, count, cap| Units { part, count, cap: Amount::new(cap).unwrap() };
        for (whole, runs, wanted) in [
            (10, [run(0, 3, 100), run(1, 1, 100)], [8, 2]),
            (11, [run(0, 3, 100), run(1, 1, 100)], [9, 2]),
            (100, [run(0, 1, 10), run(1, 2, 100)], [10, 90]),
            (1000, [run(0, 1, 10), run(1, 2, 100)], [10, 200]),
            (3, [run(0, 1, 0), run(1, 2, 2)], [0, 3]),
        ] {
            assert_eq!(minors(&per_unit(Amount::new(whole).unwrap(), &runs, 2)), wanted, "{whole}");
        }
    }

    #[test]
    fn an_amount_over_units() {
        assert_eq!(
            even_runs(Amount::new(10).unwrap(), 4),
            [(2, Amount::new(3).unwrap()), (2, Amount::new(2).unwrap())]
        );
        assert_eq!(even_runs(Amount::new(8).unwrap(), 4), [(0, Amount::new(3).unwrap()), (4, Amount::new(2).unwrap())]);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole_and_none_is_above_its_weight(
            weights in prop::collection::vec(prop_oneof![Just(0), 0_i64..=3, 0_i64..=1_000_000_000], 1..40),
            whole in 0_i64..=1_000_000_000_000,
            leftover in prop::sample::select(vec![Leftover::Largest, Leftover::First, Leftover::Last]),
        ) {
            let sum: i64 = weights.iter().sum();
            let shares = by_value(Amount::new(whole).unwrap(), &amounts(&weights), &in_turn, leftover);
            prop_assert_eq!(minors(&shares).iter().sum::<i64>(), whole.min(sum));
            for (share, weight) in minors(&shares).into_iter().zip(&weights) {
                prop_assert!(share <= *weight);
                let exact = i128::from(whole.min(sum)) * i128::from(*weight);
                prop_assert!((i128::from(share) * i128::from(sum) - exact).abs() <= i128::from(sum), "within one minor unit");
            }
        }

        #[test]
        fn equal_parts_sum_too(
            runs in prop::collection::vec((1_u32..20, 0_i64..=1000), 1..20),
            whole in 0_i64..=100_000,
        ) {
            let units: Vec<Units> = runs.iter().enumerate()
                .map(|(part, (count, cap))| Units { part, count: *count, cap: Amount::new(*cap).unwrap() }).collect();
            let caps: Vec<i64> = runs.iter().map(|(count, cap)| i64::from(*count) * cap).collect();
            let shares = minors(&per_unit(Amount::new(whole).unwrap(), &units, runs.len()));
            prop_assert_eq!(shares.iter().sum::<i64>(), whole.min(caps.iter().sum()));
            prop_assert!(shares.iter().zip(&caps).all(|(share, cap)| share <= cap));
        }
    }
}
