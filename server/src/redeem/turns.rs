//! Taking turns: a site with much to write does not keep the others waiting.

use std::collections::VecDeque;

use crate::store::SiteNumber;

/// What waits, site by site, each in the order of arrival.
#[derive(Debug)]
pub(super) struct Turns<T>(VecDeque<(SiteNumber, VecDeque<T>)>);

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> Turns<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, site: SiteNumber, one: T) {
        match self.0.iter_mut().find(|(other, _)| *other == site) {
            Some((_, waiting)) => waiting.push_back(one),
            None => self.0.push_back((site, VecDeque::from([one]))),
        }
    }

    /// Takes at most so many, one of each site in turn. The site whose turn comes next keeps it.
    pub(super) fn take(&mut self, most: usize) -> Vec<T> {
        let mut taken = Vec::new();
        while taken.len() < most {
            let Some((site, mut waiting)) = self.0.pop_front() else { break };
            taken.extend(waiting.pop_front());
            if !waiting.is_empty() {
                self.0.push_back((site, waiting));
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_take_turns_and_each_keeps_its_order() {
        let mut turns = Turns::default();
        for (site, one) in [(1, "a1"), (1, "a2"), (1, "a3"), (2, "b1"), (3, "c1"), (3, "c2")] {
            turns.push(SiteNumber(site), one);
        }
        assert_eq!(turns.take(4), ["a1", "b1", "c1", "a2"]);
        turns.push(SiteNumber(2), "b2");
        assert_eq!(turns.take(9), ["c2", "a3", "b2"]);
        assert!(turns.is_empty() && turns.take(1).is_empty());
    }
}
