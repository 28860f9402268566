//! Decides and prices. Pure: equal input, equal answer, on every target.

mod eligibility;
mod hint;
mod lanes;
mod later;
mod occurrences;
mod pricing;
mod remaining;
pub mod trace;
mod units;

use alloc::{vec, vec::Vec};

pub use hint::Hint;

use crate::cart::Cart;
use crate::facts::{Candidate, Entered, Facts};
use crate::id::PromotionId;
use crate::promotion::{Disclosure, Terms};
use crate::quote::{Decision, Outcome, Quote};
use crate::reason::{Class, Reason};
use lanes::Run;
use trace::Observer;

/// One question: these candidates, this cart, these facts.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation<'a> {
    /// The promotions that may act, each once: those that need no code, and those of the codes entered. A code entered for none of
    /// them is unknown.
    pub candidates: &'a [Candidate],
    /// The cart.
    pub cart: &'a Cart,
    /// What else is known.
    pub facts: &'a Facts,
}

/// Decides on every code entered and on all that acts without one, and prices the cart.
#[must_use]
pub fn evaluate(evaluation: &Evaluation<'_>) -> Quote {
    observe(evaluation, &mut ())
}

/// Adds hints to what was not applied (R65): each is a small change that was tried and made the code apply.
pub fn explain(evaluation: &Evaluation<'_>, quote: &mut Quote) {
    for index in 0..quote.decisions.len() {
        let hints = hint::find(evaluation, quote, index);
        if let Some(decision) = quote.decisions.get_mut(index) {
            decision.hints = hints;
        }
    }
}

/// The order of work: which of the codes entered may act together (R48); then, lane by lane, each is judged and priced on what the
/// lanes before it left, and takes the place of what acts without a code (R49, R50).
fn observe<O: Observer>(evaluation: &Evaluation<'_>, observer: &mut O) -> Quote {
    let (admitted, decided) = admit(evaluation, observer);
    let mut run = Run::new(evaluation, &admitted, decided);
    run.through_lanes(observer);
    run.into_quote(observer)
}

/// Which of the codes entered act: in the order entered, each that applies together with those before it, as many as a cart may have.
/// The others are decided on by what was entered before them.
fn admit<O: Observer>(evaluation: &Evaluation<'_>, observer: &mut O) -> (Vec<bool>, Vec<Option<Decision>>) {
    let entered = &evaluation.facts.entered;
    let known: Vec<bool> = entered.iter().map(|entered| evaluation.find(entered).is_some()).collect();
    let mut decided = undecided(evaluation);
    // A code alone is in nobody's way.
    if known.iter().filter(|known| **known).count() <= 1 {
        return (known, decided);
    }
    let mut admitted = Vec::with_capacity(entered.len());
    for (index, is_known) in known.into_iter().enumerate() {
        let full =
            admitted.iter().filter(|admitted| **admitted).count() >= usize::from(evaluation.facts.policy.codes_max);
        admitted.push(is_known && !full);
        if is_known && !full {
            let tried = pass(evaluation, &admitted, &mut ());
            let is_applied = |decision: &Option<Decision>| decision.as_ref().is_some_and(Decision::is_applied);
            if tried.iter().zip(&admitted).all(|(decision, wanted)| !wanted || is_applied(decision)) {
                continue;
            }
        }
        if let Some(last) = admitted.last_mut() {
            *last = false;
        }
        if !is_known {
            continue;
        }
        let promotion = entered.get(index).and_then(|entered| entered.promotion.as_ref());
        let mut found = pass(evaluation, &admitted, &mut observer.narrow(promotion));
        if let (Some(place), Some(found)) = (decided.get_mut(index), found.get_mut(index)) {
            *place = found.take();
        }
    }
    (admitted, decided)
}

fn undecided(evaluation: &Evaluation<'_>) -> Vec<Option<Decision>> {
    evaluation.facts.entered.iter().map(|_| None).collect()
}

/// What becomes of each code where those that are admitted act.
fn pass<O: Observer>(evaluation: &Evaluation<'_>, admitted: &[bool], observer: &mut O) -> Vec<Option<Decision>> {
    let mut run = Run::new(evaluation, admitted, undecided(evaluation));
    run.through_lanes(observer);
    run.into_decisions()
}

impl<'a> Evaluation<'a> {
    /// On which slots of the cart a candidate acts where it applies, line by line, by start within a line: those in its scope that meet
    /// its conditions, the earliest that its limits bear (R44). On none, where it is no candidate.
    #[must_use]
    pub fn acted_on(&self, promotion: &PromotionId) -> Vec<bool> {
        let candidate = self.candidates.iter().find(|candidate| candidate.terms.promotion == *promotion);
        candidate.map(|candidate| eligibility::kept(candidate, self)).unwrap_or_default()
    }

    /// The promotion that a code unlocks.
    fn find(&self, entered: &Entered) -> Option<&'a Candidate> {
        let promotion = entered.promotion.as_ref()?;
        self.candidates.iter().find(|candidate| candidate.terms.promotion == *promotion)
    }
}

fn applied(entered: Option<&Entered>, terms: Option<&Terms>, outcome: Outcome) -> Decision {
    Decision {
        code: entered.map(|entered| entered.code.clone()),
        promotion: terms.map(|terms| terms.promotion.clone()),
        label: terms.map(|terms| terms.label.clone()),
        note: terms.and_then(|terms| terms.note.clone()),
        outcome,
        hints: Vec::new(),
    }
}

/// The terms that a refusal may speak of: a private promotion tells what an unknown code tells (R65).
fn disclosed(terms: &Terms) -> Option<&Terms> {
    Some(terms).filter(|terms| terms.disclosure == Disclosure::Open)
}

/// Reasons in the order of R64. There are few, so each is put where it belongs.
fn told_in_order(reasons: Vec<Reason>) -> Vec<Reason> {
    let mut told: Vec<Reason> = Vec::with_capacity(reasons.len());
    for reason in reasons {
        let key = reason.class_and_rule();
        let place = told.iter().take_while(|before| before.class_and_rule() <= key).count();
        told.insert(place, reason);
    }
    told
}

/// What does not apply: waiting when only facts are missing, else rejected. Reasons are told in the order of R64.
fn refused(entered: Option<&Entered>, terms: Option<&Terms>, mut reasons: Vec<Reason>) -> Decision {
    let mut code = entered.map(|entered| entered.code.clone());
    if terms.is_none() {
        // Its owner's spelling would tell a private code from an unknown one.
        code = code.map(|code| Entered::unknown(&code).code);
        reasons = vec![Reason::UnknownCode];
    }
    reasons = told_in_order(reasons);
    let waits = reasons.iter().all(|reason| reason.class_and_rule().0 == Class::Missing);
    Decision {
        code,
        promotion: terms.map(|terms| terms.promotion.clone()),
        label: terms.map(|terms| terms.label.clone()),
        note: None,
        outcome: if waits { Outcome::Waiting { reasons } } else { Outcome::Rejected { reasons } },
        hints: Vec::new(),
    }
}
