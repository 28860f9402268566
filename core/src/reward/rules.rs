//! What earns credit, how long it lasts, and what it may be spent on.

mod draft;

use alloc::vec::Vec;
use chrono::{DateTime, Days, Utc};
use serde::{Deserialize, Serialize};

pub use draft::{LoyaltyDraft, ReferralDraft, RulesDraft};

use super::Source;
use crate::canonical::{canonical_enum, canonical_struct};
use crate::cart::Line;
use crate::id::ItemId;
use crate::money::AmountTable;
use crate::money::portion::Portion;
use crate::text::Text;

/// A site's rules of reward credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What credit may be spent on: one list for all sources (R54).
    pub spend_on: Chosen,
    /// The most of an order that may be credit; without a bound when `None`.
    pub maximum: Option<Portion>,
    /// What an order must be worth, before promotions and over all lines, inclusive; `None` for any.
    pub minimum_order: Option<AmountTable>,
    /// What credit spent on the first payment of a subscription does to its renewals (R40).
    pub on_renewals: OnRenewals,
    /// What a customer earns by their own orders; nothing when `None` (R53).
    pub loyalty: Option<Earning>,
    /// What a customer earns by a friend's order; nothing when `None` (R52).
    pub referral: Option<Earning>,
    /// How long credit given by hand lasts, in days; for ever when `None`.
    pub by_hand_expires_after_days: Option<u32>,
    /// The owner's terms of use, shown wherever credit is offered (R54).
    pub terms: Option<Text>,
}
canonical_struct!(Rules {
    spend_on,
    maximum,
    minimum_order,
    on_renewals,
    loyalty,
    referral,
    by_hand_expires_after_days,
    terms,
});

/// One way of earning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earning {
    /// How much of what the eligible lines cost.
    pub reward: Portion,
    /// Which lines count.
    pub earn_on: Chosen,
    /// How long it lasts from the instant at which it can be spent, in days; for ever when `None`.
    pub expires_after_days: Option<u32>,
}
canonical_struct!(Earning { reward, earn_on, expires_after_days });

/// Everything but fees, tips, deposits and taxes; or chosen items, whatever they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The items; empty for everything.
    pub items: Vec<ItemId>,
}
canonical_struct!(Chosen { items });

/// What credit spent on the first payment of a subscription does to its renewals (R40).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnRenewals {
    /// It is taken off each of them too, and debited once.
    #[default]
    Repeated,
    /// Nothing.
    FirstPaymentOnly,
}
canonical_enum!(OnRenewals { 0 => Repeated, 1 => FirstPaymentOnly });

impl Chosen {
    /// Whether a line is among what is chosen.
    #[must_use]
    pub fn contains(&self, line: &Line) -> bool {
        if self.items.is_empty() { !line.kind.must_be_named() } else { self.items.contains(&line.item) }
    }
}

impl Rules {
    /// When credit of a source expires that can be spent from `at` on; `None` for never.
    #[must_use]
    pub fn expires_at(&self, source: &Source, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let earning = match source {
            Source::Loyalty { .. } => &self.loyalty,
            Source::Referral { .. } => &self.referral,
            Source::ByHand { .. } => return later(at, self.by_hand_expires_after_days),
        };
        later(at, earning.as_ref().and_then(|earning| earning.expires_after_days))
    }
}

fn later(at: DateTime<Utc>, days: Option<u32>) -> Option<DateTime<Utc>> {
    at.checked_add_days(Days::new(u64::from(days?)))
}
