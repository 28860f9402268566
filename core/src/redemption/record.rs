//! What a redemption stores of its price, so that parts of it can be taken back without pricing anything again (R57, R59).

use alloc::vec::Vec;
use chrono::{DateTime, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use crate::canonical::{canonical_enum, canonical_struct};
use crate::cart::{Line, Slot};
use crate::evaluate::Evaluation;
use crate::facts::Venue;
use crate::id::{LineId, PromotionId};
use crate::money::allocate::even_runs;
use crate::money::{Amount, Currency};
use crate::quote::{Allocation, Outcome, Quote};
use crate::time::{Edge, LocalStart};

/// The parts of one order and the uses it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Of every amount.
    pub currency: Currency,
    /// Line by line in the cart's order, by start within a line.
    pub(super) slots: Vec<RecordedSlot>,
    pub(super) uses: Vec<RecordedUse>,
}
canonical_struct!(Recorded { currency, slots, uses });

/// One occurrence of a line, or the whole of an undated one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedSlot {
    /// The line.
    pub line: LineId,
    /// When it starts on its venue's wall clock; `None` for an undated line.
    pub start: Option<LocalStart>,
    /// The instant at which that is: midnight, for a date without a time.
    pub starts_at: Option<DateTime<Utc>>,
    /// How many units.
    pub quantity: u32,
    /// What all units cost before anything was taken off.
    pub subtotal: Amount,
    /// All that was taken off them.
    pub discount: Amount,
    /// How many of the units have been taken back.
    pub reversed: u32,
}
canonical_struct!(RecordedSlot { line, start, starts_at, quantity, subtotal, discount, reversed });

/// What a use counts as (R44).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// One for the whole redemption: it returns with the last part.
    #[default]
    Redemption,
    /// One for each occurrence that it covers: each returns with its occurrence.
    Occurrence,
}
canonical_enum!(Counted { 0 => Redemption, 1 => Occurrence });

/// One use of a promotion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordedUse {
    pub(super) promotion: PromotionId,
    pub(super) counted: Counted,
    /// The slots that must all be taken back before it can return, by their place in the record.
    pub(super) covers: Vec<u32>,
    pub(super) standing: UseStanding,
}
canonical_struct!(RecordedUse { promotion, counted, covers, standing });

/// What has become of a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UseStanding {
    /// It counts, and returns with the last of what it covers.
    Held,
    /// It counts, and a part was taken back in a way that gives no use back, so cancelling the rest does not either.
    Forfeited,
    /// It was given back.
    Returned,
    /// All it covers was taken back, and it still counts.
    Kept,
}
canonical_enum!(UseStanding { 0 => Held, 1 => Forfeited, 2 => Returned, 3 => Kept });

impl Recorded {
    /// The record of the answer to a question; `quote` is what the customer is charged for, so [reduced](Quote::reduced) by spent
    /// credit. Of the question's candidates only those are looked at that count occurrences and take nothing off.
    ///
    /// `counted` says what the uses of a promotion count as.
    #[must_use]
    pub fn of(asked: &Evaluation<'_>, quote: &Quote, counted: impl Fn(&PromotionId) -> Counted) -> Self {
        let (cart, venues) = (asked.cart, asked.facts.venues.as_slice());
        let mut slots = Vec::new();
        for (line, quoted) in cart.lines().iter().zip(&quote.lines) {
            let undated = core::iter::once(quoted.discount).filter(|_| quoted.occurrences.is_empty());
            let discounts = undated.chain(quoted.occurrences.iter().map(|occurrence| occurrence.discount));
            slots.extend(line.slots.iter().zip(discounts).map(|(slot, discount)| record(line, slot, discount, venues)));
        }
        let mut uses = Vec::new();
        for decision in &quote.decisions {
            let (Outcome::Applied { allocations, .. }, Some(promotion)) = (&decision.outcome, &decision.promotion)
            else {
                continue;
            };
            let counted = counted(promotion);
            let one =
                |covers| RecordedUse { promotion: promotion.clone(), counted, covers, standing: UseStanding::Held };
            match counted {
                Counted::Redemption => uses.push(one(all(&slots))),
                Counted::Occurrence => {
                    let covered = if allocations.is_empty() {
                        // What takes nothing off is given outside (R14), for what it acts on.
                        places(asked.acted_on(promotion))
                    } else {
                        places(slots.iter().map(|slot| falls_on(slot, allocations)))
                    };
                    // A gift lies on a line of its own (R17): it is one, and returns with the last part.
                    if covered.is_empty() {
                        uses.push(one(all(&slots)));
                    }
                    uses.extend(covered.into_iter().map(|slot| one([slot].into())));
                }
            }
        }
        Self { currency: quote.currency, slots, uses }
    }

