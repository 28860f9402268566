//! A quote as the host page sees it.

use web_sys::wasm_bindgen::JsValue;

use crate::answer::Source;
use crate::record;

/// The quote as a JavaScript value, the same whoever made it.
pub(crate) fn value(source: &Source) -> JsValue {
    record::from_json(&match source {
        Source::Page { quote, .. } => serde_json::to_string(&**quote).unwrap_or_default(),
        Source::Server(json) => json.0.to_string(),
    })
}
