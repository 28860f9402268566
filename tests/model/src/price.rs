//! What a benefit takes off, unit by unit (R3, R4, R13 to R16).

use serde_json::Value;

use crate::number::{Number, round, sum, whole, zero};
use crate::read::{amount_in, integer, list, text};
use crate::share::{by_value, evenly, leftover, share};
use crate::units::Unit;

/// How a site rounds, and in which currency.
#[derive(Clone, Copy)]
pub(crate) struct Pricing<'a> {
    pub(crate) rounding: &'a Value,
    pub(crate) currency: &'a str,
}

impl Pricing<'_> {
    /// A percentage off units, at most a cap.
    pub(crate) fn percent(self, percent_bp: i64, caps: &[Value], units: &[Unit<'_>]) -> Vec<Number> {
        let prices = prices(units);
        let part = whole(percent_bp) / whole(10_000);
        let half = text(self.rounding, "half").unwrap_or("up");
        let rounded = |amount: Number| round(&(amount * &part), half);
        let found = match text(self.rounding, "round").unwrap_or("per_cart") {
            "per_cart" => share(&rounded(sum(&prices)), units, &prices, self.rounding),
            "per_line" => by_group(
                units,
                |unit| unit.line,
                |places| {
                    let (first, last) = (places[0], places[places.len() - 1]);
                    let (units, prices) = (&units[first..=last], &prices[first..=last]);
                    share(&rounded(sum(prices)), units, prices, self.rounding)
                },
            ),
            "per_unit" => prices.into_iter().map(rounded).collect(),
            other => panic!("`{other}` is nothing to round"),
        };
        // A cap that cuts is shared out by the shares already found (R3).
        match amount_in(caps, self.currency) {
            Some(cap) if cap < sum(&found) => by_value(&cap, units, &found, leftover(self.rounding)),
            _ => found,
        }
    }

    /// An amount off units: once, for each occurrence, or for each unit.
    pub(crate) fn fixed(self, amounts: &[Value], per: &str, units: &[Unit<'_>]) -> Vec<Number> {
        let amount = self.needed(amounts);
        let prices = prices(units);
        match per {
            "redemption" => share(&amount.min(sum(&prices)), units, &prices, self.rounding),
            "occurrence" => by_group(
                units,
                |unit| unit.place(),
                |places| {
                    let price = sum(places.iter().map(|place| &prices[*place]));
                    evenly(&amount.clone().min(price), places.len())
                },
            ),
            "unit" => prices.into_iter().map(|price| price.min(amount.clone())).collect(),
            other => panic!("`{other}` is nothing an amount is given for"),
        }
    }

    /// A price for each unit, which never raises what it costs.
    pub(crate) fn fixed_price(self, prices: &[Value], units: &[Unit<'_>]) -> Vec<Number> {
        let wanted = self.needed(prices);
        units.iter().map(|unit| (&unit.price - &wanted).max(zero())).collect()
    }

    /// What a tier gives.
    pub(crate) fn tier(self, tier: &Value, units: &[Unit<'_>]) -> Vec<Number> {
        match integer(tier, "percent_bp") {
            Some(percent_bp) => self.percent(percent_bp, &[], units),
            None => self.fixed(list(tier, "amounts"), "redemption", units),
        }
    }

    fn needed(self, table: &[Value]) -> Number {
        amount_in(table, self.currency).expect("an amount in the cart's currency")
    }
}

fn prices(units: &[Unit<'_>]) -> Vec<Number> {
    units.iter().map(|unit| unit.price.clone()).collect()
}

/// Finds the shares of each group of units by themselves. Groups are neighbors.
fn by_group<K: PartialEq>(
    units: &[Unit<'_>],
    key: impl Fn(&Unit<'_>) -> K,
    shares: impl Fn(&[usize]) -> Vec<Number>,
) -> Vec<Number> {
    let places: Vec<usize> = (0..units.len()).collect();
    places.chunk_by(|one, two| key(&units[*one]) == key(&units[*two])).flat_map(shares).collect()
}
