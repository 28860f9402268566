//! Identifiers and secrets that the server makes.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use uuid::{Builder, Uuid};

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandomness;

/// Gives random bytes. Everything random enters here, so that a test can fix it.
pub trait Ids: Send + Sync {
    /// Fills `bytes` with bytes that nobody can guess.
    ///
    /// # Errors
    /// [`NoRandomness`] when there are none; nothing may then be made from `bytes`.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The operating system's random bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(bytes).map_err(|_| NoRandomness)
    }
}

/// A UUID of version 7: ids made later are greater, so that they fall together in a database.
///
/// # Errors
/// [`NoRandomness`].
pub fn time_ordered(ids: &dyn Ids, now: DateTime<Utc>) -> Result<Uuid, NoRandomness> {
    let mut random = [0; 10];
    ids.fill(&mut random)?;
    Ok(Builder::from_unix_timestamp_millis(now.timestamp_millis().unsigned_abs(), &random).into_uuid())
}

/// The id of a redemption: `red_` and a UUID of version 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RedemptionId(Uuid);

impl RedemptionId {
    const PREFIX: &str = "red_";

    /// A new id.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn new(ids: &dyn Ids, now: DateTime<Utc>) -> Result<Self, NoRandomness> {
        time_ordered(ids, now).map(Self)
    }

    /// The id with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Its 16 bytes; in their order ids are in the order of time.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

/// A text that is no id of the kind that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchId;

impl FromStr for RedemptionId {
    type Err = NoSuchId;

    fn from_str(text: &str) -> Result<Self, NoSuchId> {
        let id = text.strip_prefix(Self::PREFIX).and_then(|uuid| Uuid::try_parse(uuid).ok()).map(Self);
        // One id has one spelling: the forms without hyphens or in upper case that a UUID parser takes are not ids.
        id.filter(|id| id.to_string() == text).ok_or(NoSuchId)
    }
}

impl fmt::Display for RedemptionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", Self::PREFIX, self.0.hyphenated())
    }
}

impl Serialize for RedemptionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A new promotion's id as text: `prm_` and a UUID of version 7.
///
/// # Errors
/// [`NoRandomness`].
pub fn promotion(ids: &dyn Ids, now: DateTime<Utc>) -> Result<String, NoRandomness> {
    time_ordered(ids, now).map(|uuid| format!("prm_{}", uuid.hyphenated()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_are_greater() {
        let at = |milliseconds| DateTime::from_timestamp_millis(milliseconds).unwrap();
        let early = RedemptionId::new(&SystemIds, at(1_700_000_000_000)).unwrap();
        let late = RedemptionId::new(&SystemIds, at(1_700_000_000_001)).unwrap();
        assert!(early < late);
        assert_ne!(early, RedemptionId::new(&SystemIds, at(1_700_000_000_000)).unwrap());
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = RedemptionId::new(&SystemIds, DateTime::default()).unwrap();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse::<RedemptionId>(), Err(NoSuchId));
        assert_eq!(id.to_string().replace("red_", "prm_").parse::<RedemptionId>(), Err(NoSuchId));
        assert_eq!(id.to_string().replace('-', "").parse::<RedemptionId>(), Err(NoSuchId));
        assert_eq!("".parse::<RedemptionId>(), Err(NoSuchId));
    }
}
