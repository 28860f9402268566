//! Text that people read: labels, notes, names. Bounded, and free of control characters.

use alloc::{boxed::Box, string::String};
use serde::{Serialize, Serializer};

use crate::canonical::{Canonical, Reader, Writer};
use crate::invalid::{Fault, Message};

/// Longest text in characters: a public note of a few sentences.
pub const LENGTH_MAX: usize = 500;

/// A text of 1 to 500 characters without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(Box<str>);

fn check(text: &str) -> Result<(), (Fault, Message)> {
    if text.is_empty() || text.chars().count() > LENGTH_MAX {
        return Err((Fault::OutOfBounds, "must have 1 to 500 characters".into()));
    }
    if text.chars().any(char::is_control) {
        return Err((Fault::Malformed, "must not hold control characters".into()));
    }
    Ok(())
}

impl Text {
    /// Parses a text; white space at its ends is taken off.
    ///
    /// # Errors
    /// Names the fault when nothing is left, when it is longer than 500 characters, or when it holds a control character.
    pub fn parse(text: &str) -> Result<Self, (Fault, Message)> {
        let text = text.trim();
        check(text).map(|()| Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A number in decimal digits. Formatting as the standard library does it weighs several times as much in a page.
#[must_use]
pub fn digits(number: u64) -> String {
    let mut text = String::new();
    let mut rest = number;
    loop {
        let digit = char::from_digit(u32::try_from(rest % 10).unwrap_or_default(), 10).unwrap_or_default();
        text.insert(0, digit);
        rest /= 10;
        if rest == 0 {
            return text;
        }
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Canonical for Text {
    fn write(&self, out: &mut Writer) {
        out.text(&self.0);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        // Only what `parse` leaves as it is: it takes white space off, and a value has one encoding.
        let text = reader.text();
        reader.require(check(text).is_ok() && text.trim() == text);
        Self(text.into())
    }
}
