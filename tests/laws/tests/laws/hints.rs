//! The law of hints (R65).

use proptest::prelude::*;
use tearoff_core::evaluate::Hint;
use tearoff_core::quote::Decision;
use tearoff_core::reason::Reason;
use tearoff_core::standalone::EvaluationRequest;
use tearoff_laws::change::{moved_to, one_more, with_line, without_code};
use tearoff_laws::{Sample, answer, any_case, config};

/// Whether a code applies; not where the request breaks a bound.
fn applies(request: &EvaluationRequest, code: &str) -> bool {
    let decisions = answer(request).map(|answer| answer.quote.decisions).unwrap_or_default();
    decisions.iter().any(|decision| &*decision.code == code && decision.is_applied())
}

/// Whether doing what a hint says, in every way in which it can be meant, makes the code apply.
fn works(sample: &Sample, request: &EvaluationRequest, decision: &Decision, hint: &Hint) -> bool {
    match hint {
        // Of something that is in the cart: which of it is for the visitor to find, but there must be something.
        Hint::SpendMore { amount } => request.cart.lines.iter().any(|line| {
            let more = one_more(line, amount.amount.minor());
            applies(&with_line(request, more, &mut sample.random()), &decision.code)
        }),
        Hint::ChooseWeekday { days } => {
            days.names().next().is_some() && days.names().all(|day| applies(&moved_to(request, day), &decision.code))
        }
        Hint::Replace { code } => applies(&without_code(request, code), &decision.code),
    }
}

/// Codes that answer as unknown are for the visitor what unknown codes are: they are left out before a hint is followed, since a
/// private one among them might begin to apply.
fn without_unknown_codes(request: &EvaluationRequest, decisions: &[Decision]) -> EvaluationRequest {
    let unknown = decisions.iter().filter(|decision| decision.reasons() == [Reason::UnknownCode]);
    unknown.fold(request.clone(), |request, decision| without_code(&request, &decision.code))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4 * config().cases, ..config() })]

    /// A hint, followed, applies (R65).
    #[test]
    fn a_hint_followed_applies(sample in any_case()) {
        let decisions = answer(&sample.request).unwrap().quote.decisions;
        let request = without_unknown_codes(&sample.request, &decisions);
        for decision in &decisions {
            for hint in &decision.hints {
                prop_assert!(works(&sample, &request, decision, hint), "{:?} for {}", hint, decision.code);
            }
        }
    }
}
