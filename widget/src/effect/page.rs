//! The page around the field: its cart, its customer, and the totals it shows.

use tearoff_core::text::digits;
use web_sys::wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, HtmlElement, HtmlInputElement};

use crate::dom;
use crate::language::{self, Format};
use crate::model::{Cart, Page, Totals};
use crate::record::{self, Record};
use crate::view::takeover::write_text;

/// The attributes that make up a line. The first marks it; its value is the line's id.
pub(super) const LINE: [&str; 7] = [
    "data-tearoff-line",
    "data-tearoff-item",
    "data-tearoff-location",
    "data-tearoff-quantity",
    "data-tearoff-price-minor",
    "data-tearoff-start",
    "data-tearoff-frequency",
];

/// The names of the same in a cart.
const NAMES: [&str; 7] = ["id", "item", "location", "quantity", "unit_price_minor", "occurrences", "frequency"];

pub(super) fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The language the page is in, if it says so.
pub(super) fn language() -> Option<String> {
    document()?.document_element()?.get_attribute("lang").filter(|language| !language.is_empty())
}

fn all(selector: &str) -> Vec<Element> {
    let Some(document) = document() else { return Vec::new() };
    let found = dom::of(&document).find_all(selector);
    (0..found.length()).filter_map(|index| found.get(index)).map(JsCast::unchecked_into).collect()
}

/// Reads cart and customer: what the host set on its element, else what the page declares.
///
/// # Errors
/// Says what is wrong with the cart that the host set.
pub(super) fn read(host: &HtmlElement, named: &JsValue) -> Result<Page, String> {
    let host: &Record = host.unchecked_ref();
    let cart = record::of(host.get("cart")).unwrap_or_else(declared_cart);
    let request = super::cart::read(&cart).ok_or("the cart has an unknown field or frequency")?;
    let customer = [named.clone(), host.get("customer")].into_iter().find_map(record::of).or_else(declared_customer);
    Ok(Page {
        cart: Cart { json: record::to_json(&cart).into(), request: request.into() },
        customer: customer.map(|customer| record::to_json(&customer)).unwrap_or_default().into(),
    })
}

fn declared_cart() -> Record {
    let cart = Record::new();
    let lines = js_sys::Array::new();
    for (index, line) in all("[data-tearoff-line]").iter().enumerate() {
        let declared = declared_line(line);
        if declared.text("id").is_none() {
            declared.set_text("id", &digits(index.saturating_add(1) as u64));
        }
        // Nothing of an item is no line.
        if declared.integer("quantity") != Some(0) {
            lines.push(&declared);
        }
    }
    cart.set("lines", &lines);
    cart
}

fn declared_line(line: &Element) -> Record {
    let declared = Record::new();
    for (attribute, name) in LINE.iter().zip(NAMES) {
        match (name, line.get_attribute(attribute).filter(|text| !text.is_empty())) {
            (_, None) => {}
            ("quantity" | "unit_price_minor", Some(text)) => {
                // What is no number stays what it is, to be refused and not guessed.
                let number = text.trim_ascii().parse::<u32>();
                declared.set(name, &number.map_or_else(|_| text.into(), JsValue::from));
            }
            ("occurrences", Some(text)) => declared.set(name, &occurrences(&text)),
            (_, Some(text)) => declared.set_text(name, &text),
        }
    }
    declared
}

fn occurrences(starts: &str) -> js_sys::Array {
    let occurrences = js_sys::Array::new();
    for start in starts.split_ascii_whitespace() {
        let occurrence = Record::new();
        occurrence.set_text("start", start);
        occurrences.push(&occurrence);
    }
    occurrences
}

/// The e-mail address on the page, once it is one.
fn declared_customer() -> Option<Record> {
    let inputs = all("[data-tearoff-email]");
    let typed = inputs.first()?.unchecked_ref::<HtmlInputElement>().value();
    let typed = typed.trim_ascii();
    // What the server would refuse is not sent.
    let (name, host) = typed.split_once('@')?;
    let refused = name.is_empty() || host.is_empty() || host.contains('@') || typed.len() > 254;
    if refused || typed.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return None;
    }
    let customer = Record::new();
    customer.set_text("email", typed);
    Some(customer)
}

/// Writes the totals of the page, where they are not there yet.
pub(super) fn write(totals: &Totals, format: &dyn Format) {
    let discount = match totals {
        Totals::Unknown { written } => {
            let written = format.money(*written);
            let ours = |element: &&Element| element.text_content().as_deref() == Some(&*written);
            all("[data-tearoff-total]").iter().filter(ours).for_each(|element| write_text(element, language::UNKNOWN));
            None
        }
        Totals::Priced { total, discount } => {
            let total = format.money(*total);
            all("[data-tearoff-total]").iter().for_each(|element| write_text(element, &total));
            discount.map(|discount| language::taken_off(discount, format))
        }
    };
    for element in all("[data-tearoff-discount]") {
        if let Some(discount) = &discount {
            write_text(&element, discount);
        }
        dom::of(&element).set_present("hidden", discount.is_none());
    }
}
