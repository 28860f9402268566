//! Identifiers and secrets that the server makes.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// How many bits count within one millisecond.
const COUNT_BITS: u32 = 12;

/// When the last id was made: milliseconds, and the count within them. One for the process, so that all its ids have one order.
static LAST: AtomicU64 = AtomicU64::new(0);

/// A UUID of version 7: ids made later by this process are greater, so that they fall together in a database and a list that is read page
/// by page skips none. Those of one millisecond are counted; a count that runs over, or a clock that was set back, borrows from the
/// milliseconds to come (RFC 9562, 6.2, methods 1 and 4).
///
/// # Errors
/// [`NoRandomness`].
pub fn time_ordered(ids: &dyn Ids, now: DateTime<Utc>) -> Result<Uuid, NoRandomness> {
    let mut bytes = [0; 10];
    ids.fill(&mut bytes)?;
    let tick = next_tick(now.timestamp_millis().unsigned_abs());
    let (milliseconds, count) = (tick >> COUNT_BITS, tick & ((1 << COUNT_BITS) - 1));
    if let (Some(place), Ok(count)) = (bytes.first_chunk_mut(), u16::try_from(count)) {
        // The version takes the upper four bits.
        *place = count.to_be_bytes();
    }
    Ok(Builder::from_unix_timestamp_millis(milliseconds, &bytes).into_uuid())
}

/// A number greater than every one before, `now` or later.
fn next_tick(now_milliseconds: u64) -> u64 {
    let now = now_milliseconds << COUNT_BITS;
    let after = |last: u64| now.max(last.saturating_add(1));
    after(LAST.update(Ordering::AcqRel, Ordering::Acquire, after))
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

    /// Whoever has read a list up to an id misses nothing that is made later, even within one millisecond or after the clock was set back.
    #[test]
    fn ids_never_fall_back() {
        let at = |milliseconds| DateTime::from_timestamp_millis(milliseconds).unwrap();
        let instants = std::iter::repeat_n(2_000_000_000_000, 10_000).chain([1_999_999_999_000, 2_000_000_000_001]);
        let made: Vec<_> = instants.map(|instant| RedemptionId::new(&SystemIds, at(instant)).unwrap()).collect();
        assert!(made.is_sorted_by(|earlier, later| earlier < later));
        let uuid = Uuid::from_bytes(*made[0].as_bytes());
        assert_eq!((uuid.get_version_num(), uuid.get_variant()), (7, uuid::Variant::RFC4122));
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
