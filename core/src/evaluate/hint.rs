//! Small changes with which a code would apply (R65): proposed from the reason, tried by evaluating, told only if it then applied.

use alloc::{boxed::Box, vec::Vec};
use serde::Serialize;

use super::{Evaluation, evaluate};
use crate::canonical::{Canonical, canonical_enum};
use crate::cart::{Cart, Frequency, Line, sort_slots};
use crate::facts::Facts;
use crate::id::LineId;
use crate::money::Money;
use crate::promotion::Selector;
use crate::promotion::condition::BookingType;
use crate::quote::{Decision, Quote};
use crate::reason::{Class, Reason};
use crate::time::{DailyRange, LocalStart, Weekdays, days_from};

/// One change that helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Hint {
    /// Spend this much more on what is in the cart.
    SpendMore {
        /// How much.
        amount: Money,
    },
    /// Move the appointments to one of these days.
    ChooseWeekday {
        /// Each of them works.
        days: Weekdays,
    },
    /// Use this code instead of the one that is in the way.
    Replace {
        /// The code to take out.
        code: Box<str>,
    },
    /// Take so many more of what is in the cart.
    AddUnits {
        /// Of which line.
        line: LineId,
        /// How many more.
        count: u32,
    },
    /// Put something into the cart that it is for.
    Add {
        /// What.
        #[serde(flatten)]
        what: Selector,
    },
    /// Take a line out.
    TakeOut {
        /// Which.
        line: LineId,
    },
    /// Move the appointments to this date.
    ChooseDate {
        /// On the venue's calendar.
        date: LocalStart,
    },
    /// Let the appointments start at this time of day.
    ChooseTime {
        /// The hours that work.
        #[serde(flatten)]
        hours: DailyRange,
    },
    /// Book this often.
    ChooseFrequency {
        /// How often.
        frequency: Frequency,
    },
}

// For a page to hand on; no digest holds a hint.
canonical_enum!(Hint {
    0 => SpendMore { amount },
    1 => ChooseWeekday { days },
    2 => Replace { code },
    3 => AddUnits { line, count },
    4 => Add { what },
    5 => TakeOut { line },
    6 => ChooseDate { date },
    7 => ChooseTime { hours },
    8 => ChooseFrequency { frequency },
});

/// The hints for one decision: none where it is applied, where more than one thing is amiss, or where no change helps.
pub(super) fn find(evaluation: &Evaluation<'_>, quote: &Quote, index: usize) -> Vec<Hint> {
    let Some(decision) = quote.decisions.get(index) else { return Vec::new() };
    let [reason] = decision.reasons() else { return Vec::new() };
    if reason.class_and_rule().0 != Class::Mendable {
        return Vec::new();
    }
    let attempt = Attempt { evaluation, decision };
    let hint = match reason {
        Reason::MinimumSpendNotMet { required, actual } => attempt.spend_more(required, actual),
        Reason::MaximumSpendExceeded { .. } | Reason::TooManyLines { .. } => attempt.take_out(),
        Reason::MinimumQuantityNotMet { required, actual } => attempt.add_units(required.saturating_sub(*actual)),
        Reason::NoEligibleLines => attempt.add(),
        Reason::OutsideWeekdays { days } => attempt.choose_weekday(*days),
        Reason::OutsideAppointmentWindow { window } => attempt.choose_date([window.from(), window.until()]),
        Reason::OutsideAppointmentHours { hours } => attempt.choose_time(*hours),
        Reason::OutsideLeadTime { lead } => attempt.choose_lead([lead.at_least, lead.at_most]),
        Reason::OtherBookingType { booking } => attempt.choose_frequency(*booking),
        Reason::NotCombinable { with } => attempt.replace(with),
        _ => None,
    };
    hint.into_iter().collect()
}

/// A decision and the question it came from, to be asked again with a change.
struct Attempt<'a> {
    evaluation: &'a Evaluation<'a>,
    decision: &'a Decision,
}

