//! What is asked of appointments: windows, hours, weekdays and lead times around those of the cart.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta};
use tearoff_core::cart::Frequency;
use tearoff_core::promotion::condition::BookingType;
use tearoff_core::promotion::draft::ConditionDraft;

use super::window::around;
use crate::Random;
use crate::promotion::{Aim, Obstacle};
use crate::scene::{Appointment, Scene, date_text, local_text};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Days on which the cart has appointments, or only others where this is the obstacle.
pub(super) fn weekdays(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let occurrences = scene.cart.lines.iter().flat_map(|line| &line.occurrences);
    let met: BTreeSet<&str> = occurrences.filter_map(|occurrence| weekday(&occurrence.start)).collect();
    let met: Vec<&str> = met.into_iter().collect();
    let mut days: BTreeSet<&str> = DAYS.into_iter().filter(|_| random.chance(35)).collect();
    if aim.has(Obstacle::OtherDays) && met.len() < DAYS.len() {
        days = DAYS.into_iter().filter(|day| !met.contains(day) && random.chance(60)).collect();
        days.extend(DAYS.into_iter().find(|day| !met.contains(day)));
    } else {
        days.extend(random.pick_any(&met).copied());
        // What lies after midnight may belong to the day before.
        let appointments = scene.appointments();
        let before = random.pick_any(&appointments).and_then(|one| one.date.pred_opt());
        days.extend(before.filter(|_| random.chance(30)).and_then(day_of));
    }
    days.extend(days.is_empty().then_some("wed"));
    let mut days: Vec<String> = days.into_iter().map(Into::into).collect();
    random.shuffle(&mut days);
    ConditionDraft::Weekdays { days }
}

fn weekday(start: &str) -> Option<&'static str> {
    day_of(start.get(..10)?.parse().ok()?)
}

fn day_of(date: NaiveDate) -> Option<&'static str> {
    let day = usize::try_from(date.weekday().num_days_from_monday()).ok()?;
    DAYS.get(day).copied()
}

/// An appointment of the cart with a time, or any of today.
fn any(random: &mut Random, scene: &Scene) -> Appointment {
    let mut known = scene.appointments();
    known.retain(|one| one.time.is_some());
    let (date, time) = (scene.local_now.date(), Some(NaiveTime::MIN));
    random.pick_any(&known).copied().unwrap_or(Appointment { date, time, minutes_ahead: None })
}

/// A window around an appointment, some of which begin or end with it; or long after all of them where this is the obstacle.
pub(super) fn window(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let one = any(random, scene);
    let at = one.date.and_time(one.time.unwrap_or(NaiveTime::MIN));
    let day = |date: NaiveDate, days: u64| date_text(date.checked_add_days(Days::new(days)).unwrap_or(date));
    let days_before = |days: u64| date_text(one.date.checked_sub_days(Days::new(days)).unwrap_or(one.date));
    let (from, until) = if aim.has(Obstacle::OtherAppointmentWindow) {
        let from = 60 + random.below(30);
        (Some(day(scene.local_now.date(), from)), random.chance(50).then(|| day(scene.local_now.date(), from + 9)))
    } else {
        let before = TimeDelta::minutes(random.between(1, 3000));
        let after = TimeDelta::minutes(random.between(1, 3000));
        let from = match random.below(4) {
            0 => None,
            1 => Some(local_text(at)),
            2 => Some(local_text(at - before)),
            _ => Some(days_before(random.below(9))),
        };
        let until = match random.below(4) {
            0 if from.is_some() => None,
            1 => Some(local_text(at + after)),
            2 => Some(day(one.date, 0)),
            _ => Some(day(one.date, random.below(20))),
        };
        (from, until)
    };
    ConditionDraft::AppointmentWindow { from, until }
}

/// Hours around an appointment, or at which nobody books where this is the obstacle.
pub(super) fn hours(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let (from, until) = if aim.has(Obstacle::OtherAppointmentHours) {
        (random.pick(&["03:15", "03:30:30", "04:00"]).to_string(), random.pick(&["05:00", "05:59:59"]).to_string())
    } else {
        let time = any(random, scene).time.unwrap_or(NaiveTime::MIN);
        around(random, time, false)
    };
    ConditionDraft::AppointmentHours { from, until }
}

/// Once or again and again, as most of the cart is booked, or the other where this is the obstacle.
pub(super) fn booking_type(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let chosen: Vec<Frequency> = scene.cart.lines.iter().filter_map(|line| line.frequency).collect();
    let is_once = random.pick_any(&chosen).map_or(random.chance(50), |frequency| *frequency == Frequency::OneTime);
    let booking = match is_once == aim.has(Obstacle::OtherBookingType) {
        true => BookingType::Recurring,
        false => BookingType::OneTime,
    };
    ConditionDraft::BookingType { booking }
}

/// So long before an appointment, to the minute; or longer than anybody books ahead where this is the obstacle.
pub(super) fn lead_time(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let ahead = any(random, scene).minutes_ahead.unwrap_or(600).max(0);
    let (at_least_minutes, at_most_minutes) = if aim.has(Obstacle::OtherLeadTime) {
        let least = random.between(100_000, 200_000);
        (Some(least), random.chance(30).then_some(least + 1440))
    } else {
        let least = match random.below(4) {
            0 => None,
            1 => Some(ahead),
            _ => Some((ahead - random.between(0, 5000)).max(0)),
        };
        let most = match random.below(4) {
            0 if least.is_some() => None,
            1 => Some(ahead + 1),
            2 => Some(ahead),
            _ => Some(ahead + random.between(0, 5000)),
        };
        (least, most)
    };
    ConditionDraft::LeadTime { at_least_minutes, at_most_minutes }
}
