//! What must hold of an appointment (R26, R27, R35, R36), asked of each occurrence.

use chrono::{Days, TimeDelta};
use serde_json::{Value, json};

use crate::cart::{Line, Occurrence, Start, weekday};
use crate::question::Question;
use crate::read::{integer, must, text, texts, truth};
use crate::reason::{Class, Reason, plain, with};
use crate::scope::{is_in_scope, may_touch};
use crate::window::{Hours, instant};

/// Whether an occurrence may be discounted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    Yes,
    No,
    /// A fact about it is missing, and the promotion asks for it.
    Unknown,
}

/// What one condition says of one occurrence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Holds,
    Fails,
    NeedsDate,
    NeedsFrequency,
}

/// The conditions on appointments that this site's pages can answer (R27, R35).
pub(crate) fn asked<'a>(question: &Question<'a>, promotion: &'a Value) -> Vec<&'a Value> {
    let has_dates = truth(question.site, "has_dates", true);
    let has_frequency = truth(question.site, "has_frequency", false);
    let kinds = [
        ("appointment_window", has_dates),
        ("appointment_hours", has_dates),
        ("weekdays", has_dates),
        ("booking_type", has_frequency),
        ("lead_time", has_dates),
        // Only an appointment can be the first (R31).
        ("first_appointment", true),
    ];
    let known = kinds.iter().filter(|(_, known)| *known);
    known.filter_map(|(kind, _)| question.condition(promotion, kind)).collect()
}

/// Whether each occurrence of each line fits the promotion.
pub(crate) fn fits(question: &Question<'_>, promotion: &Value) -> Vec<Vec<Fit>> {
    let terms = &promotion["terms"];
    let asked = asked(question, promotion);
    let of_line = |line: &Line<'_>| {
        let touched = is_in_scope(&terms["scope"], line)
            && may_touch(&terms["benefit"], line)
            && (asked.is_empty() || line.takes_place());
        let fit = |occurrence| if touched { fit(question, &asked, line, occurrence) } else { Fit::No };
        line.occurrences.iter().map(fit).collect()
    };
    question.lines.iter().map(of_line).collect()
}

/// Whether an occurrence of an appointment fits all that is asked.
pub(crate) fn fit(question: &Question<'_>, asked: &[&Value], line: &Line<'_>, occurrence: &Occurrence) -> Fit {
    let verdicts = verdicts(question, asked, line, occurrence);
    if verdicts.contains(&Verdict::Fails) {
        Fit::No
    } else if verdicts.iter().any(|verdict| *verdict != Verdict::Holds) {
        Fit::Unknown
    } else {
        Fit::Yes
    }
}

/// Why no occurrence can be discounted, or not yet.
pub(crate) fn reasons(question: &Question<'_>, promotion: &Value) -> Vec<Reason> {
    let terms = &promotion["terms"];
    let asked = asked(question, promotion);
    let touched = question.lines.iter().filter(|line| {
        is_in_scope(&terms["scope"], line)
            && may_touch(&terms["benefit"], line)
            && (asked.is_empty() || line.takes_place())
    });
    let slots: Vec<Vec<Verdict>> =
        touched.flat_map(|line| line.occurrences.iter().map(|slot| verdicts(question, &asked, line, slot))).collect();
    if slots.is_empty() {
        return vec![plain(Class::Mendable, 20, "no_eligible_lines")];
    }
    if slots.iter().any(|slot| !slot.contains(&Verdict::Fails)) {
        return missing_of(&slots);
    }
    let failed = |place: &usize, everywhere: bool| {
        let mut verdicts = slots.iter().map(|slot| slot[*place] == Verdict::Fails);
        if everywhere { verdicts.all(|failed| failed) } else { verdicts.any(|failed| failed) }
    };
    let on_all: Vec<usize> = (0..asked.len()).filter(|place| failed(place, true)).collect();
    let on_any: Vec<usize> = (0..asked.len()).filter(|place| failed(place, false)).collect();
    let told = if on_all.is_empty() { on_any } else { on_all };
    told.into_iter().map(|place| outside(asked[place])).collect()
}

/// What is missing of the occurrences of some lines that nothing known fails.
pub(crate) fn missing(question: &Question<'_>, promotion: &Value, lines: &[&Line<'_>]) -> Vec<Reason> {
    let asked = asked(question, promotion);
    let slots =
        lines.iter().flat_map(|line| line.occurrences.iter().map(|slot| verdicts(question, &asked, line, slot)));
    missing_of(&slots.collect::<Vec<_>>())
}

fn missing_of(slots: &[Vec<Verdict>]) -> Vec<Reason> {
    let undecided: Vec<&Vec<Verdict>> = slots.iter().filter(|slot| !slot.contains(&Verdict::Fails)).collect();
    let mut reasons = Vec::new();
    for (missing, rule, code) in
        [(Verdict::NeedsDate, 27, "date_needed"), (Verdict::NeedsFrequency, 35, "frequency_needed")]
    {
        if undecided.iter().any(|slot| slot.contains(&missing)) {
            reasons.push(plain(Class::Missing, rule, code));
        }
    }
    reasons
}

