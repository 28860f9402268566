//! Tiers by spend or quantity (R16): the highest that is reached, inclusive.

use serde_json::Value;

use crate::number::{Number, sum, whole};
use crate::question::{Place, Question};
use crate::read::{amount_in, integer, list, must};
use crate::reason::{Reason, too_few, too_little};

/// The tier that some places reach, or why they reach none; nothing where the benefit has no tiers, or not for this currency.
pub(crate) fn reached<'a>(
    question: &Question<'_>,
    benefit: &'a Value,
    places: &[Place],
) -> Option<Result<&'a Value, Reason>> {
    let is_by_spend = match must(benefit, "type") {
        "spend_tiers" => true,
        "quantity_tiers" => false,
        _ => return None,
    };
    let units = places.iter().flat_map(|(line, slot)| &question.lines[*line].occurrences[*slot].units);
    let actual: Number = if is_by_spend { sum(units) } else { whole(units.count() as i64) };
    let mut tiers: Vec<(Number, &Value)> = Vec::new();
    for tier in list(benefit, "tiers") {
        let from = match is_by_spend {
            true => amount_in(list(tier, "from"), question.currency)?,
            false => whole(integer(tier, "from_quantity").expect("a quantity")),
        };
        tiers.push((from, tier));
    }
    tiers.sort_by(|one, two| one.0.cmp(&two.0));
    let highest = tiers.iter().rfind(|(from, _)| *from <= actual);
    Some(match (highest, tiers.first()) {
        (Some((_, tier)), _) => Ok(tier),
        (None, Some((lowest, _))) if is_by_spend => Err(too_little(lowest, &actual, question.currency)),
        (None, lowest) => {
            let count = |number: &Number| i64::try_from(number.to_integer()).expect("a count");
            let (required, actual) = (lowest.map_or(0, |(from, _)| count(from)), count(&actual));
            Err(too_few(required, usize::try_from(actual).expect("a count")))
        }
    })
}
