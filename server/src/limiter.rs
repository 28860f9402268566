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
//!
//! Servers that share a database share the budgets ([`settle`]): what an address may do at one of them it may not do once more at another.

mod budget;
mod settle;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::customer::{Customer, IdentityKind};
use crate::store::{SharedLimits, SiteNumber};
use budget::{Budget, Spent};
use settle::{Due, Settler};

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
    /// With the key, before anything is hashed.
    keyed: Hmac<Sha256>,
    began: Instant,
    settler: Option<Settler>,
}

/// Come back after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// When, rounded up.
    pub retry_after_seconds: u64,
}

impl TooMany {
    fn after(wait: Duration) -> Self {
        Self { retry_after_seconds: wait.as_secs().saturating_add(1) }
    }
}

/// What one site and address have spent, or one site and identity.
#[derive(Debug, Default)]
struct Place {
    guesses: Spent,
    requests: Spent,
    redemptions: Spent,
    /// Requests that no other server has heard of.
    untold: AtomicU32,
}

/// What a place has budgets of, with the numbers of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Guesses = 0,
    Requests = 1,
    Redemptions = 2,
}

/// Whose budget a redemption is charged to, each apart.
#[derive(Clone, Copy, Debug)]
enum Payer<'a> {
    Address(IpAddr),
    Identity(IdentityKind, &'a str),
}

impl Limiter {
    /// A table in which everybody's budget is full. `key` is what addresses are hashed with, and known to nobody else.
    #[must_use]
    pub fn new(guesses: Guesses, redemptions: PageRedemptions, key: [u8; 32]) -> Self {
        const MINUTE: u64 = 60_000_000_000;
        let budget = |times: u64| Budget::new(MINUTE, guesses.per_minute, guesses.burst, times);
        Self {
            places: (0..PLACES).map(|_| Place::default()).collect(),
            guesses: budget(1),
            requests: budget(REQUESTS_A_GUESS),
            redemptions: Budget::new(60 * MINUTE, redemptions.0, redemptions.0, 1),
            keyed: keyed(key),
            began: Instant::now(),
            settler: None,
        }
    }

