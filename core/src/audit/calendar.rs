//! When a promotion can be used, and for which appointments (R25 to R27, R35, R36).

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};

use super::subject::Subject;
use super::{Severity, What};
use crate::promotion::Condition;
use crate::promotion::condition::LeadTime;
use crate::time::{DailyRange, LocalWindow, Weekdays, Window};

/// No wall clock is a day away from UTC, so what is a day apart is apart at every venue, without a time zone database.
const ZONES: TimeDelta = TimeDelta::days(1);

impl<'a> Subject<'a, '_> {
    pub(super) fn calendar(&mut self) {
        let redeemable = self.redeemable();
        let over = redeemable.and_then(|window| window.until()).filter(|until| *until <= self.now);
        if let Some(ended_at) = over {
            self.find(Severity::NeverApplies, "conditions.redeemable", What::Over { ended_at });
        }
        self.not_checked();
        // Without dates nothing below is checked (R27).
        if !self.policy.evaluation.has_dates {
            return;
        }
        let Some(window) = self.appointment_window() else { return };
        let hours = self.condition(|condition| match condition {
            Condition::AppointmentHours { hours } => Some(hours),
            _ => None,
        });
        let days = self.condition(|condition| match condition {
            Condition::Weekdays { days } => Some(days),
            _ => None,
        });
        let lead = self.condition(|condition| match condition {
            Condition::LeadTime { lead } => Some(*lead),
            _ => None,
        });
        match (hours, days) {
            (Some(hours), _) if !has_start(window, Some(hours), None) => {
                let what = What::HoursOutsideWindow { hours: *hours, window: *window };
                self.find(Severity::NeverApplies, "conditions.appointment_hours", what);
            }
            (hours, Some(days)) if !has_start(window, hours, Some(days)) => {
                let what = What::WeekdaysOutsideWindow { days: *days, window: *window };
                self.find(Severity::NeverApplies, "conditions.weekdays", what);
            }
            _ => {}
        }
        if over.is_some() {
            return;
        }
        let use_from = redeemable.and_then(|window| window.from()).map_or(self.now, |from| from.max(self.now));
        let use_until = redeemable.and_then(|window| window.until());
        match lead {
            Some(lead) if !lead_reaches(lead, window, use_from, use_until) => {
                let what = What::LeadTimeOutsideWindow { lead, window: *window };
                self.find(Severity::NeverApplies, "conditions.lead_time", what);
            }
            None if has_ended(window, use_from) => {
                let what = What::AppointmentsOver { window: *window };
                self.find(Severity::Contradiction, "conditions.appointment_window", what);
            }
            _ => {}
        }
    }

    fn redeemable(&self) -> Option<&'a Window> {
        self.condition(|condition| match condition {
            Condition::Redeemable { window } => Some(window),
            _ => None,
        })
    }

    fn appointment_window(&self) -> Option<&'a LocalWindow> {
        self.condition(|condition| match condition {
            Condition::AppointmentWindow { window } => Some(window),
            _ => None,
        })
    }

    /// What this site's pages have no fact for (R27, R35).
    fn not_checked(&mut self) {
        let site = &self.policy.evaluation;
        let (has_dates, has_frequency) = (site.has_dates, site.has_frequency);
        for condition in &self.terms().conditions {
            let field = match condition {
                Condition::AppointmentWindow { .. } => "conditions.appointment_window",
                Condition::AppointmentHours { .. } => "conditions.appointment_hours",
                Condition::Weekdays { .. } => "conditions.weekdays",
                Condition::LeadTime { .. } => "conditions.lead_time",
                Condition::BookingType { .. } if !has_frequency => {
                    self.find(Severity::NotChecked, "conditions.booking_type", What::FrequencyNotChecked);
                    continue;
                }
                _ => continue,
            };
            if !has_dates {
                let condition = field.strip_prefix("conditions.").unwrap_or(field);
                self.find(Severity::NotChecked, field, What::DatesNotChecked { condition });
            }
        }
    }
}

/// Whether an appointment may start in the window at such hours on such days.
fn has_start(window: &LocalWindow, hours: Option<&DailyRange>, days: Option<&Weekdays>) -> bool {
    /// Two weeks and two broken days: every day of the week is in it with all its hours.
    const DATES_MAX: usize = 16;
    let (Some(from), Some(end)) = (window.from(), window.end()) else { return true };
    let from = from.at_or_midnight();
    let wanted = |day: Weekday| days.is_none_or(|days| days.contains(day));
    let mut dates = 0_usize;
    for date in from.date().iter_days().take_while(|date| *date <= end.date()) {
        dates = dates.saturating_add(1);
        let occurs = |(start, until, day): (NaiveDateTime, NaiveDateTime, Weekday)| {
            wanted(day) && start.max(from) < until.min(end)
        };
        if dates > DATES_MAX || stretches(date, hours).into_iter().flatten().any(occurs) {
            return true;
        }
    }
    false
}

/// The stretches of a date that lie in the hours, each with the day of the week to which it belongs (R26).
fn stretches(date: NaiveDate, hours: Option<&DailyRange>) -> [Option<(NaiveDateTime, NaiveDateTime, Weekday)>; 2] {
    let midnight = date.and_time(NaiveTime::MIN);
    let next = date.checked_add_days(Days::new(1)).map_or(NaiveDateTime::MAX, |next| next.and_time(NaiveTime::MIN));
    match hours {
        None => [Some((midnight, next, date.weekday())), None],
        Some(hours) if hours.from() < hours.until() => {
            [Some((date.and_time(hours.from()), date.and_time(hours.until()), date.weekday())), None]
        }
        Some(hours) => [
            Some((date.and_time(hours.from()), next, date.weekday())),
            Some((midnight, date.and_time(hours.until()), date.weekday().pred())),
        ],
    }
}

/// Whether the window has ended at every venue.
fn has_ended(window: &LocalWindow, at: DateTime<Utc>) -> bool {
    let ended = window.end().and_then(|end| end.and_utc().checked_add_signed(ZONES));
    ended.is_some_and(|ended| ended <= at)
}

/// Whether some appointment of the window is so long after some instant of use.
fn lead_reaches(
    lead: LeadTime,
    window: &LocalWindow,
    use_from: DateTime<Utc>,
    use_until: Option<DateTime<Utc>>,
) -> bool {
    let minutes = |count: u32| TimeDelta::minutes(i64::from(count));
    // What has begun is neither early nor last-minute.
    let earliest = use_from.checked_add_signed(minutes(lead.at_least.unwrap_or(0)));
    let latest = use_until.zip(lead.at_most).and_then(|(until, most)| until.checked_add_signed(minutes(most)));
    let begins = window.from().and_then(|from| from.at_or_midnight().and_utc().checked_sub_signed(ZONES));
    let too_late = earliest.is_some_and(|earliest| has_ended(window, earliest));
    let too_early = begins.zip(latest).is_some_and(|(begins, latest)| begins > latest);
    !too_late && !too_early
}
