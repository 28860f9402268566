//! Taking back, and putting another in its place (R57, R58).

use serde_json::json;
use tearoff_core::id::LineId;
use tearoff_core::redemption::change::NotChanged;
use tearoff_core::redemption::reversal::{NotReversed, Part};
use tearoff_core::redemption::{Cause, State, Step};
use tearoff_server::ids::RedemptionId;
use tearoff_server::redeem::{Replaced, Reserved, Reversing};
use tearoff_server::store::Redemption;

use crate::ledger::{Asked, Database, Ledger};

fn mug(number: u32) -> Part {
    Part { line: LineId::parse(&number.to_string()).expect("a line"), start: None, quantity: None }
}

pub(super) fn taken_back<D: Database>(
    ledger: &Ledger<D>,
    id: RedemptionId,
    parts: &[Part],
    cause: Cause,
) -> (Redemption, i64) {
    match ledger.reverse(id, parts, cause) {
        Reversing::Done(redemption, reversal) => (*redemption, reversal.refund.minor()),
        other => panic!("{other:?}"),
    }
}

fn confirmed<D: Database>(ledger: &Ledger<D>, asked: &Asked) -> Redemption {
    let reserved = ledger.granted(asked);
    assert_eq!(ledger.stepped(reserved.id, Step::Confirm), State::Confirmed);
    reserved
}

/// Three mugs at 10.00 with 1.00 off: 9.67, 9.67 and 9.66 come back, and the use with the last of them, once.
///
/// # Panics
/// When the contract is broken; so does every story.
pub fn what_is_cancelled_gives_its_use_back_with_the_last_part<D: Database>() {
    let mut ledger = Ledger::<D>::open();
    let held = ledger.granted(&Asked::of("A-0", "THREE").of_mugs(3));
    assert_eq!(ledger.reverse(held.id, &[], Cause::Cancelled), Reversing::Refused(NotReversed::NotConfirmed));
    let order = confirmed(&ledger, &Asked::of("A-1", "LAST").of_mugs(3));
    let mut refunds = Vec::new();
    for number in 0..2 {
        let (left, refund) = taken_back(&ledger, order.id, &[mug(number)], Cause::Cancelled);
        assert_eq!((left.state, ledger.used("LAST")), (State::Confirmed, 1));
        refunds.push(refund);
        ledger.audit();
    }
    ledger.reopen();
    let again = ledger.reverse(order.id, &[mug(0)], Cause::Cancelled);
    assert!(matches!(again, Reversing::Done(_, reversal) if reversal.parts.is_empty()), "it is back already");
    let (over, refund) = taken_back(&ledger, order.id, &[], Cause::Cancelled);
    refunds.push(refund);
    assert_eq!(refunds.iter().sum::<i64>(), 2900);
    assert_eq!((over.state, over.reversed_at, ledger.used("LAST")), (State::Reversed, Some(ledger.now()), 0));
    assert_eq!(ledger.reverse(order.id, &[], Cause::Cancelled), Reversing::Refused(NotReversed::TooLate));
    let _ = ledger.granted(&Asked::of("A-2", "LAST"));
    let told = ledger.read(|read| read.reversals(order.id)).expect("reading");
    assert_eq!(told.len(), 4, "each is kept");
    ledger.audit();
}

/// Where a limit counts occurrences each returns with its own.
pub fn uses_of_occurrences_return_one_by_one<D: Database>() {
    let ledger = Ledger::<D>::open();
    ledger.limit("FREELY", json!({ "total": { "max": 3, "count": "occurrences" }, "per_day": 1 }));
    let order = confirmed(&ledger, &Asked::of("A-1", "FREELY").of_mugs(3));
    assert_eq!(ledger.used("FREELY"), 3);
    let _ = taken_back(&ledger, order.id, &[mug(1)], Cause::Cancelled);
    assert_eq!(ledger.used("FREELY"), 2);
    assert_eq!(
        ledger.refused(&Asked::of("A-2", "FREELY")),
        "period_limit_reached",
        "the redemption is still one of today"
    );
    let _ = taken_back(&ledger, order.id, &[], Cause::Mistake);
    assert_eq!(ledger.used("FREELY"), 0);
    let _ = ledger.granted(&Asked::of("A-3", "FREELY").of_mugs(3));
    ledger.audit();
}

