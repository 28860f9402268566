//! What must hold for a promotion to apply (R25 to R36).

use serde::{Deserialize, Serialize};

use crate::canonical::canonical_enum;
use crate::money::{AmountTable, Currency};
use crate::time::{Weekdays, Window};

/// One condition. A promotion has each kind at most once, in the order of this list, which is that of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The code is used within a window (R25).
    Redeemable {
        /// Against *now*.
        window: Window,
    },
    /// The appointment is on one of these days (R27), judged on each occurrence.
    Weekdays {
        /// On the venue's calendar.
        days: Weekdays,
    },
    /// The cart is worth at least so much (R28), inclusive.
    MinimumSubtotal {
        /// Per currency; 0 means no limit.
        amounts: AmountTable,
        /// What is summed.
        basis: Basis,
    },
    /// The cart is worth at most so much (R28), inclusive.
    MaximumSubtotal {
        /// Per currency; 0 means no limit.
        amounts: AmountTable,
        /// What is summed.
        basis: Basis,
    },
}
canonical_enum!(Condition {
    0 => Redeemable { window },
    1 => Weekdays { days },
    2 => MinimumSubtotal { amounts, basis },
    3 => MaximumSubtotal { amounts, basis },
});

/// Which lines a minimum or maximum counts (R28), before any discount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// All lines of the cart.
    #[default]
    AllLines,
    /// What the promotion may discount.
    EligibleLines,
}
canonical_enum!(Basis { 0 => AllLines, 1 => EligibleLines });

impl Condition {
    /// The rule that the condition serves.
    #[must_use]
    pub const fn rule(&self) -> u8 {
        match self {
            Self::Redeemable { .. } => 25,
            Self::Weekdays { .. } => 27,
            Self::MinimumSubtotal { .. } | Self::MaximumSubtotal { .. } => 28,
        }
    }

    /// Its place in the order of conditions; two conditions of one place are of one kind.
    pub(crate) const fn place(&self) -> u8 {
        match self {
            Self::Redeemable { .. } => 0,
            Self::Weekdays { .. } => 1,
            Self::MinimumSubtotal { .. } => 2,
            Self::MaximumSubtotal { .. } => 3,
        }
    }

    /// Whether it speaks of single occurrences and not of the cart as a whole (R27).
    #[must_use]
    pub const fn is_of_occurrences(&self) -> bool {
        matches!(self, Self::Weekdays { .. })
    }

    /// Whether its amounts are stated for a currency (R15).
    #[must_use]
    pub fn is_offered_in(&self, currency: Currency) -> bool {
        match self {
            Self::MinimumSubtotal { amounts, .. } | Self::MaximumSubtotal { amounts, .. } => {
                amounts.find(currency).is_some()
            }
            Self::Redeemable { .. } | Self::Weekdays { .. } => true,
        }
    }
}
