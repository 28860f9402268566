//! What is given, as an owner writes it.

use alloc::{boxed::Box, format, string::String, vec::Vec};
use serde::Deserialize;

use super::ENTRIES_MAX;
use super::fields::{needed, only};
use super::scope::{ScopeDraft, parse_scope};
use crate::catalog::{MoneyDraft, parse_amounts};
use crate::given::given;
use crate::id::ItemId;
use crate::invalid::{Fault, Faults};
use crate::money::{Amount, AmountTable, Percent};
use crate::promotion::benefit::{BuyGet, Gives, Pick, QuantityTier, SpendTier, Tiers, UnitsMax};
use crate::promotion::{Benefit, Per};

/// What is given, as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize), serde(tag = "type", rename_all = "snake_case"))]
#[serde(try_from = "BenefitFields")]
#[cfg_attr(feature = "schema", schemars(!try_from, deny_unknown_fields))]
pub enum BenefitDraft {
    /// A percentage off.
    Percent {
        /// In basis points, 0 to 10000.
        #[cfg_attr(feature = "schema", schemars(with = "crate::money::Percent"))]
        percent_bp: i64,
        /// The largest discount, per currency; without a cap when empty.
        #[cfg_attr(feature = "schema", schemars(default, length(max = 200)))]
        caps: Vec<MoneyDraft>,
    },
    /// An amount off.
    Fixed {
        /// Per currency.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
        amounts: Vec<MoneyDraft>,
        /// What it is given for; `redemption` when absent.
        #[cfg_attr(feature = "schema", schemars(default))]
        per: Per,
    },
    /// No discount; the note says what is given.
    NoDiscount {},
    /// A price for each unit, which never raises what it costs.
    FixedPrice {
        /// Per currency.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
        prices: Vec<MoneyDraft>,
    },
    /// The highest tier reached, by what the eligible lines cost.
    SpendTiers {
        /// At least one, in any order.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 50)))]
        tiers: Vec<TierDraft>,
    },
    /// The highest tier reached, by how many units are eligible.
    QuantityTiers {
        /// At least one, in any order.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 50)))]
        tiers: Vec<TierDraft>,
    },
    /// Buy some, get others cheaper.
    BuyGet {
        /// Units to buy for a set.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10_000)))]
        buy: i64,
        /// Units that get cheaper with it.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10_000)))]
        get: i64,
        /// How much off those, in basis points; for nothing when absent.
        #[cfg_attr(feature = "schema", schemars(with = "crate::money::Percent", default = "whole"))]
        percent_bp: i64,
        /// Which lines they are taken from; the promotion's own scope when absent.
        from: Option<ScopeDraft>,
        /// Most sets in one cart; any number when absent.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10_000)))]
        sets_max: Option<i64>,
    },
    /// One item of a list, for the customer to choose.
    Gift {
        /// Ids of the items.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>", length(min = 1, max = 1000)))]
        items: Vec<String>,
    },
}

/// One tier, as an owner writes it: from where on, and what it gives.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct TierDraft {
    /// From this spend on, per currency; for tiers by spend.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Vec::is_empty"))]
    #[cfg_attr(feature = "schema", schemars(length(max = 200)))]
    pub from: Vec<MoneyDraft>,
    /// From so many units on; for tiers by quantity.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10_000)))]
    pub from_quantity: Option<i64>,
    /// A percentage off, in basis points; this or `amounts`.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Percent>"))]
    pub percent_bp: Option<i64>,
    /// An amount off, per currency; this or `percent_bp`.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Vec::is_empty"))]
    #[cfg_attr(feature = "schema", schemars(length(max = 200)))]
    pub amounts: Vec<MoneyDraft>,
}

/// How many units a benefit touches, as an owner writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct UnitsDraft {
    /// At most so many, 1 to 10,000.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10_000)))]
    pub max: i64,
    /// Which, where there are more; the dearest when absent.
    #[serde(default)]
    pub pick: Pick,
}

/// All of it: what sets give where nothing else is said.
fn whole() -> i64 {
    i64::from(Percent::WHOLE_BP)
}

/// The fields of all benefits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BenefitFields {
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
    #[serde(default, deserialize_with = "given")]
    prices: Option<Vec<MoneyDraft>>,
    #[serde(default, deserialize_with = "given")]
    tiers: Option<Vec<TierDraft>>,
    #[serde(default, deserialize_with = "given")]
    buy: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    get: Option<i64>,
    #[serde(default)]
    from: Option<ScopeDraft>,
    #[serde(default)]
    sets_max: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    items: Option<Vec<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BenefitType {
    Percent,
    Fixed,
    NoDiscount,
    FixedPrice,
    SpendTiers,
    QuantityTiers,
    BuyGet,
    Gift,
}

