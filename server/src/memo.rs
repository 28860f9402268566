//! What was worked out before, kept by what it follows from: the same policy, item or table of clocks is not worked out again for each request.
//!
//! Nothing kept here can be out of date, since it follows from its key and from nothing else.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

/// Results by what they follow from, at most so many.
#[derive(Debug)]
pub(crate) struct Memo<K, V> {
    kept: RwLock<BTreeMap<K, V>>,
    most: usize,
}

impl<K: Ord, V: Clone> Memo<K, V> {
    /// Nothing yet. When there would be more than `most`, all are forgotten: what is needed comes back.
    pub(crate) const fn of_at_most(most: usize) -> Self {
        Self { kept: RwLock::new(BTreeMap::new()), most }
    }

    /// What follows from `key`: what is kept, or what `work` finds, which is then kept.
    ///
    /// # Errors
    /// That of `work`; it is not kept.
    pub(crate) fn recall<Q, E>(&self, key: &Q, work: impl FnOnce() -> Result<V, E>) -> Result<V, E>
    where
        Q: ?Sized + Ord + ToOwned<Owned = K>,
        K: Borrow<Q>,
    {
        if let Some(found) = self.kept.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Ok(found.clone());
        }
        let found = work()?;
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= self.most {
            kept.clear();
        }
        kept.insert(key.to_owned(), found.clone());
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_not_worked_out_again() {
        let memo: Memo<String, usize> = Memo::of_at_most(2);
        let length = |text: &str| memo.recall(text, || Ok::<_, ()>(text.len()));
        assert_eq!((length("one"), memo.recall("one", || Err(()))), (Ok(3), Ok(3)));
        assert_eq!(memo.recall("none", || Err(())), Err(()), "what fails is not kept");
        assert_eq!((length("three"), length("fourth")), (Ok(5), Ok(6)));
        assert_eq!(memo.recall("one", || Err(())), Err(()), "there is a bound");
    }
}
