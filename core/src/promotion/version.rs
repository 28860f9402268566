//! Terms with their digest, made once and true ever after.

use core::ops::Deref;

use super::Terms;
use crate::canonical::{Canonical, Reader, Writer};
use crate::digest::Digest;

/// One version of a promotion's [`Terms`], which cannot be changed, and its digest (R66): what is evaluated over and over is hashed
/// once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    terms: Terms,
    digest: Digest,
}

impl Version {
    /// The digest of these terms.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Other terms, made from these.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(&mut Terms)) -> Self {
        let mut terms = self.terms.clone();
        change(&mut terms);
        terms.into()
    }
}

impl From<Terms> for Version {
    fn from(terms: Terms) -> Self {
        let digest = Digest::of_terms(&terms.to_bytes());
        Self { terms, digest }
    }
}

impl Deref for Version {
    type Target = Terms;

    fn deref(&self) -> &Terms {
        &self.terms
    }
}

impl Canonical for Version {
    fn write(&self, out: &mut Writer) {
        self.terms.write(out);
    }

    /// A value has one byte form, so the bytes that were read are those that would be written: they are hashed as they are.
    fn take(reader: &mut Reader<'_>) -> Self {
        let before = reader.rest();
        let terms = Terms::take(reader);
        let taken = before.len().saturating_sub(reader.rest().len());
        let (bytes, _) = before.split_at_checked(taken).unwrap_or_default();
        Self { terms, digest: Digest::of_terms(bytes) }
    }
}
