//! What the tests ask of a ledger.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use tearoff_server::store::Mode;

/// An order to be reserved.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Of which site.
    pub site: &'static str,
    /// Its reference.
    pub order: String,
    /// The idempotency key.
    pub key: String,
    /// The code.
    pub code: &'static str,
    /// The customer, as JSON.
    pub customer: Value,
    /// Whether it is placed at once.
    pub place: bool,
    /// Whether it is meant.
    pub mode: Mode,
    /// How many mugs, each on a line of its own, so that each is an occurrence.
    pub mugs: u32,
}

impl Asked {
    /// An order of the first site with this code, by nobody in particular.
    #[must_use]
    pub fn of(order: impl Into<String>, code: &'static str) -> Self {
        let order = order.into();
        Self {
            site: "studio",
            key: format!("key of {order}"),
            order,
            code,
            customer: Value::Null,
            place: false,
            mode: Mode::Live,
            mugs: 1,
        }
    }

    /// The same by this customer.
    #[must_use]
    pub fn by(self, customer: Value) -> Self {
        Self { customer, ..self }
    }

    /// The same at this site.
    #[must_use]
    pub fn at(self, site: &'static str) -> Self {
        Self { site, ..self }
    }

    /// The same under this key.
    #[must_use]
    pub fn under(self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self }
    }

    /// The same for so many mugs.
    #[must_use]
    pub fn of_mugs(self, mugs: u32) -> Self {
        Self { mugs, ..self }
    }

    /// The same as a test.
    #[must_use]
    pub fn as_a_test(self) -> Self {
        Self { mode: Mode::Test, ..self }
    }

    pub(super) fn fingerprint(&self) -> [u8; 32] {
        spread(&format!("{} {} {} {} {}", self.order, self.code, self.customer, self.place, self.mugs))
    }

    pub(super) fn key(&self) -> [u8; 16] {
        spread(&format!("{:?} {}", self.mode, self.key))
    }
}

/// Bytes that differ where texts differ.
fn spread<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
    let mut bytes = [0_u8; LENGTH];
    for (index, chunk) in (0_u64..).zip(bytes.chunks_mut(8)) {
        let mut hasher = DefaultHasher::new();
        (index, text).hash(&mut hasher);
        chunk.copy_from_slice(&hasher.finish().to_be_bytes());
    }
    bytes
}
