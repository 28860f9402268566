//! What a promotion gives (R13 to R17).

use alloc::{boxed::Box, vec::Vec};
use serde::{Deserialize, Serialize};

use super::Scope;
use crate::canonical::{canonical_enum, canonical_struct};
use crate::id::ItemId;
use crate::money::{AmountTable, Currency, Percent};

/// What is given on the eligible lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Benefit {
    /// A percentage off, at most `cap` where there is one (R13).
    Percent {
        /// How much of the eligible amount.
        percent: Percent,
        /// The largest discount, per currency.
        cap: Option<AmountTable>,
    },
    /// An amount off, at most the eligible amount (R4, R13, R15).
    Fixed {
        /// How much, per currency.
        amounts: AmountTable,
        /// What it is given for.
        per: Per,
    },
    /// No discount: the benefit is handled outside, and the public note says how (R14). The use is recorded.
    NoDiscount,
    /// Each unit costs this much, unless it costs less already (R16).
    FixedPrice {
        /// The price of a unit, per currency.
        prices: AmountTable,
    },
    /// The more, the better: the highest tier reached acts on the whole eligible amount (R16).
    Tiers(Tiers),
    /// Buy some, get others cheaper (R16).
    BuyGet(BuyGet),
    /// The customer chooses one item of a list, which is added to the cart for nothing (R17).
    Gift {
        /// The list, in the owner's order, each item once.
        items: Vec<ItemId>,
    },
}
canonical_enum!(Benefit {
    0 => Percent { percent, cap },
    1 => Fixed { amounts, per },
    2 => NoDiscount,
    3 => FixedPrice { prices },
    4 => Tiers(tiers),
    5 => BuyGet(sets),
    6 => Gift { items },
});

/// What a fixed amount is given for (R15).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// The redemption: once, on the sum of what is eligible.
    #[default]
    Redemption,
    /// Each eligible occurrence (an undated line is one), whatever its quantity.
    Occurrence,
    /// Each unit of each eligible occurrence.
    Unit,
}
canonical_enum!(Per { 0 => Redemption, 1 => Occurrence, 2 => Unit });

/// Tiers in ascending order, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tiers {
    /// By what the eligible lines cost before any discount.
    Spend(Vec<SpendTier>),
    /// By how many units are eligible.
    Quantity(Vec<QuantityTier>),
}
canonical_enum!(Tiers { 0 => Spend(tiers), 1 => Quantity(tiers) });

/// What is given from a spend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpendTier {
    /// From this amount on, inclusive, per currency.
    pub from: AmountTable,
    /// What is given.
    pub gives: Gives,
}
canonical_struct!(SpendTier { from, gives });

/// What is given from a quantity on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantityTier {
    /// From this many units on, at least 1.
    pub from: u32,
    /// What is given.
    pub gives: Gives,
}
canonical_struct!(QuantityTier { from, gives });

/// What a tier gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gives {
    /// A percentage off.
    Percent {
        /// How much.
        percent: Percent,
    },
    /// An amount off, once.
    Fixed {
        /// How much, per currency.
        amounts: AmountTable,
    },
}
canonical_enum!(Gives { 0 => Percent { percent }, 1 => Fixed { amounts } });

/// Buy `buy` units, get `get` others at `percent` off. The cheapest are the ones that get cheaper; incomplete sets give nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuyGet {
    /// Units to buy for a set, 1 to 10,000.
    pub buy: u32,
    /// Units that get cheaper with each set, 1 to 10,000.
    pub get: u32,
    /// How much off those.
    pub percent: Percent,
    /// Which lines they are taken from; the promotion's own scope where there is none. No unit serves both.
    pub from: Option<Box<Scope>>,
    /// Most sets in one cart.
    pub sets_max: Option<u32>,
}
canonical_struct!(BuyGet { buy, get, percent, from, sets_max });

/// How many units of a cart a benefit touches at most, and which (R16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitsMax {
    /// How many, 1 to 10,000.
    pub max: u32,
    /// Which, where there are more.
    pub pick: Pick,
}
canonical_struct!(UnitsMax { max, pick });

/// Which units come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// The dearest.
    #[default]
    Dearest,
    /// The cheapest.
    Cheapest,
}
canonical_enum!(Pick { 0 => Dearest, 1 => Cheapest });

impl Benefit {
    /// Whether it can be given in a currency: all its amounts are stated for it (R15).
    #[must_use]
    pub fn is_offered_in(&self, currency: Currency) -> bool {
        let stated = |amounts: &AmountTable| amounts.find(currency).is_some();
        match self {
            Self::Percent { cap, .. } => cap.as_ref().is_none_or(stated),
            Self::Fixed { amounts, .. } | Self::FixedPrice { prices: amounts } => stated(amounts),
            Self::Tiers(Tiers::Spend(tiers)) => {
                tiers.iter().all(|tier| stated(&tier.from) && tier.gives.is_offered_in(currency))
            }
            Self::Tiers(Tiers::Quantity(tiers)) => tiers.iter().all(|tier| tier.gives.is_offered_in(currency)),
            Self::NoDiscount | Self::BuyGet(_) | Self::Gift { .. } => true,
        }
    }

    /// Whether it takes something off prices: what is not paid for then stays out of it (R23).
    #[must_use]
    pub const fn is_of_prices(&self) -> bool {
        !matches!(self, Self::Gift { .. })
    }
}

impl Gives {
    fn is_offered_in(&self, currency: Currency) -> bool {
        match self {
            Self::Percent { .. } => true,
            Self::Fixed { amounts } => amounts.find(currency).is_some(),
        }
    }
}
