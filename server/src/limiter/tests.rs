use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use tearoff_core::customer::Identity;

use super::*;
use crate::customer::CustomerRequest;
use crate::store::{Spending, Stored};

const SITE: SiteNumber = SiteNumber(1);
const OTHER: &str = "192.0.2.2";

fn count(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

fn limits(burst: u32, of_site: u32) -> Limits {
    Limits {
        guesses: Guesses { per_minute: NonZeroU32::MIN, burst: count(burst) },
        site_guesses: SiteGuesses(count(of_site)),
        redemptions: PageRedemptions(count(2)),
    }
}

fn limiter(burst: u32) -> Limiter {
    Limiter::new(limits(burst, 1_000_000), [7; 32])
}

fn ana() -> IpAddr {
    "192.0.2.1".parse().unwrap()
}

fn from(address: &str) -> Visitor<'static> {
    Visitor { site: SITE, address: address.parse().unwrap(), customer: None }
}

fn customer(email: &str, sure: Identity) -> Option<Customer> {
    let request = CustomerRequest { email: Some(email.into()), ..CustomerRequest::default() };
    Customer::parse(Some(&request), sure).unwrap()
}

const fn wrong(wrong_codes: u32) -> Tells {
    Tells { wrong_codes, of_claimed: 0 }
}

/// So many wrong codes in one request.
fn guess(limiter: &Limiter, visitor: Visitor<'_>, codes: u32) -> Result<Charged, TooMany> {
    limiter.charge(visitor, codes, wrong(codes))
}

#[test]
fn each_address_and_site_has_a_budget() {
    let limiter = limiter(2);
    let on = |site, address| guess(&limiter, Visitor { site: SiteNumber(site), ..from(address) }, 1);
    assert!(on(1, "192.0.2.1").is_ok() && on(1, "192.0.2.1").is_ok());
    let refused = on(1, "192.0.2.1").unwrap_err();
    assert!((1..=61).contains(&refused.retry_after_seconds), "{refused:?}");
    assert!(limiter.bears(from("192.0.2.1"), 1).is_err());
    assert!(on(1, OTHER).is_ok(), "another address");
    assert!(on(2, "192.0.2.1").is_ok(), "another site");
}

#[test]
fn what_was_no_guess_costs_nothing() {
    let limiter = limiter(2);
    for _ in 0..50 {
        assert!(limiter.charge(from(OTHER), 2, wrong(0)).unwrap().is_nothing());
    }
    assert!(guess(&limiter, from(OTHER), 2).is_ok());
    let refused = limiter.charge(from(OTHER), 1, wrong(0)).unwrap_err();
    assert!((59..=61).contains(&refused.retry_after_seconds), "and is refused where a wrong one would be: {refused:?}");
    assert!(limiter.charge(from(OTHER), 0, wrong(0)).is_ok(), "who names no code is no guesser");
}

#[test]
fn whether_codes_are_borne_does_not_depend_on_how_many_were_wrong() {
    let limiter = limiter(12);
    assert!(guess(&limiter, from(OTHER), 3).is_ok());
    assert!(guess(&limiter, from(OTHER), 10).is_err() && limiter.charge(from(OTHER), 10, wrong(9)).is_err());
    assert!(limiter.charge(from(OTHER), 9, wrong(8)).is_ok());
    assert!(guess(&limiter, from(OTHER), 2).is_err() && guess(&limiter, from(OTHER), 1).is_ok());
}

#[test]
fn what_is_not_told_is_given_back() {
    let limiter = limiter(3);
    for _ in 0..9 {
        limiter.give_back(&guess(&limiter, from(OTHER), 3).unwrap());
    }
    assert!(guess(&limiter, from(OTHER), 3).is_ok() && guess(&limiter, from(OTHER), 1).is_err());
}

#[tokio::test]
async fn requests_have_an_end_too() {
    let limiter = limiter(1);
    let mut asked = 0;
    while limiter.charge_request(SITE, ana()).await.is_ok() {
        asked += 1;
    }
    assert!((30..=32).contains(&asked), "{asked}");
}

