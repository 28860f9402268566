//! Many codes on one promotion (R10, R11): lists that are checked, and codes that are drawn.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tearoff_core::code::{self, CodeKey};
use tearoff_core::invalid::{Fault, Faults, InvalidField};
use utoipa::ToSchema;

use crate::store::{CodeRecord, PromotionRecord, Read, SiteRecord, Stored, Write};

/// Most codes of one request.
pub const CODES_AT_ONCE_MAX: usize = 100_000;
/// How many codes one question looks for.
const LOOKED_FOR_AT_ONCE: usize = 1000;
/// A code that was drawn can be guessed in one of 2 to this power tries, at the best.
const BITS_MIN: u32 = 60;

/// What codes are drawn from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Symbols {
    /// Letters and digits that nobody mistakes for one another: no I and O, no 0 and 1. A code has at least 12 of them.
    #[default]
    LettersAndDigits,
    /// Letters without I and O, at least 14.
    Letters,
    /// Digits, at least 19.
    Digits,
}

impl Symbols {
    const fn list(self) -> &'static [u8] {
        match self {
            Self::LettersAndDigits => b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ",
            Self::Letters => b"ABCDEFGHJKLMNPQRSTUVWXYZ",
            Self::Digits => b"0123456789",
        }
    }

    /// The fewest that nobody can guess.
    fn least(self) -> u32 {
        let count = self.list().len() as u128;
        let is_enough = |length: &u32| count.checked_pow(*length).is_none_or(|codes| codes >> BITS_MIN > 0);
        (1..=BITS_MIN).find(is_enough).unwrap_or(BITS_MIN)
    }
}

/// How codes are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    prefix: Box<str>,
    length: usize,
    symbols: Symbols,
}

/// What codes are drawn from: nobody who does not have it can tell the next code, and the same codes are drawn from it again.
pub type DrawSeed = [u8; 32];

impl Recipe {
    /// Checks how codes shall be drawn.
    ///
    /// # Errors
    /// Every fault with its field: `prefix`, `length`.
    pub fn parse(
        site: &SiteRecord,
        prefix: &str,
        length: Option<u32>,
        symbols: Symbols,
    ) -> Result<Self, Vec<InvalidField>> {
        let mut faults = Faults::default();
        let length = length.unwrap_or_else(|| symbols.least());
        let whole = |length: u32| prefix.chars().count().saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        if length < symbols.least() {
            let least = symbols.least();
            faults.add("length", Fault::OutOfBounds, format!("must be at least {least}: shorter codes can be guessed"));
        } else if whole(length) > code::LENGTH_MAX {
            let most = code::LENGTH_MAX;
            faults.add("length", Fault::OutOfBounds, format!("must be at most {most}, together with the prefix"));
        }
        // What follows a prefix is a letter or a digit: it may end with a space, and may be empty.
        match CodeKey::normalize(&format!("{prefix}A")) {
            Err(fault) => faults.add("prefix", Fault::Malformed, fault.to_string()),
            Ok(key) if !site.policy.new_codes.allows(&key) => faults.add("prefix", Fault::Malformed, NO_SPACES),
            Ok(_) => {}
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let recipe = Self { prefix: prefix.into(), length, symbols };
        if faults.is_empty() { Ok(recipe) } else { Err(faults.into_vec()) }
    }

    /// The code at `index` of those that are drawn from a seed, each symbol as likely as any other.
    #[must_use]
    pub fn draw(&self, seed: &DrawSeed, index: u64) -> String {
        let symbols = self.symbols.list();
        // Bytes beyond the last whole multiple would make the first symbols likelier.
        let fair = 256_usize.checked_div(symbols.len()).unwrap_or(0).saturating_mul(symbols.len());
        let pick = |byte: u8| {
            let byte = usize::from(byte);
            let place = byte.checked_rem(symbols.len()).filter(|_| byte < fair)?;
            symbols.get(place).copied().map(char::from)
        };
        let bytes = (0_u64..).flat_map(|block| {
            let mut hash = Sha256::new();
            hash.update(seed);
            hash.update(index.to_be_bytes());
            hash.update(block.to_be_bytes());
            <[u8; 32]>::from(hash.finalize())
        });
        self.prefix.chars().chain(bytes.filter_map(pick).take(self.length)).collect()
    }
}

const NO_SPACES: &str = "may not hold spaces: the site's policy for new codes is `strict`";

/// A code as it will be kept, with its place in the list that it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its place, from 0.
    pub index: usize,
    /// Its one form.
    pub key: CodeKey,
    /// How it is shown.
    pub spelling: Box<str>,
}

