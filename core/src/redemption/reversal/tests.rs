use super::*;
use crate::canonical::Canonical;
use crate::money::Currency;
use crate::time::parse_instant;
use std::vec;

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

fn day(number: u32) -> DateTime<Utc> {
    parse_instant(&std::format!("2026-12-{number:02}T18:00:00Z")).unwrap()
}

fn slot(line: &str, date: Option<u32>, quantity: u32, subtotal: i64, discount: i64) -> RecordedSlot {
    RecordedSlot {
        line: LineId::parse(line).unwrap(),
        start: date.map(|date| LocalStart::parse(&std::format!("2026-12-{date:02}T18:00")).unwrap()),
        starts_at: date.map(day),
        quantity,
        subtotal: amount(subtotal),
        discount: amount(discount),
        reversed: 0,
    }
}

/// A course on the 1st, 8th and 15th, 10.00 off in all, and three mats of 20.00, 10.00 off too.
fn record(counted: Counted) -> Recorded {
    let slots = vec![
        slot("course", Some(1), 1, 2000, 334),
        slot("course", Some(8), 1, 2000, 333),
        slot("course", Some(15), 1, 2000, 333),
        slot("mats", None, 3, 6000, 1000),
    ];
    let one = |covers: Vec<u32>| RecordedUse {
        promotion: PromotionId::parse("prm").unwrap(),
        counted,
        covers,
        standing: UseStanding::Held,
    };
    let uses = match counted {
        Counted::Redemption => vec![one(vec![0, 1, 2, 3])],
        Counted::Occurrence => (0..4).map(|place| one(vec![place])).collect(),
    };
    Recorded { currency: Currency::parse("EUR").unwrap(), slots, uses }
}

fn part(line: &str, date: Option<u32>, quantity: Option<u32>) -> Part {
    let start = date.map(|date| LocalStart::parse(&std::format!("2026-12-{date:02}T18:00")).unwrap());
    Part { line: LineId::parse(line).unwrap(), start, quantity }
}

fn cancel(record: &mut Recorded, parts: &[Part]) -> (i64, u32) {
    let reversal = record.reverse(State::Confirmed, parts, Cause::Cancelled, Restore::OnCancel, day(1)).unwrap();
    (reversal.refund.minor(), reversal.given_back.iter().map(|counts| counts.count).sum())
}

#[test]
fn parts_refund_their_stored_share_and_sum_to_the_whole() {
    let mut whole = record(Counted::Redemption);
    assert_eq!(whole.left().minor(), 10_000);
    let mut one_by_one = whole.clone();
    assert_eq!(cancel(&mut whole, &[]), (10_000, 1));
    for (part, wanted) in [
        (part("mats", None, Some(1)), (1666, 0)), // 20.00 - 3.34
        (part("course", Some(8), None), (1667, 0)),
        (part("mats", None, Some(1)), (1667, 0)), // 20.00 - 3.33
        (part("course", None, None), (3333, 0)),  // the 1st and the 15th
        (part("mats", None, None), (1667, 1)),    // the last part, and the use with it
    ] {
        assert_eq!(cancel(&mut one_by_one, &[part]), wanted);
    }
    assert_eq!(one_by_one.left(), Amount::ZERO);
    assert!(one_by_one.is_spent() && whole.is_spent());
}

#[test]
fn a_use_for_each_occurrence_returns_with_it() {
    let mut record = record(Counted::Occurrence);
    assert_eq!(cancel(&mut record, &[part("course", Some(8), None)]), (1667, 1));
    assert_eq!(cancel(&mut record, &[part("mats", None, Some(2))]), (3333, 0), "the line is not back yet");
    assert_eq!(cancel(&mut record, &[part("mats", None, Some(1))]), (1667, 1));
    assert_eq!(record.uses()[0].count, 2);
    assert_eq!(cancel(&mut record, &[]), (3333, 2));
}

#[test]
fn the_cause_and_the_policy_say_whether_a_use_returns() {
    use Cause::{Cancelled, Housekeeping, Mistake, Replaced};
    use Restore::{BeforeStartOnly, Never, OnCancel};
    for (cause, restore, on, of_redemption, of_occurrences) in [
        (Cancelled, OnCancel, 20, 1, 4),
        (Cancelled, Never, 1, 0, 0),
        (Cancelled, BeforeStartOnly, 30, 0, 1), // the mats start never
        (Cancelled, BeforeStartOnly, 8, 0, 2),  // at its start it has begun
        (Replaced, Never, 30, 1, 4),
        (Mistake, BeforeStartOnly, 30, 1, 4),
        (Housekeeping, OnCancel, 1, 0, 0),
    ] {
        for (counted, wanted) in [(Counted::Redemption, of_redemption), (Counted::Occurrence, of_occurrences)] {
            let reversal = record(counted).reverse(State::Confirmed, &[], cause, restore, day(on)).unwrap();
            let returned: u32 = reversal.given_back.iter().map(|counts| counts.count).sum();
            assert_eq!(returned, wanted, "on {on}");
            assert_eq!(reversal.refund.minor(), 10_000);
        }
    }
}

#[test]
fn a_use_is_not_won_back_by_cancelling_what_was_attended_first() {
    let mut attended = record(Counted::Redemption);
    let mut reverse = |parts: &[Part], cause| {
        attended.reverse(State::Confirmed, parts, cause, Restore::BeforeStartOnly, day(2)).unwrap().given_back.len()
    };
    assert_eq!(reverse(&[part("course", Some(1), None)], Cause::Cancelled), 0);
    assert_eq!(reverse(&[], Cause::Cancelled), 0);

    let mut mistaken = record(Counted::Redemption);
    let first = [part("course", Some(1), None)];
    mistaken.reverse(State::Confirmed, &first, Cause::Housekeeping, Restore::OnCancel, day(2)).unwrap();
    let rest = mistaken.reverse(State::Confirmed, &[], Cause::Mistake, Restore::OnCancel, day(2)).unwrap();
    assert_eq!(rest.given_back.len(), 1, "what should never have been always gives its use back");
}

#[test]
fn what_cannot_be_taken_back_changes_nothing() {
    let mut kept = record(Counted::Redemption);
    let mut refused = |state, parts: &[Part]| {
        let before = kept.clone();
        let fault = kept.reverse(state, parts, Cause::Cancelled, Restore::OnCancel, day(1)).unwrap_err();
        assert_eq!(kept, before);
        fault
    };
    let line = |name| LineId::parse(name).unwrap();
    for (state, wanted) in [
        (State::Reserved, NotReversed::NotConfirmed),
        (State::Placed, NotReversed::NotConfirmed),
        (State::Released, NotReversed::TooLate),
        (State::Reversed, NotReversed::TooLate),
    ] {
        assert_eq!(refused(state, &[]), wanted);
    }
    for (parts, wanted) in [
        (vec![part("boat", None, None)], NotReversed::UnknownPart { line: line("boat") }),
        (vec![part("course", Some(2), None)], NotReversed::UnknownPart { line: line("course") }),
        (vec![part("mats", None, Some(4))], NotReversed::NotThatMany { line: line("mats"), left: 3 }),
        (
            vec![part("mats", None, Some(2)), part("mats", None, Some(2))],
            NotReversed::NotThatMany { line: line("mats"), left: 1 },
        ),
    ] {
        assert_eq!(refused(State::Confirmed, &parts), wanted);
    }
}

#[test]
fn a_record_comes_back_from_its_bytes() {
    let mut record = record(Counted::Occurrence);
    cancel(&mut record, &[part("course", Some(8), None)]);
    assert_eq!(Recorded::from_bytes(&record.to_bytes()), Ok(record));
}
