//! What core reads of a cart, as `widget/js/cart.js` writes it.

use tearoff_core::canonical::{Canonical, Reader};
use tearoff_core::request::{CartRequest, LineRequest, OccurrenceRequest};

/// A cart. Prices, kinds and categories are not among what is read: they are claims, which the server judges.
pub(crate) fn read(from: &mut Reader<'_>) -> CartRequest {
    CartRequest { currency: optional_text(from), lines: list(from, line) }
}

fn line(from: &mut Reader<'_>) -> LineRequest {
    LineRequest {
        id: from.text().into(),
        item: from.text().into(),
        quantity: optional::<u32>(from).map(i64::from),
        location: optional_text(from),
        occurrences: list(from, |from| OccurrenceRequest { start: from.text().into(), unit_price_minor: None }),
        frequency: optional(from),
        ..LineRequest::default()
    }
}

fn list<T>(from: &mut Reader<'_>, one: fn(&mut Reader<'_>) -> T) -> Vec<T> {
    let mut all = Vec::new();
    for _ in 0..from.unsigned() {
        if from.has_failed() {
            break;
        }
        all.push(one(from));
    }
    all
}

fn optional<T: Canonical>(from: &mut Reader<'_>) -> Option<T> {
    Canonical::take(from)
}

fn optional_text(from: &mut Reader<'_>) -> Option<String> {
    optional::<Box<str>>(from).map(String::from)
}
