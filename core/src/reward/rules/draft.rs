//! Rules of reward credit as an owner writes them.

use alloc::{format, string::String, vec::Vec};
use serde::Deserialize;

use super::{Chosen, Earning, OnRenewals, Rules};
use crate::catalog::{MoneyDraft, parse_amounts};
use crate::id::ItemId;
use crate::invalid::{Fault, Faults, InvalidField};
use crate::money::Percent;
use crate::money::portion::{Portion, PortionDraft};
use crate::text::Text;

/// [`Rules`] as an owner writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub struct RulesDraft {
    /// The items that credit may be spent on; everything when empty.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>"))]
    pub spend_on: Vec<String>,
    /// The most of an order that may be credit.
    pub maximum: Option<PortionDraft>,
    /// What an order must be worth, per currency.
    pub minimum_order: Option<Vec<MoneyDraft>>,
    /// What becomes of renewals.
    pub on_renewals: OnRenewals,
    /// What own orders earn.
    pub loyalty: Option<LoyaltyDraft>,
    /// What friends' orders earn.
    pub referral: Option<ReferralDraft>,
    /// How long credit given by hand lasts, in days, 1 to 36,500.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 36_500)))]
    pub by_hand_expires_after_days: Option<u32>,
    /// The terms of use.
    pub terms: Option<String>,
}

/// What own orders earn, as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct LoyaltyDraft {
    /// In basis points, 0 to 10000.
    #[cfg_attr(feature = "schema", schemars(with = "crate::money::Percent"))]
    pub percent_bp: i64,
    /// The items that earn; everything when empty.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>"))]
    pub earn_on: Vec<String>,
    /// How long it lasts, in days, 1 to 36,500; for ever when absent.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 36_500)))]
    pub expires_after_days: Option<u32>,
}

/// What friends' orders earn, as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct ReferralDraft {
    /// A percentage of the friend's order, or an amount.
    pub reward: PortionDraft,
    /// The items that earn; everything when empty.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>"))]
    pub earn_on: Vec<String>,
    /// How long it lasts, in days, 1 to 36,500; for ever when absent.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 36_500)))]
    pub expires_after_days: Option<u32>,
}

impl Rules {
    /// Checks rules; `field` is where they stand in the input.
    ///
    /// # Errors
    /// Every fault with its field.
    pub fn parse(draft: &RulesDraft, field: &str) -> Result<Self, Vec<InvalidField>> {
        let mut faults = Faults::within(field);
        let spend_on = parse_chosen("spend_on", &draft.spend_on, &mut faults);
        let maximum = parse_portion(field, "maximum", draft.maximum.as_ref(), &mut faults);
        let minimum_order = draft.minimum_order.as_ref();
        let minimum_order = minimum_order.and_then(|amounts| parse_amounts("minimum_order", amounts, &mut faults));
        let loyalty = draft.loyalty.as_ref().and_then(|earning| parse_loyalty(earning, &mut faults));
        let referral = draft.referral.as_ref().and_then(|earning| parse_referral(field, earning, &mut faults));
        let by_hand = draft.by_hand_expires_after_days;
        check_days("by_hand_expires_after_days", by_hand, &mut faults);
        let terms = draft.terms.as_ref().and_then(|terms| faults.keep("terms", Text::parse(terms)));
        if !faults.is_empty() {
            return Err(faults.into_vec());
        }
        Ok(Self {
            spend_on,
            maximum,
            minimum_order,
            on_renewals: draft.on_renewals,
            loyalty,
            referral,
            by_hand_expires_after_days: by_hand,
            terms,
        })
    }
}

fn parse_loyalty(draft: &LoyaltyDraft, faults: &mut Faults) -> Option<Earning> {
    let percent = faults.keep("loyalty.percent_bp", Percent::from_bp(draft.percent_bp));
    let earn_on = parse_chosen("loyalty.earn_on", &draft.earn_on, faults);
    check_days("loyalty.expires_after_days", draft.expires_after_days, faults);
    let reward = Portion::Percent { percent: percent? };
    Some(Earning { reward, earn_on, expires_after_days: draft.expires_after_days })
}

