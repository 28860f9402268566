//! What was read before, for whoever asks again: what owners have set up, which every request asks for and few change, and what is counted.
//!
//! It is kept as it was understood, so that neither the database is asked again nor a row read again. It is worthless as soon as anybody changes any
//! of it: to the batch that does so at once, and to everybody else when that is durable, before anybody is told that it is. Only who knows of
//! every change may remember: on SQLite nobody else writes to the file, and on PostgreSQL nothing is remembered.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tearoff_core::canonical::Canonical;
use tearoff_core::catalog::CatalogItem;
use tearoff_core::code::CodeKey;
use tearoff_core::id::ItemId;

use super::session::Session;
use super::value::Value;
use crate::store::{
    CodeRecord, KeyRecord, PromotionNumber, PromotionRecord, Purpose, Secret, SiteNumber, SiteRecord, Stored,
};

/// Most bytes that are kept: enough for the codes of a busy day.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// What is kept, for all connections of a database.
#[derive(Debug, Default)]
pub(in crate::store) struct Memory {
    /// Raised whenever anything is changed.
    generation: AtomicU64,
    kept: RwLock<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// What the tables are of.
    generation: u64,
    tables: Tables,
    bytes: usize,
}

impl Memory {
    /// What is remembered from now on: nothing that is changed later, as far as whoever changes it says so.
    pub(in crate::store) fn now(&self) -> Remembered<'_> {
        Remembered { memory: self, generation: self.generation.load(Ordering::SeqCst) }
    }

    /// Something was changed, and that is durable: it holds for everybody from now on.
    pub(in crate::store) fn changed(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }
}

/// What is remembered within one transaction.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Remembered<'s> {
    memory: &'s Memory,
    generation: u64,
}

impl Remembered<'_> {
    /// What is remembered under a key, or what `work` finds, which is then kept. That there is nothing is not kept: a stranger asks for keys,
    /// codes and items that are not there, as many as they like.
    pub(in crate::store) fn recall<T: Kind>(
        &self,
        key: &T::Key,
        work: impl FnOnce() -> Stored<Option<T>>,
    ) -> Stored<Option<T>> {
        if let Some(found) = self.find(key) {
            return Ok(Some(found));
        }
        let found = work()?;
        if let Some(found) = &found {
            self.keep(key, found);
        }
        Ok(found)
    }

    fn find<T: Kind>(&self, key: &T::Key) -> Option<T> {
        let kept = self.memory.kept.read().unwrap_or_else(PoisonError::into_inner);
        (kept.generation == self.generation).then(|| T::table(&kept.tables).get(key).cloned()).flatten()
    }

    fn keep<T: Kind>(&self, key: &T::Key, found: &T) {
        let weight = found.weight();
        // One thing that leaves no room for others is read each time.
        if weight > BYTES_MAX / 4 {
            return;
        }
        let mut kept = self.memory.kept.write().unwrap_or_else(PoisonError::into_inner);
        // What somebody read before the last change is of no use to those after it.
        if self.generation < kept.generation {
            return;
        }
        if self.generation > kept.generation || kept.bytes.saturating_add(weight) > BYTES_MAX {
            *kept = Kept { generation: self.generation, ..Kept::default() };
        }
        T::table_mut(&mut kept.tables).insert(key.clone(), found.clone());
        kept.bytes = kept.bytes.saturating_add(weight);
    }
}

/// Something that is kept, by what it is found.
pub(in crate::store) trait Kind: Clone {
    /// What it is found by.
    type Key: Clone + Eq + Hash;

    /// Where it is kept.
    fn table(tables: &Tables) -> &HashMap<Self::Key, Self>;

    /// The same, to put it there.
    fn table_mut(tables: &mut Tables) -> &mut HashMap<Self::Key, Self>;

    /// How many bytes it takes in memory, about, its key included.
    fn weight(&self) -> usize;
}

/// The promotions of a site that act without a code.
#[derive(Clone, Debug)]
pub(super) struct WithoutCodes(pub(super) Arc<[Arc<PromotionRecord>]>);

/// What a counter counts.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Count(pub(in crate::store) i64);

/// When the first of the holds that are open ends, in milliseconds since 1970; `None` while none is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct FirstEnd(pub(super) Option<i64>);

/// What anything takes beside the texts in it, about.
const EACH: usize = 400;
/// How many times its canonical bytes a promotion or an item takes in memory, at most: a text of one byte is an allocation of its own.
const TIMES: usize = 40;

