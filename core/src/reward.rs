//! Reward credit: money of a customer's own, earned by loyalty or by referral, or given by hand (R52 to R54).
//!
//! [`Rules`] say what earns and what credit may be spent on. A [`Ledger`] is one customer's account in one currency: entries that
//! are only ever added. [`earn`] and [`spend`] work out amounts; neither touches a ledger.

pub mod earn;
pub mod ledger;
pub mod rules;
pub mod spend;

use core::fmt;

use serde::{Deserialize, Serialize};

pub use ledger::{Balance, Entry, Ledger};
pub use rules::{Rules, RulesDraft};

use crate::canonical::canonical_enum;
use crate::id::OrderReference;
use crate::money::{Currency, Money};
use crate::text::Text;

/// Where credit comes from. Each source has an expiry of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Source {
    /// The customer's own order (R53).
    Loyalty {
        /// Which order.
        order: OrderReference,
    },
    /// The order of a friend who used the customer's code (R52).
    Referral {
        /// The friend's order.
        order: OrderReference,
    },
    /// Staff (R54).
    ByHand {
        /// Why.
        reason: Text,
    },
}
canonical_enum!(Source { 0 => Loyalty { order }, 1 => Referral { order }, 2 => ByHand { reason } });

impl Source {
    /// The order that earned it, if one did.
    #[must_use]
    pub const fn order(&self) -> Option<&OrderReference> {
        match self {
            Self::Loyalty { order } | Self::Referral { order } => Some(order),
            Self::ByHand { .. } => None,
        }
    }
}

/// How an order is paid, as far as credit earned by it cares (R53).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// At once: the payment is known to have come.
    Online,
    /// In cash or by bank transfer: somebody must confirm that it came.
    CashOrTransfer,
}

/// Why credit cannot be earned or spent. Codes are for ever: add, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// It is not sure enough who the customer is (R69).
    SignInNeeded,
    /// A friend cannot be oneself (R52).
    OwnCode,
    /// The site earns nobody anything this way.
    NotOffered,
    /// An amount that the rules need is not stated for the currency (R15).
    CurrencyNotOffered {
        /// The currency of the order.
        currency: Currency,
    },
    /// Nothing in the order can be paid with credit (R54).
    NoEligibleLines,
    /// The order is too small for credit (R54).
    MinimumOrderNotMet {
        /// What it needs.
        required: Money,
        /// What counts of the order.
        actual: Money,
    },
    /// More than an order bears (R54).
    MaximumExceeded {
        /// The most it bears.
        allowed: Money,
        /// What was asked for.
        actual: Money,
    },
    /// More than the customer has to spend.
    NotEnoughCredit {
        /// What there is.
        available: Money,
        /// What was asked for.
        actual: Money,
    },
    /// The order has earned, or spent, this way before.
    AlreadyRecorded,
    /// The account would hold more than an amount may be (R1).
    TooLarge,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignInNeeded => out.write_str("Sign in to use your credit."),
            Self::OwnCode => out.write_str("Your own code earns you no credit."),
            Self::NotOffered => out.write_str("There is no credit to be earned here."),
            Self::CurrencyNotOffered { currency } => write!(out, "Credit cannot be used for prices in {currency}."),
            Self::NoEligibleLines => out.write_str("Credit cannot be used for anything in your booking."),
            Self::MinimumOrderNotMet { required, .. } => write!(out, "Credit needs a booking of at least {required}."),
            Self::MaximumExceeded { allowed, .. } => write!(out, "At most {allowed} of this booking can be credit."),
            Self::NotEnoughCredit { available, .. } => write!(out, "You have {available} of credit."),
            Self::AlreadyRecorded => out.write_str("This booking has been counted already."),
            Self::TooLarge => out.write_str("The account cannot hold that much."),
        }
    }
}
