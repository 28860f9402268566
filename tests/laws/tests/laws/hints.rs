//! The law of hints (R65).

use proptest::prelude::*;
use serde_json::json;
use tearoff_core::evaluate::Hint;
use tearoff_core::quote::Decision;
use tearoff_core::reason::Reason;
use tearoff_core::standalone::EvaluationRequest;
use tearoff_laws::change::{
    at_time, booked, moved_to, on_date, one_more, with_line, with_more_units, with_one_of, without_code, without_line,
};
use tearoff_laws::{Sample, answer, any_case, config};

/// Whether what was decided on applies; not where the request breaks a bound.
fn applies(request: &EvaluationRequest, of: &Decision) -> bool {
    let decisions = answer(request).map(|answer| answer.quote.decisions).unwrap_or_default();
    decisions.iter().any(|found| found.code == of.code && found.promotion == of.promotion && found.is_applied())
}

/// Whether doing what a hint says, in every way in which it can be meant, makes the code apply.
fn works(sample: &Sample, request: &EvaluationRequest, decision: &Decision, hint: &Hint) -> bool {
    match hint {
        // Of something that is in the cart: which of it is for the visitor to find, but there must be something.
        Hint::SpendMore { amount } => request.cart.lines.iter().any(|line| {
            let more = one_more(line, amount.amount.minor());
            applies(&with_line(request, more, &mut sample.random()), decision)
        }),
        Hint::ChooseWeekday { days } => {
            days.names().next().is_some() && days.names().all(|day| applies(&moved_to(request, day), decision))
        }
        Hint::Replace { code } => applies(&without_code(request, code), decision),
        Hint::AddUnits { line, count } => applies(&with_more_units(request, line.as_str(), *count), decision),
        Hint::TakeOut { line } => applies(&without_line(request, line.as_str()), decision),
        // Like something that is in the cart.
        Hint::Add { what } => {
            request.cart.lines.iter().any(|like| applies(&with_one_of(request, like, what), decision))
        }
        Hint::ChooseDate { date } => applies(&on_date(request, &date.date().to_string()), decision),
        Hint::ChooseTime { hours } => applies(&at_time(request, &hours.from().to_string()), decision),
        Hint::ChooseFrequency { frequency } => applies(&booked(request, *frequency), decision),
    }
}

/// Codes that answer as unknown are for the visitor what unknown codes are: they are left out before a hint is followed, since a
/// private one among them might begin to apply.
fn without_unknown_codes(request: &EvaluationRequest, decisions: &[Decision]) -> EvaluationRequest {
    let unknown = decisions.iter().filter(|decision| decision.reasons() == [Reason::UnknownCode]);
    unknown.fold(request.clone(), |request, decision| match &decision.code {
        Some(code) => without_code(&request, code),
        None => request,
    })
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
                prop_assert!(works(&sample, &request, decision, hint), "{:?} for {:?}", hint, decision.code);
            }
        }
    }
}

/// A cart that holds as many lines as it may is not told to hold one more (R1, R65).
#[test]
fn a_full_cart_is_not_told_to_hold_more() {
    for (lines, helps) in [(499, true), (500, false)] {
        let line =
            |index: u32| json!({ "id": format!("n{index}"), "item": "mat", "kind": "product", "unit_price_minor": 1 });
        let request: EvaluationRequest = serde_json::from_value(json!({
            "site": { "currency": "EUR", "zone": "Europe/Athens" },
            "promotions": [{ "id": "p", "codes": ["P"], "terms": {
                "name": "p", "kind": "coupon", "label": "p", "benefit": { "type": "percent", "percent_bp": 1000 },
                "conditions": [{ "type": "minimum_subtotal", "amounts": [{ "currency": "EUR", "amount_minor": 1000 }] }],
            } }],
            "cart": { "lines": (0..lines).map(line).collect::<Vec<_>>() },
            "facts": { "now_at": "2026-12-01T12:00:00Z", "codes": ["P"] },
        }))
        .unwrap();
        let hints = answer(&request).unwrap().quote.decisions.remove(0).hints;
        let told = serde_json::to_value(&hints).unwrap();
        let amount = json!([{ "type": "spend_more", "amount": { "currency": "EUR", "amount_minor": 501 } }]);
        assert_eq!(told, if helps { amount } else { json!([]) }, "{lines}");
    }
}
