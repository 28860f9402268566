//! The field as it stands in the shadow root: a function of the [`Screen`], drawn with Leptos. Same pieces, classes, parts and names
//! as the loader's shell, see `www/loader/tearoff.js`.
//!
//! Drawn with plain builders: the `view!` macro puts its static parts in with `innerHTML`, which Trusted Types forbid. What happens
//! in the field is heard by the listeners of [`crate::effect`]: one set for all pieces, which come and go.

pub(crate) mod takeover;

use leptos::either::EitherOf3;
use leptos::html::{button, div, form, input, label, p, span};
use leptos::prelude::*;

use crate::language;
use crate::model::{Piece, Screen};

/// The element with class and part of that name.
macro_rules! named {
    ($element:expr, $name:literal) => {
        $element.attr("class", $name).attr("part", $name)
    };
}

/// The field as `screen` has it.
pub(crate) fn field(screen: &Screen) -> impl Render<State: 'static> + use<> {
    let content = match screen.piece.clone() {
        Piece::Button => EitherOf3::A(open_button()),
        Piece::Form { busy, error, .. } => EitherOf3::B(code_form(busy, error)),
        Piece::Card { code, text, amount, note } => EitherOf3::C(card(code, text, amount, note)),
    };
    named!(div(), "field").attr("data-state", screen.state).child(content)
}

fn open_button() -> impl IntoView {
    named!(button(), "open toggle").attr("aria-expanded", "false").child(language::OPEN)
}

/// Label, input, button, and why the code was refused. While an answer is awaited nothing is disabled, which would lose the focus:
/// the input is read-only and the button says that it is busy. The input's text is not drawn: it is the visitor's.
fn code_form(busy: bool, error: Option<String>) -> impl IntoView {
    let yes = |holds: bool| holds.then_some("true");
    named!(form(), "form").attr("aria-busy", yes(busy)).child((
        named!(label(), "label").attr("for", "code").child(language::LABEL),
        named!(input(), "input")
            .attr("id", "code")
            .attr("autocomplete", "off")
            .attr("spellcheck", "false")
            .attr("readonly", yes(busy))
            .attr("aria-invalid", yes(error.is_some()))
            .attr("aria-describedby", error.is_some().then_some("error")),
        named!(button(), "apply button").attr("aria-disabled", yes(busy)).child(language::APPLY),
        error.map(|error| named!(p(), "error").attr("id", "error").child(error)),
    ))
}

/// The code that is applied or waiting: what it is or waits for, what it takes off, and the button that takes it out.
fn card(code: String, text: String, amount: Option<String>, note: Option<String>) -> impl IntoView {
    let remove = language::remove(&code);
    (
        // It takes the focus once a code is applied: a second press of Enter must not take the code out again.
        named!(div(), "applied").attr("role", "group").attr("tabindex", "-1").child((
            named!(span(), "code").child(code),
            named!(span(), "text").child(text),
            amount.map(|amount| named!(span(), "amount").child(amount)),
            named!(button(), "remove").attr("aria-label", remove).child(language::REMOVE),
        )),
        note.map(|note| named!(p(), "note").child(note)),
    )
}
