use super::*;
use crate::canonical::Malformed;
use crate::reward::RulesDraft;
use crate::text::Text;
use crate::time::{format_instant, parse_instant};
use std::vec;

fn rules() -> Rules {
    let draft: RulesDraft = serde_json::from_str(
        r#"{"loyalty":{"percent_bp":500,"expires_after_days":30},
            "referral":{"reward":{"percent_bp":1000},"expires_after_days":10}}"#,
    )
    .unwrap();
    Rules::parse(&draft, "rules").unwrap()
}

fn at(day: &str) -> DateTime<Utc> {
    parse_instant(&std::format!("2026-{day}T10:00:00Z")).unwrap()
}

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

fn order(name: &str) -> OrderReference {
    OrderReference::parse(name).unwrap()
}

/// 45.00 by loyalty until 31 December, 10.00 by hand for ever, 20.00 by referral until 15 December.
fn account() -> Ledger {
    let mut ledger = Ledger::new(Currency::parse("TWD").unwrap());
    ledger.earn_by_loyalty(order("a"), amount(4500), Means::Online, &rules(), at("12-01")).unwrap();
    ledger.add_by_hand(Text::parse("sorry").unwrap(), amount(1000), &rules(), at("12-02")).unwrap();
    ledger.earn_by_referral(order("b"), amount(2000), at("12-03")).unwrap();
    ledger.paid(&order("b"), &rules(), at("12-05"));
    ledger
}

fn left(ledger: &Ledger) -> Vec<i64> {
    ledger.grants().iter().map(|grant| grant.left.minor()).collect()
}

#[test]
fn the_soonest_expiring_is_spent_first() {
    let mut ledger = account();
    let balance = ledger.balance(at("12-06"));
    let expiries: Vec<_> =
        balance.expiries.iter().map(|expiry| (format_instant(expiry.at), expiry.amount.minor())).collect();
    assert_eq!(balance.available.minor(), 7500);
    assert_eq!(expiries, [("2026-12-15T10:00:00Z".into(), 2000), ("2026-12-31T10:00:00Z".into(), 4500)]);

    let parts = ledger.spend(order("c"), amount(5000), at("12-06")).unwrap();
    assert_eq!(parts, [Part { grant: 2, amount: amount(2000) }, Part { grant: 0, amount: amount(3000) }]);
    assert_eq!(left(&ledger), [1500, 1000, 0], "what never expires is spent last");
}

#[test]
fn what_has_expired_is_not_spent() {
    let mut ledger = account();
    assert_eq!(ledger.available(at("12-14")).minor(), 7500);
    assert_eq!(ledger.available(at("12-15")).minor(), 5500, "at the instant itself it has expired");
    let refused = ledger.clone().spend(order("c"), amount(5501), at("12-15")).unwrap_err();
    assert!(matches!(refused, Refusal::NotEnoughCredit { available, .. } if available.amount.minor() == 5500));
    ledger.expire(at("12-15"));
    ledger.expire(at("12-15"));
    let expired = ledger.entries().iter().filter(|entry| matches!(entry.change, Change::Expired { .. })).count();
    assert_eq!((expired, left(&ledger)), (1, vec![4500, 1000, 0]));
}

#[test]
fn an_order_counts_once() {
    let mut ledger = account();
    let again = ledger.earn_by_loyalty(order("a"), amount(1), Means::Online, &rules(), at("12-06"));
    assert_eq!(again, Err(Refusal::AlreadyRecorded));
    assert_eq!(ledger.earn_by_referral(order("a"), amount(1), at("12-06")), Ok(()), "the same order, another source");
    ledger.spend(order("c"), amount(1), at("12-06")).unwrap();
    assert_eq!(ledger.spend(order("c"), amount(1), at("12-06")), Err(Refusal::AlreadyRecorded));
    assert_eq!(
        ledger.add_by_hand(Text::parse("x").unwrap(), Amount::MAX, &rules(), at("12-06")),
        Err(Refusal::TooLarge)
    );
}

#[test]
fn credit_awaits_its_payment() {
    let mut ledger = Ledger::new(Currency::parse("TWD").unwrap());
    ledger.earn_by_loyalty(order("a"), amount(4500), Means::CashOrTransfer, &rules(), at("12-01")).unwrap();
    ledger.earn_by_referral(order("b"), amount(2000), at("12-01")).unwrap();
    let balance = ledger.balance(at("12-02"));
    let sums = [balance.available, balance.verifying, balance.pending].map(Amount::minor);
    assert_eq!(sums, [0, 4500, 2000]);
    assert!(ledger.spend(order("c"), amount(1), at("12-02")).is_err());

    ledger.paid(&order("a"), &rules(), at("12-10"));
    ledger.paid(&order("a"), &rules(), at("12-20"));
    ledger.withdraw(&order("b"), at("12-10"));
    ledger.withdraw(&order("a"), at("12-10"));
    let balance = ledger.balance(at("12-20"));
    let sums = [balance.available, balance.verifying, balance.pending].map(Amount::minor);
    assert_eq!(sums, [4500, 0, 0], "what can be spent is not withdrawn");
    assert_eq!(format_instant(balance.expiries[0].at), "2027-01-09T10:00:00Z", "30 days from when it could be spent");
}

#[test]
fn an_account_comes_back_from_its_bytes_and_no_other_account_does() {
    let mut ledger = account();
    ledger.spend(order("c"), amount(5000), at("12-06")).unwrap();
    ledger.expire(at("12-31"));
    assert_eq!(Ledger::from_bytes(&ledger.to_bytes()), Ok(ledger.clone()));

    let broken = |change| {
        let mut ledger = ledger.clone();
        ledger.entries.push(Entry { at: at("12-31"), change });
        Ledger::from_bytes(&ledger.to_bytes())
    };
    for change in [
        Change::Spent { order: order("d"), parts: vec![Part { grant: 1, amount: amount(1001) }] },
        Change::Spent { order: order("d"), parts: vec![Part { grant: 9, amount: amount(1) }] },
        Change::Freed { grant: 0, expires_at: None },
        Change::Granted {
            source: Source::Referral { order: order("e") },
            amount: amount(1),
            standing: Standing::Verifying,
        },
    ] {
        assert_eq!(broken(change), Err(Malformed));
    }
}
