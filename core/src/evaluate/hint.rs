//! Small changes with which a code would apply (R65): proposed from the reason, tried by evaluating, told only if it then applied.

use alloc::{boxed::Box, vec::Vec};
use serde::Serialize;

use super::{Evaluation, evaluate};
use crate::cart::{Cart, Line, Slot};
use crate::facts::Facts;
use crate::id::LineId;
use crate::money::Money;
use crate::quote::{Decision, Quote};
use crate::reason::{Class, Reason};
use crate::time::Weekdays;

/// One change that helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
}

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
        Reason::OutsideWeekdays { days } => attempt.choose_weekday(*days),
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
        changed.decisions.iter().any(|decision| decision.code == self.decision.code && decision.is_applied())
    }

    /// Tries one more line like each of those in the cart, at the price that is missing.
    fn spend_more(&self, required: &Money, actual: &Money) -> Option<Hint> {
        let gap = required.amount.minus(actual.amount).ok()?;
        let cart = self.evaluation.cart;
        let id = LineId::parse("~more").ok()?;
        let more = |like: &Line| {
            let start = like.slots.first().and_then(|slot| slot.start);
            let slots = [Slot { start, unit_price: gap, subtotal: gap }].into();
            cart.with_line(Line { id: id.clone(), quantity: 1, slots, ..like.clone() })
        };
        let works = |like: &Line| more(like).is_some_and(|cart| self.applies(&cart, self.evaluation.facts));
        let helps = !gap.is_zero() && cart.lines().iter().take(LINES_TRIED).any(works);
        helps.then_some(Hint::SpendMore { amount: Money { currency: required.currency, amount: gap } })
    }

    /// Tries to move every appointment to each of the days.
    fn choose_weekday(&self, days: Weekdays) -> Option<Hint> {
        let moved = |day: chrono::Weekday| {
            self.evaluation.cart.map_lines(|line| {
                let mut line = line.clone();
                for slot in line.slots.iter_mut().filter(|_| line.kind.is_appointment()) {
                    let Some(start) = slot.start else { continue };
                    slot.start = Some(start.later(u64::from(day.days_since(start.weekday())))?);
                }
                Some(line)
            })
        };
        let works = |day: &chrono::Weekday| moved(*day).is_some_and(|cart| self.applies(&cart, self.evaluation.facts));
        let all = [0_u8, 1, 2, 3, 4, 5, 6].into_iter().filter_map(|day| chrono::Weekday::try_from(day).ok());
        let days = Weekdays::of(all.filter(|day| days.contains(*day)).filter(works))?;
        Some(Hint::ChooseWeekday { days })
    }

    fn replace(&self, with: &str) -> Option<Hint> {
        let mut facts = self.evaluation.facts.clone();
        facts.entered.retain(|entered| *entered.code != *with);
        self.applies(self.evaluation.cart, &facts).then(|| Hint::Replace { code: with.into() })
    }
}

/// How many lines a hint tries to copy: enough to meet one in scope, few enough to stay quick.
const LINES_TRIED: usize = 20;
