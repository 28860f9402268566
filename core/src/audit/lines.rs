//! Which lines a promotion can touch at all (R19 to R21, R27, R40).

use alloc::vec::Vec;

use super::subject::Subject;
use super::{Severity, What};
use crate::cart::LineKind;
use crate::catalog::CatalogItem;
use crate::id::{ItemId, LocationId};
use crate::promotion::{Benefit, Condition, Renewals, Scope, Selector};

impl Subject<'_, '_> {
    pub(super) fn lines(&mut self) {
        let terms = self.terms();
        self.scope("scope", &terms.scope);
        if let Benefit::BuyGet(sets) = &terms.benefit
            && let Some(from) = &sets.from
        {
            self.scope("benefit.from", from);
        }
        let kinds = kinds(&terms.scope);
        let nothing = kinds.is_empty();
        let site = &self.policy.evaluation;
        let asks = |condition: &Condition| match condition {
            Condition::BookingType { .. } => site.has_frequency,
            condition => site.has_dates && condition.is_of_dates(),
        };
        let timed = terms.conditions.iter().any(asks);
        if timed && !nothing && !kinds.iter().any(|kind| kind.is_appointment()) {
            self.find(Severity::NeverApplies, "scope", What::NoAppointmentInScope);
        }
        if terms.renewals != Renewals::default() && !nothing && !kinds.contains(&LineKind::Subscription) {
            self.find(Severity::Note, "scope", What::NoSubscriptionInScope);
        }
    }

    fn scope(&mut self, field: &'static str, scope: &Scope) {
        if kinds(scope).is_empty() {
            self.find(Severity::NeverApplies, field, What::NothingInScope);
        }
        let known = |location: &LocationId| self.policy.locations.iter().any(|(known, _)| known == location);
        let unknown: Vec<LocationId> = scope.locations.iter().filter(|location| !known(location)).cloned().collect();
        if !unknown.is_empty() {
            // A cart can only be at the site's own venues.
            let none = unknown.len() == scope.locations.len();
            let severity = if none { Severity::NeverApplies } else { Severity::Note };
            self.find(severity, field, What::UnknownLocations { locations: unknown });
        }
        let Some(catalog) = self.catalog else { return };
        let named = scope.include.iter().chain(&scope.exclude).filter_map(|selector| match selector {
            Selector::Item { item } => Some(item),
            Selector::Kind { .. } | Selector::Category { .. } => None,
        });
        let items: Vec<ItemId> = named.filter(|item| catalog.find(item).is_none()).cloned().collect();
        if !items.is_empty() {
            self.find(Severity::Note, field, What::ItemsNotInCatalog { items });
        }
        // What is not sold yet says nothing of scopes.
        if !catalog.items().is_empty()
            && !kinds(scope).is_empty()
            && !catalog.items().iter().any(|item| sells(scope, item))
        {
            self.find(Severity::Note, field, What::NothingInCatalog);
        }
    }
}

/// The kinds of line that can be in a scope. An item or a category may be of any kind: a host says so, not the catalog alone.
fn kinds(scope: &Scope) -> Vec<LineKind> {
    let may_be = |kind: LineKind| {
        let open = |selector: &Selector| !scope.exclude.contains(selector);
        let named = |selector: &Selector| match selector {
            Selector::Kind { kind: named } => *named == kind,
            Selector::Category { .. } | Selector::Item { .. } => true,
        };
        let included = if scope.include.is_empty() {
            !kind.must_be_named()
        } else {
            scope.include.iter().any(|selector| open(selector) && named(selector))
        };
        included && open(&Selector::Kind { kind })
    };
    LineKind::all().filter(|kind| may_be(*kind)).collect()
}

/// Whether an item, sold as the catalog has it, is in a scope.
pub(super) fn sells(scope: &Scope, item: &CatalogItem) -> bool {
    let names = |selector: &Selector| match selector {
        Selector::Kind { kind } => item.kind == *kind,
        Selector::Category { category } => item.categories.contains(category),
        Selector::Item { item: named } => item.id == *named,
    };
    let included = scope.include.iter().any(names) || (scope.include.is_empty() && !item.kind.must_be_named());
    included && !scope.exclude.iter().any(names)
}
