//! Which occurrences of the cart a promotion fits: scope, then the conditions that must all hold for the same one (R19 to R27, R35,
//! R36), then how many of them it keeps (R31, R38, R44).

use alloc::vec::Vec;

use super::Evaluation;
use super::eligibility::touches_unpaid;
use super::remaining::Remaining;
use crate::cart::{Cart, Frequency, Line, Slot};
use crate::facts::Facts;
use crate::order::sort;
use crate::promotion::condition::{BookingType, LeadTime};
use crate::promotion::{Condition, Scope, Terms};
use crate::reason::Reason;
use crate::time::{DailyRange, Edge, LocalStart};

/// What a promotion makes of one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Its line is out of scope.
    Untouched,
    /// A condition fails.
    Fails,
    /// None fails, but one needs something that is not known yet.
    Undecided,
    /// All hold.
    Fits,
}

/// What a promotion makes of all slots, in the order of [`Remaining`].
#[derive(Debug)]
pub(super) struct Judged {
    slots: Vec<Fit>,
    /// Whether an undecided one lacks its date, or its time.
    pub(super) lacks_date: bool,
    /// Whether it is not known how often an undecided one is booked.
    pub(super) lacks_frequency: bool,
}

/// What one condition makes of one slot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Holds,
    Fails,
    NoDate,
    NoFrequency,
}

impl Judged {
    pub(super) fn has(&self, fit: Fit) -> bool {
        self.slots.contains(&fit)
    }

    pub(super) fn has_touched(&self) -> bool {
        self.slots.iter().any(|fit| *fit != Fit::Untouched)
    }

    pub(super) fn slots(&self) -> &[Fit] {
        &self.slots
    }

    pub(super) fn into_fits(self) -> Vec<bool> {
        self.slots.into_iter().map(|fit| fit == Fit::Fits).collect()
    }

    /// Which slots fit or may yet do so.
    pub(super) fn possible(&self) -> Vec<bool> {
        self.slots.iter().map(|fit| matches!(fit, Fit::Fits | Fit::Undecided)).collect()
    }

    /// Notes what the conditions make of one slot.
    fn fit(&mut self, verdicts: impl Iterator<Item = Verdict>) -> Fit {
        let (mut no_date, mut no_frequency) = (false, false);
        for verdict in verdicts {
            match verdict {
                Verdict::Holds => {}
                Verdict::NoDate => no_date = true,
                Verdict::NoFrequency => no_frequency = true,
                Verdict::Fails => return Fit::Fails,
            }
        }
        self.lacks_date |= no_date;
        self.lacks_frequency |= no_frequency;
        if no_date || no_frequency { Fit::Undecided } else { Fit::Fits }
    }
}

/// The reason that a condition on occurrences fails with.
fn reason(condition: &Condition) -> Option<Reason> {
    Some(match condition {
        Condition::AppointmentWindow { window } => Reason::OutsideAppointmentWindow { window: *window },
        Condition::AppointmentHours { hours } => Reason::OutsideAppointmentHours { hours: *hours },
        Condition::Weekdays { days } => Reason::OutsideWeekdays { days: *days },
        Condition::BookingType { booking } => Reason::OtherBookingType { booking: *booking },
        Condition::LeadTime { lead } => Reason::OutsideLeadTime { lead: *lead },
        _ => return None,
    })
}

/// What slots are judged by: a scope and the conditions of the terms. Lines that do not take place at a time lie outside conditions on
/// appointments (R27): they are not touched by the promotion's own scope, and not held to them in another.
struct Rules<'a> {
    terms: &'a Terms,
    scope: &'a Scope,
    facts: &'a Facts,
    /// Whether any condition is on appointments.
    timed: bool,
    hours: Option<&'a DailyRange>,
}

impl<'a> Rules<'a> {
    fn new(terms: &'a Terms, scope: &'a Scope, facts: &'a Facts) -> Self {
        let hours = terms.conditions.iter().find_map(|condition| match condition {
            Condition::AppointmentHours { hours } => Some(hours),
            _ => None,
        });
        let timed = terms.conditions.iter().any(|condition| asks(condition, facts));
        Self { terms, scope, facts, timed, hours }
    }

    fn touch(&self, line: &Line) -> bool {
        let is_own = core::ptr::eq(self.scope, &raw const self.terms.scope);
        self.scope.contains(line)
            && (line.paid || touches_unpaid(self.terms))
            && (!self.timed || line.kind.is_appointment() || !is_own)
    }

    /// What each condition that speaks of the slot makes of it.
    fn verdicts(&self, line: &Line, slot: &Slot) -> impl Iterator<Item = Verdict> {
        let asked = |condition: &&Condition| line.kind.is_appointment() && asks(condition, self.facts);
        let asked = self.terms.conditions.iter().filter(asked);
        asked.map(|condition| meets(condition, line, slot, self.hours, self.facts))
    }
}

/// Whether a site with these facts asks a condition of occurrences.
fn asks(condition: &Condition, facts: &Facts) -> bool {
    match condition {
        Condition::BookingType { .. } => facts.policy.has_frequency,
        // Only an appointment can be the first.
        Condition::FirstAppointment => true,
        condition => facts.policy.has_dates && condition.is_of_dates(),
    }
}

