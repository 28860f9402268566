//! What an audit finds, as data: a stable code, the rule behind it, how bad it is, and a sentence.

use alloc::{format, string::String, vec::Vec};
use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::id::{ItemId, LaneId, LocationId, PromotionId};
use crate::money::{Amount, Currency, Money};
use crate::promotion::condition::LeadTime;
use crate::time::{DailyRange, LocalWindow, Weekdays, format_instant};

/// How bad a finding is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The promotion never applies: to no cart, for no customer, from now on.
    NeverApplies,
    /// Two things it says do not go together, at least in some currency or for most carts.
    Contradiction,
    /// It never acts, since another always takes its place.
    Shadowed,
    /// It says something that this site does not check.
    NotChecked,
    /// Good to know.
    Note,
}

/// One thing found about one promotion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// About which promotion.
    pub promotion: PromotionId,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, with its code.
    #[serde(flatten)]
    pub what: What,
    /// The number of the rule behind it.
    pub rule: u8,
    /// Where an owner finds it: a path below the terms such as `conditions.weekdays`, or `codes`, or `active`.
    pub field: &'static str,
    /// The same in English.
    pub message: String,
}

impl Finding {
    pub(super) fn new(promotion: &PromotionId, severity: Severity, field: &'static str, what: What) -> Self {
        Self { promotion: promotion.clone(), severity, rule: what.rule(), field, message: what.message(), what }
    }
}

/// What was found. Codes are for ever: add, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum What {
    /// It is not active.
    Inactive,
    /// It needs a code and has none.
    NoCodes,
    /// Its lane is none of the site's any more: it acts after all others.
    LaneNotOnSite {
        /// The lane.
        lane: LaneId,
    },
    /// There is no currency in which all its amounts are stated.
    NoCommonCurrency,
    /// Some amount is not stated for the site's own currency.
    NotInSiteCurrency {
        /// The site's currency.
        currency: Currency,
    },
    /// What is sold in its scope has prices in currencies in which it is not offered: such a booking is refused.
    NotInCatalogCurrencies {
        /// Which.
        currencies: Vec<Currency>,
    },
    /// It is offered in currencies in which nothing in its scope has a price.
    CurrenciesNotInCatalog {
        /// Which.
        currencies: Vec<Currency>,
    },
    /// The time in which it can be used is over.
    Over {
        /// Since when.
        #[serde(serialize_with = "instant")]
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::UtcText"))]
        ended_at: DateTime<Utc>,
    },
    /// When it can be used, its last appointments have begun.
    AppointmentsOver {
        /// When they start.
        window: LocalWindow,
    },
    /// The hours of its appointments do not occur in their window.
    HoursOutsideWindow {
        /// The hours.
        hours: DailyRange,
        /// The window.
        window: LocalWindow,
    },
    /// The weekdays of its appointments do not occur in their window, within their hours.
    WeekdaysOutsideWindow {
        /// The days.
        days: Weekdays,
        /// The window.
        window: LocalWindow,
    },
    /// No appointment in the window is so long after it can be used.
    LeadTimeOutsideWindow {
        /// How long before the appointment.
        lead: LeadTime,
        /// When appointments start.
        window: LocalWindow,
    },
    /// A condition on appointments, on a site whose pages have no dates.
    DatesNotChecked {
        /// Type of the condition.
        condition: &'static str,
    },
    /// A condition on the booking type, on a site whose pages have no choice of it.
    FrequencyNotChecked,
    /// No line can be in its scope.
    NothingInScope,
    /// It asks something of appointments, and only other lines can be in its scope.
    NoAppointmentInScope,
    /// Venues of its scope that the site does not have.
    UnknownLocations {
        /// Which.
        locations: Vec<LocationId>,
    },
    /// Items of its scope that the catalog does not have.
    ItemsNotInCatalog {
        /// Which.
        items: Vec<ItemId>,
    },
    /// Nothing that the catalog has is in its scope.
    NothingInCatalog,
    /// It speaks of later payments, and no subscription can be in its scope.
    NoSubscriptionInScope,
    /// It asks for more than it allows.
    MinimumAboveMaximum {
        /// What it asks for.
        minimum: Money,
        /// What it allows.
        maximum: Money,
    },
    /// Its lowest tier lies above what it allows.
    TiersAboveMaximum {
        /// The lowest tier.
        tier: Money,
        /// What it allows.
        maximum: Money,
    },
    /// It takes nothing off.
    GivesNothing {
        /// In which currency, where it takes something off in another.
        currency: Option<Currency>,
    },
    /// Its price is not below that of anything in the catalog.
    PriceNotBelowCatalog {
        /// Its price.
        price: Money,
    },
    /// Gifts that the catalog does not have.
    GiftsNotInCatalog {
        /// Which.
        items: Vec<ItemId>,
    },
    /// There is nothing in its budget.
    BudgetEmpty {
        /// In which currency.
        currency: Currency,
    },
    /// Its budget is smaller than what it takes off once, so that it is refused wherever the whole of it would be given.
    BudgetBelowAmount {
        /// The budget.
        budget: Money,
        /// What it takes off once.
        amount: Money,
    },
    /// A limit that is never reached, since another one is reached before.
    LimitUnreachable {
        /// Which.
        limit: &'static str,
        /// What is reached before.
        by: &'static str,
    },
    /// A limit per code of a promotion that acts without one.
    CodeLimitWithoutCodes,
    /// It is for named customers, and names nobody.
    NobodyNamed,
    /// It is for holders of certain passes, and names none.
    NoPassNamed,
    /// It is for existing customers who have never ordered: those who are in the system without it.
    ExistingWhoNeverOrdered,
    /// It is for new customers, who have never ordered anyway.
    FirstOrderImplied,
    /// Another one that acts by itself always takes its place.
    ShadowedBy {
        /// Which.
        by: PromotionId,
    },
    /// What it takes off at the most, over all redemptions. Later payments of subscriptions and open-ended bookings come on top.
    WorstCaseCost {
        /// In which currency.
        currency: Currency,
        /// How much; `None` where nothing bounds it.
        #[serde(rename = "amount_minor")]
        amount: Option<Amount>,
    },
}