fn verdicts(question: &Question<'_>, asked: &[&Value], line: &Line<'_>, occurrence: &Occurrence) -> Vec<Verdict> {
    asked.iter().map(|condition| verdict(question, asked, condition, line, occurrence)).collect()
}

fn verdict(
    question: &Question<'_>,
    asked: &[&Value],
    condition: &Value,
    line: &Line<'_>,
    occurrence: &Occurrence,
) -> Verdict {
    if must(condition, "type") == "booking_type" {
        return match line.frequency {
            None => Verdict::NeedsFrequency,
            Some(frequency) => verdict_of((frequency == "one_time") == (must(condition, "booking") == "one_time")),
        };
    }
    if must(condition, "type") == "first_appointment" {
        let has_dates = truth(question.site, "has_dates", true);
        return if has_dates && occurrence.start.is_none() { Verdict::NeedsDate } else { Verdict::Holds };
    }
    let Some(start) = occurrence.start else { return Verdict::NeedsDate };
    match must(condition, "type") {
        "appointment_window" => within_window(condition, start),
        "appointment_hours" => match start.time {
            None => Verdict::NeedsDate,
            Some(time) => verdict_of(Hours::read(condition).day_of(start.date.and_time(time)).is_some()),
        },
        "weekdays" => on_weekday(asked, &texts(condition, "days"), start),
        "lead_time" => match line.instant(start) {
            None => Verdict::NeedsDate,
            Some(begins) => {
                let ahead = begins - instant(must(question.facts, "now_at"));
                let minutes = |field| integer(condition, field).map(TimeDelta::minutes);
                let least = minutes("at_least_minutes").unwrap_or(TimeDelta::zero());
                let most = minutes("at_most_minutes").unwrap_or(TimeDelta::MAX);
                verdict_of(TimeDelta::zero() <= ahead && least <= ahead && ahead <= most)
            }
        },
        other => panic!("`{other}` is no condition on appointments"),
    }
}

fn verdict_of(holds: bool) -> Verdict {
    if holds { Verdict::Holds } else { Verdict::Fails }
}

/// A window of wall-clock times: half-open, its last date as a whole. A date alone is not enough on a day that the window cuts.
fn within_window(window: &Value, start: Start) -> Verdict {
    let bound = |field| text(window, field).map(Start::read);
    let cuts = |bound: &Start| bound.time.is_some() && bound.date == start.date;
    if start.time.is_none() && [bound("from"), bound("until")].iter().flatten().any(cuts) {
        return Verdict::NeedsDate;
    }
    let begun = bound("from").is_none_or(|from| from.or_midnight() <= start.or_midnight());
    let over = bound("until").is_some_and(|until| match until.time {
        Some(_) => until.or_midnight() <= start.or_midnight(),
        None => until.date < start.date,
    });
    verdict_of(begun && !over)
}

/// The day of the week, which after midnight is that of the day before where the hours have wrapped (R26).
fn on_weekday(asked: &[&Value], days: &[&str], start: Start) -> Verdict {
    let hours = asked.iter().find(|condition| must(condition, "type") == "appointment_hours");
    let hours = hours.map(|condition| Hours::read(condition));
    let holds_on = |date| days.contains(&weekday(date));
    match (hours, start.time) {
        // It may turn out to lie after midnight, and only what is known may fail (R37).
        (Some(hours), None) if hours.wrap() && holds_on(start.date) != holds_on(start.date - Days::new(1)) => {
            Verdict::NeedsDate
        }
        (Some(hours), Some(time)) => {
            verdict_of(holds_on(hours.day_of(start.date.and_time(time)).unwrap_or(start.date)))
        }
        _ => verdict_of(holds_on(start.date)),
    }
}

/// Why an occurrence does not fit a condition.
fn outside(condition: &Value) -> Reason {
    match must(condition, "type") {
        "appointment_window" => {
            let bound = |field| text(condition, field).map(|text| Start::read(text).text());
            let window = json!({"from": bound("from"), "until": bound("until")});
            with(Class::Mendable, 26, json!({"code": "outside_appointment_window", "window": window}))
        }
        "appointment_hours" => {
            let hours = Hours::read(condition).json();
            with(Class::Mendable, 26, json!({"code": "outside_appointment_hours", "hours": hours}))
        }
        "weekdays" => {
            let mut days = texts(condition, "days");
            let week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            days.sort_by_key(|day| week.iter().position(|known| known == day));
            days.dedup();
            with(Class::Mendable, 27, json!({"code": "outside_weekdays", "days": days}))
        }
        "booking_type" => {
            with(Class::Mendable, 35, json!({"code": "other_booking_type", "booking": condition["booking"]}))
        }
        "lead_time" => {
            let (least, most) = (&condition["at_least_minutes"], &condition["at_most_minutes"]);
            let json = json!({"code": "outside_lead_time", "at_least_minutes": least, "at_most_minutes": most});
            with(Class::Mendable, 36, json)
        }
        other => panic!("`{other}` is no condition on appointments"),
    }
}
