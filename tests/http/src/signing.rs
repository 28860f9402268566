//! What a host's backend does to sign a cart (R61), written from the description and not from the server.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::client::Client;

/// A secret for carts of the backend's site, made now.
///
/// # Panics
/// When none is made.
#[must_use]
pub fn secret(backend: &Client) -> String {
    let made = backend.post("/v1/site/secrets/carts", &json!({})).expect(201);
    made["secret"].as_str().expect("a secret").to_owned()
}

/// What is signed: this cart for this site, for half an hour from `now`.
#[must_use]
pub fn payload(site: &str, now: DateTime<Utc>, cart: &Value) -> Value {
    let text = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({ "site": site, "issued_at": text(now), "expires_at": text(now + TimeDelta::minutes(30)), "cart": cart })
}

/// The token of a payload.
#[must_use]
pub fn sign(payload: &Value, secret: &str) -> String {
    sign_text(&payload.to_string(), secret)
}

/// The token of a text that need be no payload.
///
/// # Panics
/// Never: an HMAC takes a key of any length.
#[must_use]
pub fn sign_text(payload: &str, secret: &str) -> String {
    let signed = format!("cart1.{}", URL_SAFE_NO_PAD.encode(payload));
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key").chain_update(&signed);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}
