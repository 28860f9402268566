//! The widget's own scripts, called from here.

use js_sys::{Array, Function};
use tearoff_core::money::Currency;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

/// In the order in which they need each other.
const SCRIPTS: [&str; 3] = [
    include_str!("../../../widget/js/bytes.js"),
    include_str!("../../../widget/js/quote.js"),
    include_str!("../../../widget/js/words.js"),
];

/// Runs `body` behind the scripts with `arguments` under these names; answers the text it returns.
///
/// # Panics
/// When it throws, or returns something else.
#[must_use]
pub fn run(body: &str, arguments: &[(&str, JsValue)]) -> String {
    let lines = SCRIPTS.iter().flat_map(|script| script.lines()).filter(|line| !line.starts_with("import "));
    let scripts: String = lines.flat_map(|line| [line.strip_prefix("export ").unwrap_or(line), "\n"]).collect();
    // What runs here is no module, and so has no address of its own.
    let source = [&scripts.replace("import.meta.url", "location.href"), body].concat();
    // What the scripts ask the widget for.
    let decimals = Closure::<dyn Fn(Vec<u8>) -> u8>::new(|letters: Vec<u8>| {
        let currency = str::from_utf8(&letters).ok().and_then(|code| Currency::parse(code).ok());
        currency.map_or(2, Currency::decimals)
    });
    let arguments = [arguments, &[("currency_decimals", decimals.as_ref().clone())]].concat();
    let names: Vec<_> = arguments.iter().map(|(name, _)| *name).collect();
    let values: Array = arguments.iter().map(|(_, value)| value.clone()).collect();
    let answer = Function::new_with_args(&names.join(","), &source).apply(&JsValue::UNDEFINED, &values);
    answer.unwrap_or_else(|error| panic!("{error:?}")).as_string().expect("a text")
}
