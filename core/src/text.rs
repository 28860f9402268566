//! Text that people read: labels, notes, names. Bounded, and free of control characters.

use alloc::{string::String, sync::Arc};
use serde::{Serialize, Serializer};

use crate::canonical::{Canonical, Reader, Writer};
use crate::invalid::{Fault, Message};

/// Longest text in characters: a public note of a few sentences.
pub const LENGTH_MAX: usize = 500;

/// A text of 1 to 500 characters without control characters. Shared, not copied: each answer repeats a promotion's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(Arc<str>);

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

    /// Parses a text that an owner writes for others to read beside texts of ours: it may not turn those around.
    ///
    /// # Errors
    /// As [`Text::parse`], and where it holds a character that changes the direction of the text around it.
    pub fn parse_shown(text: &str) -> Result<Self, (Fault, Message)> {
        if text.chars().any(is_spilling) {
            let message = "must not hold characters that change the direction of text or end its line";
            return Err((Fault::Malformed, message.into()));
        }
        Self::parse(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character changes how the text around it reads: embeddings, overrides and isolates of direction, ends of lines, and marks of
/// interlinear notes. The marks that single words of right-to-left text need (U+200E, U+200F, U+061C) are none of these.
#[must_use]
pub const fn is_spilling(character: char) -> bool {
    matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
}

/// Whether a character shows nothing, so that two texts look alike and are not: a closed list, because Unicode's own grows with its
/// versions. White space is not in it.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a character may not stand in what names somebody or something, because two names that hold it read alike: one that shows
/// nothing, and all white space but U+0020.
#[must_use]
pub const fn is_ambiguous(character: char) -> bool {
    is_invisible(character) || (character.is_whitespace() && character != ' ')
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_does_not_turn_other_texts_around() {
        for fine in ["20 % off", "خصم ٢٠٪", "\u{200f}a", "🎟️", "👩‍🎨", "Grüße"] {
            assert!(Text::parse_shown(fine).is_ok(), "{fine}");
        }
        for bad in ["\u{202e}02", "a\u{2066}b", "a\u{2028}b", "a\nb", ""] {
            assert!(Text::parse_shown(bad).is_err(), "{}", bad.escape_unicode());
        }
    }

    #[test]
    fn what_shows_nothing_is_known() {
        assert!("\u{200b}\u{200d}\u{feff}\u{ad}\u{202e}\u{e0041}\u{3164}\n".chars().all(is_invisible));
        assert!(!"aÅé İ 折扣 -_.@".chars().any(is_invisible));
    }

    #[test]
    fn what_reads_alike_is_known() {
        assert!("\u{a0}\u{1680}\u{2000}\u{2009}\u{202f}\u{205f}\u{3000}\u{85}\t\u{200b}".chars().all(is_ambiguous));
        assert!(!"aÅé İ 折扣 -_.@".chars().any(is_ambiguous));
    }
}