impl BenefitType {
    const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Percent => &["percent_bp", "caps"],
            Self::Fixed => &["amounts", "per"],
            Self::NoDiscount => &[],
            Self::FixedPrice => &["prices"],
            Self::SpendTiers | Self::QuantityTiers => &["tiers"],
            Self::BuyGet => &["buy", "get", "percent_bp", "from", "sets_max"],
            Self::Gift => &["items"],
        }
    }
}

impl TryFrom<BenefitFields> for BenefitDraft {
    type Error = String;

    fn try_from(fields: BenefitFields) -> Result<Self, String> {
        let BenefitFields { kind, percent_bp, caps, amounts, per, prices, tiers, buy, get, from, sets_max, items } =
            fields;
        let there = [
            ("percent_bp", percent_bp.is_some()),
            ("caps", caps.is_some()),
            ("amounts", amounts.is_some()),
            ("per", per.is_some()),
            ("prices", prices.is_some()),
            ("tiers", tiers.is_some()),
            ("buy", buy.is_some()),
            ("get", get.is_some()),
            ("from", from.is_some()),
            ("sets_max", sets_max.is_some()),
            ("items", items.is_some()),
        ];
        only(kind.fields(), &there)?;
        Ok(match kind {
            BenefitType::Percent => {
                Self::Percent { percent_bp: needed("percent_bp", percent_bp)?, caps: caps.unwrap_or_default() }
            }
            BenefitType::Fixed => Self::Fixed { amounts: needed("amounts", amounts)?, per: per.unwrap_or_default() },
            BenefitType::NoDiscount => Self::NoDiscount {},
            BenefitType::FixedPrice => Self::FixedPrice { prices: needed("prices", prices)? },
            BenefitType::SpendTiers => Self::SpendTiers { tiers: needed("tiers", tiers)? },
            BenefitType::QuantityTiers => Self::QuantityTiers { tiers: needed("tiers", tiers)? },
            BenefitType::BuyGet => Self::BuyGet {
                buy: needed("buy", buy)?,
                get: needed("get", get)?,
                percent_bp: percent_bp.unwrap_or_else(whole),
                from,
                sets_max,
            },
            BenefitType::Gift => Self::Gift { items: needed("items", items)? },
        })
    }
}

/// Checks what is given.
pub(super) fn parse_benefit(draft: &BenefitDraft, faults: &mut Faults) -> Option<Benefit> {
    match draft {
        BenefitDraft::Percent { percent_bp, caps } => {
            let percent = faults.keep("benefit.percent_bp", Percent::from_bp(*percent_bp));
            let cap = if caps.is_empty() { Some(None) } else { parse_amounts("benefit.caps", caps, faults).map(Some) };
            Some(Benefit::Percent { percent: percent?, cap: cap? })
        }
        BenefitDraft::Fixed { amounts, per } => {
            Some(Benefit::Fixed { amounts: parse_amounts("benefit.amounts", amounts, faults)?, per: *per })
        }
        BenefitDraft::NoDiscount {} => Some(Benefit::NoDiscount),
        BenefitDraft::FixedPrice { prices } => {
            Some(Benefit::FixedPrice { prices: parse_amounts("benefit.prices", prices, faults)? })
        }
        BenefitDraft::SpendTiers { tiers } => parse_spend_tiers(tiers, faults).map(Benefit::Tiers),
        BenefitDraft::QuantityTiers { tiers } => parse_quantity_tiers(tiers, faults).map(Benefit::Tiers),
        BenefitDraft::BuyGet { buy, get, percent_bp, from, sets_max } => {
            let buy = parse_units("benefit.buy", *buy, faults);
            let get = parse_units("benefit.get", *get, faults);
            let percent = faults.keep("benefit.percent_bp", Percent::from_bp(*percent_bp));
            let from = from.as_ref().map(|from| Box::new(parse_scope("benefit.from", from, faults)));
            let sets_max = sets_max.map(|max| parse_units("benefit.sets_max", max, faults));
            if sets_max == Some(None) {
                return None;
            }
            Some(Benefit::BuyGet(BuyGet {
                buy: buy?,
                get: get?,
                percent: percent?,
                from,
                sets_max: sets_max.flatten(),
            }))
        }
        BenefitDraft::Gift { items } => parse_items(items, faults).map(|items| Benefit::Gift { items }),
    }
}

