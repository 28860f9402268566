//! Carts that the host's backend has signed (R61): `cart1.payload.signature`.
//!
//! The payload is JSON in base64url without padding, and the signature, in base64url too, is the HMAC-SHA256 of everything before its dot, as it
//! is sent: what was signed is what is read, and nothing is decoded of which somebody else could have another idea. One form, one algorithm; a
//! token does not say how it shall be checked, nor with which secret. The key of the HMAC is the secret's own text, as its owner was told it.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use tearoff_core::invalid::{Fault, InvalidField};
use tearoff_core::request::CartRequest;
use tearoff_core::time::parse_instant;
use utoipa::ToSchema;

use crate::customer::CustomerRequest;
use crate::json;
use crate::problem::Problem;
use crate::routes::openapi;
use crate::store::CartSecret;

/// What every token of this form begins with.
const FORM: &str = "cart1";
/// Most bytes of a token: a cart of 500 lines with long ids and 1,000 occurrences fits twice.
pub const BYTES_MAX: usize = 512 * 1024;
/// Longest time for which a cart may be signed.
const LIFETIME_MAX: TimeDelta = TimeDelta::hours(24);
/// By how much the clock of the host's backend may be ahead of ours.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(5);

/// The secret as the host's backend holds it: the text that is the key of the HMAC.
#[must_use]
pub fn reveal(secret: &CartSecret) -> String {
    format!("cart_{}", URL_SAFE_NO_PAD.encode(secret.bytes))
}

/// What the host's backend signs: the payload of a `signed_cart`, as JSON in base64url.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignedCart {
    /// The id of the site for which it is signed, as `GET /v1/site` tells it.
    site: String,
    /// When it was signed: an instant in UTC, such as `2026-12-01T16:00:00Z`, at most 5 minutes ahead of the server's clock.
    issued_at: String,
    /// From when on it is not taken any more: later than `issued_at`, by at most 24 hours.
    expires_at: String,
    /// The cart, with its prices.
    #[schema(value_type = openapi::CartRequest)]
    cart: CartRequest,
    /// Who the customer is, where the backend knows: nobody doubts it.
    #[serde(default)]
    customer: Option<CustomerRequest>,
}

/// Whose word a cart is (R61).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// Whoever asks says so.
    ByCaller,
    /// The host's backend has signed it.
    Signed,
    /// It has, for a time that is over: the cart serves to find what was recorded with it, and for nothing new.
    SignedOnce,
}

/// What was signed.
#[derive(Debug)]
pub struct Opened {
    /// The cart.
    pub cart: CartRequest,
    /// Who the customer is, where it was said.
    pub customer: Option<CustomerRequest>,
    /// Whether its time is over.
    pub vouched: Vouched,
}

/// Why a cart is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is a page's own, where the site takes signed ones only.
    Unsigned,
    /// It was signed, for a time that is over.
    Expired,
    /// It has another form, none of the secrets signed it as it stands, or it was signed for another site.
    Signature(&'static str),
    /// It was signed, but what was signed is at fault.
    Invalid(Vec<InvalidField>),
}

/// Reads a token that one of `secrets` has signed for the site `site`. One whose time is over is read too.
///
/// # Errors
/// [`Refused::Signature`] and [`Refused::Invalid`].
pub fn open(token: &str, secrets: &[CartSecret], site: &str, now: DateTime<Utc>) -> Result<Opened, Refused> {
    let payload = verified(token, secrets).ok_or(Refused::Signature("is not as the site's backend has signed it"))?;
    let signed: SignedCart = json::parse(&payload).map_err(|fault| Refused::Invalid(vec![within(fault)]))?;
    if signed.site != site {
        return Err(Refused::Signature("is signed for another site"));
    }
    let (issued_at, expires_at) =
        (read_instant("issued_at", &signed.issued_at), read_instant("expires_at", &signed.expires_at));
    let (issued_at, expires_at) = match (issued_at, expires_at) {
        (Ok(issued_at), Ok(expires_at)) => (issued_at, expires_at),
        (issued_at, expires_at) => {
            return Err(Refused::Invalid([issued_at.err(), expires_at.err()].into_iter().flatten().collect()));
        }
    };
    let lifetime = expires_at.signed_duration_since(issued_at);
    let ahead = issued_at.signed_duration_since(now);
    if lifetime <= TimeDelta::zero() || lifetime > LIFETIME_MAX {
        let message = "must be later than `issued_at`, by at most 24 hours";
        return Err(Refused::Invalid(vec![fault("expires_at", Fault::OutOfBounds, message)]));
    }
    if ahead > CLOCKS_APART {
        let message = "must not be more than 5 minutes ahead of the server's clock";
        return Err(Refused::Invalid(vec![fault("issued_at", Fault::OutOfBounds, message)]));
    }
    let vouched = if now < expires_at { Vouched::Signed } else { Vouched::SignedOnce };
    Ok(Opened { cart: signed.cart, customer: signed.customer, vouched })
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let forbidden = |code: &str, title: &str, field: &str, message: &'static str| {
            let fault = InvalidField { field: field.into(), code: Fault::Contradiction, message: message.into() };
            let problem = Self::new(StatusCode::FORBIDDEN, code, title).detail(format!("`{field}` {message}"));
            problem.with("errors", serde_json::json!([fault]))
        };
        match refused {
            Refused::Invalid(faults) => Self::invalid(&faults),
            Refused::Unsigned => {
                let title = "the site takes carts from its pages only where its backend has signed them";
                forbidden("cart_signature_required", title, "cart", "is a page's own: send a `signed_cart`")
            }
            Refused::Expired => {
                let title = "the time for which the cart was signed is over";
                forbidden("cart_signature_expired", title, "signed_cart", "has expired: let the backend sign anew")
            }
            Refused::Signature(message) => {
                forbidden("cart_signature_invalid", "the cart's signature does not count here", "signed_cart", message)
            }
        }
    }
}

/// The bytes of the payload, if one of the secrets signed the token as it stands. Takes as long for a signature that is nearly right as for
/// any other.
fn verified(token: &str, secrets: &[CartSecret]) -> Option<Vec<u8>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (form, payload) = signed.split_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let is_signed = |secret: &CartSecret| {
        // An HMAC takes a key of any length, so there always is one.
        let mac = Hmac::<Sha256>::new_from_slice(reveal(secret).as_bytes());
        mac.is_ok_and(|mac| mac.chain_update(signed).verify_slice(&signature).is_ok())
    };
    if form != FORM || !secrets.iter().any(is_signed) {
        return None;
    }
    URL_SAFE_NO_PAD.decode(payload).ok()
}

fn read_instant(field: &str, text: &str) -> Result<DateTime<Utc>, InvalidField> {
    parse_instant(text).map_err(|(code, message)| InvalidField { field: below(field), code, message })
}

fn fault(field: &str, code: Fault, message: &'static str) -> InvalidField {
    InvalidField { field: below(field), code, message: message.into() }
}

/// The fault of a payload as one of the request that brought it.
fn within(fault: InvalidField) -> InvalidField {
    InvalidField { field: below(&fault.field), ..fault }
}

fn below(field: &str) -> String {
    format!("signed_cart.{field}")
}

#[cfg(test)]
mod tests;
