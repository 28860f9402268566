//! Exact numbers: an amount is a whole number of minor units, everything between is a fraction.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use serde_json::Value;

/// An amount in minor units, or a fraction of one.
pub(crate) type Number = BigRational;

pub(crate) fn whole(number: i64) -> Number {
    Number::from_integer(number.into())
}

pub(crate) fn zero() -> Number {
    Number::zero()
}

pub(crate) fn one() -> Number {
    Number::one()
}

pub(crate) fn sum<'a>(numbers: impl IntoIterator<Item = &'a Number>) -> Number {
    numbers.into_iter().fold(zero(), |sum, number| sum + number)
}

/// Rounds once to minor units (R3). `half` says where exactly half a unit goes.
pub(crate) fn round(number: &Number, half: &str) -> Number {
    let down = number.floor();
    let rest = number - &down;
    let middle = Number::new(BigInt::one(), BigInt::from(2));
    let is_up = match half {
        _ if rest != middle => rest > middle,
        "up" => true,
        "down" => false,
        "even" => !(down.to_integer() % BigInt::from(2)).is_zero(),
        other => panic!("`{other}` is no way to round"),
    };
    if is_up { down + one() } else { down }
}

/// The number as JSON, which it must be whole for.
pub(crate) fn json(number: &Number) -> Value {
    assert!(number.is_integer(), "{number} is no whole number of minor units");
    i64::try_from(number.to_integer()).expect("amounts are bounded").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        for (twice, up, even, down) in [(1, 1, 0, 0), (3, 2, 2, 1), (5, 3, 2, 2), (4, 2, 2, 2)] {
            let number = Number::new(twice.into(), 2.into());
            for (half, wanted) in [("up", up), ("even", even), ("down", down)] {
                assert_eq!(round(&number, half), whole(wanted), "{number} {half}");
            }
        }
    }
}
