//! What must hold for a promotion to apply (R25 to R36).

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::canonical::{canonical_enum, canonical_struct};
use crate::money::{AmountTable, Currency};
use crate::time::{DailyRange, LocalWindow, Weekdays, Window};

/// One condition. A promotion has each kind at most once, in the order of this list, which is that of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The code is used within a window (R25).
    Redeemable {
        /// Against *now*.
        window: Window,
    },
    /// The code is used within hours that come back every day (R26).
    RedeemableHours {
        /// Against the site's wall clock *now*.
        hours: DailyRange,
    },
    /// The appointment starts within a window (R26), judged on each occurrence.
    AppointmentWindow {
        /// On the venue's calendar.
        window: LocalWindow,
    },
    /// The appointment starts within hours that come back every day (R26), judged on each occurrence.
    AppointmentHours {
        /// On the venue's clock.
        hours: DailyRange,
    },
    /// The appointment is on one of these days (R27), judged on each occurrence.
    Weekdays {
        /// On the venue's calendar; what lies after midnight in hours that wrap belongs to the day before.
        days: Weekdays,
    },
    /// The cart is worth at least so much (R28), inclusive.
    MinimumSubtotal {
        /// Per currency; 0 means no limit.
        amounts: AmountTable,
        /// What is summed.
        basis: Basis,
        /// Before or after other promotions.
        counts: Counts,
    },
    /// The cart is worth at most so much (R28), inclusive.
    MaximumSubtotal {
        /// Per currency; 0 means no limit.
        amounts: AmountTable,
        /// What is summed.
        basis: Basis,
        /// Before or after other promotions.
        counts: Counts,
    },
    /// The cart has at most so many lines (R28), inclusive; what is given with it is not one.
    MaximumLines {
        /// At least 1.
        lines: u32,
    },
    /// Who may use it, by whether they have booked before (R29).
    Audience {
        /// Who.
        audience: Audience,
    },
    /// The customer has never ordered (R30).
    FirstOrder,
    /// The customer has never had an appointment; only the earliest of the cart is discounted (R31).
    FirstAppointment,
    /// The customer is one of those named, by themselves or by a tag (R32). Who is named stays with the owner (R66).
    NamedCustomers,
    /// The customer holds one of certain passes (R33). Which passes stays with the owner.
    ActivePass,
    /// It is booked through one of these channels (R34).
    Channels {
        /// Through which.
        channels: Channels,
    },
    /// It is booked once, or again and again (R35), judged on each line.
    BookingType {
        /// Which of the two.
        booking: BookingType,
    },
    /// So long before the appointment, in elapsed minutes (R36), judged on each occurrence.
    LeadTime {
        /// How long.
        lead: LeadTime,
    },
}
canonical_enum!(Condition {
    0 => Redeemable { window },
    1 => Weekdays { days },
    2 => MinimumSubtotal { amounts, basis, counts },
    3 => MaximumSubtotal { amounts, basis, counts },
    4 => RedeemableHours { hours },
    5 => AppointmentWindow { window },
    6 => AppointmentHours { hours },
    7 => Audience { audience },
    8 => FirstOrder,
    9 => FirstAppointment,
    10 => NamedCustomers,
    11 => ActivePass,
    12 => Channels { channels },
    13 => BookingType { booking },
    14 => LeadTime { lead },
    15 => MaximumLines { lines },
});

/// Which lines a minimum or maximum counts (R28).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// All lines of the cart.
    #[default]
    AllLines,
    /// What the promotion may discount.
    EligibleLines,
}
canonical_enum!(Basis { 0 => AllLines, 1 => EligibleLines });

/// At what price a minimum or maximum counts them (R28).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Before any discount.
    #[default]
    BeforeDiscounts,
    /// After the promotions of earlier lanes.
    AfterDiscounts,
}
canonical_enum!(Counts { 0 => BeforeDiscounts, 1 => AfterDiscounts });

/// Who may use a promotion (R29). All customers, where there is no such condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Those who are in the business's system already.
    Existing,
    /// Those who have never booked.
    New,
}
canonical_enum!(Audience { 0 => Existing, 1 => New });

