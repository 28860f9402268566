//! Taking back what was recorded, in whole or in part (R57). A part refunds the share that was stored for it; nothing is priced
//! again, so whatever became of the promotion since changes no refund (R59).

use alloc::vec::Vec;
use core::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::State;
use super::record::{Counted, Recorded, RecordedSlot, RecordedUse, UseStanding};
use crate::canonical::{canonical_enum, canonical_struct};
use crate::id::{LineId, PromotionId};
use crate::money::Amount;
use crate::time::LocalStart;

/// Why something is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The customer, or staff for them, cancelled it. The site's [`Restore`] says whether the use is given back.
    Cancelled,
    /// Another redemption takes its place. The use is given back.
    Replaced,
    /// It should never have been. The use is given back.
    Mistake,
    /// Old bookings are cleared away. The use stays used.
    Housekeeping,
}
canonical_enum!(Cause { 0 => Cancelled, 1 => Replaced, 2 => Mistake, 3 => Housekeeping });

/// When cancelling gives the use back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Restore {
    /// Always.
    #[default]
    OnCancel,
    /// Only before what is cancelled starts, so that nobody attends, cancels and uses the code again.
    BeforeStartOnly,
    /// Never.
    Never,
}
canonical_enum!(Restore { 0 => OnCancel, 1 => BeforeStartOnly, 2 => Never });

/// Which part of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The line.
    pub line: LineId,
    /// Which occurrence; all of them when `None`.
    pub start: Option<LocalStart>,
    /// How many units of each; all that are left when `None`.
    pub quantity: Option<u32>,
}

/// What was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reversal {
    /// Why.
    pub cause: Cause,
    /// Which parts, each with the share that was stored for it.
    pub parts: Vec<Returned>,
    /// What was taken off them.
    #[serde(rename = "discount_minor")]
    pub discount: Amount,
    /// What they cost: the sum of the parts.
    #[serde(rename = "refund_minor")]
    pub refund: Amount,
    /// The uses that do not count any more.
    pub given_back: Vec<Counts>,
    /// Whether nothing is left.
    pub complete: bool,
}
canonical_struct!(Reversal { cause, parts, discount, refund, given_back, complete });

/// One part that was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Returned {
    /// The line.
    pub line: LineId,
    /// Which occurrence; `None` for an undated line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<LocalStart>,
    /// How many units.
    pub quantity: u32,
    /// What was taken off them.
    #[serde(rename = "discount_minor")]
    pub discount: Amount,
    /// What they cost.
    #[serde(rename = "refund_minor")]
    pub refund: Amount,
}
canonical_struct!(Returned { line, start, quantity, discount, refund });

/// Uses of one promotion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "UseCounts"))]
pub struct Counts {
    /// Which promotion.
    pub promotion: PromotionId,
    /// What each of them counts as.
    pub counted: Counted,
    /// How many.
    pub count: u32,
}
canonical_struct!(Counts { promotion, counted, count });

/// Why nothing was taken back. Codes are for ever: add, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum NotReversed {
    /// It is not confirmed yet: release it instead.
    NotConfirmed,
    /// It is over already.
    TooLate,
    /// The order has no such part.
    UnknownPart {
        /// The line that was named.
        line: LineId,
    },
    /// Fewer units are left than are to be taken back.
    NotThatMany {
        /// The line.
        line: LineId,
        /// How many are left.
        left: u32,
    },
}

impl fmt::Display for NotReversed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConfirmed => out.write_str("This booking is not confirmed yet: release it instead."),
            Self::TooLate => out.write_str("This booking has been given up or taken back already."),
            Self::UnknownPart { line } => write!(out, "The booking has no such part of line {line}."),
            Self::NotThatMany { line, left } => write!(out, "Only {left} of line {line} are left."),
        }
    }
}

