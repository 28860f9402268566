//! Which units of the cart a benefit touches (R16).

use alloc::vec::Vec;

use super::remaining::{Place, Remaining};
use crate::money::Amount;
use crate::money::allocate::even_runs;
use crate::order::sort;
use crate::promotion::UnitsMax;
use crate::promotion::benefit::{BuyGet, Pick};

/// How many units of each place are touched.
#[derive(Clone, Debug)]
pub(super) struct Touched {
    /// One count per place.
    counts: Vec<u32>,
    /// Which units of a place come first where not all are touched and their prices differ by a minor unit.
    pick: Pick,
}

impl Touched {
    /// All units of the places that fit.
    pub(super) fn all(fits: &[bool], places: &[Place<'_>]) -> Self {
        let count = |(place, fits): (&Place<'_>, &bool)| if *fits { place.line.quantity } else { 0 };
        Self { counts: places.iter().zip(fits).map(count).collect(), pick: Pick::Dearest }
    }

    /// At most so many of them, by their price before any discount; ties go to the smaller line id, then the earlier occurrence.
    pub(super) fn at_most(mut self, units: UnitsMax, remaining: &Remaining<'_>) -> Self {
        let mut open = units.max;
        self.pick = units.pick;
        for place in self.in_order(units.pick, remaining) {
            if let Some(count) = self.counts.get_mut(place) {
                *count = (*count).min(open);
                open = open.saturating_sub(*count);
            }
        }
        self
    }

    /// The cheapest units of complete sets; `from` says where they are taken from. `Err` tells how many units one set needs and how
    /// many there are.
    pub(super) fn of_sets(self, sets: &BuyGet, from: &Self, remaining: &Remaining<'_>) -> Result<Self, (u32, u32)> {
        // What can only be bought, what can only get cheaper, and what can be either.
        let (mut bought, mut got, mut either) = (0_u32, 0_u32, 0_u32);
        for (buy, get) in self.counts.iter().zip(&from.counts) {
            match (*buy, *get) {
                (buy, 0) => bought = bought.saturating_add(buy),
                (0, get) => got = got.saturating_add(get),
                (both, _) => either = either.saturating_add(both),
            }
        }
        let needed = |count: u32| {
            let (buys, gets) = (sets.buy.saturating_mul(count), sets.get.saturating_mul(count));
            (buys.saturating_sub(bought), gets.saturating_sub(got))
        };
        let fits = |count: u32| {
            let (buys, gets) = needed(count);
            buys.saturating_add(gets) <= either
        };
        let all = bought.saturating_add(got).saturating_add(either);
        let a_set = sets.buy.saturating_add(sets.get);
        let most = all.checked_div(a_set).unwrap_or(0).min(sets.sets_max.unwrap_or(u32::MAX));
        // More sets need more units, so the largest number that fits is found by halving.
        let (mut count, mut above) = (0_u32, most.saturating_add(1));
        while above.saturating_sub(count) > 1 {
            let middle = count.midpoint(above);
            if fits(middle) { count = middle } else { above = middle }
        }
        if count == 0 {
            return Err((a_set, all));
        }
        let mut open = sets.get.saturating_mul(count);
        let mut open_either = either.saturating_sub(needed(count).0);
        let mut touched = Self { counts: Vec::new(), pick: Pick::Cheapest };
        touched.counts.resize(from.counts.len(), 0);
        for place in from.in_order(Pick::Cheapest, remaining) {
            let (Some(units), Some(buys)) = (from.counts.get(place), self.counts.get(place)) else { continue };
            let is_either = *buys > 0;
            let take = (*units).min(open).min(if is_either { open_either } else { u32::MAX });
            open = open.saturating_sub(take);
            open_either = open_either.saturating_sub(if is_either { take } else { 0 });
            if let Some(count) = touched.counts.get_mut(place) {
                *count = take;
            }
        }
        Ok(touched)
    }

    fn in_order(&self, pick: Pick, remaining: &Remaining<'_>) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.counts.len()).collect();
        let price = |place: usize| remaining.places.get(place).map(|place| place.slot.unit_price);
        sort(&mut places, &|one, two| {
            let by_price = match pick {
                Pick::Dearest => price(two).cmp(&price(one)),
                Pick::Cheapest => price(one).cmp(&price(two)),
            };
            by_price.then_with(|| remaining.by_line(one, two))
        });
        places
    }

    /// How many units of a place are touched.
    pub(super) fn count(&self, place: usize) -> u32 {
        self.counts.get(place).copied().unwrap_or(0)
    }

    /// How many units are touched in all.
    pub(super) fn sum(&self) -> u32 {
        self.counts.iter().copied().fold(0, u32::saturating_add)
    }

    /// What the touched units of a place cost, of `amount` for all of its `quantity`: at most two runs of equal units.
    pub(super) fn runs(&self, place: usize, quantity: u32, amount: Amount) -> [(u32, Amount); 2] {
        let count = self.count(place);
        let [(dearer, high), (cheaper, low)] = even_runs(amount, quantity);
        if count == quantity {
            return [(dearer, high), (cheaper, low)];
        }
        match self.pick {
            Pick::Dearest => {
                let dearer = dearer.min(count);
                [(dearer, high), (count.saturating_sub(dearer), low)]
            }
            Pick::Cheapest => {
                let cheaper = cheaper.min(count);
                [(count.saturating_sub(cheaper), high), (cheaper, low)]
            }
        }
    }
}
