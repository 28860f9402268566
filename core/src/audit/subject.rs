//! The promotion under audit, and what is read off it again and again.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use chrono::{DateTime, Utc};

use super::lines::sells;
use super::{Audited, Finding, Severity, What};
use crate::catalog::Catalog;
use crate::money::{AmountTable, Currency};
use crate::policy::SitePolicy;
use crate::promotion::benefit::{Gives, Tiers};
use crate::promotion::{Benefit, Condition, Lane, Most, Promotion, Terms};

/// One promotion under audit.
pub(super) struct Subject<'a, 'f> {
    pub(super) audited: Audited<'a>,
    pub(super) policy: &'a SitePolicy,
    pub(super) catalog: Option<&'a Catalog>,
    pub(super) now: DateTime<Utc>,
    pub(super) findings: &'f mut Vec<Finding>,
}

impl<'a> Subject<'a, '_> {
    pub(super) fn find(&mut self, severity: Severity, field: &'static str, what: What) {
        let finding = Finding::new(&self.audited.promotion.terms.promotion, severity, field, what);
        self.findings.push(finding);
    }

    pub(super) const fn promotion(&self) -> &'a Promotion {
        self.audited.promotion
    }

    pub(super) fn terms(&self) -> &'a Terms {
        &self.audited.promotion.terms
    }

    /// What a condition of one kind says, where the promotion has one.
    pub(super) fn condition<T>(&self, pick: impl Fn(&'a Condition) -> Option<T>) -> Option<T> {
        self.terms().conditions.iter().find_map(pick)
    }

    /// Whether it acts only where it takes something off: what acts by itself is silent otherwise (R49).
    pub(super) fn must_give(&self) -> bool {
        !self.terms().needs_code && self.terms().benefit != Benefit::NoDiscount
    }

    /// Whether it can be unlocked, and where it acts.
    pub(super) fn state(&mut self) {
        if !self.audited.active {
            self.find(Severity::Note, "active", What::Inactive);
        }
        if self.terms().needs_code && self.audited.codes == 0 {
            self.find(Severity::NeverApplies, "codes", What::NoCodes);
        }
        if let Lane::Own(lane) = &self.terms().lane
            && !self.policy.evaluation.lanes.iter().any(|own| own.id == *lane)
        {
            self.find(Severity::Note, "lane", What::LaneNotOnSite { lane: lane.clone() });
        }
    }

    /// In which currencies all amounts are stated (R15).
    pub(super) fn currencies(&mut self) {
        match self.offered() {
            Offered::Everywhere => {}
            Offered::In(currencies) if currencies.is_empty() => {
                self.find(Severity::NeverApplies, "benefit", What::NoCommonCurrency);
            }
            Offered::In(offered) => {
                let currency = self.policy.currency;
                if !offered.contains(&currency) {
                    self.find(Severity::Note, "benefit", What::NotInSiteCurrency { currency });
                }
                self.sold_in(&offered);
            }
        }
    }

    /// Holds the currencies in which it is offered against those in which anything in its scope is sold.
    fn sold_in(&mut self, offered: &[Currency]) {
        let (site, scope) = (self.policy.currency, &self.terms().scope);
        let items = self.catalog.map(Catalog::items).unwrap_or_default().iter().filter(|item| sells(scope, item));
        let sold: BTreeSet<Currency> =
            items.flat_map(|item| item.prices.amounts()).map(|price| price.currency).collect();
        if sold.is_empty() {
            return;
        }
        // Of the site's own is told whatever the catalog has.
        let missing: Vec<Currency> =
            sold.iter().filter(|sold| **sold != site && !offered.contains(sold)).copied().collect();
        if !missing.is_empty() {
            self.find(Severity::Note, "benefit", What::NotInCatalogCurrencies { currencies: missing });
        }
        let idle: Vec<Currency> = offered.iter().filter(|offered| !sold.contains(offered)).copied().collect();
        if !idle.is_empty() {
            self.find(Severity::Note, "benefit", What::CurrenciesNotInCatalog { currencies: idle });
        }
    }

    pub(super) fn offered(&self) -> Offered {
        let tables = tables(self.promotion());
        let Some(first) = tables.first() else { return Offered::Everywhere };
        let stated = |currency: &Currency| tables.iter().all(|table| table.find(*currency).is_some());
        Offered::In(first.amounts().iter().map(|money| money.currency).filter(stated).collect())
    }

    /// The currencies to speak of: those in which it is offered, or the site's own.
    pub(super) fn spoken_of(&self) -> Vec<Currency> {
        match self.offered() {
            Offered::Everywhere => [self.policy.currency].into(),
            Offered::In(currencies) => currencies,
        }
    }

    /// How bad it is that something goes wrong in some of the currencies in which it is offered.
    pub(super) fn severity_in(&self, currencies: usize) -> Severity {
        let everywhere = match self.offered() {
            Offered::Everywhere => false,
            Offered::In(all) => !all.is_empty() && all.len() == currencies,
        };
        if everywhere { Severity::NeverApplies } else { Severity::Contradiction }
    }

    /// The budget, where there is one (R45).
    pub(super) fn budget(&self) -> Option<&'a AmountTable> {
        self.promotion().limits.iter().find_map(|limit| match &limit.most {
            Most::Budget { amounts } => Some(amounts),
            Most::Uses { .. } => None,
        })
    }
}

/// In which currencies a promotion can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Offered {
    /// It states no amount, so in any.
    Everywhere,
    /// In those in which all its amounts are stated.
    In(Vec<Currency>),
}

/// Every table of amounts without which it cannot be given.
fn tables(promotion: &Promotion) -> Vec<&AmountTable> {
    fn of_gives(gives: &Gives) -> Option<&AmountTable> {
        match gives {
            Gives::Percent { .. } => None,
            Gives::Fixed { amounts } => Some(amounts),
        }
    }
    let mut tables: Vec<&AmountTable> = Vec::new();
    match &promotion.terms.benefit {
        Benefit::Percent { cap, .. } => tables.extend(cap),
        Benefit::Fixed { amounts, .. } | Benefit::FixedPrice { prices: amounts } => tables.push(amounts),
        Benefit::Tiers(Tiers::Spend(tiers)) => {
            tables.extend(tiers.iter().flat_map(|tier| [Some(&tier.from), of_gives(&tier.gives)]).flatten());
        }
        Benefit::Tiers(Tiers::Quantity(tiers)) => tables.extend(tiers.iter().filter_map(|tier| of_gives(&tier.gives))),
        Benefit::NoDiscount | Benefit::BuyGet(_) | Benefit::Gift { .. } => {}
    }
    for condition in &promotion.terms.conditions {
        if let Condition::MinimumSubtotal { amounts, .. } | Condition::MaximumSubtotal { amounts, .. } = condition {
            tables.push(amounts);
        }
    }
    for limit in &promotion.limits {
        if let Most::Budget { amounts } = &limit.most {
            tables.push(amounts);
        }
    }
    tables
}
