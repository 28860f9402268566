//! Laws about a customer's account (R52 to R54).

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use tearoff_core::canonical::Canonical;
use tearoff_core::id::OrderReference;
use tearoff_core::money::{Amount, Currency};
use tearoff_core::reward::ledger::{Change, Standing};
use tearoff_core::reward::{Ledger, Means, Rules, RulesDraft};
use tearoff_core::text::Text;
use tearoff_core::time::parse_instant;
use tearoff_laws::config;

/// Something that happens to an account.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Earn(i64, Means),
    Refer(i64),
    ByHand(i64),
    Paid(u8),
    Withdraw(u8),
    Spend(i64),
    Expire,
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let amount = 0_i64..5000;
    prop_oneof![
        (amount.clone(), prop::sample::select(vec![Means::Online, Means::CashOrTransfer]))
            .prop_map(|(amount, means)| Deed::Earn(amount, means)),
        amount.clone().prop_map(Deed::Refer),
        amount.clone().prop_map(Deed::ByHand),
        (0_u8..20).prop_map(Deed::Paid),
        (0_u8..20).prop_map(Deed::Withdraw),
        amount.prop_map(Deed::Spend),
        Just(Deed::Expire),
    ]
}

fn rules() -> Rules {
    let draft: RulesDraft = serde_json::from_str(
        r#"{"loyalty":{"percent_bp":500,"expires_after_days":9},"by_hand_expires_after_days":5,
            "referral":{"reward":{"percent_bp":1000},"expires_after_days":3}}"#,
    )
    .unwrap();
    Rules::parse(&draft, "").unwrap()
}

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

/// The account after deeds, one every eleven hours, each on an order of its own.
fn after(deeds: &[Deed]) -> (Ledger, DateTime<Utc>) {
    let rules = rules();
    let mut ledger = Ledger::new(Currency::parse("TWD").unwrap());
    let mut at = parse_instant("2026-11-20T10:00:00Z").unwrap();
    for (number, deed) in deeds.iter().enumerate() {
        at += TimeDelta::hours(11);
        let order = OrderReference::parse(&number.to_string()).unwrap();
        let other = |number: u8| OrderReference::parse(&number.to_string()).unwrap();
        // A refusal is as good as any outcome: the laws are about what is there afterwards.
        let _ = match *deed {
            Deed::Earn(minor, means) => ledger.earn_by_loyalty(order, amount(minor), means, &rules, at),
            Deed::Refer(minor) => ledger.earn_by_referral(order, amount(minor), at),
            Deed::ByHand(minor) => ledger.add_by_hand(Text::parse("sorry").unwrap(), amount(minor), &rules, at),
            Deed::Spend(minor) => ledger.spend(order, amount(minor), at).map(|_| ()),
            Deed::Paid(number) => {
                ledger.paid(&other(number), &rules, at);
                Ok(())
            }
            Deed::Withdraw(number) => {
                ledger.withdraw(&other(number), at);
                Ok(())
            }
            Deed::Expire => {
                ledger.expire(at);
                Ok(())
            }
        };
    }
    (ledger, at)
}

proptest! {
    #![proptest_config(config())]

    /// An account never goes below zero: no more is spent of a grant than came, and what is left, spent, expired and withdrawn is all
    /// that came (R54).
    #[test]
    fn an_account_never_goes_below_zero(deeds in prop::collection::vec(any_deed(), 0..40)) {
        let (ledger, _) = after(&deeds);
        let mut left: Vec<i64> = Vec::new();
        for entry in ledger.entries() {
            match &entry.change {
                Change::Granted { amount, .. } => left.push(amount.minor()),
                Change::Spent { parts, .. } => {
                    for part in parts {
                        let grant = &mut left[part.grant as usize];
                        *grant -= part.amount.minor();
                        prop_assert!(*grant >= 0 && !part.amount.is_zero());
                    }
                }
                Change::Expired { grant } | Change::Withdrawn { grant } => left[*grant as usize] = 0,
                Change::Freed { .. } => {}
            }
        }
        prop_assert_eq!(left, ledger.grants().iter().map(|grant| grant.left.minor()).collect::<Vec<_>>());
    }

    /// The soonest-expiring credit is spent first: while any is left of a grant, nothing is spent of one that expires later (R54).
    #[test]
    fn the_soonest_expiring_is_spent_first(deeds in prop::collection::vec(any_deed(), 0..40), minor in 1_i64..8000) {
        let (mut ledger, at) = after(&deeds);
        let available = ledger.available(at);
        let order = OrderReference::parse("last").unwrap();
        let spent = ledger.spend(order, amount(minor), at);
        prop_assert_eq!(spent.is_ok(), minor <= available.minor());
        let Ok(parts) = spent else { return Ok(()) };
        prop_assert_eq!(parts.iter().map(|part| part.amount.minor()).sum::<i64>(), minor);
        prop_assert_eq!(ledger.available(at).minor(), available.minor() - minor);
        let expiry = |standing: &Standing| match standing {
            Standing::Available { expires_at } => expires_at.unwrap_or(DateTime::<Utc>::MAX_UTC),
            Standing::Verifying | Standing::Pending => DateTime::<Utc>::MAX_UTC,
        };
        let last = parts.iter().map(|part| expiry(&ledger.grants()[part.grant as usize].standing)).max().unwrap();
        for grant in ledger.grants().iter().filter(|grant| !grant.left.is_zero() && !grant.has_expired(at)) {
            prop_assert!(expiry(&grant.standing) >= last);
        }
    }

    /// What a customer sees is what they can spend, and what expires is part of it (R54).
    #[test]
    fn the_balance_is_what_can_be_spent(deeds in prop::collection::vec(any_deed(), 0..40), hours in 0_i64..400) {
        let (ledger, at) = after(&deeds);
        let at = at + TimeDelta::hours(hours);
        let balance = ledger.balance(at);
        prop_assert_eq!(balance.available, ledger.available(at));
        prop_assert!(balance.expiries.is_sorted_by(|one, two| one.at < two.at));
        prop_assert!(balance.expiries.iter().all(|expiry| expiry.at > at && !expiry.amount.is_zero()));
        let expiring: i64 = balance.expiries.iter().map(|expiry| expiry.amount.minor()).sum();
        prop_assert_eq!(expiring, balance.available.minor(), "all credit of these rules expires");
        let mut expired = ledger.clone();
        expired.expire(at);
        prop_assert_eq!(expired.balance(at), balance, "writing off what has expired shows nowhere");
    }

    /// An account comes back from its entries (R66).
    #[test]
    fn an_account_comes_back_from_its_bytes(deeds in prop::collection::vec(any_deed(), 0..40)) {
        let (ledger, _) = after(&deeds);
        prop_assert_eq!(Ledger::from_bytes(&ledger.to_bytes()), Ok(ledger));
    }
}
