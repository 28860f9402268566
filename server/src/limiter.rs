//! How often one address may guess (SPEC section 14): lookups, quotes and redemptions by a publishable key share one budget per site.
//!
//! A guess is an answer that only tells that there is no such code, or what a claimed identity has used (R69); a visitor with a good
//! code spends none. But nobody knows before the answer, so every code is charged first and given back when it was no guess: however
//! many are tried at once, no more are answered than the budget bears. Requests have a budget of their own, far larger.
//!
//! A publishable key that redeems has one more budget, by the hour, of the address and of each identity that it names (R55): what it
//! redeems is placed at once, so no hold stays open that could be counted.
//!
//! The table has a fixed size. Site and address are hashed, with a key that nobody knows, to one of its places; two addresses that
//! meet in one place share a budget, which is the price of a memory that no flood of addresses can grow and no eviction that a
//! guesser could provoke.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::customer::{Customer, IdentityKind};
use crate::store::SiteNumber;

/// How many places there are.
const PLACES: usize = 1 << 16;
/// How many requests an address may make for each guess it may make: a page that re-prices by asking stays far below it.
const REQUESTS_A_GUESS: u64 = 30;

/// A budget of guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// How many come back each minute.
    pub per_minute: NonZeroU32,
    /// How many may be made at once.
    pub burst: NonZeroU32,
}

/// How many redemptions the pages at one address, or for one identity, may record in an hour; as many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRedemptions(pub NonZeroU32);

/// Tells who has asked, guessed or redeemed too often.
#[derive(Debug)]
pub struct Limiter {
    places: Box<[Place]>,
    guesses: Budget,
    requests: Budget,
    redemptions: Budget,
    hasher: RandomState,
    began: Instant,
}

/// Come back after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// When, rounded up.
    pub retry_after_seconds: u64,
}

/// What one site and address have spent, or one site and identity.
#[derive(Debug, Default)]
struct Place {
    guesses: Spent,
    requests: Spent,
    redemptions: Spent,
}

/// Whose budget a redemption is charged to, each apart.
#[derive(Clone, Copy, Debug, Hash)]
enum Payer<'a> {
    Address(IpAddr),
    Identity(IdentityKind, &'a str),
}

impl Limiter {
    /// A table in which everybody's budget is full.
    #[must_use]
    pub fn new(guesses: Guesses, redemptions: PageRedemptions) -> Self {
        const MINUTE: u64 = 60_000_000_000;
        let budget = |times: u64| Budget::new(MINUTE, guesses.per_minute, guesses.burst, times);
        Self {
            places: (0..PLACES).map(|_| Place::default()).collect(),
            guesses: budget(1),
            requests: budget(REQUESTS_A_GUESS),
            redemptions: Budget::new(60 * MINUTE, redemptions.0, redemptions.0, 1),
            hasher: RandomState::new(),
            began: Instant::now(),
        }
    }

    /// Charges an address at a site for a request with so many codes.
    ///
    /// # Errors
    /// [`TooMany`] when a budget does not bear it; then no guess is charged.
    pub fn charge(&self, site: SiteNumber, address: IpAddr, codes: u32) -> Result<(), TooMany> {
        let Some(place) = self.place(site, Payer::of(address)) else { return Ok(()) };
        place.requests.spend(self.requests, 1, self.now())?;
        place.guesses.spend(self.guesses, codes, self.now())
    }

    /// Gives back what was charged for codes that were no guesses.
    pub fn give_back(&self, site: SiteNumber, address: IpAddr, codes: u32) {
        if let Some(place) = self.place(site, Payer::of(address)) {
            place.guesses.give_back(self.guesses, codes);
        }
    }

