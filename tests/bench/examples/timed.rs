//! Core as a page runs it, to be timed: a question is read once and answered again and again.

use tearoff_bench::held::Held;
use wasm_bindgen::prelude::*;

/// A question that has been read.
#[derive(Debug)]
#[wasm_bindgen]
pub struct Question(Held);

#[wasm_bindgen]
impl Question {
    /// Reads a snapshot and a cart, in canonical bytes; `undefined` when they are none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Held::read(bytes).ok().map(Self)
    }

    /// Decides and prices so many times.
    pub fn decide(&self, times: u32) {
        self.0.decide(times);
    }

    /// The same with digests.
    pub fn digest(&self, times: u32) {
        self.0.digest(times);
    }

    /// All that a page's engine does when its cart has changed, see [`Held::object`].
    #[must_use]
    pub fn object(&self, cart: &[u8]) -> Vec<u8> {
        self.0.object(cart)
    }
}
