//! How often one address may guess (SPEC section 14): lookups, quotes and redemptions by a publishable key share its budgets at a site.
//!
//! A wrong code is an answer that only tells that there is no such code; a visitor with a good code spends none. Nobody knows before the answer
//! is made, so it is made, held against the budget, and told only where that bears as many wrong codes as there were codes: a good code is
//! refused wherever a wrong one would be, and however many are tried at once, no more are told than the budget bears. Nothing is reserved
//! meanwhile, so that good codes are not in each other's way.
//!
//! Whom the host's backend has signed pays for themselves, not on their address. What is told of a customer who is only claimed to be there
//! (R69) is no wrong code: it costs a budget of the address and that customer, and a larger one of the address. Wrong codes are counted for
//! the site too; beyond what it bears each counts as several ([`DEARER`]). Requests have a budget of their own, far larger, and are charged
//! before anything is done for them.
//!
//! A publishable key that redeems has one more budget, by the hour, of the address and of each identity that it names (R55): what it
//! redeems is placed at once, so no hold stays open that could be counted.
//!
//! The table has a fixed size. Site and address are hashed with a key to one of its places. Nobody knows the key: it is drawn when the server
//! starts, and on PostgreSQL it stands in the table `limiter_key`, for all servers, where whoever reads the database reads it. Two addresses
//! that meet in one place share a budget, which is the price of a memory that no flood of addresses can grow and no eviction that a
//! guesser could provoke.
//!
//! Servers that share a database share the budgets ([`settle`]): what an address may do at one of them it may not do once more at another.

mod budget;
mod redemptions;
mod settle;

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tearoff_core::customer::Identity;

use crate::customer::{Customer, IdentityKind};
use crate::store::{SharedLimits, SiteNumber};
use budget::{Budget, Cost, Spent};
use settle::{Due, Settler, Told};

/// How many places there are.
const PLACES: usize = 1 << 16;
/// How many requests an address may make for each guess it may make: a page that re-prices by asking stays far below it.
const REQUESTS_A_GUESS: u32 = 30;
/// About how many customers an address may claim for each guess it may make: an office asks about everybody in it.
const CLAIMS_A_GUESS: u32 = 10;
/// As how many a wrong code counts while a site has borne as many as it bears.
const DEARER: u64 = 10;

/// A budget of guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// How many come back each minute.
    pub per_minute: NonZeroU32,
    /// How many may be made at once.
    pub burst: NonZeroU32,
}

/// How many wrong codes all visitors of a site may try in a minute, as many at once, before each counts as several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteGuesses(pub NonZeroU32);

/// How many redemptions the pages at one address, or for one identity, may record in an hour; as many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRedemptions(pub NonZeroU32);

/// How much is borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of wrong codes of one address.
    pub guesses: Guesses,
    /// Of wrong codes of a site's visitors together.
    pub site_guesses: SiteGuesses,
    /// Of redemptions by pages.
    pub redemptions: PageRedemptions,
}

/// Tells who has asked, guessed or redeemed too often.
#[derive(Debug)]
pub struct Limiter {
    places: Box<[Place]>,
    guesses: Budget,
    site_guesses: Budget,
    claims: Budget,
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

/// Who asks with a publishable key.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// Of which site.
    pub site: SiteNumber,
    /// From where.
    pub address: IpAddr,
    /// Who they are, as far as anybody said.
    pub customer: Option<&'a Customer>,
}

/// What somebody may have asked for who guesses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tells {
    /// Codes that are answered as unknown.
    pub wrong_codes: u32,
    /// What depends on a customer who is only claimed to be there (R69).
    pub of_claimed: u32,
}

/// What an answer was charged.
#[derive(Clone, Debug, Default)]
pub struct Charged {
    dues: Vec<Due>,
}

impl Charged {
    /// Whether it cost nothing.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.dues.is_empty()
    }
}

