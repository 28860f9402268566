//! Limits of every kind: per code, per period, by occurrences, in money (R44, R45).

use chrono::TimeDelta;
use serde_json::json;
use tearoff_core::redemption::{State, Step};
use tearoff_server::store::Mode;

use crate::ledger::{Asked, Database, Ledger};

/// Two occurrences are left and three are asked for: two are discounted, and both count (R44).
///
/// # Panics
/// When the contract is broken; so does every story.
pub fn occurrences_are_discounted_as_far_as_they_last<D: Database>() {
    let ledger = Ledger::<D>::open();
    ledger.limit("FREELY", json!({ "total": { "max": 5, "count": "occurrences" } }));
    let first = ledger.granted(&Asked::of("A-1", "FREELY").of_mugs(3));
    let second = ledger.granted(&Asked::of("A-2", "FREELY").of_mugs(3));
    assert_eq!((first.uses[0].occurrences, second.uses[0].occurrences, ledger.used("FREELY")), (3, 2, 5));
    assert_eq!(ledger.refused(&Asked::of("A-3", "FREELY")), "usage_limit_reached");
    assert_eq!(ledger.stepped(second.id, Step::Release), State::Released);
    assert_eq!(ledger.used("FREELY"), 3);
    ledger.audit();
}

/// Both codes unlock one promotion; one is used up, the other is not (R45).
pub fn each_code_of_a_promotion_has_a_count_of_its_own<D: Database>() {
    let ledger = Ledger::<D>::open();
    ledger.limit("MANY", json!({ "per_code": 1 }));
    let first = ledger.granted(&Asked::of("A-1", "MANY"));
    assert_eq!(ledger.refused(&Asked::of("A-2", "many")), "code_limit_reached");
    let _ = ledger.granted(&Asked::of("A-3", "TWIN"));
    assert_eq!(ledger.stepped(first.id, Step::Release), State::Released);
    let _ = ledger.granted(&Asked::of("A-4", "MANY"));
    assert_eq!(ledger.refused(&Asked::of("A-5", "TWIN")), "code_limit_reached");
    ledger.audit();
}

/// By the site's calendar: the ledger opens on Tuesday the first, at noon in Athens.
pub fn a_day_a_week_and_a_month_begin_anew<D: Database>() {
    for (limit, first_again) in [("per_day", "2026-12-02"), ("per_week", "2026-12-07"), ("per_month", "2027-01-01")] {
        let ledger = Ledger::<D>::open();
        ledger.limit("FREELY", json!({ limit: 1 }));
        let placed = |order: String| Asked { place: true, ..Asked::of(order, "FREELY") };
        assert_eq!(ledger.granted(&placed("A-1".into())).day.to_string(), "2026-12-01");
        let midnight: chrono::NaiveDate = first_again.parse().expect("a date");
        // Athens is two hours ahead in winter.
        let begins = midnight.and_hms_opt(0, 0, 0).expect("a time").and_utc() - TimeDelta::hours(2);
        ledger.wait(begins - ledger.now() - TimeDelta::milliseconds(1));
        assert_eq!(ledger.refused(&placed("A-2".into())), "period_limit_reached", "{limit}");
        ledger.wait(TimeDelta::milliseconds(1));
        assert_eq!(ledger.granted(&placed("A-3".into())).day, midnight, "{limit}");
        assert_eq!(ledger.refused(&placed("A-4".into())), "period_limit_reached", "{limit}");
        ledger.audit();
    }
}

/// Released tomorrow, a use of today makes room in no count but today's (R45).
pub fn what_is_given_back_returns_to_its_own_period<D: Database>() {
    let ledger = Ledger::<D>::open();
    ledger.limit("FREELY", json!({ "per_day": 1 }));
    let first = ledger.granted(&Asked { place: true, ..Asked::of("A-1", "FREELY") });
    ledger.wait(TimeDelta::hours(24));
    let _ = ledger.granted(&Asked { place: true, ..Asked::of("A-2", "FREELY") });
    assert_eq!(ledger.stepped(first.id, Step::Release), State::Released);
    assert_eq!(ledger.refused(&Asked::of("A-3", "FREELY")), "period_limit_reached");
    ledger.audit();
}

