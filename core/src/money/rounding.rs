//! The only place where a `Decimal` becomes minor units (R3).

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::{Amount, Percent};
use crate::canonical::canonical_enum;

/// Where exactly half a minor unit goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// Away from zero: what a customer expects.
    #[default]
    Up,
    /// To the even neighbor (bankers' rounding).
    Even,
    /// Toward zero.
    Down,
}
canonical_enum!(Half { 0 => Up, 1 => Even, 2 => Down });

impl Half {
    fn strategy(self) -> RoundingStrategy {
        match self {
            Self::Up => RoundingStrategy::MidpointAwayFromZero,
            Self::Even => RoundingStrategy::MidpointNearestEven,
            Self::Down => RoundingStrategy::MidpointTowardZero,
        }
    }
}

/// `percent` of `amount`, exact, in minor units with up to four decimals.
#[must_use]
pub fn exact_percent(amount: Amount, percent: Percent) -> Decimal {
    // At most 10^12 x 10^4 = 10^16: within the 96 bits of a Decimal's integer, so the product and the scale are exact.
    let product = i128::from(amount.minor()).saturating_mul(i128::from(percent.basis_points()));
    Decimal::from_i128_with_scale(product, 4)
}

/// Rounds an exact number of minor units once.
///
/// The callers' numbers are shares of a cart and so within bounds; anything else would be our own mistake and becomes the
/// nearest bound, never a wrapped number.
#[must_use]
pub fn round(exact: Decimal, half: Half) -> Amount {
    let whole = exact.round_dp_with_strategy(0, half.strategy());
    if whole.is_sign_negative() { Amount::ZERO } else { whole.to_u64().map_or(Amount::MAX, Amount::saturated) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_where_the_policy_says() {
        // amount, basis points -> up, even, down
        for (minor, bp, up, even, down) in [
            (25, 1000, 3, 2, 2),         // 2.5
            (35, 1000, 4, 4, 3),         // 3.5
            (5, 1000, 1, 0, 0),          // 0.5
            (26, 1000, 3, 3, 3),         // 2.6
            (24, 1000, 2, 2, 2),         // 2.4
            (3490, 1500, 524, 524, 523), // 523.5, where floats have failed others
            (1, 10_000, 1, 1, 1),
            (1, 4999, 0, 0, 0),
            (1, 5001, 1, 1, 1),
            (0, 5000, 0, 0, 0),
        ] {
            let exact = exact_percent(Amount::new(minor).unwrap(), Percent::from_bp(bp).unwrap());
            for (half, wanted) in [(Half::Up, up), (Half::Even, even), (Half::Down, down)] {
                assert_eq!(round(exact, half).minor(), wanted, "{minor} x {bp} bp, {half:?}");
            }
        }
    }

    #[test]
    fn the_largest_amount_is_exact() {
        let exact = exact_percent(Amount::MAX, Percent::from_bp(9999).unwrap());
        assert_eq!(round(exact, Half::Up).minor(), 999_900_000_000);
    }
}
