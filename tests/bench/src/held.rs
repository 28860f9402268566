//! A question that has been read, to be answered again and again.

use std::hint::black_box;

use tearoff_core::canonical::{Canonical, Malformed, Reader};
use tearoff_core::cart::Cart;
use tearoff_core::digest::Digests;
use tearoff_core::evaluate;
use tearoff_core::snapshot::Snapshot;

use crate::cart;
use crate::wire::handed_on;

/// A snapshot and a cart.
#[derive(Debug)]
pub struct Held {
    /// What the server sends to a page.
    pub snapshot: Snapshot,
    /// What the visitor is about to book.
    pub cart: Cart,
}

impl Held {
    /// Reads the canonical bytes of both, one after the other.
    ///
    /// # Errors
    /// [`Malformed`] when they are no such bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::over(bytes);
        Ok(Self { snapshot: Canonical::read(&mut reader)?, cart: Canonical::read(&mut reader)? })
    }

    /// Decides and prices so many times.
    pub fn decide(&self, times: u32) {
        for _ in 0..times {
            black_box(evaluate(&black_box(self).snapshot.evaluation(&self.cart)));
        }
    }

    /// The same, and digests of question and answer each time.
    pub fn digest(&self, times: u32) {
        for _ in 0..times {
            let evaluation = black_box(self).snapshot.evaluation(&self.cart);
            black_box(Digests::of(&evaluation, &evaluate(&evaluation)));
        }
    }

    /// All that a page's engine does when its cart has changed: reads `cart` as the widget's scripts write it, prices it with hints, makes
    /// the digests, and gives the quote for the scripts to read. Nothing for what is no cart of this snapshot.
    #[must_use]
    pub fn object(&self, cart: &[u8]) -> Vec<u8> {
        let priced = || {
            let request = cart::read(&mut Reader::over(cart));
            let cart = self.snapshot.establish(&request).ok()?;
            let quote = self.snapshot.quote(&cart);
            black_box(Digests::of(&self.snapshot.evaluation(&cart), &quote));
            Some(handed_on(&quote))
        };
        priced().unwrap_or_default()
    }
}
