//! What a benefit takes off the eligible slots: computed exactly, rounded once, shared out (R3, R4, R13 to R16).

use alloc::{vec, vec::Vec};
use core::ops::Range;

use super::remaining::{Place, Remaining};
use super::trace::{Observer, Step};
use super::units::Touched;
use crate::money::allocate::{Leftover, Units, by_value, in_turn, per_unit};
use crate::money::rounding::{exact_percent, round};
use crate::money::{Amount, Currency, Percent};
use crate::order::sort;
use crate::policy::{Round, Rounding, Split};
use crate::promotion::benefit::{Gives, SpendTier, Tiers};
use crate::promotion::{ActsOn, Benefit, Per};

/// How a site prices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Method {
    pub(super) rounding: Rounding,
    pub(super) acts_on: ActsOn,
    pub(super) currency: Currency,
}

/// The shares of a benefit, one per place; zero for what is not touched. They sum to the discount, and none is above what is left
/// of its place.
pub(super) fn price<O: Observer>(
    benefit: &Benefit,
    touched: &Touched,
    remaining: &Remaining<'_>,
    method: Method,
    observer: &mut O,
) -> Vec<Amount> {
    let pricing = Pricing::new(touched, remaining, method);
    // `judge` has refused what is not offered in the cart's currency; nothing is given if it had not.
    let stated = |amounts: &crate::money::AmountTable| amounts.find(method.currency).unwrap_or(Amount::ZERO);
    let mut shares = match benefit {
        Benefit::Percent { percent, cap } => {
            let found = pricing.percent(*percent, observer);
            match cap {
                None => found,
                Some(cap) => pricing.capped(found, stated(cap), observer),
            }
        }
        Benefit::Fixed { amounts, per } => pricing.fixed(stated(amounts), *per),
        Benefit::FixedPrice { prices } => pricing.fixed_price(stated(prices)),
        Benefit::Tiers(tiers) => match reached(tiers, touched, remaining, method.currency) {
            Ok(Gives::Percent { percent }) => pricing.percent(*percent, observer),
            Ok(Gives::Fixed { amounts }) => pricing.fixed(stated(amounts), Per::Redemption),
            Err(_) => pricing.nothing(),
        },
        Benefit::BuyGet(sets) => pricing.percent(sets.percent, observer),
        Benefit::NoDiscount | Benefit::Gift { .. } => pricing.nothing(),
    };
    if method.acts_on == ActsOn::List {
        for (share, place) in shares.iter_mut().zip(&remaining.places) {
            *share = (*share).min(place.left);
        }
    }
    shares
}

/// What the lowest tier needs, where not even that is reached.
#[derive(Clone, Copy, Debug)]
pub(super) enum BelowTiers {
    Spend {
        required: Amount,
        actual: Amount,
    },
    Quantity {
        required: u32,
        actual: u32,
    },
    /// No tier is stated for the cart's currency (R15).
    NotOffered,
}

/// The highest tier that is reached.
pub(super) fn reached<'a>(
    tiers: &'a Tiers,
    touched: &Touched,
    remaining: &Remaining<'_>,
    currency: Currency,
) -> Result<&'a Gives, BelowTiers> {
    match tiers {
        Tiers::Spend(tiers) => {
            let places = remaining.places.iter().enumerate().filter(|(index, _)| touched.count(*index) > 0);
            let actual = Amount::sum(places.map(|(_, place)| place.slot.subtotal));
            let from = |tier: &SpendTier| tier.from.find(currency);
            let required = tiers.first().and_then(from).ok_or(BelowTiers::NotOffered)?;
            let found = tiers.iter().rev().find(|tier| from(tier).is_some_and(|from| from <= actual));
            found.map(|tier| &tier.gives).ok_or(BelowTiers::Spend { required, actual })
        }
        Tiers::Quantity(tiers) => {
            let actual = touched.sum();
            let found = tiers.iter().rev().find(|tier| tier.from <= actual);
            let required = tiers.first().map_or(u32::MAX, |tier| tier.from);
            found.map(|tier| &tier.gives).ok_or(BelowTiers::Quantity { required, actual })
        }
    }
}

/// The places with what each can bear: what the touched units of it cost.
struct Pricing<'a> {
    remaining: &'a Remaining<'a>,
    touched: &'a Touched,
    bearable: Vec<Amount>,
    method: Method,
}

impl<'a> Pricing<'a> {
    fn new(touched: &'a Touched, remaining: &'a Remaining<'a>, method: Method) -> Self {
        let mut pricing = Self { remaining, touched, bearable: Vec::new(), method };
        let bear = |(index, place): (usize, &Place<'_>)| match touched.count(index) {
            0 => Amount::ZERO,
            count if count == place.line.quantity => pricing.amount(place),
            _ => Amount::sum(pricing.runs(index, place).map(|(count, each)| times(each, count))),
        };
        pricing.bearable = remaining.places.iter().enumerate().map(bear).collect();
        pricing
    }

    /// What a promotion is computed on.
    const fn amount(&self, place: &Place<'_>) -> Amount {
        match self.method.acts_on {
            ActsOn::Remaining => place.left,
            ActsOn::List => place.slot.subtotal,
        }
    }

    /// The touched units of a place, in at most two runs of equal ones.
    fn runs(&self, index: usize, place: &Place<'_>) -> [(u32, Amount); 2] {
        self.touched.runs(index, place.line.quantity, self.amount(place))
    }

