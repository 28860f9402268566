//! Who the customer is, as far as anybody said (R47, R69): identities in one form each, and the keyed hashes that limits count by.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tearoff_core::customer::Identity;
use tearoff_core::invalid::{Fault, Faults, InvalidField};
use tearoff_core::text::{is_ambiguous, is_invisible};
use utoipa::ToSchema;

use crate::store::{KeyKind, Secret};

/// Who the customer is, as a caller writes it. Without any identity nobody is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
// core's requests have a `CustomerRequest` of their own, with other fields.
#[schema(as = CustomerIdentities)]
#[serde(deny_unknown_fields)]
pub struct CustomerRequest {
    /// An e-mail address; case does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The host's own id of the customer's account, 1 to 128 characters; case matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// A phone number in the form of E.164, such as `+302101234567`: `+`, then 7 to 15 digits, and nothing between them (R47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// A customer whose identities are checked and in their one form. `Debug` tells none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Customer {
    email: Option<Box<str>>,
    account: Option<Box<str>>,
    phone: Option<Box<str>>,
    sure: Identity,
}

impl fmt::Debug for Customer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Customer({:?})", self.sure)
    }
}

/// What a customer can be known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdentityKind {
    /// An e-mail address.
    Email,
    /// The host's own id of their account.
    Account,
    /// A phone number.
    Phone,
}

impl IdentityKind {
    /// What an identity's hash begins with, so that an account cannot pass for an address.
    pub(crate) const fn tag(self) -> u8 {
        match self {
            Self::Email => b'e',
            Self::Account => b'a',
            Self::Phone => b'p',
        }
    }
}

/// A keyed hash of one identity of a customer: the version of the key, then 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityKey([u8; Self::LENGTH]);

impl IdentityKey {
    /// How many bytes it has.
    pub const LENGTH: usize = 17;

    /// The key of an identity in its one form.
    pub(crate) fn of(secret: &Secret, kind: IdentityKind, identity: &str) -> Option<Self> {
        // An HMAC takes a key of any length, so this is never `None`.
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret.bytes).ok()?;
        mac.update(&[kind.tag()]);
        mac.update(identity.as_bytes());
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        let mut bytes = [0; Self::LENGTH];
        let (version, rest) = bytes.split_first_mut()?;
        *version = secret.version;
        rest.copy_from_slice(hash.first_chunk::<16>()?);
        Some(Self(bytes))
    }

    /// The key with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl Customer {
    /// Checks who somebody says the customer is; `None` where nobody is named. `sure` is whether they can be taken at their word.
    ///
    /// # Errors
    /// Every fault with its field below `customer`.
    pub fn parse(request: Option<&CustomerRequest>, sure: Identity) -> Result<Option<Self>, Vec<InvalidField>> {
        let Some(CustomerRequest { email, account, phone }) = request else { return Ok(None) };
        let mut faults = Faults::within("customer");
        let email = email.as_deref().and_then(|email| faults.keep("email", canonical_email(email)));
        let account = account.as_deref().and_then(|account| faults.keep("account", canonical_account(account)));
        let phone = phone.as_deref().and_then(|phone| faults.keep("phone", canonical_phone(phone)));
        if !faults.is_empty() {
            return Err(faults.into_vec());
        }
        let is_named = email.is_some() || account.is_some() || phone.is_some();
        Ok(is_named.then_some(Self { email, account, phone, sure }))
    }

    /// How sure it is that the customer is who they say.
    #[must_use]
    pub const fn sure(&self) -> Identity {
        self.sure
    }

    /// The identities in their one form. They are personal: they are hashed, and neither kept nor logged.
    pub(crate) fn identities(&self) -> impl Iterator<Item = (IdentityKind, &str)> {
        let named = [
            (IdentityKind::Email, &self.email),
            (IdentityKind::Account, &self.account),
            (IdentityKind::Phone, &self.phone),
        ];
        named.into_iter().filter_map(|(kind, identity)| Some((kind, identity.as_deref()?)))
    }

    /// The identity that somebody changes the least easily.
    pub(crate) fn steadiest(&self) -> Option<(IdentityKind, &str)> {
        let rank = |(kind, _): &(IdentityKind, &str)| match kind {
            IdentityKind::Account => 0,
            IdentityKind::Email => 1,
            IdentityKind::Phone => 2,
        };
        self.identities().min_by_key(rank)
    }

    /// The keyed hashes of all identities, in order, each once.
    #[must_use]
    pub fn keys(&self, secret: &Secret) -> Vec<IdentityKey> {
        let mut keys: Vec<IdentityKey> =
            self.identities().filter_map(|(kind, identity)| IdentityKey::of(secret, kind, identity)).collect();
        keys.sort_unstable();
        keys
    }
}

/// How sure it is that somebody is who the holder of such a key says: what a page says is a claim, what the host's backend says is asserted
/// (R69).
#[must_use]
pub const fn asserted_by(caller: KeyKind) -> Identity {
    match caller {
        KeyKind::Publishable => Identity::Claimed,
        KeyKind::Secret => Identity::Asserted,
    }
}

/// The hash that binds a snapshot to the customer it was made for; empty for nobody in particular.
#[must_use]
pub fn binding(keys: &[IdentityKey]) -> Box<str> {
    if keys.is_empty() {
        return "".into();
    }
    let mut hash = Sha256::new();
    for key in keys {
        hash.update(key.as_bytes());
    }
    let short: Vec<String> = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    short.concat().into()
}

