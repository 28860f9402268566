//! Laws about asking: the same question, asked in another way, has the same answer.

use proptest::prelude::*;
use tearoff_core::canonical::Canonical;
use tearoff_core::customer::History;
use tearoff_core::digest::Digests;
use tearoff_core::evaluate::trace::{Step, trace};
use tearoff_core::evaluate::{Evaluation, evaluate, explain};
use tearoff_core::facts::Left;
use tearoff_core::project::{asked_history, conceal};
use tearoff_core::promotion::draft::LimitsDraft;
use tearoff_core::promotion::{Disclosure, Unit};
use tearoff_core::standalone::{EvaluationRequest, Question};
use tearoff_laws::change::{spoil, with_keys_shuffled};
use tearoff_laws::{answer, any_case, config};

proptest! {
    #![proptest_config(config())]

    /// The same request has the same answer and the same digests, whatever the order of keys in its JSON (R66).
    #[test]
    fn equal_requests_have_equal_answers(sample in any_case()) {
        let value = serde_json::to_value(&sample.request).unwrap();
        let shuffled = with_keys_shuffled(&value, &mut sample.random());
        let read: EvaluationRequest = serde_json::from_str(&shuffled).unwrap();
        prop_assert_eq!(&read, &sample.request);
        prop_assert_eq!(answer(&sample.request), answer(&read));
    }

    /// The order in which promotions are listed changes nothing (R66).
    #[test]
    fn the_order_of_promotions_changes_nothing(sample in any_case()) {
        let mut changed = sample.request.clone();
        sample.random().shuffle(&mut changed.promotions);
        sample.random().shuffle(&mut changed.facts.usage);
        prop_assert_eq!(answer(&sample.request), answer(&changed));
    }

    /// A promotion whose code was not entered changes nothing (R66).
    #[test]
    fn a_promotion_that_is_not_asked_for_changes_nothing(sample in any_case()) {
        let mut changed = sample.request.clone();
        let asked = Question::parse(&sample.request).unwrap().candidates;
        changed.promotions.retain(|known| asked.iter().any(|asked| asked.terms.promotion.as_str() == known.id));
        let kept: Vec<&str> = changed.promotions.iter().map(|known| known.id.as_str()).collect();
        changed.facts.usage.retain(|usage| kept.contains(&usage.promotion.as_str()));
        changed.facts.gifts.retain(|gift| kept.contains(&gift.promotion.as_str()));
        prop_assert_eq!(answer(&sample.request), answer(&changed));
    }

    /// Any request is answered, or refused with the names of its fields; it never makes core panic (R1).
    #[test]
    fn whatever_is_sent_is_answered_or_refused(sample in any_case(), times in 1..4) {
        let mut random = sample.random();
        let mut value = serde_json::to_value(&sample.request).unwrap();
        for _ in 0..times {
            spoil(&mut value, &mut random);
        }
        let Ok(request) = serde_json::from_value::<EvaluationRequest>(value) else { return Ok(()) };
        match Question::parse(&request) {
            Ok(question) => prop_assert_eq!(question.answer(), question.answer()),
            Err(faults) => prop_assert!(!faults.is_empty() && faults.iter().all(|fault| !fault.field.is_empty())),
        }
    }

    /// Telling every step of an evaluation does not change what it gives (R66).
    #[test]
    fn the_trace_tells_of_the_same_quote(sample in any_case()) {
        let question = Question::parse(&sample.request).unwrap();
        let (traced, steps) = trace(&question.evaluation());
        prop_assert_eq!(traced, evaluate(&question.evaluation()));
        let decided = evaluate(&question.evaluation()).decisions.len();
        prop_assert_eq!(steps.iter().filter(|step| matches!(step, Step::Decided { .. })).count(), decided);
    }

    /// Projecting changes no decision: with what is left of each limit told in full, the quote is the same (R66).
    #[test]
    fn projecting_changes_no_decision(sample in any_case()) {
        let question = Question::parse(&sample.request).unwrap();
        let mut candidates = question.candidates.clone();
        for candidate in &mut candidates {
            let id = candidate.terms.promotion.as_str();
            let limits = &sample.request.promotions.iter().find(|known| known.id == id).unwrap().terms.limits;
            let used = sample.request.facts.usage.iter().find(|usage| usage.promotion == id).cloned().unwrap_or_default();
            let LimitsDraft { total, per_customer, per_code, per_day, per_week, per_month, budget: _ } = limits;
            let most = [total, per_customer, per_code, per_day, per_week, per_month];
            let used = [used.total, used.customer, used.code, used.day, used.week, used.month];
            let left = most.into_iter().zip(used).filter_map(|(most, used)| Some((*most)?.max - i64::from(used)));
            for (known, left) in candidate.state.left.iter_mut().zip(left) {
                // Of occurrences a page is told all that it could use.
                if let Left::Redemptions { count } = known {
                    *count = u32::try_from(left.max(0)).unwrap();
                }
            }
        }
        let in_full = Evaluation { candidates: &candidates, cart: &question.cart, facts: &question.facts };
        prop_assert_eq!(evaluate(&in_full), evaluate(&question.evaluation()));
    }

    /// A page learns nothing of an owner's numbers: as long as anything is left of each limit, any counts and any limits give the
    /// same facts (R66).
    #[test]
    fn counts_are_not_told(sample in any_case()) {
        let mut changed = sample.request.clone();
        changed.facts.usage.clear();
        let few = Question::parse(&changed).unwrap();
        for promotion in &mut changed.promotions {
            let LimitsDraft { total, per_customer, per_code, per_day, per_week, per_month, budget: _ } =
                &mut promotion.terms.limits;
            for limit in [total, per_customer, per_code, per_day, per_week, per_month].into_iter().flatten() {
                // A cart can use one redemption, but any number of occurrences.
                if limit.count == Unit::Redemptions {
                    limit.max = 1_000_000;
                }
            }
        }
        prop_assert_eq!(few.answer(), Question::parse(&changed).unwrap().answer());
    }

    /// A past reduced to what the promotions ask of it decides the same, and one of which they ask nothing is not told (R66).
    #[test]
    fn a_past_is_told_as_far_as_it_is_asked(sample in any_case(), bits in 0_u8..8) {
        let question = Question::parse(&sample.request).unwrap();
        let mut facts = question.facts.clone();
        let Some(customer) = &mut facts.customer else { return Ok(()) };
        let bit = |number: u8| bits & (1 << number) != 0;
        customer.history = History { in_system: bit(0), has_ordered: bit(1), has_appointment: bit(2) };
        let mut reduced = facts.clone();
        if let Some(customer) = &mut reduced.customer {
            customer.history = asked_history(customer.history, &question.candidates);
            prop_assert_eq!(asked_history(customer.history, &question.candidates), customer.history);
            prop_assert_eq!(asked_history(customer.history, &[]), History::default());
        }
        let quote = |facts| {
            let evaluation = Evaluation { candidates: &question.candidates, cart: &question.cart, facts };
            let mut quote = evaluate(&evaluation);
            explain(&evaluation, &mut quote);
            quote
        };
        prop_assert_eq!(quote(&reduced), quote(&facts));
    }

    /// What is concealed changes no quote, and a private promotion that fails has the digests of an unknown code (R65).
    #[test]
    fn a_private_promotion_that_fails_is_an_unknown_code(sample in any_case()) {
        let mut request = sample.request.clone();
        request.promotions.iter_mut().for_each(|promotion| {
            promotion.active = false;
            promotion.terms.disclosure = Disclosure::Private;
        });
        let concealed = answer(&request).unwrap();
        request.promotions.clear();
        request.facts.usage.clear();
        request.facts.gifts.clear();
        let unknown = answer(&request).unwrap();
        prop_assert_eq!(concealed.quote, unknown.quote);
        prop_assert_eq!(concealed.digests, unknown.digests);

        let question = Question::parse(&sample.request).unwrap();
        let (mut candidates, mut facts) = (question.candidates.clone(), question.facts.clone());
        conceal(&mut candidates, &question.cart, &mut facts);
        let told = Evaluation { candidates: &candidates, cart: &question.cart, facts: &facts };
        prop_assert_eq!(evaluate(&told).to_bytes(), evaluate(&question.evaluation()).to_bytes());
        prop_assert_eq!(Digests::of(&told, &evaluate(&told)), question.answer().digests);
    }
}
