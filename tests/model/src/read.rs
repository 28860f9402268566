//! Reading JSON of a form that is known to be right.

use serde_json::Value;

use crate::number::{Number, whole};

/// The text of a field; nothing where the field is absent or null.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    match &value[field] {
        Value::Null => None,
        other => Some(other.as_str().expect(field)),
    }
}

/// The text of a field that is always there.
pub(crate) fn must<'a>(value: &'a Value, field: &str) -> &'a str {
    text(value, field).expect(field)
}

/// The list of a field; empty where the field is absent.
pub(crate) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    match &value[field] {
        Value::Null => &[],
        other => other.as_array().expect(field),
    }
}

/// The texts of a list.
pub(crate) fn texts<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    list(value, field).iter().map(|text| text.as_str().expect(field)).collect()
}

/// The number of a field; nothing where the field is absent or null.
pub(crate) fn integer(value: &Value, field: &str) -> Option<i64> {
    match &value[field] {
        Value::Null => None,
        other => Some(other.as_i64().expect(field)),
    }
}

/// The truth of a field; `otherwise` where the field is absent.
pub(crate) fn truth(value: &Value, field: &str, otherwise: bool) -> bool {
    match &value[field] {
        Value::Null => otherwise,
        other => other.as_bool().expect(field),
    }
}

/// The amount of a table of amounts in a currency, where it is stated.
pub(crate) fn amount_in(table: &[Value], currency: &str) -> Option<Number> {
    let entry = table.iter().find(|entry| must(entry, "currency") == currency)?;
    integer(entry, "amount_minor").map(whole)
}
