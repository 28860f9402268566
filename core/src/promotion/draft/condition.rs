//! What must hold, as an owner writes it.

use alloc::{format, string::String, vec::Vec};
use chrono::{Days, NaiveTime};
use serde::Deserialize;

use super::fields::{needed, only};
use super::{ENTRIES_MAX, Zone, parse_list};
use crate::cart::LINES_MAX;
use crate::catalog::{MoneyDraft, parse_amounts};
use crate::given::given;
use crate::id::{CustomerId, PassId, TagId};
use crate::invalid::{Fault, Faults};
use crate::promotion::condition::{Audience, Basis, BookingType, Channel, Channels, Counts, LeadTime};
use crate::promotion::{Condition, Lists};
use crate::time::{DailyRange, Edge, LocalStart, LocalWindow, Weekdays, Window};

/// What must hold, as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize), serde(tag = "type", rename_all = "snake_case"))]
#[serde(try_from = "ConditionFields")]
#[cfg_attr(feature = "schema", schemars(!try_from, deny_unknown_fields))]
pub enum ConditionDraft {
    /// The code is used within a window.
    Redeemable {
        /// The first date, or date and time; open when absent.
        #[cfg_attr(feature = "schema", schemars(with = "Option<LocalStart>"))]
        from: Option<String>,
        /// The last date, which belongs to the window as a whole, or the time at which it ends; open when absent.
        #[cfg_attr(feature = "schema", schemars(with = "Option<LocalStart>"))]
        until: Option<String>,
    },
    /// The code is used within hours that come back every day.
    RedeemableHours {
        /// The first time of day, on the site's clock.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TimeOfDay"))]
        from: String,
        /// The first time of day after it; before `from` for hours over midnight.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TimeOfDay"))]
        until: String,
    },
    /// The appointment starts within a window.
    AppointmentWindow {
        /// The first date, or date and time, on the venue's calendar; open when absent.
        #[cfg_attr(feature = "schema", schemars(with = "Option<LocalStart>"))]
        from: Option<String>,
        /// The last date, which belongs to the window as a whole, or the time at which it ends; open when absent.
        #[cfg_attr(feature = "schema", schemars(with = "Option<LocalStart>"))]
        until: Option<String>,
    },
    /// The appointment starts within hours that come back every day.
    AppointmentHours {
        /// The first time of day, on the venue's clock.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TimeOfDay"))]
        from: String,
        /// The first time of day after it; before `from` for hours over midnight.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TimeOfDay"))]
        until: String,
    },
    /// The appointment is on one of these days.
    Weekdays {
        /// Names such as `mon`.
        #[cfg_attr(feature = "schema", schemars(with = "Weekdays"))]
        days: Vec<String>,
    },
    /// The cart is worth at least so much.
    MinimumSubtotal {
        /// Per currency; 0 means no limit.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
        amounts: Vec<MoneyDraft>,
        /// What is summed.
        #[cfg_attr(feature = "schema", schemars(default))]
        basis: Basis,
        /// Before or after other promotions.
        #[cfg_attr(feature = "schema", schemars(default))]
        counts: Counts,
    },
    /// The cart is worth at most so much.
    MaximumSubtotal {
        /// Per currency; 0 means no limit.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
        amounts: Vec<MoneyDraft>,
        /// What is summed.
        #[cfg_attr(feature = "schema", schemars(default))]
        basis: Basis,
        /// Before or after other promotions.
        #[cfg_attr(feature = "schema", schemars(default))]
        counts: Counts,
    },
    /// The cart has at most so many lines.
    MaximumLines {
        /// 1 to 500.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 500)))]
        lines: i64,
    },
    /// Who may use it.
    Audience {
        /// Existing or new customers.
        audience: Audience,
    },
    /// The customer has never ordered.
    FirstOrder {},
    /// The customer has never had an appointment.
    FirstAppointment {},
    /// The customer is one of these.
    NamedCustomers {
        /// Their ids in the site's own system.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>", default, length(max = 1000)))]
        customers: Vec<String>,
        /// Tags, one of which they carry.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>", default, length(max = 1000)))]
        tags: Vec<String>,
    },
    /// The customer holds one of these passes.
    ActivePass {
        /// Ids of the passes.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>", length(min = 1, max = 1000)))]
        passes: Vec<String>,
    },
    /// It is booked through one of these channels.
    Channels {
        /// At least one.
        #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
        channels: Vec<Channel>,
    },
    /// It is booked once, or again and again.
    BookingType {
        /// Which of the two.
        booking: BookingType,
    },
    /// So long before the appointment.
    LeadTime {
        /// In minutes; this, the other or both.
        #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 2_635_200)))]
        at_least_minutes: Option<i64>,
        /// In minutes.
        #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 2_635_200)))]
        at_most_minutes: Option<i64>,
    },
}

