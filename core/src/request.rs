//! Version 1 of what callers send, before it is checked: raw numbers and texts with the names of the wire.
//!
//! Unknown fields are refused. Everything here becomes a checked type of core ([`Cart`](crate::cart::Cart),
//! [`Promotion`](crate::promotion::Promotion) …) or a list of [`InvalidField`](crate::invalid::InvalidField).

use alloc::{string::String, vec::Vec};
use serde::Deserialize;

use crate::cart::Frequency;

/// A cart as a page or a host sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct CartRequest {
    /// ISO 4217; the site's own currency when absent.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub currency: Option<String>,
    /// The lines, at most 500; their order is kept.
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub lines: Vec<LineRequest>,
}

/// One line of a [`CartRequest`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct LineRequest {
    /// The line's id, unique in the cart.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::SentLineId"))]
    pub id: String,
    /// What is booked or bought.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub item: String,
    /// How many, 1 to 10,000; 1 when absent.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10_000)))]
    pub quantity: Option<i64>,
    /// A venue of the site; its default zone when absent.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Id>"))]
    pub location: Option<String>,
    /// The dates of an appointment; none for a product, or where the page has no dates.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Vec::is_empty"))]
    pub occurrences: Vec<OccurrenceRequest>,
    /// What one unit costs, in minor units. A claim: it counts only where the caller is trusted with prices (R61).
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Amount>"))]
    pub unit_price_minor: Option<i64>,
    /// What kind of line it is. A claim, as the price.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::cart::LineKind>"))]
    pub kind: Option<String>,
    /// The categories of the item. A claim, as the price.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<crate::schema::Id>>", length(max = 50)))]
    pub categories: Option<Vec<String>>,
    /// How often it is booked; not chosen, or no choice, when absent (R35).
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub frequency: Option<Frequency>,
    /// The names by which it is shown (R22). A claim, as the price.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub texts: Option<TextsRequest>,
    /// Whether it is paid for; yes when absent (R23). A claim, as the price.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub paid: Option<bool>,
    /// Whether it is on sale or discounted by hand; no when absent (R24). A claim, as the price.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub discounted: Option<bool>,
}

/// The names by which a line is shown, each where the site has one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub struct TextsRequest {
    /// Name of the schedule.
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub schedule: Option<String>,
    /// Name of the resource: a room, a chair, a person.
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub resource: Option<String>,
    /// Name of the service.
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub service: Option<String>,
    /// Title of the slot.
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub slot_title: Option<String>,
    /// Place of the slot.
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub slot_location: Option<String>,
    /// The choice from the length selector.
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub length: Option<String>,
}

/// One date of a [`LineRequest`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct OccurrenceRequest {
    /// `2026-12-01` or `2026-12-01T18:00`, on the wall clock of the line's venue.
    #[cfg_attr(feature = "schema", schemars(with = "crate::time::LocalStart"))]
    pub start: String,
    /// What one unit costs on this date, where it differs from the line's price. A claim, as the price.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Amount>"))]
    pub unit_price_minor: Option<i64>,
}
