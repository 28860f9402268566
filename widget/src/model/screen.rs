//! What there is to be seen: the model as pieces and sayings, for the page to put into words and to draw.

use std::rc::Rc;

use tearoff_core::money::Money;

use super::{Check, Holding, Model, Said, State};
use crate::answer::{Decided, Failure, Priced, Status, Told};

/// All that the field shows.
#[derive(Debug, PartialEq)]
pub(crate) struct Screen {
    /// What the field is in.
    pub(crate) shown: Shown,
    /// What it consists of.
    pub(crate) piece: Piece,
    /// What the live region says.
    pub(crate) status: Saying,
}

/// The states, for style and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The button alone.
    Closed,
    /// The form.
    Open,
    /// An answer is awaited.
    Checking,
    /// The code applies.
    Applied,
    /// A fact is missing.
    Waiting,
    /// The code does not apply.
    Rejected,
    /// No answer was to be had.
    Offline,
}

/// The field in one of its three shapes.
#[derive(Debug, PartialEq)]
pub(crate) enum Piece {
    /// The button that opens it.
    Button,
    /// The form.
    Form {
        /// Whether an answer is awaited.
        busy: bool,
        /// Why the code was refused.
        error: Saying,
    },
    /// The code that is applied or waiting.
    Card {
        /// The code as it is shown.
        code: Rc<str>,
        /// The promotion's label, or what is missing.
        text: Saying,
        /// What it takes off.
        amount: Saying,
        /// What the visitor should know.
        note: Saying,
    },
}

/// Something to be said in the visitor's language (R64): what, and the data it needs.
#[derive(Debug, PartialEq)]
pub(crate) enum Saying {
    /// Nothing.
    Nothing,
    /// The owner's own words.
    Text(Rc<str>),
    /// Why a code is not applied, and with what it would be.
    Refusal(Told),
    /// A discount as it stands in a sum.
    TakenOff(Money),
    /// An amount that is not known yet.
    Unknown,
    /// The server's total is another than the one that was seen.
    Changed {
        /// What was seen.
        before: Money,
        /// What it is.
        total: Money,
    },
    /// A code was entered and applies.
    Applied {
        /// The code.
        code: Rc<str>,
        /// What it takes off.
        discount: Money,
        /// What is to pay.
        total: Money,
        /// The promotion's note, told where nothing is taken off.
        note: Rc<str>,
    },
    /// The code takes another amount off.
    Repriced {
        /// What it takes off.
        discount: Money,
        /// What is to pay.
        total: Money,
    },
    /// A code no longer applies.
    Stopped {
        /// The code.
        code: Rc<str>,
        /// Why.
        told: Told,
    },
    /// The code was taken out.
    Removed,
    /// An answer is awaited.
    Checking,
    /// No answer was to be had.
    Failed(Failure),
}

impl Model {
    /// What there is to be seen now.
    pub(crate) fn screen(&self) -> Screen {
        let (shown, piece) = match &self.state {
            State::Closed => (Shown::Closed, Piece::Button),
            State::Open => (Shown::Open, form(false, None)),
            State::Offline(_) => (Shown::Offline, form(false, None)),
            State::Checking(Check { before: None, .. }) => (Shown::Checking, form(true, None)),
            State::Checking(Check { before: Some(decided), .. }) if decided.status != Status::Rejected => {
                (Shown::Checking, card(decided, None, Saying::Nothing))
            }
            State::Checking(Check { before: Some(decided), .. }) => (Shown::Rejected, form(false, Some(&decided.told))),
            State::Decided(holding) => self.decided(holding),
        };
        Screen { shown, piece, status: self.status() }
    }

    fn decided(&self, Holding { decided, quote, .. }: &Holding) -> (Shown, Piece) {
        match decided.status {
            Status::Applied => {
                let changed = match (self.said, quote) {
                    (Said::Changed { before }, Some(quote)) => {
                        Saying::Changed { before, total: quote.money(quote.total) }
                    }
                    _ => Saying::Nothing,
                };
                (Shown::Applied, card(decided, quote.as_deref(), changed))
            }
            Status::Waiting => (Shown::Waiting, card(decided, None, Saying::Nothing)),
            Status::Rejected => (Shown::Rejected, form(false, Some(&decided.told))),
        }
    }

    fn status(&self) -> Saying {
        match (&self.state, self.said) {
            (State::Checking(Check { before: None, .. }), _) => Saying::Checking,
            (State::Offline(failure), _) => Saying::Failed(failure.clone()),
            (State::Decided(holding), said) => status_of(holding, said),
            (_, Said::Removed) => Saying::Removed,
            _ => Saying::Nothing,
        }
    }
}

fn form(busy: bool, error: Option<&Told>) -> Piece {
    Piece::Form { busy, error: error.map_or(Saying::Nothing, |told| Saying::Refusal(told.clone())) }
}

fn card(decided: &Decided, quote: Option<&Priced>, changed: Saying) -> Piece {
    let is_applied = decided.status == Status::Applied;
    let text = if is_applied { Saying::Text(decided.label.clone()) } else { Saying::Refusal(decided.told.clone()) };
    let amount = match quote {
        None if is_applied => Saying::Unknown,
        Some(quote) if !decided.discount.is_zero() => Saying::TakenOff(quote.money(decided.discount)),
        _ => Saying::Nothing,
    };
    let note = match changed {
        Saying::Nothing => Saying::Text(decided.note.clone()),
        changed => changed,
    };
    Piece::Card { code: decided.code.clone(), text, amount, note }
}

fn status_of(Holding { decided, quote, .. }: &Holding, said: Said) -> Saying {
    let (code, told) = (decided.code.clone(), decided.told.clone());
    let totals = quote.as_ref().map(|quote| (quote.money(decided.discount), quote.money(quote.total)));
    match (said, totals) {
        (Said::Answer, Some((discount, total))) if decided.status == Status::Applied => {
            Saying::Applied { code, discount, total, note: decided.note.clone() }
        }
        (Said::Answer, _) => Saying::Refusal(told),
        (Said::Repriced, Some((discount, total))) => Saying::Repriced { discount, total },
        (Said::Stopped, _) => Saying::Stopped { code, told },
        (Said::Changed { before }, Some((_, total))) => Saying::Changed { before, total },
        _ => Saying::Nothing,
    }
}
