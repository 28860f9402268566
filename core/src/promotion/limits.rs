//! How often a promotion may be used, and for how much (R41 to R45).

use serde::{Deserialize, Serialize};

use crate::canonical::{canonical_enum, canonical_struct};
use crate::money::AmountTable;

/// Most uses a limit can state.
pub const MAX: u32 = 1_000_000_000;

/// One limit of a promotion. Counters belong to the promotion, across its terms versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What has a count of its own.
    pub per: LimitPer,
    /// What is counted, and how much of it there may be.
    pub most: Most,
}
canonical_struct!(Limit { per, most });

/// How much there may be of what a limit counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Most {
    /// So many uses.
    Uses {
        /// What is one use.
        unit: Unit,
        /// How many, 1 to [`MAX`].
        max: u32,
    },
    /// So much discount in all (R45): one above what is left is refused, never given in part.
    Budget {
        /// Per currency.
        amounts: AmountTable,
    },
}
canonical_enum!(Most { 0 => Uses { unit, max }, 1 => Budget { amounts } });

/// What is one use (R44).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A redemption, which may cover a whole repeating booking.
    #[default]
    Redemptions,
    /// An occurrence: one per line and date, whatever its quantity; an undated line is one.
    Occurrences,
}
canonical_enum!(Unit { 0 => Redemptions, 1 => Occurrences });

/// What has a count of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitPer {
    /// The promotion (R42).
    Promotion,
    /// Each customer, by each of their identities (R43, R47).
    Customer,
    /// Each code (R10, R45).
    Code,
    /// Each ISO day, week or month, in the site's zone (R45).
    Period(Period),
}
canonical_enum!(LimitPer { 0 => Promotion, 1 => Customer, 2 => Code, 3 => Period(period) });

/// A stretch of the site's calendar in which the instant of the reservation falls (R45).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday.
    Week,
    /// A month of the calendar.
    Month,
}
canonical_enum!(Period { 0 => Day, 1 => Week, 2 => Month });

impl Period {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}
