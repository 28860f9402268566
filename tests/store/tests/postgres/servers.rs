//! Several servers on one database.

use chrono::TimeDelta;
use serde_json::json;
use tearoff_core::redemption::{State, Step};
use tearoff_server::redeem::{Reserved, Stepped};
use tearoff_store_tests::Ledger;
use tearoff_store_tests::ledger::Asked;
use tokio::task::JoinSet;

use crate::Postgres;

/// Four servers, each opened anew on the same database.
fn four() -> Vec<Ledger<Postgres>> {
    let first = Ledger::<Postgres>::open();
    let others: Vec<_> = (0..3).map(|_| first.beside()).collect();
    std::iter::once(first).chain(others).collect()
}

/// Asks every server at the same moment; tells how many were granted and how many refused.
fn race(servers: &[Ledger<Postgres>], asked: impl Fn(usize) -> Asked, count: usize) -> (usize, usize) {
    let reserving: Vec<_> =
        (0..count).map(|number| servers[number % servers.len()].reserving(&asked(number))).collect();
    let answers = servers[0].runtime().block_on(async {
        let mut racing: JoinSet<_> = reserving.into_iter().collect();
        let mut answers = Vec::new();
        while let Some(answer) = racing.join_next().await {
            answers.push(answer.expect("an answer").expect("no failure"));
        }
        answers
    });
    let won = answers.iter().filter(|answer| matches!(answer, Reserved::New(_))).count();
    (won, answers.len() - won)
}

#[test]
fn the_last_use_is_given_once() {
    let servers = four();
    assert_eq!(race(&servers, |number| Asked::of(format!("A-{number}"), "LAST"), 80), (1, 79));
    assert_eq!(race(&servers, |number| Asked::of(format!("B-{number}"), "THREE"), 80), (3, 77));
    servers.iter().for_each(Ledger::audit);
}

#[test]
fn a_customer_uses_it_once() {
    let servers = four();
    let ana = json!({ "email": "ana@example.com" });
    assert_eq!(race(&servers, |number| Asked::of(format!("A-{number}"), "ONCE").by(ana.clone()), 40), (1, 39));
    servers[3].audit();
}

/// Whoever comes second finds what the first has recorded, with whichever server either speaks.
#[test]
fn an_order_is_redeemed_once() {
    let servers = four();
    let same = |_| Asked::of("A-1", "FREELY");
    assert_eq!(race(&servers, same, 40), (1, 39));
    let under_other_keys = |number: usize| Asked::of("A-2", "FREELY").under(&format!("key {number}"));
    assert_eq!(race(&servers, under_other_keys, 40), (1, 39));
    assert_eq!(servers[1].redemptions().len(), 2);
}

/// The holds of all sites end in every batch of every server: each gives its use back once.
#[test]
fn a_hold_ends_once() {
    let servers = four();
    for (number, server) in servers.iter().take(3).enumerate() {
        let _ = server.granted(&Asked::of(format!("A-{number}"), "THREE"));
    }
    servers[0].wait(TimeDelta::hours(1));
    assert_eq!(race(&servers, |number| Asked::of(format!("B-{number}"), "THREE"), 40), (3, 37));
    let states: Vec<State> = servers[2].redemptions().iter().map(|redemption| redemption.state).collect();
    assert_eq!(states.iter().filter(|state| **state == State::Expired).count(), 3);
    servers.iter().for_each(Ledger::audit);
}

/// Who sweeps finds what another has just ended, and goes on.
#[test]
fn many_holds_are_ended_by_all_servers_at_once() {
    let servers = four();
    for round in 0..3 {
        for number in 0..60 {
            let _ = servers[0].granted(&Asked::of(format!("A-{round}-{number}"), "FREELY"));
        }
        servers[0].wait(TimeDelta::hours(1));
        std::thread::scope(|scope| {
            for server in &servers {
                scope.spawn(|| (0..20).for_each(|_| server.write(|_, _| Ok(())).expect("a sweep")));
            }
        });
        let open = servers[0].redemptions().iter().filter(|one| one.state == State::Reserved).count();
        assert_eq!(open, 0);
    }
    servers.iter().for_each(Ledger::audit);
}

/// Placed by one server and released by another at the same moment: one of them is first, and the use is given back once or not at all.
#[test]
fn steps_of_two_servers_come_one_after_the_other() {
    let servers = four();
    for round in 0..10 {
        let held = servers[0].granted(&Asked::of(format!("A-{round}"), "LAST"));
        let stepped: Vec<Stepped> = std::thread::scope(|scope| {
            let steps = [Step::Confirm, Step::Release, Step::Release, Step::Confirm];
            let stepping: Vec<_> = servers
                .iter()
                .zip(steps)
                .map(|(server, step)| scope.spawn(move || server.step(held.id, step)))
                .collect();
            stepping.into_iter().map(|one| one.join().expect("an answer")).collect()
        });
        servers[0].audit();
        let ends = |state| stepped.iter().any(|one| matches!(one, Stepped::Done(done) if done.state == state));
        assert!(ends(State::Confirmed) != ends(State::Released), "{stepped:?}");
        if ends(State::Confirmed) {
            return;
        }
    }
}

/// Edits do not undo each other, and none lets more through than it says.
#[test]
fn limits_are_edited_while_others_redeem() {
    let servers = four();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for most in [2, 5, 1, 4, 3] {
                servers[3].limit("FREELY", json!({ "total": most }));
            }
        });
        scope.spawn(|| race(&servers[..3], |number| Asked::of(format!("A-{number}"), "FREELY"), 60));
    });
    assert_eq!(servers[0].refused(&Asked::of("B-1", "FREELY")), "usage_limit_reached");
    servers.iter().for_each(Ledger::audit);
}

/// A batch is about many sites; those of two servers are held in one order.
#[test]
fn two_sites_at_once_do_not_lock_each_other_out() {
    let servers = four();
    let sites = ["studio", "annex"];
    let asked = |number: usize| Asked::of(format!("A-{number}"), "THREE").at(sites[number / 4 % 2]);
    assert_eq!(race(&servers, asked, 120), (6, 114));
}

/// A server runs its batches on what it was answered before. What another has changed since is decided by all the same: the limit, the count,
/// the order.
#[test]
fn what_another_server_has_changed_is_decided_by() {
    let servers = four();
    let (one, other) = (&servers[0], &servers[1]);
    let asked = |number: usize| Asked::of(format!("A-{number}"), "FREELY");
    for number in 0..6 {
        let _ = servers[number % 2].granted(&asked(number));
    }
    other.limit("FREELY", json!({ "total": 7 }));
    let _ = one.granted(&asked(6));
    assert_eq!(one.refused(&asked(7)), "usage_limit_reached");
    other.limit("FREELY", json!({ "total": 9 }));
    let _ = one.granted(&asked(8));
    let _ = other.granted(&asked(9));
    assert_eq!(one.refused(&asked(10)), "usage_limit_reached");
    let again = one.reserve(&asked(9).under("another key"));
    assert!(matches!(again, Reserved::Existing(_) | Reserved::Found(_)), "{again:?}");
    let number = one.promotion("FREELY").number;
    other.write(move |store, now| store.set_active(number, false, now)).expect("switched off");
    other.limit("FREELY", json!({ "total": 99 }));
    assert_eq!(one.refused(&asked(11)), "promotion_inactive");
    other.write(move |store, now| store.set_active(number, true, now)).expect("switched on");
    let _ = one.granted(&asked(12));
    one.audit();
}
