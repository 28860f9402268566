//! Laws about the page, which prices with a snapshot and must find what the server finds (R66).

use proptest::prelude::*;
use tearoff_core::canonical::Canonical;
use tearoff_core::catalog::MoneyDraft;
use tearoff_core::digest::Digests;
use tearoff_core::money::Amount;
use tearoff_core::promotion::Disclosure;
use tearoff_core::promotion::condition::{Basis, Counts};
use tearoff_core::promotion::draft::ConditionDraft;
use tearoff_core::snapshot::Snapshot;
use tearoff_core::standalone::{EvaluationRequest, Question};
use tearoff_laws::change::rearranged;
use tearoff_laws::page::{as_a_page_sends_it, snapshot, sold_from_a_catalog};
use tearoff_laws::{any_case, config};

/// Every code at once, each a little more below its minimum than the one before, the first promotion private: what a larger cart would
/// wake must not show.
fn all_below_their_minimums(request: &mut EvaluationRequest, question: &Question) {
    request.facts.codes = request.promotions.iter().flat_map(|promotion| promotion.codes.clone()).collect();
    let mut required = question.cart.subtotal().minor();
    for promotion in &mut request.promotions {
        required = (required + 10).min(Amount::MAX.minor());
        let amounts = vec![MoneyDraft { currency: question.cart.currency().code().into(), amount_minor: required }];
        promotion.terms.conditions =
            vec![ConditionDraft::MinimumSubtotal { amounts, basis: Basis::AllLines, counts: Counts::BeforeDiscounts }];
    }
    request.promotions.iter_mut().take(1).for_each(|promotion| promotion.terms.disclosure = Disclosure::Private);
}

proptest! {
    #![proptest_config(config())]

    /// A page that prices with a snapshot finds the quote, the hints and the digests of the direct way, whatever prices it claims
    /// (R61, R66).
    #[test]
    fn a_snapshot_gives_the_direct_answer(sample in any_case()) {
        let mut request = sold_from_a_catalog(&sample.request);
        if sample.random().chance(50) {
            let Ok(question) = Question::parse(&request) else { return Ok(()) };
            all_below_their_minimums(&mut request, &question);
        }
        let Ok(question) = Question::parse(&request) else { return Ok(()) };
        let direct = question.answer();
        let held = Snapshot::read(&snapshot(&request, &question).to_bytes()).unwrap();
        // A page whose clocks do not reach a date asks the server.
        let Ok(cart) = held.establish(&as_a_page_sends_it(&request.cart)) else { return Ok(()) };
        let quote = held.quote(&cart);
        prop_assert_eq!(Digests::of(&held.evaluation(&cart), &quote), direct.digests);
        prop_assert_eq!(quote, direct.quote);
    }

    /// A page that changes its cart and prices it again with the snapshot it holds finds what a new question would, as long as no
    /// private promotion is concealed in it (R66).
    #[test]
    fn a_changed_cart_is_priced_as_if_asked_anew(sample in any_case()) {
        let request = sold_from_a_catalog(&sample.request);
        let Ok(question) = Question::parse(&request) else { return Ok(()) };
        let held = snapshot(&request, &question);
        prop_assume!(held.candidates.len() == question.candidates.len());
        let mut changed = request.clone();
        changed.cart = rearranged(&request.cart, &mut sample.random());
        let Ok(anew) = Question::parse(&changed) else { return Ok(()) };
        prop_assume!(snapshot(&changed, &anew).candidates.len() == anew.candidates.len());
        let Ok(cart) = held.establish(&as_a_page_sends_it(&changed.cart)) else { return Ok(()) };
        let (quote, anew) = (held.quote(&cart), anew.answer());
        let digests = Digests::of(&held.evaluation(&cart), &quote);
        prop_assert_eq!(
            (digests.terms, digests.cart, digests.result),
            (anew.digests.terms, anew.digests.cart, anew.digests.result)
        );
        prop_assert_eq!(quote, anew.quote);
    }
}