/// The fields of all conditions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionFields {
    #[serde(rename = "type")]
    kind: ConditionType,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    until: Option<String>,
    #[serde(default, deserialize_with = "given")]
    days: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    amounts: Option<Vec<MoneyDraft>>,
    #[serde(default, deserialize_with = "given")]
    basis: Option<Basis>,
    #[serde(default, deserialize_with = "given")]
    counts: Option<Counts>,
    #[serde(default, deserialize_with = "given")]
    lines: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    audience: Option<Audience>,
    #[serde(default, deserialize_with = "given")]
    customers: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    tags: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    passes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    channels: Option<Vec<Channel>>,
    #[serde(default, deserialize_with = "given")]
    booking: Option<BookingType>,
    #[serde(default)]
    at_least_minutes: Option<i64>,
    #[serde(default)]
    at_most_minutes: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ConditionType {
    Redeemable,
    RedeemableHours,
    AppointmentWindow,
    AppointmentHours,
    Weekdays,
    MinimumSubtotal,
    MaximumSubtotal,
    MaximumLines,
    Audience,
    FirstOrder,
    FirstAppointment,
    NamedCustomers,
    ActivePass,
    Channels,
    BookingType,
    LeadTime,
}

impl ConditionType {
    const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Redeemable | Self::RedeemableHours | Self::AppointmentWindow | Self::AppointmentHours => {
                &["from", "until"]
            }
            Self::Weekdays => &["days"],
            Self::MinimumSubtotal | Self::MaximumSubtotal => &["amounts", "basis", "counts"],
            Self::MaximumLines => &["lines"],
            Self::Audience => &["audience"],
            Self::FirstOrder | Self::FirstAppointment => &[],
            Self::NamedCustomers => &["customers", "tags"],
            Self::ActivePass => &["passes"],
            Self::Channels => &["channels"],
            Self::BookingType => &["booking"],
            Self::LeadTime => &["at_least_minutes", "at_most_minutes"],
        }
    }
}

impl TryFrom<ConditionFields> for ConditionDraft {
    type Error = String;

