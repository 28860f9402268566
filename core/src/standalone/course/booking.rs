//! Steps about the redemption.

use alloc::{format, vec::Vec};

use super::then::{Change, Record, Reverse, SwitchOff};
use super::told::{Asked, Changed, OutOfTurn, Redemption, Refused, Reversed, Told};
use super::{Course, Step, keep, out_of_turn};
use crate::id::{LineId, PromotionId};
use crate::invalid::{Fault, InvalidField};
use crate::quote::Quote;
use crate::redemption::change::{self, replace};
use crate::redemption::record::Counted;
use crate::redemption::reversal::Part;
use crate::redemption::{self, Recorded, State};
use crate::standalone::Question;
use crate::time::LocalStart;

impl Course<'_> {
    /// Records the redemption where there is none yet; else places it, for reserving again changes nothing.
    pub(super) fn begin(&mut self, step: &Record, place: bool) -> Result<Told, Refused> {
        match &self.redemption {
            None if !self.quote.decisions.iter().all(crate::quote::Decision::is_applied) => {
                Err(OutOfTurn::NotApplied { decisions: self.quote.decisions.clone() }.into())
            }
            None => {
                let recorded = record(self.question, &self.charged(), &step.by_occurrence);
                self.redemption = Some((State::first(place, self.policy.confirm_on), recorded));
                self.stands()
            }
            Some(_) if place => self.follow(redemption::Step::Place),
            Some(_) => self.stands(),
        }
    }

    pub(super) fn follow(&mut self, step: redemption::Step) -> Result<Told, Refused> {
        let Some((state, _)) = &mut self.redemption else { return out_of_turn() };
        *state = state.after(step, self.policy.confirm_on).map_err(|_| OutOfTurn::TooLate)?;
        self.stands()
    }

    fn stands(&self) -> Result<Told, Refused> {
        let Some((state, recorded)) = &self.redemption else { return out_of_turn() };
        let uses = if state.counts() { recorded.uses() } else { Vec::new() };
        Ok(Told::Redemption(Redemption { state: *state, uses, total: recorded.left() }))
    }

    pub(super) fn reverse(&mut self, step: &Reverse, field: &str) -> Step {
        let field = format!("{field}.reverse");
        let at = self.at(step.at.as_deref(), &field)?;
        let parts = step.parts.iter().enumerate().map(|(index, part)| parse(part, &format!("{field}.parts[{index}]")));
        let parts = parts.collect::<Result<Vec<Part>, _>>()?;
        let Some((state, recorded)) = &mut self.redemption else { return Ok(out_of_turn()) };
        let restore = step.restore.unwrap_or(self.policy.restore);
        let reversal = match recorded.reverse(*state, &parts, step.cause, restore, at) {
            Ok(reversal) => reversal,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        if reversal.complete {
            *state = state.reversed().unwrap_or(*state);
        }
        Ok(Ok(Told::Reversed(Reversed { state: *state, reversal })))
    }

    pub(super) fn change(&mut self, step: &Change, field: &str) -> Step {
        let field = format!("{field}.change");
        self.at(step.at.as_deref(), &field)?;
        let Some((state, recorded)) = &self.redemption else { return Ok(out_of_turn()) };
        // Who may not change the code learns nothing about another.
        if let Err(refusal) = change::check(step.by, *state) {
            return Ok(Err(refusal.into()));
        }
        let (question, quote) = self.ask(Some(&step.codes), step.at.as_deref())?;
        if !quote.decisions.iter().all(crate::quote::Decision::is_applied) {
            return Ok(Err(OutOfTurn::NotApplied { decisions: quote.decisions }.into()));
        }
        // Spent credit stays spent.
        let second = record(&question, &quote.reduced(&self.credit), &[]);
        let replacement = match replace(step.by, *state, recorded, &second) {
            Ok(replacement) => replacement,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        self.redemption = Some((replacement.second, second));
        self.quote = quote.clone();
        Ok(Ok(Told::Changed(Changed { replacement, decisions: quote.decisions })))
    }

    pub(super) fn switch_off(&mut self, step: &SwitchOff, field: &str) -> Step {
        let Some(promotion) = self.request.promotions.iter_mut().find(|known| known.id == step.promotion) else {
            let fault = (Fault::Unknown, "is none of the promotions");
            return keep(&format!("{field}.switch_off"), "promotion", Err(fault));
        };
        promotion.active = false;
        let (_, quote) = self.ask(None, None)?;
        Ok(Ok(Told::Asked(Asked { total: quote.total, decisions: quote.decisions })))
    }
}

fn record(question: &Question, quote: &Quote, by_occurrence: &[alloc::string::String]) -> Recorded {
    let counted = |promotion: &PromotionId| {
        let by_occurrence = by_occurrence.iter().any(|id| id == promotion.as_str());
        if by_occurrence { Counted::Occurrence } else { Counted::Redemption }
    };
    Recorded::of(&question.evaluation(), quote, counted)
}

fn parse(part: &super::then::Part, field: &str) -> Result<Part, Vec<InvalidField>> {
    let start = part.start.as_deref().map(|start| keep(field, "start", LocalStart::parse(start)));
    Ok(Part {
        line: keep(field, "line", LineId::parse(&part.line))?,
        start: start.transpose()?,
        quantity: part.quantity,
    })
}
