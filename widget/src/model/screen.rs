//! What there is to be seen: the model in words, for the view to draw.

use super::{Check, Holding, Model, Said, State};
use crate::answer::{Decided, Priced, Status};
use crate::language::{self, Format};

/// All that the field shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    /// The name of the state, for style and tests: `closed`, `open`, `checking`, `applied`, `waiting`, `rejected`, `offline`.
    pub(crate) state: &'static str,
    /// What the field consists of.
    pub(crate) piece: Piece,
    /// What the live region says.
    pub(crate) status: String,
}

/// The field in one of its three shapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The button that opens it.
    Button,
    /// The form.
    Form {
        /// What stands in the input.
        value: String,
        /// Whether an answer is awaited.
        busy: bool,
        /// Why the code was refused.
        error: Option<String>,
    },
    /// The code that is applied or waiting.
    Card {
        /// The code as it is shown.
        code: String,
        /// The promotion's label, or what is missing.
        text: String,
        /// What it takes off.
        amount: Option<String>,
        /// What the visitor should know.
        note: Option<String>,
    },
}

impl Model {
    /// What there is to be seen now.
    pub(crate) fn screen(&self, format: &dyn Format) -> Screen {
        let (state, piece) = match &self.state {
            State::Closed => ("closed", Piece::Button),
            State::Open => ("open", self.form(false, None)),
            State::Offline(_) => ("offline", self.form(false, None)),
            State::Checking(Check { before: None, .. }) => ("checking", self.form(true, None)),
            State::Checking(Check { before: Some(decided), .. }) if decided.status == Status::Rejected => {
                ("rejected", self.form(false, Some(language::refusal(decided, format))))
            }
            State::Checking(Check { before: Some(decided), .. }) => ("checking", card(decided, None, None, format)),
            State::Decided(holding) => self.decided(holding, format),
        };
        Screen { state, piece, status: self.status(format) }
    }

    fn form(&self, busy: bool, error: Option<String>) -> Piece {
        Piece::Form { value: self.typed.clone(), busy, error }
    }

    fn decided(&self, holding: &Holding, format: &dyn Format) -> (&'static str, Piece) {
        let decided = &holding.decided;
        match decided.status {
            Status::Applied => {
                let changed = match (self.said, &holding.quote) {
                    (Said::Changed { before }, Some(quote)) => {
                        Some(language::changed(before, quote.money(quote.total), format))
                    }
                    _ => None,
                };
                ("applied", card(decided, holding.quote.as_deref(), changed, format))
            }
            Status::Waiting => ("waiting", card(decided, None, None, format)),
            Status::Rejected => ("rejected", self.form(false, Some(language::refusal(decided, format)))),
        }
    }

    fn status(&self, format: &dyn Format) -> String {
        match (&self.state, self.said) {
            (State::Checking(Check { before: None, .. }), _) => language::CHECKING.into(),
            (State::Offline(failure), _) => language::failure(failure).into(),
            (State::Decided(holding), said) => status_of(holding, said, format),
            (_, Said::Removed { total }) => language::removed(total, format),
            _ => String::new(),
        }
    }
}

fn card(decided: &Decided, quote: Option<&Priced>, changed: Option<String>, format: &dyn Format) -> Piece {
    let text = match decided.status {
        Status::Applied => decided.label.clone().unwrap_or_default(),
        Status::Waiting | Status::Rejected => language::refusal(decided, format),
    };
    let amount = match quote {
        None if decided.status == Status::Applied => Some(language::UNKNOWN.into()),
        Some(quote) if !decided.discount.is_zero() => Some(language::taken_off(quote.money(decided.discount), format)),
        _ => None,
    };
    let note = changed.or_else(|| decided.note.clone());
    Piece::Card { code: decided.code.clone(), text, amount, note }
}

fn status_of(holding: &Holding, said: Said, format: &dyn Format) -> String {
    let Holding { decided, quote, .. } = holding;
    let totals = quote.as_ref().map(|quote| (quote.money(decided.discount), quote.money(quote.total)));
    match (said, totals) {
        (Said::Answer, Some(totals)) if decided.status == Status::Applied => language::applied(decided, totals, format),
        (Said::Answer, _) => language::refusal(decided, format),
        (Said::Repriced, Some(totals)) => language::repriced(totals, format),
        (Said::Stopped, _) => language::stopped(decided, format),
        (Said::Changed { before }, Some((_, total))) => language::changed(before, total, format),
        _ => String::new(),
    }
}
