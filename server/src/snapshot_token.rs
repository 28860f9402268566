//! Snapshots with a signature: `base64url(canonical bytes) . base64url(key version, HMAC-SHA256)`.
//!
//! A page reads the first part and hands the whole back when it reserves. Only the server makes and checks the second; one
//! algorithm, a key per site, and a version so that two keys can overlap while one is replaced.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tearoff_core::canonical::Canonical;
use tearoff_core::snapshot::Snapshot;

use crate::store::Secret;

/// What is signed begins with this, so that no other signature by the same key can pass for one of a snapshot.
const CONTEXT: &[u8] = b"tearoff snapshot\0";

/// Signs a snapshot.
#[must_use]
pub fn sign(snapshot: &Snapshot, secret: &Secret) -> String {
    let bytes = snapshot.to_bytes();
    let mut signature = vec![secret.version];
    if let Some(mac) = mac(secret, &bytes) {
        signature.extend_from_slice(&mac.finalize().into_bytes());
    }
    format!("{}.{}", URL_SAFE_NO_PAD.encode(bytes), URL_SAFE_NO_PAD.encode(signature))
}

/// A token taken apart, its signature not yet checked.
#[derive(Clone, Debug)]
pub struct Unverified {
    bytes: Vec<u8>,
    version: u8,
    signature: Vec<u8>,
}

impl Unverified {
    /// Takes a token apart; `None` when it has another form.
    #[must_use]
    pub fn read(token: &str) -> Option<Self> {
        let (bytes, signature) = token.split_once('.')?;
        let bytes = URL_SAFE_NO_PAD.decode(bytes).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let (version, signature) = signature.split_first()?;
        Some(Self { bytes, version: *version, signature: signature.to_vec() })
    }

    /// Which version of the site's key it says it was signed with.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.version
    }

    /// The bytes of the snapshot, if that key signed them. Takes as long for a signature that is nearly right as for any other.
    #[must_use]
    pub fn verify(self, secret: &Secret) -> Option<Vec<u8>> {
        let mac = mac(secret, &self.bytes)?;
        (secret.version == self.version && mac.verify_slice(&self.signature).is_ok()).then_some(self.bytes)
    }
}

fn mac(secret: &Secret, bytes: &[u8]) -> Option<Hmac<Sha256>> {
    // An HMAC takes a key of any length, so this is never `None`.
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret.bytes).ok()?;
    mac.update(CONTEXT);
    mac.update(&[secret.version]);
    mac.update(bytes);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use tearoff_core::facts::Facts;
    use tearoff_core::money::Currency;
    use tearoff_core::policy::Policy;
    use tearoff_core::promotion::condition::Channel;

    fn snapshot() -> Snapshot {
        Snapshot {
            engine: tearoff_core::ENGINE,
            site: "studio".into(),
            customer: "".into(),
            expires_at: DateTime::default(),
            currency: Currency::parse("EUR").unwrap(),
            locations: Vec::new(),
            catalog: Default::default(),
            candidates: Vec::new(),
            facts: Facts {
                now: DateTime::default(),
                policy: Policy::default(),
                venues: Vec::new(),
                entered: Vec::new(),
                customer: None,
                channel: Channel::default(),
                gifts: Vec::new(),
            },
        }
    }

    fn secret(version: u8, byte: u8) -> Secret {
        Secret { version, bytes: [byte; 32] }
    }

    #[test]
    fn a_signed_snapshot_comes_back() {
        let token = sign(&snapshot(), &secret(1, 7));
        let bytes = Unverified::read(&token).unwrap().verify(&secret(1, 7)).unwrap();
        assert_eq!(Snapshot::read(&bytes), Ok(snapshot()));
    }

    #[test]
    fn anything_else_is_refused() {
        let token = sign(&snapshot(), &secret(1, 7));
        let verifies =
            |token: &str, secret: &Secret| Unverified::read(token).and_then(|token| token.verify(secret)).is_some();
        assert!(!verifies(&token, &secret(1, 8)), "another key");
        assert!(!verifies(&token, &secret(2, 7)), "another version");
        let (bytes, signature) = token.split_once('.').unwrap();
        for forged in [
            String::new(),
            bytes.to_owned(),
            format!("{bytes}."),
            format!("{bytes}.AQ"),
            format!(".{signature}"),
            format!("A{bytes}.{signature}"),
            format!("{bytes}.{signature}.{signature}"),
            format!("{bytes}.{}", signature.to_lowercase()),
        ] {
            assert!(!verifies(&forged, &secret(1, 7)), "{forged}");
        }
    }
}