/// The form in which addresses are compared: trimmed, lower case. No folding of dots or plus tags, which would merge people.
pub(crate) fn canonical_email(typed: &str) -> Result<Box<str>, (Fault, String)> {
    const LENGTH_MAX: usize = 254;
    let typed = typed.trim();
    if typed.is_empty() || typed.len() > LENGTH_MAX {
        return Err((Fault::OutOfBounds, format!("must have 1 to {LENGTH_MAX} bytes")));
    }
    let whole = match typed.split_once('@') {
        // An empty label, or a dot after the last, would make a second person of the same address.
        Some((name, host)) => !name.is_empty() && !host.contains('@') && host.split('.').all(|label| !label.is_empty()),
        None => false,
    };
    if !whole || typed.chars().any(|character| character.is_whitespace() || is_invisible(character)) {
        return Err((Fault::Malformed, "must be an e-mail address such as `name@example.com`".into()));
    }
    Ok(typed.to_lowercase().into())
}

fn canonical_account(given: &str) -> Result<Box<str>, (Fault, String)> {
    const LENGTH_MAX: usize = 128;
    let given = given.trim();
    if given.is_empty() || given.chars().count() > LENGTH_MAX {
        return Err((Fault::OutOfBounds, format!("must have 1 to {LENGTH_MAX} characters")));
    }
    if given.chars().any(is_ambiguous) {
        let message = "must not hold characters that show nothing, nor white space but plain spaces";
        return Err((Fault::Malformed, message.into()));
    }
    Ok(given.into())
}

/// A phone number has one form, that of E.164. Any other is refused: what a country writes without its prefix says nothing of whose it is.
pub(crate) fn canonical_phone(given: &str) -> Result<Box<str>, (Fault, String)> {
    let digits = given.strip_prefix('+').unwrap_or_default();
    let fits = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !fits || digits.starts_with('0') {
        return Err((Fault::Malformed, "must be `+`, then 7 to 15 digits, the first of them not 0 (E.164)".into()));
    }
    Ok(given.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(email: Option<&str>, account: Option<&str>, secret: u8) -> Vec<IdentityKey> {
        let request = CustomerRequest { email: email.map(Into::into), account: account.map(Into::into), phone: None };
        let customer = Customer::parse(Some(&request), Identity::Claimed).unwrap();
        customer.map(|customer| customer.keys(&Secret { version: 1, bytes: [secret; 32] })).unwrap_or_default()
    }

    #[test]
    fn one_person_has_one_key_however_they_type() {
        assert_eq!(keys(Some(" Ana@Example.COM "), None, 1), keys(Some("ana@example.com"), None, 1));
        assert_ne!(
            keys(Some("ana@example.com"), None, 1),
            keys(Some("a.na@example.com"), None, 1),
            "no folding of dots"
        );
        assert_ne!(keys(Some("ana@example.com"), None, 1), keys(Some("ana@example.com"), None, 2), "a secret per site");
        assert_ne!(keys(Some("a@b"), None, 1), keys(None, Some("a@b"), 1), "an account is no address");
        assert_eq!(keys(Some("a@b"), Some("7"), 1).len(), 2);
    }

    #[test]
    fn nobody_is_nobody() {
        assert_eq!(Customer::parse(None, Identity::Asserted), Ok(None));
        assert_eq!(Customer::parse(Some(&CustomerRequest::default()), Identity::Asserted), Ok(None));
        assert_eq!(&*binding(&[]), "");
        assert_eq!(binding(&keys(Some("a@b"), None, 1)).len(), 32);
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_field() {
        for bad in
            ["", " ", "ana", "@example.com", "ana@", "a@b@c", "a b@c", &format!("{}@example.com", "x".repeat(300))]
                .into_iter()
                .chain(["ana@example.com.", "ana@.example.com", "ana@example..com", "ana@."])
                .chain([
                    "an\u{200b}a@example.com",
                    "ana@example.com\u{feff}",
                    "\u{202e}ana@example.com",
                    "ana\u{ad}@example.com",
                ])
        {
            let request = CustomerRequest { email: Some(bad.into()), ..CustomerRequest::default() };
            let faults = Customer::parse(Some(&request), Identity::Claimed).unwrap_err();
            assert_eq!(faults[0].field, "customer.email", "{bad}");
        }
    }

    #[test]
    fn a_phone_number_has_one_form() {
        let parse = |phone: &str| {
            let request = CustomerRequest { phone: Some(phone.into()), ..CustomerRequest::default() };
            Customer::parse(Some(&request), Identity::Asserted)
        };
        assert!(parse("+302101234567").is_ok() && parse("+1234567").is_ok() && parse("+123456789012345").is_ok());
        for bad in [
            "",
            "+",
            "302101234567",
            "+30 210 1234567",
            "+30-2101234567",
            "00302101234567",
            "+0302101234",
            "+123456",
            "+1234567890123456",
            "+３０２１０１２３４５",
        ] {
            assert_eq!(parse(bad).unwrap_err()[0].field, "customer.phone", "{bad}");
        }
    }

    #[test]
    fn two_accounts_do_not_read_alike() {
        let parse = |account: &str| {
            let request = CustomerRequest { account: Some(account.into()), ..CustomerRequest::default() };
            Customer::parse(Some(&request), Identity::Asserted)
        };
        assert!(parse("Ana B. 7").is_ok());
        for space in ["\u{a0}", "\u{2009}", "\u{202f}", "\u{3000}", "\t", "\u{200b}"] {
            let faults = parse(&format!("Ana{space}B. 7")).unwrap_err();
            assert_eq!(faults[0].field, "customer.account", "{}", space.escape_unicode());
        }
    }
}
