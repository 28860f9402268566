//! What is answered, and answered again (R56).

use chrono::TimeDelta;
use tearoff_server::redeem::Reserved;

use crate::ledger::{Asked, Database, Ledger};

/// The reply is lost, the server stops, the caller asks again.
///
/// # Panics
/// When the contract is broken; so does every story.
pub fn a_retry_after_a_lost_reply_finds_what_was_recorded<D: Database>() {
    let mut ledger = Ledger::<D>::open();
    let asked = Asked::of("A-1", "LAST");
    let first = ledger.granted(&asked);
    // A caller that goes away before it hears anything: what it asked for is done all the same.
    let lost = Asked::of("A-2", "THREE");
    let reserving = ledger.reserving(&lost);
    ledger.runtime().block_on(async {
        let mut reserving = Box::pin(reserving);
        let waker = std::task::Waker::noop();
        let polled = reserving.as_mut().poll(&mut std::task::Context::from_waker(waker));
        assert!(polled.is_pending() || matches!(polled, std::task::Poll::Ready(Ok(_))));
    });
    ledger.reopen();
    match ledger.reserve(&asked) {
        Reserved::Replayed(again) => assert_eq!(again, first),
        other => panic!("{other:?}"),
    }
    assert!(matches!(ledger.reserve(&lost), Reserved::Replayed(_)));
    assert_eq!((ledger.redemptions().len(), ledger.used("LAST"), ledger.used("THREE")), (2, 1, 1));
    ledger.audit();
}

/// Nothing is done for it, and the first answer stands.
pub fn another_request_under_the_same_key_is_refused<D: Database>() {
    let ledger = Ledger::<D>::open();
    let asked = Asked::of("A-1", "THREE");
    let _ = ledger.granted(&asked);
    let other = Asked::of("A-2", "THREE").under(&asked.key);
    assert_eq!(ledger.refused(&other), "idempotency_key_reused");
    assert!(matches!(ledger.reserve(&asked), Reserved::Replayed(_)));
    assert_eq!((ledger.redemptions().len(), ledger.used("THREE")), (1, 1));
}

/// Even when what was refused would be granted by now.
pub fn a_refusal_is_told_again_byte_for_byte<D: Database>() {
    let ledger = Ledger::<D>::open();
    let _ = ledger.granted(&Asked::of("A-1", "LAST"));
    let asked = Asked::of("A-2", "LAST");
    let refused = |expected: bool| match ledger.reserve(&asked) {
        Reserved::Refused { status, body, replayed, .. } if replayed == expected => (status, body),
        other => panic!("{other:?}"),
    };
    let first = refused(false);
    ledger.wait(TimeDelta::minutes(20));
    assert_eq!(refused(true), first);
    assert!(
        matches!(ledger.reserve(&asked.clone().under("another key")), Reserved::New(_)),
        "the hold has ended meanwhile"
    );
    ledger.audit();
}

/// Long after its idempotency key is forgotten.
pub fn an_order_is_redeemed_once_for_ever<D: Database>() {
    let mut ledger = Ledger::<D>::open();
    let asked = Asked { place: true, ..Asked::of("A-1", "THREE") };
    let first = ledger.granted(&asked);
    ledger.wait(TimeDelta::days(400));
    let _ = ledger.write(|store, now| store.forget_answers(now, 100)).expect("forgetting");
    ledger.reopen();
    match ledger.reserve(&asked) {
        Reserved::Existing(existing) => assert_eq!(existing.id, first.id),
        other => panic!("{other:?}"),
    }
    let other = Asked::of("A-1", "FREELY").under("a new key");
    assert_eq!(ledger.refused(&other), "order_already_redeemed");
    assert_eq!((ledger.redemptions().len(), ledger.used("THREE")), (1, 1));
}

/// One tenant never meets another.
pub fn keys_and_orders_and_codes_of_two_sites_are_apart<D: Database>() {
    let ledger = Ledger::<D>::open();
    let asked = Asked::of("A-1", "LAST");
    let here = ledger.granted(&asked);
    let there = ledger.granted(&asked.clone().at("annex"));
    assert_ne!((here.id, here.site), (there.id, there.site));
    assert_eq!(ledger.redemptions(), vec![here.clone()]);
    let number = ledger.site("annex").number;
    assert_eq!(ledger.read(|read| read.redemption(number, here.id)).expect("reading"), None);
    assert_eq!(ledger.refused(&Asked::of("A-2", "LAST")), "usage_limit_reached");
}

/// Not before 24 hours have passed; then a few at a time.
pub fn an_answer_is_forgotten_when_its_time_is_over<D: Database>() {
    let ledger = Ledger::<D>::open();
    let asked = Asked::of("A-1", "FREELY");
    let _ = ledger.granted(&asked);
    let _ = ledger.granted(&Asked::of("A-2", "FREELY"));
    let forget = || ledger.write(|store, now| store.forget_answers(now, 1)).expect("forgetting");
    ledger.wait(TimeDelta::hours(25));
    assert_eq!(forget(), 0);
    assert!(matches!(ledger.reserve(&asked), Reserved::Replayed(_)));
    ledger.wait(TimeDelta::hours(48));
    assert!(matches!(ledger.reserve(&asked), Reserved::Existing(_)), "its time is over, whether or not it was swept");
    assert_eq!((forget(), forget(), forget()), (1, 1, 0));
}
