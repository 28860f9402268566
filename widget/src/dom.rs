//! Calls to the page that the standards let fail, and that cannot as they are made here: with names, selectors and ranges that are
//! known.
//!
//! web-sys takes each of them for one that may throw, and catching at every call what is never thrown is a kilobyte of the widget.

use wasm_bindgen::prelude::*;
use web_sys::{Element, NodeList};

use crate::record::Record;

#[wasm_bindgen]
extern "C" {
    /// An element, a shadow root, a document, a window or an observer: see [`of`].
    pub(crate) type Dom;

    #[wasm_bindgen(method, js_name = querySelector)]
    pub(crate) fn find(this: &Dom, selector: &str) -> Option<Element>;

    #[wasm_bindgen(method, js_name = querySelectorAll)]
    pub(crate) fn find_all(this: &Dom, selector: &str) -> NodeList;

    #[wasm_bindgen(method, js_name = createElement)]
    pub(crate) fn create(this: &Dom, tag: &str) -> Element;

    #[wasm_bindgen(method, js_name = replaceWith)]
    pub(crate) fn replace_with(this: &Dom, other: &Element);

    #[wasm_bindgen(method, js_name = toggleAttribute)]
    pub(crate) fn set_present(this: &Dom, attribute: &str, present: bool);

    #[wasm_bindgen(method)]
    pub(crate) fn focus(this: &Dom, options: &Record);

    #[wasm_bindgen(method, getter, js_name = selectionStart)]
    pub(crate) fn selection_start(this: &Dom) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = selectionEnd)]
    pub(crate) fn selection_end(this: &Dom) -> Option<u32>;

    #[wasm_bindgen(method, js_name = setSelectionRange)]
    pub(crate) fn select(this: &Dom, start: u32, end: u32);

    #[wasm_bindgen(method, js_name = addEventListener)]
    pub(crate) fn listen(this: &Dom, kind: &str, listener: &JsValue);

    #[wasm_bindgen(method, js_name = removeEventListener)]
    pub(crate) fn stop_listening(this: &Dom, kind: &str, listener: &JsValue);

    #[wasm_bindgen(method, js_name = dispatchEvent)]
    pub(crate) fn dispatch(this: &Dom, event: &Notification);

    /// An event of ours.
    pub(crate) type Notification;

    #[wasm_bindgen(constructor, js_class = "CustomEvent")]
    pub(crate) fn new(kind: &str, options: &Record) -> Notification;

    /// Tells when the page changes.
    pub(crate) type Observer;

    #[wasm_bindgen(constructor, js_class = "MutationObserver")]
    pub(crate) fn new(changed: &JsValue) -> Observer;

    #[wasm_bindgen(method)]
    pub(crate) fn observe(this: &Observer, target: &JsValue, options: &Record);

    #[wasm_bindgen(method)]
    pub(crate) fn disconnect(this: &Observer);
}

/// The same thing, for these calls.
pub(crate) fn of<T: JsCast>(thing: &T) -> &Dom {
    thing.unchecked_ref()
}
