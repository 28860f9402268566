//! What the widget's scripts make of core's bytes, and what they say of it in every language.
#![cfg(target_arch = "wasm32")]

use js_sys::Uint8Array;
use serde_json::{Map, Value, json};
use tearoff_browser_tests::{samples, scripts};
use tearoff_core::canonical::{Canonical, Writer};
use tearoff_core::quote::Quote;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Every language with its file, as the build script finds them.
const LANGUAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// What a language may have and need not.
const OPTIONAL: [&str; 2] = ["gap", "rtl"];

fn words(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).expect("an object")
}

fn english() -> Map<String, Value> {
    words(LANGUAGES.iter().find(|(name, _)| *name == "en").expect("English").1)
}

/// The quote as the widget hands it to its scripts.
fn handed_on(quote: &Quote) -> Uint8Array {
    let mut out = Writer::default();
    quote.write(&mut out);
    quote.decisions.iter().for_each(|decision| out.list(&decision.hints));
    Uint8Array::from(out.bytes())
}

/// Without what scripts say in the visitor's language.
fn without_messages(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            fields.remove("message");
            fields.values_mut().for_each(|field| *field = without_messages(field.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_messages(item.take())),
        _ => {}
    }
    value
}

#[wasm_bindgen_test]
fn every_outcome_reason_and_hint_is_read_as_core_writes_it() {
    for quote in samples::quotes() {
        let read = scripts::run("return JSON.stringify(read(from, quote));", &[("from", handed_on(&quote).into())]);
        let read: Value = serde_json::from_str(&read).unwrap();
        assert_eq!(read, without_messages(serde_json::to_value(&quote).unwrap()));
    }
}

#[wasm_bindgen_test]
fn every_language_has_the_same_sentences() {
    let wanted = english();
    for (name, text) in LANGUAGES {
        let found = words(text);
        for key in wanted.keys() {
            assert!(found.contains_key(key), "{name} lacks `{key}`");
        }
        for (key, value) in found.iter().filter(|(key, _)| !OPTIONAL.contains(&key.as_str())) {
            let model = wanted.get(key).unwrap_or_else(|| panic!("{name} has `{key}`, which English has not"));
            // A plural has the forms of its language; other forms are the same everywhere.
            assert_eq!(value.is_object(), model.is_object(), "{name}: `{key}`");
            if value.get("other").is_none()
                && let (Some(forms), Some(wanted)) = (value.as_object(), model.as_object())
            {
                assert!(forms.keys().eq(wanted.keys()), "{name}: the forms of `{key}`");
            }
        }
    }
}

/// What stands in curly brackets, in order.
fn places(sentence: &str) -> Vec<&str> {
    let mut found: Vec<_> = sentence.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    found.sort_unstable();
    found
}

#[wasm_bindgen_test]
fn every_sentence_takes_the_data_that_it_takes_in_english() {
    let english = english();
    for (name, text) in LANGUAGES {
        for (key, model) in &english {
            let found = &words(text)[key];
            let pair = |form: &str| (found[form].as_str(), model[form].as_str());
            let pairs = match (found.as_str(), model.as_object()) {
                (Some(sentence), None) => vec![(Some(sentence), model.as_str())],
                (None, Some(forms)) => {
                    forms.keys().map(|form| pair(form)).filter(|(found, _)| found.is_some()).collect()
                }
                _ => panic!("{name}: `{key}`"),
            };
            for (found, model) in pairs {
                assert_eq!(places(found.unwrap()), places(model.unwrap()), "{name}: `{key}`");
            }
            // Whatever form the browser chooses is there.
            for form in found.as_object().into_iter().flat_map(Map::values) {
                assert!(form.is_string(), "{name}: `{key}`");
            }
        }
    }
}

#[wasm_bindgen_test]
fn every_reason_and_hint_is_said_in_every_language() {
    let code = |value: &Value, tag: &str| value[tag].as_str().unwrap().to_owned();
    let reasons = samples::reasons().iter().map(|reason| serde_json::to_value(reason).unwrap()).collect::<Vec<_>>();
    let hints = samples::hints().iter().map(|hint| serde_json::to_value(hint).unwrap()).collect::<Vec<_>>();
    for (name, text) in LANGUAGES {
        let found = words(text);
        let named =
            reasons.iter().map(|reason| code(reason, "code")).chain(hints.iter().map(|hint| code(hint, "type")));
        named.for_each(|key| assert!(found.contains_key(&key), "{name} lacks `{key}`"));
        let given = json!({ "words": found, "reasons": reasons, "hints": hints, "locale": name }).to_string();
        let body = "const { words, reasons, hints, locale } = JSON.parse(given); words.locale = locale; \
            return JSON.stringify([...reasons.map((one) => sentence(words, one.code, one)), ...hints.map((one) => sentence(words, one.type, one))]);";
        let said: Vec<String> = serde_json::from_str(&scripts::run(body, &[("given", given.into())])).unwrap();
        assert_eq!(said.len(), reasons.len() + hints.len());
        for sentence in said {
            let mut letters = sentence.split(|letter: char| !letter.is_alphabetic());
            let is_wrong = letters.any(|word| ["undefined", "null", "NaN", "Invalid", "object"].contains(&word));
            assert!(!sentence.is_empty() && !is_wrong && !sentence.contains(['{', '}']), "{name}: {sentence}");
        }
    }
}

