//! The widget of one element as the loader holds it: an object whose methods these are.

use js_sys::Promise;
use web_sys::wasm_bindgen::JsValue;

use super::{Shell, promises, quote};
use crate::model::{Event, RemovedBy};
use crate::record::{self, Record};

/// The handle of `shell`.
///
/// - `update()`: the host has set the element's `cart` or `customer`.
/// - `apply(code)`: a promise, kept with the quote whatever was decided, and broken when there is no answer.
/// - `remove(code?)`: takes the code out, if there is one (and it is `code`, where that is given); says whether there was.
/// - `quote()`: the quote for the cart as it is, if there is one.
/// - `reserve({order, customer?})`: records the code's use for an order. The promise is kept with the redemption, or with `null` when
///   no code applies; it is broken with an `Error` that carries `code`, and `quote` or `reasons` where the server gave any. A code that
///   was typed and not sent off is checked first: `quote_changed` or `code_not_applied` tells that the field now says what became of it.
/// - `unmount()`: nothing is watched or drawn any more. Answers the code that was there.
pub(crate) fn new(shell: Shell) -> Record {
    let handle = Record::new();
    let method = |name: &str, call: fn(Shell, JsValue) -> JsValue| {
        handle.set(name, &record::function(move |argument| call(shell, argument)));
    };
    method("update", |shell, _| {
        shell.host_changed();
        JsValue::UNDEFINED
    });
    method("apply", |shell, code| shell.apply(code.as_string().unwrap_or_default()).into());
    method("remove", |shell, code| {
        let present = shell.model().has_code(code.as_string().as_deref());
        if present {
            shell.happen(Event::Removed(RemovedBy::Host));
        }
        present.into()
    });
    method("quote", |shell, _| shell.model().quote().map_or(JsValue::UNDEFINED, quote::value));
    method("reserve", reserve);
    method("unmount", |shell, _| {
        let code = shell.model().code().map_or(JsValue::UNDEFINED, JsValue::from);
        shell.leave();
        code
    });
    handle
}

fn reserve(shell: Shell, options: JsValue) -> JsValue {
    let options = record::of(options).unwrap_or_else(Record::new);
    let promise = match options.text("order") {
        Some(order) => shell.reserve(order, options.get("customer")),
        None => Promise::reject(&promises::error("invalid_request", "`order` is missing")),
    };
    promise.into()
}
