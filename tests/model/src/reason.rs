//! Why a promotion does not apply, and in which order that is told (R64).

use serde_json::{Value, json};

use crate::number::{Number, json};

/// Who can do something about a reason.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Final,
    Missing,
    Mendable,
}

/// A reason with its place: class, then rule, then the order in which it was found.
#[derive(Clone)]
pub(crate) struct Reason {
    pub(crate) class: Class,
    pub(crate) rule: u8,
    pub(crate) json: Value,
}

impl Reason {
    pub(crate) fn is(&self, code: &str) -> bool {
        self.json["code"] == code
    }
}

/// A reason that has no data but its code.
pub(crate) fn plain(class: Class, rule: u8, code: &str) -> Reason {
    Reason { class, rule, json: json!({ "code": code }) }
}

/// A reason with data.
pub(crate) fn with(class: Class, rule: u8, json: Value) -> Reason {
    Reason { class, rule, json }
}

/// Too little (R28, or the lowest tier of R16).
pub(crate) fn too_little(required: &Number, actual: &Number, currency: &str) -> Reason {
    let json = json!({
        "code": "minimum_spend_not_met",
        "required": money(required, currency),
        "actual": money(actual, currency),
    });
    with(Class::Mendable, 28, json)
}

/// Too few units (R16).
pub(crate) fn too_few(required: i64, actual: usize) -> Reason {
    with(Class::Mendable, 16, json!({"code": "minimum_quantity_not_met", "required": required, "actual": actual}))
}

pub(crate) fn money(amount: &Number, currency: &str) -> Value {
    json!({"currency": currency, "amount_minor": json(amount)})
}
