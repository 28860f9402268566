//! Limits: never exceeded, and exactly as many as there are (R42 to R47, R60).

use serde_json::json;
use tearoff_core::redemption::{State, Step};
use tearoff_server::redeem::Reserved;
use tearoff_server::store::Taken;

use crate::ledger::{Asked, Database, Ledger, a_use};

/// Eighty at once: one is granted, the rest are told at once.
///
/// # Panics
/// When the contract is broken; so does every story.
pub fn many_race_for_the_last_use<D: Database>() {
    let ledger = Ledger::<D>::open();
    let racing: Vec<_> = (0..80).map(|number| ledger.reserving(&Asked::of(format!("A-{number}"), "LAST"))).collect();
    let answers = ledger.runtime().block_on(async {
        let racing: Vec<_> = racing.into_iter().map(tokio::spawn).collect();
        let mut answers = Vec::new();
        for one in racing {
            answers.push(one.await.expect("an answer").expect("no failure"));
        }
        answers
    });
    let won = answers.iter().filter(|answer| matches!(answer, Reserved::New(_))).count();
    let lost = answers.iter().filter(|answer| matches!(answer, Reserved::Refused { status: 409, .. })).count();
    assert_eq!((won, lost, ledger.redemptions().len(), ledger.used("LAST")), (1, 79, 1, 1));
    ledger.audit();
}

/// By e-mail, then by account, then by both: whoever shares either has used it.
pub fn a_customer_is_known_by_each_of_their_identities<D: Database>() {
    let ledger = Ledger::<D>::open();
    let both = json!({ "email": "Ana@example.com", "account": "7" });
    let _ = ledger.granted(&Asked::of("A-1", "ONCE").by(both.clone()));
    for (order, customer) in [
        ("A-2", both),
        ("A-3", json!({ "email": "ana@EXAMPLE.com" })),
        ("A-4", json!({ "account": "7" })),
        ("A-5", json!({ "email": "ana@example.com", "account": "8" })),
        ("A-6", json!({ "email": "ben@example.com", "account": "7" })),
    ] {
        assert_eq!(ledger.refused(&Asked::of(order, "ONCE").by(customer)), "customer_limit_reached", "{order}");
    }
    assert_eq!(ledger.refused(&Asked::of("A-7", "ONCE")), "customer_needed");
    let _ = ledger.granted(&Asked::of("A-8", "ONCE").by(json!({ "email": "ben@example.com", "account": "8" })));
    ledger.audit();
}

/// A use that one limit refuses is not counted by another. This goes straight at the counters, past every check: the statement that
/// counts is the one that guards.
pub fn a_refused_use_counts_against_no_limit<D: Database>() {
    let ledger = Ledger::<D>::open();
    let ana = json!({ "email": "ana@example.com" });
    for (order, code) in [("A-1", "BOTH"), ("A-2", "BOTH"), ("A-3", "LAST")] {
        let _ = ledger.granted(&Asked::of(order, code).by(ana.clone()));
    }
    let customer = ledger.redemptions()[0].customer.clone();
    for (code, used) in [("BOTH", 2), ("LAST", 1)] {
        let (record, customer) = (ledger.promotion(code), customer.clone());
        let taken = ledger.write(move |store, _| {
            let take = || store.take_use(record.number, &record.promotion.limits, &a_use(&customer));
            store.attempt(&mut || take().map(|taken| taken == Taken::Counted))
        });
        assert!(!taken.expect("an answer"), "{code}");
        assert_eq!(ledger.used(code), used);
    }
    ledger.audit();
}

/// Uses recorded while nothing was counted count from then on.
pub fn a_limit_that_is_added_begins_with_the_uses_so_far<D: Database>() {
    let ledger = Ledger::<D>::open();
    let customer = |number: u8| json!({ "email": format!("client{number}@example.com") });
    let orders: Vec<_> =
        (0..4).map(|number| ledger.granted(&Asked::of(format!("A-{number}"), "FREELY").by(customer(number)))).collect();
    assert_eq!(ledger.stepped(orders[3].id, Step::Release), State::Released);
    ledger.limit("FREELY", json!({ "total": 4, "per_customer": 1 }));
    assert_eq!(ledger.used("FREELY"), 3);
    assert_eq!(ledger.refused(&Asked::of("B-1", "FREELY").by(customer(0))), "customer_limit_reached");
    let _ = ledger.granted(&Asked::of("B-2", "FREELY").by(customer(3)));
    assert_eq!(ledger.refused(&Asked::of("B-3", "FREELY").by(customer(9))), "usage_limit_reached");
    assert_eq!(ledger.stepped(orders[0].id, Step::Release), State::Released);
    let _ = ledger.granted(&Asked::of("B-4", "FREELY").by(customer(0)));
    ledger.audit();
}

/// What happens while there is no limit is counted when there is one again.
pub fn a_limit_that_is_taken_away_and_comes_back_has_forgotten_nothing<D: Database>() {
    let ledger = Ledger::<D>::open();
    let first = ledger.granted(&Asked::of("A-1", "THREE"));
    ledger.limit("THREE", json!({}));
    for number in 2..6 {
        let _ = ledger.granted(&Asked::of(format!("A-{number}"), "THREE"));
    }
    assert_eq!(ledger.stepped(first.id, Step::Release), State::Released);
    ledger.limit("THREE", json!({ "total": 5 }));
    assert_eq!(ledger.used("THREE"), 4);
    let _ = ledger.granted(&Asked::of("B-1", "THREE"));
    assert_eq!(ledger.refused(&Asked::of("B-2", "THREE")), "usage_limit_reached");
    ledger.audit();
}

/// Existing uses stay; there is no negative rest.
pub fn a_limit_lowered_below_its_uses_bears_no_more<D: Database>() {
    let ledger = Ledger::<D>::open();
    let held: Vec<_> = (0..3).map(|number| ledger.granted(&Asked::of(format!("A-{number}"), "THREE"))).collect();
    ledger.limit("THREE", json!({ "total": 1 }));
    assert_eq!(ledger.used("THREE"), 3);
    for one in &held[..2] {
        assert_eq!(ledger.refused(&Asked::of(format!("B-{}", one.id), "THREE")), "usage_limit_reached");
        let _ = ledger.stepped(one.id, Step::Release);
    }
    assert_eq!(ledger.refused(&Asked::of("C-1", "THREE")), "usage_limit_reached");
    let _ = ledger.stepped(held[2].id, Step::Release);
    let _ = ledger.granted(&Asked::of("C-2", "THREE"));
    ledger.audit();
}
