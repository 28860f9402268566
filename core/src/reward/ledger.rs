//! One customer's credit in one currency, as entries that are only ever added.
//!
//! What is stored is the list of [`Entry`]; what each grant has left is worked out from it. There is no entry that gives spent
//! credit back: it is not returned when an order is deleted (R54). Staff may add credit by hand instead, with a reason.

mod balance;
mod grant;

use alloc::vec::Vec;
use chrono::{DateTime, Utc};
use serde::Serialize;

pub use balance::{Balance, Expiry};
pub use grant::{Grant, Standing};

use super::rules::Rules;
use super::{Means, Refusal, Source};
use crate::canonical::{Canonical, Reader, Writer, canonical_enum, canonical_struct};
use crate::id::OrderReference;
use crate::money::{Amount, Currency, Money};

/// One thing that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub change: Change,
}
canonical_struct!(Entry { at, change });

/// What can happen to an account. A grant is known by its place among the grants, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Credit came.
    Granted {
        /// From where.
        source: Source,
        /// How much; more than nothing.
        amount: Amount,
        /// Whether it can be spent, and until when.
        standing: Standing,
    },
    /// What was awaited for a grant came about: it can be spent (R52, R53).
    Freed {
        /// Which grant.
        grant: u32,
        /// When it expires; `None` for never.
        expires_at: Option<DateTime<Utc>>,
    },
    /// What was awaited for a grant will not come about.
    Withdrawn {
        /// Which grant.
        grant: u32,
    },
    /// An order was paid with credit.
    Spent {
        /// Which order.
        order: OrderReference,
        /// From which grants, the soonest-expiring first.
        parts: Vec<Part>,
    },
    /// What was left of a grant expired.
    Expired {
        /// Which grant.
        grant: u32,
    },
}
canonical_enum!(Change {
    0 => Granted { source, amount, standing },
    1 => Freed { grant, expires_at },
    2 => Withdrawn { grant },
    3 => Spent { order, parts },
    4 => Expired { grant },
});

/// What an order took of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Which grant.
    pub grant: u32,
    /// How much.
    #[serde(rename = "amount_minor")]
    pub amount: Amount,
}
canonical_struct!(Part { grant, amount });

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    currency: Currency,
    entries: Vec<Entry>,
    grants: Vec<Grant>,
}

impl Ledger {
    /// An empty account.
    #[must_use]
    pub const fn new(currency: Currency) -> Self {
        Self { currency, entries: Vec::new(), grants: Vec::new() }
    }

    /// Everything that happened, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What came, and what is left of it, in the order in which it came.
    #[must_use]
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Credits what the customer's own order earned (R53): at once, or `verifying` until a cash or transfer payment is confirmed.
    ///
    /// # Errors
    /// [`Refusal::AlreadyRecorded`] for an order that has earned before; [`Refusal::TooLarge`].
    pub fn earn_by_loyalty(
        &mut self,
        order: OrderReference,
        amount: Amount,
        means: Means,
        rules: &Rules,
        at: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let source = Source::Loyalty { order };
        let standing = match means {
            Means::Online => Standing::Available { expires_at: rules.expires_at(&source, at) },
            Means::CashOrTransfer => Standing::Verifying,
        };
        self.grant(source, amount, standing, at)
    }

    /// Credits what a friend's order earns (R52): `pending` until it is paid.
    ///
    /// # Errors
    /// As [`Self::earn_by_loyalty`].
    pub fn earn_by_referral(
        &mut self,
        order: OrderReference,
        amount: Amount,
        at: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        self.grant(Source::Referral { order }, amount, Standing::Pending, at)
    }

    /// Credits what staff give (R54).
    ///
    /// # Errors
    /// [`Refusal::TooLarge`].
    pub fn add_by_hand(
        &mut self,
        reason: crate::text::Text,
        amount: Amount,
        rules: &Rules,
        at: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let source = Source::ByHand { reason };
        let expires_at = rules.expires_at(&source, at);
        self.grant(source, amount, Standing::Available { expires_at }, at)
    }

