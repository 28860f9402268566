//! Laws about codes (R7, R8).

use proptest::prelude::*;
use tearoff_core::code::CodeKey;
use tearoff_laws::{answer, any_case, config};

/// Texts that are nearly codes, in the letters of several input methods.
fn nearly_a_code() -> impl Strategy<Value = String> {
    "[ \\t\u{a0}\u{3000}]{0,3}[a-zA-Z0-9_ \\-\u{ff21}-\u{ff3a}\u{ff41}-\u{ff5a}\u{ff10}-\u{ff19}]{0,70}[ \\t\u{3000}é\u{200b}]{0,2}"
}

proptest! {
    #![proptest_config(config())]

    /// The key of a key is the key, and neither case nor outer space changes it (R7).
    #[test]
    fn a_key_is_its_own_key(typed in nearly_a_code()) {
        let Ok(key) = CodeKey::normalize(&typed) else { return Ok(()) };
        prop_assert_eq!(CodeKey::normalize(key.as_str()), Ok(key.clone()));
        for other in [typed.to_lowercase(), typed.to_uppercase(), format!(" {typed}\u{3000}"), typed.replace(' ', "  ")] {
            prop_assert_eq!(CodeKey::normalize(&other), Ok(key.clone()), "{:?}", other);
        }
    }

    /// How a code is typed changes no answer: its key and its owner's spelling are answered alike (R7).
    #[test]
    fn the_spelling_of_a_known_code_changes_nothing(sample in any_case()) {
        let mut changed = sample.request.clone();
        for typed in &mut changed.facts.codes {
            if let Ok(key) = CodeKey::normalize(typed) {
                *typed = key.as_str().to_ascii_lowercase();
            }
        }
        prop_assert_eq!(answer(&sample.request), answer(&changed));
    }

    /// A code that does not apply changes nothing for the others (R37, R48).
    #[test]
    fn a_code_that_does_not_apply_is_in_nobodys_way(sample in any_case()) {
        let quote = answer(&sample.request).unwrap().quote;
        let refused = quote.decisions.iter().find(|decision| !decision.is_applied() && decision.code.is_some());
        let Some(refused) = refused else { return Ok(()) };
        let code = refused.code.as_deref().unwrap_or_default();
        let mut without = answer(&tearoff_laws::change::without_code(&sample.request, code)).unwrap().quote;
        let mut others = quote.clone();
        others.decisions.retain(|decision| decision.code != refused.code);
        for decision in without.decisions.iter_mut().chain(&mut others.decisions) {
            decision.hints.clear();
        }
        prop_assert_eq!(without, others);
    }
}
