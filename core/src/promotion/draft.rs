//! What an owner writes, and how it becomes a promotion that cannot be wrong.

mod benefit;
mod condition;
mod fields;
mod limits;
mod scope;

use alloc::{format, string::String, vec::Vec};
use chrono::NaiveDateTime;
use core::ops::RangeInclusive;
use serde::Deserialize;

pub use benefit::{BenefitDraft, TierDraft, UnitsDraft};
pub use condition::ConditionDraft;
pub use limits::{LimitDraft, LimitsDraft};
pub use scope::{ScopeDraft, SelectorDraft};

use super::{Disclosure, Internal, Kind, Lane, Lists, Promotion, Renewals, Series, Terms, Unit};
use crate::id::{LaneId, PromotionId};
use crate::invalid::{Fault, Faults, InvalidField, Message};
use crate::policy::SitePolicy;
use crate::text::Text;
use crate::time::OffsetTable;
use benefit::{parse_benefit, parse_units_max};
use condition::parse_conditions;
use limits::parse_limits;
use scope::parse_scope;

/// A promotion as an owner writes it. Dates are wall-clock dates of the site's zone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What the owner calls it; internal.
    #[cfg_attr(feature = "schema", schemars(with = "crate::text::Text"))]
    pub name: String,
    /// What it is for; internal.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::text::Text>"))]
    pub description: Option<String>,
    /// What kind of offer it is.
    pub kind: Kind,
    /// For a gift: whether a code unlocks it; yes when absent.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub needs_code: Option<bool>,
    /// The lane in which it acts: `price`, `gift`, `referral` or one of the owner's own; that of its kind when absent.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Id>"))]
    pub lane: Option<String>,
    /// Which of two equal ones acts, the higher first, 0 to 1,000,000.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1_000_000)))]
    pub priority: i64,
    /// What the visitor sees beside the discount.
    #[cfg_attr(feature = "schema", schemars(with = "crate::text::Text"))]
    pub label: String,
    /// What the visitor should know once it applies.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::text::Text>"))]
    pub note: Option<String>,
    /// How much a refusal says; `open` when absent.
    #[serde(default)]
    pub disclosure: Disclosure,
    /// What is given.
    pub benefit: BenefitDraft,
    /// How many units it touches; all that are eligible when absent.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    pub units: Option<UnitsDraft>,
    /// On how many eligible dates of each line it acts, the earliest first; on each when absent.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub first_occurrences: Option<i64>,
    /// On how many payments of a subscription it acts, the first included; 1 when absent.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub first_payments: Option<i64>,
    /// Whether it acts on every payment of a subscription.
    #[serde(default)]
    pub every_payment: bool,
    /// Which lines are touched; all when absent.
    #[serde(default)]
    pub scope: ScopeDraft,
    /// What must hold, in any order, each kind once.
    #[serde(default)]
    pub conditions: Vec<ConditionDraft>,
    /// How often it may be used; without limits when absent.
    #[serde(default)]
    pub limits: LimitsDraft,
}

/// Gives the offsets of the site's zone around a wall-clock time; `None` where they cannot be known.
pub type Zone<'a> = &'a dyn Fn(NaiveDateTime) -> Option<OffsetTable>;

impl Promotion {
    /// Checks a draft and makes version `version` of promotion `id` from it.
    ///
    /// # Errors
    /// Every fault with its field below `field`.
    pub fn parse(
        id: PromotionId,
        version: u32,
        draft: &Draft,
        zone: Zone<'_>,
        field: &str,
    ) -> Result<Self, Vec<InvalidField>> {
        let mut faults = Faults::within(field);
        let name = faults.keep("name", Text::parse_shown(&draft.name));
        let description = parse_optional_text("description", draft.description.as_deref(), &mut faults);
        let label = faults.keep("label", Text::parse_shown(&draft.label));
        let note = parse_optional_text("note", draft.note.as_deref(), &mut faults);
        let lane = draft.lane(&mut faults);
        let needs_code = draft.needs_code(&mut faults);
        let priority = parse_count("priority", Some(draft.priority), 0..=1_000_000, &mut faults).unwrap_or_default();
        let benefit = parse_benefit(&draft.benefit, &mut faults);
        let units = draft.units.and_then(|units| parse_units_max(units, benefit.as_ref(), &mut faults));
        let series = parse_count("first_occurrences", draft.first_occurrences, 1..=1000, &mut faults);
        let renewals = draft.renewals(&mut faults);
        let scope = parse_scope("scope", &draft.scope, &mut faults);
        let mut lists = Lists::default();
        let conditions = parse_conditions(&draft.conditions, zone, &mut lists, &mut faults);
        let limits = parse_limits(&draft.limits, &mut faults);
        if matches!(draft.benefit, BenefitDraft::NoDiscount {}) && draft.note.is_none() {
            faults.add("note", Fault::Required, "must tell the visitor what is given where there is no discount");
        }
        draft.check_sets(&mut faults);
        if (draft.kind == Kind::Gift) != matches!(draft.benefit, BenefitDraft::Gift { .. }) {
            faults.add(
                "benefit",
                Fault::Contradiction,
                "of type `gift` belongs to a promotion of kind `gift`, and only to it",
            );
        }
        match (name, label, lane, benefit) {
            (Some(name), Some(label), Some(lane), Some(benefit)) if faults.is_empty() => Ok(Self {
                internal: Internal { name, description },
                terms: Terms {
                    promotion: id,
                    version,
                    kind: draft.kind,
                    needs_code,
                    lane,
                    priority,
                    label,
                    note,
                    disclosure: draft.disclosure,
                    benefit,
                    units,
                    series: series.map_or(Series::Each, Series::First),
                    renewals,
                    scope,
                    conditions,
                    limited_per: limits.iter().map(|limit| limit.per).collect(),
                }
                .into(),
                limits,
                lists,
            }),
            _ => Err(faults.into_vec()),
        }
    }
}