    /// The same, sharing its budgets with all who share `limits` and hash with the same key.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn shared(self, limits: Box<dyn SharedLimits>) -> std::io::Result<Self> {
        Ok(Self { settler: Some(Settler::start(limits)?), ..self })
    }

    /// Charges an address at a site for a request with so many codes, as far as this server knows.
    ///
    /// # Errors
    /// [`TooMany`] when a budget does not bear it; then no guess is charged.
    pub fn charge(&self, site: SiteNumber, address: IpAddr, codes: u32) -> Result<(), TooMany> {
        let Some((_, place)) = self.place(site, Payer::of(address)) else { return Ok(()) };
        place.requests.spend(self.requests, 1, self.now())?;
        place.untold.fetch_add(1, Ordering::AcqRel);
        place.guesses.spend(self.guesses, codes, self.now())
    }

    /// Gives back what was charged for codes that were no guesses.
    pub fn give_back(&self, site: SiteNumber, address: IpAddr, codes: u32) {
        if let Some((_, place)) = self.place(site, Payer::of(address)) {
            place.guesses.give_back(self.guesses, codes);
        }
    }

    /// Tells the other servers of so many guesses that were charged, and from time to time of the requests. Where there are none, or they
    /// cannot be told at once, what this server knows decides.
    ///
    /// # Errors
    /// [`TooMany`] when all servers together have borne as much already: then the guesses may not be answered.
    pub async fn settle(&self, site: SiteNumber, address: IpAddr, guesses: u32) -> Result<(), TooMany> {
        let Some(settler) = &self.settler else { return Ok(()) };
        let Some((number, place)) = self.place(site, Payer::of(address)) else { return Ok(()) };
        let mut due = Vec::new();
        if guesses > 0 {
            due.push((Due::of(number, Kind::Guesses, self.guesses, guesses), &place.guesses));
        }
        let is_worth_it = |untold: u32| u64::from(untold) >= REQUESTS_A_GUESS;
        let told = |untold: u32| if is_worth_it(untold) { 0 } else { untold };
        let untold = place.untold.update(Ordering::AcqRel, Ordering::Acquire, told);
        if is_worth_it(untold) {
            due.push((Due::of(number, Kind::Requests, self.requests, untold), &place.requests));
        }
        self.settled(settler, due).await
    }

    /// Charges a redemption by a page to its address and to everybody it names (R55): to all of them, or to none.
    ///
    /// # Errors
    /// [`TooMany`] when a budget does not bear it.
    pub async fn charge_redemption(
        &self,
        site: SiteNumber,
        address: IpAddr,
        customer: Option<&Customer>,
    ) -> Result<(), TooMany> {
        let mut charged = Vec::new();
        for (number, place) in self.payers(site, address, customer) {
            if let Err(refused) = place.redemptions.spend(self.redemptions, 1, self.now()) {
                charged.iter().for_each(|(_, spent): &(Due, &Spent)| spent.give_back(self.redemptions, 1));
                return Err(refused);
            }
            charged.push((Due::of(number, Kind::Redemptions, self.redemptions, 1), &place.redemptions));
        }
        match &self.settler {
            Some(settler) => self.settled(settler, charged).await,
            None => Ok(()),
        }
    }

    /// Gives back what was charged for a redemption that was not recorded.
    pub fn give_back_redemption(&self, site: SiteNumber, address: IpAddr, customer: Option<&Customer>) {
        for (number, place) in self.payers(site, address, customer) {
            place.redemptions.give_back(self.redemptions, 1);
            if let Some(settler) = &self.settler {
                settler.give_back(Due::of(number, Kind::Redemptions, self.redemptions, 1));
            }
        }
    }

    /// Asks whether all servers together bear what this one has charged; where not, it was charged to nobody.
    async fn settled(&self, settler: &Settler, due: Vec<(Due, &Spent)>) -> Result<(), TooMany> {
        if due.is_empty() {
            return Ok(());
        }
        let Some(settled) = settler.settle(due.iter().map(|(due, _)| due.clone()).collect()).await else {
            return Ok(());
        };
        let now = self.now();
        for ((due, spent), owed_microseconds) in due.iter().zip(&settled.owed_microseconds) {
            if settled.refused.is_some() {
                spent.give_back_time(due.time());
            }
            spent.owe_at_least(now.saturating_add(owed_microseconds.saturating_mul(1000)));
        }
        settled.refused.map_or(Ok(()), Err)
    }

    fn payers<'a>(
        &'a self,
        site: SiteNumber,
        address: IpAddr,
        customer: Option<&'a Customer>,
    ) -> impl Iterator<Item = (u16, &'a Place)> {
        let identities = customer.into_iter().flat_map(Customer::identities);
        let identities = identities.map(|(kind, identity)| Payer::Identity(kind, identity));
        std::iter::once(Payer::of(address)).chain(identities).filter_map(move |payer| self.place(site, payer))
    }

    /// The place of whoever pays, with its number.
    fn place(&self, site: SiteNumber, payer: Payer<'_>) -> Option<(u16, &Place)> {
        let [low, high, ..] = self.hash(site, payer);
        let number = u16::from_le_bytes([low, high]);
        self.places.get(usize::from(number)).map(|place| (number, place))
    }

    fn hash(&self, site: SiteNumber, payer: Payer<'_>) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        mac.update(&site.0.to_le_bytes());
        match payer {
            Payer::Address(IpAddr::V4(address)) => {
                mac.update(b"4");
                mac.update(&address.octets());
            }
            Payer::Address(IpAddr::V6(address)) => {
                mac.update(b"6");
                mac.update(&address.octets());
            }
            Payer::Identity(kind, identity) => {
                mac.update(&[b'i', kind.tag()]);
                mac.update(identity.as_bytes());
            }
        }
        mac.finalize().into_bytes().into()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// A key that is shorter than a block is followed by zeros (RFC 2104).
fn keyed(key: [u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(byte, of_key)| *byte = of_key);
    Hmac::new(&block.into())
}

impl Payer<'_> {
    fn of(address: IpAddr) -> Self {
        Self::Address(network(address))
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
        Limiter::new(guesses, PageRedemptions(NonZeroU32::new(2).unwrap()), [7; 32])
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
    fn a_household_is_one_address() {
        let limiter = limiter(1);
        let charge = |address: &str| limiter.charge(SiteNumber(1), address.parse().unwrap(), 1);
        assert!(charge("2001:db8::1").is_ok());
        assert!(charge("2001:db8::ffff:2").is_err());
        assert!(charge("2001:db8:0:1::1").is_ok());
        assert!(charge("::ffff:192.0.2.1").is_ok());
        assert!(charge("192.0.2.1").is_err(), "the same address in its other form");
    }

    #[tokio::test]
    async fn a_redemption_is_charged_to_all_or_to_none() {
        let limiter = limiter(1);
        let customer = |email: &str| {
            let request = CustomerRequest { email: Some(email.into()), ..CustomerRequest::default() };
            Customer::parse(Some(&request), Identity::Claimed).unwrap()
        };
        let (one, other) = (ana(), "192.0.2.2".parse().unwrap());
        let charge = async |address, email| {
            let customer = customer(email);
            limiter.charge_redemption(SiteNumber(1), address, customer.as_ref()).await
        };
        assert!(charge(one, "ana@example.com").await.is_ok() && charge(one, "bob@example.com").await.is_ok());
        let refused = charge(one, "cleo@example.com").await.unwrap_err();
        assert!((1700..=1801).contains(&refused.retry_after_seconds), "two an hour: {refused:?}");
        assert!(charge(other, " ANA@example.com").await.is_ok(), "hers has borne one");
        assert!(charge(other, "ana@example.com").await.is_err(), "and bears no third");
        assert!(charge(other, "bob@example.com").await.is_ok(), "for which the address was not charged");
        limiter.give_back_redemption(SiteNumber(1), one, customer("ana@example.com").as_ref());
        assert!(charge(one, "ana@example.com").await.is_ok());
        assert!(limiter.charge(SiteNumber(1), one, 1).is_ok(), "guesses are counted apart");
    }

    #[test]
    fn several_at_once_are_all_or_nothing() {
        let limiter = limiter(3);
        let charge = |count| limiter.charge(SiteNumber(1), ana(), count);
        assert!(charge(4).is_err() && charge(2).is_ok() && charge(2).is_err() && charge(1).is_ok());
    }
}
