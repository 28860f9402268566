//! What core reads of a cart: strictly, since a name that is passed over would be a wrong price.
//!
//! Prices, kinds and categories are left unread. They are claims, which the server judges; where they count, it does all the
//! pricing.

use tearoff_core::cart::Frequency;
use tearoff_core::request::{CartRequest, LineRequest, OccurrenceRequest};

use web_sys::wasm_bindgen::JsValue;

use crate::record::Record;

const CART: [&str; 2] = ["currency", "lines"];
const LINE: [&str; 9] =
    ["id", "item", "quantity", "location", "occurrences", "frequency", "unit_price_minor", "kind", "categories"];
const OCCURRENCE: [&str; 2] = ["start", "unit_price_minor"];
const FREQUENCIES: [Frequency; 3] = [Frequency::OneTime, Frequency::Recurring, Frequency::OpenEnded];

/// Reads a cart; `None` where it has a field of another name, or a frequency that is none.
pub(super) fn read(cart: &Record) -> Option<CartRequest> {
    let lines = cart.list("lines").iter().map(line).collect::<Option<_>>()?;
    cart.has_only(&CART).then(|| CartRequest { currency: cart.text("currency"), lines })
}

fn line(line: &Record) -> Option<LineRequest> {
    let start = |occurrence: &Record| occurrence.text("start").filter(|_| occurrence.has_only(&OCCURRENCE));
    let occurrence =
        |occurrence: &Record| Some(OccurrenceRequest { start: start(occurrence)?, unit_price_minor: None });
    let occurrences = line.list("occurrences").iter().map(occurrence).collect::<Option<_>>()?;
    let quantity = line.get("quantity");
    let frequency = match line.get("frequency") {
        // Not chosen, or no choice (R35).
        value if value.loose_eq(&JsValue::NULL) => None,
        value => Some(value.as_string().and_then(|name| FREQUENCIES.into_iter().find(|known| known.name() == name))?),
    };
    line.has_only(&LINE).then(|| LineRequest {
        id: line.text("id").unwrap_or_default(),
        item: line.text("item").unwrap_or_default(),
        // A quantity that is no number is no quantity at all, which core refuses.
        quantity: (!quantity.loose_eq(&JsValue::NULL)).then(|| line.integer("quantity").unwrap_or_default()),
        location: line.text("location"),
        occurrences,
        frequency,
        ..LineRequest::default()
    })
}