/// Where a booking is made (R34); from the caller's key, never from the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By the visitor, on the site's pages.
    #[default]
    BookingPage,
    /// By staff, at the point of sale.
    PointOfSale,
    /// By staff, for a customer who wrote or called.
    StaffInbox,
    /// By staff, on an invoice.
    Invoice,
}
canonical_enum!(Channel { 0 => BookingPage, 1 => PointOfSale, 2 => StaffInbox, 3 => Invoice });

/// Channels in order, at least one, each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Channels(Vec<Channel>);

impl Channels {
    /// The channels, put in order; `None` when there are none.
    #[must_use]
    pub fn new(mut channels: Vec<Channel>) -> Option<Self> {
        channels.sort_unstable();
        channels.dedup();
        (!channels.is_empty()).then_some(Self(channels))
    }

    /// Whether a channel is one of them.
    #[must_use]
    pub fn contains(&self, channel: Channel) -> bool {
        self.0.contains(&channel)
    }
}

impl crate::canonical::Canonical for Channels {
    fn write(&self, out: &mut crate::canonical::Writer) {
        self.0.write(out);
    }

    fn take(reader: &mut crate::canonical::Reader<'_>) -> Self {
        let channels = Vec::<Channel>::take(reader);
        reader.require(!channels.is_empty() && channels.is_sorted_by(|one, two| one < two));
        Self(channels)
    }
}

/// Which bookings a promotion is for (R35). Both, where there is no such condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BookingType {
    /// Those made once.
    OneTime,
    /// Those made again and again.
    Recurring,
}
canonical_enum!(BookingType { 0 => OneTime, 1 => Recurring });

impl BookingType {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneTime => "one_time",
            Self::Recurring => "recurring",
        }
    }
}

/// Bounds on the time from now to the appointment, in elapsed minutes, inclusive (R36); at least one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeadTime {
    /// At least so long before: for early birds.
    #[serde(rename = "at_least_minutes")]
    pub at_least: Option<u32>,
    /// At most so long before: for the last minute.
    #[serde(rename = "at_most_minutes")]
    pub at_most: Option<u32>,
}
canonical_struct!(LeadTime { at_least, at_most });

impl Condition {
    /// The rule that the condition serves.
    #[must_use]
    pub const fn rule(&self) -> u8 {
        match self {
            Self::Redeemable { .. } => 25,
            Self::RedeemableHours { .. } | Self::AppointmentWindow { .. } | Self::AppointmentHours { .. } => 26,
            Self::Weekdays { .. } => 27,
            Self::MinimumSubtotal { .. } | Self::MaximumSubtotal { .. } | Self::MaximumLines { .. } => 28,
            Self::Audience { .. } => 29,
            Self::FirstOrder => 30,
            Self::FirstAppointment => 31,
            Self::NamedCustomers => 32,
            Self::ActivePass => 33,
            Self::Channels { .. } => 34,
            Self::BookingType { .. } => 35,
            Self::LeadTime { .. } => 36,
        }
    }

    /// Its place in the order of conditions; two conditions of one place are of one kind.
    pub(crate) const fn place(&self) -> u8 {
        match self {
            Self::Redeemable { .. } => 0,
            Self::RedeemableHours { .. } => 1,
            Self::AppointmentWindow { .. } => 2,
            Self::AppointmentHours { .. } => 3,
            Self::Weekdays { .. } => 4,
            Self::MinimumSubtotal { .. } => 5,
            Self::MaximumSubtotal { .. } => 6,
            Self::MaximumLines { .. } => 7,
            Self::Audience { .. } => 8,
            Self::FirstOrder => 9,
            Self::FirstAppointment => 10,
            Self::NamedCustomers => 11,
            Self::ActivePass => 12,
            Self::Channels { .. } => 13,
            Self::BookingType { .. } => 14,
            Self::LeadTime { .. } => 15,
        }
    }

    /// Whether it needs the date of an appointment (R27).
    #[must_use]
    pub const fn is_of_dates(&self) -> bool {
        matches!(
            self,
            Self::AppointmentWindow { .. }
                | Self::AppointmentHours { .. }
                | Self::Weekdays { .. }
                | Self::LeadTime { .. }
        )
    }

    /// Whether its amounts are stated for a currency (R15).
    #[must_use]
    pub fn is_offered_in(&self, currency: Currency) -> bool {
        match self {
            Self::MinimumSubtotal { amounts, .. } | Self::MaximumSubtotal { amounts, .. } => {
                amounts.find(currency).is_some()
            }
            _ => true,
        }
    }
}
