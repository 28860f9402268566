//! What a promotion gives, where it gives nothing (R13 to R17, R45).

use alloc::vec::Vec;

use super::lines::sells;
use super::subject::{Offered, Subject};
use super::{Severity, What};
use crate::id::ItemId;
use crate::money::{AmountTable, Currency, Money};
use crate::promotion::Benefit;
use crate::promotion::benefit::{Gives, Tiers};

impl Subject<'_, '_> {
    pub(super) fn benefit(&mut self) {
        self.nothing();
        self.price();
        self.gifts();
        self.budget_of_benefit();
    }

    fn nothing(&mut self) {
        let terms = self.terms();
        let currencies = self.spoken_of();
        let empty: Vec<Currency> =
            currencies.iter().copied().filter(|currency| !gives(&terms.benefit, *currency)).collect();
        if empty.is_empty() {
            return;
        }
        // Nothing off, with a note that says what is given instead, is a promotion like any other (R14).
        let meant = matches!(&terms.benefit, Benefit::Percent { percent, .. } if percent.basis_points() == 0);
        let everywhere = empty.len() == currencies.len();
        let severity = match (everywhere && self.must_give(), meant && terms.note.is_some()) {
            (true, _) => Severity::NeverApplies,
            (false, true) => Severity::Note,
            (false, false) => Severity::Contradiction,
        };
        if everywhere {
            self.find(severity, "benefit", What::GivesNothing { currency: None });
            return;
        }
        for currency in empty {
            self.find(severity, "benefit", What::GivesNothing { currency: Some(currency) });
        }
    }

    fn price(&mut self) {
        let (Benefit::FixedPrice { prices }, Some(catalog)) = (&self.terms().benefit, self.catalog) else { return };
        let scope = &self.terms().scope;
        let sold: Vec<_> = catalog.items().iter().filter(|item| sells(scope, item)).collect();
        for price in prices.amounts() {
            let mut costs = sold.iter().filter_map(|item| item.prices.find(price.currency)).peekable();
            if costs.peek().is_some() && costs.all(|cost| cost <= price.amount) {
                let what = What::PriceNotBelowCatalog { price: *price };
                self.find(Severity::Contradiction, "benefit.prices", what);
            }
        }
    }

    fn gifts(&mut self) {
        let (Benefit::Gift { items }, Some(catalog)) = (&self.terms().benefit, self.catalog) else { return };
        let unknown: Vec<ItemId> = items.iter().filter(|item| catalog.find(item).is_none()).cloned().collect();
        if !unknown.is_empty() {
            self.find(Severity::Contradiction, "benefit.items", What::GiftsNotInCatalog { items: unknown });
        }
    }

    fn budget_of_benefit(&mut self) {
        let Some(budget) = self.budget() else { return };
        let offered = match self.offered() {
            Offered::Everywhere => Vec::new(),
            Offered::In(currencies) => currencies,
        };
        let is_empty = |currency: &Currency| budget.find(*currency).is_some_and(|left| left.is_zero());
        let empty: Vec<Currency> = offered.iter().copied().filter(is_empty).collect();
        let severity = if self.must_give() { self.severity_in(empty.len()) } else { Severity::Contradiction };
        for currency in empty {
            self.find(severity, "limits.budget", What::BudgetEmpty { currency });
        }
        let Benefit::Fixed { amounts, .. } = &self.terms().benefit else { return };
        for currency in offered {
            let money = |table: &AmountTable| table.find(currency).map(|amount| Money { currency, amount });
            let (Some(budget), Some(amount)) = (money(budget), money(amounts)) else { continue };
            if !budget.amount.is_zero() && budget.amount < amount.amount {
                let what = What::BudgetBelowAmount { budget, amount };
                self.find(Severity::Contradiction, "limits.budget", what);
            }
        }
    }
}

/// Whether something may be given in a currency.
fn gives(benefit: &Benefit, currency: Currency) -> bool {
    let states = |table: &AmountTable| table.find(currency).is_some_and(|amount| !amount.is_zero());
    let of_tier = |gives: &Gives| match gives {
        Gives::Percent { percent } => percent.basis_points() > 0,
        Gives::Fixed { amounts } => states(amounts),
    };
    match benefit {
        Benefit::Percent { percent, cap } => percent.basis_points() > 0 && cap.as_ref().is_none_or(states),
        Benefit::Fixed { amounts, .. } => states(amounts),
        Benefit::Tiers(Tiers::Spend(tiers)) => tiers.iter().any(|tier| of_tier(&tier.gives)),
        Benefit::Tiers(Tiers::Quantity(tiers)) => tiers.iter().any(|tier| of_tier(&tier.gives)),
        Benefit::BuyGet(sets) => sets.percent.basis_points() > 0,
        Benefit::NoDiscount | Benefit::FixedPrice { .. } | Benefit::Gift { .. } => true,
    }
}