/// Checks how many units a benefit touches, which some kinds of benefit have no use for.
pub(super) fn parse_units_max(draft: UnitsDraft, benefit: Option<&Benefit>, faults: &mut Faults) -> Option<UnitsMax> {
    let of_units = |benefit: &Benefit| {
        matches!(benefit, Benefit::Percent { .. } | Benefit::FixedPrice { .. } | Benefit::Fixed { per: Per::Unit, .. })
    };
    if benefit.is_some_and(|benefit| !of_units(benefit)) {
        let message = "goes with a percentage, a price, or an amount per unit only";
        faults.add("units", Fault::Contradiction, message);
    }
    parse_units("units.max", draft.max, faults).map(|max| UnitsMax { max, pick: draft.pick })
}

fn parse_units(field: &str, count: i64, faults: &mut Faults) -> Option<u32> {
    let most = crate::cart::QUANTITY_MAX;
    let checked = u32::try_from(count).ok().filter(|count| (1..=most).contains(count));
    faults.keep(field, checked.ok_or_else(|| (Fault::OutOfBounds, format!("must be 1 to {most}"))))
}

fn parse_items(items: &[String], faults: &mut Faults) -> Option<Vec<ItemId>> {
    let field = "benefit.items";
    if items.is_empty() || items.len() > ENTRIES_MAX {
        faults.add(field, Fault::OutOfBounds, format!("must have 1 to {ENTRIES_MAX} entries"));
        return None;
    }
    let mut parsed: Vec<ItemId> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let at = format!("{field}[{index}]");
        let item = faults.keep(&at, ItemId::parse(item))?;
        if parsed.contains(&item) {
            faults.add(&at, Fault::Duplicate, "is in the list already");
        }
        parsed.push(item);
    }
    Some(parsed)
}

/// Most tiers of one benefit.
const TIERS_MAX: usize = 50;

fn parse_spend_tiers(drafts: &[TierDraft], faults: &mut Faults) -> Option<Tiers> {
    let mut tiers = Vec::new();
    for (field, draft) in tier_drafts(drafts, faults)? {
        if draft.from_quantity.is_some() {
            faults.add(&format!("{field}.from_quantity"), Fault::Contradiction, "is for tiers by quantity");
        }
        let from = parse_amounts(&format!("{field}.from"), &draft.from, faults);
        let gives = parse_gives(&field, draft, faults);
        tiers.extend(from.zip(gives).map(|(from, gives)| SpendTier { from, gives }));
    }
    // In one order for every currency, or a tier would be higher in one and lower in another.
    let first = |tier: &SpendTier| tier.from.amounts().first().map(|money| money.amount);
    tiers.sort_by_key(first);
    let ascends = |one: &SpendTier, two: &SpendTier| {
        let above =
            |money: &crate::money::Money| two.from.find(money.currency).is_some_and(|from: Amount| from > money.amount);
        same_currencies(&one.from, &two.from) && one.from.amounts().iter().all(above)
    };
    if !tiers.is_sorted_by(ascends) {
        let message = "must rise from tier to tier, and be stated for the same currencies";
        faults.add("benefit.tiers", Fault::Contradiction, message);
    }
    Some(Tiers::Spend(tiers))
}

fn same_currencies(one: &AmountTable, two: &AmountTable) -> bool {
    let currencies = |table: &AmountTable| table.amounts().iter().map(|money| money.currency).collect::<Vec<_>>();
    currencies(one) == currencies(two)
}

fn parse_quantity_tiers(drafts: &[TierDraft], faults: &mut Faults) -> Option<Tiers> {
    let mut tiers = Vec::new();
    for (field, draft) in tier_drafts(drafts, faults)? {
        if !draft.from.is_empty() {
            faults.add(&format!("{field}.from"), Fault::Contradiction, "is for tiers by spend");
        }
        let at = format!("{field}.from_quantity");
        let from = match draft.from_quantity {
            Some(from) => parse_units(&at, from, faults),
            None => {
                faults.add(&at, Fault::Required, "is missing");
                None
            }
        };
        let gives = parse_gives(&field, draft, faults);
        tiers.extend(from.zip(gives).map(|(from, gives)| QuantityTier { from, gives }));
    }
    tiers.sort_by_key(|tier| tier.from);
    if !tiers.is_sorted_by(|one, two| one.from < two.from) {
        faults.add("benefit.tiers", Fault::Duplicate, "must each begin at a quantity of its own");
    }
    Some(Tiers::Quantity(tiers))
}

