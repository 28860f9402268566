//! The shapes of carts, and how their discounts were shared out.

use tearoff_core::evaluate::trace::Step;
use tearoff_core::money::allocate::Leftover;
use tearoff_core::money::rounding::Half;
use tearoff_core::policy::{Round, Rounding, Split};
use tearoff_core::standalone::{Answer, EvaluationRequest};

use super::Seen;

pub(super) fn note(request: &EvaluationRequest, answer: &Answer, seen: &mut Seen) {
    let quote = &answer.quote;
    let codes = quote.decisions.iter().filter(|decision| decision.code.is_some()).count();
    seen.extend((codes == 0).then_some("no code"));
    seen.extend((codes > 1).then_some("several codes"));
    seen.extend((codes < request.facts.codes.len()).then_some("a code twice"));
    seen.extend((quote.lines.len() >= 20).then_some("20 lines or more"));
    seen.extend((quote.subtotal.minor() >= 100_000_000_000).then_some("a subtotal of 10^11 or more"));
    seen.extend(
        request.cart.lines.iter().any(|line| line.quantity >= Some(1000)).then_some("a quantity of 1000 or more"),
    );
    seen.insert(match quote.currency.decimals() {
        0 => "a currency of 0 decimals",
        2 => "a currency of 2 decimals",
        3 => "a currency of 3 decimals",
        _ => "a currency of 4 decimals",
    });
    seen.extend(answer.trace.iter().any(|step| matches!(step, Step::Capped { .. })).then_some("cap cut"));
    note_later(answer, seen);
    if quote.discount.is_zero() {
        return;
    }
    seen.insert("discount");
    note_rounding(request.site.rounding, seen);
    let shared = quote.lines.iter().filter(|line| !line.discount.is_zero());
    seen.extend((shared.count() > 1).then_some("discount on several lines"));
    seen.extend(quote.lines.iter().any(|line| line.discount.is_zero()).then_some("discount beside a line without"));
    seen.extend(quote.lines.iter().any(|line| line.subtotal.is_zero()).then_some("discount beside a line for nothing"));
    let many = quote.lines.iter().any(|line| line.occurrences.len() > 1 && !line.discount.is_zero());
    seen.extend(many.then_some("discount over occurrences"));
    seen.extend(quote.total.is_zero().then_some("nothing left to pay"));
}

/// What later payments cost.
fn note_later(answer: &Answer, seen: &mut Seen) {
    for later in answer.quote.lines.iter().filter_map(|line| line.later) {
        seen.insert(match (later.discount.is_zero(), later.times) {
            (true, _) => "later payments at full price",
            (false, None) => "later payments discounted for ever",
            (false, Some(_)) => "later payments discounted so many times",
        });
    }
}

fn note_rounding(rounding: Rounding, seen: &mut Seen) {
    seen.insert(match rounding.round {
        Round::PerCart => "round per_cart",
        Round::PerLine => "round per_line",
        Round::PerUnit => "round per_unit",
    });
    seen.insert(match rounding.half {
        Half::Up => "half up",
        Half::Even => "half even",
        Half::Down => "half down",
    });
    seen.insert(match rounding.leftover {
        Leftover::Largest => "leftover largest",
        Leftover::First => "leftover first",
        Leftover::Last => "leftover last",
    });
    seen.insert(match rounding.split {
        Split::ByValue => "split by_value",
        Split::PerUnit => "split per_unit",
    });
}
