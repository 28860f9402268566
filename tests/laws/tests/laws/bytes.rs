//! Laws about canonical bytes (R66).

use std::fmt::Debug;

use proptest::prelude::*;
use tearoff_core::canonical::Canonical;
use tearoff_core::facts::Candidate;
use tearoff_core::id::PromotionId;
use tearoff_core::promotion::Promotion;
use tearoff_core::snapshot::Snapshot;
use tearoff_core::standalone::Question;
use tearoff_core::zones;
use tearoff_laws::page::{snapshot, sold_from_a_catalog};
use tearoff_laws::{any_case, config};

/// Whether a value comes back from its bytes, and the bytes from the value.
fn comes_back<T: Canonical + PartialEq + Debug>(value: &T) -> Result<(), TestCaseError> {
    let bytes = value.to_bytes();
    let read = T::from_bytes(&bytes).map_err(|fault| TestCaseError::fail(format!("{fault:?}")))?;
    prop_assert_eq!(&read, value);
    prop_assert_eq!(read.to_bytes(), bytes);
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    /// Canonical bytes decode to the value they were made from and encode to the same bytes again: cart, facts, terms, promotion,
    /// quote and snapshot (R66).
    #[test]
    fn values_come_back_from_their_bytes(sample in any_case()) {
        let request = sold_from_a_catalog(&sample.request);
        let Ok(question) = Question::parse(&request) else { return Ok(()) };
        comes_back(&question.cart)?;
        comes_back(&question.facts)?;
        for candidate in &question.candidates {
            comes_back::<Candidate>(candidate)?;
            comes_back(&candidate.terms)?;
        }
        for known in &request.promotions {
            let zone = |local| zones::around(&request.site.zone, local);
            let id = PromotionId::parse(&known.id).unwrap();
            comes_back(&Promotion::parse(id, 7, &known.terms, &zone, "").unwrap())?;
        }
        let mut quote = question.answer().quote;
        // Hints are advice, and part of no bytes.
        quote.decisions.iter_mut().for_each(|decision| decision.hints.clear());
        comes_back(&quote)?;
        let snapshot = snapshot(&request, &question);
        comes_back(&snapshot)?;
        prop_assert_eq!(Snapshot::read(&snapshot.to_bytes()), Ok(snapshot));
    }

    /// A value has one encoding: bytes that were changed or cut are refused, or are the only bytes of another value (R66).
    #[test]
    fn a_value_has_one_encoding(sample in any_case()) {
        let request = sold_from_a_catalog(&sample.request);
        let Ok(question) = Question::parse(&request) else { return Ok(()) };
        let bytes = snapshot(&request, &question).to_bytes();
        let mut random = sample.random();
        for _ in 0..60 {
            let mut changed = bytes.clone();
            let place = usize::try_from(random.below(bytes.len() as u64)).unwrap();
            match random.below(10) {
                0 => changed.truncate(place),
                1..=4 => changed[place] = *random.pick(&[0, 1, b' ', b'\n', 0x7f, 0x80, 0xff]),
                _ => changed[place] ^= u8::try_from(1 + random.below(255)).unwrap(),
            }
            if let Ok(read) = Snapshot::from_bytes(&changed) {
                prop_assert_eq!(read.to_bytes(), changed);
            }
        }
    }
}
