//! What is charged again and again: subscriptions, and the later dates of a series without an end (R38, R40).
//!
//! The terms are stored when the code is redeemed, as amounts. A renewal is charged by what was stored, whatever has become of the
//! promotion, the catalog or the customer's credit since.

use core::num::NonZeroU32;

use alloc::{collections::BTreeSet, vec::Vec};
use serde::Serialize;

use crate::canonical::canonical_struct;
use crate::id::LineId;
use crate::money::{Amount, Currency};
use crate::quote::{Allocation, Later, Quote, QuotedLine};

/// What a redemption stores for what is charged later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Of every amount.
    pub currency: Currency,
    /// The lines that are charged again, at least one.
    pub lines: Vec<StoredLine>,
}
canonical_struct!(Stored { currency, lines });

/// What is stored for one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLine {
    /// The line.
    pub line: LineId,
    /// What one renewal, or one later occurrence, costs before anything is taken off.
    pub price: Amount,
    /// What the promotions take off it while they last.
    pub discount: Amount,
    /// For how many renewals they last, today's payment not counted; `None` for all.
    pub times: Option<u32>,
    /// What credit spent on the first payment takes off every one (R40). It was debited once.
    pub credit: Amount,
}
canonical_struct!(StoredLine { line, price, discount, times, credit });

/// One charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Charge {
    /// Before anything is taken off.
    #[serde(rename = "price_minor")]
    pub price: Amount,
    /// By promotions.
    #[serde(rename = "discount_minor")]
    pub discount: Amount,
    /// By credit that was spent on the first payment.
    #[serde(rename = "credit_minor")]
    pub credit: Amount,
    /// What is charged.
    #[serde(rename = "total_minor")]
    pub total: Amount,
}
canonical_struct!(Charge { price, discount, credit, total });

/// What the visitor is told of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outlook {
    /// What the whole cart costs today.
    #[serde(rename = "today_minor")]
    pub today: Amount,
    /// What the next renewal costs.
    #[serde(rename = "each_renewal_minor")]
    pub each_renewal: Amount,
    /// The last renewal that costs so; `None` when all do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_renewal: Option<u32>,
    /// What the renewal after that costs.
    #[serde(rename = "after_minor", skip_serializing_if = "Option::is_none")]
    pub after: Option<Amount>,
}

impl StoredLine {
    /// What the line costs at the `renewal`-th renewal, or as the `renewal`-th occurrence after the known ones.
    #[must_use]
    pub fn charge(&self, renewal: NonZeroU32) -> Charge {
        let lasts = self.times.is_none_or(|times| renewal.get() <= times);
        let discount = if lasts { self.discount.min(self.price) } else { Amount::ZERO };
        let left = self.price.minus_or_zero(discount);
        let credit = self.credit.min(left);
        Charge { price: self.price, discount, credit, total: left.minus_or_zero(credit) }
    }
}

impl Stored {
    /// What is stored for the lines of a quote that are paid for again; `None` when it has none.
    ///
    /// `credit` is where spent credit fell: nothing, where the site's rules keep it to the first payment.
    #[must_use]
    pub fn of(quote: &Quote, credit: &[Allocation]) -> Option<Self> {
        let of = |id: &LineId| {
            let falls = credit.iter().filter(|allocation| allocation.line == *id);
            Amount::sum(falls.map(|allocation| allocation.discount))
        };
        let store = |quoted: &QuotedLine| {
            let Later { subtotal, discount, times, .. } = quoted.later?;
            Some(StoredLine { line: quoted.id.clone(), price: subtotal, discount, times, credit: of(&quoted.id) })
        };
        let lines: Vec<StoredLine> = quote.lines.iter().filter_map(store).collect();
        (!lines.is_empty()).then_some(Self { currency: quote.currency, lines })
    }