    fn grant(&mut self, source: Source, amount: Amount, standing: Standing, at: DateTime<Utc>) -> Result<(), Refusal> {
        if source.order().is_some() && self.grants.iter().any(|known| known.source == source) {
            return Err(Refusal::AlreadyRecorded);
        }
        let held = self.grants.iter().map(|grant| grant.left);
        let sum = held.into_iter().try_fold(amount, |sum, left| sum.plus(left));
        sum.map_err(|_| Refusal::TooLarge)?;
        // Nothing earned is nothing to remember.
        if !amount.is_zero() {
            self.add(at, Change::Granted { source, amount, standing });
        }
        Ok(())
    }

    /// The order is paid: what it earned, here or for a friend, can be spent from `at` on. Harmless when told twice.
    pub fn paid(&mut self, order: &OrderReference, rules: &Rules, at: DateTime<Utc>) {
        for (grant, source) in self.awaiting(order) {
            self.add(at, Change::Freed { grant, expires_at: rules.expires_at(&source, at) });
        }
    }

    /// The order will not be paid: what it would have earned is gone. What can be spent already stays.
    pub fn withdraw(&mut self, order: &OrderReference, at: DateTime<Utc>) {
        for (grant, _) in self.awaiting(order) {
            self.add(at, Change::Withdrawn { grant });
        }
    }

    fn awaiting(&self, order: &OrderReference) -> Vec<(u32, Source)> {
        let awaits = |grant: &Grant| grant.source.order() == Some(order) && grant.standing.awaits();
        let grants = (0_u32..).zip(&self.grants).filter(|(_, grant)| awaits(grant));
        grants.map(|(number, grant)| (number, grant.source.clone())).collect()
    }

    /// Writes off what has expired by `at`. Spending does so first, and a balance leaves it out, so this may come late.
    pub fn expire(&mut self, at: DateTime<Utc>) {
        let expired = (0_u32..).zip(&self.grants).filter(|(_, grant)| grant.has_expired(at) && !grant.left.is_zero());
        let expired: Vec<u32> = expired.map(|(number, _)| number).collect();
        for grant in expired {
            self.add(at, Change::Expired { grant });
        }
    }

    /// Spends credit on an order, the soonest-expiring first; of two that expire together the earlier earned (R54).
    ///
    /// # Errors
    /// [`Refusal::NotEnoughCredit`], with nothing spent; [`Refusal::AlreadyRecorded`] for an order that has spent before.
    pub fn spend(&mut self, order: OrderReference, amount: Amount, at: DateTime<Utc>) -> Result<Vec<Part>, Refusal> {
        if self
            .entries
            .iter()
            .any(|entry| matches!(&entry.change, Change::Spent { order: known, .. } if *known == order))
        {
            return Err(Refusal::AlreadyRecorded);
        }
        let available = self.available(at);
        if amount > available {
            let money = |amount| Money { currency: self.currency, amount };
            return Err(Refusal::NotEnoughCredit { available: money(available), actual: money(amount) });
        }
        self.expire(at);
        let mut open = amount;
        let mut parts = Vec::new();
        for (grant, left, _) in self.spendable(at) {
            let amount = left.min(open);
            if amount.is_zero() {
                break;
            }
            open = open.minus_or_zero(amount);
            parts.push(Part { grant, amount });
        }
        if !parts.is_empty() {
            self.add(at, Change::Spent { order, parts: parts.clone() });
        }
        Ok(parts)
    }

    /// Adds an entry that fits what is there; anything else would be our own mistake and changes nothing.
    fn add(&mut self, at: DateTime<Utc>, change: Change) {
        if grant::apply(&mut self.grants, &change).is_some() {
            self.entries.push(Entry { at, change });
        }
    }
}

impl Canonical for Ledger {
    fn write(&self, out: &mut Writer) {
        self.currency.write(out);
        self.entries.write(out);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let mut ledger = Self::new(Currency::take(reader));
        for entry in Vec::<Entry>::take(reader) {
            reader.require(grant::apply(&mut ledger.grants, &entry.change).is_some());
            ledger.entries.push(entry);
        }
        ledger
    }
}

#[cfg(test)]
mod tests;