/// Checks a list of codes: those that can be kept, and what is wrong with the others, below `codes`.
#[must_use]
pub fn check(site: &SiteRecord, codes: &[String]) -> (Vec<Listed>, Vec<InvalidField>) {
    let alphabet = site.policy.new_codes;
    let (mut listed, mut seen, mut faults) = (Vec::with_capacity(codes.len()), BTreeSet::new(), Faults::default());
    for (index, typed) in codes.iter().enumerate() {
        let field = format!("codes[{index}]");
        let key = CodeKey::normalize(typed).map_err(|fault| (Fault::Malformed, fault.to_string()));
        let Some(key) = faults.keep(&field, key) else { continue };
        if !alphabet.allows(&key) {
            faults.add(&field, Fault::Malformed, NO_SPACES);
        } else if !seen.insert(key.clone()) {
            faults.add(&field, Fault::Duplicate, "is the same code as an earlier one");
        } else {
            let spelling = alphabet.spelling(&key, typed).into();
            listed.push(Listed { index, key, spelling });
        }
    }
    (listed, faults.into_vec())
}

/// What became of a code that shall be a promotion's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is now.
    New,
    /// It was before.
    There,
    /// It was, and is retired: it stays taken (R7).
    Retired,
    /// It is another promotion's.
    Taken,
}

/// How codes stand that somebody wants to add to a promotion, each at the place of its key; `None` while one is free.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError).
pub fn standing(
    read: &dyn Read,
    promotion: &PromotionRecord,
    site: &SiteRecord,
    keys: &[&CodeKey],
) -> Stored<Vec<Option<Added>>> {
    let stands = |found: CodeRecord| match found {
        CodeRecord { promotion: other, .. } if other != promotion.number => Added::Taken,
        CodeRecord { retired_at: Some(_), .. } => Added::Retired,
        CodeRecord { .. } => Added::There,
    };
    let mut standing = Vec::with_capacity(keys.len());
    for keys in keys.chunks(LOOKED_FOR_AT_ONCE) {
        standing.extend(read.find_codes(site.number, keys)?.into_iter().map(|found| found.map(stands)));
    }
    Ok(standing)
}

/// Adds those codes to a promotion that are free, each a key with its spelling; tells what became of each. Nobody else adds codes to the site
/// meanwhile: whoever writes for it comes after this.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError).
pub fn add(
    store: &dyn Write,
    promotion: &PromotionRecord,
    site: &SiteRecord,
    codes: &[(&CodeKey, &str)],
    now: chrono::DateTime<chrono::Utc>,
) -> Stored<Vec<Added>> {
    let keys: Vec<_> = codes.iter().map(|(key, _)| *key).collect();
    let (mut free, mut seen, mut became) = (Vec::new(), BTreeSet::new(), Vec::with_capacity(codes.len()));
    for (code, stands) in codes.iter().zip(standing(store, promotion, site, &keys)?) {
        let is_first = stands.is_none() && seen.insert(code.0);
        became.push(stands.unwrap_or(if is_first { Added::New } else { Added::There }));
        if is_first {
            free.push(*code);
        }
    }
    store.add_codes(site.number, &free, promotion.number, now)?;
    Ok(became)
}

impl Added {
    /// Why a code could not be added; `None` where it is the promotion's.
    #[must_use]
    pub fn fault(self, index: usize) -> Option<InvalidField> {
        let message = match self {
            Self::New | Self::There => return None,
            Self::Retired => "is retired: a retired code stays taken until it is deleted",
            Self::Taken => "is taken already by another promotion of this site",
        };
        Some(InvalidField { field: format!("codes[{index}]"), code: Fault::Duplicate, message: message.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(symbols: Symbols) -> Recipe {
        let length = usize::try_from(symbols.least()).unwrap();
        Recipe { prefix: "X-".into(), length, symbols }
    }

    #[test]
    fn as_many_symbols_as_nobody_can_guess() {
        let least = [Symbols::LettersAndDigits, Symbols::Letters, Symbols::Digits].map(Symbols::least);
        assert_eq!(least, [12, 14, 19]);
    }

    #[test]
    fn what_is_drawn_differs_and_can_be_drawn_again() {
        let recipe = recipe(Symbols::LettersAndDigits);
        let draw = |seed: u8| (0..1000).map(|index| recipe.draw(&[seed; 32], index)).collect::<BTreeSet<_>>();
        assert_eq!(draw(1).len(), 1000);
        assert_eq!(draw(1), draw(1));
        assert!(draw(1).is_disjoint(&draw(2)));
        for code in draw(1) {
            assert_eq!((CodeKey::normalize(&code).unwrap().as_str(), code.len()), (code.as_str(), 14));
        }
    }

    /// Each symbol at each place is as likely as any other: no count is further from the mean than chance allows once in a million.
    #[test]
    fn no_symbol_is_likelier_than_another() {
        for symbols in [Symbols::LettersAndDigits, Symbols::Letters, Symbols::Digits] {
            let (recipe, mut counts) = (recipe(symbols), std::collections::BTreeMap::<char, u32>::new());
            for index in 0..10_000 {
                recipe.draw(&[7; 32], index).chars().skip(2).for_each(|symbol| *counts.entry(symbol).or_default() += 1);
            }
            assert_eq!(counts.len(), symbols.list().len());
            let mean = 10_000.0 * f64::from(symbols.least()) / f64::from(u32::try_from(counts.len()).unwrap());
            for (symbol, count) in counts {
                assert!((f64::from(count) - mean).abs() < 5.5 * mean.sqrt(), "{symbol}: {count} of {mean}");
            }
        }
    }
}
