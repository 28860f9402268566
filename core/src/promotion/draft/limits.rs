//! How often a promotion may be used, as an owner writes it.

use alloc::{format, vec::Vec};
use core::fmt;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::catalog::{MoneyDraft, parse_amounts};
use crate::invalid::{Fault, Faults};
use crate::promotion::limits::MAX;
use crate::promotion::{Limit, LimitPer, Most, Period, Unit};

/// How often a promotion may be used, and for how much, as an owner writes it. What is absent is not limited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub struct LimitsDraft {
    /// By all customers together.
    pub total: Option<LimitDraft>,
    /// By each customer.
    pub per_customer: Option<LimitDraft>,
    /// By each code.
    pub per_code: Option<LimitDraft>,
    /// By all customers within a day of the site's calendar.
    pub per_day: Option<LimitDraft>,
    /// Within an ISO week.
    pub per_week: Option<LimitDraft>,
    /// Within a month.
    pub per_month: Option<LimitDraft>,
    /// How much discount in all, per currency; without a budget when empty.
    #[cfg_attr(feature = "schema", schemars(length(max = 200)))]
    pub budget: Vec<MoneyDraft>,
}

/// One limit: a number of redemptions, or `{"max": 5, "count": "occurrences"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitDraft {
    /// How many, 1 to 1,000,000,000.
    pub max: i64,
    /// What is one use; a redemption when absent.
    pub count: Unit,
}

impl<'de> Deserialize<'de> for LimitDraft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrObject)
    }
}

#[cfg(feature = "serialize")]
impl serde::Serialize for LimitDraft {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        if self.count == Unit::Redemptions {
            return serializer.serialize_i64(self.max);
        }
        let mut object = serializer.serialize_struct("LimitDraft", 2)?;
        object.serialize_field("max", &self.max)?;
        object.serialize_field("count", &self.count)?;
        object.end()
    }
}

struct NumberOrObject;

impl<'de> Visitor<'de> for NumberOrObject {
    type Value = LimitDraft;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a whole number, or an object with `max` and `count`")
    }

    fn visit_i64<E>(self, max: i64) -> Result<LimitDraft, E> {
        Ok(LimitDraft { max, count: Unit::default() })
    }

    fn visit_u64<E>(self, max: u64) -> Result<LimitDraft, E> {
        // What does not fit is above every bound.
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        Ok(LimitDraft { max, count: Unit::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LimitDraft, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            max: i64,
            #[serde(default)]
            count: Unit,
        }
        let Fields { max, count } = Fields::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(LimitDraft { max, count })
    }
}

/// Checks the limits.
pub(super) fn parse_limits(draft: &LimitsDraft, faults: &mut Faults) -> Vec<Limit> {
    let LimitsDraft { total, per_customer, per_code, per_day, per_week, per_month, budget } = draft;
    let given = [
        (LimitPer::Promotion, "total", total),
        (LimitPer::Customer, "per_customer", per_customer),
        (LimitPer::Code, "per_code", per_code),
        (LimitPer::Period(Period::Day), "per_day", per_day),
        (LimitPer::Period(Period::Week), "per_week", per_week),
        (LimitPer::Period(Period::Month), "per_month", per_month),
    ];
    let mut limits = Vec::new();
    for (per, field, limit) in given {
        let Some(LimitDraft { max, count }) = *limit else { continue };
        let checked = u32::try_from(max).ok().filter(|max| (1..=MAX).contains(max));
        let checked = checked.ok_or_else(|| (Fault::OutOfBounds, format!("must be 1 to {MAX}")));
        let checked = faults.keep(&format!("limits.{field}"), checked);
        limits.extend(checked.map(|max| Limit { per, most: Most::Uses { unit: count, max } }));
    }
    if !budget.is_empty() {
        let amounts = parse_amounts("limits.budget", budget, faults);
        limits.extend(amounts.map(|amounts| Limit { per: LimitPer::Promotion, most: Most::Budget { amounts } }));
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::super::fields::fault;
    use super::*;

    #[test]
    fn a_number_counts_redemptions() {
        let read = |json| serde_json::from_str::<LimitDraft>(json).unwrap();
        assert_eq!(read("5"), LimitDraft { max: 5, count: Unit::Redemptions });
        assert_eq!(read(r#"{"max":5,"count":"occurrences"}"#), LimitDraft { max: 5, count: Unit::Occurrences });
        assert_eq!(
            fault::<LimitDraft>(r#"{"max":5,"unit":"occurrences"}"#),
            "unknown field `unit`, expected `max` or `count`"
        );
        assert!(fault::<LimitDraft>("5.0").starts_with("invalid type: floating point"));
    }
}
