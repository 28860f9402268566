//! What core reads of a cart: strictly, since a name that is passed over would be a wrong price.
//!
//! Prices, kinds and categories are left unread. They are claims, which the server judges; where they count, it does all the
//! pricing.

use tearoff_core::request::{CartRequest, LineRequest, OccurrenceRequest};

use crate::record::Record;

const CART: [&str; 2] = ["currency", "lines"];
const LINE: [&str; 8] = ["id", "item", "quantity", "location", "occurrences", "unit_price_minor", "kind", "categories"];
const OCCURRENCE: [&str; 2] = ["start", "unit_price_minor"];

/// Reads a cart.
///
/// # Errors
/// Names the first field that is wrong.
pub(super) fn read(cart: &Record) -> Result<CartRequest, String> {
    check(cart, &CART)?;
    let lines = cart.list("lines").iter().map(line).collect::<Result<_, _>>()?;
    Ok(CartRequest { currency: cart.text("currency"), lines })
}

fn line(line: &Record) -> Result<LineRequest, String> {
    check(line, &LINE)?;
    let occurrence = |occurrence: &Record| {
        check(occurrence, &OCCURRENCE)?;
        Ok(OccurrenceRequest { start: occurrence.text("start").unwrap_or_default(), unit_price_minor: None })
    };
    let quantity = line.get("quantity");
    Ok(LineRequest {
        id: line.text("id").unwrap_or_default(),
        item: line.text("item").unwrap_or_default(),
        // A quantity that is no number is no quantity at all, which core refuses.
        quantity: (!quantity.is_undefined()).then(|| line.integer("quantity").unwrap_or_default()),
        location: line.text("location"),
        occurrences: line.list("occurrences").iter().map(occurrence).collect::<Result<_, String>>()?,
        ..LineRequest::default()
    })
}

fn check(record: &Record, known: &[&str]) -> Result<(), String> {
    match record.unknown_name(known) {
        None => Ok(()),
        Some(name) => Err(["the cart has an unknown field `", &name, "`"].concat()),
    }
}