    fn try_from(fields: ConditionFields) -> Result<Self, String> {
        let ConditionFields {
            kind,
            from,
            until,
            days,
            amounts,
            basis,
            counts,
            lines,
            audience,
            customers,
            tags,
            passes,
            channels,
            booking,
            at_least_minutes,
            at_most_minutes,
        } = fields;
        let there = [
            ("from", from.is_some()),
            ("until", until.is_some()),
            ("days", days.is_some()),
            ("amounts", amounts.is_some()),
            ("basis", basis.is_some()),
            ("counts", counts.is_some()),
            ("lines", lines.is_some()),
            ("audience", audience.is_some()),
            ("customers", customers.is_some()),
            ("tags", tags.is_some()),
            ("passes", passes.is_some()),
            ("channels", channels.is_some()),
            ("booking", booking.is_some()),
            ("at_least_minutes", at_least_minutes.is_some()),
            ("at_most_minutes", at_most_minutes.is_some()),
        ];
        only(kind.fields(), &there)?;
        let (basis, counts) = (basis.unwrap_or_default(), counts.unwrap_or_default());
        Ok(match kind {
            ConditionType::Redeemable => Self::Redeemable { from, until },
            ConditionType::RedeemableHours => {
                Self::RedeemableHours { from: needed("from", from)?, until: needed("until", until)? }
            }
            ConditionType::AppointmentWindow => Self::AppointmentWindow { from, until },
            ConditionType::AppointmentHours => {
                Self::AppointmentHours { from: needed("from", from)?, until: needed("until", until)? }
            }
            ConditionType::Weekdays => Self::Weekdays { days: needed("days", days)? },
            ConditionType::MinimumSubtotal => {
                Self::MinimumSubtotal { amounts: needed("amounts", amounts)?, basis, counts }
            }
            ConditionType::MaximumSubtotal => {
                Self::MaximumSubtotal { amounts: needed("amounts", amounts)?, basis, counts }
            }
            ConditionType::MaximumLines => Self::MaximumLines { lines: needed("lines", lines)? },
            ConditionType::Audience => Self::Audience { audience: needed("audience", audience)? },
            ConditionType::FirstOrder => Self::FirstOrder {},
            ConditionType::FirstAppointment => Self::FirstAppointment {},
            ConditionType::NamedCustomers => {
                Self::NamedCustomers { customers: customers.unwrap_or_default(), tags: tags.unwrap_or_default() }
            }
            ConditionType::ActivePass => Self::ActivePass { passes: needed("passes", passes)? },
            ConditionType::Channels => Self::Channels { channels: needed("channels", channels)? },
            ConditionType::BookingType => Self::BookingType { booking: needed("booking", booking)? },
            ConditionType::LeadTime => Self::LeadTime { at_least_minutes, at_most_minutes },
        })
    }
}

/// Checks all conditions. What they list by name goes into the lists, which stay with the owner (R66).
pub(super) fn parse_conditions(
    drafts: &[ConditionDraft],
    zone: Zone<'_>,
    lists: &mut Lists,
    faults: &mut Faults,
) -> Vec<Condition> {
    let mut conditions: Vec<Condition> = Vec::new();
    for (index, draft) in drafts.iter().take(ENTRIES_MAX).enumerate() {
        let field = format!("conditions[{index}]");
        let Some(condition) = parse_condition(draft, &field, zone, lists, faults) else { continue };
        if conditions.iter().any(|other| other.place() == condition.place()) {
            faults.add(&field, Fault::Duplicate, "is of the same type as an earlier condition");
        }
        conditions.push(condition);
    }
    conditions.sort_unstable_by_key(Condition::place);
    conditions
}