    /// All parts, taken back or not.
    #[must_use]
    pub fn slots(&self) -> &[RecordedSlot] {
        &self.slots
    }

    /// What the parts cost that are not taken back.
    #[must_use]
    pub fn left(&self) -> Amount {
        Amount::sum(self.slots.iter().map(|slot| {
            let (subtotal, discount) = slot.share(slot.quantity.saturating_sub(slot.reversed));
            subtotal.minus_or_zero(discount)
        }))
    }

    /// Whether everything is taken back.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.slots.iter().all(|slot| slot.reversed >= slot.quantity)
    }

    /// The promotions whose uses count, each with what it counts as and how often.
    #[must_use]
    pub fn uses(&self) -> Vec<super::reversal::Counts> {
        let counts = self.uses.iter().filter(|one| one.standing != UseStanding::Returned);
        super::reversal::Counts::sum(counts)
    }
}

impl RecordedSlot {
    /// What the next `count` units cost and what was taken off them, by the shares that were allocated to single units (R3): all
    /// units together have exactly what the slot has, however many are asked for at a time.
    pub(super) fn share(&self, count: u32) -> (Amount, Amount) {
        let until = self.reversed.saturating_add(count).min(self.quantity);
        let between = |whole: Amount| {
            first(whole, self.quantity, until).minus_or_zero(first(whole, self.quantity, self.reversed))
        };
        (between(self.subtotal), between(self.discount))
    }
}

/// What the first `count` of `quantity` units have of a whole.
fn first(whole: Amount, quantity: u32, count: u32) -> Amount {
    let [(larger, more), (_, less)] = even_runs(whole, quantity);
    let of_larger = larger.min(count);
    let parts = [(of_larger, more), (count.saturating_sub(of_larger), less)];
    Amount::sum(parts.map(|(count, each)| each.times(count).unwrap_or(Amount::MAX)))
}

fn record(line: &Line, slot: &Slot, discount: Amount, venues: &[Venue]) -> RecordedSlot {
    RecordedSlot {
        line: line.id.clone(),
        start: slot.start,
        starts_at: slot.start.map(|start| instant(start, line, venues)),
        quantity: line.quantity,
        subtotal: slot.subtotal,
        discount,
        reversed: 0,
    }
}

/// When an occurrence starts; as if its venue's clocks showed UTC where they are not known.
fn instant(start: LocalStart, line: &Line, venues: &[Venue]) -> DateTime<Utc> {
    let local = start.date().and_time(start.time().unwrap_or(NaiveTime::MIN));
    let venue = venues.iter().find(|venue| venue.location == line.location);
    venue.and_then(|venue| venue.offsets.instant(local, Edge::Start)).unwrap_or_else(|| local.and_utc())
}

/// Every slot.
fn all(slots: &[RecordedSlot]) -> Vec<u32> {
    (0_u32..).take(slots.len()).collect()
}

/// The places of which it holds.
fn places(holds: impl IntoIterator<Item = bool>) -> Vec<u32> {
    (0_u32..).zip(holds).filter_map(|(place, holds)| holds.then_some(place)).collect()
}

/// Whether any of a discount falls on a slot.
fn falls_on(slot: &RecordedSlot, allocations: &[Allocation]) -> bool {
    let mut of_line = allocations.iter().filter(|allocation| allocation.line == slot.line);
    of_line.any(|allocation| match slot.start {
        Some(start) => allocation.occurrences.iter().any(|occurrence| occurrence.start == start),
        None => true,
    })
}
