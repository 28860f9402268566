//! Random walks: whatever is done in whatever order, what is counted is what is recorded, and no limit is exceeded.

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tearoff_core::redemption::Step;
use tearoff_server::redeem::Reserved;

use crate::ledger::{Asked, CODES, Database, Ledger};

/// Something that somebody does.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Reserves, as one of three customers or as nobody.
    Reserve { code: usize, customer: usize, place: bool },
    /// Takes a step with one of the redemptions so far.
    Step { redemption: usize, step: Step },
    /// Lets time pass.
    Wait { minutes: i64 },
    /// Edits the limits of a promotion.
    Limit { code: usize, total: Option<u8>, per_customer: Option<u8> },
    /// Stops the server and starts it again.
    Reopen,
}

fn act() -> impl Strategy<Value = Act> {
    let code = 0..CODES.len();
    let step = prop_oneof![Just(Step::Place), Just(Step::Confirm), Just(Step::Release)];
    let limit = || prop::option::of(1_u8..4);
    prop_oneof![
        8 => (code.clone(), 0_usize..4, any::<bool>())
            .prop_map(|(code, customer, place)| Act::Reserve { code, customer, place }),
        6 => (any::<usize>(), step).prop_map(|(redemption, step)| Act::Step { redemption, step }),
        3 => (1_i64..20).prop_map(|minutes| Act::Wait { minutes }),
        2 => (code, limit(), limit()).prop_map(|(code, total, per_customer)| Act::Limit { code, total, per_customer }),
        1 => Just(Act::Reopen),
    ]
}

fn customer(number: usize) -> Value {
    match number {
        0 => Value::Null,
        1 => json!({ "email": "ana@example.com", "account": "1" }),
        2 => json!({ "email": "ana@example.com" }),
        _ => json!({ "account": "1" }),
    }
}

/// Two dozen walks of forty acts, the books held against the records after each act.
///
/// # Panics
/// When the contract is broken.
pub fn the_books_balance_whatever_happens<D: Database>() {
    const WALKS: u32 = 24;
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(WALKS) });
    let walked = runner.run(&prop::collection::vec(act(), 1..40), |acts| {
        walk::<D>(&acts);
        Ok(())
    });
    walked.unwrap_or_else(|failure| panic!("{failure}"));
}

fn walk<D: Database>(acts: &[Act]) {
    let mut ledger = Ledger::<D>::open();
    for (number, act) in acts.iter().enumerate() {
        match *act {
            Act::Reserve { code, customer: by, place } => {
                let asked = Asked { place, ..Asked::of(format!("A-{number}"), CODES[code]).by(customer(by)) };
                let before = ledger.used(asked.code);
                let most = ledger.draft(asked.code).limits.total.map(|limit| limit.max);
                let granted = matches!(ledger.reserve(&asked), Reserved::New(_));
                assert!(!granted || most.is_none_or(|most| i64::from(before) < most), "{act:?}: {before} of {most:?}");
            }
            Act::Step { redemption, step } => {
                let known = ledger.redemptions();
                if let Some(one) = known.get(redemption.checked_rem(known.len()).unwrap_or(0)) {
                    let _ = ledger.step(one.id, step);
                }
            }
            Act::Wait { minutes } => ledger.wait(TimeDelta::minutes(minutes)),
            Act::Limit { code, total, per_customer } => {
                ledger.limit(CODES[code], json!({ "total": total, "per_customer": per_customer }));
            }
            Act::Reopen => ledger.reopen(),
        }
        ledger.audit();
    }
}
