//! Objects whose `type` says which fields they have, read so that a fault names its field.
//!
//! A parser that looks for the type first and reads the rest then has forgotten where it is, and blames the whole object. So every
//! field that any type has is read where it stands, and sorted out afterwards.

use alloc::{format, string::String, vec::Vec};
use serde::{Deserialize, Deserializer};

use super::{BenefitDraft, ConditionDraft, SelectorDraft};
use crate::catalog::MoneyDraft;
use crate::promotion::Per;
use crate::promotion::condition::Basis;

/// The fields of all benefits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BenefitFields {
    #[serde(rename = "type")]
    kind: BenefitType,
    #[serde(default, deserialize_with = "given")]
    percent_bp: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    caps: Option<Vec<MoneyDraft>>,
    #[serde(default, deserialize_with = "given")]
    amounts: Option<Vec<MoneyDraft>>,
    #[serde(default, deserialize_with = "given")]
    per: Option<Per>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum BenefitType {
    Percent,
    Fixed,
    NoDiscount,
}

impl TryFrom<BenefitFields> for BenefitDraft {
    type Error = String;

    fn try_from(fields: BenefitFields) -> Result<Self, String> {
        let BenefitFields { kind, percent_bp, caps, amounts, per } = fields;
        match kind {
            BenefitType::Percent => {
                foreign("amounts", amounts.is_some())?;
                foreign("per", per.is_some())?;
                Ok(Self::Percent { percent_bp: needed("percent_bp", percent_bp)?, caps: caps.unwrap_or_default() })
            }
            BenefitType::Fixed => {
                foreign("percent_bp", percent_bp.is_some())?;
                foreign("caps", caps.is_some())?;
                Ok(Self::Fixed { amounts: needed("amounts", amounts)?, per: per.unwrap_or_default() })
            }
            BenefitType::NoDiscount => {
                foreign("percent_bp", percent_bp.is_some())?;
                foreign("caps", caps.is_some())?;
                foreign("amounts", amounts.is_some())?;
                foreign("per", per.is_some())?;
                Ok(Self::NoDiscount {})
            }
        }
    }
}

/// The fields of all selectors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SelectorFields {
    #[serde(rename = "type")]
    of: SelectorType,
    #[serde(default, deserialize_with = "given")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "given")]
    category: Option<String>,
    #[serde(default, deserialize_with = "given")]
    item: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SelectorType {
    Kind,
    Category,
    Item,
}

impl TryFrom<SelectorFields> for SelectorDraft {
    type Error = String;

    fn try_from(fields: SelectorFields) -> Result<Self, String> {
        let SelectorFields { of, kind, category, item } = fields;
        foreign("kind", kind.is_some() && !matches!(of, SelectorType::Kind))?;
        foreign("category", category.is_some() && !matches!(of, SelectorType::Category))?;
        foreign("item", item.is_some() && !matches!(of, SelectorType::Item))?;
        Ok(match of {
            SelectorType::Kind => Self::Kind { kind: needed("kind", kind)? },
            SelectorType::Category => Self::Category { category: needed("category", category)? },
            SelectorType::Item => Self::Item { item: needed("item", item)? },
        })
    }
}

/// The fields of all conditions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionFields {
    #[serde(rename = "type")]
    kind: ConditionType,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    until: Option<String>,
    #[serde(default, deserialize_with = "given")]
    days: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    amounts: Option<Vec<MoneyDraft>>,
    #[serde(default, deserialize_with = "given")]
    basis: Option<Basis>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ConditionType {
    Redeemable,
    Weekdays,
    MinimumSubtotal,
    MaximumSubtotal,
}

impl TryFrom<ConditionFields> for ConditionDraft {
    type Error = String;

