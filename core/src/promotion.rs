//! The offer: what an owner wrote, checked once, valid ever after.
//!
//! A [`Draft`](draft::Draft) becomes a [`Promotion`], which cannot be wrong. Its [`Terms`] are the part that evaluation reads and
//! a page may see; names, counts and lists of customers stay outside them (R18, R66).

pub mod benefit;
pub mod condition;
pub mod draft;
pub mod limits;
pub mod scope;

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

pub use benefit::{Benefit, Per};
pub use condition::Condition;
pub use limits::{Limit, LimitPer};
pub use scope::{Scope, Selector};

use crate::canonical::{canonical_enum, canonical_struct};
use crate::id::PromotionId;
use crate::text::Text;

/// A promotion at one terms version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// What only the owner and staff see.
    pub internal: Internal,
    /// What is evaluated, and may be shown.
    pub terms: Terms,
    /// How often it may be used. Pages only ever learn what is left (R66).
    pub limits: Vec<Limit>,
}
canonical_struct!(Promotion { internal, terms, limits });

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
    /// How it is unlocked.
    pub kind: Kind,
    /// What the visitor sees beside the discount.
    pub label: Text,
    /// What the visitor should know once it applies, for example what to show at the desk (R14).
    pub note: Option<Text>,
    /// How much a refusal says.
    pub disclosure: Disclosure,
    /// What is given.
    pub benefit: Benefit,
    /// Which lines it touches.
    pub scope: Scope,
    /// What must hold, by rule number, each kind of condition once.
    pub conditions: Vec<Condition>,
    /// What is limited, without the numbers; the facts tell what is left, entry by entry.
    pub limited_per: Vec<LimitPer>,
}
canonical_struct!(Terms { promotion, version, kind, label, note, disclosure, benefit, scope, conditions, limited_per });

/// How a promotion is unlocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// By a code.
    Coupon,
}
canonical_enum!(Kind { 0 => Coupon });

/// How much a refusal says (R65).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// It explains itself.
    #[default]
    Open,
    /// It says what an unknown code says.
    Private,
}
canonical_enum!(Disclosure { 0 => Open, 1 => Private });
