//! What a customer sees of their account.

use alloc::vec::Vec;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Ledger, Standing};
use crate::money::{Amount, Currency};
use crate::time::serialize_instant;

/// What a customer sees of their account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Balance {
    /// Of every amount.
    pub currency: Currency,
    /// What can be spent.
    #[serde(rename = "available_minor")]
    pub available: Amount,
    /// What waits for a cash or transfer payment to be confirmed.
    #[serde(rename = "verifying_minor")]
    pub verifying: Amount,
    /// What waits for a friend's payment.
    #[serde(rename = "pending_minor")]
    pub pending: Amount,
    /// What expires when, soonest first; what never expires is left out.
    pub expiries: Vec<Expiry>,
}

/// Credit that expires at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Expiry {
    /// The first instant at which it cannot be spent.
    #[serde(serialize_with = "serialize_instant")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::UtcText"))]
    pub at: DateTime<Utc>,
    /// How much.
    #[serde(rename = "amount_minor")]
    pub amount: Amount,
}

impl Ledger {
    /// What the customer sees at `at`.
    #[must_use]
    pub fn balance(&self, at: DateTime<Utc>) -> Balance {
        let sum = |wanted: Standing| {
            let grants = self.grants.iter().filter(|grant| grant.standing == wanted);
            Amount::sum(grants.map(|grant| grant.left))
        };
        let mut expiries: Vec<Expiry> = Vec::new();
        for (_, amount, expires_at) in self.spendable(at) {
            match (expiries.last_mut(), expires_at) {
                (Some(last), Some(at)) if last.at == at => last.amount = Amount::sum([last.amount, amount]),
                (_, Some(at)) => expiries.push(Expiry { at, amount }),
                (_, None) => {}
            }
        }
        Balance {
            currency: self.currency,
            available: self.available(at),
            verifying: sum(Standing::Verifying),
            pending: sum(Standing::Pending),
            expiries,
        }
    }

    /// What can be spent at `at`.
    #[must_use]
    pub fn available(&self, at: DateTime<Utc>) -> Amount {
        Amount::sum(self.spendable(at).into_iter().map(|(_, left, _)| left))
    }

    /// What is left of each grant that can be spent, in the order in which it is spent.
    pub(super) fn spendable(&self, at: DateTime<Utc>) -> Vec<(u32, Amount, Option<DateTime<Utc>>)> {
        let grants = (0_u32..).zip(&self.grants).filter(|(_, grant)| !grant.left.is_zero());
        let mut spendable: Vec<_> = grants
            .filter_map(|(number, grant)| match grant.standing {
                Standing::Available { expires_at } if !grant.has_expired(at) => Some((number, grant.left, expires_at)),
                _ => None,
            })
            .collect();
        spendable.sort_by_key(|(number, _, expires_at)| (expires_at.is_none(), *expires_at, *number));
        spendable
    }
}