fn tier_drafts<'a>(drafts: &'a [TierDraft], faults: &mut Faults) -> Option<Vec<(String, &'a TierDraft)>> {
    if drafts.is_empty() || drafts.len() > TIERS_MAX {
        faults.add("benefit.tiers", Fault::OutOfBounds, format!("must have 1 to {TIERS_MAX} entries"));
        return None;
    }
    Some(drafts.iter().enumerate().map(|(index, draft)| (format!("benefit.tiers[{index}]"), draft)).collect())
}

fn parse_gives(field: &str, draft: &TierDraft, faults: &mut Faults) -> Option<Gives> {
    match (draft.percent_bp, draft.amounts.as_slice()) {
        (Some(percent), []) => faults
            .keep(&format!("{field}.percent_bp"), Percent::from_bp(percent))
            .map(|percent| Gives::Percent { percent }),
        (None, amounts @ [_, ..]) => {
            parse_amounts(&format!("{field}.amounts"), amounts, faults).map(|amounts| Gives::Fixed { amounts })
        }
        (None, []) | (Some(_), _) => {
            faults.add(field, Fault::Contradiction, "needs either `percent_bp` or `amounts`");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::fault;
    use super::*;

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
            (r#"{"type":"buy_get","buy":2}"#, "missing field `get`"),
            (r#"{"type":"gift","items":["mat"],"buy":2}"#, "unknown field `buy`"),
            (r#"{"percent_bp":0}"#, "missing field `type`"),
        ] {
            assert_eq!(fault::<BenefitDraft>(json), said, "{json}");
        }
    }

    #[cfg(feature = "serialize")]
    #[test]
    fn what_is_written_is_read_again() {
        for json in [
            r#"{"type":"percent","percent_bp":2000,"caps":[]}"#,
            r#"{"type":"fixed","amounts":[{"currency":"EUR","amount_minor":500}],"per":"unit"}"#,
            r#"{"type":"no_discount"}"#,
            r#"{"type":"fixed_price","prices":[{"currency":"EUR","amount_minor":500}]}"#,
            r#"{"type":"quantity_tiers","tiers":[{"from_quantity":3,"percent_bp":1000}]}"#,
            r#"{"type":"buy_get","buy":2,"get":1,"percent_bp":10000,"from":null,"sets_max":null}"#,
            r#"{"type":"gift","items":["mat"]}"#,
        ] {
            let draft: BenefitDraft = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&draft).unwrap(), json);
        }
    }

    fn faults(json: &str) -> Vec<String> {
        let mut faults = Faults::default();
        parse_benefit(&serde_json::from_str(json).unwrap(), &mut faults);
        faults.into_vec().into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn tiers_rise_in_every_currency() {
        for (json, fields) in [
            (r#"{"type":"quantity_tiers","tiers":[]}"#, &["benefit.tiers"][..]),
            (r#"{"type":"quantity_tiers","tiers":[{"from_quantity":2}]}"#, &["benefit.tiers[0]"]),
            (
                r#"{"type":"quantity_tiers","tiers":[{"from_quantity":2,"percent_bp":1},{"from_quantity":2,"percent_bp":2}]}"#,
                &["benefit.tiers"],
            ),
            (r#"{"type":"quantity_tiers","tiers":[{"percent_bp":1}]}"#, &["benefit.tiers[0].from_quantity"]),
            (
                r#"{"type":"spend_tiers","tiers":[
                    {"from":[{"currency":"EUR","amount_minor":100},{"currency":"USD","amount_minor":300}],"percent_bp":1},
                    {"from":[{"currency":"EUR","amount_minor":200},{"currency":"USD","amount_minor":200}],"percent_bp":2}]}"#,
                &["benefit.tiers"],
            ),
            (
                r#"{"type":"spend_tiers","tiers":[{"from_quantity":2,"from":[{"currency":"EUR","amount_minor":1}],"percent_bp":1}]}"#,
                &["benefit.tiers[0].from_quantity"],
            ),
        ] {
            assert_eq!(faults(json), fields, "{json}");
        }
    }

    #[test]
    fn sets_and_gifts_have_bounds() {
        for (json, fields) in [
            (r#"{"type":"buy_get","buy":0,"get":10001}"#, &["benefit.buy", "benefit.get"][..]),
            (r#"{"type":"buy_get","buy":1,"get":1,"sets_max":0}"#, &["benefit.sets_max"]),
            (r#"{"type":"gift","items":[]}"#, &["benefit.items"]),
            (r#"{"type":"gift","items":["mat","mat"]}"#, &["benefit.items[1]"]),
        ] {
            assert_eq!(faults(json), fields, "{json}");
        }
    }
}
