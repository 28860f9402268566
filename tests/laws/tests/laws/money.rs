//! Laws about amounts (R3 to R5).

use proptest::prelude::*;
use tearoff_core::promotion::Kind;
use tearoff_core::promotion::draft::BenefitDraft;
use tearoff_core::quote::{Allocation, Decision, Outcome};
use tearoff_core::standalone::PromotionRequest;
use tearoff_laws::{answer, any_case, config};

proptest! {
    #![proptest_config(config())]

    /// The allocations of a discount sum to it, over lines and over their occurrences, and none is above what its line costs (R5).
    #[test]
    fn allocations_sum_to_the_discount(sample in any_case()) {
        let quote = answer(&sample.request).unwrap().quote;
        for decision in &quote.decisions {
            let Outcome::Applied { discount, allocations } = &decision.outcome else { continue };
            let sum: i64 = allocations.iter().map(|allocation| allocation.discount.minor()).sum();
            prop_assert_eq!(sum, discount.minor());
            for allocation in allocations {
                let line = quote.lines.iter().find(|line| line.id == allocation.line).unwrap();
                prop_assert!(allocation.discount <= line.subtotal);
                let parts: i64 = allocation.occurrences.iter().map(|occurrence| occurrence.discount.minor()).sum();
                prop_assert!(line.occurrences.is_empty() || parts == allocation.discount.minor());
                for part in &allocation.occurrences {
                    let whole = line.occurrences.iter().find(|occurrence| occurrence.start == part.start).unwrap();
                    prop_assert!(part.discount <= whole.subtotal);
                }
            }
        }
        let applied: i64 = quote.decisions.iter().map(|decision| decision.discount().minor()).sum();
        prop_assert_eq!(applied, quote.discount.minor());
    }

    /// A discount is never below zero and never above the subtotal, and subtotal less discount is the total, for the cart, for each
    /// line and for each occurrence (R4).
    #[test]
    fn a_discount_lies_between_nothing_and_the_subtotal(sample in any_case()) {
        let quote = answer(&sample.request).unwrap().quote;
        let mut sums = [0_i64; 3];
        prop_assert_eq!(quote.subtotal.minus(quote.discount), Ok(quote.total));
        for line in &quote.lines {
            prop_assert_eq!(line.subtotal.minus(line.discount), Ok(line.total));
            for occurrence in &line.occurrences {
                prop_assert_eq!(occurrence.subtotal.minus(occurrence.discount), Ok(occurrence.total));
            }
            for (sum, amount) in sums.iter_mut().zip([line.subtotal, line.discount, line.total]) {
                *sum += amount.minor();
            }
        }
        prop_assert_eq!(sums, [quote.subtotal.minor(), quote.discount.minor(), quote.total.minor()]);
    }

    /// What costs nothing gets nothing of a discount (R5).
    #[test]
    fn what_costs_nothing_gets_nothing(sample in any_case()) {
        let quote = answer(&sample.request).unwrap().quote;
        for line in quote.lines.iter().filter(|line| line.subtotal.is_zero()) {
            prop_assert!(line.discount.is_zero());
        }
        for decision in &quote.decisions {
            let Outcome::Applied { allocations, .. } = &decision.outcome else { continue };
            // A gift is told of whatever it costs.
            let is_gift = |allocation: &Allocation| allocation.line.as_str().starts_with('~');
            prop_assert!(allocations.iter().all(|allocation| is_gift(allocation) || !allocation.discount.is_zero()));
        }
    }

    /// A larger percentage or amount never takes less off (R3).
    #[test]
    fn a_larger_benefit_never_takes_less_off(sample in any_case(), more in 0_i64..=5000) {
        // Where nothing else acts, and no budget can be exceeded.
        let alone = |promotion: &PromotionRequest| {
            promotion.terms.kind == Kind::Coupon && promotion.terms.limits.budget.is_empty()
        };
        let standing = sample.request.facts.customer.as_ref().is_some_and(|customer| customer.standing_bp.is_some());
        prop_assume!(!standing && sample.request.site.codes_max == 1 && sample.request.promotions.iter().all(alone));
        let mut changed = sample.request.clone();
        for promotion in &mut changed.promotions {
            match &mut promotion.terms.benefit {
                BenefitDraft::Percent { percent_bp, .. } => *percent_bp = (*percent_bp + more).min(10_000),
                BenefitDraft::Fixed { amounts, .. } => {
                    amounts.iter_mut().for_each(|money| money.amount_minor = (money.amount_minor + more).min(1_000_000_000_000));
                }
                _ => {}
            }
        }
        let discounts = |decisions: &[Decision]| decisions.iter().map(Decision::discount).collect::<Vec<_>>();
        let (before, after) = (answer(&sample.request).unwrap().quote, answer(&changed).unwrap().quote);
        for (before, after) in discounts(&before.decisions).into_iter().zip(discounts(&after.decisions)) {
            prop_assert!(after >= before);
        }
    }
}