impl Draft {
    /// What of a draft goes against what the site decided, though it is a promotion in itself (R25, R50).
    #[must_use]
    pub fn against(&self, policy: &SitePolicy, field: &str) -> Vec<InvalidField> {
        let mut faults = Faults::within(field);
        let is_own = |lane: &str| policy.evaluation.lanes.iter().any(|own| own.id.as_str() == lane);
        if let Some(lane) = self.lane.as_deref().filter(|lane| Lane::of_engine(lane).is_none() && !is_own(lane)) {
            faults.add("lane", Fault::Unknown, format!("`{lane}` is no lane of this site"));
        }
        let begins = |condition: &ConditionDraft| matches!(condition, ConditionDraft::Redeemable { from: Some(_), .. });
        if policy.start_required && !self.conditions.iter().any(begins) {
            faults.add(
                "conditions",
                Fault::Required,
                "must hold a `redeemable` condition with `from`: this site asks for a start",
            );
        }
        faults.into_vec()
    }

    /// What a limit counts, and which dates come first, is said of what gets cheaper: where that has a scope of its own, units bought
    /// would be counted in its place.
    fn check_sets(&self, faults: &mut Faults) {
        if !matches!(self.benefit, BenefitDraft::BuyGet { from: Some(_), .. }) {
            return;
        }
        let counts_occurrences =
            |limit: &Option<LimitDraft>| limit.is_some_and(|limit| limit.count == Unit::Occurrences);
        let LimitsDraft { total, per_customer, per_code, per_day, per_week, per_month, budget: _ } = &self.limits;
        let first = |condition: &ConditionDraft| matches!(condition, ConditionDraft::FirstAppointment {});
        if self.first_occurrences.is_some()
            || self.conditions.iter().any(first)
            || [total, per_customer, per_code, per_day, per_week, per_month].into_iter().any(counts_occurrences)
        {
            let message = "does not go with `first_occurrences`, `first_appointment` or limits that count occurrences";
            faults.add("benefit.from", Fault::Contradiction, message);
        }
    }

    fn lane(&self, faults: &mut Faults) -> Option<Lane> {
        match self.lane.as_deref() {
            None => Some(match self.kind {
                Kind::Coupon | Kind::Automatic => Lane::Price,
                Kind::Gift => Lane::Gift,
                Kind::Referral => Lane::Referral,
            }),
            Some(name) => match Lane::of_engine(name) {
                Some(lane) => Some(lane),
                None => faults.keep("lane", LaneId::parse(name)).map(Lane::Own),
            },
        }
    }

    fn needs_code(&self, faults: &mut Faults) -> bool {
        if self.needs_code.is_some() && self.kind != Kind::Gift {
            faults.add("needs_code", Fault::Contradiction, "is for gifts: the other kinds say it themselves");
        }
        match self.kind {
            Kind::Coupon | Kind::Referral => true,
            Kind::Automatic => false,
            Kind::Gift => self.needs_code.unwrap_or(true),
        }
    }

    fn renewals(&self, faults: &mut Faults) -> Renewals {
        let first = parse_count("first_payments", self.first_payments, 1..=1000, faults);
        if first.is_some() && self.every_payment {
            faults.add("every_payment", Fault::Contradiction, "does not go with `first_payments`");
        }
        if self.every_payment { Renewals::Forever } else { first.map_or_else(Renewals::default, Renewals::First) }
    }
}

/// Most entries of a list an owner writes.
const ENTRIES_MAX: usize = 1000;

fn parse_count(field: &str, count: Option<i64>, bounds: RangeInclusive<u32>, faults: &mut Faults) -> Option<u32> {
    let checked = u32::try_from(count?).ok().filter(|count| bounds.contains(count));
    let (low, high) = (bounds.start(), bounds.end());
    faults.keep(field, checked.ok_or_else(|| (Fault::OutOfBounds, format!("must be {low} to {high}"))))
}

/// Checks a list of ids and puts it in order, each once.
fn parse_list<T: Ord>(
    field: &str,
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, (Fault, Message)>,
    faults: &mut Faults,
) -> Vec<T> {
    if texts.len() > ENTRIES_MAX {
        faults.add(field, Fault::OutOfBounds, format!("must have at most {ENTRIES_MAX} entries"));
        return Vec::new();
    }
    let mut list = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        list.extend(faults.keep(&format!("{field}[{index}]"), parse(text)));
    }
    list.sort_unstable();
    list.dedup();
    list
}

fn parse_optional_text(field: &str, text: Option<&str>, faults: &mut Faults) -> Option<Text> {
    text.and_then(|text| faults.keep(field, Text::parse_shown(text)))
}
