//! Which lines are touched, as an owner writes it.

use alloc::{format, string::String, vec::Vec};
use serde::Deserialize;

use super::ENTRIES_MAX;
use super::fields::{needed, only};
use crate::cart::LineKind;
use crate::given::given;
use crate::id::{CategoryId, ItemId, LocationId};
use crate::invalid::{Fault, Faults};
use crate::promotion::{Scope, Selector};
use crate::text::Text;

/// Which lines are touched, as an owner writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub struct ScopeDraft {
    /// What is in; everything when empty.
    #[cfg_attr(feature = "schema", schemars(length(max = 1000)))]
    pub include: Vec<SelectorDraft>,
    /// What is out.
    #[cfg_attr(feature = "schema", schemars(length(max = 1000)))]
    pub exclude: Vec<SelectorDraft>,
    /// The venues; all when empty.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>", length(max = 1000)))]
    pub locations: Vec<String>,
    /// Phrases that must each occur in one of the names by which a line is shown, upper and lower case told apart.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::text::Text>", length(max = 20)))]
    pub phrases: Vec<String>,
    /// Whether lines are out that are on sale or discounted by hand.
    pub exclude_discounted: bool,
}

/// Names lines, as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize), serde(tag = "type", rename_all = "snake_case"))]
#[serde(try_from = "SelectorFields")]
#[cfg_attr(feature = "schema", schemars(!try_from, deny_unknown_fields))]
pub enum SelectorDraft {
    /// All lines of a kind.
    Kind {
        /// For example `group_class`.
        #[cfg_attr(feature = "schema", schemars(with = "LineKind"))]
        kind: String,
    },
    /// All items of a category.
    Category {
        /// Its id.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
        category: String,
    },
    /// One item.
    Item {
        /// Its id.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
        item: String,
    },
}

/// The fields of all selectors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SelectorFields {
    #[serde(rename = "type")]
    of: SelectorType,
    #[serde(default, deserialize_with = "given")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "given")]
    category: Option<String>,
    #[serde(default, deserialize_with = "given")]
    item: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SelectorType {
    Kind,
    Category,
    Item,
}

impl TryFrom<SelectorFields> for SelectorDraft {
    type Error = String;

    fn try_from(fields: SelectorFields) -> Result<Self, String> {
        let SelectorFields { of, kind, category, item } = fields;
        let field = match of {
            SelectorType::Kind => "kind",
            SelectorType::Category => "category",
            SelectorType::Item => "item",
        };
        only(&[field], &[("kind", kind.is_some()), ("category", category.is_some()), ("item", item.is_some())])?;
        Ok(match of {
            SelectorType::Kind => Self::Kind { kind: needed(field, kind)? },
            SelectorType::Category => Self::Category { category: needed(field, category)? },
            SelectorType::Item => Self::Item { item: needed(field, item)? },
        })
    }
}

/// Checks which lines are touched; `field` is where that stands.
pub(super) fn parse_scope(field: &str, draft: &ScopeDraft, faults: &mut Faults) -> Scope {
    Scope {
        include: parse_selectors(&format!("{field}.include"), &draft.include, faults),
        exclude: parse_selectors(&format!("{field}.exclude"), &draft.exclude, faults),
        locations: super::parse_list(&format!("{field}.locations"), &draft.locations, LocationId::parse, faults),
        phrases: parse_phrases(&format!("{field}.phrases"), &draft.phrases, faults),
        exclude_discounted: draft.exclude_discounted,
    }
}

fn parse_phrases(field: &str, phrases: &[String], faults: &mut Faults) -> Vec<Text> {
    const PHRASES_MAX: usize = 20;
    if phrases.len() > PHRASES_MAX {
        faults.add(field, Fault::OutOfBounds, format!("must have at most {PHRASES_MAX} entries"));
        return Vec::new();
    }
    let parse = |(index, phrase): (usize, &String)| faults.keep(&format!("{field}[{index}]"), Text::parse(phrase));
    phrases.iter().enumerate().filter_map(parse).collect()
}

fn parse_selectors(field: &str, drafts: &[SelectorDraft], faults: &mut Faults) -> Vec<Selector> {
    if drafts.len() > ENTRIES_MAX {
        faults.add(field, Fault::OutOfBounds, format!("must have at most {ENTRIES_MAX} entries"));
        return Vec::new();
    }
    let mut selectors = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        let at = |name: &str| format!("{field}[{index}].{name}");
        let selector = match draft {
            SelectorDraft::Kind { kind } => {
                let found = LineKind::find(kind).ok_or((Fault::Unknown, "is no kind of line"));
                faults.keep(&at("kind"), found).map(|kind| Selector::Kind { kind })
            }
            SelectorDraft::Category { category } => faults
                .keep(&at("category"), CategoryId::parse(category))
                .map(|category| Selector::Category { category }),
            SelectorDraft::Item { item } => {
                faults.keep(&at("item"), ItemId::parse(item)).map(|item| Selector::Item { item })
            }
        };
        selectors.extend(selector);
    }
    selectors.sort_unstable();
    selectors.dedup();
    selectors
}

#[cfg(test)]
mod tests {
    use super::super::fields::fault;
    use super::*;

    #[test]
    fn each_type_has_its_own_fields() {
        for (json, said) in [
            (r#"{"type":"kind","item":"yoga"}"#, "unknown field `item`"),
            (r#"{"type":"item"}"#, "missing field `item`"),
        ] {
            assert_eq!(fault::<SelectorDraft>(json), said, "{json}");
        }
    }
}
