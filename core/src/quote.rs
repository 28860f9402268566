//! The priced answer.

pub mod reduce;

use alloc::{boxed::Box, string::String, vec::Vec};
use serde::{Serialize, Serializer};

use crate::canonical::{canonical_enum, canonical_struct};
use crate::evaluate::Hint;
use crate::few::Few;
use crate::id::{ItemId, LineId, PromotionId};
use crate::money::{Amount, Currency};
use crate::reason::Reason;
use crate::text::Text;
use crate::time::LocalStart;

/// What a cart costs, and why. A quote reserves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quote {
    /// The currency of every amount.
    pub currency: Currency,
    /// What the cart costs before discounts.
    #[serde(rename = "subtotal_minor")]
    pub subtotal: Amount,
    /// What is taken off, 0 to the subtotal.
    #[serde(rename = "discount_minor")]
    pub discount: Amount,
    /// What the cart costs after discounts.
    #[serde(rename = "total_minor")]
    pub total: Amount,
    /// What each line costs, in the cart's order; then the gifts.
    pub lines: Vec<QuotedLine>,
    /// What became of each code, in the order in which they were entered; then what acts without a code.
    pub decisions: Vec<Decision>,
}
canonical_struct!(Quote { currency, subtotal, discount, total, lines, decisions });

/// What a line costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotedLine {
    /// The line.
    pub id: LineId,
    /// Before discounts.
    #[serde(rename = "subtotal_minor")]
    pub subtotal: Amount,
    /// Its share of all discounts.
    #[serde(rename = "discount_minor")]
    pub discount: Amount,
    /// After discounts; tax is computed on this (R6).
    #[serde(rename = "total_minor")]
    pub total: Amount,
    /// What each dated occurrence costs, by start; empty for an undated line.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<QuotedOccurrence>"))]
    pub occurrences: Few<QuotedOccurrence>,
    /// What each later payment costs: for subscriptions, and for bookings whose last date is open.
    pub later: Option<Later>,
    /// The item that was added for nothing, if the line is a gift (R17).
    pub gift: Option<ItemId>,
}
canonical_struct!(QuotedLine { id, subtotal, discount, total, occurrences, later, gift });

/// What each later payment for a line costs, by the terms of today (R38, R40).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Later {
    /// Before discounts.
    #[serde(rename = "subtotal_minor")]
    pub subtotal: Amount,
    /// What the promotions take off it.
    #[serde(rename = "discount_minor")]
    pub discount: Amount,
    /// After discounts.
    #[serde(rename = "total_minor")]
    pub total: Amount,
    /// How many later payments have the discount; `None` for all of them.
    pub times: Option<u32>,
}
canonical_struct!(Later { subtotal, discount, total, times });

/// What an occurrence costs, all its units together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotedOccurrence {
    /// When it starts.
    pub start: LocalStart,
    /// Before discounts.
    #[serde(rename = "subtotal_minor")]
    pub subtotal: Amount,
    /// Its share of all discounts.
    #[serde(rename = "discount_minor")]
    pub discount: Amount,
    /// After discounts.
    #[serde(rename = "total_minor")]
    pub total: Amount,
}
canonical_struct!(QuotedOccurrence { start, subtotal, discount, total });

/// What became of one code, or of a discount that acts without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// The code as it is shown; `None` for what acts without one.
    pub code: Option<Box<str>>,
    /// The promotion, where it may be known; `None` with no code either is the customer's standing discount (R49).
    pub promotion: Option<PromotionId>,
    /// What the visitor sees beside the discount, where it may be known.
    pub label: Option<Text>,
    /// What the visitor should know, once it applies.
    pub note: Option<Text>,
    /// Applied, waiting or rejected.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Small changes with which it would apply, each tried (R65). Not part of any digest.
    pub hints: Vec<Hint>,
}

impl Decision {
    /// What it takes off; zero unless it is applied.
    #[must_use]
    pub const fn discount(&self) -> Amount {
        match &self.outcome {
            Outcome::Applied { discount, .. } => *discount,
            Outcome::Waiting { .. } | Outcome::Rejected { .. } => Amount::ZERO,
        }
    }

    /// Whether it is applied.
    #[must_use]
    pub const fn is_applied(&self) -> bool {
        matches!(self.outcome, Outcome::Applied { .. })
    }

    /// Why it is not applied; empty when it is.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match &self.outcome {
            Outcome::Applied { .. } => &[],
            Outcome::Waiting { reasons } | Outcome::Rejected { reasons } => reasons,
        }
    }
}

/// The three answers (R37).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Outcome {
    /// It acts on the cart.
    Applied {
        /// What it takes off; 0 for a benefit handled outside (R14).
        #[serde(rename = "discount_minor")]
        discount: Amount,
        /// Where that falls: the lines that get any of it. They sum to the discount.
        allocations: Vec<Allocation>,
    },
    /// A fact is missing and nothing known fails.
    Waiting {
        /// What is missing.
        #[serde(serialize_with = "explained")]
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Explained<'static>>"))]
        reasons: Vec<Reason>,
    },
    /// A known fact fails.
    Rejected {
        /// All reasons, those nobody can mend first, then missing facts, then those the visitor can mend (R64).
        #[serde(serialize_with = "explained")]
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Explained<'static>>"))]
        reasons: Vec<Reason>,
    },
}
canonical_enum!(Outcome {
    0 => Applied { discount, allocations },
    1 => Waiting { reasons },
    2 => Rejected { reasons },
});

/// A line's share of a discount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Allocation {
    /// The line.
    pub line: LineId,
    /// Its share.
    #[serde(rename = "discount_minor")]
    pub discount: Amount,
    /// The shares of its dated occurrences that get any; empty for an undated line.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<OccurrenceAllocation>"))]
    pub occurrences: Few<OccurrenceAllocation>,
}
canonical_struct!(Allocation { line, discount, occurrences });

/// An occurrence's share of a discount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OccurrenceAllocation {
    /// When it starts.
    pub start: LocalStart,
    /// Its share.
    #[serde(rename = "discount_minor")]
    pub discount: Amount,
}
canonical_struct!(OccurrenceAllocation { start, discount });

impl crate::canonical::Canonical for Decision {
    fn write(&self, out: &mut crate::canonical::Writer) {
        // Hints are derived from the same facts by trying them out; they are advice, not part of what was decided.
        let Self { code, promotion, label, note, outcome, hints: _ } = self;
        code.write(out);
        promotion.write(out);
        label.write(out);
        note.write(out);
        outcome.write(out);
    }

    fn take(reader: &mut crate::canonical::Reader<'_>) -> Self {
        use crate::canonical::Canonical;
        Self {
            code: Canonical::take(reader),
            promotion: Canonical::take(reader),
            label: Canonical::take(reader),
            note: Canonical::take(reader),
            outcome: Canonical::take(reader),
            hints: Vec::new(),
        }
    }
}

/// Why it is not applied: one reason with its sentence.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Reason"))]
struct Explained<'a> {
    #[serde(flatten)]
    reason: &'a Reason,
    /// The same in English.
    message: String,
}

/// Writes each reason with its sentence.
fn explained<S: Serializer>(reasons: &[Reason], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(reasons.iter().map(|reason| Explained { reason, message: reason.message() }))
}