#[test]
fn a_household_is_one_address() {
    let limiter = limiter(1);
    let charge = |address| guess(&limiter, from(address), 1);
    assert!(charge("2001:db8::1").is_ok());
    assert!(charge("2001:db8::ffff:2").is_err());
    assert!(charge("2001:db8:0:1::1").is_ok());
    assert!(charge("::ffff:192.0.2.1").is_ok());
    assert!(charge("192.0.2.1").is_err(), "the same address in its other form");
}

#[test]
fn whom_the_host_has_signed_pays_for_themselves() {
    let limiter = limiter(2);
    let (signed, claimed) = (customer("a@b", Identity::Asserted), customer("a@b", Identity::Claimed));
    let at = |address, customer| Visitor { customer, ..from(address) };
    assert!(guess(&limiter, from(OTHER), 2).is_ok());
    assert!(guess(&limiter, at(OTHER, signed.as_ref()), 1).is_ok());
    assert!(guess(&limiter, at(OTHER, claimed.as_ref()), 1).is_err(), "anybody can claim");
    assert!(guess(&limiter, at("192.0.2.3", signed.as_ref()), 1).is_ok());
    assert!(guess(&limiter, at("192.0.2.4", signed.as_ref()), 1).is_err(), "wherever they are");
}

#[test]
fn what_is_asked_of_claimed_customers_is_no_wrong_code() {
    let limiter = limiter(2);
    let ask = |number: usize| {
        let claimed = customer(&format!("{number}@example.com"), Identity::Claimed);
        let tells = Tells { wrong_codes: 0, of_claimed: 1 };
        limiter.charge(Visitor { customer: claimed.as_ref(), ..from(OTHER) }, 1, tells).is_ok()
    };
    assert_eq!((0..9).filter(|_| ask(0)).count(), 2, "of one customer as much as wrong codes");
    let of_others = (1..60).filter(|number| ask(*number)).count();
    // Two of sixty that meet in one place share a budget.
    assert!((16..=18).contains(&of_others), "{of_others}: of all ten times as much");
    assert!(guess(&limiter, from(OTHER), 2).is_ok());
}

/// Five addresses try what one site bears: afterwards each wrong code counts as ten.
#[test]
fn beyond_what_a_site_bears_guesses_are_dearer() {
    let limiter = Limiter::new(limits(20, 10), [7; 32]);
    assert_eq!(limiter.strain(SITE), None);
    for number in 0..5 {
        assert!(guess(&limiter, from(&format!("198.51.100.{number}")), 2).is_ok());
    }
    assert_eq!(limiter.strain(SITE), Some(Strain { is_news: true }));
    assert_eq!(limiter.strain(SITE), Some(Strain { is_news: false }), "said once a minute");
    for _ in 0..50 {
        assert!(limiter.charge(from(OTHER), 10, wrong(0)).is_ok(), "good codes go on");
    }
    assert!(guess(&limiter, from(OTHER), 1).is_ok() && guess(&limiter, from(OTHER), 1).is_ok());
    assert!(limiter.charge(from(OTHER), 1, wrong(0)).is_err(), "two wrong ones are as twenty");
    let of_the_five = guess(&limiter, from("198.51.100.3"), 1);
    assert!(of_the_five.is_ok() && guess(&limiter, from("198.51.100.3"), 1).is_err(), "two and ten of twenty");
    assert!(guess(&limiter, Visitor { site: SiteNumber(2), ..from(OTHER) }, 8).is_ok(), "other sites go on");
}

