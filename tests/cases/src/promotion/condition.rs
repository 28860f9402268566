//! What must hold: windows to the second around now, the weekdays of the cart, minimums to the minor unit.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};
use tearoff_core::promotion::condition::Basis;
use tearoff_core::promotion::draft::{ConditionDraft, ScopeDraft};

use super::benefit::amounts;
use super::{Aim, Obstacle};
use crate::Random;
use crate::scene::{Scene, date_text, line_subtotal, local_text};

pub(super) fn draw_all(random: &mut Random, scene: &Scene, aim: Aim, scope: &ScopeDraft) -> Vec<ConditionDraft> {
    let mut conditions = Vec::new();
    let needs_window = aim.has(Obstacle::TooEarly) || aim.has(Obstacle::TooLate);
    if needs_window || random.chance(35) {
        conditions.push(window(random, scene, aim));
    }
    if aim.has(Obstacle::OtherDays) || random.chance(25) {
        conditions.push(weekdays(random, scene, aim));
    }
    if aim.has(Obstacle::TooLittle) || random.chance(30) {
        conditions.push(minimum(random, scene, aim, scope));
    }
    if aim.has(Obstacle::TooMuch) || random.chance(20) {
        conditions.push(maximum(random, scene, aim));
    }
    random.shuffle(&mut conditions);
    conditions
}

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

fn window(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
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
        let from = random.chance(50).then(|| on(earlier(until.date, 2 + random.below(30))));
        (from, Some(until))
    } else {
        let from = match random.below(4) {
            0 => None,
            1 => Some(at(now)),
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

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Days on which the cart has appointments, or only others where this is the obstacle.
fn weekdays(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let occurrences = scene.cart.lines.iter().flat_map(|line| &line.occurrences);
    let met: BTreeSet<&str> = occurrences.filter_map(|occurrence| weekday(&occurrence.start)).collect();
    let met: Vec<&str> = met.into_iter().collect();
    let mut days: BTreeSet<&str> = DAYS.into_iter().filter(|_| random.chance(35)).collect();
    if aim.has(Obstacle::OtherDays) && met.len() < DAYS.len() {
        days = DAYS.into_iter().filter(|day| !met.contains(day) && random.chance(60)).collect();
        days.extend(DAYS.into_iter().find(|day| !met.contains(day)));
    } else {
        days.extend(random.pick_any(&met).copied());
    }
    days.extend(days.is_empty().then_some("wed"));
    let mut days: Vec<String> = days.into_iter().map(Into::into).collect();
    random.shuffle(&mut days);
    ConditionDraft::Weekdays { days }
}

fn weekday(start: &str) -> Option<&'static str> {
    let date: NaiveDate = start.get(..10)?.parse().ok()?;
    let day = usize::try_from(date.weekday().num_days_from_monday()).ok()?;
    DAYS.get(day).copied()
}

fn basis(random: &mut Random) -> Basis {
    if random.chance(60) { Basis::AllLines } else { Basis::EligibleLines }
}

fn minimum(random: &mut Random, scene: &Scene, aim: Aim, scope: &ScopeDraft) -> ConditionDraft {
    let subtotal = scene.subtotal();
    let basis = basis(random);
    let amount = if aim.has(Obstacle::TooLittle) {
        subtotal.saturating_add(random.weighted(&[(1, 1), (2, 500)]))
    } else {
        // With a narrow scope some line may be all that is eligible.
        let is_narrow = basis == Basis::EligibleLines && !scope.include.is_empty();
        let line = random.pick_any(&scene.cart.lines).map_or(0, line_subtotal);
        match random.below(8) {
            0 => 0,
            1 | 2 if is_narrow => line,
            1 | 2 => subtotal,
            3 => line,
            _ if is_narrow => random.between(0, line / 2),
            _ => random.between(0, subtotal),
        }
    };
    ConditionDraft::MinimumSubtotal { amounts: amounts(random, scene, aim, within_bound(amount)), basis }
}

fn maximum(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let subtotal = scene.subtotal();
    let amount = if aim.has(Obstacle::TooMuch) {
        subtotal - random.between(1, 1 + subtotal / 2)
    } else {
        match random.below(8) {
            0 => 0,
            1 | 2 => subtotal,
            3 => subtotal / 2,
            _ => subtotal.saturating_add(random.between(1, 10_000)),
        }
    };
    ConditionDraft::MaximumSubtotal { amounts: amounts(random, scene, aim, within_bound(amount)), basis: basis(random) }
}

/// An amount that can be stated; at least 1 where the cart costs nothing, since 0 would mean no limit.
fn within_bound(amount: i64) -> i64 {
    amount.clamp(0, 1_000_000_000_000)
}
