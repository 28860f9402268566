//! The page's clocks, its ways to wait, and its source of random keys.

use js_sys::Date;
use web_sys::wasm_bindgen::closure::Closure;
use web_sys::wasm_bindgen::prelude::*;

use crate::model::Moment;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn monotonic() -> f64;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &JsValue, milliseconds: u32);

    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(then: &JsValue);

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_random(bytes: &mut [u8]);
}

/// The present moment.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds since a page or an epoch began")]
pub(super) fn now() -> Moment {
    Moment { monotonic: monotonic() as i64, wall: Date::now() as i64 }
}

/// Does something after the present task.
pub(super) fn soon(then: impl FnOnce() + 'static) {
    queue_microtask(&once(Box::new(then)));
}

/// Does something later.
pub(super) fn later(milliseconds: u32, then: impl FnOnce() + 'static) {
    set_timeout(&once(Box::new(then)), milliseconds);
}

fn once(then: Box<dyn FnOnce()>) -> JsValue {
    Closure::once_into_js(then)
}

/// A key nobody else has: 128 random bits in hexadecimal digits.
pub(super) fn fresh_key() -> String {
    let mut bytes = [0; 16];
    fill_with_random(&mut bytes);
    let mut key = String::new();
    for byte in bytes {
        for value in [byte >> 4, byte & 15] {
            key.extend(char::from_digit(u32::from(value), 16));
        }
    }
    key
}
