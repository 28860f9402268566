//! Digests: whether page and server computed the same thing (R66).

use alloc::{string::String, vec::Vec};
use core::fmt;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::ENGINE;
use crate::canonical::{Canonical, Reader, Writer};
use crate::evaluate::Evaluation;
use crate::order::sort;
use crate::quote::Quote;

/// SHA-256 over canonical bytes, behind a byte that says of what.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// What a digest is made of, so that equal bytes of two kinds never give equal digests.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
enum Of {
    TermsVersion = 1,
    Terms = 2,
    Cart = 3,
    Facts = 4,
    Result = 5,
    Evaluation = 6,
}

impl Digest {
    /// The digest of one terms version, of its canonical bytes.
    #[must_use]
    pub(crate) fn of_terms(bytes: &[u8]) -> Self {
        let mut hashed = Hashed::default();
        hashed.begin(Of::TermsVersion).raw(bytes);
        hashed.digest()
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        self.with_text(|text| text.into())
    }

    /// The same, lent: an answer has five.
    fn with_text<T>(&self, told: impl FnOnce(&str) -> T) -> T {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0_u8; 64];
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
            *pair = [byte >> 4, byte & 15].map(|half| DIGITS.get(usize::from(half)).copied().unwrap_or_default());
        }
        told(core::str::from_utf8(&digits).unwrap_or_default())
    }

    /// Parses 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
        let mut bytes = [0_u8; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
            let [high, low] = pair.map(|digit| match digit {
                b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
                b'a'..=b'f' => Some(digit.wrapping_sub(b'a').wrapping_add(10)),
                _ => None,
            });
            *byte = high?.wrapping_shl(4) | low?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| out.write_str(text))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_text(|text| serializer.serialize_str(text))
    }
}

impl Canonical for Digest {
    fn write(&self, out: &mut Writer) {
        out.raw(&self.0);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let bytes = reader.raw(32).try_into().ok();
        Self(reader.or_fail(bytes, [0; 32]))
    }
}

/// The digests of one evaluation and of its parts. At a lookup all must agree; at a reserve, when *now* has moved on, those of
/// terms, cart and result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Digests {
    /// Of all candidates' terms versions.
    pub terms: Digest,
    /// Of the cart.
    pub cart: Digest,
    /// Of the facts and the candidates' states.
    pub facts: Digest,
    /// Of the quote, without hints.
    pub result: Digest,
    /// Of the engine number and all of the above.
    pub evaluation: Digest,
}

impl Digests {
    /// The digests of an evaluation that gave `quote`.
    #[must_use]
    pub fn of(evaluation: &Evaluation<'_>, quote: &Quote) -> Self {
        // In order of their ids, so that the order in which promotions were looked up changes nothing.
        let mut order: Vec<usize> = (0..evaluation.candidates.len()).collect();
        let id = |index: usize| evaluation.candidates.get(index).map(|candidate| &candidate.terms.promotion);
        sort(&mut order, &|one, two| id(one).cmp(&id(two)));
        let candidates = || order.iter().filter_map(|index| evaluation.candidates.get(*index));
        let mut hashed = Hashed::default();
        let out = hashed.begin(Of::Terms);
        out.unsigned(order.len() as u64);
        candidates().for_each(|candidate| candidate.terms.digest().write(out));
        let terms = hashed.digest();
        evaluation.cart.write(hashed.begin(Of::Cart));
        let cart = hashed.digest();
        let out = hashed.begin(Of::Facts);
        evaluation.facts.write(out);
        for candidate in candidates() {
            candidate.terms.promotion.write(out);
            candidate.state.write(out);
        }
        let facts = hashed.digest();
        quote.write(hashed.begin(Of::Result));
        let result = hashed.digest();
        let out = hashed.begin(Of::Evaluation);
        ENGINE.write(out);
        [terms, cart, facts, result].iter().for_each(|digest| digest.write(out));
        Self { terms, cart, facts, result, evaluation: hashed.digest() }
    }
}

/// What is hashed: one thing after another, in the same memory.
#[derive(Default)]
struct Hashed(Writer);

impl Hashed {
    /// For the bytes of the next.
    fn begin(&mut self, what: Of) -> &mut Writer {
        self.0.clear();
        self.0.raw(&[what as u8]);
        &mut self.0
    }

    fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.0.bytes()).into())
    }
}
