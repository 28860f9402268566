//! A JavaScript object, read and written by name.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Any object. Not for `undefined` and `null`: see [`of`].
    #[derive(Clone)]
    pub(crate) type Record;

    #[wasm_bindgen(constructor, js_class = "Object")]
    pub(crate) fn new() -> Record;

    #[wasm_bindgen(method, structural, indexing_getter)]
    pub(crate) fn get(this: &Record, name: &str) -> JsValue;

    #[wasm_bindgen(method, structural, indexing_setter)]
    pub(crate) fn set(this: &Record, name: &str, value: &JsValue);

    #[wasm_bindgen(js_namespace = Object, js_name = keys)]
    pub(crate) fn names(of: &Record) -> js_sys::Array;
}

/// The value as an object, if it is one.
pub(crate) fn of(value: JsValue) -> Option<Record> {
    value.is_object().then(|| value.unchecked_into())
}

impl Record {
    /// The text of that name, if it is one.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    /// The object of that name, if it is one.
    pub(crate) fn record(&self, name: &str) -> Option<Self> {
        of(self.get(name))
    }

    /// The whole number of that name, if it is one that a JavaScript number holds exactly.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        let number = self.get(name).as_f64()?;
        #[expect(clippy::cast_possible_truncation, reason = "compared with the original right after")]
        let integer = number as i64;
        #[expect(clippy::cast_precision_loss, reason = "a number that was changed by it is refused")]
        let same = integer as f64 == number && integer.unsigned_abs() < 1 << 53;
        same.then_some(integer)
    }

    /// The list of that name; empty where there is none.
    pub(crate) fn list(&self, name: &str) -> js_sys::Array {
        self.get(name).dyn_into().unwrap_or_default()
    }
}
