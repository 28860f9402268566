//! What a site decides for all its promotions: [`SitePolicy`], and the part of it that evaluation reads, [`Policy`].

use alloc::{boxed::Box, format, string::String, vec::Vec};
use serde::{Deserialize, Serialize};

use crate::canonical::{canonical_enum, canonical_struct};
use crate::cart::PriceSource;
use crate::code::Alphabet;
use crate::id::LocationId;
use crate::invalid::{Fault, Faults, InvalidField};
use crate::money::Currency;
use crate::money::allocate::Leftover;
use crate::money::rounding::Half;

/// How discounts become minor units and fall on the lines (R3), so that a site coming from another system keeps its cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default, deny_unknown_fields)]
pub struct Rounding {
    /// What is rounded.
    pub round: Round,
    /// Where half a minor unit goes.
    pub half: Half,
    /// Who gets the minor units left over.
    pub leftover: Leftover,
    /// By what measure a discount is shared out.
    pub split: Split,
}
canonical_struct!(Rounding { round, half, leftover, split });

/// What a percentage is rounded for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Round {
    /// The whole eligible amount, once.
    #[default]
    PerCart,
    /// Each line.
    PerLine,
    /// One unit of one occurrence.
    PerUnit,
}
canonical_enum!(Round { 0 => PerCart, 1 => PerLine, 2 => PerUnit });

/// By what measure a discount is shared out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// In proportion to what is left of each line, then of each occurrence, then of each unit.
    #[default]
    ByValue,
    /// In equal parts per eligible unit, capped at its price, the excess shared again.
    PerUnit,
}
canonical_enum!(Split { 0 => ByValue, 1 => PerUnit });

/// The part of a site's policy that evaluation reads. The rest (holds, keys, alphabets) is the server's affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How discounts are rounded and shared out.
    pub rounding: Rounding,
    /// Whether the site's pages let the visitor choose a date. Where they do not, appointment conditions are not checked; where
    /// they do, a missing date is waited for. A site setting, never read from a request (R27).
    pub has_dates: bool,
}
canonical_struct!(Policy { rounding, has_dates });

impl Default for Policy {
    fn default() -> Self {
        Self { rounding: Rounding::default(), has_dates: true }
    }
}

/// All that a site decides, as its owner writes it. Everything but currency and zone has a default.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct SitePolicyDraft {
    /// ISO 4217: the currency of a cart that names none.
    pub currency: String,
    /// IANA name of the site's time zone, in which owners write dates (R25).
    pub zone: String,
    /// The venues with zones of their own.
    #[serde(default)]
    pub locations: Vec<LocationDraft>,
    /// How discounts are rounded and shared out (R3).
    #[serde(default)]
    pub rounding: Rounding,
    /// Whether the pages let the visitor choose a date (R27).
    #[serde(default = "yes")]
    pub has_dates: bool,
    /// What may stand in new codes (R8).
    #[serde(default)]
    pub new_codes: Alphabet,
    /// When a placed redemption is confirmed (R55).
    #[serde(default)]
    pub confirm_on: ConfirmOn,
    /// How long an unplaced reservation holds its uses, in seconds, 60 to 86,400 (R55).
    #[serde(default = "hold_seconds")]
    pub hold_seconds: u32,
    /// How long a snapshot fixes terms and time conditions, in seconds, 0 to 900 (R70).
    #[serde(default = "honor_quote_seconds")]
    pub honor_quote_seconds: u32,
    /// Whose word counts for prices when the host's own server asks with its secret key (R61). A page's never counts: with a
    /// publishable key prices are always the catalog's.
    #[serde(default = "catalog")]
    pub prices: PriceSource,
    /// Whether a page may reserve and place with the publishable key alone (R55).
    #[serde(default)]
    pub tag_redeems: bool,
}

/// A venue as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct LocationDraft {
    /// Its id.
    pub id: String,
    /// IANA name of its time zone.
    pub zone: String,
}

/// When a placed redemption is confirmed (R55).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmOn {
    /// At once.
    #[default]
    Placed,
    /// When the host says that it is paid.
    Paid,
    /// When the host says that its invoice is finalized.
    Finalized,
}

const fn yes() -> bool {
    true
}

const fn hold_seconds() -> u32 {
    900
}

