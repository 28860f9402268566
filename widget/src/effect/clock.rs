//! The page's clocks, its ways to wait, and its source of random keys.

use js_sys::{Date, Uint8Array};
use web_sys::wasm_bindgen::prelude::*;

use crate::model::Moment;
use crate::record;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn monotonic() -> f64;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &JsValue, milliseconds: u32);

    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(then: &JsValue);

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_random(bytes: &Uint8Array);
}

/// The present moment.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds since a page or an epoch began")]
pub(super) fn now() -> Moment {
    Moment { monotonic: monotonic() as i64, wall: Date::now() as i64 }
}

/// Does something after the present task.
pub(super) fn soon(then: impl FnOnce() + 'static) {
    queue_microtask(&record::once(move |_| then()));
}

/// Does something later.
pub(super) fn later(milliseconds: u32, then: impl FnOnce() + 'static) {
    set_timeout(&record::once(move |_| then()), milliseconds);
}

/// A key nobody else has: 16 random bytes as JavaScript prints them, numbers and commas. (`crypto.randomUUID` is not there for pages
/// without TLS.)
pub(super) fn fresh_key() -> String {
    let bytes = Uint8Array::new_with_length(16);
    fill_with_random(&bytes);
    bytes.to_string().into()
}