macro_rules! kinds {
    ($($table:ident: $key:ty => $kind:ty, $weight:expr;)*) => {
        /// A table for each kind of thing.
        #[derive(Debug, Default)]
        pub(in crate::store) struct Tables {
            $($table: HashMap<$key, $kind>,)*
        }

        $(impl Kind for $kind {
            type Key = $key;

            fn table(tables: &Tables) -> &HashMap<$key, Self> {
                &tables.$table
            }

            fn table_mut(tables: &mut Tables) -> &mut HashMap<$key, Self> {
                &mut tables.$table
            }

            fn weight(&self) -> usize {
                let weight: fn(&Self) -> usize = $weight;
                weight(self).saturating_add(EACH)
            }
        })*
    };
}
kinds! {
    keys: [u8; 32] => KeyRecord, |_| 0;
    sites: SiteNumber => Arc<SiteRecord>, |site| site_weight(site);
    secrets: (SiteNumber, Purpose) => Secret, |_| 0;
    items: (SiteNumber, ItemId) => CatalogItem, |item| item.to_bytes().len().saturating_mul(TIMES);
    codes: (SiteNumber, CodeKey) => CodeRecord, |code| code.spelling.len().saturating_mul(4);
    promotions: PromotionNumber => Arc<PromotionRecord>, |record| promotion_weight(record);
    counts: Vec<Value<'static>> => Count, |_| 0;
    first_end: () => FirstEnd, |_| 0;
    without_codes: (SiteNumber, u32) => WithoutCodes, |found| found.0.iter().map(|record| promotion_weight(record)).sum();
}

fn promotion_weight(record: &PromotionRecord) -> usize {
    record.promotion.to_bytes().len().saturating_mul(TIMES)
}

fn site_weight(site: &SiteRecord) -> usize {
    let policy = serde_json::to_string(&site.draft).map_or(0, |text| text.len());
    let origins: usize = site.origins.iter().map(|origin| origin.len().saturating_add(size_of::<String>())).sum();
    policy.saturating_mul(TIMES).saturating_add(origins)
}

impl Session<'_> {
    /// What owners have set up under a key: what is remembered, where anything is, or what `work` finds.
    pub(super) fn recall<T: Kind>(&self, key: &T::Key, work: impl FnOnce() -> Stored<Option<T>>) -> Stored<Option<T>> {
        match self.0.set_up() {
            Some(remembered) => remembered.recall(key, work),
            None => work(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> Secret {
        Secret { version: 1, bytes: [byte; 32] }
    }

    fn key(site: i64) -> (SiteNumber, Purpose) {
        (SiteNumber(site), Purpose::Snapshots)
    }

    fn asked_again() -> Stored<Option<Secret>> {
        panic!("the database is asked again")
    }

    #[test]
    fn what_is_there_is_kept_until_something_is_changed() {
        let memory = Memory::default();
        let (early, kept) = (memory.now(), memory.now());
        assert_eq!(kept.recall(&key(1), || Ok(Some(secret(1)))).unwrap(), Some(secret(1)));
        assert_eq!(memory.now().recall(&key(1), asked_again).unwrap(), Some(secret(1)));
        memory.changed();
        assert_eq!(memory.now().recall(&key(1), || Ok(Some(secret(2)))).unwrap(), Some(secret(2)));
        assert_eq!(early.recall(&key(1), || Ok(Some(secret(3)))).unwrap(), Some(secret(3)), "its own is gone");
        assert_eq!(
            memory.now().recall(&key(1), asked_again).unwrap(),
            Some(secret(2)),
            "what is read late is kept for nobody"
        );
    }

    #[test]
    fn what_a_stranger_asks_for_fills_nothing() {
        let memory = Memory::default();
        for site in 0..1000 {
            assert_eq!(memory.now().recall::<Secret>(&key(site), || Ok(None)).unwrap(), None);
        }
        assert_eq!(memory.kept.read().unwrap().bytes, 0);
        assert_eq!(memory.now().recall(&key(7), || Ok(Some(secret(7)))).unwrap(), Some(secret(7)), "and hides nothing");
    }

    #[test]
    fn however_much_there_is_it_ends_somewhere() {
        let memory = Memory::default();
        let most = BYTES_MAX / EACH;
        for site in 0..most + 1000 {
            let found = memory.now().recall(&key(i64::try_from(site).unwrap()), || Ok(Some(secret(0))));
            assert_eq!(found.unwrap(), Some(secret(0)));
            let kept = memory.kept.read().unwrap();
            assert!(kept.bytes <= BYTES_MAX && kept.tables.secrets.len() <= most);
        }
    }
}
