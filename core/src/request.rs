//! Version 1 of what callers send, before it is checked: raw numbers and texts with the names of the wire.
//!
//! Unknown fields are refused. Everything here becomes a checked type of core ([`Cart`](crate::cart::Cart),
//! [`Promotion`](crate::promotion::Promotion) …) or a list of [`InvalidField`](crate::invalid::InvalidField).

use alloc::{string::String, vec::Vec};
use serde::Deserialize;

/// A cart as a page or a host sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct CartRequest {
    /// ISO 4217; the site's own currency when absent.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub currency: Option<String>,
    /// The lines, at most 500; their order is kept.
    pub lines: Vec<LineRequest>,
}

/// One line of a [`CartRequest`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct LineRequest {
    /// The line's id, unique in the cart.
    pub id: String,
    /// What is booked or bought.
    pub item: String,
    /// How many, 1 to 10,000; 1 when absent.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub quantity: Option<i64>,
    /// A venue of the site; its default zone when absent.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub location: Option<String>,
    /// The dates of an appointment; none for a product, or where the page has no dates.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Vec::is_empty"))]
    pub occurrences: Vec<OccurrenceRequest>,
    /// What one unit costs, in minor units. A claim: it counts only where the caller is trusted with prices (R61).
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub unit_price_minor: Option<i64>,
    /// What kind of line it is. A claim, as the price.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub kind: Option<String>,
    /// The categories of the item. A claim, as the price.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub categories: Option<Vec<String>>,
}

/// One date of a [`LineRequest`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct OccurrenceRequest {
    /// `2026-12-01` or `2026-12-01T18:00`, on the wall clock of the line's venue.
    pub start: String,
    /// What one unit costs on this date, where it differs from the line's price. A claim, as the price.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub unit_price_minor: Option<i64>,
}
