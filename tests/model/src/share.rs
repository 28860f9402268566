//! Sharing a whole number of minor units out (R3, R5).

use std::cmp::Reverse;

use serde_json::Value;

use crate::number::{Number, one, sum, whole, zero};
use crate::units::Unit;

/// Shares `amount` out over units, none of which gets more than its entry of `bearable`.
pub(crate) fn share(amount: &Number, units: &[Unit<'_>], bearable: &[Number], rounding: &Value) -> Vec<Number> {
    let leftover = leftover(rounding);
    let shares = match rounding["split"].as_str().unwrap_or("by_value") {
        "by_value" => by_value(amount, units, bearable, leftover),
        "per_unit" => equal_parts(amount, units, bearable, leftover),
        other => panic!("`{other}` is no way to split"),
    };
    assert_eq!(sum(&shares), *amount, "shares sum to what is shared");
    assert!(
        shares.iter().zip(bearable).all(|(share, bearable)| share <= bearable),
        "no share is above what can be borne"
    );
    shares
}

/// Who gets what is left over.
pub(crate) fn leftover(rounding: &Value) -> &str {
    rounding["leftover"].as_str().unwrap_or("largest")
}

/// In proportion to what each can bear: first over the lines, then within each line over its occurrences, then within each over its units.
pub(crate) fn by_value(amount: &Number, units: &[Unit<'_>], bearable: &[Number], leftover: &str) -> Vec<Number> {
    let lines = groups(units, bearable, |unit| unit.line);
    let ids: Vec<&str> = lines.iter().map(|line| units[line.first].id).collect();
    let of_lines = proportionally(amount, &lines, &ids, leftover);
    let mut shares = Vec::new();
    for (line, of_line) in lines.iter().zip(of_lines) {
        let range = line.first..line.first + line.count;
        let occurrences = groups(&units[range.clone()], &bearable[range], |unit| unit.occurrence);
        let order: Vec<usize> = (0..occurrences.len()).collect();
        let of_occurrences = proportionally(&of_line, &occurrences, &order, leftover);
        for (occurrence, of_occurrence) in occurrences.iter().zip(of_occurrences) {
            shares.extend(evenly(&of_occurrence, occurrence.count));
        }
    }
    shares
}

/// Neighboring units that belong together.
struct Group {
    first: usize,
    count: usize,
    bearable: Number,
}

fn groups(units: &[Unit<'_>], bearable: &[Number], key: impl Fn(&Unit<'_>) -> usize) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut first = 0;
    for group in units.chunk_by(|one, two| key(one) == key(two)) {
        let count = group.len();
        groups.push(Group { first, count, bearable: sum(&bearable[first..first + count]) });
        first += count;
    }
    groups
}

/// Each group its exact share rounded down; the minor units left over go, one each, to the largest remainders (ties by `names`), or to
/// the first or last groups that can bear one more.
fn proportionally<N: Ord>(amount: &Number, groups: &[Group], names: &[N], leftover: &str) -> Vec<Number> {
    let total = sum(groups.iter().map(|group| &group.bearable));
    if total == zero() {
        return vec![zero(); groups.len()];
    }
    let exact: Vec<Number> = groups.iter().map(|group| amount * &group.bearable / &total).collect();
    let mut shares: Vec<Number> = exact.iter().map(Number::floor).collect();
    let mut order: Vec<usize> = (0..groups.len()).collect();
    match leftover {
        "largest" => order.sort_by_key(|place| (Reverse(&exact[*place] - exact[*place].floor()), &names[*place])),
        "first" => {}
        "last" => order.reverse(),
        other => panic!("`{other}` is no way to give what is left over"),
    }
    let mut left = amount - sum(&shares);
    for place in order {
        if left > zero() && shares[place] < groups[place].bearable {
            shares[place] += one();
            left -= one();
        }
    }
    shares
}

/// An amount over so many units: where it does not come out even, the first bear one minor unit more.
pub(crate) fn evenly(amount: &Number, count: usize) -> Vec<Number> {
    let each = (amount / whole(count as i64)).floor();
    let mut left = amount - &each * whole(count as i64);
    let mut shares = vec![each; count];
    for share in &mut shares {
        if left > zero() {
            *share += one();
            left -= one();
        }
    }
    shares
}

/// Equal parts per unit, each capped at what the unit can bear, the excess shared again. Minor units left over go to single units: by
/// line id, occurrence and unit, or in the cart's order, or in its reverse.
fn equal_parts(amount: &Number, units: &[Unit<'_>], bearable: &[Number], leftover: &str) -> Vec<Number> {
    let mut shares = vec![zero(); units.len()];
    let mut left = amount.clone();
    let mut open: Vec<usize> = (0..units.len()).collect();
    loop {
        if open.is_empty() {
            return shares;
        }
        let part = &left / whole(open.len() as i64);
        let (full, others): (Vec<usize>, Vec<usize>) = open.into_iter().partition(|place| bearable[*place] <= part);
        open = others;
        for place in &full {
            shares[*place] = bearable[*place].clone();
            left -= &bearable[*place];
        }
        if full.is_empty() {
            break;
        }
    }
    match leftover {
        // Stable: within a line the units stay by occurrence.
        "largest" => open.sort_by_key(|place| units[*place].id),
        "first" => {}
        "last" => open.reverse(),
        other => panic!("`{other}` is no way to give what is left over"),
    }
    let each = (&left / whole(open.len() as i64)).floor();
    left -= &each * whole(open.len() as i64);
    for place in open {
        shares[place] = each.clone();
        if left > zero() {
            shares[place] += one();
            left -= one();
        }
    }
    shares
}
