//! Lists that mostly hold one thing.

use alloc::{vec, vec::Vec};
use core::ops::{Deref, DerefMut};
use core::slice;
use serde::{Serialize, Serializer};

use crate::canonical::{Canonical, Reader, Writer};

/// A list that holds a single element in itself: most lines of a cart have one date, and memory of its own for each of them would take
/// longer than pricing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Few<T>(Held<T>);

/// By how many there are, so that equal lists are held alike.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Held<T> {
    One(T),
    /// None takes no memory either.
    NoneOrMany(Vec<T>),
}

impl<T> Few<T> {
    /// An empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self(Held::NoneOrMany(Vec::new()))
    }

    /// Appends an element.
    pub fn push(&mut self, element: T) {
        self.0 = match core::mem::take(self).0 {
            Held::One(first) => Held::NoneOrMany(vec![first, element]),
            Held::NoneOrMany(all) if all.is_empty() => Held::One(element),
            Held::NoneOrMany(mut all) => {
                all.push(element);
                Held::NoneOrMany(all)
            }
        };
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.0 {
            Held::One(one) => slice::from_ref(one),
            Held::NoneOrMany(all) => all,
        }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            Held::One(one) => slice::from_mut(one),
            Held::NoneOrMany(all) => all,
        }
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut few = Self::new();
        elements.into_iter().for_each(|element| few.push(element));
        few
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> slice::Iter<'a, T> {
        self.iter()
    }
}

impl<T: Serialize> Serialize for Few<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<T: Canonical> Canonical for Few<T> {
    fn write(&self, out: &mut Writer) {
        out.list(self);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        Vec::take(reader).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_what_a_vec_would_be() {
        for count in 0..4_u32 {
            let (few, all): (Few<u32>, Vec<u32>) = ((0..count).collect(), (0..count).collect());
            assert_eq!(*few, *all);
            assert_eq!(few.to_bytes(), all.to_bytes());
            assert_eq!(Few::from_bytes(&all.to_bytes()), Ok(few.clone()));
            assert_eq!(serde_json::to_string(&few).unwrap(), serde_json::to_string(&all).unwrap());
            let mut doubled = few;
            doubled.iter_mut().for_each(|number| *number *= 2);
            assert!(doubled.iter().eq((0..count).map(|number| number * 2).collect::<Vec<_>>().iter()));
        }
    }
}
