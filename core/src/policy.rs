//! What a site decides for all its promotions: [`SitePolicy`], and the part of it that evaluation reads, [`Policy`].

mod preset;

use alloc::{boxed::Box, format, string::String, vec::Vec};
use serde::{Deserialize, Serialize};

use crate::canonical::{canonical_enum, canonical_struct};
use crate::cart::PriceSource;
use crate::code::Alphabet;
use crate::id::{LaneId, LocationId};
use crate::invalid::{Fault, Faults, InvalidField};
use crate::money::Currency;
use crate::money::allocate::Leftover;
use crate::money::rounding::Half;
use crate::promotion::{ActsOn, OwnLane};
use crate::redemption::Restore;
pub use preset::Preset;

/// How discounts become minor units and fall on the lines (R3), so that a site coming from another system keeps its cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How discounts are rounded and shared out.
    pub rounding: Rounding,
    /// What the lanes of the engine are computed on, where several promotions act (R3).
    pub acts_on: ActsOn,
    /// The lanes that the owner added, in the order in which they act (R50).
    pub lanes: Vec<OwnLane>,
    /// How many codes a cart may have, at least 1 (R48, R50).
    pub codes_max: u8,
    /// Whether a code goes before discounts that act without one (R49).
    pub precedence: Precedence,
    /// What happens to occurrences above what a limit has left (R44).
    pub overflow: Overflow,
    /// Whether rules about named customers, passes and standing discounts take a visitor's word for who they are (R69).
    pub trusts_claims: bool,
    /// Whether the site's pages let the visitor choose how often to book. Where they do not, booking types are not checked (R35).
    pub has_frequency: bool,
    /// Whether the site's pages let the visitor choose a date. Where they do not, appointment conditions are not checked; where
    /// they do, a missing date is waited for. A site setting, never read from a request (R27).
    pub has_dates: bool,
}
canonical_struct!(Policy {
    rounding,
    acts_on,
    lanes,
    codes_max,
    precedence,
    overflow,
    trusts_claims,
    has_frequency,
    has_dates,
});

impl Default for Policy {
    fn default() -> Self {
        Self {
            rounding: Rounding::default(),
            acts_on: ActsOn::default(),
            lanes: Vec::new(),
            codes_max: 1,
            precedence: Precedence::default(),
            overflow: Overflow::default(),
            trusts_claims: false,
            has_frequency: false,
            has_dates: true,
        }
    }
}

/// Whether a code that applies goes before the discounts that act without one (R49).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Precedence {
    /// It takes their place, even if it is worth less or nothing.
    #[default]
    CodeFirst,
    /// The larger discount stays; on a tie the code does.
    BestForCustomer,
}
canonical_enum!(Precedence { 0 => CodeFirst, 1 => BestForCustomer });

/// What happens where a cart has more occurrences than a limit has left (R44).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// The earliest get the discount, as many as are left.
    #[default]
    Partial,
    /// None of them gets it.
    Refuse,
}
canonical_enum!(Overflow { 0 => Partial, 1 => Refuse });

/// All that a site decides, as its owner writes it. Everything but currency and zone has a default, which an optional field
/// `preset` may change to that of another system ([`Preset`]).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(from = "preset::SitePolicyFields")]
pub struct SitePolicyDraft {
    /// ISO 4217: the currency of a cart that names none.
    pub currency: String,
    /// IANA name of the site's time zone, in which owners write dates (R25).
    pub zone: String,
    /// The venues with zones of their own.
    pub locations: Vec<LocationDraft>,
    /// How discounts are rounded and shared out (R3).
    pub rounding: Rounding,
    /// What the engine's lanes are computed on, where several promotions act (R3).
    pub acts_on: ActsOn,
    /// Lanes of the owner's own, in the order in which they act (R50).
    pub lanes: Vec<LaneDraft>,
    /// How many codes a cart may have, 1 to 10 (R48, R50).
    pub codes_max: u8,
    /// Whether a code goes before discounts that act without one (R49).
    pub precedence: Precedence,
    /// What happens to occurrences above what a limit has left (R44).
    pub overflow: Overflow,
    /// Whether rules about named customers, passes and standing discounts take a visitor's word for who they are (R69).
    pub trusts_claims: bool,
    /// Whether a promotion must say when it begins (R25).
    pub start_required: bool,
    /// Whether the pages let the visitor choose how often to book (R35).
    pub has_frequency: bool,
    /// Whether the pages let the visitor choose a date (R27).
    pub has_dates: bool,
    /// What may stand in new codes (R8).
    pub new_codes: Alphabet,
    /// When a placed redemption is confirmed (R55).
    pub confirm_on: ConfirmOn,
    /// When cancelling gives a use back (R57).
    pub restore: Restore,
    /// How long an unplaced reservation holds its uses, in seconds, 60 to 86,400 (R55).
    pub hold_seconds: u32,
    /// How long a snapshot fixes terms and time conditions, in seconds, 0 to 900 (R70).
    pub honor_quote_seconds: u32,
    /// Whose word counts for prices (R61). A page's own never counts: with a publishable key prices are the catalog's, or, where they
    /// are `signed`, those of a cart that the host's server has signed. With its secret key that server need not sign.
    pub prices: PriceSource,
    /// Whether a page may reserve and place with the publishable key alone (R55).
    pub tag_redeems: bool,
}

