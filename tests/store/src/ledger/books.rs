//! What is counted, held against what is recorded: counted here once more, from the redemptions alone.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use tearoff_core::code::CodeKey;
use tearoff_core::money::Currency;
use tearoff_core::project::Usage;
use tearoff_core::promotion::{Limit, LimitPer, Most, Period, Unit};
use tearoff_core::redemption::{Cause, State};
use tearoff_server::customer::IdentityKey;
use tearoff_server::store::{Asking, Mode, Ordered, Redemption, Use};

use super::{Database, Ledger};

/// Holds every count that somebody could ask for against the records.
pub(super) fn balance<D: Database>(ledger: &Ledger<D>, mode: Mode, code: &str, redemptions: &[Redemption]) {
    let (record, now) = (ledger.promotion(code), ledger.now());
    let counts = |redemption: &&Redemption| {
        let over = redemption.state == State::Reserved && redemption.expires_at <= now;
        let counts = redemption.state.counts() || redemption.state == State::Reversed;
        counts && !over
    };
    let of = |redemption: &'_ Redemption| {
        redemption.uses.iter().find(|used| used.promotion == record.number && used.occurrences > 0).cloned()
    };
    let uses: Vec<(&Redemption, Use)> =
        redemptions.iter().filter(counts).filter_map(|redemption| Some((redemption, of(redemption)?))).collect();
    let limits = &record.promotion.limits;
    let key = CodeKey::normalize(code).expect("a code");
    let customers: Vec<Option<Vec<IdentityKey>>> = [None]
        .into_iter()
        .chain(redemptions.iter().flat_map(|redemption| &redemption.customer).map(|identity| Some(vec![*identity])))
        .collect();
    let today = NaiveDate::from_ymd_opt(2026, 12, 1).expect("a date");
    let mut days: Vec<NaiveDate> = redemptions.iter().map(|redemption| redemption.day).chain([today]).collect();
    days.dedup();
    let currency = Currency::parse("EUR").expect("a currency");
    for (customer, day) in customers.iter().flat_map(|customer| days.iter().map(move |day| (customer, *day))) {
        let asking = Asking { mode, customer: customer.as_deref(), code: Some(&key), day, currency };
        let found = ledger.read(|read| read.usage(&record, &asking, now)).expect("reading");
        assert_eq!(found, expected(limits, &asking, &uses), "{code} {asking:?}");
    }
}

fn expected(limits: &[Limit], asking: &Asking<'_>, uses: &[(&Redemption, Use)]) -> Usage {
    let mut usage = Usage { customer: asking.customer.map(|_| 0), ..Usage::default() };
    for limit in limits {
        let Most::Uses { unit, .. } = limit.most else {
            usage.spent = tearoff_core::money::Amount::sum(uses.iter().map(|(_, used)| used.discount));
            continue;
        };
        let weight = |used: &Use| if unit == Unit::Redemptions { 1 } else { used.occurrences };
        let sum = |fits: &dyn Fn(&Redemption, &Use) -> bool| {
            uses.iter().filter(|(redemption, used)| fits(redemption, used)).map(|(_, used)| weight(used)).sum::<u32>()
        };
        match limit.per {
            LimitPer::Promotion => usage.total = sum(&|_, _| true),
            LimitPer::Customer => {
                let of = |identity: &IdentityKey| sum(&|redemption, _| redemption.customer.contains(identity));
                usage.customer = asking.customer.map(|identities| identities.iter().map(of).max().unwrap_or(0));
            }
            LimitPer::Code => usage.code = sum(&|_, used| used.code.as_ref() == asking.code),
            LimitPer::Period(Period::Day) => usage.day = sum(&|redemption, _| redemption.day == asking.day),
            LimitPer::Period(Period::Week) => {
                usage.week = sum(&|redemption, _| redemption.day.iso_week() == asking.day.iso_week());
            }
            LimitPer::Period(Period::Month) => {
                let month = |day: NaiveDate| (day.year(), day.month());
                usage.month = sum(&|redemption, _| month(redemption.day) == month(asking.day));
            }
        }
    }
    usage
}

/// Whoever has a redemption that counts has ordered, and nobody else has.
pub(super) fn orders_balance<D: Database>(ledger: &Ledger<D>, mode: Mode, redemptions: &[Redemption]) {
    let (site, now) = (ledger.site("studio").number, ledger.now());
    let named: BTreeSet<_> = redemptions.iter().flat_map(|redemption| &redemption.customer).collect();
    for identity in named {
        let counts = |redemption: &&Redemption| {
            redemption.customer.contains(identity)
                && (redemption.state_at(now).counts() || is_cleared_away(ledger, redemption))
        };
        let mut theirs = redemptions.iter().filter(counts);
        let wanted =
            Ordered { any: theirs.clone().next().is_some(), appointment: theirs.any(|one| one.has_appointment) };
        let found = ledger.read(|read| read.ordered(site, mode, &[*identity], now)).expect("reading");
        assert_eq!(found, wanted, "{identity:?}");
    }
}

/// Whether any part of it was taken back only to be out of the way: it was an order all the same.
fn is_cleared_away<D: Database>(ledger: &Ledger<D>, redemption: &Redemption) -> bool {
    let reversals = ledger.read(|read| read.reversals(redemption.id)).expect("reading");
    redemption.state == State::Reversed && reversals.iter().any(|part| part.reversal.cause == Cause::Housekeeping)
}
