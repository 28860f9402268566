//! The question that is measured, with any number of lines.

use std::fmt::Write as _;

use tearoff_core::ENGINE;
use tearoff_core::canonical::Canonical;
use tearoff_core::catalog::{Catalog, CatalogItem};
use tearoff_core::money::{AmountTable, Money};
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;
use tearoff_core::standalone::{EvaluationRequest, Question};

use crate::held::Held;

/// The sizes measured, in lines of the cart.
pub const LINES: [usize; 5] = [5, 20, 50, 200, 500];

/// A promotion with five conditions (its window, its weekdays, a minimum, a limit, and that it is active), 20 % off and shared out among
/// the lines of a cart, each with one date.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "the request is valid whatever the number of lines")]
pub fn request(lines: usize) -> EvaluationRequest {
    let mut cart = String::new();
    for line in 0..lines {
        let (comma, price, quantity) = (if line == 0 { "" } else { "," }, 1999 + 100 * line, 1 + line % 3);
        let _infallible = write!(
            cart,
            r#"{comma}{{"id":"i{line}","item":"p{line}","kind":"group_class","quantity":{quantity},"unit_price_minor":{price},"occurrences":[{{"start":"2026-12-01T18:00"}}]}}"#
        );
    }
    let request = format!(
        r#"{{"site":{{"currency":"EUR","zone":"Europe/Athens"}},
        "promotions":[{{"id":"prm_1","codes":["SAVE20"],"terms":{{"name":"n","kind":"coupon","label":"l",
            "benefit":{{"type":"percent","percent_bp":2000}},
            "conditions":[{{"type":"redeemable","from":"2026-01-01","until":"2026-12-31"}},{{"type":"weekdays","days":["mon","tue"]}},
                {{"type":"minimum_subtotal","amounts":[{{"currency":"EUR","amount_minor":5000}}]}}],
            "limits":{{"total":1000}}}}}}],
        "cart":{{"lines":[{cart}]}},"facts":{{"now_at":"2026-11-20T10:00:00Z","codes":["save20"]}}}}"#
    );
    serde_json::from_str(&request).expect("the request is JSON")
}

/// The cart as a page sends it.
#[must_use]
pub fn cart(lines: usize) -> CartRequest {
    request(lines).cart
}

/// The question as a page holds it.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "the request is valid whatever the number of lines")]
pub fn held(lines: usize) -> Held {
    let Question { candidates, cart, facts, .. } = Question::parse(&request(lines)).expect("the request is valid");
    let price = |amount| AmountTable::new(vec![Money { currency: cart.currency(), amount }]).expect("one currency");
    let items = cart.lines().iter().filter_map(|line| {
        let prices = price(line.slots.first()?.unit_price);
        let (id, kind) = (line.item.clone(), line.kind);
        Some(CatalogItem { id, kind, categories: Vec::new(), prices, texts: Vec::new(), on_sale: false })
    });
    let snapshot = Snapshot {
        engine: ENGINE,
        site: "site".into(),
        customer: "".into(),
        expires_at: facts.now,
        currency: cart.currency(),
        locations: Vec::new(),
        catalog: Catalog::new(items.collect()),
        candidates,
        facts,
    };
    Held { snapshot, cart }
}

/// The bytes that [`Held::read`] reads.
#[must_use]
pub fn bytes(held: &Held) -> Vec<u8> {
    [held.snapshot.to_bytes(), held.cart.to_bytes()].concat()
}
