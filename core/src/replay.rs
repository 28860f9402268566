//! Replay: a stored evaluation, evaluated again by the same engine, gives the same bytes (R67).

use alloc::vec::Vec;
use serde::Serialize;

use crate::ENGINE;
use crate::canonical::{Canonical, canonical_struct};
use crate::cart::Cart;
use crate::evaluate::{Evaluation, evaluate};
use crate::facts::{Candidate, Facts};
use crate::quote::Quote;

/// An evaluation as it is stored: what was asked and what was answered, each in canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Which engine answered.
    pub engine: u32,
    /// The promotions that might act: a list of [`Candidate`].
    pub candidates: Vec<u8>,
    /// The [`Cart`].
    pub cart: Vec<u8>,
    /// The [`Facts`].
    pub facts: Vec<u8>,
    /// The [`Quote`], without hints.
    pub quote: Vec<u8>,
}
canonical_struct!(Stored { engine, candidates, cart, facts, quote });

/// What came of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "replay", rename_all = "snake_case")]
pub enum Replayed {
    /// The same bytes.
    Same,
    /// Another engine answered: only that one can read its bytes again.
    OtherEngine {
        /// Which.
        engine: u32,
    },
    /// Something else, or what is stored cannot be read.
    Differs {
        /// What.
        what: Difference,
    },
}

/// What differs between what is stored and what the same engine makes of it. Codes are for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The stored candidates are not canonical bytes of this engine.
    UnreadableCandidates,
    /// The stored cart is not.
    UnreadableCart,
    /// The stored facts are not.
    UnreadableFacts,
    /// The stored quote is not.
    UnreadableQuote,
    /// The currency of the quote.
    Currency,
    /// What was decided on some code, or on what acts without one.
    Decisions,
    /// What the cart costs.
    Total,
    /// What some line costs.
    Lines,
}

impl Stored {
    /// What is to be stored of an evaluation that gave `quote`.
    #[must_use]
    pub fn of(evaluation: &Evaluation<'_>, quote: &Quote) -> Self {
        Self {
            engine: ENGINE,
            candidates: evaluation.candidates.to_vec().to_bytes(),
            cart: evaluation.cart.to_bytes(),
            facts: evaluation.facts.to_bytes(),
            quote: quote.to_bytes(),
        }
    }
}

/// Evaluates again what is stored and compares the bytes.
#[must_use]
pub fn replay(stored: &Stored) -> Replayed {
    if stored.engine != ENGINE {
        return Replayed::OtherEngine { engine: stored.engine };
    }
    difference(stored).map_or(Replayed::Same, |what| Replayed::Differs { what })
}

fn difference(stored: &Stored) -> Option<Difference> {
    let Ok(candidates) = Vec::<Candidate>::from_bytes(&stored.candidates) else {
        return Some(Difference::UnreadableCandidates);
    };
    let Ok(cart) = Cart::from_bytes(&stored.cart) else { return Some(Difference::UnreadableCart) };
    let Ok(facts) = Facts::from_bytes(&stored.facts) else { return Some(Difference::UnreadableFacts) };
    let again = evaluate(&Evaluation { candidates: &candidates, cart: &cart, facts: &facts });
    if again.to_bytes() == stored.quote {
        return None;
    }
    let Ok(then) = Quote::from_bytes(&stored.quote) else { return Some(Difference::UnreadableQuote) };
    // The cause before its consequences.
    Some(if then.currency != again.currency {
        Difference::Currency
    } else if then.decisions != again.decisions {
        Difference::Decisions
    } else if (then.subtotal, then.discount, then.total) != (again.subtotal, again.discount, again.total) {
        Difference::Total
    } else {
        Difference::Lines
    })
}

#[cfg(feature = "zones")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Amount;
    use crate::standalone::Question;

    fn questions() -> Vec<Question> {
        let lines = include_str!("../examples/request.jsonl").lines();
        lines.map(|line| Question::parse(&serde_json::from_str(line).unwrap()).unwrap()).collect()
    }

    fn stored(question: &Question) -> Stored {
        let evaluation = question.evaluation();
        Stored::of(&evaluation, &evaluate(&evaluation))
    }

    #[test]
    fn what_is_stored_is_answered_alike() {
        for question in questions() {
            let kept = stored(&question);
            assert_eq!(replay(&kept), Replayed::Same);
            assert_eq!(Stored::from_bytes(&kept.to_bytes()), Ok(kept));
        }
    }

    #[test]
    fn an_answer_with_hints_is_stored_without_them() {
        let question = &questions()[1];
        let answer = question.answer();
        assert!(answer.quote.decisions.iter().any(|decision| !decision.hints.is_empty()));
        assert_eq!(replay(&Stored::of(&question.evaluation(), &answer.quote)), Replayed::Same);
    }

    #[test]
    fn another_engine_is_left_alone() {
        let other = Stored { engine: ENGINE + 1, candidates: b"whatever".to_vec(), ..stored(&questions()[0]) };
        assert_eq!(replay(&other), Replayed::OtherEngine { engine: ENGINE + 1 });
    }

    #[test]
    fn what_was_tampered_with_is_told() {
        let kept = stored(&questions()[0]);
        let quote = Quote::from_bytes(&kept.quote).unwrap();
        let with = |change: fn(&mut Quote)| {
            let mut quote = quote.clone();
            change(&mut quote);
            Stored { quote: quote.to_bytes(), ..kept.clone() }
        };
        for (stored, what) in [
            (Stored { candidates: alloc::vec![9], ..kept.clone() }, Difference::UnreadableCandidates),
            (Stored { cart: Vec::new(), ..kept.clone() }, Difference::UnreadableCart),
            (
                Stored { facts: [kept.facts.clone(), alloc::vec![0]].concat(), ..kept.clone() },
                Difference::UnreadableFacts,
            ),
            (Stored { quote: Vec::new(), ..kept.clone() }, Difference::UnreadableQuote),
            (with(|quote| quote.decisions.clear()), Difference::Decisions),
            (with(|quote| quote.total = Amount::ZERO), Difference::Total),
            (with(|quote| quote.lines.clear()), Difference::Lines),
            (with(|quote| quote.currency = crate::money::Currency::parse("USD").unwrap()), Difference::Currency),
            (Stored { candidates: Vec::<Candidate>::new().to_bytes(), ..kept.clone() }, Difference::Decisions),
        ] {
            assert_eq!(replay(&stored), Replayed::Differs { what }, "{what:?}");
        }
    }

    #[test]
    fn any_byte_changed_is_never_the_same_answer_to_another_question() {
        let kept = stored(&questions()[0]);
        for index in 0..kept.quote.len() {
            let mut changed = kept.clone();
            changed.quote[index] ^= 1;
            assert!(matches!(replay(&changed), Replayed::Differs { .. }), "byte {index}");
        }
    }
}
