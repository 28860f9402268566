//! Laws about canonical bytes (R66).

use std::fmt::Debug;

use chrono::NaiveTime;
use proptest::prelude::*;
use tearoff_core::canonical::Canonical;
use tearoff_core::catalog::{Catalog, CatalogItem};
use tearoff_core::code::CodeKey;
use tearoff_core::facts::Candidate;
use tearoff_core::id::{ItemId, PromotionId};
use tearoff_core::money::{Amount, AmountTable, Currency, Money, Percent};
use tearoff_core::promotion::Promotion;
use tearoff_core::promotion::condition::{Channel, Channels};
use tearoff_core::snapshot::Snapshot;
use tearoff_core::standalone::Question;
use tearoff_core::text::Text;
use tearoff_core::time::{DailyRange, Weekdays};
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

fn is_value<T: Canonical>(bytes: &[u8]) -> bool {
    T::from_bytes(bytes).is_ok()
}

/// Bytes that break a bound are no value, though they would be written again as they are (R66).
#[test]
fn what_breaks_a_bound_is_no_value() {
    let text = |text: &str| Box::<str>::from(text).to_bytes();
    for (minor, taken) in [(0_u64, true), (1_000_000_000_000, true), (1_000_000_000_001, false)] {
        assert_eq!(is_value::<Amount>(&minor.to_bytes()), taken, "{minor}");
    }
    for (basis_points, taken) in [(0_u16, true), (10_000, true), (10_001, false)] {
        assert_eq!(is_value::<Percent>(&basis_points.to_bytes()), taken, "{basis_points}");
    }
    for (days, taken) in [(0_u8, false), (1, true), (0x7f, true), (0x80, false)] {
        assert_eq!(is_value::<Weekdays>(&days.to_bytes()), taken, "{days}");
    }
    for (seconds, taken) in [(0_u32, true), (86_399, true), (86_400, false)] {
        assert_eq!(is_value::<NaiveTime>(&seconds.to_bytes()), taken, "{seconds}");
    }
    for (name, taken) in [("a", true), ("", false), ("a b", false), ("~a", true)] {
        assert_eq!(is_value::<ItemId>(&text(name)), taken, "`{name}`");
    }
    assert!(is_value::<ItemId>(&text(&"a".repeat(64))));
    assert!(!is_value::<ItemId>(&text(&"a".repeat(65))));
    for (words, taken) in [("a b", true), ("", false), (" a", false), ("a ", false), ("a\tb", false)] {
        assert_eq!(is_value::<Text>(&text(words)), taken, "`{words}`");
    }
    assert!(is_value::<Text>(&text(&"a".repeat(500))));
    assert!(!is_value::<Text>(&text(&"a".repeat(501))));
    for (code, taken) in [("A 1", true), ("", false), ("a 1", false), ("A  1", false), (" A", false)] {
        assert_eq!(is_value::<CodeKey>(&text(code)), taken, "`{code}`");
    }
    assert!(is_value::<Currency>(b"EUR") && !is_value::<Currency>(b"eur") && !is_value::<Currency>(b"ZZZ"));
}

/// Lists that are kept in order are read in that order only, and what must not be empty is not.
#[test]
fn what_is_out_of_order_is_no_value() {
    let money = |code: &str| Money { currency: Currency::parse(code).unwrap(), amount: Amount::ZERO };
    let (euros, dollars) = (money("EUR"), money("USD"));
    in_order::<_, AmountTable>(&euros, &dollars, false);
    in_order::<_, Channels>(&Channel::BookingPage, &Channel::PointOfSale, false);
    let item = |id: &str| {
        let draft = serde_json::json!({ "id": id, "name": "n", "kind": "product",
            "prices": [{ "currency": "EUR", "amount_minor": 1 }] });
        CatalogItem::parse(&serde_json::from_value(draft).unwrap(), "").unwrap()
    };
    in_order::<_, Catalog>(&item("a"), &item("b"), true);

    let time = |hour: u32| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    for (from, until, taken) in [(9, 17, true), (22, 3, true), (9, 9, false)] {
        assert_eq!(
            is_value::<DailyRange>(&[time(from).to_bytes(), time(until).to_bytes()].concat()),
            taken,
            "{from} to {until}"
        );
    }
}

fn in_order<E: Canonical + Clone, T: Canonical>(one: &E, two: &E, may_be_empty: bool) {
    let is = |list: &[&E]| is_value::<T>(&list.iter().map(|entry| (*entry).clone()).collect::<Vec<E>>().to_bytes());
    assert_eq!(is(&[]), may_be_empty);
    assert!(is(&[one]) && is(&[two]) && is(&[one, two]));
    assert!(!is(&[two, one]) && !is(&[one, one]) && !is(&[one, two, two]));
}