fn parse_condition(
    draft: &ConditionDraft,
    field: &str,
    zone: Zone<'_>,
    lists: &mut Lists,
    faults: &mut Faults,
) -> Option<Condition> {
    let at = |name: &str| format!("{field}.{name}");
    Some(match draft {
        ConditionDraft::Redeemable { from, until } => {
            let from = parse_bound(from.as_deref(), Edge::Start, &at("from"), zone, faults)?;
            let until = parse_bound(until.as_deref(), Edge::End, &at("until"), zone, faults)?;
            Condition::Redeemable { window: faults.keep(field, Window::new(from, until))? }
        }
        ConditionDraft::RedeemableHours { from, until } => {
            Condition::RedeemableHours { hours: faults.keep(field, DailyRange::parse(from, until))? }
        }
        ConditionDraft::AppointmentWindow { from, until } => {
            let mut local = |name: &str, text: &Option<String>| match text {
                None => Some(None),
                Some(text) => faults.keep(&at(name), LocalStart::parse(text)).map(Some),
            };
            let (from, until) = (local("from", from)?, local("until", until)?);
            Condition::AppointmentWindow { window: faults.keep(field, LocalWindow::new(from, until))? }
        }
        ConditionDraft::AppointmentHours { from, until } => {
            Condition::AppointmentHours { hours: faults.keep(field, DailyRange::parse(from, until))? }
        }
        ConditionDraft::Weekdays { days } => {
            Condition::Weekdays { days: faults.keep(&at("days"), Weekdays::parse(days.iter().map(String::as_str)))? }
        }
        ConditionDraft::MinimumSubtotal { amounts, basis, counts } => {
            let amounts = parse_amounts(&at("amounts"), amounts, faults)?;
            Condition::MinimumSubtotal { amounts, basis: *basis, counts: *counts }
        }
        ConditionDraft::MaximumSubtotal { amounts, basis, counts } => {
            let amounts = parse_amounts(&at("amounts"), amounts, faults)?;
            Condition::MaximumSubtotal { amounts, basis: *basis, counts: *counts }
        }
        ConditionDraft::MaximumLines { lines } => {
            let checked = u32::try_from(*lines).ok().filter(|lines| (1..=LINES_MAX).contains(&(*lines as usize)));
            let checked = checked.ok_or_else(|| (Fault::OutOfBounds, format!("must be 1 to {LINES_MAX}")));
            Condition::MaximumLines { lines: faults.keep(&at("lines"), checked)? }
        }
        ConditionDraft::Audience { audience } => Condition::Audience { audience: *audience },
        ConditionDraft::FirstOrder {} => Condition::FirstOrder,
        ConditionDraft::FirstAppointment {} => Condition::FirstAppointment,
        ConditionDraft::NamedCustomers { customers, tags } => {
            if customers.is_empty() && tags.is_empty() {
                faults.add(field, Fault::Required, "needs `customers`, `tags` or both");
            }
            lists.customers = parse_list(&at("customers"), customers, CustomerId::parse, faults);
            lists.tags = parse_list(&at("tags"), tags, TagId::parse, faults);
            Condition::NamedCustomers
        }
        ConditionDraft::ActivePass { passes } => {
            if passes.is_empty() {
                faults.add(&at("passes"), Fault::Required, "needs at least one pass");
            }
            lists.passes = parse_list(&at("passes"), passes, PassId::parse, faults);
            Condition::ActivePass
        }
        ConditionDraft::Channels { channels } => {
            let channels = Channels::new(channels.clone());
            let channels = channels.ok_or((Fault::Required, "needs at least one channel"));
            Condition::Channels { channels: faults.keep(&at("channels"), channels)? }
        }
        ConditionDraft::BookingType { booking } => Condition::BookingType { booking: *booking },
        ConditionDraft::LeadTime { at_least_minutes, at_most_minutes } => {
            let at_least = parse_minutes(&at("at_least_minutes"), *at_least_minutes, faults)?;
            let at_most = parse_minutes(&at("at_most_minutes"), *at_most_minutes, faults)?;
            match (at_least, at_most) {
                (None, None) => {
                    faults.add(field, Fault::Required, "needs `at_least_minutes`, `at_most_minutes` or both");
                }
                (Some(least), Some(most)) if least > most => {
                    faults.add(field, Fault::Contradiction, "asks for at least more than at most");
                }
                _ => {}
            }
            Condition::LeadTime { lead: LeadTime { at_least, at_most } }
        }
    })
}

fn parse_minutes(field: &str, minutes: Option<i64>, faults: &mut Faults) -> Option<Option<u32>> {
    /// Five years: as far as a venue's wall clock is known.
    const MINUTES_MAX: u32 = 5 * 366 * 24 * 60;
    let Some(minutes) = minutes else { return Some(None) };
    let checked = u32::try_from(minutes).ok().filter(|minutes| *minutes <= MINUTES_MAX);
    faults.keep(field, checked.ok_or_else(|| (Fault::OutOfBounds, format!("must be 0 to {MINUTES_MAX}")))).map(Some)
}

