//! Decides and prices. Pure: equal input, equal answer, on every target.

mod eligibility;
mod hint;
mod pricing;
mod remaining;
pub mod trace;

use alloc::{boxed::Box, vec, vec::Vec};

pub use hint::Hint;

use crate::cart::Cart;
use crate::facts::{Candidate, Entered, Facts};
use crate::promotion::{Disclosure, Terms};
use crate::quote::{Decision, Outcome, Quote};
use crate::reason::{Class, Reason};
use eligibility::judge;
use remaining::Remaining;
use trace::{Observer, Step};

/// One question: these candidates, this cart, these facts.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation<'a> {
    /// The promotions that may act, each once; a code entered for none of them is unknown.
    pub candidates: &'a [Candidate],
    /// The cart.
    pub cart: &'a Cart,
    /// What else is known.
    pub facts: &'a Facts,
}

/// Decides on every code entered and prices the cart.
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

/// The order of work: each code in the order entered is judged (conditions, then eligible lines), priced on what earlier ones
/// left, and refused where one before it holds the place (R48).
fn observe<O: Observer>(evaluation: &Evaluation<'_>, observer: &mut O) -> Quote {
    let mut remaining = Remaining::of(evaluation.cart);
    let mut decisions = Vec::with_capacity(evaluation.facts.entered.len());
    let mut holder: Option<Box<str>> = None;
    for entered in &evaluation.facts.entered {
        let Some(candidate) = find(evaluation.candidates, entered) else {
            decisions.push(refused(entered, None, vec![Reason::UnknownCode]));
            continue;
        };
        let terms = &candidate.terms;
        let taken = holder.clone().map(|with| Reason::NotCombinable { with });
        let decision = match (judge(candidate, evaluation.cart, evaluation.facts, observer), taken) {
            // All reasons are told (R64), so that mending one does not uncover the next.
            (Err(reasons), taken) => refused(entered, disclosed(terms), reasons.into_iter().chain(taken).collect()),
            // It would apply, so entering it alone would show it too: a private promotion may say what is in the way.
            (Ok(_), Some(taken)) => refused(entered, Some(terms), vec![taken]),
            (Ok(eligible), None) => {
                let shares = pricing::price(&terms.benefit, &eligible, &remaining, evaluation, observer);
                holder = Some(entered.code.clone());
                applied(entered, terms, remaining.take(evaluation.cart, &shares))
            }
        };
        observer.note(|| Step::decided(&decision));
        decisions.push(decision);
    }
    remaining.into_quote(evaluation.cart, decisions)
}

fn find<'a>(candidates: &'a [Candidate], entered: &Entered) -> Option<&'a Candidate> {
    let promotion = entered.promotion.as_ref()?;
    candidates.iter().find(|candidate| candidate.terms.promotion == *promotion)
}

fn applied(entered: &Entered, terms: &Terms, outcome: Outcome) -> Decision {
    Decision {
        code: entered.code.clone(),
        promotion: Some(terms.promotion.clone()),
        label: Some(terms.label.clone()),
        note: terms.note.clone(),
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
        let place = told.iter().take_while(|before| before.class_and_rule() <= reason.class_and_rule()).count();
        told.insert(place, reason);
    }
    told
}

/// A code that does not apply: waiting when only facts are missing, else rejected. Reasons are told in the order of R64.
fn refused(entered: &Entered, terms: Option<&Terms>, mut reasons: Vec<Reason>) -> Decision {
    let mut code = entered.code.clone();
    if terms.is_none() {
        // Its owner's spelling would tell a private code from an unknown one.
        code = Entered::unknown(&code).code;
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
