//! Fields that may be left out and may not be null.

use serde::{Deserialize, Deserializer};

/// Reads a field that is there; unlike what an `Option` reads by itself, null is no value.
///
/// # Errors
/// Those of the value.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
