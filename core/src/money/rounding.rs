//! The only place where a `Decimal` becomes minor units (R3).

use core::cmp::Ordering;

use rust_decimal::Decimal;
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

/// `percent` of `amount`, exact, in minor units with up to four decimals.
#[must_use]
pub fn exact_percent(amount: Amount, percent: Percent) -> Decimal {
    // At most 10^12 x 10^4 = 10^16: within 64 bits, so the product and the scale are exact.
    Decimal::new(amount.minor().saturating_mul(i64::from(percent.basis_points())), 4)
}

/// Rounds an exact number of minor units once.
///
/// The callers' numbers are shares of a cart and so within bounds; anything else would be our own mistake and becomes the
/// nearest bound, never a wrapped number.
#[must_use]
pub fn round(exact: Decimal, half: Half) -> Amount {
    // Its digits fit 64 bits, see above. A Decimal's own rounding divides 96: that takes longer, and weighs more in a page.
    let (Ok(digits), Some(one)) = (u64::try_from(exact.mantissa()), 10_u64.checked_pow(exact.scale())) else {
        return if exact.is_sign_negative() { Amount::ZERO } else { Amount::MAX };
    };
    let (whole, rest) = (digits.checked_div(one).unwrap_or(0), digits.checked_rem(one).unwrap_or(0));
    let up = match rest.cmp(&one.saturating_sub(rest)) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => match half {
            Half::Up => true,
            Half::Even => !whole.is_multiple_of(2),
            Half::Down => false,
        },
    };
    Amount::saturated(whole.saturating_add(u64::from(up)))
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
