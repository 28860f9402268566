//! Money as integers: amounts, currencies, percentages, rounding and sharing out (R1 to R5).

pub mod allocate;
pub mod currency;
pub mod percent;
pub mod portion;
pub mod rounding;

use alloc::{string::String, vec::Vec};
use core::fmt;
use serde::{Serialize, Serializer};

use crate::canonical::{Canonical, Reader, Writer, canonical_struct};
use crate::invalid::{Fault, Message};
use crate::text;

pub use currency::Currency;
pub use percent::Percent;

/// An amount in minor units (cents), 0 to 10^12, without its currency.
///
/// Inside one cart every amount is of the cart's currency, so the currency is checked once, at the door, and not carried by
/// every number. Never negative: a discount is a positive number taken off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

/// Why an amount cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// The result would be below zero.
    Negative,
    /// The result would be above [`Amount::MAX`].
    TooLarge,
}

impl MoneyError {
    /// The fault in words.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Negative => "must not be negative",
            Self::TooLarge => "must not exceed 1000000000000 minor units",
        }
    }
}

impl fmt::Display for MoneyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.message())
    }
}

impl core::error::Error for MoneyError {}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// 10^12 minor units: the bound on each amount and each sum (R1). A JavaScript number holds it exactly, and the product of
    /// two such amounts fits 128 bits with room to spare.
    pub const MAX: Self = Self(1_000_000_000_000);

    /// An amount of `minor` minor units.
    ///
    /// # Errors
    /// [`MoneyError`] below zero or above [`Amount::MAX`].
    pub const fn new(minor: i64) -> Result<Self, MoneyError> {
        if minor < 0 {
            Err(MoneyError::Negative)
        } else if minor > Self::MAX.0 {
            Err(MoneyError::TooLarge)
        } else {
            Ok(Self(minor))
        }
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// The amount in minor units, unsigned: an amount is never negative.
    #[must_use]
    pub const fn minor_unsigned(self) -> u64 {
        self.0.unsigned_abs()
    }

    /// The amount of that many minor units, or the nearest bound.
    #[must_use]
    pub(crate) fn saturated(minor: u64) -> Self {
        i64::try_from(minor).map_or(Self::MAX, |minor| Self(minor).min(Self::MAX))
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] above [`Amount::MAX`].
    pub const fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(self.0.saturating_add(other.0))
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::Negative`] when `other` is larger.
    pub const fn minus(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(self.0.saturating_sub(other.0))
    }

    /// The difference, or zero when `other` is larger.
    #[must_use]
    pub fn minus_or_zero(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// The amount `count` times.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] above [`Amount::MAX`].
    pub const fn times(self, count: u32) -> Result<Self, MoneyError> {
        Self::new(self.0.saturating_mul(count as i64))
    }

    /// The sum of many amounts, or [`Amount::MAX`] when it would be larger.
    ///
    /// Only for amounts whose sum is known to be within bounds: parts of a cart, whose subtotal was checked.
    #[must_use]
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Self {
        amounts.into_iter().fold(Self::ZERO, |sum, amount| Self(sum.0.saturating_add(amount.0)).min(Self::MAX))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl Canonical for Amount {
    fn write(&self, out: &mut Writer) {
        out.unsigned(self.minor_unsigned());
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let minor = i64::try_from(reader.unsigned()).ok();
        reader.or_fail(minor.and_then(|minor| Self::new(minor).ok()), Self::ZERO)
    }
}

/// An amount with its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Money {
    /// The currency.
    pub currency: Currency,
    /// The amount in that currency's minor units.
    #[serde(rename = "amount_minor")]
    pub amount: Amount,
}
canonical_struct!(Money { currency, amount });

impl Money {
    /// The amount in the currency's main unit, with all its decimals: `12.00`.
    #[must_use]
    pub fn decimal(&self) -> String {
        let decimals = usize::from(self.currency.decimals());
        let mut digits = text::digits(self.amount.minor_unsigned());
        while digits.len() <= decimals {
            digits.insert(0, '0');
        }
        if decimals > 0 {
            digits.insert(digits.len().saturating_sub(decimals), '.');
        }
        digits
    }

    /// `12.00 EUR`. Formats of a language are the page's affair.
    #[must_use]
    pub fn text(&self) -> String {
        [&self.decimal(), " ", self.currency.code()].concat()
    }
}

impl fmt::Display for Money {
    /// Prints [`Money::text`].
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text())
    }
}

/// One amount per currency: what an owner states for each currency the site sells in (R15).
///
/// A missing entry is neither 0 nor unlimited: where it is needed the promotion is rejected with `currency_not_offered`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountTable(Vec<Money>);
impl AmountTable {
    /// A table of at least one amount, each currency once.
    ///
    /// # Errors
    /// Names the fault when there is no amount, or two of one currency.
    pub fn new(mut amounts: Vec<Money>) -> Result<Self, (Fault, Message)> {
        amounts.sort_by_key(|money| money.currency);
        if amounts.is_empty() {
            return Err((Fault::Required, "needs at least one amount".into()));
        }
        let twice = amounts.windows(2).any(|pair| matches!(pair, [one, two] if one.currency == two.currency));
        if twice {
            return Err((Fault::Duplicate, "has two amounts of one currency".into()));
        }
        Ok(Self(amounts))
    }

    /// The amount in a currency, if the owner gave one.
    #[must_use]
    pub fn find(&self, currency: Currency) -> Option<Amount> {
        self.0.iter().find(|money| money.currency == currency).map(|money| money.amount)
    }

    /// All amounts, by currency.
    #[must_use]
    pub fn amounts(&self) -> &[Money] {
        &self.0
    }
}

impl Canonical for AmountTable {
    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        // Only in order, as `new` puts them: a value has one encoding.
        let amounts = Vec::<Money>::take(reader);
        reader.require(!amounts.is_empty() && amounts.is_sorted_by(|one, two| one.currency < two.currency));
        Self(amounts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn amounts_have_bounds() {
        assert_eq!(Amount::new(-1), Err(MoneyError::Negative));
        assert_eq!(Amount::new(0), Ok(Amount::ZERO));
        assert_eq!(Amount::new(1_000_000_000_000), Ok(Amount::MAX));
        assert_eq!(Amount::new(1_000_000_000_001), Err(MoneyError::TooLarge));
        assert_eq!(Amount::MAX.plus(Amount(1)), Err(MoneyError::TooLarge));
        assert_eq!(Amount::ZERO.minus(Amount(1)), Err(MoneyError::Negative));
        assert_eq!(Amount::MAX.times(u32::MAX), Err(MoneyError::TooLarge));
        assert_eq!(Amount::ZERO.minus_or_zero(Amount::MAX), Amount::ZERO);
    }

    #[test]
    fn money_prints_with_its_currency_s_decimals() {
        for (code, minor, text) in [
            ("EUR", 1200, "12.00 EUR"),
            ("EUR", 5, "0.05 EUR"),
            ("JPY", 1200, "1200 JPY"),
            ("KWD", 1200, "1.200 KWD"),
            ("CLF", 12, "0.0012 CLF"),
        ] {
            let money = Money { currency: Currency::parse(code).unwrap(), amount: Amount(minor) };
            assert_eq!(money.to_string(), text);
        }
    }

    #[test]
    fn a_table_holds_each_currency_once() {
        let money = |code, minor| Money { currency: Currency::parse(code).unwrap(), amount: Amount(minor) };
        let table = AmountTable::new([money("USD", 2), money("EUR", 1)].into()).unwrap();
        assert_eq!(table.find(Currency::parse("EUR").unwrap()), Some(Amount(1)));
        assert_eq!(table.find(Currency::parse("JPY").unwrap()), None);
        assert!(AmountTable::new(Vec::new()).is_err());
        assert!(AmountTable::new([money("EUR", 2), money("EUR", 1)].into()).is_err());
    }
}
