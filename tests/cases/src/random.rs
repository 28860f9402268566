//! Numbers drawn by chance that are the same on every target.

/// A stream of numbers that depends on nothing but where it starts: `SplitMix64`, on 64-bit integers alone.
///
/// No draw uses a pointer-sized integer, so a target of 32 bits draws what one of 64 bits draws.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

/// The golden ratio in 64 bits: an odd step that visits every state.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// The stream of case `index` under `seed`. Neighbors are unrelated.
    #[must_use]
    pub const fn of(seed: u64, index: u64) -> Self {
        Self { state: mix(mix(seed.wrapping_add(STEP)) ^ index.wrapping_mul(STEP)) }
    }

    /// The next 64 bits.
    pub const fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// A number from 0 to just below `bound`; 0 where the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.draw()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included; `low` where there is nothing between.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0).unsigned_abs();
        low.saturating_add_unsigned(self.below(span.saturating_add(1)))
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of a list that is not empty.
    ///
    /// # Panics
    /// When the list is empty.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    /// One of a list, or nothing where it is empty.
    pub fn pick_any<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        (!from.is_empty()).then(|| self.pick(from))
    }

    /// One of a list whose entries say how often they are wanted.
    ///
    /// # Panics
    /// When no entry is wanted.
    pub fn weighted<T: Copy>(&mut self, from: &[(u64, T)]) -> T {
        let mut drawn = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in from {
            match drawn.checked_sub(*weight) {
                None => return *value,
                Some(rest) => drawn = rest,
            }
        }
        panic!("nothing to draw from");
    }

    /// Puts a list in any order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.index(end + 1));
        }
    }

    /// A place in a list of `length` entries, drawn in 64 bits like everything else.
    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }
}

/// Scatters 64 bits so that each depends on all.
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_case_starts_at_its_seed_and_index() {
        let mut random = Random::of(1, 2);
        assert_eq!((random.draw(), random.below(1000)), (10_116_348_427_443_287_449, 993));
        assert_ne!(Random::of(1, 2).draw(), Random::of(1, 3).draw());
        assert_ne!(Random::of(1, 2).draw(), Random::of(2, 2).draw());
    }

    #[test]
    fn splitmix_gives_its_published_numbers() {
        let mut random = Random { state: 1_234_567 };
        let drawn: Vec<u64> = std::iter::repeat_with(|| random.draw()).take(3).collect();
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn bounds_are_kept_and_reached() {
        let mut random = Random::of(7, 0);
        let mut seen = [false; 3];
        for _ in 0..200 {
            let drawn = random.between(-1, 1);
            seen[usize::try_from(drawn + 1).unwrap()] = true;
        }
        assert_eq!(seen, [true; 3]);
        assert_eq!(random.below(0), 0);
        assert_eq!(random.between(4, 3), 4);
        let mut list = [1, 2, 3, 4, 5];
        random.shuffle(&mut list);
        list.sort_unstable();
        assert_eq!(list, [1, 2, 3, 4, 5]);
    }
}
