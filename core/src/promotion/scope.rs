//! Which lines a promotion touches (R19, R20).

use alloc::vec::Vec;

use crate::canonical::{canonical_enum, canonical_struct};
use crate::cart::{Line, LineKind};
use crate::id::{CategoryId, ItemId, LocationId};

/// Which lines are touched: those that any selector of `include` names and none of `exclude` does.
///
/// Without any `include`, every line but fees, tips, deposits and taxes; those are only touched where their kind, item or
/// category is named. With `locations`, only lines at those venues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// What is in; empty for everything.
    pub include: Vec<Selector>,
    /// What is out, whatever else says it is in.
    pub exclude: Vec<Selector>,
    /// The venues (R21); empty for all.
    pub locations: Vec<LocationId>,
}
canonical_struct!(Scope { include, exclude, locations });

/// Names lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// All lines of a kind (R19).
    Kind {
        /// The kind.
        kind: LineKind,
    },
    /// All items of a category, those added to it later too (R20).
    Category {
        /// The category.
        category: CategoryId,
    },
    /// One item.
    Item {
        /// The item.
        item: ItemId,
    },
}
canonical_enum!(Selector {
    0 => Kind { kind },
    1 => Category { category },
    2 => Item { item },
});

impl Selector {
    fn names(&self, line: &Line) -> bool {
        match self {
            Self::Kind { kind } => line.kind == *kind,
            Self::Category { category } => line.categories.contains(category),
            Self::Item { item } => line.item == *item,
        }
    }
}

impl Scope {
    /// Whether a line is touched.
    #[must_use]
    pub fn contains(&self, line: &Line) -> bool {
        let named = self.include.iter().any(|selector| selector.names(line));
        let included = named || (self.include.is_empty() && !line.kind.must_be_named());
        let at_venue = self.locations.is_empty()
            || line.location.as_ref().is_some_and(|location| self.locations.contains(location));
        included && at_venue && !self.exclude.iter().any(|selector| selector.names(line))
    }
}