/// It is over, and counts on: also for a limit that comes later.
pub fn what_is_cleared_away_stays_used<D: Database>() {
    let ledger = Ledger::<D>::open();
    let order = confirmed(&ledger, &Asked::of("A-1", "LAST"));
    let (over, _) = taken_back(&ledger, order.id, &[], Cause::Housekeeping);
    assert_eq!((over.state, ledger.used("LAST")), (State::Reversed, 1));
    assert_eq!(ledger.refused(&Asked::of("A-2", "LAST")), "usage_limit_reached");
    ledger.limit("LAST", json!({}));
    ledger.limit("LAST", json!({ "total": 1 }));
    assert_eq!(ledger.refused(&Asked::of("A-3", "LAST")), "usage_limit_reached");
    ledger.audit();
}

/// The uses of the first are given back before: the same code, used up by it, can stay. The order is the second one's.
pub fn another_code_takes_the_place_of_the_last_use<D: Database>() {
    let ledger = Ledger::<D>::open();
    for (order, step) in [("A-1", None), ("A-2", Some(Step::Place)), ("A-3", Some(Step::Confirm))] {
        let first = ledger.granted(&Asked::of(order, "LAST"));
        if let Some(step) = step {
            let _ = ledger.stepped(first.id, step);
        }
        let state = ledger.read(|read| read.redemption(first.site, first.id)).expect("reading").expect("it").state;
        let asked = Asked::of("ignored", "LAST").under(&format!("replacing {order}")).of_mugs(2);
        let Replaced::By(second) = ledger.replace(first.id, &asked) else { panic!("{order}") };
        let Reserved::New(second) = *second else { panic!("{order}") };
        assert_eq!((second.state, second.order.as_str(), ledger.used("LAST")), (state, order, 1));
        let over = ledger.read(|read| read.redemption(first.site, first.id)).expect("reading").expect("the first");
        let ended = if state == State::Confirmed { State::Reversed } else { State::Released };
        assert_eq!((over.state, over.replaced_by), (ended, Some(second.id)));
        ledger.audit();
        let found = ledger.read(|read| read.find_order(second.site, second.mode, second.reserved_by, &second.order));
        assert_eq!(found.expect("reading").map(|found| found.id), Some(second.id));
        match ledger.stepped(second.id, if state == State::Reserved { Step::Release } else { Step::Confirm }) {
            State::Confirmed => drop(taken_back(&ledger, second.id, &[], Cause::Mistake)),
            state => assert_eq!(state, State::Released),
        }
        assert_eq!(ledger.used("LAST"), 0);
    }
}

/// A code that does not apply, a part that is back already, what is over: nothing changes.
pub fn what_cannot_be_replaced_stays_as_it_was<D: Database>() {
    let ledger = Ledger::<D>::open();
    let _ = ledger.granted(&Asked::of("A-0", "LAST"));
    let first = confirmed(&ledger, &Asked::of("A-1", "THREE").of_mugs(2));
    let before = ledger.redemptions();
    match ledger.replace(first.id, &Asked::of("ignored", "LAST").under("one")) {
        Replaced::By(refused) if matches!(*refused, Reserved::Refused { status: 409, .. }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!((ledger.redemptions(), ledger.used("THREE")), (before, 1));
    let _ = taken_back(&ledger, first.id, &[mug(0)], Cause::Cancelled);
    let partly = ledger.replace(first.id, &Asked::of("ignored", "FREELY").under("two"));
    assert!(matches!(partly, Replaced::Refused(NotChanged::PartlyReversed)), "{partly:?}");
    let _ = taken_back(&ledger, first.id, &[], Cause::Cancelled);
    let over = ledger.replace(first.id, &Asked::of("ignored", "FREELY").under("three"));
    assert!(matches!(over, Replaced::Refused(NotChanged::TooLate)), "{over:?}");
    ledger.audit();
}