    /// Charges a redemption by a page to its address and to everybody it names (R55): to all of them, or to none.
    ///
    /// # Errors
    /// [`TooMany`] when a budget does not bear it.
    pub fn charge_redemption(
        &self,
        site: SiteNumber,
        address: IpAddr,
        customer: Option<&Customer>,
    ) -> Result<(), TooMany> {
        let mut charged = Vec::new();
        for place in self.payers(site, address, customer) {
            if let Err(refused) = place.redemptions.spend(self.redemptions, 1, self.now()) {
                charged.iter().for_each(|place: &&Place| place.redemptions.give_back(self.redemptions, 1));
                return Err(refused);
            }
            charged.push(place);
        }
        Ok(())
    }

    /// Gives back what was charged for a redemption that was not recorded.
    pub fn give_back_redemption(&self, site: SiteNumber, address: IpAddr, customer: Option<&Customer>) {
        self.payers(site, address, customer).for_each(|place| place.redemptions.give_back(self.redemptions, 1));
    }

    fn payers<'a>(
        &'a self,
        site: SiteNumber,
        address: IpAddr,
        customer: Option<&'a Customer>,
    ) -> impl Iterator<Item = &'a Place> {
        let identities = customer.into_iter().flat_map(Customer::identities);
        let identities = identities.map(|(kind, identity)| Payer::Identity(kind, identity));
        std::iter::once(Payer::of(address)).chain(identities).filter_map(move |payer| self.place(site, payer))
    }

    fn place(&self, site: SiteNumber, payer: Payer<'_>) -> Option<&Place> {
        let hash = self.hasher.hash_one((site, payer));
        self.places.get(usize::try_from(hash).unwrap_or(usize::MAX) & (PLACES - 1))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Payer<'_> {
    fn of(address: IpAddr) -> Self {
        Self::Address(network(address))
    }
}

/// A budget as time: each unit takes an interval to come back, and so many intervals may be owed at once.
#[derive(Clone, Copy, Debug)]
struct Budget {
    interval_nanoseconds: u64,
    burst: u64,
}

impl Budget {
    /// So many times `count` units come back in each period, and so many times `burst` may be spent at once.
    fn new(period_nanoseconds: u64, count: NonZeroU32, burst: NonZeroU32, times: u64) -> Self {
        let count = u64::from(count.get()).saturating_mul(times);
        let interval_nanoseconds = period_nanoseconds.checked_div(count).unwrap_or(period_nanoseconds).max(1);
        Self { interval_nanoseconds, burst: u64::from(burst.get()).saturating_mul(times) }
    }

    const fn time(&self, count: u64) -> u64 {
        self.interval_nanoseconds.saturating_mul(count)
    }
}

/// When all that was spent will have come back, in nanoseconds since the table was made.
#[derive(Debug, Default)]
struct Spent(AtomicU64);

impl Spent {
    fn spend(&self, budget: Budget, count: u32, now: u64) -> Result<(), TooMany> {
        let bound = now.saturating_add(budget.time(budget.burst));
        let after = |full_at: u64| full_at.max(now).saturating_add(budget.time(u64::from(count)));
        let affordable = |full_at: u64| Some(after(full_at)).filter(|after| *after <= bound);
        let spent = self.0.try_update(Ordering::AcqRel, Ordering::Acquire, affordable);
        spent.map(drop).map_err(|full_at| {
            let wait = Duration::from_nanos(after(full_at).saturating_sub(bound));
            TooMany { retry_after_seconds: wait.as_secs().saturating_add(1) }
        })
    }

