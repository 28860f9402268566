//! What a promotion gives (R13 to R15).

use serde::{Deserialize, Serialize};

use crate::canonical::canonical_enum;
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
}
canonical_enum!(Benefit {
    0 => Percent { percent, cap },
    1 => Fixed { amounts, per },
    2 => NoDiscount,
});

/// What a fixed amount is given for (R15).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

impl Benefit {
    /// Whether it can be given in a currency: all its amounts are stated for it (R15).
    #[must_use]
    pub fn is_offered_in(&self, currency: Currency) -> bool {
        match self {
            Self::Percent { cap: Some(amounts), .. } | Self::Fixed { amounts, .. } => amounts.find(currency).is_some(),
            Self::Percent { cap: None, .. } | Self::NoDiscount => true,
        }
    }
}
