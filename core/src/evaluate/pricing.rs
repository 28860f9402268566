//! What a benefit takes off the eligible slots: computed exactly, rounded once, shared out (R3, R4, R13 to R15).

use alloc::{vec, vec::Vec};

use super::Evaluation;
use super::eligibility::Eligible;
use super::remaining::{Place, Remaining};
use super::trace::{Observer, Step};
use crate::money::allocate::{Leftover, Units, by_value, even_runs, per_unit};
use crate::money::rounding::{exact_percent, round};
use crate::money::{Amount, Percent};
use crate::order::sort;
use crate::policy::{Round, Rounding, Split};
use crate::promotion::{Benefit, Per};

/// The shares of a benefit, one per place; zero for what is not eligible. They sum to the discount, and none is above what is
/// left of its place.
pub(super) fn price<O: Observer>(
    benefit: &Benefit,
    eligible: &Eligible,
    remaining: &Remaining,
    evaluation: &Evaluation<'_>,
    observer: &mut O,
) -> Vec<Amount> {
    let pricing = Pricing::new(eligible, remaining, evaluation.facts.policy.rounding);
    let currency = evaluation.cart.currency();
    // `judge` has refused what is not offered in the cart's currency; nothing is given if it had not.
    match benefit {
        Benefit::Percent { percent, cap } => {
            let found = pricing.percent(*percent, observer);
            match cap.as_ref().map(|cap| cap.find(currency)) {
                None => found,
                Some(cap) => pricing.capped(found, cap.unwrap_or(Amount::ZERO), observer),
            }
        }
        Benefit::Fixed { amounts, per } => pricing.fixed(amounts.find(currency).unwrap_or(Amount::ZERO), *per),
        Benefit::NoDiscount => vec![Amount::ZERO; remaining.places.len()],
    }
}

/// The places with what each can bear: what is left of it if it is eligible, else nothing.
struct Pricing<'a> {
    places: &'a [Place],
    ranks: &'a [u32],
    bearable: Vec<Amount>,
    rounding: Rounding,
}

impl<'a> Pricing<'a> {
    fn new(eligible: &Eligible, remaining: &'a Remaining, rounding: Rounding) -> Self {
        let bear = |(place, fits): (&Place, &bool)| if *fits { place.left } else { Amount::ZERO };
        let bearable = remaining.places.iter().zip(&eligible.fits).map(bear).collect();
        Self { places: &remaining.places, ranks: &remaining.ranks, bearable, rounding }
    }

    fn percent<O: Observer>(&self, percent: Percent, observer: &mut O) -> Vec<Amount> {
        let mut rounded = |amount: Amount| {
            let exact = exact_percent(amount, percent);
            let whole = round(exact, self.rounding.half).min(amount);
            observer.note(|| Step::rounded(amount, exact, whole));
            whole
        };
        match self.rounding.round {
            Round::PerCart => {
                let discount = rounded(Amount::sum(self.bearable.iter().copied()));
                self.share(discount, &self.bearable)
            }
            Round::PerLine => {
                let mut shares = Vec::with_capacity(self.places.len());
                for (lines, bearable) in self.by_line() {
                    let discount = rounded(Amount::sum(bearable.iter().copied()));
                    shares.extend(self.share_within(discount, bearable, lines.start));
                }
                shares
            }
            Round::PerUnit => {
                let unit = |(place, bearable): (&Place, &Amount)| {
                    let runs = even_runs(*bearable, place.quantity);
                    Amount::sum(runs.map(|(count, each)| {
                        if count == 0 { Amount::ZERO } else { rounded(each).times(count).unwrap_or(Amount::MAX) }
                    }))
                };
                self.places.iter().zip(&self.bearable).map(unit).collect()
            }
        }
    }

    /// Cuts shares already found down to a cap, re-allocated by those shares (R3).
    fn capped<O: Observer>(&self, found: Vec<Amount>, cap: Amount, observer: &mut O) -> Vec<Amount> {
        let whole = Amount::sum(found.iter().copied());
        if whole <= cap {
            return found;
        }
        observer.note(|| Step::capped(whole, cap));
        self.share_by_value(cap, &found)
    }

