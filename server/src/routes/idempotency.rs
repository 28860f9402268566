//! `Idempotency-Key`: a request that is sent twice is done once (R56).

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::problem::Problem;
use crate::store::{Fingerprint, KeyKind, Mode, SiteNumber};

/// The key of a request, if it has one: its hash, which is what is kept of it. The keys of pages and those of the host's backend are
/// apart: no page can use up one of the host's. So are those of test keys.
///
/// # Errors
/// 400 for what is no key.
pub(super) fn given_key(headers: &HeaderMap, caller: KeyKind, mode: Mode) -> Result<Option<[u8; 16]>, Problem> {
    const LENGTH_MAX: usize = 255;
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let bytes = key.as_bytes();
    let fits = (1..=LENGTH_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    // Of two, a proxy between may go by the other.
    if !fits || keys.next().is_some() {
        let title = "there must be one `Idempotency-Key`, of 1 to 255 printable ASCII characters, without spaces";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "idempotency_key_invalid", title));
    }
    let mut hash = Sha256::new();
    // No key has a space.
    if caller == KeyKind::Publishable {
        hash.update("page ");
    }
    if mode == Mode::Test {
        hash.update("test ");
    }
    hash.update(bytes);
    let hash: [u8; 32] = hash.finalize().into();
    let (short, _) = hash.split_first_chunk::<16>().ok_or_else(|| Problem::internal(&"a hash is too short"))?;
    Ok(Some(*short))
}

/// The key of a request that must have one.
///
/// # Errors
/// 400 for none, and for what is none.
pub(super) fn required_key(headers: &HeaderMap, caller: KeyKind, mode: Mode) -> Result<[u8; 16], Problem> {
    given_key(headers, caller, mode)?.ok_or_else(|| {
        let title = "an `Idempotency-Key` is required";
        Problem::new(StatusCode::BAD_REQUEST, "idempotency_key_required", title)
    })
}

/// The hash of route, site and what is asked, in the one form in which we write it: whoever has it asks for the same thing. `asked` is
/// what the caller wants, without what may differ when they ask for it again.
///
/// # Errors
/// [`Problem`] when it cannot be written, which nobody has seen.
pub(super) fn fingerprint(route: &str, site: SiteNumber, asked: &impl Serialize) -> Result<Fingerprint, Problem> {
    let asked = serde_json::to_vec(asked).map_err(|error| Problem::internal(&error))?;
    let mut hash = Sha256::new();
    // No other route's request can have it.
    hash.update(route);
    hash.update([0]);
    hash.update(site.0.to_be_bytes());
    hash.update(asked);
    Ok(hash.finalize().into())
}

/// Says that this was answered before.
pub(super) fn mark_replayed(response: &mut Response) {
    const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
}