/// Plurals, amounts and dates follow the language, and what runs the other way stands apart.
#[wasm_bindgen_test]
fn numbers_amounts_and_dates_are_written_as_the_language_does() {
    let cases = [
        ("en", "too_many_lines", json!({ "allowed": 1 }), "of 1 thing only"),
        ("en", "too_many_lines", json!({ "allowed": 2 }), "2 different things"),
        ("ru", "minimum_quantity_not_met", json!({ "required": 21 }), "21 места"),
        ("ru", "minimum_quantity_not_met", json!({ "required": 22 }), "22 мест "),
        ("ar", "add_units", json!({ "count": 3 }), "قطع"),
        (
            "de",
            "minimum_spend_not_met",
            json!({ "required": { "currency": "EUR", "amount_minor": 123_456 } }),
            "1.234,56\u{a0}€",
        ),
        ("ja", "minimum_spend_not_met", json!({ "required": { "currency": "JPY", "amount_minor": 5_000 } }), "5,000"),
        (
            "ar",
            "minimum_spend_not_met",
            json!({ "required": { "currency": "KWD", "amount_minor": 1_500 } }),
            "\u{2068}",
        ),
        ("fr", "outside_weekdays", json!({ "days": ["tue", "sun"] }), "mardi ou dimanche"),
        ("de", "outside_lead_time", json!({ "at_least_minutes": 2_880 }), "2 Tage"),
        (
            "en",
            "outside_appointment_window",
            json!({ "window": { "from": "2026-12-01", "until": null } }),
            "December 1, 2026",
        ),
        ("en", "a_reason_of_tomorrow", json!({ "message": "The server's words." }), "The server's words."),
    ];
    for (language, key, data, wanted) in cases {
        let text = LANGUAGES.iter().find(|(name, _)| *name == language).expect("a language").1;
        let given = json!({ "words": words(text), "key": key, "data": data, "locale": language }).to_string();
        let body = "const { words, key, data, locale } = JSON.parse(given); words.locale = locale; return sentence(words, key, data);";
        let said = scripts::run(body, &[("given", given.into())]);
        assert!(said.contains(wanted), "{language} {key}: {said:?}");
    }
}

/// A browser leaves out decimals that a country has come not to write; what is to pay has as many as core counts (R1).
#[wasm_bindgen_test]
fn amounts_have_the_decimals_of_their_currency() {
    for (code, shown) in [
        ("EUR", "1234567.89"),
        ("HUF", "1234567.89"),
        ("COP", "1234567.89"),
        ("IDR", "1234567.89"),
        ("PKR", "1234567.89"),
        ("RSD", "1234567.89"),
        ("JPY", "123456789"),
        ("ISK", "123456789"),
        ("KWD", "123456.789"),
        ("IQD", "123456.789"),
        ("CLF", "12345.6789"),
    ] {
        let script =
            "return amount({ locale: 'en' }, { currency: of, amount_minor: 123456789 }).replace(/[^0-9.]/g, '');";
        assert_eq!(scripts::run(script, &[("of", code.into())]), shown, "{code}");
    }
}

#[wasm_bindgen_test]
fn a_code_of_digits_is_said_as_it_is_written() {
    for code in ["2026", "0050", "1E5", "0X10"] {
        let script = "return phrase({ locale: 'en', applied: 'Code {code} applied.' }, 'applied', { code });";
        assert_eq!(scripts::run(script, &[("code", code.into())]), format!("Code {code} applied."));
    }
}

/// What an owner writes may lack what ours have.
#[wasm_bindgen_test]
fn a_sentence_for_every_number_need_not_name_it() {
    let script = "const own = { locale: 'en', minimum_quantity_not_met: { other: 'Book more.' } }; \
        return phrase(own, 'minimum_quantity_not_met', { required: 3, actual: 1 });";
    assert_eq!(scripts::run(script, &[]), "Book more.");
}
