//! Lanes: places in a cart, in each of which at most one promotion acts (R48 to R50).

use serde::{Deserialize, Serialize};

use crate::canonical::{canonical_enum, canonical_struct};
use crate::id::LaneId;

/// A place in which at most one promotion acts. Lanes act in the order of this list, an owner's own in the order of the policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Coupons, automatic discounts and the customer's standing discount.
    Price,
    /// Gifts.
    Gift,
    /// Referrals.
    Referral,
    /// A lane that the owner added.
    Own(LaneId),
}
canonical_enum!(Lane { 0 => Price, 1 => Gift, 2 => Referral, 3 => Own(id) });

impl Lane {
    /// The engine's lane of that name, if it has one.
    #[must_use]
    pub fn of_engine(name: &str) -> Option<Self> {
        match name {
            "price" => Some(Self::Price),
            "gift" => Some(Self::Gift),
            "referral" => Some(Self::Referral),
            _ => None,
        }
    }
}

/// A lane that an owner added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLane {
    /// Its id, by which promotions name it.
    pub id: LaneId,
    /// What its promotion is computed on.
    pub acts_on: ActsOn,
}
canonical_struct!(OwnLane { id, acts_on });

/// What one of several promotions is computed on (R3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActsOn {
    /// What the lanes before it have left.
    #[default]
    Remaining,
    /// List prices; still capped by what is left.
    List,
}
canonical_enum!(ActsOn { 0 => Remaining, 1 => List });
