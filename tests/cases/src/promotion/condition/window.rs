//! Windows and hours around now: open, shut, or just at their border.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use tearoff_core::promotion::draft::ConditionDraft;

use crate::Random;
use crate::promotion::{Aim, Obstacle};
use crate::scene::{Scene, date_text, local_text};

/// One end of a window as an owner writes it, and the day on which it lies.
struct Bound {
    text: String,
    date: NaiveDate,
}

fn at(local: NaiveDateTime) -> Bound {
    Bound { text: local_text(local), date: local.date() }
}

fn on(date: NaiveDate) -> Bound {
    Bound { text: date_text(date), date }
}

/// A stretch of time from a second to some weeks; a quarter of them a second, so that borders are met.
fn stretch(random: &mut Random) -> TimeDelta {
    let most = random.weighted(&[(1, 1), (1, 7200), (2, 3_000_000)]);
    TimeDelta::seconds(random.between(1, most))
}

pub(super) fn redeemable(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let now = scene.local_now;
    let (from, until) = if aim.has(Obstacle::TooEarly) {
        let from =
            if random.chance(50) { at(now + stretch(random)) } else { on(later(now.date(), 1 + random.below(9))) };
        let until = random.chance(50).then(|| on(later(from.date, 2 + random.below(30))));
        (Some(from), until)
    } else if aim.has(Obstacle::TooLate) {
        let until = match random.below(4) {
            0 => at(now),
            1 => at(now - stretch(random)),
            _ => on(earlier(now.date(), 1 + random.below(9))),
        };
        let needs_from = scene.site.start_required;
        let from = (needs_from || random.chance(50)).then(|| on(earlier(until.date, 2 + random.below(30))));
        (from, Some(until))
    } else {
        let from = match random.below(4) {
            0 if !scene.site.start_required => None,
            0 | 1 => Some(at(now)),
            2 => Some(at(now - stretch(random))),
            _ => Some(on(earlier(now.date(), random.below(9)))),
        };
        let until = match random.below(3) {
            0 => None,
            1 => Some(at(now + stretch(random))),
            _ => Some(on(later(now.date(), random.below(9)))),
        };
        (from, until)
    };
    ConditionDraft::Redeemable { from: from.map(|bound| bound.text), until: until.map(|bound| bound.text) }
}

fn later(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}

fn earlier(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Days::new(days)).unwrap_or(date)
}

/// Hours of the day around now, or all others where this is the obstacle.
pub(super) fn hours(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let (from, until) = around(random, scene.local_now.time(), aim.has(Obstacle::OtherHours));
    ConditionDraft::RedeemableHours { from, until }
}

/// Hours in which a time lies, or does not; a third of them begin or end with it, and those that go over midnight wrap.
pub(super) fn around(random: &mut Random, time: NaiveTime, is_outside: bool) -> (String, String) {
    const HOURS: i64 = 3600;
    let time = time.with_nanosecond(0).unwrap_or(time);
    let (before, after) = (random.between(0, 6 * HOURS), random.between(60, 6 * HOURS));
    let whole = |random: &mut Random, seconds: i64| if random.chance(50) { seconds / 60 * 60 } else { seconds };
    let (before, after) = match random.below(3) {
        0 => (0, after),
        _ => (whole(random, before), whole(random, after)),
    };
    let (from, until) = (time - TimeDelta::seconds(before), time + TimeDelta::seconds(after));
    // The hours outside are the others of the day, the first of which is the first after these.
    if is_outside { (time_text(until), time_text(from)) } else { (time_text(from), time_text(until)) }
}

/// `18:00`, with seconds where there are any.
fn time_text(time: NaiveTime) -> String {
    let minutes = format!("{:02}:{:02}", time.hour(), time.minute());
    if time.second() == 0 { minutes } else { format!("{minutes}:{:02}", time.second()) }
}
