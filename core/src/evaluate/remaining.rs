//! What is left of each slot of the cart while promotions act on it, one after another.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

use crate::cart::{Cart, Line, Slot};
use crate::facts::Gift;
use crate::few::Few;
use crate::id::LineId;
use crate::money::Amount;
use crate::quote::{Allocation, Decision, Later, OccurrenceAllocation, Outcome, Quote, QuotedLine, QuotedOccurrence};

/// One slot of one line: the smallest thing a discount is recorded for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// Its line.
    pub(super) line: &'a Line,
    /// What it costs before any discount.
    pub(super) slot: &'a Slot,
    /// What it costs after the promotions that have acted.
    pub(super) left: Amount,
}

/// All slots, line by line in the cart's order, by start within a line.
#[derive(Clone, Debug)]
pub(super) struct Remaining<'a> {
    pub(super) places: Vec<Place<'a>>,
    /// What was added for nothing (R17).
    gifts: Vec<QuotedLine>,
}

impl<'a> Place<'a> {
    const fn of(line: &'a Line, slot: &'a Slot) -> Self {
        Self { line, slot, left: slot.subtotal }
    }
}

impl<'a> Remaining<'a> {
    pub(super) fn of(cart: &'a Cart) -> Self {
        let mut places = Vec::with_capacity(cart.lines().len());
        for line in cart.lines() {
            places.extend(line.slots.iter().map(|slot| Place::of(line, slot)));
        }
        Self { places, gifts: Vec::new() }
    }

    /// A single payment for a line, on its own.
    pub(super) fn of_one(line: &'a Line, slot: &'a Slot) -> Self {
        Self { places: vec![Place::of(line, slot)], gifts: Vec::new() }
    }

    /// For ties: the place of the smaller line id in bytes comes first. Within a line the order is that of the places.
    pub(super) fn by_line(&self, one: usize, two: usize) -> Ordering {
        let id = |place: usize| self.places.get(place).map(|place| &place.line.id);
        id(one).cmp(&id(two))
    }

    /// Takes `shares` (one per place) off what is left.
    pub(super) fn pay(&mut self, shares: &[Amount]) {
        for (place, share) in self.places.iter_mut().zip(shares) {
            place.left = place.left.minus_or_zero(*share);
        }
    }

    /// Takes `shares` (one per place) off what is left, and says where they fell.
    pub(super) fn take(&mut self, cart: &Cart, shares: &[Amount]) -> Outcome {
        self.pay(shares);
        let mut allocations: Vec<Allocation> = Vec::with_capacity(cart.lines().len());
        let mut shares = shares;
        for line in cart.lines() {
            let (own, rest) = shares.split_at_checked(line.slots.len()).unwrap_or_default();
            shares = rest;
            let discount = Amount::sum(own.iter().copied());
            if !discount.is_zero() {
                let dated = |(slot, share): (&Slot, &Amount)| {
                    Some(OccurrenceAllocation { start: slot.start?, discount: *share }).filter(|_| !share.is_zero())
                };
                let occurrences = line.slots.iter().zip(own).filter_map(dated).collect();
                allocations.push(Allocation { line: line.id.clone(), discount, occurrences });
            }
        }
        Outcome::Applied {
            discount: Amount::sum(allocations.iter().map(|allocation| allocation.discount)),
            allocations,
        }
    }

    /// Adds a gift, as a line of one unit that is taken off in full.
    pub(super) fn give(&mut self, gift: &Gift) -> Outcome {
        let discount = gift.price;
        // No line of a page has such an id: see [`LineId::added`].
        let id = LineId::added("gift", self.gifts.len());
        self.gifts.push(QuotedLine {
            id: id.clone(),
            subtotal: discount,
            discount,
            total: Amount::ZERO,
            occurrences: Few::new(),
            later: None,
            gift: Some(gift.item.clone()),
        });
        Outcome::Applied { discount, allocations: vec![Allocation { line: id, discount, occurrences: Few::new() }] }
    }

    /// Closes the books: what each line and the cart cost now. `later` has what each later payment for a line costs.
    pub(super) fn into_quote(
        self,
        cart: &Cart,
        decisions: Vec<Decision>,
        later: impl Fn(Range<usize>, &Line) -> Option<Later>,
    ) -> Quote {
        let mut start = 0_usize;
        let mut lines = Vec::with_capacity(cart.lines().len());
        for line in cart.lines() {
            let end = start.saturating_add(line.slots.len());
            let slots = core::mem::replace(&mut start, end)..end;
            let places = self.places.get(slots.clone()).unwrap_or_default();
            let dated = |place: &Place<'_>| {
                let Slot { start, subtotal, .. } = *place.slot;
                let discount = subtotal.minus_or_zero(place.left);
                Some(QuotedOccurrence { start: start?, subtotal, discount, total: place.left })
            };
            let (subtotal, total) = (line.subtotal(), Amount::sum(places.iter().map(|place| place.left)));
            lines.push(QuotedLine {
                id: line.id.clone(),
                subtotal,
                discount: subtotal.minus_or_zero(total),
                total,
                occurrences: places.iter().filter_map(dated).collect(),
                later: later(slots, line),
                gift: None,
            });
        }
        lines.extend(self.gifts);
        let subtotal = Amount::sum(lines.iter().map(|line| line.subtotal));
        let total = Amount::sum(lines.iter().map(|line| line.total));
        Quote { currency: cart.currency(), subtotal, discount: subtotal.minus_or_zero(total), total, lines, decisions }
    }
}