impl What {
    /// The rule behind it.
    #[must_use]
    pub const fn rule(&self) -> u8 {
        match self {
            Self::NoCodes => 10,
            Self::GivesNothing { .. } => 13,
            Self::NoCommonCurrency
            | Self::NotInSiteCurrency { .. }
            | Self::NotInCatalogCurrencies { .. }
            | Self::CurrenciesNotInCatalog { .. } => 15,
            Self::TiersAboveMaximum { .. } | Self::PriceNotBelowCatalog { .. } => 16,
            Self::GiftsNotInCatalog { .. } => 17,
            Self::NothingInScope | Self::ItemsNotInCatalog { .. } | Self::NothingInCatalog => 20,
            Self::UnknownLocations { .. } => 21,
            Self::Over { .. } => 25,
            Self::AppointmentsOver { .. } | Self::HoursOutsideWindow { .. } => 26,
            Self::WeekdaysOutsideWindow { .. } | Self::DatesNotChecked { .. } | Self::NoAppointmentInScope => 27,
            Self::MinimumAboveMaximum { .. } => 28,
            Self::FirstOrderImplied | Self::ExistingWhoNeverOrdered => 30,
            Self::NobodyNamed => 32,
            Self::NoPassNamed => 33,
            Self::FrequencyNotChecked => 35,
            Self::LeadTimeOutsideWindow { .. } => 36,
            Self::NoSubscriptionInScope => 40,
            Self::LimitUnreachable { .. } | Self::CodeLimitWithoutCodes => 41,
            Self::BudgetEmpty { .. } | Self::BudgetBelowAmount { .. } => 45,
            Self::ShadowedBy { .. } => 49,
            Self::LaneNotOnSite { .. } => 50,
            Self::WorstCaseCost { .. } => 67,
            Self::Inactive => 68,
        }
    }