/// Judges every slot of the cart by a scope and by the conditions of the terms.
pub(super) fn judge_slots(terms: &Terms, scope: &Scope, evaluation: &Evaluation<'_>) -> Judged {
    let rules = Rules::new(terms, scope, evaluation.facts);
    let lines = evaluation.cart.lines();
    let mut judged = Judged { slots: Vec::with_capacity(lines.len()), lacks_date: false, lacks_frequency: false };
    for line in lines {
        let touched = rules.touch(line);
        for slot in &line.slots {
            let fit = if touched { judged.fit(rules.verdicts(line, slot)) } else { Fit::Untouched };
            judged.slots.push(fit);
        }
    }
    judged
}

/// Why no slot fits the terms: the conditions that none meets; all of them, where each is met by some slot but not by the same one.
pub(super) fn failures(terms: &Terms, evaluation: &Evaluation<'_>) -> Vec<Reason> {
    let rules = Rules::new(terms, &terms.scope, evaluation.facts);
    let lines = || evaluation.cart.lines().iter().filter(|line| rules.touch(line));
    let slots = || lines().flat_map(|line| line.slots.iter().map(move |slot| (line, slot)));
    let touched = slots().count();
    let fails = |condition: &Condition, (line, slot): &(&Line, &Slot)| {
        meets(condition, line, slot, rules.hours, evaluation.facts) == Verdict::Fails
    };
    let on = |least: usize| -> Vec<Reason> {
        let asked = terms.conditions.iter().filter(|condition| asks(condition, evaluation.facts));
        let failed = asked.filter(|condition| slots().filter(|slot| fails(condition, slot)).count() >= least);
        failed.filter_map(reason).collect()
    };
    let by_all = on(touched);
    if by_all.is_empty() { on(1) } else { by_all }
}

/// Whether one slot meets one condition on occurrences.
fn meets(condition: &Condition, line: &Line, slot: &Slot, hours: Option<&DailyRange>, facts: &Facts) -> Verdict {
    let holds = |holds: bool| if holds { Verdict::Holds } else { Verdict::Fails };
    let known = |known: Option<bool>| known.map_or(Verdict::NoDate, holds);
    match (condition, slot.start) {
        (Condition::BookingType { booking }, _) => match (line.frequency, booking) {
            (None, _) => Verdict::NoFrequency,
            (Some(Frequency::OneTime), booking) => holds(*booking == BookingType::OneTime),
            (Some(Frequency::Recurring | Frequency::OpenEnded), booking) => holds(*booking == BookingType::Recurring),
        },
        // Which is the first can be told only of those that have a date, where there are any.
        (Condition::FirstAppointment, start) => {
            if start.is_none() && facts.policy.has_dates {
                Verdict::NoDate
            } else {
                Verdict::Holds
            }
        }
        (condition, None) => {
            if condition.is_of_dates() {
                Verdict::NoDate
            } else {
                Verdict::Holds
            }
        }
        (Condition::AppointmentWindow { window }, Some(start)) => known(window.contains(start)),
        (Condition::AppointmentHours { hours }, Some(start)) => {
            known(start.time().map(|time| hours.day_of(start.date().and_time(time)).is_some()))
        }
        (Condition::Weekdays { days }, Some(start)) => known(start.is_within(*days, hours)),
        (Condition::LeadTime { lead }, Some(start)) => known(lead_holds(*lead, start, line, facts)),
        _ => Verdict::Holds,
    }
}

/// Whether the appointment is so long from now; `None` where it has no time yet.
fn lead_holds(lead: LeadTime, start: LocalStart, line: &Line, facts: &Facts) -> Option<bool> {
    let local = start.date().and_time(start.time()?);
    let clock = facts.offsets(line.location.as_ref())?;
    let Some(instant) = clock.instant(local, Edge::Start) else {
        // Clocks are known from yesterday to years ahead: what lies outside is over, or further away than any bound.
        return Some(local > clock.local(facts.now)? && lead.at_most.is_none());
    };
    let ahead = instant.timestamp_millis().saturating_sub(facts.now.timestamp_millis());
    let minutes = |count: u32| i64::from(count).saturating_mul(MILLISECONDS_A_MINUTE);
    // What has begun is neither early nor last-minute.
    Some(
        ahead >= 0
            && lead.at_least.is_none_or(|least| ahead >= minutes(least))
            && lead.at_most.is_none_or(|most| ahead <= minutes(most)),
    )
}

const MILLISECONDS_A_MINUTE: i64 = 60_000;

/// Keeps the first so many of each line (R38). The slots of a line stand in the order of their starts.
pub(super) fn keep_first(fits: &mut [bool], count: u32, cart: &Cart) {
    let mut fits = fits.iter_mut();
    for line in cart.lines() {
        let mut open = count;
        for fits in fits.by_ref().take(line.slots.len()).filter(|fits| **fits) {
            *fits = open > 0;
            open = open.saturating_sub(1);
        }
    }
}

/// Keeps the earliest so many of the whole cart, by start, then by line id (R31, R44).
pub(super) fn keep_earliest(fits: &mut [bool], count: u32, remaining: &Remaining<'_>) {
    let mut order: Vec<usize> = (0..fits.len()).filter(|index| fits.get(*index) == Some(&true)).collect();
    let start = |index: usize| remaining.places.get(index).map(|place| place.slot.start);
    sort(&mut order, &|one, two| start(one).cmp(&start(two)).then_with(|| remaining.by_line(one, two)));
    for index in order.into_iter().skip(usize::try_from(count).unwrap_or(usize::MAX)) {
        if let Some(fits) = fits.get_mut(index) {
            *fits = false;
        }
    }
}
