//! Keys: a page's (`pk_…`) and the host's (`sk_…`), sent as `Authorization: Bearer`, kept as SHA-256 only. With `test_` after that they
//! are for trying a site out: what they redeem is listed and counted apart, and what visitors meet they do not change.
//!
//! A route says by its argument whose key it takes, [`Caller`], [`SecretCaller`] or [`Owner`], and cannot be reached with another.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::edits::Editor;
use crate::ids::{Ids, NoRandomness};
use crate::problem::Problem;
use crate::store::{KeyKind, KeyRecord, Mode, Read, SiteRecord, StoreError, Stored};

/// A key as its owner holds it. `Debug` tells only its kind.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    kind: KeyKind,
    mode: Mode,
    text: Box<str>,
}

impl Key {
    const LENGTH_MIN: usize = 24;
    const LENGTH_MAX: usize = 128;

    /// Reads a key; `None` for what has not the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let kind = match text.get(..3) {
            Some("pk_") => KeyKind::Publishable,
            Some("sk_") => KeyKind::Secret,
            _ => return None,
        };
        let fits = (Self::LENGTH_MIN..=Self::LENGTH_MAX).contains(&text.len());
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let mode = if text.get(3..).is_some_and(|rest| rest.starts_with("test_")) { Mode::Test } else { Mode::Live };
        (fits && plain).then(|| Self { kind, mode, text: text.into() })
    }

    /// A new key: 32 random characters of base 32, 160 bits.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate(kind: KeyKind, mode: Mode, ids: &dyn Ids) -> Result<Self, NoRandomness> {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let mut random = [0; 32];
        ids.fill(&mut random)?;
        let letters = random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 31)).copied().map(char::from));
        let prefix = match (kind, mode) {
            (KeyKind::Publishable, Mode::Live) => "pk_",
            (KeyKind::Publishable, Mode::Test) => "pk_test_",
            (KeyKind::Secret, Mode::Live) => "sk_",
            (KeyKind::Secret, Mode::Test) => "sk_test_",
        };
        Ok(Self { kind, mode, text: prefix.chars().chain(letters).collect::<String>().into() })
    }

    /// Whose key it is.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Whether what it does is meant.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The key itself, to be shown once to whoever shall hold it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// By what its owner knows it again.
    #[must_use]
    pub fn last_four(&self) -> &str {
        self.text.get(self.text.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }

    /// The key of a request.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, key) = value.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") { Self::parse(key.trim()) } else { None }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Key({:?})", self.kind)
    }
}

/// What names a key: the beginning of its hash, from which nobody finds the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// That of the key with this hash.
    #[must_use]
    pub const fn of(hash: &[u8; 32]) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *hash;
        Self([a, b, c, d, e, f, g, h])
    }

    /// As it is kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// As it is kept.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

/// `key_` and 16 hexadecimal digits.
impl fmt::Display for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "key_{:016x}", u64::from_be_bytes(self.0))
    }
}

/// Who asks, with any key of a site.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The site.
    pub site: Arc<SiteRecord>,
    /// Whose key it is.
    pub kind: KeyKind,
    /// Which key it is.
    pub key: KeyId,
    /// Whether what it does is meant.
    pub mode: Mode,
    /// Where the request comes from.
    pub address: IpAddr,
}

/// Who asks, with a site's secret key.
#[derive(Clone, Debug)]
pub struct SecretCaller {
    /// The site.
    pub site: Arc<SiteRecord>,
    /// Which key it is.
    pub key: KeyId,
    /// Whether what it does is meant.
    pub mode: Mode,
}

/// Who changes what a site's visitors meet: somebody with a live secret key.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The site.
    pub site: Arc<SiteRecord>,
    /// Which key it is.
    pub key: KeyId,
}

impl Owner {
    /// Who it is that changes something.
    #[must_use]
    pub const fn editor(&self) -> Editor {
        Editor { key: self.key, mode: Mode::Live }
    }
}

/// Finds whose key it is that a request carries at `now`, and the site that it opens.
///
/// # Errors
/// [`StoreError`]; the inner error is the caller's.
pub(crate) fn identify(
    read: &dyn Read,
    key: Option<&Key>,
    now: DateTime<Utc>,
) -> Stored<Result<(KeyRecord, Arc<SiteRecord>), Problem>> {
    let Some(key) = key else { return Ok(Err(unauthorized())) };
    let hash = key.hash();
    let found = read.find_key(&hash)?;
    // The row was found by its hash; comparing once more, in constant time, owes nothing to how a database compares.
    let is_it = |found: &KeyRecord| found.kind == key.kind() && bool::from(found.hash.ct_eq(&hash));
    let Some(found) = found.filter(|found| is_it(found) && found.is_valid_at(now)) else {
        return Ok(Err(unauthorized()));
    };
    let site = read.site(found.site)?.ok_or_else(|| StoreError::Inconsistent("a key's site".into()))?;
    Ok(Ok((found, site)))
}

fn unauthorized() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "a valid key is needed")
        .detail("send `Authorization: Bearer` with a key of this site")
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Put there by the middleware that every route below `/v1` passes.
        parts.extensions.get::<Self>().cloned().ok_or_else(unauthorized)
    }
}

impl<S: Sync> FromRequestParts<S> for SecretCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match caller.kind {
            KeyKind::Secret => Ok(Self { site: caller.site, key: caller.key, mode: caller.mode }),
            KeyKind::Publishable => {
                Err(Problem::new(StatusCode::FORBIDDEN, "secret_key_needed", "this needs the site's secret key"))
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = SecretCaller::from_request_parts(parts, state).await?;
        match caller.mode {
            Mode::Live => Ok(Self { site: caller.site, key: caller.key }),
            Mode::Test => Err(live_key_needed()),
        }
    }
}

fn live_key_needed() -> Problem {
    let title = "a test key changes nothing that visitors meet";
    Problem::new(StatusCode::FORBIDDEN, "live_key_needed", title)
        .detail("use a secret key of the site that begins with `sk_` and not with `sk_test_`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SystemIds;

    #[test]
    fn generated_keys_parse_and_differ() {
        let key = Key::generate(KeyKind::Secret, Mode::Live, &SystemIds).unwrap();
        assert_eq!(Key::parse(key.reveal()), Some(key.clone()));
        assert_eq!(key.reveal().len(), 35);
        assert_ne!(key, Key::generate(KeyKind::Secret, Mode::Live, &SystemIds).unwrap());
        assert_eq!(format!("{key:?}"), "Key(Secret)");
    }

    #[test]
    fn what_is_no_key() {
        for bad in
            ["", "pk_", "pk_short", "xk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "pk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-a", "pké"]
        {
            assert!(Key::parse(bad).is_none(), "{bad}");
        }
        assert!(Key::parse(&format!("pk_{}", "a".repeat(200))).is_none());
    }

    #[test]
    fn the_header_is_read_strictly() {
        let key = "pk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        for (value, wanted) in [
            (format!("Bearer {key}"), true),
            (format!("bearer {key}"), true),
            (format!("Basic {key}"), false),
            (key.to_owned(), false),
            (format!("Bearer {key} {key}"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(Key::of(&headers).is_some(), wanted, "{value}");
        }
    }
}
