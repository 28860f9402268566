//! What goes into a module and what comes out, the same for modules that do different things in between: so that the difference of
//! their sizes is the weight of what they do.

use tearoff_core::canonical::{Canonical, Reader, Writer};
use tearoff_core::cart::Cart;
use tearoff_core::digest::Digests;
use tearoff_core::quote::Quote;
use tearoff_core::snapshot::Snapshot;

use crate::cart;

/// What a module does in between: with a question, and an answer that was given with it.
pub type Work = fn(&Snapshot, &Cart, Quote) -> (Quote, Option<Digests>);

/// Reads snapshot, cart and quote from bytes, as the widget does, and works on them. Gives the quote as the widget hands it on, then
/// the canonical bytes of snapshot and cart with the digest, if one was made; nothing for what cannot be read.
#[must_use]
pub fn answer(snapshot: &[u8], cart: &[u8], quote: &[u8], work: Work) -> Vec<u8> {
    let worked = || {
        let snapshot = Snapshot::read(snapshot).ok()?;
        let request = cart::read(&mut Reader::over(cart));
        let cart = snapshot.establish(&request).ok()?;
        let (quote, digests) = work(&snapshot, &cart, Quote::from_bytes(quote).ok()?);
        // All that was read is written, so that no module can leave out reading a part.
        let mut written = [handed_on(&quote), snapshot.to_bytes(), cart.to_bytes()].concat();
        if let Some(digests) = digests {
            written.extend(digests.evaluation.as_bytes());
        }
        Some(written)
    };
    worked().unwrap_or_default()
}

/// A quote as the widget hands it on: its canonical bytes, then each decision's hints.
pub(crate) fn handed_on(quote: &Quote) -> Vec<u8> {
    let mut out = Writer::default();
    quote.write(&mut out);
    quote.decisions.iter().for_each(|decision| out.list(&decision.hints));
    out.bytes().to_vec()
}
