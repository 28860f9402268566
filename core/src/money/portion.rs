//! A part of an amount, stated as a percentage of it or as an amount of its own: a deposit (R51), the most credit an order bears
//! (R54), a referral's reward (R52), a discount given by hand (R62).

use alloc::vec::Vec;
use serde::Deserialize;

use super::rounding::{Half, exact_percent, round};
use super::{Amount, AmountTable, Currency, Percent};
use crate::canonical::canonical_enum;
use crate::catalog::{MoneyDraft, parse_amounts};
use crate::invalid::{Fault, Faults, InvalidField};

/// A part of a whole that is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Portion {
    /// A percentage of it.
    Percent {
        /// How much of it.
        percent: Percent,
    },
    /// An amount, at most the whole.
    Fixed {
        /// Per currency.
        amounts: AmountTable,
    },
}
canonical_enum!(Portion { 0 => Percent { percent }, 1 => Fixed { amounts } });

/// A [`Portion`] as an owner or staff write it: exactly one of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct PortionDraft {
    /// In basis points, 0 to 10000.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Percent>"))]
    pub percent_bp: Option<i64>,
    /// An amount per currency.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub amounts: Option<Vec<MoneyDraft>>,
}

impl Portion {
    /// What it comes to: rounded once (R3), never more than the whole. `None` where no amount is stated for the currency, which
    /// is neither nothing nor everything (R15).
    #[must_use]
    pub fn of(&self, whole: Amount, currency: Currency, half: Half) -> Option<Amount> {
        match self {
            Self::Percent { percent } => Some(round(exact_percent(whole, *percent), half).min(whole)),
            Self::Fixed { amounts } => Some(amounts.find(currency)?.min(whole)),
        }
    }

    /// Checks a portion; `field` is where it stands in the input.
    ///
    /// # Errors
    /// Every fault with its field.
    pub fn parse(draft: &PortionDraft, field: &str) -> Result<Self, Vec<InvalidField>> {
        let mut faults = Faults::within(field);
        let portion = match (draft.percent_bp, &draft.amounts) {
            (Some(percent_bp), None) => {
                faults.keep("percent_bp", Percent::from_bp(percent_bp)).map(|percent| Self::Percent { percent })
            }
            (None, Some(amounts)) => {
                parse_amounts("amounts", amounts, &mut faults).map(|amounts| Self::Fixed { amounts })
            }
            (None, None) => {
                faults.add("", Fault::Required, "needs `percent_bp` or `amounts`");
                None
            }
            (Some(_), Some(_)) => {
                faults.add("", Fault::Contradiction, "has both `percent_bp` and `amounts`");
                None
            }
        };
        portion.filter(|_| faults.is_empty()).ok_or_else(|| faults.into_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portion(json: &str) -> Result<Portion, Vec<InvalidField>> {
        Portion::parse(&serde_json::from_str(json).unwrap(), "deposit")
    }

    #[test]
    fn a_portion_is_rounded_once_and_never_above_the_whole() {
        let eur = Currency::parse("EUR").unwrap();
        let fifty = r#"{"amounts":[{"currency":"EUR","amount_minor":5000}]}"#;
        for (json, whole, wanted) in [
            (r#"{"percent_bp":3000}"#, 9999, Some(3000)), // 2999.7
            (r#"{"percent_bp":5000}"#, 1, Some(1)),       // 0.5
            (r#"{"percent_bp":0}"#, 9999, Some(0)),
            (r#"{"percent_bp":10000}"#, 9999, Some(9999)),
            (fifty, 9999, Some(5000)),
            (fifty, 3000, Some(3000)),
            (r#"{"amounts":[{"currency":"USD","amount_minor":5000}]}"#, 9999, None),
        ] {
            let found = portion(json).unwrap().of(Amount::new(whole).unwrap(), eur, Half::Up);
            assert_eq!(found.map(Amount::minor), wanted, "{json} of {whole}");
        }
    }

    #[test]
    fn a_portion_is_one_of_two() {
        for (json, field, code) in [
            ("{}", "deposit", Fault::Required),
            (r#"{"percent_bp":1,"amounts":[]}"#, "deposit", Fault::Contradiction),
            (r#"{"percent_bp":10001}"#, "deposit.percent_bp", Fault::OutOfBounds),
            (r#"{"amounts":[]}"#, "deposit.amounts", Fault::Required),
        ] {
            let faults = portion(json).unwrap_err();
            assert_eq!((faults[0].field.as_str(), faults[0].code), (field, code), "{json}");
        }
    }
}
