//! Random walks: whatever is done in whatever order, what is counted is what is recorded, and no limit is exceeded.

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tearoff_core::id::LineId;
use tearoff_core::redemption::reversal::Part;
use tearoff_core::redemption::{Cause, Step};
use tearoff_server::redeem::Reserved;

use crate::ledger::{Asked, CODES, Database, Ledger};

/// Something that somebody does.
#[derive(Clone, Debug)]
enum Act {
    /// Reserves, as one of three customers or as nobody.
    Reserve { code: usize, customer: usize, place: bool, mugs: u32, test: bool },
    /// Takes a step with one of the redemptions so far.
    Step { redemption: usize, step: Step },
    /// Takes so many mugs of one of them back; all that are left for none.
    Reverse { redemption: usize, mugs: u32, cause: Cause },
    /// Puts an order with another code in the place of one of them.
    Replace { redemption: usize, code: usize, mugs: u32 },
    /// Lets time pass.
    Wait { minutes: i64 },
    /// Edits the limits of a promotion.
    Limit { code: usize, limits: Value },
    /// Stops the server and starts it again.
    Reopen,
}

fn act() -> impl Strategy<Value = Act> {
    let code = 0..CODES.len();
    let cause = prop_oneof![Just(Cause::Cancelled), Just(Cause::Mistake), Just(Cause::Housekeeping)];
    let step = prop_oneof![Just(Step::Place), Just(Step::Confirm), Just(Step::Release)];
    prop_oneof![
        8 => (code.clone(), 0_usize..4, any::<bool>(), 1_u32..4, prop::bool::weighted(0.2))
            .prop_map(|(code, customer, place, mugs, test)| Act::Reserve { code, customer, place, mugs, test }),
        6 => (any::<usize>(), step).prop_map(|(redemption, step)| Act::Step { redemption, step }),
        4 => (any::<usize>(), 0_u32..3, cause)
            .prop_map(|(redemption, mugs, cause)| Act::Reverse { redemption, mugs, cause }),
        2 => (any::<usize>(), code.clone(), 1_u32..4)
            .prop_map(|(redemption, code, mugs)| Act::Replace { redemption, code, mugs }),
        3 => (1_i64..20).prop_map(|minutes| Act::Wait { minutes }),
        1 => (1_i64..20).prop_map(|days| Act::Wait { minutes: days * 24 * 60 }),
        2 => (code, limits()).prop_map(|(code, limits)| Act::Limit { code, limits }),
        1 => Just(Act::Reopen),
    ]
}

/// Limits of any kind, by redemptions or by occurrences.
fn limits() -> impl Strategy<Value = Value> {
    let limit = || prop::option::of((1_u8..6, any::<bool>()));
    let written = |limit: Option<(u8, bool)>| match limit {
        Some((max, true)) => json!({ "max": max, "count": "occurrences" }),
        Some((max, false)) => json!(max),
        None => Value::Null,
    };
    let budget = prop::option::of(1_i64..6);
    ((limit(), limit(), limit()), (limit(), limit(), limit()), budget).prop_map(move |(one, two, budget)| {
        let budget: Vec<Value> =
            budget.iter().map(|tens| json!({ "currency": "EUR", "amount_minor": tens * 100 })).collect();
        json!({
            "total": written(one.0), "per_customer": written(one.1), "per_code": written(one.2),
            "per_day": written(two.0), "per_week": written(two.1), "per_month": written(two.2), "budget": budget,
        })
    })
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
        match act {
            Act::Reserve { code, customer: by, place, mugs, test } => {
                let asked = Asked::of(format!("A-{number}"), CODES[*code]).by(customer(*by)).of_mugs(*mugs);
                let asked = Asked { place: *place, ..if *test { asked.as_a_test() } else { asked } };
                let before = ledger.used(asked.code);
                let most = ledger.draft(asked.code).limits.total.map(|limit| limit.max);
                let granted = matches!(ledger.reserve(&asked), Reserved::New(_));
                let granted = granted && !test;
                assert!(!granted || most.is_none_or(|most| i64::from(before) < most), "{act:?}: {before} of {most:?}");
            }
            Act::Step { redemption, step } => {
                let known = ledger.redemptions();
                if let Some(one) = known.get(redemption.checked_rem(known.len()).unwrap_or(0)) {
                    let _ = ledger.step(one.id, *step);
                }
            }
            Act::Reverse { redemption, mugs, cause } => {
                let known = ledger.redemptions();
                if let Some(one) = known.get(redemption.checked_rem(known.len()).unwrap_or(0)) {
                    let part = |mug: u32| Part {
                        line: LineId::parse(&mug.to_string()).expect("a line"),
                        start: None,
                        quantity: None,
                    };
                    let parts: Vec<Part> = (0..*mugs).map(part).collect();
                    let _ = ledger.reverse(one.id, &parts, *cause);
                }
            }
            Act::Replace { redemption, code, mugs } => {
                let known = ledger.redemptions();
                if let Some(one) = known.get(redemption.checked_rem(known.len()).unwrap_or(0)) {
                    let asked = Asked::of(format!("A-{number}"), CODES[*code]).by(customer(number % 4)).of_mugs(*mugs);
                    let _ = ledger.replace(one.id, &asked);
                }
            }
            Act::Wait { minutes } => ledger.wait(TimeDelta::minutes(*minutes)),
            Act::Limit { code, limits } => ledger.limit(CODES[*code], limits.clone()),
            Act::Reopen => ledger.reopen(),
        }
        ledger.audit();
    }
}
