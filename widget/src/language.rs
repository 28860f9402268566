//! Every sentence a visitor can meet, in English, made from codes and data (R64). Amounts and dates are formatted by the page's
//! locale through [`Format`].

use chrono::{DateTime, Utc};
use tearoff_core::cart::Frequency;
use tearoff_core::evaluate::Hint;
use tearoff_core::money::Money;
use tearoff_core::reason::Reason;
use tearoff_core::text::digits;
use tearoff_core::time::Weekdays;

use crate::answer::{Decided, Failure};

/// How amounts and dates are written where the visitor is.
pub(crate) trait Format {
    /// An amount with its currency.
    fn money(&self, money: Money) -> String;
    /// A day with its time.
    fn instant(&self, at: DateTime<Utc>) -> String;
}

/// The button that opens the field.
pub(crate) const OPEN: &str = "Add promo code";
/// The input's label.
pub(crate) const LABEL: &str = "Promo code";
/// The button that sends the code.
pub(crate) const APPLY: &str = "Apply code";
/// The button that takes the code out.
pub(crate) const REMOVE: &str = "×";
/// An amount that is not known yet.
pub(crate) const UNKNOWN: &str = "…";
/// While an answer is awaited.
pub(crate) const CHECKING: &str = "Checking code…";

/// Why a code is not applied, and with what it would be: the first reason, and every hint.
pub(crate) fn refusal(decided: &Decided, format: &dyn Format) -> String {
    let mut text = match decided.reasons().first() {
        None => decided.sentences().first().cloned().unwrap_or_default(),
        Some(Reason::OutsideWeekdays { .. }) if !decided.hints().is_empty() => {
            "This code is not for the day you chose.".into()
        }
        Some(reason) => sentence(reason, format),
    };
    for hint in decided.hints() {
        text.push(' ');
        match hint {
            Hint::SpendMore { amount } => push(&mut text, &["Add ", &format.money(*amount), " more."]),
            Hint::ChooseWeekday { days } => push(&mut text, &["Works on ", &weekdays(*days), "."]),
            Hint::Replace { code } => push(&mut text, &["Remove ", code, " to use it."]),
            Hint::AddUnits { count, .. } => push(&mut text, &["Add ", &digits((*count).into()), " more."]),
            Hint::ChooseDate { date } => push(&mut text, &["Works on ", &date.text(), "."]),
            Hint::ChooseTime { hours } => push(&mut text, &["Works from ", &hours.text(), "."]),
            Hint::ChooseFrequency { frequency: Frequency::OneTime } => text.push_str("Works for a single booking."),
            Hint::ChooseFrequency { .. } => text.push_str("Works for a repeating booking."),
            // What they are called is the page's to know.
            Hint::Add { .. } => text.push_str("Add something it is for."),
            Hint::TakeOut { .. } => text.push_str("It works for a smaller booking."),
        }
    }
    text
}

/// A reason with its data. Those without any are told as core tells them.
fn sentence(reason: &Reason, format: &dyn Format) -> String {
    match reason {
        Reason::NotYetActive { starts_at } => joined(&["This code is valid from ", &format.instant(*starts_at), "."]),
        Reason::OutsideWeekdays { days } => joined(&["This code is for appointments on ", &weekdays(*days), "."]),
        Reason::MinimumSpendNotMet { required, .. } => {
            joined(&["This code needs a booking of at least ", &format.money(*required), "."])
        }
        Reason::MaximumSpendExceeded { allowed, .. } => {
            joined(&["This code is for bookings of at most ", &format.money(*allowed), "."])
        }
        _ => reason.message(),
    }
}

/// A code was entered and applies.
pub(crate) fn applied(decided: &Decided, (discount, total): (Money, Money), format: &dyn Format) -> String {
    let mut text = joined(&["Code ", &decided.code, " applied."]);
    if discount.amount.is_zero() {
        push(&mut text, &[" ", decided.note.as_deref().unwrap_or_default()]);
    } else {
        push(&mut text, &[" ", &repriced((discount, total), format)]);
    }
    text
}

/// What is taken off now, and what is to pay.
pub(crate) fn repriced((discount, total): (Money, Money), format: &dyn Format) -> String {
    joined(&[&format.money(discount), " off. New total ", &format.money(total), "."])
}

/// A code no longer applies.
pub(crate) fn stopped(decided: &Decided, format: &dyn Format) -> String {
    joined(&["Code ", &decided.code, " no longer applies. ", &refusal(decided, format)])
}

/// The server's total is another than the one that was seen.
pub(crate) fn changed(before: Money, total: Money, format: &dyn Format) -> String {
    joined(&[
        "The price has changed from ",
        &format.money(before),
        " to ",
        &format.money(total),
        ". Please confirm again.",
    ])
}

/// The code was taken out.
pub(crate) fn removed(total: Option<Money>, format: &dyn Format) -> String {
    let mut text = String::from("Promo code removed.");
    if let Some(total) = total {
        push(&mut text, &[" Total ", &format.money(total), "."]);
    }
    text
}

/// No answer was to be had.
pub(crate) const fn failure(failure: &Failure) -> &'static str {
    match failure {
        Failure::Offline => "You seem to be offline. Your code is kept: please try again.",
        Failure::Busy => "Too many tries. Please wait a minute and try again, or go on without a code.",
        Failure::Unavailable | Failure::Refused(_) => {
            "Promo codes are unavailable. Please try again, or go on without a code."
        }
    }
}

/// A discount as it stands in a sum.
pub(crate) fn taken_off(discount: Money, format: &dyn Format) -> String {
    joined(&["\u{2212}", &format.money(discount)])
}

/// The accessible name of the button that takes `code` out.
pub(crate) fn remove(code: &str) -> String {
    joined(&["Remove ", code])
}

/// `Tue, Wed`.
fn weekdays(days: Weekdays) -> String {
    let mut text = String::new();
    for name in days.names() {
        text.push_str(if text.is_empty() { "" } else { ", " });
        let mut letters = name.chars();
        text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        text.push_str(letters.as_str());
    }
    text
}

fn joined(parts: &[&str]) -> String {
    parts.concat()
}

fn push(text: &mut String, parts: &[&str]) {
    text.push_str(&parts.concat());
}