fn parse_referral(field: &str, draft: &ReferralDraft, faults: &mut Faults) -> Option<Earning> {
    let reward = parse_portion(field, "referral.reward", Some(&draft.reward), faults);
    let earn_on = parse_chosen("referral.earn_on", &draft.earn_on, faults);
    check_days("referral.expires_after_days", draft.expires_after_days, faults);
    Some(Earning { reward: reward?, earn_on, expires_after_days: draft.expires_after_days })
}

fn parse_portion(field: &str, name: &str, draft: Option<&PortionDraft>, faults: &mut Faults) -> Option<Portion> {
    let within = if field.is_empty() { name.into() } else { format!("{field}.{name}") };
    Portion::parse(draft?, &within).map_err(|found| faults.extend(found)).ok()
}

fn parse_chosen(field: &str, names: &[String], faults: &mut Faults) -> Chosen {
    const ITEMS_MAX: usize = 10_000;
    if names.len() > ITEMS_MAX {
        faults.add(field, Fault::OutOfBounds, format!("must have at most {ITEMS_MAX} entries"));
        return Chosen::default();
    }
    let parse = |(index, name): (usize, &String)| faults.keep(&format!("{field}[{index}]"), ItemId::parse(name));
    Chosen { items: names.iter().enumerate().filter_map(parse).collect() }
}

/// A hundred years: longer than any owner means, and any instant plus so many days can still be written.
const DAYS_MAX: u32 = 36_500;

fn check_days(field: &str, days: Option<u32>, faults: &mut Faults) {
    if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        faults.add(field, Fault::OutOfBounds, format!("must be 1 to {DAYS_MAX}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reward::Source;

    fn parse(json: &str) -> Result<Rules, Vec<InvalidField>> {
        Rules::parse(&serde_json::from_str(json).unwrap(), "rules")
    }

    #[test]
    fn all_faults_are_told_with_their_fields() {
        let faults = parse(
            r#"{"spend_on":["a b"],"maximum":{},"minimum_order":[],"by_hand_expires_after_days":0,"terms":" ",
                "loyalty":{"percent_bp":10001,"earn_on":["",""],"expires_after_days":36501},
                "referral":{"reward":{"percent_bp":1,"amounts":[]}}}"#,
        )
        .unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "rules.spend_on[0]",
                "rules.maximum",
                "rules.minimum_order",
                "rules.loyalty.percent_bp",
                "rules.loyalty.earn_on[0]",
                "rules.loyalty.earn_on[1]",
                "rules.loyalty.expires_after_days",
                "rules.referral.reward",
                "rules.by_hand_expires_after_days",
                "rules.terms",
            ]
        );
        assert!(serde_json::from_str::<RulesDraft>(r#"{"maximum_bp":1}"#).is_err(), "unknown fields are refused");
    }

    #[test]
    fn each_source_has_its_own_expiry() {
        let rules = parse(
            r#"{"loyalty":{"percent_bp":1,"expires_after_days":1},"referral":{"reward":{"percent_bp":1}},
                "by_hand_expires_after_days":36500}"#,
        )
        .unwrap();
        let order = crate::id::OrderReference::parse("a").unwrap();
        let at = crate::time::parse_instant("2026-12-01T10:00:00Z").unwrap();
        let expires = |source| rules.expires_at(&source, at).map(crate::time::format_instant);
        assert_eq!(expires(Source::Loyalty { order: order.clone() }).as_deref(), Some("2026-12-02T10:00:00Z"));
        assert_eq!(expires(Source::Referral { order }), None);
        let by_hand = Source::ByHand { reason: Text::parse("sorry").unwrap() };
        assert_eq!(expires(by_hand).as_deref(), Some("2126-11-07T10:00:00Z"));
    }
}