/// A lane as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct LaneDraft {
    /// Its id, by which promotions name it.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub id: String,
    /// What its promotion is computed on.
    #[serde(default)]
    pub acts_on: ActsOn,
}

/// A venue as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct LocationDraft {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub id: String,
    /// IANA name of its time zone.
    pub zone: String,
}

/// When a placed redemption is confirmed (R55).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

const fn one_code() -> u8 {
    1
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
    /// Whether a promotion must say when it begins.
    pub start_required: bool,
    /// What may stand in new codes.
    pub new_codes: Alphabet,
    /// When a placed redemption is confirmed.
    pub confirm_on: ConfirmOn,
    /// When cancelling gives a use back.
    pub restore: Restore,
    /// How long an unplaced reservation holds its uses, in seconds.
    pub hold_seconds: u32,
    /// How long a snapshot fixes terms and time conditions, in seconds.
    pub honor_quote_seconds: u32,
    /// Whose word counts for prices.
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
        if draft.honor_quote_seconds > HONOR_QUOTE_SECONDS_MAX {
            faults.add("honor_quote_seconds", Fault::OutOfBounds, "must be 0 to 900");
        }
        if draft.tag_redeems && (draft.confirm_on != ConfirmOn::Placed || draft.prices == PriceSource::Caller) {
            let message = "needs `confirm_on` to be `placed` and `prices` to be `catalog` or `signed`";
            faults.add("tag_redeems", Fault::Contradiction, message);
        }
        if !(1..=CODES_MAX).contains(&draft.codes_max) {
            faults.add("codes_max", Fault::OutOfBounds, format!("must be 1 to {CODES_MAX}"));
        }
        let lanes = parse_lanes(&draft.lanes, &mut faults);
        match currency {
            Some(currency) if faults.is_empty() => Ok(Self {
                currency,
                zone: draft.zone.as_str().into(),
                locations,
                evaluation: Policy {
                    rounding: draft.rounding,
                    acts_on: draft.acts_on,
                    lanes,
                    codes_max: draft.codes_max,
                    precedence: draft.precedence,
                    overflow: draft.overflow,
                    trusts_claims: draft.trusts_claims,
                    has_frequency: draft.has_frequency,
                    has_dates: draft.has_dates,
                },
                start_required: draft.start_required,
                new_codes: draft.new_codes,
                confirm_on: draft.confirm_on,
                restore: draft.restore,
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

/// Longest time for which a snapshot may fix terms and time conditions, in seconds (R70).
pub const HONOR_QUOTE_SECONDS_MAX: u32 = 900;
/// Most codes a site may allow in one cart.
pub const CODES_MAX: u8 = 10;

fn parse_lanes(drafts: &[LaneDraft], faults: &mut Faults) -> Vec<OwnLane> {
    const LANES_MAX: usize = 20;
    if drafts.len() > LANES_MAX {
        faults.add("lanes", Fault::OutOfBounds, format!("must have at most {LANES_MAX} entries"));
    }
    let mut lanes: Vec<OwnLane> = Vec::new();
    for (index, draft) in drafts.iter().enumerate().take(LANES_MAX) {
        let field = format!("lanes[{index}].id");
        let Some(id) = faults.keep(&field, LaneId::parse(&draft.id)) else { continue };
        if lanes.iter().any(|lane| lane.id == id) {
            faults.add(&field, Fault::Duplicate, "is the id of an earlier lane");
        }
        lanes.push(OwnLane { id, acts_on: draft.acts_on });
    }
    lanes
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
