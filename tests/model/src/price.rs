//! What a benefit takes off, unit by unit (R3, R4, R13 to R15).

use serde_json::Value;

use crate::number::{Number, round, sum, whole, zero};
use crate::read::{amount_in, integer, list, must};
use crate::share::{by_value, evenly, leftover, share};

/// One eligible unit of one occurrence of one line. Units are listed as the cart lists its lines, by start within a line.
pub(crate) struct Unit<'a> {
    /// The line's place in the cart.
    pub(crate) line: usize,
    /// The line's id.
    pub(crate) id: &'a str,
    /// The occurrence's place within the line.
    pub(crate) occurrence: usize,
    pub(crate) price: Number,
}

/// What is taken off each of the units.
pub(crate) fn price(benefit: &Value, rounding: &Value, currency: &str, units: &[Unit<'_>]) -> Vec<Number> {
    let prices: Vec<Number> = units.iter().map(|unit| unit.price.clone()).collect();
    match must(benefit, "type") {
        "no_discount" => vec![zero(); units.len()],
        "percent" => {
            let found = percent(benefit, rounding, units, &prices);
            // A cap that cuts is shared out by the shares already found (R3).
            match amount_in(list(benefit, "caps"), currency) {
                Some(cap) if cap < sum(&found) => by_value(&cap, units, &found, leftover(rounding)),
                _ => found,
            }
        }
        "fixed" => {
            let amount = amount_in(list(benefit, "amounts"), currency).expect("an amount in the cart's currency");
            match benefit["per"].as_str().unwrap_or("redemption") {
                "redemption" => share(&amount.min(sum(&prices)), units, &prices, rounding),
                "occurrence" => by_group(
                    units,
                    |unit| (unit.line, unit.occurrence),
                    |places| {
                        let price = sum(places.iter().map(|place| &prices[*place]));
                        evenly(&amount.clone().min(price), places.len())
                    },
                ),
                "unit" => prices.into_iter().map(|price| price.min(amount.clone())).collect(),
                other => panic!("`{other}` is nothing an amount is given for"),
            }
        }
        other => panic!("`{other}` is no benefit"),
    }
}

fn percent(benefit: &Value, rounding: &Value, units: &[Unit<'_>], prices: &[Number]) -> Vec<Number> {
    let part = whole(integer(benefit, "percent_bp").expect("a percentage")) / whole(10_000);
    let half = rounding["half"].as_str().unwrap_or("up");
    let rounded = |amount: Number| round(&(amount * &part), half);
    match rounding["round"].as_str().unwrap_or("per_cart") {
        "per_cart" => share(&rounded(sum(prices)), units, prices, rounding),
        "per_line" => by_group(
            units,
            |unit| unit.line,
            |places| {
                let (first, last) = (places[0], places[places.len() - 1]);
                share(&rounded(sum(&prices[first..=last])), &units[first..=last], &prices[first..=last], rounding)
            },
        ),
        "per_unit" => prices.iter().map(|price| rounded(price.clone())).collect(),
        other => panic!("`{other}` is nothing to round"),
    }
}

/// Finds the shares of each group of units by themselves. Groups are neighbors.
pub(crate) fn by_group<K: PartialEq>(
    units: &[Unit<'_>],
    key: impl Fn(&Unit<'_>) -> K,
    shares: impl Fn(&[usize]) -> Vec<Number>,
) -> Vec<Number> {
    let places: Vec<usize> = (0..units.len()).collect();
    places.chunk_by(|one, two| key(&units[*one]) == key(&units[*two])).flat_map(shares).collect()
}
