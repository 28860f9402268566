//! What is left of each slot of the cart while promotions act on it, one after another.

use alloc::vec;
use alloc::vec::Vec;

use crate::cart::{Cart, Slot};
use crate::money::Amount;
use crate::order::sort;
use crate::quote::{Allocation, Decision, OccurrenceAllocation, Outcome, Quote, QuotedLine, QuotedOccurrence};

/// One slot of one line: the smallest thing a discount is recorded for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Index of the line in the cart.
    pub(super) line: usize,
    /// How many units it has.
    pub(super) quantity: u32,
    /// What it costs after the promotions that have acted.
    pub(super) left: Amount,
}

/// All slots, line by line in the cart's order, by start within a line.
#[derive(Clone, Debug)]
pub(super) struct Remaining {
    pub(super) places: Vec<Place>,
    /// For ties: the line's place among all line ids in bytes, then the slot's place within its line.
    pub(super) ranks: Vec<u32>,
}

impl Remaining {
    pub(super) fn of(cart: &Cart) -> Self {
        let mut places = Vec::with_capacity(cart.lines().len());
        for (line, of_line) in cart.lines().iter().enumerate() {
            let place = |slot: &Slot| Place { line, quantity: of_line.quantity, left: slot.subtotal };
            places.extend(of_line.slots.iter().map(place));
        }
        let mut by_id: Vec<usize> = (0..places.len()).collect();
        let id = |index: usize| places.get(index).and_then(|place| cart.lines().get(place.line)).map(|line| &line.id);
        sort(&mut by_id, &|one, two| id(one).cmp(&id(two)));
        let mut ranks = vec![0; places.len()];
        for (rank, index) in (0_u32..).zip(by_id) {
            if let Some(slot) = ranks.get_mut(index) {
                *slot = rank;
            }
        }
        Self { places, ranks }
    }

    /// Takes `shares` (one per place) off what is left, and says where they fell.
    pub(super) fn take(&mut self, cart: &Cart, shares: &[Amount]) -> Outcome {
        let mut allocations: Vec<Allocation> = Vec::new();
        let mut index = 0_usize;
        for line in cart.lines() {
            let mut discount = Amount::ZERO;
            let mut occurrences = Vec::new();
            for slot in &line.slots {
                let share = shares.get(index).copied().unwrap_or_default();
                if let Some(place) = self.places.get_mut(index) {
                    place.left = place.left.minus_or_zero(share);
                }
                index = index.saturating_add(1);
                if !share.is_zero() {
                    discount = Amount::sum([discount, share]);
                    occurrences.extend(slot.start.map(|start| OccurrenceAllocation { start, discount: share }));
                }
            }
            if !discount.is_zero() {
                allocations.push(Allocation { line: line.id.clone(), discount, occurrences });
            }
        }
        Outcome::Applied {
            discount: Amount::sum(allocations.iter().map(|allocation| allocation.discount)),
            allocations,
        }
    }

    /// Closes the books: what each line and the cart cost now.
    pub(super) fn into_quote(self, cart: &Cart, decisions: Vec<Decision>) -> Quote {
        let mut places = self.places.iter();
        let mut lines = Vec::with_capacity(cart.lines().len());
        for line in cart.lines() {
            let mut total = Amount::ZERO;
            let mut occurrences = Vec::new();
            for slot in &line.slots {
                let left = places.next().map_or(slot.subtotal, |place| place.left);
                total = Amount::sum([total, left]);
                let discount = slot.subtotal.minus_or_zero(left);
                occurrences.extend(slot.start.map(|start| QuotedOccurrence {
                    start,
                    subtotal: slot.subtotal,
                    discount,
                    total: left,
                }));
            }
            let subtotal = line.subtotal();
            let discount = subtotal.minus_or_zero(total);
            lines.push(QuotedLine { id: line.id.clone(), subtotal, discount, total, occurrences });
        }
        let subtotal = Amount::sum(lines.iter().map(|line| line.subtotal));
        let total = Amount::sum(lines.iter().map(|line| line.total));
        Quote { currency: cart.currency(), subtotal, discount: subtotal.minus_or_zero(total), total, lines, decisions }
    }
}
