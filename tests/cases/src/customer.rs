//! Who books, and where: promotions are then made for them, or for others.

use tearoff_core::customer::{History, Identity};
use tearoff_core::promotion::condition::Channel;
use tearoff_core::standalone::CustomerRequest;

use crate::Random;

pub(crate) const CUSTOMERS: [&str; 3] = ["guest-1", "guest-2", "guest-3"];
pub(crate) const TAGS: [&str; 3] = ["vip", "local", "student"];
pub(crate) const PASSES: [&str; 3] = ["gold", "silver", "spa"];

pub(crate) fn draw(random: &mut Random) -> Option<CustomerRequest> {
    random.chance(82).then(|| CustomerRequest {
        identity: random.weighted(&[(1, Identity::Claimed), (1, Identity::Asserted)]),
        id: random.chance(70).then(|| (*random.pick(&CUSTOMERS)).into()),
        tags: some(random, &TAGS),
        passes: some(random, &PASSES),
        history: History {
            in_system: random.chance(55),
            has_ordered: random.chance(45),
            has_appointment: random.chance(45),
        },
        standing_bp: random.chance(25).then(|| *random.pick(&[0, 333, 500, 1000, 2500, 10_000])),
        own_codes: Vec::new(),
    })
}

pub(crate) fn channel(random: &mut Random) -> Channel {
    random.weighted(&[
        (5, Channel::BookingPage),
        (2, Channel::PointOfSale),
        (1, Channel::StaffInbox),
        (2, Channel::Invoice),
    ])
}

/// Some of a list, in any order.
pub(crate) fn some(random: &mut Random, from: &[&str]) -> Vec<String> {
    let mut some: Vec<String> = from.iter().filter(|_| random.chance(40)).map(|name| (*name).into()).collect();
    random.shuffle(&mut some);
    some
}
