//! How often one address may guess (SPEC section 14): lookups, quotes and redemptions by a publishable key share one budget.
//!
//! The table has a fixed size. Site and address are hashed, with a key that nobody knows, to one of its places; two addresses that
//! meet in one place share a budget, which is the price of a memory that no flood of addresses can grow and no eviction that a
//! guesser could provoke.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::store::SiteNumber;

type Bucket = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// How many budgets there are.
const PLACES: usize = 1 << 16;

/// A budget of guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// How many come back each minute.
    pub per_minute: NonZeroU32,
    /// How many may be made at once.
    pub burst: NonZeroU32,
}

/// Tells who has guessed too often.
#[derive(Debug)]
pub struct Limiter {
    places: Box<[Bucket]>,
    hasher: RandomState,
}

/// Too many guesses: come back after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// When, rounded up.
    pub retry_after_seconds: u64,
}

impl Limiter {
    /// A table in which everybody's budget is full.
    #[must_use]
    pub fn new(guesses: Guesses) -> Self {
        let quota = Quota::per_minute(guesses.per_minute).allow_burst(guesses.burst);
        let places = (0..PLACES).map(|_| RateLimiter::direct_with_clock(quota, MonotonicClock)).collect();
        Self { places, hasher: RandomState::new() }
    }

    /// Spends `count` guesses of an address at a site.
    ///
    /// # Errors
    /// [`TooMany`] when the budget does not bear them; then none is spent.
    pub fn spend(&self, site: SiteNumber, address: IpAddr, count: NonZeroU32) -> Result<(), TooMany> {
        let hash = self.hasher.hash_one((site, network(address)));
        let place = usize::try_from(hash).unwrap_or(usize::MAX) & (PLACES - 1);
        let Some(bucket) = self.places.get(place) else { return Ok(()) };
        match bucket.check_n(count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refused)) => {
                let wait = refused.wait_time_from(MonotonicClock.now());
                Err(TooMany { retry_after_seconds: wait.as_secs().saturating_add(1) })
            }
            // More than a full budget: no waiting helps, and a minute is as good an answer as any.
            Err(_) => Err(TooMany { retry_after_seconds: Duration::from_secs(60).as_secs() }),
        }
    }
}

/// What counts as one address: in IPv6 the network of a household, which has more addresses than could ever be counted.
fn network(address: IpAddr) -> IpAddr {
    const HOUSEHOLD: u128 = !(u64::MAX as u128);
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & HOUSEHOLD).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: NonZeroU32 = NonZeroU32::MIN;

    fn limiter(burst: u32) -> Limiter {
        Limiter::new(Guesses { per_minute: ONE, burst: NonZeroU32::new(burst).unwrap() })
    }

    #[test]
    fn each_address_and_site_has_a_budget() {
        let limiter = limiter(2);
        let [ana, ben]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().unwrap());
        let spend = |site, address| limiter.spend(SiteNumber(site), address, ONE);
        assert!(spend(1, ana).is_ok() && spend(1, ana).is_ok());
        let refused = spend(1, ana).unwrap_err();
        assert!((1..=60).contains(&refused.retry_after_seconds), "{refused:?}");
        assert!(spend(1, ben).is_ok(), "another address");
        assert!(spend(2, ana).is_ok(), "another site");
    }

    #[test]
    fn a_household_is_one_address() {
        let limiter = limiter(1);
        let spend = |address: &str| limiter.spend(SiteNumber(1), address.parse().unwrap(), ONE);
        assert!(spend("2001:db8::1").is_ok());
        assert!(spend("2001:db8::ffff:2").is_err());
        assert!(spend("2001:db8:0:1::1").is_ok());
        assert!(spend("::ffff:192.0.2.1").is_ok());
        assert!(spend("192.0.2.1").is_err(), "the same address in its other form");
    }

    #[test]
    fn several_at_once_are_all_or_nothing() {
        let limiter = limiter(3);
        let address = "192.0.2.1".parse().unwrap();
        let spend = |count| limiter.spend(SiteNumber(1), address, NonZeroU32::new(count).unwrap());
        assert!(spend(4).is_err() && spend(2).is_ok() && spend(2).is_err() && spend(1).is_ok());
    }
}
