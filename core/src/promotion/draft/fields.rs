//! Objects whose `type` says which fields they have, read so that a fault names its field.
//!
//! A parser that looks for the type first and reads the rest then has forgotten where it is, and blames the whole object. So every
//! field that any type has is read where it stands, and sorted out afterwards.

use alloc::{format, string::String};
#[cfg(test)]
use serde::Deserialize;

/// The value of a field that this type needs, or the parser's own words for one that is missing.
pub(super) fn needed<T>(field: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("missing field `{field}`"))
}

/// Refuses the fields that are there and not of this type, in the parser's own words for one that it does not know.
pub(super) fn only(of_type: &[&str], there: &[(&str, bool)]) -> Result<(), String> {
    match there.iter().find(|(field, is_there)| *is_there && !of_type.contains(field)) {
        None => Ok(()),
        Some((field, _)) => Err(format!("unknown field `{field}`")),
    }
}

#[cfg(test)]
pub(super) fn fault<T: for<'de> Deserialize<'de>>(json: &str) -> String {
    use std::string::ToString;
    let error = serde_json::from_str::<T>(json).err().unwrap().to_string();
    error.rsplit_once(" at line").map_or(error.clone(), |(said, _)| said.into())
}