    fn nothing(&self) -> Vec<Amount> {
        vec![Amount::ZERO; self.bearable.len()]
    }

    /// One share per place, each the sum of what `each` says of a single unit.
    fn per_unit(&self, each: &mut dyn FnMut(Amount) -> Amount) -> Vec<Amount> {
        let place = |(index, place): (usize, &Place<'_>)| {
            let runs = self.runs(index, place).into_iter().filter(|(count, _)| *count > 0);
            Amount::sum(runs.map(|(count, amount)| times(each(amount), count)))
        };
        self.remaining.places.iter().enumerate().map(place).collect()
    }

    fn percent<O: Observer>(&self, percent: Percent, observer: &mut O) -> Vec<Amount> {
        let mut rounded = |amount: Amount| {
            let exact = exact_percent(amount, percent);
            let whole = round(exact, self.method.rounding.half).min(amount);
            observer.note(|| Step::rounded(amount, exact, whole));
            whole
        };
        match self.method.rounding.round {
            Round::PerCart => {
                let discount = rounded(Amount::sum(self.bearable.iter().copied()));
                self.share(discount, &self.bearable)
            }
            Round::PerLine => {
                let mut shares = Vec::with_capacity(self.bearable.len());
                for (lines, bearable) in self.by_line() {
                    let discount = rounded(Amount::sum(bearable.iter().copied()));
                    shares.extend(self.share_within(discount, bearable, lines.start));
                }
                shares
            }
            Round::PerUnit => self.per_unit(&mut rounded),
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
            Per::Unit => self.per_unit(&mut |each| amount.min(each)),
        }
    }

    /// What each unit costs above a price (R16).
    fn fixed_price(&self, price: Amount) -> Vec<Amount> {
        self.per_unit(&mut |each| each.minus_or_zero(price))
    }

    /// Shares a discount out over all places, `weights` being the most each can bear.
    fn share(&self, discount: Amount, weights: &[Amount]) -> Vec<Amount> {
        match self.method.rounding.split {
            Split::PerUnit => self.equal_parts(discount, 0..weights.len()),
            Split::ByValue => self.share_by_value(discount, weights),
        }
    }

    /// In proportion to the weights: first over the lines, then within each line over its occurrences (R3).
    fn share_by_value(&self, discount: Amount, weights: &[Amount]) -> Vec<Amount> {
        let (remaining, leftover) = (self.remaining, self.method.rounding.leftover);
        if remaining.places.iter().all(|place| place.line.slots.len() == 1) {
            return by_value(discount, weights, &|one, two| remaining.by_line(one, two), leftover);
        }
        let lines: Vec<Range<usize>> = self.lines().collect();
        let of_line = |line: &Range<usize>| weights.get(line.clone()).unwrap_or_default();
        let sums: Vec<Amount> = lines.iter().map(|line| Amount::sum(of_line(line).iter().copied())).collect();
        let first = |line: usize| lines.get(line).map_or(0, |line| line.start);
        let shares = by_value(discount, &sums, &|one, two| remaining.by_line(first(one), first(two)), leftover);
        let mut all = Vec::with_capacity(weights.len());
        for (line, share) in lines.iter().zip(shares) {
            all.extend(by_value(share, of_line(line), &in_turn, leftover));
        }
        all
    }

    /// Shares a discount out over the occurrences of one line, whose places begin at `start`.
    fn share_within(&self, discount: Amount, weights: &[Amount], start: usize) -> Vec<Amount> {
        match self.method.rounding.split {
            Split::PerUnit => self.equal_parts(discount, start..start.saturating_add(weights.len())),
            Split::ByValue => by_value(discount, weights, &in_turn, self.method.rounding.leftover),
        }
    }

    /// Equal parts per touched unit of these places; leftover minor units go to single units, by the policy's order.
    fn equal_parts(&self, discount: Amount, of: Range<usize>) -> Vec<Amount> {
        let mut order: Vec<usize> = of.clone().collect();
        match self.method.rounding.leftover {
            Leftover::Largest => sort(&mut order, &|one, two| self.remaining.by_line(one, two)),
            Leftover::First => {}
            Leftover::Last => order.reverse(),
        }
        let mut runs = Vec::with_capacity(order.len());
        for index in order {
            let Some(place) = self.remaining.places.get(index) else { continue };
            let part = index.saturating_sub(of.start);
            let units = self.runs(index, place).map(|(count, cap)| Units { part, count, cap });
            runs.extend(units.into_iter().filter(|units| units.count > 0 && !units.cap.is_zero()));
        }
        per_unit(discount, &runs, of.len())
    }

    /// The ranges of places that belong to one line.
    fn lines(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0_usize;
        self.remaining.places.chunk_by(|one, two| core::ptr::eq(one.line, two.line)).map(move |chunk| {
            let end = start.saturating_add(chunk.len());
            core::mem::replace(&mut start, end)..end
        })
    }

    fn by_line(&self) -> impl Iterator<Item = (Range<usize>, &[Amount])> {
        self.lines().map(|line| (line.clone(), self.bearable.get(line).unwrap_or_default()))
    }
}

/// So many units of one amount. They are part of a cart and so within bounds.
fn times(each: Amount, count: u32) -> Amount {
    each.times(count).unwrap_or(Amount::MAX)
}
