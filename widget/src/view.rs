//! The field as it stands in the shadow root: a function of its [`Texts`], drawn with Leptos. Same pieces, classes, parts and names
//! as the loader's shell, see `www/loader/tearoff.js`.
//!
//! Drawn with plain builders: the `view!` macro puts its static parts in with `innerHTML`, which Trusted Types forbid. What happens
//! in the field is heard by `widget/js/field.js`: one set of listeners for all pieces, which come and go.

use leptos::either::EitherOf3;
use leptos::html::{button, div, form, input, label, p, span};
use leptos::prelude::*;
use tearoff_core::canonical::{Canonical, Reader};

/// The element with class and part of that name.
macro_rules! named {
    ($element:expr, $name:literal) => {
        $element.attr("class", $name).attr("part", $name)
    };
}

/// The field as the bytes have it: the name of its state, then its piece with its texts.
pub(crate) fn field(bytes: &[u8]) -> impl Render<State: 'static> + use<> {
    let mut reader = Reader::over(bytes);
    let from = &mut reader;
    let state = text(from);
    let content = match from.unsigned() {
        0 => EitherOf3::A(open_button(text(from))),
        1 => EitherOf3::B(code_form(bool::take(from), text(from), text(from), shown(from))),
        _ => EitherOf3::C(card(text(from), text(from), shown(from), text(from), shown(from))),
    };
    named!(div(), "field").attr("data-state", state).child(content)
}

fn text(from: &mut Reader<'_>) -> String {
    from.text().into()
}

/// A text that is shown where there is one.
fn shown(from: &mut Reader<'_>) -> Option<String> {
    Some(text(from)).filter(|text| !text.is_empty())
}

fn open_button(open: String) -> impl IntoView {
    named!(button(), "open toggle").attr("aria-expanded", "false").child(open)
}

/// Label, input, button, and why the code was refused. While an answer is awaited nothing is disabled, which would lose the focus:
/// the input is read-only and the button says that it is busy. The input's text is not drawn: it is the visitor's.
fn code_form(busy: bool, name: String, apply: String, error: Option<String>) -> impl IntoView {
    let yes = |holds: bool| holds.then_some("true");
    named!(form(), "form").attr("aria-busy", yes(busy)).child((
        named!(label(), "label").attr("for", "code").child(name),
        named!(input(), "input")
            .attr("id", "code")
            .attr("autocomplete", "off")
            .attr("spellcheck", "false")
            .attr("readonly", yes(busy))
            .attr("aria-invalid", yes(error.is_some()))
            .attr("aria-describedby", error.is_some().then_some("error")),
        named!(button(), "apply button").attr("aria-disabled", yes(busy)).child(apply),
        error.map(|error| named!(p(), "error").attr("id", "error").child(error)),
    ))
}

/// The code that is applied or waiting: what it is or waits for, what it takes off, and the button that takes it out.
fn card(code: String, about: String, amount: Option<String>, remove: String, note: Option<String>) -> impl IntoView {
    (
        // It takes the focus once a code is applied: a second press of Enter must not take the code out again.
        named!(div(), "applied").attr("role", "group").attr("tabindex", "-1").child((
            named!(span(), "code").child(code),
            named!(span(), "text").child(about),
            amount.map(|amount| named!(span(), "amount").child(amount)),
            named!(button(), "remove").attr("aria-label", remove).child("×"),
        )),
        note.map(|note| named!(p(), "note").child(note)),
    )
}
