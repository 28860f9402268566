//! What a cart must be worth, against what it may be worth (R16, R28).

use alloc::vec::Vec;

use super::What;
use super::subject::Subject;
use crate::money::{Amount, AmountTable, Currency, Money};
use crate::promotion::benefit::Tiers;
use crate::promotion::condition::{Basis, Counts};
use crate::promotion::{Benefit, Condition};

/// A maximum, as its condition states it.
#[derive(Clone, Copy)]
pub(super) struct Maximum<'a> {
    amounts: &'a AmountTable,
    basis: Basis,
    counts: Counts,
}

impl Maximum<'_> {
    /// How much is allowed in a currency, where that is bounded.
    fn allows(&self, currency: Currency) -> Option<Amount> {
        self.amounts.find(currency).filter(|allowed| !allowed.is_zero())
    }
}

impl<'a> Subject<'a, '_> {
    pub(super) fn spending(&mut self) {
        let Some(maximum) = self.maximum() else { return };
        let minimum = self.condition(|condition| match condition {
            Condition::MinimumSubtotal { amounts, basis, counts } => Some((amounts, *basis, *counts)),
            _ => None,
        });
        if let Some((amounts, basis, counts)) = minimum {
            // What the maximum counts is never less than what the minimum counts.
            let counts_all = basis == maximum.basis || maximum.basis == Basis::AllLines;
            let counts_more = counts == maximum.counts || maximum.counts == Counts::BeforeDiscounts;
            if counts_all && counts_more {
                self.above(
                    maximum,
                    |currency| amounts.find(currency),
                    "conditions.minimum_subtotal",
                    |minimum, maximum| What::MinimumAboveMaximum { minimum, maximum },
                );
            }
        }
        if let Benefit::Tiers(Tiers::Spend(tiers)) = &self.terms().benefit
            && maximum.counts == Counts::BeforeDiscounts
        {
            let lowest = |currency| tiers.iter().filter_map(|tier| tier.from.find(currency)).min();
            self.above(maximum, lowest, "benefit.tiers", |tier, maximum| What::TiersAboveMaximum { tier, maximum });
        }
    }

    /// What the eligible lines cost at the most before discounts, where a maximum says so.
    pub(super) fn eligible_at_most(&self, currency: Currency) -> Option<Amount> {
        let maximum = self.maximum().filter(|maximum| maximum.counts == Counts::BeforeDiscounts)?;
        maximum.allows(currency)
    }

    fn maximum(&self) -> Option<Maximum<'a>> {
        self.condition(|condition| match condition {
            Condition::MaximumSubtotal { amounts, basis, counts } => {
                Some(Maximum { amounts, basis: *basis, counts: *counts })
            }
            _ => None,
        })
    }

    /// Finds every currency in which more is needed than is allowed.
    fn above(
        &mut self,
        maximum: Maximum<'_>,
        needed: impl Fn(Currency) -> Option<Amount>,
        field: &'static str,
        what: impl Fn(Money, Money) -> What,
    ) {
        let above = |currency: Currency| {
            let (needed, allowed) = (needed(currency)?, maximum.allows(currency)?);
            let money = |amount| Money { currency, amount };
            (needed > allowed).then(|| what(money(needed), money(allowed)))
        };
        let found: Vec<What> = self.spoken_of().into_iter().filter_map(above).collect();
        let severity = self.severity_in(found.len());
        for what in found {
            self.find(severity, field, what);
        }
    }
}