    fn try_from(fields: ConditionFields) -> Result<Self, String> {
        let ConditionFields { kind, from, until, days, amounts, basis } = fields;
        let of_subtotal = matches!(kind, ConditionType::MinimumSubtotal | ConditionType::MaximumSubtotal);
        foreign("from", from.is_some() && kind != ConditionType::Redeemable)?;
        foreign("until", until.is_some() && kind != ConditionType::Redeemable)?;
        foreign("days", days.is_some() && kind != ConditionType::Weekdays)?;
        foreign("amounts", amounts.is_some() && !of_subtotal)?;
        foreign("basis", basis.is_some() && !of_subtotal)?;
        let basis = basis.unwrap_or_default();
        Ok(match kind {
            ConditionType::Redeemable => Self::Redeemable { from, until },
            ConditionType::Weekdays => Self::Weekdays { days: needed("days", days)? },
            ConditionType::MinimumSubtotal => Self::MinimumSubtotal { amounts: needed("amounts", amounts)?, basis },
            ConditionType::MaximumSubtotal => Self::MaximumSubtotal { amounts: needed("amounts", amounts)?, basis },
        })
    }
}

/// Reads a field that is there; unlike what an `Option` reads by itself, null is no value.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The value of a field that this type needs, or the parser's own words for one that is missing.
fn needed<T>(field: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("missing field `{field}`"))
}

/// Refuses a field of another type, in the parser's own words for one that it does not know.
fn foreign(field: &str, is_there: bool) -> Result<(), String> {
    if is_there { Err(format!("unknown field `{field}`")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn fault<T: for<'de> Deserialize<'de>>(json: &str) -> String {
        let error = serde_json::from_str::<T>(json).err().unwrap().to_string();
        error.rsplit_once(" at line").map_or(error.clone(), |(said, _)| said.into())
    }

    #[test]
    fn each_type_has_its_own_fields() {
        for (json, said) in [
            (r#"{"type":"percent"}"#, "missing field `percent_bp`"),
            (r#"{"type":"percent","percent_bp":1,"amounts":[]}"#, "unknown field `amounts`"),
            (r#"{"type":"percent","percent_bp":1,"per":"unit"}"#, "unknown field `per`"),
            (r#"{"type":"percent","percent_bp":null}"#, "invalid type: null, expected i64"),
            (r#"{"type":"fixed"}"#, "missing field `amounts`"),
            (r#"{"type":"fixed","amounts":[],"caps":[]}"#, "unknown field `caps`"),
            (r#"{"type":"no_discount","percent_bp":0}"#, "unknown field `percent_bp`"),
            (r#"{"percent_bp":0}"#, "missing field `type`"),
        ] {
            assert_eq!(fault::<BenefitDraft>(json), said, "{json}");
        }
        for (json, said) in [
            (r#"{"type":"kind","item":"yoga"}"#, "unknown field `item`"),
            (r#"{"type":"item"}"#, "missing field `item`"),
        ] {
            assert_eq!(fault::<SelectorDraft>(json), said, "{json}");
        }
        for (json, said) in [
            (r#"{"type":"redeemable","days":["mon"]}"#, "unknown field `days`"),
            (r#"{"type":"weekdays","days":["mon"],"from":"2026-12-01"}"#, "unknown field `from`"),
            (r#"{"type":"weekdays"}"#, "missing field `days`"),
            (r#"{"type":"minimum_subtotal","basis":"all_lines"}"#, "missing field `amounts`"),
        ] {
            assert_eq!(fault::<ConditionDraft>(json), said, "{json}");
        }
    }

    #[cfg(feature = "serialize")]
    #[test]
    fn what_is_written_is_read_again() {
        for json in [
            r#"{"type":"percent","percent_bp":2000,"caps":[]}"#,
            r#"{"type":"fixed","amounts":[{"currency":"EUR","amount_minor":500}],"per":"unit"}"#,
            r#"{"type":"no_discount"}"#,
        ] {
            let draft: BenefitDraft = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&draft).unwrap(), json);
        }
        for json in [
            r#"{"type":"redeemable","from":"2026-12-01","until":null}"#,
            r#"{"type":"weekdays","days":["mon"]}"#,
            r#"{"type":"maximum_subtotal","amounts":[],"basis":"eligible_lines"}"#,
        ] {
            let draft: ConditionDraft = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&draft).unwrap(), json);
        }
    }
}
