//! Laws about what pays for an order, and what credit takes of it (R51, R54).

use proptest::prelude::*;
use tearoff_core::customer::Identity;
use tearoff_core::money::Amount;
use tearoff_core::money::portion::{Portion, PortionDraft};
use tearoff_core::money::rounding::Half;
use tearoff_core::quote::Quote;
use tearoff_core::reward::spend::{most, spend};
use tearoff_core::reward::{Rules, RulesDraft};
use tearoff_core::settlement::{Payment, Status, settle};
use tearoff_core::standalone::Question;
use tearoff_laws::{Sample, any_case, config};

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

fn percentage(percent_bp: i64) -> Portion {
    Portion::parse(&PortionDraft { percent_bp: Some(percent_bp), amounts: None }, "").unwrap()
}

fn priced(sample: &Sample) -> (Question, Quote) {
    let question = Question::parse(&sample.request).unwrap();
    let quote = question.answer().quote;
    (question, quote)
}

proptest! {
    #![proptest_config(config())]

    /// What settles an order sums to what it costs: reward credit, customer credit, what is due now and what is due later (R51).
    #[test]
    fn a_settlement_sums_to_the_total(
        sample in any_case(),
        reward in 0_i64..20_000,
        credit in 0_i64..20_000,
        deposit in prop::option::of(0_i64..=10_000),
    ) {
        let (_, quote) = priced(&sample);
        let payment = deposit.map_or(Payment::Whole, |bp| Payment::Deposit { portion: percentage(bp) });
        let settled = settle(&quote, amount(reward), amount(credit), &payment, Half::Up).unwrap();
        let parts = [settled.reward, settled.credit, settled.due_now, settled.due_later].map(Amount::minor);
        prop_assert_eq!(parts.iter().sum::<i64>(), quote.total.minor());
        prop_assert!(parts[0] <= reward && parts[1] <= credit);
        prop_assert_eq!(settled.status == Status::Due, parts[2] + parts[3] > 0);
        prop_assert_eq!(settled.status == Status::NothingDue, quote.subtotal.is_zero());
        prop_assert!(deposit.is_some() || parts[3] == 0, "without a deposit all is due at once");
    }

    /// Credit is used in its order: the customer's own only when reward credit is used up, and a payment is due only when both are
    /// (R51).
    #[test]
    fn credit_is_used_before_anything_is_due(sample in any_case(), reward in 0_i64..9000, credit in 0_i64..9000) {
        let (_, quote) = priced(&sample);
        let settled = settle(&quote, amount(reward), amount(credit), &Payment::Whole, Half::Up).unwrap();
        if !settled.credit.is_zero() {
            prop_assert_eq!(settled.reward.minor(), reward);
        }
        if settled.status == Status::Due {
            prop_assert_eq!(settled.credit.minor(), credit);
        }
    }

    /// Spent credit falls on the lines like any discount: its shares sum to it, none is above what is left of its line, and the order
    /// costs that much less (R54).
    #[test]
    fn spent_credit_falls_on_the_lines(sample in any_case(), percent_bp in 0_i64..=10_000) {
        let (question, quote) = priced(&sample);
        let mut rules = Rules::parse(&RulesDraft::default(), "").unwrap();
        rules.maximum = Some(percentage(percent_bp));
        let rounding = question.facts.policy.rounding;
        let Ok(most) = most(&rules, &quote, &question.cart, rounding) else { return Ok(()) };
        let spent = |asked| spend(&rules, &quote, &question.cart, asked, Some(Identity::Asserted), rounding);
        let spending = spent(most).unwrap();
        let shares: i64 = spending.allocations.iter().map(|allocation| allocation.discount.minor()).sum();
        prop_assert_eq!(shares, most.minor());
        let charged = quote.reduced(&spending.allocations);
        prop_assert_eq!(charged.total.minor(), quote.total.minor() - most.minor());
        for (before, after) in quote.lines.iter().zip(&charged.lines) {
            prop_assert!(after.total <= before.total);
            prop_assert_eq!(after.subtotal.minus(after.discount), Ok(after.total));
            let dates: i64 = after.occurrences.iter().map(|occurrence| occurrence.total.minor()).sum();
            prop_assert!(after.occurrences.is_empty() || dates == after.total.minor());
        }
        prop_assert!(spent(most.plus(amount(1)).unwrap()).is_err(), "a minor unit more is refused");
    }
}