    fn give_back(&self, budget: Budget, count: u32) {
        let time = budget.time(u64::from(count));
        self.0.update(Ordering::AcqRel, Ordering::Acquire, |full_at| full_at.saturating_sub(time));
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
    use crate::customer::CustomerRequest;
    use tearoff_core::customer::Identity;

    fn limiter(burst: u32) -> Limiter {
        let guesses = Guesses { per_minute: NonZeroU32::MIN, burst: NonZeroU32::new(burst).unwrap() };
        Limiter::new(guesses, PageRedemptions(NonZeroU32::new(2).unwrap()))
    }

    fn ana() -> IpAddr {
        "192.0.2.1".parse().unwrap()
    }

    #[test]
    fn each_address_and_site_has_a_budget() {
        let limiter = limiter(2);
        let charge = |site, address| limiter.charge(SiteNumber(site), address, 1);
        assert!(charge(1, ana()).is_ok() && charge(1, ana()).is_ok());
        let refused = charge(1, ana()).unwrap_err();
        assert!((1..=61).contains(&refused.retry_after_seconds), "{refused:?}");
        assert!(charge(1, "192.0.2.2".parse().unwrap()).is_ok(), "another address");
        assert!(charge(2, ana()).is_ok(), "another site");
    }

    #[test]
    fn what_was_no_guess_costs_nothing() {
        let limiter = limiter(2);
        for _ in 0..50 {
            limiter.charge(SiteNumber(1), ana(), 2).unwrap();
            limiter.give_back(SiteNumber(1), ana(), 2);
        }
        limiter.give_back(SiteNumber(1), ana(), 100);
        limiter.charge(SiteNumber(1), ana(), 2).unwrap();
        assert!(limiter.charge(SiteNumber(1), ana(), 1).is_err(), "nor does it fill a budget over its brim");
    }

    #[test]
    fn requests_have_an_end_too() {
        let limiter = limiter(1);
        let asked = (0..100).filter(|_| limiter.charge(SiteNumber(1), ana(), 0).is_ok()).count();
        assert!((30..=32).contains(&asked), "{asked}");
    }

    #[test]
    fn what_is_spent_comes_back() {
        let budget = Budget { interval_nanoseconds: 10, burst: 3 };
        let spent = Spent::default();
        assert!(spent.spend(budget, 3, 100).is_ok() && spent.spend(budget, 1, 109).is_err());
        assert!(spent.spend(budget, 1, 110).is_ok() && spent.spend(budget, 1, 119).is_err());
        assert!(spent.spend(budget, 3, 1000).is_ok() && spent.spend(budget, 4, u64::MAX / 2).is_err());
    }

    #[test]
    fn a_household_is_one_address() {
        let limiter = limiter(1);
        let charge = |address: &str| limiter.charge(SiteNumber(1), address.parse().unwrap(), 1);
        assert!(charge("2001:db8::1").is_ok());
        assert!(charge("2001:db8::ffff:2").is_err());
        assert!(charge("2001:db8:0:1::1").is_ok());
        assert!(charge("::ffff:192.0.2.1").is_ok());
        assert!(charge("192.0.2.1").is_err(), "the same address in its other form");
    }

    #[test]
    fn a_redemption_is_charged_to_all_or_to_none() {
        let limiter = limiter(1);
        let customer = |email: &str| {
            let request = CustomerRequest { email: Some(email.into()), ..CustomerRequest::default() };
            Customer::parse(Some(&request), Identity::Claimed).unwrap()
        };
        let (one, other) = (ana(), "192.0.2.2".parse().unwrap());
        let charge = |address, email| limiter.charge_redemption(SiteNumber(1), address, customer(email).as_ref());
        assert!(charge(one, "ana@example.com").is_ok() && charge(one, "bob@example.com").is_ok());
        let refused = charge(one, "cleo@example.com").unwrap_err();
        assert!((1700..=1801).contains(&refused.retry_after_seconds), "two an hour: {refused:?}");
        assert!(charge(other, " ANA@example.com").is_ok(), "hers has borne one");
        assert!(charge(other, "ana@example.com").is_err(), "and bears no third");
        assert!(charge(other, "bob@example.com").is_ok(), "for which the address was not charged");
        limiter.give_back_redemption(SiteNumber(1), one, customer("ana@example.com").as_ref());
        assert!(charge(one, "ana@example.com").is_ok());
        assert!(limiter.charge(SiteNumber(1), one, 1).is_ok(), "guesses are counted apart");
    }

    #[test]
    fn several_at_once_are_all_or_nothing() {
        let limiter = limiter(3);
        let charge = |count| limiter.charge(SiteNumber(1), ana(), count);
        assert!(charge(4).is_err() && charge(2).is_ok() && charge(2).is_err() && charge(1).is_ok());
    }
}