const fn honor_quote_seconds() -> u32 {
    300
}

const fn catalog() -> PriceSource {
    PriceSource::Catalog
}

/// All that a site decides, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitePolicy {
    /// The currency of a cart that names none.
    pub currency: Currency,
    /// Name of the site's time zone.
    pub zone: Box<str>,
    /// The venues and the names of their zones, by id.
    pub locations: Vec<(LocationId, Box<str>)>,
    /// What evaluation reads.
    pub evaluation: Policy,
    /// What may stand in new codes.
    pub new_codes: Alphabet,
    /// When a placed redemption is confirmed.
    pub confirm_on: ConfirmOn,
    /// How long an unplaced reservation holds its uses, in seconds.
    pub hold_seconds: u32,
    /// How long a snapshot fixes terms and time conditions, in seconds.
    pub honor_quote_seconds: u32,
    /// Whose word counts for prices when the host's own server asks.
    pub prices: PriceSource,
    /// Whether a page may reserve and place with the publishable key alone.
    pub tag_redeems: bool,
}

impl SitePolicy {
    /// Checks a policy; `zone_exists` tells whether a time zone of that name is known.
    ///
    /// # Errors
    /// Every fault with its field below `field`.
    pub fn parse(
        draft: &SitePolicyDraft,
        zone_exists: &dyn Fn(&str) -> bool,
        field: &str,
    ) -> Result<Self, Vec<InvalidField>> {
        const LOCATIONS_MAX: usize = 500;
        let mut faults = Faults::within(field);
        let currency = faults.keep("currency", Currency::parse(&draft.currency));
        let mut check_zone = |field: &str, zone: &str| {
            if !zone_exists(zone) {
                faults.add(field, Fault::Unknown, "is no IANA time zone");
            }
        };
        check_zone("zone", &draft.zone);
        for (index, location) in draft.locations.iter().enumerate().take(LOCATIONS_MAX) {
            check_zone(&format!("locations[{index}].zone"), &location.zone);
        }
        let locations = parse_locations(&draft.locations, LOCATIONS_MAX, &mut faults);
        if !(60..=86_400).contains(&draft.hold_seconds) {
            faults.add("hold_seconds", Fault::OutOfBounds, "must be 60 to 86400");
        }
        if draft.honor_quote_seconds > 900 {
            faults.add("honor_quote_seconds", Fault::OutOfBounds, "must be 0 to 900");
        }
        if draft.tag_redeems && (draft.confirm_on != ConfirmOn::Placed || draft.prices != PriceSource::Catalog) {
            let message = "needs `confirm_on` to be `placed` and `prices` to be `catalog`";
            faults.add("tag_redeems", Fault::Contradiction, message);
        }
        match currency {
            Some(currency) if faults.is_empty() => Ok(Self {
                currency,
                zone: draft.zone.as_str().into(),
                locations,
                evaluation: Policy { rounding: draft.rounding, has_dates: draft.has_dates },
                new_codes: draft.new_codes,
                confirm_on: draft.confirm_on,
                hold_seconds: draft.hold_seconds,
                honor_quote_seconds: draft.honor_quote_seconds,
                prices: draft.prices,
                tag_redeems: draft.tag_redeems,
            }),
            _ => Err(faults.into_vec()),
        }
    }

    /// The ids of the venues.
    #[must_use]
    pub fn location_ids(&self) -> Vec<LocationId> {
        self.locations.iter().map(|(id, _)| id.clone()).collect()
    }
}

fn parse_locations(drafts: &[LocationDraft], most: usize, faults: &mut Faults) -> Vec<(LocationId, Box<str>)> {
    if drafts.len() > most {
        faults.add("locations", Fault::OutOfBounds, format!("must have at most {most} entries"));
    }
    let mut locations: Vec<(LocationId, Box<str>)> = Vec::new();
    for (index, draft) in drafts.iter().enumerate().take(most) {
        let field = format!("locations[{index}].id");
        let Some(id) = faults.keep(&field, LocationId::parse(&draft.id)) else { continue };
        if locations.iter().any(|(other, _)| *other == id) {
            faults.add(&field, Fault::Duplicate, "is the id of an earlier location");
        }
        locations.push((id, draft.zone.as_str().into()));
    }
    locations.sort_unstable();
    locations
}
