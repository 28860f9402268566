//! The canonical key of a code (R7, R8).
//!
//! One key serves saving, looking up, counting and removing. It is made here and nowhere else, by rules that depend on neither
//! policy, locale nor database, so that browser, server and both databases cannot disagree.

use alloc::{boxed::Box, string::String};
use core::fmt;
use serde::{Deserialize, Serialize, Serializer};

use crate::canonical::{Canonical, Reader, Writer};

/// Longest key in characters.
pub const LENGTH_MAX: usize = 64;

/// Longest text worth normalizing, in bytes: 64 full-width characters with generous white space. Longer input is refused unread.
const TYPED_MAX: usize = 1024;

/// A code in the one form in which codes are compared: `A-Z`, `0-9`, single spaces, `-` and `_`, 1 to 64 characters.
///
/// A bearer secret: `Debug` shows two characters only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeKey(Box<str>);

/// Why a text cannot be a code. To the visitor all of these say what an unknown code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidCode {
    /// Nothing but white space.
    Empty,
    /// More than 64 characters.
    TooLong,
    /// A character outside the alphabet.
    Character {
        /// Its place in the trimmed text, counted in characters from 0.
        at: usize,
    },
}

impl fmt::Display for InvalidCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => out.write_str("must not be empty"),
            Self::TooLong => out.write_str("must have at most 64 characters"),
            Self::Character { at } => {
                write!(
                    out,
                    "may hold letters A to Z, digits, spaces, `-` and `_` only (see character {})",
                    at.saturating_add(1)
                )
            }
        }
    }
}

impl core::error::Error for InvalidCode {}

/// What may stand in **new** codes of a site (R8). Codes made before keep working.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Alphabet {
    /// Letters, digits, spaces, `-` and `_`.
    #[default]
    LettersDigitsSpaces,
    /// Letters, digits, `-` and `_`, shown in upper case.
    Strict,
}

