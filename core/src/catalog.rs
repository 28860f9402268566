//! What a site sells, as far as evaluation must know it.

use alloc::{boxed::Box, format, string::String, vec::Vec};
use serde::Deserialize;

use crate::canonical::{Canonical, Reader, Writer, canonical_struct};
use crate::cart::LineKind;
use crate::id::{CategoryId, ItemId};
use crate::invalid::{Fault, Faults, InvalidField};
use crate::money::{Amount, AmountTable, Currency, Money};
use crate::request::TextsRequest;

/// One thing that can be booked or bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogItem {
    /// Its id.
    pub id: ItemId,
    /// What kind of line it makes.
    pub kind: LineKind,
    /// Its categories, in order, each once (R20).
    pub categories: Vec<CategoryId>,
    /// What one unit costs, per currency.
    pub prices: AmountTable,
    /// The names by which its lines are shown (R22).
    pub texts: Vec<Box<str>>,
    /// Whether it is on sale (R24).
    pub on_sale: bool,
}
canonical_struct!(CatalogItem { id, kind, categories, prices, texts, on_sale });

/// Items by id. A page holds only those of the cart it asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog(Vec<CatalogItem>);

impl Catalog {
    /// A catalog of these items; of two with one id the first stands.
    #[must_use]
    pub fn new(mut items: Vec<CatalogItem>) -> Self {
        items.sort_by(|one, two| one.id.cmp(&two.id));
        items.dedup_by(|later, first| later.id == first.id);
        Self(items)
    }

    /// The item of that id, if the catalog has it.
    #[must_use]
    pub fn find(&self, id: &ItemId) -> Option<&CatalogItem> {
        let index = self.0.binary_search_by(|item| item.id.cmp(id)).ok()?;
        self.0.get(index)
    }

    /// All items, by id.
    #[must_use]
    pub fn items(&self) -> &[CatalogItem] {
        &self.0
    }
}

impl Canonical for Catalog {
    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let items = Vec::<CatalogItem>::take(reader);
        reader.require(items.is_sorted_by(|one, two| one.id < two.id));
        Self(items)
    }
}

/// An item as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct CatalogItemDraft {
    /// Its id, as the pages name it.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub id: String,
    /// What the owner calls it; not used in evaluation.
    pub name: String,
    /// The kind of line it makes, for example `group_class`.
    #[cfg_attr(feature = "schema", schemars(with = "crate::cart::LineKind"))]
    pub kind: String,
    /// Ids of its categories.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>", length(max = 50)))]
    pub categories: Vec<String>,
    /// What one unit costs, one entry per currency.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub prices: Vec<MoneyDraft>,
    /// The names by which its lines are shown, for text limits.
    #[serde(default)]
    pub texts: TextsRequest,
    /// Whether it is on sale; no when absent.
    #[serde(default)]
    pub on_sale: bool,
}

/// An amount with its currency, as callers write it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct MoneyDraft {
    /// ISO 4217.
    pub currency: String,
    /// The amount in minor units, 0 to 10^12.
    #[cfg_attr(feature = "schema", schemars(with = "crate::money::Amount"))]
    pub amount_minor: i64,
}

impl CatalogItem {
    /// Checks an item; `field` is where it stands in the input.
    ///
    /// # Errors
    /// Every fault with its field.
    pub fn parse(draft: &CatalogItemDraft, field: &str) -> Result<Self, Vec<InvalidField>> {
        let mut faults = Faults::within(field);
        let id = faults.keep("id", ItemId::parse(&draft.id));
        let kind = faults.keep("kind", LineKind::find(&draft.kind).ok_or((Fault::Unknown, "is no kind of line")));
        let categories = faults.keep("categories", crate::cart::parse_category_list(&draft.categories));
        let prices = parse_amounts("prices", &draft.prices, &mut faults);
        let texts = crate::cart::parse_texts(&draft.texts, &mut faults);
        match (id, kind, categories, prices) {
            (Some(id), Some(kind), Some(categories), Some(prices)) if faults.is_empty() => {
                Ok(Self { id, kind, categories, prices, texts, on_sale: draft.on_sale })
            }
            _ => Err(faults.into_vec()),
        }
    }
}

/// Checks a table of amounts.
pub(crate) fn parse_amounts(field: &str, drafts: &[MoneyDraft], faults: &mut Faults) -> Option<AmountTable> {
    const CURRENCIES_MAX: usize = 200;
    if drafts.len() > CURRENCIES_MAX {
        faults.add(field, Fault::OutOfBounds, format!("must have at most {CURRENCIES_MAX} entries"));
        return None;
    }
    let mut amounts = Vec::with_capacity(drafts.len());
    let mut whole = true;
    for (index, draft) in drafts.iter().enumerate() {
        let currency = faults.keep(&format!("{field}[{index}].currency"), Currency::parse(&draft.currency));
        let amount = Amount::new(draft.amount_minor).map_err(|fault| (Fault::OutOfBounds, format!("{fault}")));
        let amount = faults.keep(&format!("{field}[{index}].amount_minor"), amount);
        match (currency, amount) {
            (Some(currency), Some(amount)) => amounts.push(Money { currency, amount }),
            _ => whole = false,
        }
    }
    if whole { faults.keep(field, AmountTable::new(amounts)) } else { None }
}