/// A discount above what is left is refused whole (R45); what is given back can be given again.
pub fn a_budget_bears_what_it_says_and_no_part_more<D: Database>() {
    let ledger = Ledger::<D>::open();
    ledger.limit("FREELY", json!({ "budget": [{ "currency": "EUR", "amount_minor": 250 }] }));
    let first = ledger.granted(&Asked::of("A-1", "FREELY"));
    let _ = ledger.granted(&Asked::of("A-2", "FREELY"));
    assert_eq!(ledger.refused(&Asked::of("A-3", "FREELY")), "budget_exhausted");
    ledger.audit();
    assert_eq!(ledger.stepped(first.id, Step::Release), State::Released);
    let _ = ledger.granted(&Asked::of("A-4", "FREELY"));
    ledger.audit();
}

/// What is only tried takes nothing from anybody, and its orders and keys are its own.
pub fn test_uses_are_counted_apart<D: Database>() {
    let ledger = Ledger::<D>::open();
    let live = ledger.granted(&Asked::of("A-1", "LAST"));
    let tried = ledger.granted(&Asked::of("A-1", "LAST").as_a_test());
    assert_ne!(live.id, tried.id);
    assert_eq!(ledger.refused(&Asked::of("A-2", "LAST").as_a_test()), "usage_limit_reached");
    assert_eq!(ledger.refused(&Asked::of("A-2", "LAST")), "usage_limit_reached");
    assert_eq!(ledger.redemptions(), [live]);
    assert_eq!(ledger.redemptions_in(Mode::Test), std::slice::from_ref(&tried));
    assert_eq!(ledger.step(tried.id, Step::Confirm), tearoff_server::redeem::Stepped::NotFound);
    ledger.audit();
}

/// It lies on a line of its own, which is not in the cart (R17).
///
/// # Panics
/// When the contract is broken.
pub fn a_gift_is_counted_like_anything_else<D: Database>() {
    let ledger = Ledger::<D>::open();
    for limit in [json!({ "total": 1 }), json!({ "total": { "max": 1, "count": "occurrences" } })] {
        ledger.limit("GIFT", limit);
        let first = ledger.granted(&Asked::of(format!("A-{}", ledger.now()), "GIFT").of_mugs(2));
        assert_eq!((first.uses[0].occurrences > 0, ledger.used("GIFT")), (true, 1));
        assert_eq!(
            ledger.refused(&Asked::of("B-1", "GIFT").under(&first.order.as_str().replace(' ', "-"))),
            "usage_limit_reached"
        );
        ledger.audit();
        assert_eq!(ledger.stepped(first.id, Step::Release), State::Released);
        assert_eq!(ledger.used("GIFT"), 0);
        ledger.wait(TimeDelta::seconds(1));
    }
}

/// Three dates, two left: the code applies, and takes what there is (R14, R44).
///
/// # Panics
/// When the contract is broken.
pub fn what_takes_nothing_off_is_counted_as_far_as_it_lasts<D: Database>() {
    let ledger = Ledger::<D>::open();
    let (record, site) = (ledger.promotion("FREELY"), ledger.site("studio"));
    let mut draft = ledger.draft("FREELY");
    draft.benefit = tearoff_core::promotion::draft::BenefitDraft::NoDiscount {};
    draft.note = Some("Thank you.".into());
    draft.limits = serde_json::from_value(json!({ "total": { "max": 2, "count": "occurrences" } })).expect("limits");
    let edited =
        ledger.write(move |store, now| tearoff_server::promotions::edit(store, now, &site, record.clone(), &draft));
    edited.expect("an answer").expect("good terms");
    let granted = ledger.granted(&Asked::of("A-1", "FREELY").of_mugs(3));
    assert_eq!((granted.uses[0].occurrences, ledger.used("FREELY")), (2, 2));
    assert_eq!(ledger.refused(&Asked::of("A-2", "FREELY")), "usage_limit_reached");
    ledger.audit();
}
