//! The offer: what an owner wrote, checked once, valid ever after.
//!
//! A [`Draft`](draft::Draft) becomes a [`Promotion`], which cannot be wrong. Its [`Terms`] are the part that evaluation reads and
//! a page may see; names, counts and lists of customers stay outside them (R18, R66).

pub mod benefit;
pub mod condition;
pub mod draft;
pub mod lane;
pub mod limits;
pub mod scope;
mod version;

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

pub use benefit::{Benefit, Per, UnitsMax};
pub use condition::Condition;
pub use lane::{ActsOn, Lane, OwnLane};
pub use limits::{Limit, LimitPer, Most, Period, Unit};
pub use scope::{Scope, Selector};
pub use version::Version;

use crate::canonical::{canonical_enum, canonical_struct};
use crate::id::{CustomerId, PassId, PromotionId, TagId};
use crate::text::Text;

/// A promotion at one terms version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// What only the owner and staff see.
    pub internal: Internal,
    /// What is evaluated, and may be shown.
    pub terms: Version,
    /// How often it may be used. Pages only ever learn what is left (R66).
    pub limits: Vec<Limit>,
    /// Who may use it. Pages only ever learn whether the customer is one of them (R66).
    pub lists: Lists,
}
canonical_struct!(Promotion { internal, terms, limits, lists });

/// The lists of which a page learns a yes or a no.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Customers named one by one (R32).
    pub customers: Vec<CustomerId>,
    /// Tags that name customers (R32).
    pub tags: Vec<TagId>,
    /// Passes, one of which the customer must hold (R33).
    pub passes: Vec<PassId>,
}
canonical_struct!(Lists { customers, tags, passes });

/// The owner's own words about a promotion, never sent to a visitor (R18).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Internal {
    /// What the owner calls it.
    pub name: Text,
    /// What it is for.
    pub description: Option<Text>,
}
canonical_struct!(Internal { name, description });

/// The public rules of a promotion at one version: immutable, and all that evaluation reads of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which promotion.
    pub promotion: PromotionId,
    /// Which of its versions, from 1.
    pub version: u32,
    /// What kind of offer it is.
    pub kind: Kind,
    /// Whether a code unlocks it; otherwise it acts by itself.
    pub needs_code: bool,
    /// Its place in the cart, which it shares with no other (R48).
    pub lane: Lane,
    /// Which of two equal ones acts, the higher first (R49).
    pub priority: u32,
    /// What the visitor sees beside the discount.
    pub label: Text,
    /// What the visitor should know once it applies, for example what to show at the desk (R14).
    pub note: Option<Text>,
    /// How much a refusal says.
    pub disclosure: Disclosure,
    /// What is given.
    pub benefit: Benefit,
    /// How many units the benefit touches at most, and which (R16).
    pub units: Option<UnitsMax>,
    /// On which dates of a repeating booking it acts (R38).
    pub series: Series,
    /// On which payments of a subscription it acts (R40).
    pub renewals: Renewals,
    /// Which lines it touches.
    pub scope: Scope,
    /// What must hold, by rule number, each kind of condition once.
    pub conditions: Vec<Condition>,
    /// What is limited, without the numbers; the facts tell what is left, entry by entry.
    pub limited_per: Vec<LimitPer>,
}
canonical_struct!(Terms {
    promotion,
    version,
    kind,
    needs_code,
    lane,
    priority,
    label,
    note,
    disclosure,
    benefit,
    units,
    series,
    renewals,
    scope,
    conditions,
    limited_per,
});

impl Terms {
    /// Whether they are for a customer's first appointment alone (R31).
    #[must_use]
    pub fn is_for_first_appointment(&self) -> bool {
        self.conditions.iter().any(|condition| matches!(condition, Condition::FirstAppointment))
    }
}

/// What kind of offer a promotion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A discount for those who have a code.
    Coupon,
    /// A discount that acts by itself.
    Automatic,
    /// An item for the customer to choose (R17), with a code or without.
    Gift,
    /// A code of a customer's own, for a friend to use (R52).
    Referral,
}
canonical_enum!(Kind { 0 => Coupon, 1 => Automatic, 2 => Gift, 3 => Referral });

/// On which dates of a repeating booking a promotion acts (R38). Those it does not act on cost their full price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Series {
    /// On each.
    #[default]
    Each,
    /// On so many eligible ones of each line, the earliest first; at least 1.
    First(u32),
}
canonical_enum!(Series { 0 => Each, 1 => First(count) });

/// On which payments of a subscription a promotion acts (R40). Later ones charge by the terms stored at the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewals {
    /// On so many, the first included; at least 1.
    First(u32),
    /// On all of them.
    Forever,
}
canonical_enum!(Renewals { 0 => First(count), 1 => Forever });

impl Default for Renewals {
    fn default() -> Self {
        Self::First(1)
    }
}

/// How much a refusal says (R65).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// It explains itself.
    #[default]
    Open,
    /// It says what an unknown code says.
    Private,
}
canonical_enum!(Disclosure { 0 => Open, 1 => Private });