    /// The finding in English.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Inactive => "It is not active: nobody can use it.".into(),
            Self::NoCodes => "It needs a code and has none.".into(),
            Self::LaneNotOnSite { lane } => format!("The site has no lane `{lane}`: it acts after all others."),
            Self::NoCommonCurrency => "There is no currency in which all its amounts are stated.".into(),
            Self::NotInSiteCurrency { currency } => {
                format!("Some of its amounts are not stated in {currency}, the currency of the site.")
            }
            Self::NotInCatalogCurrencies { currencies } => {
                format!("What is in its scope is sold in {} too, in which it is not offered.", codes(currencies))
            }
            Self::CurrenciesNotInCatalog { currencies } => {
                format!("It is offered in {}, in which nothing in its scope has a price.", codes(currencies))
            }
            Self::Over { ended_at } => format!("It could be used until {}.", format_instant(*ended_at)),
            Self::AppointmentsOver { window } => {
                format!("It is for appointments {window}, and when it can be used these have begun.")
            }
            Self::HoursOutsideWindow { hours, window } => {
                format!("It is for appointments {window}, in which there is no time from {hours}.")
            }
            Self::WeekdaysOutsideWindow { days, window } => {
                format!("It is for appointments {window}, in which there is no {}.", listed(days.names(), " or "))
            }
            Self::LeadTimeOutsideWindow { window, .. } => {
                format!("It is for appointments {window}, and none of them is so long after it can be used.")
            }
            Self::DatesNotChecked { condition } => {
                format!("The site's pages have no dates: its condition `{condition}` is not checked.")
            }
            Self::FrequencyNotChecked => {
                "The site's pages have no choice of how often to book: its booking type is not checked.".into()
            }
            Self::NothingInScope => "Everything that its scope includes is excluded.".into(),
            Self::NoAppointmentInScope => "It asks something of appointments, and there are none in its scope.".into(),
            Self::UnknownLocations { locations } => {
                format!("The site has no venue {}.", listed(locations.iter().map(LocationId::as_str), ", "))
            }
            Self::ItemsNotInCatalog { items } => {
                format!("Its scope names what the catalog does not have: {}.", ids(items))
            }
            Self::NothingInCatalog => "Nothing that the catalog has is in its scope.".into(),
            Self::NoSubscriptionInScope => {
                "It speaks of later payments, and there is no subscription in its scope.".into()
            }
            Self::MinimumAboveMaximum { minimum, maximum } => {
                format!("It needs a booking of at least {minimum} and allows at most {maximum}.")
            }
            Self::TiersAboveMaximum { tier, maximum } => {
                format!("Its lowest tier begins at {tier}, and it allows at most {maximum}.")
            }
            Self::GivesNothing { currency: None } => "It takes nothing off.".into(),
            Self::GivesNothing { currency: Some(currency) } => format!("It takes nothing off prices in {currency}."),
            Self::PriceNotBelowCatalog { price } => {
                format!("Its price of {price} is not below that of anything in its scope.")
            }
            Self::GiftsNotInCatalog { items } => format!("Its gifts are not in the catalog: {}.", ids(items)),
            Self::BudgetEmpty { currency } => format!("There is nothing in its budget in {currency}."),
            Self::BudgetBelowAmount { budget, amount } => {
                format!("It takes off {amount}, and its budget is {budget}: given in full, it is refused.")
            }
            Self::LimitUnreachable { limit, by } => format!("`{limit}` is never reached: `{by}` is reached before."),
            Self::CodeLimitWithoutCodes => "It acts without a code: its limit per code is never reached.".into(),
            Self::NobodyNamed => "It is for named customers, and names nobody.".into(),
            Self::NoPassNamed => "It is for holders of certain passes, and names none.".into(),
            Self::ExistingWhoNeverOrdered => {
                "It is for customers who are in the system already and have never ordered.".into()
            }
            Self::FirstOrderImplied => {
                "New customers have never ordered: the condition `first_order` says no more.".into()
            }
            Self::ShadowedBy { by } => {
                format!("It never acts: `{by}` acts wherever it would, and takes off at least as much.")
            }
            Self::WorstCaseCost { currency, amount: None } => {
                format!("Nothing bounds what it takes off in {currency}.")
            }
            Self::WorstCaseCost { currency, amount: Some(amount) } => {
                format!("It takes off at most {} in all.", Money { currency: *currency, amount: *amount })
            }
        }
    }
}

fn ids(items: &[ItemId]) -> String {
    listed(items.iter().map(ItemId::as_str), ", ")
}

fn codes(currencies: &[Currency]) -> String {
    listed(currencies.iter().map(Currency::code), ", ")
}

/// The first few of a list in words.
fn listed<'a>(names: impl Iterator<Item = &'a str>, between: &str) -> String {
    const SHOWN_MAX: usize = 10;
    let mut list = String::new();
    for (index, name) in names.enumerate() {
        if index == SHOWN_MAX {
            list.push_str(" …");
            break;
        }
        list.push_str(if index == 0 { "" } else { between });
        list.push_str(name);
    }
    list
}

fn instant<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format_instant(*at))
}
