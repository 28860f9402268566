//! What limits count (R41 to R47): which counters one use raises, and by how much.
//!
//! A counter always holds the sum of what the uses that count weigh under the newest terms. So taking a use and giving it back
//! look alike, and a counter can be made again from the uses at any time.

use chrono::{Datelike, Days, NaiveDate};
use tearoff_core::code::CodeKey;
use tearoff_core::money::{Amount, AmountTable, Currency};
use tearoff_core::promotion::{Limit, LimitPer, Most, Period, Unit};

use super::record::{Mode, Redemption, Use};
use crate::customer::IdentityKey;

/// A use as limits weigh it.
#[derive(Clone, Copy, Debug)]
pub struct Weighed<'a> {
    /// Test uses are counted apart.
    pub mode: Mode,
    /// The customer's identities; each has a count of its own (R47).
    pub customer: &'a [IdentityKey],
    /// The code that was entered; `None` for what acts without one.
    pub code: Option<&'a CodeKey>,
    /// The day of the reservation on the site's calendar.
    pub day: NaiveDate,
    /// How many occurrences it covers (R44).
    pub occurrences: u32,
    /// What it took off.
    pub discount: Amount,
    /// In which currency.
    pub currency: Currency,
}

impl<'a> Weighed<'a> {
    /// A use of a redemption.
    #[must_use]
    pub fn of(redemption: &'a Redemption, used: &'a Use) -> Self {
        Self {
            mode: redemption.mode,
            customer: &redemption.customer,
            code: used.code.as_ref(),
            day: redemption.day,
            occurrences: used.occurrences,
            discount: used.discount,
            currency: redemption.currency,
        }
    }
}

/// Whose count it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// Everybody's together.
    All,
    /// Of a customer, by one of their identities.
    Customer(IdentityKey),
    /// Of a code.
    Code(CodeKey),
    /// Of the day, week or month that begins so.
    Period(Period, NaiveDate),
    /// Of the discount given in a currency.
    Budget(Currency),
}

/// A counter, and what a use does to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Raise {
    /// Whose count.
    pub(super) subject: Subject,
    /// By how much.
    pub(super) by: i64,
    /// What it may reach.
    pub(super) most: i64,
}

/// What a use raises; `None` where a limit cannot bear it at all, since what it counts by is not known.
pub(super) fn taken(limits: &[Limit], used: &Weighed<'_>) -> Option<Vec<Raise>> {
    let raised: Option<Vec<Vec<Raise>>> = limits.iter().map(|limit| raises(limit, used)).collect();
    raised.map(|raised| raised.concat())
}

/// What a use that is recorded weighs in the counters of these limits, each by itself: one may be newer than the use, and ask what nobody
/// was asked then.
pub(super) fn weighs(limits: &[Limit], used: &Weighed<'_>) -> Vec<Raise> {
    limits.iter().filter_map(|limit| raises(limit, used)).flatten().collect()
}

/// What a use weighs less once it covers only so many occurrences.
pub(super) fn lost(limits: &[Limit], used: &Weighed<'_>, left: u32) -> Vec<Raise> {
    let still = weighs(limits, &Weighed { occurrences: left, ..*used });
    let mut lost = weighs(limits, used);
    for raise in &mut lost {
        let of = still.iter().find(|still| still.subject == raise.subject);
        raise.by = raise.by.saturating_sub(of.map_or(0, |still| still.by));
    }
    lost.retain(|raise| raise.by > 0);
    lost
}

fn raises(limit: &Limit, used: &Weighed<'_>) -> Option<Vec<Raise>> {
    if used.occurrences == 0 {
        return Some(Vec::new());
    }
    let (by, most) = match &limit.most {
        Most::Uses { unit: Unit::Redemptions, max } => (1, i64::from(*max)),
        Most::Uses { unit: Unit::Occurrences, max } => (i64::from(used.occurrences), i64::from(*max)),
        Most::Budget { amounts } => {
            let (by, most) = (used.discount.minor(), amounts.find(used.currency)?.minor());
            let raise = Raise { subject: Subject::Budget(used.currency), by, most };
            return Some(if by == 0 { Vec::new() } else { vec![raise] });
        }
    };
    let subjects = match limit.per {
        LimitPer::Promotion => vec![Subject::All],
        LimitPer::Customer if used.customer.is_empty() => return None,
        LimitPer::Customer => used.customer.iter().copied().map(Subject::Customer).collect(),
        // What acts without a code has none whose uses could be counted.
        LimitPer::Code => used.code.cloned().map(Subject::Code).into_iter().collect(),
        LimitPer::Period(period) => vec![Subject::Period(period, begins(period, used.day))],
    };
    Some(subjects.into_iter().map(|subject| Raise { subject, by, most }).collect())
}

