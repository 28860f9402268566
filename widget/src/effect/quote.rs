//! A quote as the host page sees it.

mod write;

use web_sys::wasm_bindgen::JsValue;

use crate::answer::Source;
use crate::record;

/// The quote as a JavaScript value, the same whoever made it.
pub(crate) fn value(source: &Source) -> JsValue {
    match source {
        Source::Page { quote, .. } => record::from_json(&write::quote(quote)),
        Source::Server(json) => record::from_json(&json.0),
    }
}
