//! What goes into a module and what comes out, the same for modules that do different things in between: so that the difference of
//! their sizes is the weight of what they do.

use js_sys::{Array, Uint8Array};
use tearoff_core::canonical::Canonical;
use tearoff_core::cart::Cart;
use tearoff_core::digest::Digests;
use tearoff_core::quote::Quote;
use tearoff_core::snapshot::Snapshot;
use wasm_bindgen::JsValue;

use crate::{cart, record, write};

/// What a module does in between: with a question, and an answer that was given with it.
pub type Work = fn(&Snapshot, &Cart, Quote) -> (Quote, Option<Digests>);

/// Reads a snapshot and a quote from canonical bytes and the cart from a JavaScript object, as the widget does, and works on them.
/// Gives the quote as an object, and the canonical bytes of snapshot and cart with the digest, if one was made; `undefined` for what
/// cannot be read.
#[must_use]
pub fn answer(snapshot: &[u8], cart: JsValue, quote: &[u8], work: Work) -> JsValue {
    let worked = || {
        let snapshot = Snapshot::read(snapshot).ok()?;
        let request = cart::read(&record::of(cart)?)?;
        let cart = snapshot.establish(&request).ok()?;
        let (quote, digests) = work(&snapshot, &cart, Quote::from_bytes(quote).ok()?);
        // All that was read is written, so that no module can leave out reading a part.
        let mut written = [snapshot.to_bytes(), cart.to_bytes()].concat();
        if let Some(digests) = digests {
            written.extend(digests.evaluation.as_bytes());
        }
        let quote = record::from_json(&write::quote(&quote));
        Some(Array::of2(&quote, &Uint8Array::from(written.as_slice())).into())
    };
    worked().unwrap_or_default()
}