    fn fixed(&self, amount: Amount, per: Per) -> Vec<Amount> {
        match per {
            Per::Redemption => self.share(amount, &self.bearable),
            Per::Occurrence => self.bearable.iter().map(|bearable| amount.min(*bearable)).collect(),
            Per::Unit => {
                let place = |(place, bearable): (&Place, &Amount)| {
                    let each = |(count, left): (u32, Amount)| amount.min(left).times(count).unwrap_or(Amount::MAX);
                    Amount::sum(even_runs(*bearable, place.quantity).map(each))
                };
                self.places.iter().zip(&self.bearable).map(place).collect()
            }
        }
    }

    /// Shares a discount out over all places, `weights` being the most each can bear.
    fn share(&self, discount: Amount, weights: &[Amount]) -> Vec<Amount> {
        match self.rounding.split {
            Split::PerUnit => self.equal_parts(discount, weights, 0),
            Split::ByValue => self.share_by_value(discount, weights),
        }
    }

    /// In proportion to the weights: first over the lines, then within each line over its occurrences (R3).
    fn share_by_value(&self, discount: Amount, weights: &[Amount]) -> Vec<Amount> {
        let lines: Vec<_> = self.lines().collect();
        let of_line = |line: &core::ops::Range<usize>| weights.get(line.clone()).unwrap_or_default();
        let sums: Vec<Amount> = lines.iter().map(|line| Amount::sum(of_line(line).iter().copied())).collect();
        let rank = |line: &core::ops::Range<usize>| self.ranks.get(line.start).copied().unwrap_or(0);
        let ranks: Vec<u32> = lines.iter().map(rank).collect();
        let shares = by_value(discount, &sums, &ranks, self.rounding.leftover);
        let mut all = Vec::with_capacity(weights.len());
        for (line, share) in lines.iter().zip(shares) {
            match of_line(line) {
                [_] => all.push(share),
                weights => all.extend(self.occurrences_by_value(share, weights)),
            }
        }
        all
    }

    /// In proportion to the weights of one line's occurrences; ties go to the earlier.
    fn occurrences_by_value(&self, discount: Amount, weights: &[Amount]) -> Vec<Amount> {
        let ranks: Vec<u32> = (0_u32..).take(weights.len()).collect();
        by_value(discount, weights, &ranks, self.rounding.leftover)
    }

    /// Shares a discount out over the occurrences of one line, whose places begin at `start`.
    fn share_within(&self, discount: Amount, weights: &[Amount], start: usize) -> Vec<Amount> {
        match self.rounding.split {
            Split::PerUnit => self.equal_parts(discount, weights, start),
            Split::ByValue => self.occurrences_by_value(discount, weights),
        }
    }

    /// Equal parts per unit of the places from `start` on; leftover minor units go to single units, by the policy's order.
    fn equal_parts(&self, discount: Amount, weights: &[Amount], start: usize) -> Vec<Amount> {
        let mut order: Vec<usize> = (0..weights.len()).collect();
        match self.rounding.leftover {
            Leftover::Largest => {
                let rank = |index: usize| self.ranks.get(start.saturating_add(index));
                sort(&mut order, &|one, two| rank(one).cmp(&rank(two)));
            }
            Leftover::First => {}
            Leftover::Last => order.reverse(),
        }
        let mut runs = Vec::with_capacity(weights.len());
        for part in order {
            let (Some(place), Some(weight)) = (self.places.get(start.saturating_add(part)), weights.get(part)) else {
                continue;
            };
            let units = even_runs(*weight, place.quantity).map(|(count, cap)| Units { part, count, cap });
            runs.extend(units.into_iter().filter(|units| units.count > 0 && !units.cap.is_zero()));
        }
        per_unit(discount, &runs, weights.len())
    }

    /// The ranges of places that belong to one line.
    fn lines(&self) -> impl Iterator<Item = core::ops::Range<usize>> {
        let mut start = 0_usize;
        self.places.chunk_by(|one, two| one.line == two.line).map(move |chunk| {
            let end = start.saturating_add(chunk.len());
            core::mem::replace(&mut start, end)..end
        })
    }

    fn by_line(&self) -> impl Iterator<Item = (core::ops::Range<usize>, &[Amount])> {
        self.lines().map(|line| (line.clone(), self.bearable.get(line).unwrap_or_default()))
    }
}