impl CodeKey {
    /// The canonical key of what somebody typed.
    ///
    /// Trims, collapses inner white space to one space, folds full-width forms to ASCII, and turns `a-z` into `A-Z`. Normalizing
    /// a key gives the same key.
    ///
    /// # Errors
    /// [`InvalidCode`] when nothing is left, too much is left, or a character is outside the alphabet.
    pub fn normalize(typed: &str) -> Result<Self, InvalidCode> {
        if typed.len() > TYPED_MAX {
            return Err(InvalidCode::TooLong);
        }
        let mut key = String::new();
        let mut space = false;
        for (at, character) in typed.trim_matches(is_space).chars().enumerate() {
            if is_space(character) {
                space = true;
                continue;
            }
            let folded = letter(character).ok_or(InvalidCode::Character { at })?;
            if core::mem::take(&mut space) {
                key.push(' ');
            }
            key.push(folded);
        }
        match key.len() {
            0 => Err(InvalidCode::Empty),
            1..=LENGTH_MAX => Ok(Self(key.into())),
            _ => Err(InvalidCode::TooLong),
        }
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Alphabet {
    /// Whether a new code may have this key.
    #[must_use]
    pub fn allows(self, key: &CodeKey) -> bool {
        match self {
            Self::LettersDigitsSpaces => true,
            Self::Strict => !key.0.contains(' '),
        }
    }

    /// How a new code is shown: as its owner spelled it, or in upper case.
    #[must_use]
    pub fn spelling<'a>(self, key: &'a CodeKey, owners: &'a str) -> &'a str {
        match self {
            Self::LettersDigitsSpaces => owners.trim_matches(is_space),
            Self::Strict => key.as_str(),
        }
    }
}

/// White space as people and their input methods type it: a closed list, because Unicode's own grows with its versions.
fn is_space(character: char) -> bool {
    matches!(character, '\t'..='\r' | ' ' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// The letter a character stands for, if it belongs to the alphabet.
fn letter(character: char) -> Option<char> {
    let ascii = match character {
        // Full-width forms stand 0xFEE0 above the ASCII characters they copy.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character).saturating_sub(0xfee0))?,
        _ => character,
    };
    let upper = ascii.to_ascii_uppercase();
    matches!(upper, 'A'..='Z' | '0'..='9' | '-' | '_').then_some(upper)
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.0.chars().take(2).collect();
        write!(out, "CodeKey({shown}…)")
    }
}

impl Serialize for CodeKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Canonical for CodeKey {
    fn write(&self, out: &mut Writer) {
        out.text(&self.0);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let text = reader.text();
        let key = Self::normalize(text).ok().filter(|key| key.as_str() == text);
        reader.or_fail(key, Self(Box::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;

    #[test]
    fn what_people_type_becomes_one_key() {
        for (typed, key) in [
            ("save10", "SAVE10"),
            ("  Save10\t", "SAVE10"),
            ("summer   sale", "SUMMER SALE"),
            ("ＳＡＶＥ１０", "SAVE10"),
            ("ｓａｖｅ　１０", "SAVE 10"),
            ("a\u{a0}b", "A B"),
            ("SPRING-2026_x", "SPRING-2026_X"),
            ("－＿", "-_"),
        ] {
            assert_eq!(CodeKey::normalize(typed).unwrap().as_str(), key, "{typed:?}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for (typed, fault) in [
            ("", InvalidCode::Empty),
            ("  \u{3000}", InvalidCode::Empty),
            ("\u{17f}ave10", InvalidCode::Character { at: 0 }), // long s
            ("S\u{410}VE10", InvalidCode::Character { at: 1 }), // Cyrillic
            ("SAVE\u{200b}10", InvalidCode::Character { at: 4 }), // zero width
            ("SAVE\u{ad}10", InvalidCode::Character { at: 4 }), // soft hyphen
            ("SAVE\0", InvalidCode::Character { at: 4 }),
            ("\u{202e}SAVE", InvalidCode::Character { at: 0 }), // right-to-left override
            ("ÉTÉ", InvalidCode::Character { at: 0 }),
            ("straße", InvalidCode::Character { at: 4 }),
            ("ı", InvalidCode::Character { at: 0 }), // dotless i
            ("' OR 1=1 --", InvalidCode::Character { at: 0 }),
            ("50%", InvalidCode::Character { at: 2 }),
            ("！", InvalidCode::Character { at: 0 }),
        ] {
            assert_eq!(CodeKey::normalize(typed), Err(fault), "{typed:?}");
        }
    }

    #[test]
    fn length_counts_what_is_left() {
        assert!(CodeKey::normalize(&"x".repeat(64)).is_ok());
        assert_eq!(CodeKey::normalize(&"x".repeat(65)), Err(InvalidCode::TooLong));
        assert_eq!(CodeKey::normalize(&"x".repeat(10_000)), Err(InvalidCode::TooLong));
        assert!(CodeKey::normalize(&format!("{}a{}", " ".repeat(99), " ".repeat(99))).is_ok());
    }

    #[test]
    fn strict_refuses_spaces_and_shows_upper_case() {
        let (plain, spaced) = (CodeKey::normalize("Save10").unwrap(), CodeKey::normalize("save 10").unwrap());
        assert!(Alphabet::Strict.allows(&plain) && !Alphabet::Strict.allows(&spaced));
        assert!(Alphabet::LettersDigitsSpaces.allows(&spaced));
        assert_eq!(Alphabet::Strict.spelling(&plain, " Save10 "), "SAVE10");
        assert_eq!(Alphabet::LettersDigitsSpaces.spelling(&plain, " Save10 "), "Save10");
    }

    #[test]
    fn a_key_keeps_its_secret() {
        assert_eq!(format!("{:?}", CodeKey::normalize("SECRET9").unwrap()), "CodeKey(SE…)");
    }

    proptest! {
        #[test]
        fn normalizing_is_idempotent_and_ignores_case(typed in "[ a-zA-Z0-9_-]{0,80}") {
            if let Ok(key) = CodeKey::normalize(&typed) {
                prop_assert_eq!(CodeKey::normalize(key.as_str()), Ok(key.clone()));
                prop_assert_eq!(CodeKey::normalize(&typed.to_ascii_lowercase()), Ok(key));
            }
        }

        #[test]
        fn any_text_is_answered(typed: String) {
            if let Ok(key) = CodeKey::normalize(&typed) {
                prop_assert!(key.as_str().len() <= LENGTH_MAX && key.as_str().is_ascii());
            }
        }
    }
}