impl Recorded {
    /// Takes parts back; all that is left when `parts` is empty. Nothing changes on an error.
    ///
    /// # Errors
    /// [`NotReversed`].
    pub fn reverse(
        &mut self,
        state: State,
        parts: &[Part],
        cause: Cause,
        restore: Restore,
        at: DateTime<Utc>,
    ) -> Result<Reversal, NotReversed> {
        match state {
            State::Confirmed => {}
            State::Reserved | State::Placed => return Err(NotReversed::NotConfirmed),
            State::Released | State::Expired | State::Reversed => return Err(NotReversed::TooLate),
        }
        let mut after = self.clone();
        let mut returned = Vec::new();
        let mut touched = Vec::new();
        for (place, quantity) in self.chosen(parts)? {
            let Some(slot) = after.slots.get_mut(place) else { continue };
            let left = slot.quantity.saturating_sub(slot.reversed);
            let quantity = quantity.unwrap_or(left);
            if quantity > left {
                return Err(NotReversed::NotThatMany { line: slot.line.clone(), left });
            }
            let (subtotal, discount) = slot.share(quantity);
            slot.reversed = slot.reversed.saturating_add(quantity);
            if quantity > 0 {
                touched.push((place, gives_back(cause, restore, at, slot)));
                let refund = subtotal.minus_or_zero(discount);
                returned.push(Returned { line: slot.line.clone(), start: slot.start, quantity, discount, refund });
            }
        }
        let given_back = after.settle_uses(&touched, cause);
        *self = after;
        Ok(Reversal {
            cause,
            discount: Amount::sum(returned.iter().map(|part| part.discount)),
            refund: Amount::sum(returned.iter().map(|part| part.refund)),
            parts: returned,
            given_back,
            complete: self.is_spent(),
        })
    }

    /// The places in the record that parts name, with how many units of each.
    fn chosen(&self, parts: &[Part]) -> Result<Vec<(usize, Option<u32>)>, NotReversed> {
        if parts.is_empty() {
            return Ok((0..self.slots.len()).map(|place| (place, None)).collect());
        }
        let mut chosen = Vec::new();
        for part in parts {
            let names = |slot: &RecordedSlot| {
                slot.line == part.line && part.start.is_none_or(|start| slot.start == Some(start))
            };
            let before = chosen.len();
            let places = self.slots.iter().enumerate().filter(|(_, slot)| names(slot));
            chosen.extend(places.map(|(place, _)| (place, part.quantity)));
            if chosen.len() == before {
                return Err(NotReversed::UnknownPart { line: part.line.clone() });
            }
        }
        Ok(chosen)
    }

    /// What becomes of the uses when the slots `touched` were taken back, each with whether that gives a use back.
    fn settle_uses(&mut self, touched: &[(usize, bool)], cause: Cause) -> Vec<Counts> {
        let always = matches!(cause, Cause::Replaced | Cause::Mistake);
        let Self { slots, uses, .. } = self;
        let mut given_back = Vec::new();
        for one in uses.iter_mut().filter(|one| matches!(one.standing, UseStanding::Held | UseStanding::Forfeited)) {
            let covers = |place: usize| one.covers.iter().any(|covered| usize::try_from(*covered) == Ok(place));
            let mut of_it = touched.iter().filter(|(place, _)| covers(*place)).peekable();
            if of_it.peek().is_none() {
                continue;
            }
            if of_it.any(|(_, gives_back)| !gives_back) {
                one.standing = UseStanding::Forfeited;
            }
            let is_back = |slot: &RecordedSlot| slot.reversed >= slot.quantity;
            if slots.iter().enumerate().all(|(place, slot)| !covers(place) || is_back(slot)) {
                let returns = always || one.standing == UseStanding::Held;
                one.standing = if returns { UseStanding::Returned } else { UseStanding::Kept };
                if returns {
                    given_back.push(&*one);
                }
            }
        }
        Counts::sum(given_back)
    }
}

/// Whether taking a slot back gives back the use it is covered by.
fn gives_back(cause: Cause, restore: Restore, at: DateTime<Utc>, slot: &RecordedSlot) -> bool {
    match (cause, restore) {
        (Cause::Replaced | Cause::Mistake, _) | (Cause::Cancelled, Restore::OnCancel) => true,
        (Cause::Housekeeping, _) | (Cause::Cancelled, Restore::Never) => false,
        (Cause::Cancelled, Restore::BeforeStartOnly) => slot.starts_at.is_none_or(|starts_at| at < starts_at),
    }
}

impl Counts {
    pub(super) fn sum<'a>(uses: impl IntoIterator<Item = &'a RecordedUse>) -> Vec<Self> {
        let mut counts: Vec<Self> = Vec::new();
        for one in uses {
            match counts.iter_mut().find(|known| known.promotion == one.promotion) {
                Some(known) => known.count = known.count.saturating_add(1),
                None => counts.push(Self { promotion: one.promotion.clone(), counted: one.counted, count: 1 }),
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests;
