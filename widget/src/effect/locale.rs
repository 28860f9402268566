//! Amounts and dates as the page's language writes them.

use chrono::{DateTime, Utc};
use tearoff_core::money::Money;
use web_sys::wasm_bindgen::prelude::*;

use crate::language::Format;
use crate::record::Record;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;

    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new(locale: Option<&str>, options: &Record) -> Result<NumberFormat, JsValue>;

    /// Takes the number as text: a decimal passed on digit by digit is never rounded.
    #[wasm_bindgen(method)]
    fn format(this: &NumberFormat, number: &str) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;

    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Record) -> DateTimeFormat;

    #[wasm_bindgen(method, js_name = format)]
    fn format(this: &DateTimeFormat, milliseconds: f64) -> String;
}

/// The language the page says it is in.
pub(crate) struct Locale;

impl Format for Locale {
    fn money(&self, money: Money) -> String {
        let currency = money.currency.code();
        let options = Record::new();
        options.set_text("style", "currency");
        options.set_text("currency", currency);
        let language = super::page::language();
        // A page may name a language that is none; then the browser's own is taken.
        let format = NumberFormat::new(language.as_deref(), &options).or_else(|_| NumberFormat::new(None, &options));
        format.map_or_else(|_| money.text(), |format| format.format(&money.decimal()))
    }

    /// In English, as the sentences around it, and in the visitor's own time zone.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of the years 1970 to 9999")]
    fn instant(&self, at: DateTime<Utc>) -> String {
        let options = Record::new();
        options.set_text("dateStyle", "long");
        options.set_text("timeStyle", "short");
        DateTimeFormat::new("en", &options).format(at.timestamp_millis() as f64)
    }
}
