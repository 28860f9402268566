//! How what a cart costs is settled (R51): promotions, then reward credit, then customer credit, then payment.

use core::fmt;

use serde::Serialize;

use crate::canonical::{canonical_enum, canonical_struct};
use crate::money::portion::Portion;
use crate::money::rounding::Half;
use crate::money::{Amount, Currency};
use crate::quote::Quote;

/// Whether, and when, a site takes payment for a booking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Payment {
    /// It does not: prices inform only, and nobody's credit is touched.
    NotTaken,
    /// All of it at once.
    #[default]
    Whole,
    /// A part of what is due at once, the rest later.
    Deposit {
        /// Which part.
        portion: Portion,
    },
}
canonical_enum!(Payment { 0 => NotTaken, 1 => Whole, 2 => Deposit { portion } });

/// What pays for a cart. `total` is the sum of all that follows it, save where prices inform only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Settlement {
    /// How it stands.
    pub status: Status,
    /// What is to be settled: the cart after its promotions.
    #[serde(rename = "total_minor")]
    pub total: Amount,
    /// By reward credit.
    #[serde(rename = "reward_minor")]
    pub reward: Amount,
    /// By customer credit.
    #[serde(rename = "credit_minor")]
    pub credit: Amount,
    /// By payment, now.
    #[serde(rename = "due_now_minor")]
    pub due_now: Amount,
    /// By payment, later: what a deposit leaves.
    #[serde(rename = "due_later_minor")]
    pub due_later: Amount,
}
canonical_struct!(Settlement { status, total, reward, credit, due_now, due_later });

/// How a settlement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It cost nothing before any discount.
    NothingDue,
    /// Promotions left nothing to pay: checkout is skipped.
    PaidWithCoupon,
    /// Credit of either sort was needed, and enough.
    PaidWithCredit,
    /// A payment is due.
    Due,
    /// The site takes no payment.
    InformsOnly,
}
canonical_enum!(Status { 0 => NothingDue, 1 => PaidWithCoupon, 2 => PaidWithCredit, 3 => Due, 4 => InformsOnly });

/// Why a cart cannot be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Unsettled {
    /// The deposit is not stated for the cart's currency (R15).
    CurrencyNotOffered {
        /// The cart's currency.
        currency: Currency,
    },
}

impl fmt::Display for Unsettled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::CurrencyNotOffered { currency } = self;
        write!(out, "no deposit is stated for prices in {currency}")
    }
}

/// Settles a quote whose promotions have acted.
///
/// `reward` is the reward credit that is spent on it, allowed by [`reward::spend`](crate::reward::spend); `credit` is what the
/// customer holds of customer credit, of which as much is used as is needed. Neither is used beyond what is left to pay.
///
/// # Errors
/// [`Unsettled`] when something is due and the deposit is not stated for the currency.
pub fn settle(
    quote: &Quote,
    reward: Amount,
    credit: Amount,
    payment: &Payment,
    half: Half,
) -> Result<Settlement, Unsettled> {
    let total = quote.total;
    let settled = |status, reward, credit, due_now, due_later| {
        Ok(Settlement { status, total, reward, credit, due_now, due_later })
    };
    let zero = Amount::ZERO;
    if *payment == Payment::NotTaken {
        return settled(Status::InformsOnly, zero, zero, zero, zero);
    }
    if total.is_zero() {
        let status = if quote.subtotal.is_zero() { Status::NothingDue } else { Status::PaidWithCoupon };
        return settled(status, zero, zero, zero, zero);
    }
    let reward = reward.min(total);
    let credit = credit.min(total.minus_or_zero(reward));
    let due = total.minus_or_zero(reward).minus_or_zero(credit);
    if due.is_zero() {
        return settled(Status::PaidWithCredit, reward, credit, zero, zero);
    }
    let due_now = match payment {
        Payment::NotTaken | Payment::Whole => due,
        Payment::Deposit { portion } => {
            portion.of(due, quote.currency, half).ok_or(Unsettled::CurrencyNotOffered { currency: quote.currency })?
        }
    };
    settled(Status::Due, reward, credit, due_now, due.minus_or_zero(due_now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::portion::PortionDraft;
    use alloc::vec::Vec;

    fn amount(minor: i64) -> Amount {
        Amount::new(minor).unwrap()
    }

    fn quote(subtotal: i64, total: i64) -> Quote {
        Quote {
            currency: Currency::parse("EUR").unwrap(),
            subtotal: amount(subtotal),
            discount: amount(subtotal.checked_sub(total).unwrap()),
            total: amount(total),
            lines: Vec::new(),
            decisions: Vec::new(),
        }
    }

    fn deposit(json: &str) -> Payment {
        let draft: PortionDraft = serde_json::from_str(json).unwrap();
        Payment::Deposit { portion: Portion::parse(&draft, "deposit").unwrap() }
    }

    #[test]
    fn the_order_of_settlement() {
        let third = deposit(r#"{"percent_bp":3000}"#);
        let twenty = deposit(r#"{"amounts":[{"currency":"EUR","amount_minor":2000}]}"#);
        for (name, [subtotal, total, reward, credit], payment, status, wanted) in [
            ("free", [0, 0, 500, 500], &Payment::Whole, Status::NothingDue, [0, 0, 0, 0]),
            ("all off", [5000, 0, 500, 500], &Payment::Whole, Status::PaidWithCoupon, [0, 0, 0, 0]),
            ("reward alone", [5000, 4000, 4000, 500], &Payment::Whole, Status::PaidWithCredit, [4000, 0, 0, 0]),
            ("both credits", [5000, 4000, 1000, 9000], &Payment::Whole, Status::PaidWithCredit, [1000, 3000, 0, 0]),
            ("a cent short", [5000, 4000, 0, 3999], &Payment::Whole, Status::Due, [0, 3999, 1, 0]),
            ("more reward than price", [50, 50, 500, 500], &Payment::Whole, Status::PaidWithCredit, [50, 0, 0, 0]),
            ("deposit", [10_000, 9999, 0, 0], &third, Status::Due, [0, 0, 3000, 6999]),
            ("deposit after credit", [10_000, 9999, 999, 4000], &third, Status::Due, [999, 4000, 1500, 3500]),
            ("deposit above what is due", [5000, 1500, 0, 0], &twenty, Status::Due, [0, 0, 1500, 0]),
            ("no payment taken", [5000, 4000, 500, 500], &Payment::NotTaken, Status::InformsOnly, [0, 0, 0, 0]),
        ] {
            let settled = settle(&quote(subtotal, total), amount(reward), amount(credit), payment, Half::Up).unwrap();
            let parts = [settled.reward, settled.credit, settled.due_now, settled.due_later].map(Amount::minor);
            assert_eq!((settled.status, parts), (status, wanted), "{name}");
        }
    }

    #[test]
    fn a_deposit_must_be_stated_for_the_currency() {
        let dollars = deposit(r#"{"amounts":[{"currency":"USD","amount_minor":2000}]}"#);
        let unsettled = |total| settle(&quote(5000, total), Amount::ZERO, Amount::ZERO, &dollars, Half::Up).err();
        assert!(matches!(unsettled(4000), Some(Unsettled::CurrencyNotOffered { .. })));
        assert_eq!(unsettled(0), None, "nothing is due, so no deposit is asked for");
    }
}
