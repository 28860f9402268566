//! What becomes of a reservation, and of the use it holds (R55).

use chrono::TimeDelta;
use tearoff_core::redemption::{State, Step};
use tearoff_server::redeem::Stepped;
use tearoff_server::store::Write;

use crate::ledger::{Asked, Database, Ledger};

/// The hold's last instant is the first at which it does not hold.
///
/// # Panics
/// When the contract is broken; so does every story.
pub fn a_hold_ends_and_gives_its_use_back<D: Database>() {
    let ledger = Ledger::<D>::open();
    let held = ledger.granted(&Asked::of("A-1", "LAST"));
    ledger.wait(TimeDelta::milliseconds(899_999));
    assert_eq!(ledger.refused(&Asked::of("A-2", "LAST")), "usage_limit_reached");
    assert_eq!(ledger.used("LAST"), 1);
    ledger.wait(TimeDelta::milliseconds(1));
    assert_eq!(ledger.used("LAST"), 0, "a reader need not wait for a sweep");
    let next = ledger.granted(&Asked::of("A-3", "LAST"));
    let states: Vec<_> = ledger.redemptions().into_iter().map(|redemption| (redemption.id, redemption.state)).collect();
    assert_eq!(states, [(held.id, State::Expired), (next.id, State::Reserved)]);
    ledger.audit();
}

/// Placing or confirming too late is granted as long as it takes nothing from anybody.
pub fn an_expired_hold_takes_its_use_again_while_there_is_one<D: Database>() {
    for step in [Step::Place, Step::Confirm] {
        let ledger = Ledger::<D>::open();
        let [late, other] = ["A-1", "A-2"].map(|order| Asked::of(order, "LAST"));
        let late = ledger.granted(&late);
        ledger.wait(TimeDelta::hours(1));
        let other = ledger.granted(&other);
        assert_eq!(ledger.step(late.id, step), Stepped::HoldExpired);
        assert_eq!(ledger.stepped(other.id, Step::Release), State::Released);
        assert!(ledger.stepped(late.id, step).counts());
        assert_eq!(ledger.refused(&Asked::of("A-3", "LAST")), "usage_limit_reached");
        ledger.audit();
    }
}

/// Once, however often it is released.
pub fn a_released_use_is_there_again<D: Database>() {
    let ledger = Ledger::<D>::open();
    let ana = serde_json::json!({ "email": "ana@example.com", "account": "7" });
    let first = ledger.granted(&Asked::of("A-1", "BOTH").by(ana.clone()));
    let _ = ledger.granted(&Asked::of("A-2", "BOTH").by(ana.clone()));
    assert_eq!(ledger.refused(&Asked::of("A-3", "BOTH").by(ana.clone())), "customer_limit_reached");
    for _ in 0..3 {
        assert_eq!(ledger.stepped(first.id, Step::Release), State::Released);
        assert_eq!(ledger.used("BOTH"), 1);
    }
    assert_eq!(ledger.step(first.id, Step::Confirm), Stepped::TooLate(State::Released));
    let _ = ledger.granted(&Asked::of("A-4", "BOTH").by(ana.clone()));
    assert_eq!(ledger.refused(&Asked::of("A-5", "BOTH").by(ana)), "customer_limit_reached");
    ledger.audit();
}

/// Nor does a confirmed one, nor one whose promotion is switched off or edited.
pub fn a_placed_order_does_not_expire<D: Database>() {
    let mut ledger = Ledger::<D>::open();
    let held = ledger.granted(&Asked::of("A-1", "LAST"));
    let record = ledger.promotion("LAST");
    ledger.write(move |store, now| store.set_active(record.number, false, now)).expect("switching it off");
    assert_eq!(ledger.stepped(held.id, Step::Place), State::Placed);
    ledger.wait(TimeDelta::days(30));
    ledger.reopen();
    assert_eq!(ledger.used("LAST"), 1);
    assert_eq!(ledger.stepped(held.id, Step::Confirm), State::Confirmed);
    assert_eq!(ledger.step(held.id, Step::Release), Stepped::TooLate(State::Confirmed));
    ledger.audit();
}

/// What decides nothing does not wait for holds to be ended, however many there are: so a server starts as soon after a long stop as ever.
///
/// # Panics
/// When the contract is broken.
pub fn what_decides_nothing_does_not_wait_for_holds<D: Database>() {
    let ledger = Ledger::<D>::open();
    let held = ledger.granted(&Asked::of("A-1", "LAST"));
    ledger.wait(TimeDelta::hours(1));
    let site = ledger.site("studio").number;
    let state = move |store: &dyn Write, _| {
        let found = store.redemption(site, held.id)?;
        Ok(found.map(|found| found.state))
    };
    let looked = ledger.runtime().block_on(ledger.batcher().submit_uncounted(site, state));
    assert_eq!(looked.expect("an answer"), Some(State::Reserved));
    let _ = ledger.granted(&Asked::of("A-2", "LAST"));
    assert_eq!(ledger.write(state).expect("an answer"), Some(State::Expired));
}
