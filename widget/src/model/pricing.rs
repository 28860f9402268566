//! Who prices a changed cart, and the snapshot with which the page does so itself (R66).

use std::rc::Rc;

use tearoff_core::digest::Digests;
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;

use super::time::{Moment, ServerTime};
use crate::answer::{Answer, Priced, Source, bytes};

/// Who prices the cart once it changes.
#[derive(Debug)]
pub(crate) enum Pricing {
    /// The page.
    Page(Box<Held>),
    /// The page again, once it has looked the code up anew: what it held is out of date.
    Lookup,
    /// The server: the page may not know the promotion, or does not understand it.
    Server,
    /// Nobody: no cart makes this code a code.
    Nobody,
}

/// A snapshot the page holds.
#[derive(Debug)]
pub(crate) struct Held {
    /// As it came, for the server to check its signature.
    pub(crate) token: Rc<str>,
    snapshot: Snapshot,
    time: ServerTime,
}

/// Why an answer's snapshot is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It is of an engine this page does not have (R67).
    OtherEngine,
    /// The page computed something else with it than the server did.
    Mismatch,
}

impl Held {
    /// The snapshot of an answer to `cart`, if it has one and the page computes the same with it (R66).
    ///
    /// # Errors
    /// [`Unusable`] when the page cannot read it, or comes to another result than the server.
    pub(crate) fn check(
        answer: &Answer,
        cart: &CartRequest,
        heard: Moment,
    ) -> Result<Option<(Self, Priced)>, Unusable> {
        let Some(token) = &answer.snapshot else { return Ok(None) };
        if answer.engine != tearoff_core::ENGINE {
            return Err(Unusable::OtherEngine);
        }
        let snapshot = decode(token).and_then(|bytes| Snapshot::read(&bytes).map_err(|_| Unusable::OtherEngine))?;
        let time = ServerTime { now: snapshot.facts.now, heard };
        let mut held = Self { token: Rc::clone(token), snapshot, time };
        let priced = held.price(cart, heard).ok_or(Unusable::Mismatch)?;
        match &priced.source {
            Source::Page { digests, .. } if *bytes(digests) == *answer.digests => Ok(Some((held, priced))),
            _ => Err(Unusable::Mismatch),
        }
    }

    /// Whether it must be fetched again before it is used.
    pub(crate) fn is_stale(&self, moment: Moment) -> bool {
        self.time.has_parted(moment) || self.time.at(moment) >= self.snapshot.expires_at
    }

    /// Prices a cart as of now; `None` when it holds something the snapshot knows nothing of.
    pub(crate) fn price(&mut self, cart: &CartRequest, moment: Moment) -> Option<Priced> {
        self.snapshot.facts.now = self.time.at(moment);
        let cart = self.snapshot.establish(cart).ok()?;
        let quote = self.snapshot.quote(&cart);
        let digests = Digests::of(&self.snapshot.evaluation(&cart), &quote);
        Priced::in_page(&quote, digests)
    }
}

/// The canonical bytes of a token: its first part, in the URL-safe alphabet without padding. The second is a signature that only
/// the server can check.
fn decode(token: &str) -> Result<Vec<u8>, Unusable> {
    let text = token.split('.').next().unwrap_or_default();
    let mut bytes = Vec::new();
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter.wrapping_sub(b'A'),
            b'a'..=b'z' => letter.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => letter.wrapping_sub(b'0').wrapping_add(52),
            b'-' => 62,
            b'_' => 63,
            _ => return Err(Unusable::OtherEngine),
        };
        buffer = buffer << 6 | u32::from(value);
        bits = bits.wrapping_add(6);
        if bits >= 8 {
            bits = bits.wrapping_sub(8);
            bytes.extend((buffer >> bits).to_le_bytes().first());
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn the_first_part_of_a_token_is_read() {
        for (token, bytes) in [
            ("", &b""[..]),
            ("Zg", b"f"),
            ("Zm9v.c2lnbmF0dXJl", b"foo"),
            ("Zm9vYg.x", b"foob"),
            ("__79-w", &[0xff, 0xfe, 0xfd, 0xfb]),
        ] {
            assert_eq!(decode(token).as_deref(), Ok(bytes), "{token}");
        }
        for bad in ["Zm 9v", "Zm9v+", "Zm9v=", "é"] {
            assert!(decode(bad).is_err(), "{bad}");
        }
    }
}