impl Attempt<'_> {
    fn applies(&self, cart: &Cart, facts: &Facts) -> bool {
        let changed = evaluate(&Evaluation { candidates: self.evaluation.candidates, cart, facts });
        changed.decisions.iter().any(|decision| self.is_same(decision) && decision.is_applied())
    }

    fn is_same(&self, decision: &Decision) -> bool {
        decision.code == self.decision.code && decision.promotion == self.decision.promotion
    }

    /// Tries one more line like each of those in the cart, at the price that is missing.
    fn spend_more(&self, required: &Money, actual: &Money) -> Option<Hint> {
        let gap = required.amount.minus(actual.amount).ok()?;
        let cart = self.evaluation.cart;
        let more = |like: &Line| {
            let mut line = one_more(like);
            for slot in &mut line.slots {
                (slot.unit_price, slot.subtotal) = (gap, gap);
            }
            cart.with_line(line)
        };
        let works = |like: &Line| self.works(more(like));
        let helps = !gap.is_zero() && cart.lines().iter().take(LINES_TRIED).any(works);
        helps.then_some(Hint::SpendMore { amount: Money { currency: required.currency, amount: gap } })
    }

    /// The cart with every appointment moved.
    fn moved(&self, to: &dyn Fn(LocalStart) -> Option<LocalStart>) -> Option<Cart> {
        self.evaluation.cart.map_lines(&|line| {
            let mut line = line.clone();
            for slot in line.slots.iter_mut().filter(|_| line.kind.is_appointment()) {
                let Some(start) = slot.start else { continue };
                slot.start = Some(to(start)?);
            }
            sort_slots(&mut line.slots);
            Some(line)
        })
    }

    /// The cart with every appointment moved, if no line then takes place twice at the same time.
    fn moved_apart(&self, to: &dyn Fn(LocalStart) -> Option<LocalStart>) -> Option<Cart> {
        let apart = |line: &Line| line.slots.is_sorted_by(|one, two| one.start < two.start);
        self.moved(to).filter(|cart| cart.lines().iter().all(apart))
    }

    fn works(&self, cart: Option<Cart>) -> bool {
        cart.is_some_and(|cart| self.applies(&cart, self.evaluation.facts))
    }

    /// Tries to move every appointment to each of the days.
    fn choose_weekday(&self, days: Weekdays) -> Option<Hint> {
        let to = |day: chrono::Weekday| self.moved(&|start| start.later(u64::from(day.days_since(start.weekday()))));
        let all = [0_u8, 1, 2, 3, 4, 5, 6].into_iter().filter_map(|day| chrono::Weekday::try_from(day).ok());
        let days = Weekdays::of(all.filter(|day| days.contains(*day)).filter(|day| self.works(to(*day))))?;
        Some(Hint::ChooseWeekday { days })
    }

    /// Tries to move every appointment to one of these dates, or to a day beside it.
    fn choose_date(&self, near: [Option<LocalStart>; 2]) -> Option<Hint> {
        let today = self.evaluation.facts.today()?;
        for near in near.into_iter().flatten().map(|near| near.date()) {
            for days in [0, 1, -1] {
                let Some(date) = days_from(near, days) else { continue };
                if date >= today && self.works(self.moved_apart(&|start| start.on(date))) {
                    return Some(Hint::ChooseDate { date: LocalStart::of_date(date) });
                }
            }
        }
        None
    }

    /// Tries the dates that are so many minutes from now, and those beside them.
    fn choose_lead(&self, minutes: [Option<u32>; 2]) -> Option<Hint> {
        let today = self.evaluation.facts.today()?;
        let ahead = |minutes: u32| days_from(today, i32::try_from(minutes / MINUTES_A_DAY).ok()?);
        self.choose_date(minutes.map(|minutes| minutes.and_then(ahead).map(LocalStart::of_date)))
    }

    fn choose_time(&self, hours: DailyRange) -> Option<Hint> {
        let helps = self.works(self.moved_apart(&|start| Some(start.at(hours.from()))));
        helps.then_some(Hint::ChooseTime { hours })
    }

    fn choose_frequency(&self, booking: BookingType) -> Option<Hint> {
        let frequency = match booking {
            BookingType::OneTime => Frequency::OneTime,
            BookingType::Recurring => Frequency::Recurring,
        };
        let change = |line: &Line| {
            let mut line = line.clone();
            line.frequency = Some(frequency);
            Some(line)
        };
        self.works(self.evaluation.cart.map_lines(&change)).then_some(Hint::ChooseFrequency { frequency })
    }

    /// Tries more units of each line in turn.
    fn add_units(&self, missing: u32) -> Option<Hint> {
        let cart = self.evaluation.cart;
        let more = |id: &LineId| {
            cart.map_lines(&|line| if line.id == *id { line.with_more(missing) } else { Some(line.clone()) })
        };
        let line = cart.lines().iter().take(LINES_TRIED).find(|line| self.works(more(&line.id)))?;
        Some(Hint::AddUnits { line: line.id.clone(), count: missing })
    }

    /// Tries the cart without each of its lines in turn.
    fn take_out(&self) -> Option<Hint> {
        let cart = self.evaluation.cart;
        let line = cart.lines().iter().take(LINES_TRIED).find(|line| self.works(cart.without(&line.id)))?;
        Some(Hint::TakeOut { line: line.id.clone() })
    }

    /// Tries one more line of each thing that the promotion names, beside what is there.
    fn add(&self) -> Option<Hint> {
        let (cart, promotion) = (self.evaluation.cart, self.decision.promotion.as_ref()?);
        let terms = &self.evaluation.candidates.iter().find(|found| found.terms.promotion == *promotion)?.terms;
        let like = cart.lines().first()?;
        let with = |what: &Selector| {
            let mut line = one_more(like);
            line.categories.clear();
            line.discounted = false;
            match what {
                Selector::Kind { kind } => line.kind = *kind,
                Selector::Category { category } => line.categories.push(category.clone()),
                Selector::Item { item } => line.item = item.clone(),
            }
            cart.with_line(line)
        };
        let what = terms.scope.include.iter().take(LINES_TRIED).find(|what| self.works(with(what)))?;
        Some(Hint::Add { what: what.clone() })
    }

    fn replace(&self, with: &str) -> Option<Hint> {
        // A copy by way of its bytes, which a page can read and write anyway: it needs no other code to copy facts.
        let mut facts = Facts::from_bytes(&self.evaluation.facts.to_bytes()).ok()?;
        facts.entered.retain(|entered| *entered.code != *with);
        self.applies(self.evaluation.cart, &facts).then(|| Hint::Replace { code: with.into() })
    }
}

/// A line of one unit like another, on its first date.
fn one_more(like: &Line) -> Line {
    let mut line = like.clone();
    line.id = LineId::added("more", 0);
    line.quantity = 1;
    line.slots.truncate(1);
    for slot in &mut line.slots {
        slot.subtotal = slot.unit_price;
    }
    line
}

/// How many lines a hint tries to copy: enough to meet one in scope, few enough to stay quick.
const LINES_TRIED: usize = 20;
const MINUTES_A_DAY: u32 = 24 * 60;
