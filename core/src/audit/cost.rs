//! What a promotion takes off at the most (R67): its uses x the largest discount of one redemption, or its budget.

use super::subject::Subject;
use super::{Severity, What};
use crate::cart::{LINES_MAX, OCCURRENCES_MAX};
use crate::money::{Amount, Currency, Percent};
use crate::policy::Round;
use crate::promotion::benefit::{Gives, Tiers};
use crate::promotion::{Benefit, LimitPer, Per, Series, Unit};

impl Subject<'_, '_> {
    pub(super) fn cost(&mut self) {
        for currency in self.spoken_of() {
            let by_uses = self.by_uses(currency);
            let budget = self.budget().and_then(|budget| budget.find(currency));
            let amount = by_uses.into_iter().chain(budget).min();
            self.find(Severity::Note, "limits", What::WorstCaseCost { currency, amount });
        }
    }

    /// All uses together, where their number and each of them is bounded.
    fn by_uses(&self, currency: Currency) -> Option<Amount> {
        let once = self.once(currency)?;
        if once.is_zero() {
            return Some(once);
        }
        let codes = if self.terms().needs_code { Some(self.audited.codes) } else { None };
        let per_code =
            self.uses(LimitPer::Code).zip(codes).map(|((_, max), codes)| u64::from(max).saturating_mul(codes));
        // A redemption uses at least one occurrence, so a limit of either unit bounds how many there are.
        let total = self.uses(LimitPer::Promotion);
        let redemptions = total.map(|(_, max)| u64::from(max)).into_iter().chain(per_code).min();
        let by_redemptions = redemptions.map(|count| times(once, count));
        let by_occurrences = match (&self.terms().benefit, total) {
            (Benefit::Fixed { amounts, per: Per::Occurrence }, Some((Unit::Occurrences, max))) => {
                amounts.find(currency).map(|amount| times(amount, u64::from(max)))
            }
            _ => None,
        };
        by_redemptions.into_iter().chain(by_occurrences).min()
    }

    /// The largest discount of one redemption; `None` where only the cart bounds it.
    fn once(&self, currency: Currency) -> Option<Amount> {
        let worth = self.eligible_at_most(currency);
        let found = match &self.terms().benefit {
            Benefit::Percent { percent, cap } => {
                let part = worth.map(|worth| self.part(worth, *percent));
                part.into_iter().chain(cap.as_ref().and_then(|cap| cap.find(currency))).min()
            }
            Benefit::Fixed { amounts, per } => {
                let count = match per {
                    Per::Redemption => Some(1),
                    Per::Occurrence => Some(self.occurrences()),
                    Per::Unit => self.terms().units.map(|units| u64::from(units.max)),
                };
                amounts.find(currency).zip(count).map(|(amount, count)| times(amount, count))
            }
            Benefit::NoDiscount => Some(Amount::ZERO),
            Benefit::Tiers(Tiers::Spend(tiers)) => self.highest(tiers.iter().map(|tier| &tier.gives), worth, currency),
            Benefit::Tiers(Tiers::Quantity(tiers)) => {
                self.highest(tiers.iter().map(|tier| &tier.gives), worth, currency)
            }
            Benefit::FixedPrice { .. } | Benefit::BuyGet(_) => None,
            // A gift is no part of what the cart is worth.
            Benefit::Gift { items } => {
                let price = |item| self.catalog?.find(item)?.prices.find(currency);
                return items.iter().map(price).try_fold(Amount::ZERO, |most, price| Some(most.max(price?)));
            }
        };
        // Sets may take their cheaper units from lines that a maximum on eligible ones does not count.
        let worth = worth.filter(|_| !matches!(self.terms().benefit, Benefit::BuyGet(_)));
        found.into_iter().chain(worth).min()
    }

    fn highest<'t>(
        &self,
        tiers: impl Iterator<Item = &'t Gives>,
        worth: Option<Amount>,
        currency: Currency,
    ) -> Option<Amount> {
        let most = |gives: &Gives| match gives {
            Gives::Percent { percent } => worth.map(|worth| self.part(worth, *percent)),
            Gives::Fixed { amounts } => amounts.find(currency),
        };
        tiers.map(most).try_fold(Amount::ZERO, |highest, most| Some(highest.max(most?)))
    }

    /// A percentage of an amount, rounded up; all of it where every line or unit is rounded by itself and so may round up.
    fn part(&self, worth: Amount, percent: Percent) -> Amount {
        if self.policy.evaluation.rounding.round != Round::PerCart && percent.basis_points() > 0 {
            return worth;
        }
        let product = u128::from(worth.minor_unsigned()).saturating_mul(u128::from(percent.basis_points()));
        saturated(product.div_ceil(u128::from(Percent::WHOLE_BP)))
    }

    /// How many occurrences of one cart it may touch.
    fn occurrences(&self) -> u64 {
        let all = OCCURRENCES_MAX as u64;
        let of_lines = match self.terms().series {
            Series::Each => all,
            Series::First(count) => u64::from(count).saturating_mul(LINES_MAX as u64).min(all),
        };
        if self.terms().is_for_first_appointment() { 1 } else { of_lines }
    }
}

fn times(amount: Amount, count: u64) -> Amount {
    saturated(u128::from(amount.minor_unsigned()).saturating_mul(u128::from(count)))
}

/// The amount of so many minor units, or the largest there is.
fn saturated(minor: u128) -> Amount {
    Amount::saturated(u64::try_from(minor).unwrap_or(u64::MAX))
}
