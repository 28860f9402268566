//! Why not (R64): stable codes with the data a better sentence needs.

use alloc::{boxed::Box, string::String};
use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::canonical::canonical_enum;
use crate::money::{Currency, Money};
use crate::time::{Weekdays, format_instant};

/// Why a promotion does not apply. Codes are for ever: add, never rename.
///
/// The order of declaration is that of the rules within a [`Class`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// No promotion has this code, or it is private and does not say more (R8, R65).
    UnknownCode,
    /// Its owner has switched it off (R68).
    PromotionInactive,
    /// An amount it needs is not stated for the cart's currency (R15).
    CurrencyNotOffered {
        /// The cart's currency.
        currency: Currency,
    },
    /// Its window has not begun (R25).
    NotYetActive {
        /// When it begins.
        #[serde(serialize_with = "instant")]
        starts_at: DateTime<Utc>,
    },
    /// Its window is over (R25).
    Expired {
        /// The first instant at which it no longer held.
        #[serde(serialize_with = "instant")]
        ended_at: DateTime<Utc>,
    },
    /// It has been used as often as it may be (R42).
    UsageLimitReached,
    /// This customer has used it as often as they may (R43).
    CustomerLimitReached,
    /// There is nothing in the cart yet (R37).
    EmptyCart,
    /// An appointment it depends on has no date yet (R27).
    DateNeeded,
    /// It depends on who the customer is (R69).
    CustomerNeeded,
    /// It touches no line of the cart (R20).
    NoEligibleLines,
    /// No appointment is on one of its days (R27).
    OutsideWeekdays {
        /// The days on which it holds.
        days: Weekdays,
    },
    /// The cart is worth too little (R28).
    MinimumSpendNotMet {
        /// What it needs.
        required: Money,
        /// What counts of the cart.
        actual: Money,
    },
    /// The cart is worth too much (R28).
    MaximumSpendExceeded {
        /// What it bears.
        allowed: Money,
        /// What counts of the cart.
        actual: Money,
    },
    /// Another code of the cart stands in the way (R48).
    NotCombinable {
        /// That code.
        with: Box<str>,
    },
}
canonical_enum!(Reason {
    0 => UnknownCode,
    1 => PromotionInactive,
    2 => CurrencyNotOffered { currency },
    3 => NotYetActive { starts_at },
    4 => Expired { ended_at },
    5 => UsageLimitReached,
    6 => CustomerLimitReached,
    7 => EmptyCart,
    8 => DateNeeded,
    9 => CustomerNeeded,
    10 => NoEligibleLines,
    11 => OutsideWeekdays { days },
    12 => MinimumSpendNotMet { required, actual },
    13 => MaximumSpendExceeded { allowed, actual },
    14 => NotCombinable { with },
});

/// Who can do something about a reason, in the order in which reasons are told (R64).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Nobody in front of the page.
    Final,
    /// A fact is missing: the promotion waits for it (R37).
    Missing,
    /// The visitor.
    Mendable,
}

impl Reason {
    /// The table of R64: who can mend it, and the rule it comes from.
    #[must_use]
    pub const fn class_and_rule(&self) -> (Class, u8) {
        match self {
            Self::UnknownCode => (Class::Final, 8),
            Self::CurrencyNotOffered { .. } => (Class::Final, 15),
            Self::NotYetActive { .. } | Self::Expired { .. } => (Class::Final, 25),
            Self::UsageLimitReached => (Class::Final, 42),
            Self::CustomerLimitReached => (Class::Final, 43),
            Self::PromotionInactive => (Class::Final, 68),
            Self::DateNeeded => (Class::Missing, 27),
            Self::EmptyCart => (Class::Missing, 37),
            Self::CustomerNeeded => (Class::Missing, 69),
            Self::NoEligibleLines => (Class::Mendable, 20),
            Self::OutsideWeekdays { .. } => (Class::Mendable, 27),
            Self::MinimumSpendNotMet { .. } | Self::MaximumSpendExceeded { .. } => (Class::Mendable, 28),
            Self::NotCombinable { .. } => (Class::Mendable, 48),
        }
    }

    /// The reason in English. A page translates by code; this is what a developer and an unknown language see.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::UnknownCode => {
                "This code is not valid here. If it was sent to you, enter your e-mail or sign in.".into()
            }
            Self::PromotionInactive => "This promotion is not available at the moment.".into(),
            Self::CurrencyNotOffered { currency } => {
                ["This code cannot be used for prices in ", currency.code(), "."].concat()
            }
            Self::NotYetActive { starts_at } => ["This code is valid from ", &format_instant(*starts_at), "."].concat(),
            Self::Expired { .. } => "This code has expired.".into(),
            Self::UsageLimitReached => "This code has been used up.".into(),
            Self::CustomerLimitReached => "You have already used this code.".into(),
            Self::EmptyCart => "Choose something to book and the code will apply.".into(),
            Self::DateNeeded => "Choose a date to see whether the code applies.".into(),
            Self::CustomerNeeded => "Enter your e-mail to use this code.".into(),
            Self::NoEligibleLines => "This code does not apply to anything in your booking.".into(),
            Self::OutsideWeekdays { days } => {
                let mut list = String::new();
                for name in days.names() {
                    list.push_str(if list.is_empty() { "" } else { ", " });
                    list.push_str(name);
                }
                ["This code is valid for appointments on: ", &list, "."].concat()
            }
            Self::MinimumSpendNotMet { required, .. } => {
                ["This code needs a booking of at least ", &required.text(), "."].concat()
            }
            Self::MaximumSpendExceeded { allowed, .. } => {
                ["This code is for bookings of at most ", &allowed.text(), "."].concat()
            }
            Self::NotCombinable { with } => ["This code cannot be combined with ", with, "."].concat(),
        }
    }
}

fn instant<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format_instant(*at))
}