    /// What is charged for all lines at the `renewal`-th renewal.
    #[must_use]
    pub fn charge(&self, renewal: NonZeroU32) -> Charge {
        let charges: Vec<Charge> = self.lines.iter().map(|line| line.charge(renewal)).collect();
        let sum = |amount: fn(&Charge) -> Amount| Amount::sum(charges.iter().map(amount));
        Charge {
            price: sum(|charge| charge.price),
            discount: sum(|charge| charge.discount),
            credit: sum(|charge| charge.credit),
            total: sum(|charge| charge.total),
        }
    }

    /// What the visitor is told, `today` being what the cart costs now.
    #[must_use]
    pub fn outlook(&self, today: Amount) -> Outlook {
        let each_renewal = self.charge(NonZeroU32::MIN).total;
        let ends: BTreeSet<NonZeroU32> =
            self.lines.iter().filter_map(|line| line.times.and_then(NonZeroU32::new)).collect();
        // A discount that takes nothing off has no end that anybody would notice.
        let change = ends.into_iter().find_map(|last| {
            let after = self.charge(last.checked_add(1)?).total;
            (after != each_renewal).then_some((last.get(), after))
        });
        let (until_renewal, after) = change.unzip();
        Outlook { today, each_renewal, until_renewal, after }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::Canonical;
    use std::vec;

    fn line(price: i64, discount: i64, credit: i64, times: Option<u32>) -> StoredLine {
        let amount = |minor| Amount::new(minor).unwrap();
        let line = LineId::parse("1").unwrap();
        StoredLine { line, price: amount(price), discount: amount(discount), times, credit: amount(credit) }
    }

    fn stored(lines: Vec<StoredLine>) -> Stored {
        Stored { currency: Currency::parse("TWD").unwrap(), lines }
    }

    #[test]
    fn renewals_keep_the_stored_terms() {
        for (name, line, wanted) in [
            ("credit, for ever", line(5000, 0, 500, None), [4500, 4500, 4500]),
            ("a fifth off, for ever", line(5000, 1000, 0, None), [4000, 4000, 4000]),
            ("a fifth off, two renewals", line(5000, 1000, 0, Some(2)), [4000, 4000, 5000]),
            ("the first payment only", line(5000, 1000, 0, Some(0)), [5000, 5000, 5000]),
            ("both, one renewal", line(5000, 1000, 500, Some(1)), [3500, 4500, 4500]),
            ("nothing left to take credit off", line(5000, 5000, 500, None), [0, 0, 0]),
        ] {
            let charged = [1, 2, 3].map(|renewal| line.charge(NonZeroU32::new(renewal).unwrap()).total.minor());
            assert_eq!(charged, wanted, "{name}");
        }
    }

    #[test]
    fn the_outlook_says_until_when() {
        let two = vec![line(5000, 1000, 0, Some(3)), line(1000, 100, 0, Some(1))];
        for (lines, wanted) in [
            (vec![line(5000, 1000, 0, Some(2))], (4000, Some(2), Some(5000))),
            (vec![line(5000, 1000, 0, Some(0))], (5000, None, None)),
            (vec![line(5000, 1000, 500, None)], (3500, None, None)),
            (vec![line(5000, 0, 500, Some(2))], (4500, None, None)),
            (vec![line(5000, 1000, 0, Some(u32::MAX))], (4000, None, None)),
            (two, (4900, Some(1), Some(5000))),
        ] {
            let outlook = stored(lines.clone()).outlook(Amount::ZERO);
            let told = (outlook.each_renewal.minor(), outlook.until_renewal, outlook.after.map(Amount::minor));
            assert_eq!(told, wanted, "{lines:?}");
        }
    }

    #[test]
    fn what_is_stored_comes_back_from_its_bytes() {
        let stored = stored(vec![line(5000, 1000, 500, Some(3)), line(0, 0, 0, None)]);
        assert_eq!(Stored::from_bytes(&stored.to_bytes()), Ok(stored));
    }
}
