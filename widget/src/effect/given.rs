//! Cart and customer as the host sets them on its element: read strictly, since a misspelled field would be a wrong price.

use tearoff_core::request::{CartRequest, LineRequest, OccurrenceRequest};
use web_sys::wasm_bindgen::JsValue;

use crate::model::Customer;
use crate::record::{self, Record};

/// An object the host gave, and where it stands.
struct Given {
    record: Record,
    path: String,
}

/// What is wrong, and where.
type Fault = String;

/// Reads a cart.
///
/// # Errors
/// Names the first field that is wrong.
pub(super) fn cart(value: JsValue) -> Result<CartRequest, Fault> {
    let cart = Given::new(value, "cart".into(), &["currency", "lines"])?;
    Ok(CartRequest { currency: cart.text("currency")?, lines: cart.list("lines", line)? })
}

/// Reads a customer.
///
/// # Errors
/// Names the first field that is wrong.
pub(crate) fn customer(value: JsValue) -> Result<Customer, Fault> {
    let customer = Given::new(value, "customer".into(), &["email", "account"])?;
    Ok(Customer { email: customer.text("email")?, account: customer.text("account")? })
}

fn line(value: JsValue, path: String) -> Result<LineRequest, Fault> {
    let fields =
        ["id", "item", "quantity", "location", "occurrences", "unit_price_minor", "kind", "categories"];
    let line = Given::new(value, path, &fields)?;
    let categories = line.list("categories", |value, path| value.as_string().ok_or_else(|| fault(&path, "must be text")))?;
    Ok(LineRequest {
        id: line.needed_text("id")?,
        item: line.needed_text("item")?,
        quantity: line.integer("quantity")?,
        location: line.text("location")?,
        occurrences: line.list("occurrences", occurrence)?,
        unit_price_minor: line.integer("unit_price_minor")?,
        kind: line.text("kind")?,
        categories: (!categories.is_empty()).then_some(categories),
    })
}

fn occurrence(value: JsValue, path: String) -> Result<OccurrenceRequest, Fault> {
    let occurrence = Given::new(value, path, &["start", "unit_price_minor"])?;
    Ok(OccurrenceRequest {
        start: occurrence.needed_text("start")?,
        unit_price_minor: occurrence.integer("unit_price_minor")?,
    })
}

fn fault(path: &str, what: &str) -> Fault {
    ["`", path, "` ", what].concat()
}

impl Given {
    fn new(value: JsValue, path: String, known: &[&str]) -> Result<Self, Fault> {
        let record = record::of(value).ok_or_else(|| fault(&path, "must be an object"))?;
        let given = Self { record, path };
        for name in record::names(&given.record).iter() {
            let name = name.as_string().unwrap_or_default();
            if !known.contains(&name.as_str()) {
                return Err(given.fault(&name, "is not known"));
            }
        }
        Ok(given)
    }

    fn fault(&self, name: &str, what: &str) -> Fault {
        fault(&[&self.path, ".", name].concat(), what)
    }

    fn is_absent(&self, name: &str) -> bool {
        self.record.get(name).loose_eq(&JsValue::NULL)
    }

    fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        match self.record.text(name) {
            None if !self.is_absent(name) => Err(self.fault(name, "must be text")),
            text => Ok(text),
        }
    }

    fn needed_text(&self, name: &str) -> Result<String, Fault> {
        self.text(name)?.ok_or_else(|| self.fault(name, "is missing"))
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, Fault> {
        match self.record.integer(name) {
            None if !self.is_absent(name) => Err(self.fault(name, "must be a whole number")),
            integer => Ok(integer),
        }
    }

    fn list<T>(&self, name: &str, read: fn(JsValue, String) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
        let path = |index: usize| [&self.path, ".", name, "[", &index.to_string(), "]"].concat();
        self.record.list(name).iter().enumerate().map(|(index, value)| read(value, path(index))).collect()
    }
}
