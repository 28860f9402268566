//! JSON: written by serde, read by the browser.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::answer::Json;

/// A value as JSON. Nothing of ours fails to become it.
pub(crate) fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The value a text stands for; `undefined` for what is no JSON.
pub(crate) fn read(text: &str) -> JsValue {
    js_sys::JSON::parse(text).unwrap_or_default()
}

/// What the server sent, as the text it came as.
pub(crate) fn keep(value: &JsValue) -> Json {
    Json(js_sys::JSON::stringify(value).map(String::from).unwrap_or_default().into())
}