/// The first day of the period in which a day falls.
pub(super) fn begins(period: Period, day: NaiveDate) -> NaiveDate {
    let before = match period {
        Period::Day => 0,
        Period::Week => day.weekday().num_days_from_monday(),
        Period::Month => day.day0(),
    };
    day.checked_sub_days(Days::new(before.into())).unwrap_or(day)
}

/// Whether two versions of a limit count the same, so that what was counted for one holds for the other.
pub(super) fn counts_alike(one: &Limit, other: &Limit) -> bool {
    one.per == other.per
        && match (&one.most, &other.most) {
            (Most::Uses { unit: one, .. }, Most::Uses { unit: other, .. }) => one == other,
            // An amount that is new, or gone, is a count that begins or ends.
            (Most::Budget { amounts: one }, Most::Budget { amounts: other }) => {
                let currencies = |amounts: &AmountTable| -> Vec<Currency> {
                    amounts.amounts().iter().map(|money| money.currency).collect()
                };
                currencies(one) == currencies(other)
            }
            (Most::Uses { .. }, Most::Budget { .. }) | (Most::Budget { .. }, Most::Uses { .. }) => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        for (of, week, month) in [
            ("2026-03-01", "2026-02-23", "2026-03-01"),
            ("2026-11-16", "2026-11-16", "2026-11-01"),
            ("2026-11-22", "2026-11-16", "2026-11-01"),
            ("2027-01-01", "2026-12-28", "2027-01-01"),
            ("2028-02-29", "2028-02-28", "2028-02-01"),
        ] {
            let begins = [Period::Day, Period::Week, Period::Month].map(|period| begins(period, day(of)));
            assert_eq!(begins, [day(of), day(week), day(month)]);
        }
    }

    #[test]
    fn a_use_raises_the_counters_that_the_limits_ask_for() {
        let limit = |per, unit, max| Limit { per, most: Most::Uses { unit, max } };
        let identities = [IdentityKey::from_bytes([1; 17]), IdentityKey::from_bytes([2; 17])];
        let code = CodeKey::normalize("spring").unwrap();
        let used = Weighed {
            mode: Mode::Live,
            customer: &identities,
            code: Some(&code),
            day: day("2026-11-18"),
            occurrences: 3,
            discount: Amount::new(500).unwrap(),
            currency: Currency::parse("EUR").unwrap(),
        };
        let limits = [
            limit(LimitPer::Promotion, Unit::Occurrences, 10),
            limit(LimitPer::Customer, Unit::Redemptions, 1),
            limit(LimitPer::Code, Unit::Redemptions, 2),
            limit(LimitPer::Period(Period::Week), Unit::Occurrences, 9),
        ];
        let wanted = [
            (Subject::All, 3, 10),
            (Subject::Customer(identities[0]), 1, 1),
            (Subject::Customer(identities[1]), 1, 1),
            (Subject::Code(code.clone()), 1, 2),
            (Subject::Period(Period::Week, day("2026-11-16")), 3, 9),
        ];
        let wanted: Vec<Raise> = wanted.into_iter().map(|(subject, by, most)| Raise { subject, by, most }).collect();
        assert_eq!(taken(&limits, &used), Some(wanted));
        let nobody = Weighed { customer: &[], ..used };
        assert_eq!(taken(&limits, &nobody), None, "nobody to count for");
        assert_eq!(weighs(&limits, &nobody).len(), 3, "the other limits counted it");
        assert_eq!(taken(&limits, &Weighed { occurrences: 0, ..used }), Some(Vec::new()), "nothing is left of it");
        assert_eq!(taken(&[], &used), Some(Vec::new()));
    }

    /// A currency that a budget gains was spent before, and one that it loses is counted no more.
    #[test]
    fn budgets_of_other_currencies_count_apart() {
        use tearoff_core::money::Money;
        let budget = |currencies: &[&str]| {
            let money =
                |code: &&str| Money { currency: Currency::parse(code).unwrap(), amount: Amount::new(1000).unwrap() };
            let amounts = AmountTable::new(currencies.iter().map(money).collect()).unwrap();
            Limit { per: LimitPer::Promotion, most: Most::Budget { amounts } }
        };
        assert!(counts_alike(&budget(&["EUR", "USD"]), &budget(&["USD", "EUR"])));
        assert!(!counts_alike(&budget(&["EUR"]), &budget(&["EUR", "USD"])));
        assert!(!counts_alike(&budget(&["EUR", "USD"]), &budget(&["EUR"])));
    }
}