/// Turns one end of a window into an instant. A last date without a time includes that whole day (R25), so it becomes the first
/// instant of the next; that day's midnight is where a day begins, so it is resolved as a start.
fn parse_bound(
    text: Option<&str>,
    edge: Edge,
    field: &str,
    zone: Zone<'_>,
    faults: &mut Faults,
) -> Option<Option<chrono::DateTime<chrono::Utc>>> {
    let Some(text) = text else { return Some(None) };
    let local = faults.keep(field, LocalStart::parse(text))?;
    let (wall, edge) = match (local.time(), edge) {
        (Some(time), edge) => (local.date().and_time(time), edge),
        (None, Edge::Start) => (local.date().and_time(NaiveTime::MIN), Edge::Start),
        (None, Edge::End) => (local.date().checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN), Edge::Start),
    };
    let instant = zone(wall).and_then(|table| table.instant(wall, edge));
    let instant = instant.ok_or((Fault::OutOfBounds, "lies outside what the site's time zone is known for"));
    faults.keep(field, instant).map(Some)
}

#[cfg(test)]
mod tests {
    use super::super::fields::fault;
    use super::*;

    #[test]
    fn each_type_has_its_own_fields() {
        for (json, said) in [
            (r#"{"type":"redeemable","days":["mon"]}"#, "unknown field `days`"),
            (r#"{"type":"weekdays","days":["mon"],"from":"2026-12-01"}"#, "unknown field `from`"),
            (r#"{"type":"weekdays"}"#, "missing field `days`"),
            (r#"{"type":"minimum_subtotal","basis":"all_lines"}"#, "missing field `amounts`"),
            (r#"{"type":"first_order","audience":"new"}"#, "unknown field `audience`"),
            (r#"{"type":"appointment_hours","from":"17:00"}"#, "missing field `until`"),
        ] {
            assert_eq!(fault::<ConditionDraft>(json), said, "{json}");
        }
    }

    #[cfg(feature = "serialize")]
    #[test]
    fn what_is_written_is_read_again() {
        for json in [
            r#"{"type":"redeemable","from":"2026-12-01","until":null}"#,
            r#"{"type":"weekdays","days":["mon"]}"#,
            r#"{"type":"maximum_subtotal","amounts":[],"basis":"eligible_lines","counts":"after_discounts"}"#,
            r#"{"type":"first_order"}"#,
            r#"{"type":"channels","channels":["booking_page"]}"#,
            r#"{"type":"lead_time","at_least_minutes":60,"at_most_minutes":null}"#,
        ] {
            let draft: ConditionDraft = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&draft).unwrap(), json);
        }
    }

    #[test]
    fn conditions_that_can_never_hold_are_refused() {
        for (json, field) in [
            (r#"{"type":"appointment_window"}"#, "conditions[0]"),
            (r#"{"type":"appointment_window","from":"soon"}"#, "conditions[0].from"),
            (r#"{"type":"redeemable_hours","from":"17:00","until":"17:00"}"#, "conditions[0]"),
            (r#"{"type":"lead_time"}"#, "conditions[0]"),
            (r#"{"type":"lead_time","at_least_minutes":10,"at_most_minutes":5}"#, "conditions[0]"),
            (r#"{"type":"lead_time","at_least_minutes":-1}"#, "conditions[0].at_least_minutes"),
            (r#"{"type":"named_customers"}"#, "conditions[0]"),
            (r#"{"type":"active_pass","passes":[]}"#, "conditions[0].passes"),
            (r#"{"type":"channels","channels":[]}"#, "conditions[0].channels"),
        ] {
            let (mut faults, mut lists) = (Faults::default(), Lists::default());
            parse_conditions(&[serde_json::from_str(json).unwrap()], &|_| None, &mut lists, &mut faults);
            let fields: Vec<String> = faults.into_vec().into_iter().map(|fault| fault.field).collect();
            assert_eq!(fields, [field], "{json}");
        }
    }
}
