//! Why not (R64): stable codes with the data a better sentence needs.

use alloc::{boxed::Box, string::String, vec::Vec};
use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::canonical::canonical_enum;
use crate::id::ItemId;
use crate::money::{Currency, Money};
use crate::promotion::Period;
use crate::promotion::condition::{BookingType, LeadTime};
use crate::text::digits;
use crate::time::{DailyRange, LocalWindow, Weekdays, format_instant};

/// Why a promotion does not apply. Codes are for ever: add, never rename.
///
/// The order of declaration is that of the rules within a [`Class`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// No promotion has this code, or it is private and does not say more (R8, R65).
    UnknownCode,
    /// Its owner has switched it off (R68).
    PromotionInactive,
    /// The visitor's own referral code (R52).
    OwnReferral,
    /// An amount it needs is not stated for the cart's currency (R15).
    CurrencyNotOffered {
        /// The cart's currency.
        currency: Currency,
    },
    /// Its window has not begun (R25).
    NotYetActive {
        /// When it begins.
        #[serde(serialize_with = "instant")]
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::UtcText"))]
        starts_at: DateTime<Utc>,
    },
    /// Its window is over (R25).
    Expired {
        /// The first instant at which it no longer held.
        #[serde(serialize_with = "instant")]
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::UtcText"))]
        ended_at: DateTime<Utc>,
    },
    /// It holds at other hours only (R26).
    OutsideRedeemableHours {
        /// The hours, on the site's wall clock.
        hours: DailyRange,
    },
    /// It is for those who are customers already (R29).
    ExistingCustomersOnly,
    /// It is for those who have never booked (R29).
    NewCustomersOnly,
    /// It is for a first order (R30).
    FirstOrderOnly,
    /// It is for a first appointment (R31).
    FirstAppointmentOnly,
    /// It is for others (R32).
    NotForThisCustomer,
    /// It is for holders of a pass (R33).
    PassNeeded,
    /// It is not for bookings made this way (R34).
    OtherChannel,
    /// It has been used as often as it may be (R42).
    UsageLimitReached,
    /// This customer has used it as often as they may (R43).
    CustomerLimitReached,
    /// This code has been used as often as it may be (R45).
    CodeLimitReached,
    /// It has been used as often as it may be in this stretch of time (R45).
    PeriodLimitReached {
        /// Which stretch.
        period: Period,
    },
    /// What it would take off is more than what is left to give (R45).
    BudgetExhausted,
    /// The customer has a better discount already (R49).
    BetterDiscountApplied {
        /// What that takes off.
        discount: Money,
    },
    /// There is nothing in the cart yet (R37).
    EmptyCart,
    /// The customer has not chosen their gift yet (R17).
    GiftNotChosen {
        /// What there is to choose from.
        items: Vec<ItemId>,
    },
    /// An appointment it depends on has no date, or no time, yet (R27).
    DateNeeded,
    /// It depends on how often is booked, which is not chosen yet (R27, R35).
    FrequencyNeeded,
    /// It depends on who the customer is (R69).
    CustomerNeeded,
    /// It depends on who the customer is, and their own word is not enough (R69).
    SignInNeeded,
    /// Too few units are eligible (R16).
    MinimumQuantityNotMet {
        /// How many it needs.
        required: u32,
        /// How many there are.
        actual: u32,
    },
    /// It touches no line of the cart (R20).
    NoEligibleLines,
    /// No appointment starts within its window (R26).
    OutsideAppointmentWindow {
        /// The window, on the venue's calendar.
        window: LocalWindow,
    },
    /// No appointment starts within its hours (R26).
    OutsideAppointmentHours {
        /// The hours, on the venue's clock.
        hours: DailyRange,
    },
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
    /// The cart has too many lines (R28).
    TooManyLines {
        /// How many it bears.
        allowed: u32,
        /// How many there are.
        actual: u32,
    },
    /// It is for bookings of the other type (R35).
    OtherBookingType {
        /// The type it is for.
        booking: BookingType,
    },
    /// No appointment is so long from now (R36).
    OutsideLeadTime {
        /// The bounds.
        #[serde(flatten)]
        lead: LeadTime,
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
    15 => OwnReferral,
    16 => OutsideRedeemableHours { hours },
    17 => ExistingCustomersOnly,
    18 => NewCustomersOnly,
    19 => FirstOrderOnly,
    20 => FirstAppointmentOnly,
    21 => NotForThisCustomer,
    22 => PassNeeded,
    23 => OtherChannel,
    24 => CodeLimitReached,
    25 => PeriodLimitReached { period },
    26 => BudgetExhausted,
    27 => BetterDiscountApplied { discount },
    28 => GiftNotChosen { items },
    29 => FrequencyNeeded,
    30 => SignInNeeded,
    31 => MinimumQuantityNotMet { required, actual },
    32 => OutsideAppointmentWindow { window },
    33 => OutsideAppointmentHours { hours },
    34 => OtherBookingType { booking },
    35 => OutsideLeadTime { lead },
    36 => TooManyLines { allowed, actual },
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
            Self::OutsideRedeemableHours { .. } => (Class::Final, 26),
            Self::ExistingCustomersOnly | Self::NewCustomersOnly => (Class::Final, 29),
            Self::FirstOrderOnly => (Class::Final, 30),
            Self::FirstAppointmentOnly => (Class::Final, 31),
            Self::NotForThisCustomer => (Class::Final, 32),
            Self::PassNeeded => (Class::Final, 33),
            Self::OtherChannel => (Class::Final, 34),
            Self::UsageLimitReached => (Class::Final, 42),
            Self::CustomerLimitReached => (Class::Final, 43),
            Self::CodeLimitReached | Self::PeriodLimitReached { .. } | Self::BudgetExhausted => (Class::Final, 45),
            Self::BetterDiscountApplied { .. } => (Class::Final, 49),
            Self::OwnReferral => (Class::Final, 52),
            Self::PromotionInactive => (Class::Final, 68),
            Self::GiftNotChosen { .. } => (Class::Missing, 17),
            Self::DateNeeded => (Class::Missing, 27),
            Self::FrequencyNeeded => (Class::Missing, 35),
            Self::EmptyCart => (Class::Missing, 37),
            Self::CustomerNeeded | Self::SignInNeeded => (Class::Missing, 69),
            Self::MinimumQuantityNotMet { .. } => (Class::Mendable, 16),
            Self::NoEligibleLines => (Class::Mendable, 20),
            Self::OutsideAppointmentWindow { .. } | Self::OutsideAppointmentHours { .. } => (Class::Mendable, 26),
            Self::OutsideWeekdays { .. } => (Class::Mendable, 27),
            Self::MinimumSpendNotMet { .. } | Self::MaximumSpendExceeded { .. } | Self::TooManyLines { .. } => {
                (Class::Mendable, 28)
            }
            Self::OtherBookingType { .. } => (Class::Mendable, 35),
            Self::OutsideLeadTime { .. } => (Class::Mendable, 36),
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
            Self::OutsideRedeemableHours { hours } => ["This code can be used from ", &hours.text(), "."].concat(),
            Self::ExistingCustomersOnly => "This code is for those who are customers already.".into(),
            Self::NewCustomersOnly => "This code is for new customers.".into(),
            Self::FirstOrderOnly => "This code is for a first order.".into(),
            Self::FirstAppointmentOnly => "This code is for a first appointment.".into(),
            Self::NotForThisCustomer => "This code is for other customers.".into(),
            Self::PassNeeded => "This code is for holders of a pass.".into(),
            Self::OtherChannel => "This code cannot be used here.".into(),
            Self::OwnReferral => "This is your own code: it is for your friends.".into(),
            Self::CodeLimitReached => "This code has been used already.".into(),
            Self::PeriodLimitReached { period } => {
                ["This code has been used up for this ", period.name(), "."].concat()
            }
            Self::BudgetExhausted => "What is left of this promotion is less than it would take off.".into(),
            Self::BetterDiscountApplied { .. } => "You have a better discount already.".into(),
            Self::GiftNotChosen { .. } => "Choose your gift.".into(),
            Self::FrequencyNeeded => "Choose how often to see whether the code applies.".into(),
            Self::SignInNeeded => "Sign in to use this code.".into(),
            Self::MinimumQuantityNotMet { required, .. } => {
                ["This code needs ", &digits((*required).into()), " of what it is for."].concat()
            }
            Self::OutsideAppointmentWindow { window } => {
                ["This code is valid for appointments ", &window.text(), "."].concat()
            }
            Self::OutsideAppointmentHours { hours } => {
                ["This code is valid for appointments from ", &hours.text(), "."].concat()
            }
            Self::OtherBookingType { booking } => match booking {
                BookingType::OneTime => "This code is for one-time bookings.".into(),
                BookingType::Recurring => "This code is for repeating bookings.".into(),
            },
            Self::OutsideLeadTime { lead: LeadTime { at_least, at_most } } => {
                let minutes = |words: &str, minutes: Option<u32>| {
                    minutes.map_or_else(String::new, |minutes| [words, &digits(minutes.into()), " minutes"].concat())
                };
                let (least, most) = (minutes(" at least ", *at_least), minutes(" at most ", *at_most));
                let and = if at_least.is_some() && at_most.is_some() { " and" } else { "" };
                ["This code is for appointments", &least, and, &most, " from now."].concat()
            }
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
            Self::TooManyLines { allowed: 1, .. } => "This code is for bookings of a single thing.".into(),
            Self::TooManyLines { allowed, .. } => {
                ["This code is for bookings of at most ", &digits((*allowed).into()), " different things."].concat()
            }
            Self::NotCombinable { with } => ["This code cannot be combined with ", with, "."].concat(),
        }
    }
}

fn instant<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format_instant(*at))
}
