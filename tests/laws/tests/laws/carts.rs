//! Laws about what a change of the cart may do.

use proptest::prelude::*;
use tearoff_core::money::allocate::Leftover;
use tearoff_core::promotion::Kind;
use tearoff_core::promotion::draft::{BenefitDraft, ConditionDraft, LimitsDraft, SelectorDraft};
use tearoff_core::quote::{Decision, Outcome, Quote};
use tearoff_core::standalone::PromotionRequest;
use tearoff_laws::change::{judged_on_eligible_lines, one_more, stranger, with_line};
use tearoff_laws::{answer, any_case, config};

/// What was decided, without hints, which may try other lines first, and with allocations by line.
fn decided(quote: &Quote) -> Vec<Decision> {
    let mut decisions = quote.decisions.clone();
    for decision in &mut decisions {
        decision.hints.clear();
        if let Outcome::Applied { allocations, .. } = &mut decision.outcome {
            allocations.sort_by(|one, two| one.line.cmp(&two.line));
        }
    }
    decisions
}

proptest! {
    #![proptest_config(config())]

    /// The order of the lines changes nothing; where the policy gives leftover minor units to the first or last lines, it changes
    /// who gets them and nothing else (R5).
    #[test]
    fn the_order_of_lines_changes_nothing(sample in any_case()) {
        let mut changed = sample.request.clone();
        sample.random().shuffle(&mut changed.cart.lines);
        let (mut before, mut after) = (answer(&sample.request).unwrap().quote, answer(&changed).unwrap().quote);
        for quote in [&mut before, &mut after] {
            quote.lines.sort_by(|one, two| one.id.cmp(&two.id));
        }
        if sample.request.site.rounding.leftover == Leftover::Largest {
            prop_assert_eq!(&before.lines, &after.lines);
            prop_assert_eq!(decided(&before), decided(&after));
        } else if before.decisions.iter().filter(|decision| decision.is_applied()).count() > 1 {
            // What the first of several promotions leaves of each line is what the next one is computed on.
            return Ok(());
        }
        prop_assert_eq!(before.total, after.total);
        for (before, after) in before.decisions.iter().zip(&after.decisions) {
            prop_assert_eq!(before.discount(), after.discount());
            prop_assert_eq!(before.reasons(), after.reasons());
        }
    }

    /// A line outside every scope changes no decision and no other line's price, where conditions are judged on eligible lines and none
    /// counts lines (R28).
    #[test]
    fn a_line_out_of_scope_changes_nothing(sample in any_case(), price_minor in 0_i64..=100_000) {
        let request = judged_on_eligible_lines(&sample.request);
        let names_fees = |selector: &SelectorDraft| matches!(selector, SelectorDraft::Kind { kind } if kind == "fee");
        prop_assume!(!request.promotions.iter().flat_map(|promotion| &promotion.terms.scope.include).any(names_fees));
        prop_assume!(!request.cart.lines.is_empty());
        let changed = with_stranger_in_place(&request, price_minor, sample.random().below(100));
        let before = answer(&request).unwrap().quote;
        let Some(mut after) = answer(&changed).map(|answer| answer.quote) else { return Ok(()) };
        prop_assert_eq!(decided(&before), decided(&after));
        after.lines.retain(|line| line.id.as_str() != "stranger");
        prop_assert_eq!(before.lines, after.lines);
    }

    /// A promotion whose only cart condition is a minimum is not lost by adding a line (R28).
    #[test]
    fn a_minimum_is_not_lost_by_adding_a_line(sample in any_case(), price_minor in 0_i64..=100_000) {
        let mut request = sample.request.clone();
        request.promotions.iter_mut().for_each(|promotion| {
            let is_kept = |condition: &ConditionDraft| {
                matches!(condition, ConditionDraft::Redeemable { .. } | ConditionDraft::MinimumSubtotal { .. })
            };
            promotion.terms.conditions.retain(is_kept);
            // Dates, units and limits are conditions by other names.
            promotion.terms.units = None;
            promotion.terms.limits = LimitsDraft::default();
        });
        let of_money = |promotion: &PromotionRequest| {
            let benefit = &promotion.terms.benefit;
            promotion.terms.kind == Kind::Coupon
                && matches!(benefit, BenefitDraft::Percent { .. } | BenefitDraft::Fixed { .. } | BenefitDraft::NoDiscount {})
        };
        request.promotions.retain(of_money);
        request.facts.usage.clear();
        request.facts.gifts.clear();
        request.facts.customer = None;
        // One code: a second that begins to apply may well take the place of the first.
        request.facts.codes.truncate(1);
        prop_assume!(answer(&request).unwrap().quote.decisions.iter().any(Decision::is_applied));
        let mut random = sample.random();
        let like = random.pick(&request.cart.lines).clone();
        for line in [stranger(price_minor), one_more(&like, price_minor)] {
            let Some(after) = answer(&with_line(&request, line, &mut random)) else { continue };
            prop_assert!(after.quote.decisions.iter().all(Decision::is_applied));
        }
    }
}

/// The request with a stranger put in, the other lines staying in order.
fn with_stranger_in_place(
    request: &tearoff_core::standalone::EvaluationRequest,
    price_minor: i64,
    place: u64,
) -> tearoff_core::standalone::EvaluationRequest {
    let mut changed = request.clone();
    let place = usize::try_from(place).unwrap() % (changed.cart.lines.len() + 1);
    changed.cart.lines.insert(place, stranger(price_minor));
    changed
}