#[tokio::test]
async fn a_redemption_is_charged_to_all_or_to_none() {
    let limiter = limiter(1);
    let (one, other) = ("192.0.2.1", OTHER);
    let charge = async |address, email| {
        let customer = customer(email, Identity::Claimed);
        limiter.charge_redemption(Visitor { customer: customer.as_ref(), ..from(address) }).await
    };
    assert!(charge(one, "ana@example.com").await.is_ok() && charge(one, "bob@example.com").await.is_ok());
    let refused = charge(one, "cleo@example.com").await.unwrap_err();
    assert!((1700..=1801).contains(&refused.retry_after_seconds), "two an hour: {refused:?}");
    assert!(charge(other, " ANA@example.com").await.is_ok(), "hers has borne one");
    assert!(charge(other, "ana@example.com").await.is_err(), "and bears no third");
    assert!(charge(other, "bob@example.com").await.is_ok(), "for which the address was not charged");
    let ana = customer("ana@example.com", Identity::Claimed);
    limiter.give_back_redemption(Visitor { customer: ana.as_ref(), ..from(one) });
    assert!(charge(one, "ana@example.com").await.is_ok());
    assert!(guess(&limiter, from(one), 1).is_ok(), "guesses are counted apart");
}

/// A database that answers when it is let.
struct Slow {
    lets: Receiver<()>,
    told: Arc<Mutex<Vec<Spending>>>,
}

impl SharedLimits for Slow {
    fn key(&mut self, proposed: [u8; 32]) -> Stored<[u8; 32]> {
        Ok(proposed)
    }

    fn spend(&mut self, spendings: &[Spending]) -> Stored<Vec<i64>> {
        // Whoever lets may have gone.
        let _ = self.lets.recv();
        self.told.lock().unwrap().extend(spendings);
        Ok(spendings.iter().map(|spending| spending.microseconds).collect())
    }

    fn forget(&mut self) -> Stored<()> {
        Ok(())
    }
}

fn slow(limiter: Limiter) -> (Limiter, Sender<()>, Arc<Mutex<Vec<Spending>>>) {
    let ((let_it, lets), told) = (channel(), Arc::default());
    let slow = Slow { lets, told: Arc::clone(&told) };
    (limiter.shared(Box::new(slow)).unwrap(), let_it, told)
}

/// What found no place in the queue is told with the next; what was given back of it never, nor is it taken back from anybody.
#[tokio::test]
async fn what_could_not_be_told_is_told_later() {
    let (limiter, let_it, told) = slow(Limiter::new(limits(1_000_000, 1_000_000), [7; 32]));
    let visitor = from(OTHER);
    // The thread takes at the most a queueful and what comes after it fills the queue again.
    let mut asking: Vec<_> = Vec::new();
    for _ in 0..2 * settle::QUEUE_MAX + 2 {
        let charged = guess(&limiter, visitor, 1).unwrap();
        let mut settling = Box::pin(limiter.settle(charged));
        // Once, which is enough to be queued. What finds no place is answered at once.
        let mut now = std::task::Context::from_waker(std::task::Waker::noop());
        if settling.as_mut().poll(&mut now).is_pending() {
            asking.push(settling);
        }
    }
    assert!(asking.len() < 2 * settle::QUEUE_MAX + 2, "all found a place");
    for _ in 0..3 {
        limiter.charge_redemption(visitor).await.ok();
    }
    limiter.give_back_redemption(visitor);
    drop(let_it);
    for settling in asking {
        settling.await.unwrap();
    }
    let charged = guess(&limiter, visitor, 1).unwrap();
    limiter.settle(charged).await.unwrap();
    limiter.charge_redemption(visitor).await.unwrap();
    let minute = 60_000_000;
    let sum = |budget: Kind| -> i64 {
        let told = told.lock().unwrap();
        told.iter().filter(|spent| spent.budget == budget as u8).map(|spent| spent.microseconds).sum()
    };
    let guesses = i64::try_from(2 * settle::QUEUE_MAX + 3).unwrap();
    // Two redemptions were charged, one of them given back, and one more charged.
    let wanted = [guesses * minute, 2 * 30 * minute];
    let begun = Instant::now();
    while [sum(Kind::Guesses), sum(Kind::Redemptions)] != wanted {
        let sums = [sum(Kind::Guesses), sum(Kind::Redemptions)];
        assert!(begun.elapsed() < Duration::from_secs(10), "{sums:?} is told, not {wanted:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