/// The accounts of one site and address, or of one site and identity, or of a site.
#[derive(Debug, Default)]
struct Place {
    guesses: Account,
    requests: Account,
    redemptions: Account,
    claims: Account,
    site_guesses: Account,
    /// When it was last said that a site has no budget left, in nanoseconds since the table was made.
    said_at: AtomicU64,
}

/// What was spent of one budget.
#[derive(Debug, Default)]
struct Account {
    spent: Spent,
    /// What no other server has heard of, in nanoseconds; below zero where it was given back.
    untold: AtomicI64,
}

/// What a place has accounts of, with the numbers of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Guesses = 0,
    Requests = 1,
    Redemptions = 2,
    Claims = 3,
    SiteGuesses = 4,
}

impl Place {
    const fn account(&self, kind: Kind) -> &Account {
        match kind {
            Kind::Guesses => &self.guesses,
            Kind::Requests => &self.requests,
            Kind::Redemptions => &self.redemptions,
            Kind::Claims => &self.claims,
            Kind::SiteGuesses => &self.site_guesses,
        }
    }
}

/// Who pays, each apart.
#[derive(Clone, Copy, Debug)]
enum Payer<'a> {
    Site,
    Address(IpAddr),
    Identity(IdentityKind, &'a str),
    /// Whoever an address claims to be.
    Claimed(IpAddr, &'a Customer),
}

impl Limiter {
    /// A table in which everybody's budget is full. `key` is what addresses are hashed with.
    #[must_use]
    pub fn new(limits: Limits, key: [u8; 32]) -> Self {
        const MINUTE: u64 = 60_000_000_000;
        let Limits { guesses, site_guesses: SiteGuesses(of_site), redemptions: PageRedemptions(redemptions) } = limits;
        let budget = |times: u32| Budget::new(MINUTE, guesses.per_minute, guesses.burst, times.into());
        Self {
            places: (0..PLACES).map(|_| Place::default()).collect(),
            guesses: budget(1),
            site_guesses: Budget::new(MINUTE, of_site, of_site, 1),
            claims: budget(CLAIMS_A_GUESS),
            requests: budget(REQUESTS_A_GUESS),
            redemptions: Budget::new(60 * MINUTE, redemptions, redemptions, 1),
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

    /// Charges an address at a site for a request, before anything is done for it. The other servers are told from time to time.
    ///
    /// # Errors
    /// [`TooMany`] when the budget does not bear it.
    pub async fn charge_request(&self, site: SiteNumber, address: IpAddr) -> Result<(), TooMany> {
        let (mut charged, cost) = (Charged::default(), self.requests.cost(1, 1));
        self.spend(&mut charged, (site, Payer::of(address)), Kind::Requests, self.requests, cost)?;
        let Some((settler, due)) = self.settler.as_ref().zip(charged.dues.pop()) else { return Ok(()) };
        let untold = self.add_untold(&due);
        if untold < self.requests.time(REQUESTS_A_GUESS.into()) {
            return Ok(());
        }
        self.take_untold(&due);
        self.settled(settler, vec![due]).await
    }

    /// Whether somebody's budget bears so many wrong codes, as far as this server knows. Nothing is charged.
    ///
    /// # Errors
    /// [`TooMany`] when it does not.
    pub fn bears(&self, visitor: Visitor<'_>, codes: u32) -> Result<(), TooMany> {
        let Some((_, place)) = self.place(visitor.site, visitor.guesser()) else { return Ok(()) };
        place.guesses.spent.bears(self.guesses, self.guesses.cost(codes, 0), || self.now())
    }

    /// Charges somebody for an answer about so many codes, before it is told, as far as this server knows. Whether wrong codes are borne does
    /// not depend on how many there were.
    ///
    /// # Errors
    /// [`TooMany`] when a budget does not bear it; then nothing is charged.
    pub fn charge(&self, visitor: Visitor<'_>, codes: u32, tells: Tells) -> Result<Charged, TooMany> {
        let mut charged = Charged::default();
        match self.charge_all(&mut charged, visitor, codes, tells) {
            Ok(()) => Ok(charged),
            Err(refused) => {
                self.give_back(&charged);
                Err(refused)
            }
        }
    }

    fn charge_all(&self, charged: &mut Charged, visitor: Visitor<'_>, codes: u32, tells: Tells) -> Result<(), TooMany> {
        let Tells { wrong_codes, of_claimed } = tells;
        let Visitor { site, address, customer } = visitor;
        let of_site = self.site_guesses.cost(codes, wrong_codes);
        let is_strained =
            self.spend(charged, (site, Payer::Site), Kind::SiteGuesses, self.site_guesses, of_site).is_err();
        let times = if is_strained { DEARER } else { 1 };
        let cost = self.guesses.cost_times(codes, wrong_codes, times);
        self.spend(charged, (site, visitor.guesser()), Kind::Guesses, self.guesses, cost)?;
        if of_claimed > 0
            && let Some(customer) = customer
        {
            let claimed = (site, Payer::Claimed(network(address), customer));
            let of_one = self.guesses.cost(of_claimed, of_claimed);
            self.spend(charged, claimed, Kind::Claims, self.guesses, of_one)?;
            let of_all = self.claims.cost(of_claimed, of_claimed);
            self.spend(charged, (site, Payer::of(address)), Kind::Claims, self.claims, of_all)?;
        }
        Ok(())
    }

    /// Spends what it costs, if that is borne, and notes what the other servers are to be told.
    fn spend(
        &self,
        charged: &mut Charged,
        (site, payer): (SiteNumber, Payer<'_>),
        kind: Kind,
        budget: Budget,
        cost: Cost,
    ) -> Result<(), TooMany> {
        let Some((number, place)) = self.place(site, payer) else { return Ok(()) };
        place.account(kind).spent.spend(budget, cost, || self.now())?;
        if cost.spent > 0 {
            // That a site has borne enough makes guesses dearer. Only payers are refused, here or by the others.
            let needed = if kind == Kind::SiteGuesses { 0 } else { cost.needed };
            charged.dues.push(Due::of(number, kind, budget, Cost { needed, ..cost }));
        }
        Ok(())
    }

    /// Gives back what was charged for an answer that is not told, and of which the other servers were not told.
    pub fn give_back(&self, charged: &Charged) {
        for (due, account) in self.accounts(&charged.dues) {
            account.spent.give_back(due.time());
        }
    }

    /// Tells the other servers of what was charged. Where there are none, or they cannot be told at once, what this server knows decides.
    ///
    /// # Errors
    /// [`TooMany`] when all servers together have borne as much already: then the answer may not be told, and nothing is charged.
    pub async fn settle(&self, charged: Charged) -> Result<(), TooMany> {
        match &self.settler {
            Some(settler) => self.settled(settler, charged.dues).await,
            None => Ok(()),
        }
    }

    /// Whether a site has borne as many wrong codes as it bears, so that more of them count as several; and whether that is news, as it is
    /// once a minute.
    pub fn strain(&self, site: SiteNumber) -> Option<Strain> {
        let (_, place) = self.place(site, Payer::Site)?;
        const NEWS: u64 = 60_000_000_000;
        let budget = self.site_guesses;
        place.site_guesses.spent.bears(budget, budget.cost(1, 0), || self.now()).err()?;
        let now = self.now();
        let is_due = |said_at: u64| (said_at == 0 || now.saturating_sub(said_at) >= NEWS).then_some(now.max(1));
        let is_news = place.said_at.try_update(Ordering::AcqRel, Ordering::Acquire, is_due).is_ok();
        Some(Strain { is_news })
    }

    /// Asks whether all servers together bear what this one has charged; where not, it was charged to nobody.
    async fn settled(&self, settler: &Settler, dues: Vec<Due>) -> Result<(), TooMany> {
        if dues.is_empty() {
            return Ok(());
        }
        let with_arrears =
            |(due, account): (&Due, &Account)| due.clone().with_arrears(account.untold.swap(0, Ordering::AcqRel));
        let dues: Vec<Due> = self.accounts(&dues).map(with_arrears).collect();
        let settled = match settler.settle(dues.clone()).await {
            Told::InTime(settled) => settled,
            Told::Late => return Ok(()),
            Told::Nobody => {
                for (due, account) in self.accounts(&dues) {
                    account.untold.fetch_add(due.all_time(), Ordering::AcqRel);
                }
                return Ok(());
            }
        };
        let now = self.now();
        for ((due, account), owed_microseconds) in self.accounts(&dues).zip(&settled.owed_microseconds) {
            if settled.refused.is_some() {
                account.spent.give_back(due.time());
            }
            account.spent.owe_at_least(now.saturating_add(owed_microseconds.saturating_mul(1000)));
        }
        settled.refused.map_or(Ok(()), Err)
    }

    /// Keeps what is due to be told later; tells how much there is now.
    fn add_untold(&self, due: &Due) -> u64 {
        let time = nanoseconds(due.time());
        let untold = |account: &Account| account.untold.fetch_add(time, Ordering::AcqRel).saturating_add(time);
        let untold = self.account(due).map(untold).unwrap_or_default();
        untold.max(0).unsigned_abs()
    }

    /// The same is told now.
    fn take_untold(&self, due: &Due) {
        if let Some(account) = self.account(due) {
            account.untold.fetch_sub(nanoseconds(due.time()), Ordering::AcqRel);
        }
    }

    fn accounts<'a>(&'a self, dues: &'a [Due]) -> impl Iterator<Item = (&'a Due, &'a Account)> {
        dues.iter().filter_map(|due| Some((due, self.account(due)?)))
    }

    fn account(&self, due: &Due) -> Option<&Account> {
        let (number, kind) = due.purse();
        Some(self.places.get(usize::from(number))?.account(kind))
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
            Payer::Site => mac.update(b"s"),
            Payer::Address(address) => add_address(&mut mac, address),
            Payer::Identity(kind, identity) => {
                mac.update(&[b'i', kind.tag()]);
                mac.update(identity.as_bytes());
            }
            Payer::Claimed(address, customer) => {
                mac.update(b"c");
                add_address(&mut mac, address);
                for (kind, identity) in customer.identities() {
                    mac.update(&[kind.tag()]);
                    mac.update(&identity.len().to_le_bytes());
                    mac.update(identity.as_bytes());
                }
            }
        }
        mac.finalize().into_bytes().into()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// A site has borne as many wrong codes as it bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strain {
    /// Whether nobody was told within the last minute.
    pub is_news: bool,
}

fn nanoseconds(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

fn add_address(mac: &mut Hmac<Sha256>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            mac.update(b"4");
            mac.update(&address.octets());
        }
        IpAddr::V6(address) => {
            mac.update(b"6");
            mac.update(&address.octets());
        }
    }
}

/// A key that is shorter than a block is followed by zeros (RFC 2104).
fn keyed(key: [u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(byte, of_key)| *byte = of_key);
    Hmac::new(&block.into())
}

impl<'a> Visitor<'a> {
    /// Whose wrong codes they are: of whomever the host's backend has signed, else of the address.
    fn guesser(self) -> Payer<'a> {
        let signed = self.customer.filter(|customer| customer.sure() == Identity::Asserted);
        match signed.and_then(Customer::steadiest) {
            Some((kind, identity)) => Payer::Identity(kind, identity),
            None => Payer::of(self.address),
        }
    }
}

impl Payer<'_> {
    const fn of(address: IpAddr) -> Self {
        Self::Address(network(address))
    }
}

/// What counts as one address: in IPv6 the network of a household, which has more addresses than could ever be counted.
const fn network(address: IpAddr) -> IpAddr {
    const HOUSEHOLD: u128 = !(u64::MAX as u128);
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & HOUSEHOLD)),
    }
}

#[cfg(test)]
mod tests;
