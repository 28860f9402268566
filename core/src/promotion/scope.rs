//! Which lines a promotion touches (R19, R20).

use alloc::vec::Vec;

use serde::Serialize;

use crate::canonical::{canonical_enum, canonical_struct};
use crate::cart::{Line, LineKind};
use crate::id::{CategoryId, ItemId, LocationId};
use crate::text::Text;

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
    /// Phrases that must each occur, upper and lower case told apart, in one of the names by which the line is shown (R22).
    pub phrases: Vec<Text>,
    /// Whether lines are out that are on sale or discounted by hand (R24).
    pub exclude_discounted: bool,
}
canonical_struct!(Scope { include, exclude, locations, phrases, exclude_discounted });

/// Names lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
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
        // A search made for long texts would weigh more in a page than all of this file.
        let holds =
            |text: &str, phrase: &str| text.as_bytes().windows(phrase.len()).any(|part| part == phrase.as_bytes());
        let shown = |phrase: &Text| line.texts.iter().any(|text| holds(text, phrase.as_str()));
        let barred = self.exclude_discounted && line.discounted;
        included
            && at_venue
            && !barred
            && self.phrases.iter().all(shown)
            && !self.exclude.iter().any(|selector| selector.names(line))
    }
}
