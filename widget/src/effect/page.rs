//! The page around the field: its cart, its customer, and the totals it shows.

use tearoff_core::request::{CartRequest, LineRequest, OccurrenceRequest};
use web_sys::wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, HtmlElement, HtmlInputElement};

use crate::language::{self, Format};
use crate::model::{Customer, Page, Totals};
use crate::record::Record;

/// The attributes that make up a line. The first marks it; its value is the line's id.
pub(super) const LINE: [&str; 6] = [
    "data-tearoff-line",
    "data-tearoff-item",
    "data-tearoff-quantity",
    "data-tearoff-price-minor",
    "data-tearoff-start",
    "data-tearoff-location",
];

pub(super) fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The language the page is in, if it says so.
pub(super) fn language() -> Option<String> {
    document()?.document_element()?.get_attribute("lang").filter(|language| !language.is_empty())
}

fn all(selector: &str) -> Vec<Element> {
    let found = document().and_then(|document| document.query_selector_all(selector).ok());
    let Some(found) = found else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

/// Reads cart and customer: what the host set on its element, else what the page declares.
///
/// # Errors
/// Says what is wrong with what the host set.
pub(super) fn read(host: &HtmlElement, named: Option<&Customer>) -> Result<Page, String> {
    let host: &Record = host.unchecked_ref();
    let cart = match given(host, "cart") {
        Some(cart) => super::given::cart(cart)?,
        None => declared_cart(),
    };
    let customer = match (named, given(host, "customer")) {
        (Some(named), _) => named.clone(),
        (None, Some(customer)) => super::given::customer(customer)?,
        (None, None) => declared_customer(),
    };
    Ok(Page { cart, customer })
}

fn given(host: &Record, name: &str) -> Option<JsValue> {
    Some(host.get(name)).filter(|value| !value.is_undefined() && !value.is_null())
}

fn declared_cart() -> CartRequest {
    let lines = all("[data-tearoff-line]");
    let lines = lines.iter().enumerate().map(|(index, line)| declared_line(index, line));
    CartRequest { currency: None, lines: lines.filter(|line| line.quantity != Some(0)).collect() }
}

fn declared_line(index: usize, line: &Element) -> LineRequest {
    let text = |name| line.get_attribute(name).filter(|text| !text.is_empty());
    let [id, item, quantity, price, start, location] = LINE.map(text);
    // What is no number must be refused, not guessed.
    let number = |text: String| text.trim_ascii().parse().unwrap_or(-1);
    let starts = start.unwrap_or_default();
    let occurrence = |start: &str| OccurrenceRequest { start: start.into(), unit_price_minor: None };
    LineRequest {
        id: id.unwrap_or_else(|| index.saturating_add(1).to_string()),
        item: item.unwrap_or_default(),
        quantity: quantity.map(number),
        location,
        occurrences: starts.split_ascii_whitespace().map(occurrence).collect(),
        unit_price_minor: price.map(number),
        kind: None,
        categories: None,
    }
}

/// The e-mail address on the page, once it is one.
fn declared_customer() -> Customer {
    let inputs = all("[data-tearoff-email]");
    let typed = inputs.first().and_then(|input| Some(input.dyn_ref::<HtmlInputElement>()?.value()));
    let email = typed.map(|typed| typed.trim_ascii().to_owned()).filter(|typed| is_address(typed));
    Customer { email, account: None }
}

/// Whether a text may be an address: what the server would refuse is not sent.
fn is_address(text: &str) -> bool {
    let whole = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    whole && text.len() <= 254 && !text.bytes().any(|byte| byte.is_ascii_whitespace())
}

/// Writes the totals of the page, where they are not there yet.
pub(super) fn write(totals: &Totals, format: &dyn Format) {
    let (total, discount) = match totals {
        Totals::Priced { total, discount } => (Some(format.money(*total)), *discount),
        Totals::Unknown => (None, None),
    };
    if let Some(total) = total {
        all("[data-tearoff-total]").iter().for_each(|element| write_text(element, &total));
    }
    for element in all("[data-tearoff-discount]") {
        if let Some(discount) = discount {
            write_text(&element, &language::taken_off(discount, format));
        }
        if element.has_attribute("hidden") == discount.is_some() {
            let _hidden = element.toggle_attribute("hidden");
        }
    }
}

/// Writing what is there already would be noticed as a change of the page, without end.
pub(super) fn write_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}
