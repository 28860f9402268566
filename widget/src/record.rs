//! JavaScript's own values: objects read and written by name, and functions.

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

    #[wasm_bindgen(method, structural, indexing_setter)]
    pub(crate) fn set_text(this: &Record, name: &str, text: &str);

    #[wasm_bindgen(js_namespace = Object, js_name = keys)]
    fn names(of: &Record) -> js_sys::Array;

    #[wasm_bindgen(js_namespace = JSON, js_name = stringify, catch)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse(json: &str) -> Result<JsValue, JsValue>;
}

/// The value as an object, if it is one.
pub(crate) fn of(value: JsValue) -> Option<Record> {
    value.is_object().then(|| value.unchecked_into())
}

/// A value as JSON; empty for what has no JSON.
pub(crate) fn to_json(value: &JsValue) -> String {
    stringify(value).ok().flatten().unwrap_or_default()
}

/// The value that a JSON stands for; `undefined` for what is no JSON.
pub(crate) fn from_json(json: &str) -> JsValue {
    parse(json).unwrap_or_default()
}

/// A function of one argument. All of ours are of this kind, so that one way into the widget serves them all. It is freed once the
/// browser has forgotten it.
pub(crate) fn function(call: impl FnMut(JsValue) -> JsValue + 'static) -> JsValue {
    let call: Box<dyn FnMut(JsValue) -> JsValue> = Box::new(call);
    Closure::wrap(call).into_js_value()
}

/// A function that does something once, however often it is called.
pub(crate) fn once(call: impl FnOnce(JsValue) + 'static) -> JsValue {
    let mut call = Some(call);
    function(move |argument| {
        if let Some(call) = call.take() {
            call(argument);
        }
        JsValue::UNDEFINED
    })
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

    /// The objects in the list of that name; empty where there is none.
    pub(crate) fn list(&self, name: &str) -> Vec<Self> {
        let list: js_sys::Array = self.get(name).dyn_into().unwrap_or_default();
        (0..list.length()).filter_map(|index| of(list.get(index))).collect()
    }

    /// Whether it has no other names than these.
    pub(crate) fn has_only(&self, known: &[&str]) -> bool {
        let names = names(self);
        let is_known = |name: JsValue| name.as_string().is_some_and(|name| known.contains(&name.as_str()));
        (0..names.length()).all(|index| is_known(names.get(index)))
    }
}
