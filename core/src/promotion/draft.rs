//! What an owner writes, and how it becomes a promotion that cannot be wrong.

mod fields;

use alloc::{format, string::String, vec::Vec};
use chrono::{Days, NaiveDateTime, NaiveTime};
use serde::Deserialize;

use super::condition::Basis;
use super::{
    Benefit, Condition, Disclosure, Internal, Kind, Limit, LimitPer, Per, Promotion, Scope, Selector, Terms, limits,
};
use crate::cart::LineKind;
use crate::catalog::{MoneyDraft, parse_amounts};
use crate::id::{CategoryId, ItemId, LocationId, PromotionId};
use crate::invalid::{Fault, Faults, InvalidField};
use crate::money::Percent;
use crate::text::Text;
use crate::time::{Edge, LocalStart, OffsetTable, Weekdays, Window};

/// A promotion as an owner writes it. Dates are wall-clock dates of the site's zone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What the owner calls it; internal.
    pub name: String,
    /// What it is for; internal.
    #[serde(default)]
    pub description: Option<String>,
    /// How it is unlocked.
    pub kind: Kind,
    /// What the visitor sees beside the discount.
    pub label: String,
    /// What the visitor should know once it applies.
    #[serde(default)]
    pub note: Option<String>,
    /// How much a refusal says; `open` when absent.
    #[serde(default)]
    pub disclosure: Disclosure,
    /// What is given.
    pub benefit: BenefitDraft,
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

/// What is given, as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize), serde(tag = "type", rename_all = "snake_case"))]
#[serde(try_from = "fields::BenefitFields")]
pub enum BenefitDraft {
    /// A percentage off.
    Percent {
        /// In basis points, 0 to 10000.
        percent_bp: i64,
        /// The largest discount, per currency; without a cap when empty.
        caps: Vec<MoneyDraft>,
    },
    /// An amount off.
    Fixed {
        /// Per currency.
        amounts: Vec<MoneyDraft>,
        /// What it is given for; `redemption` when absent.
        per: Per,
    },
    /// No discount; the note says what is given.
    NoDiscount {},
}

/// Which lines are touched, as an owner writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub struct ScopeDraft {
    /// What is in; everything when empty.
    pub include: Vec<SelectorDraft>,
    /// What is out.
    pub exclude: Vec<SelectorDraft>,
    /// The venues; all when empty.
    pub locations: Vec<String>,
}

/// Names lines, as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize), serde(tag = "type", rename_all = "snake_case"))]
#[serde(try_from = "fields::SelectorFields")]
pub enum SelectorDraft {
    /// All lines of a kind.
    Kind {
        /// For example `group_class`.
        kind: String,
    },
    /// All items of a category.
    Category {
        /// Its id.
        category: String,
    },
    /// One item.
    Item {
        /// Its id.
        item: String,
    },
}

/// What must hold, as an owner writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize), serde(tag = "type", rename_all = "snake_case"))]
#[serde(try_from = "fields::ConditionFields")]
pub enum ConditionDraft {
    /// The code is used within a window.
    Redeemable {
        /// The first date, or date and time; open when absent.
        from: Option<String>,
        /// The last date, which belongs to the window as a whole, or the time at which it ends; open when absent.
        until: Option<String>,
    },
    /// The appointment is on one of these days.
    Weekdays {
        /// Names such as `mon`.
        days: Vec<String>,
    },
    /// The cart is worth at least so much.
    MinimumSubtotal {
        /// Per currency; 0 means no limit.
        amounts: Vec<MoneyDraft>,
        /// What is summed.
        basis: Basis,
    },
    /// The cart is worth at most so much.
    MaximumSubtotal {
        /// Per currency; 0 means no limit.
        amounts: Vec<MoneyDraft>,
        /// What is summed.
        basis: Basis,
    },
}

/// How often a promotion may be used, as an owner writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub struct LimitsDraft {
    /// By all customers together.
    pub total: Option<i64>,
    /// By each customer.
    pub per_customer: Option<i64>,
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
        let name = faults.keep("name", Text::parse(&draft.name));
        let description = parse_optional_text("description", draft.description.as_deref(), &mut faults);
        let label = faults.keep("label", Text::parse(&draft.label));
        let note = parse_optional_text("note", draft.note.as_deref(), &mut faults);
        let benefit = parse_benefit(&draft.benefit, &mut faults);
        let scope = parse_scope(&draft.scope, &mut faults);
        let conditions = parse_conditions(&draft.conditions, zone, &mut faults);
        let limits = parse_limits(draft.limits, &mut faults);
        if matches!(draft.benefit, BenefitDraft::NoDiscount {}) && draft.note.is_none() {
            faults.add("note", Fault::Required, "must tell the visitor what is given where there is no discount");
        }
        match (name, label, benefit) {
            (Some(name), Some(label), Some(benefit)) if faults.is_empty() => Ok(Self {
                internal: Internal { name, description },
                terms: Terms {
                    promotion: id,
                    version,
                    kind: draft.kind,
                    label,
                    note,
                    disclosure: draft.disclosure,
                    benefit,
                    scope,
                    conditions,
                    limited_per: limits.iter().map(|limit| limit.per).collect(),
                },
                limits,
            }),
            _ => Err(faults.into_vec()),
        }
    }
}

fn parse_optional_text(field: &str, text: Option<&str>, faults: &mut Faults) -> Option<Text> {
    text.and_then(|text| faults.keep(field, Text::parse(text)))
}

fn parse_benefit(draft: &BenefitDraft, faults: &mut Faults) -> Option<Benefit> {
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
    }
}

/// Most entries of a list an owner writes.
const ENTRIES_MAX: usize = 1000;

fn parse_scope(draft: &ScopeDraft, faults: &mut Faults) -> Scope {
    let mut locations = Vec::new();
    for (index, location) in draft.locations.iter().take(ENTRIES_MAX).enumerate() {
        locations.extend(faults.keep(&format!("scope.locations[{index}]"), LocationId::parse(location)));
    }
    if draft.locations.len() > ENTRIES_MAX {
        faults.add("scope.locations", Fault::OutOfBounds, format!("must have at most {ENTRIES_MAX} entries"));
    }
    locations.sort_unstable();
    locations.dedup();
    Scope {
        include: parse_selectors("scope.include", &draft.include, faults),
        exclude: parse_selectors("scope.exclude", &draft.exclude, faults),
        locations,
    }
}

fn parse_selectors(field: &str, drafts: &[SelectorDraft], faults: &mut Faults) -> Vec<Selector> {
    if drafts.len() > ENTRIES_MAX {
        faults.add(field, Fault::OutOfBounds, format!("must have at most {ENTRIES_MAX} entries"));
        return Vec::new();
    }
    let mut selectors = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        let at = |name: &str| format!("{field}[{index}].{name}");
        let selector = match draft {
            SelectorDraft::Kind { kind } => {
                let found = LineKind::find(kind).ok_or((Fault::Unknown, "is no kind of line"));
                faults.keep(&at("kind"), found).map(|kind| Selector::Kind { kind })
            }
            SelectorDraft::Category { category } => faults
                .keep(&at("category"), CategoryId::parse(category))
                .map(|category| Selector::Category { category }),
            SelectorDraft::Item { item } => {
                faults.keep(&at("item"), ItemId::parse(item)).map(|item| Selector::Item { item })
            }
        };
        selectors.extend(selector);
    }
    selectors.sort_unstable();
    selectors.dedup();
    selectors
}

fn parse_conditions(drafts: &[ConditionDraft], zone: Zone<'_>, faults: &mut Faults) -> Vec<Condition> {
    let mut conditions: Vec<Condition> = Vec::new();
    for (index, draft) in drafts.iter().take(ENTRIES_MAX).enumerate() {
        let field = format!("conditions[{index}]");
        let Some(condition) = parse_condition(draft, &field, zone, faults) else { continue };
        if conditions.iter().any(|other| other.place() == condition.place()) {
            faults.add(&field, Fault::Duplicate, "is of the same type as an earlier condition");
        }
        conditions.push(condition);
    }
    conditions.sort_unstable_by_key(Condition::place);
    conditions
}

fn parse_condition(draft: &ConditionDraft, field: &str, zone: Zone<'_>, faults: &mut Faults) -> Option<Condition> {
    match draft {
        ConditionDraft::Redeemable { from, until } => {
            let from = parse_bound(from.as_deref(), Edge::Start, &format!("{field}.from"), zone, faults)?;
            let until = parse_bound(until.as_deref(), Edge::End, &format!("{field}.until"), zone, faults)?;
            faults.keep(field, Window::new(from, until)).map(|window| Condition::Redeemable { window })
        }
        ConditionDraft::Weekdays { days } => faults
            .keep(&format!("{field}.days"), Weekdays::parse(days.iter().map(String::as_str)))
            .map(|days| Condition::Weekdays { days }),
        ConditionDraft::MinimumSubtotal { amounts, basis } => {
            parse_amounts(&format!("{field}.amounts"), amounts, faults)
                .map(|amounts| Condition::MinimumSubtotal { amounts, basis: *basis })
        }
        ConditionDraft::MaximumSubtotal { amounts, basis } => {
            parse_amounts(&format!("{field}.amounts"), amounts, faults)
                .map(|amounts| Condition::MaximumSubtotal { amounts, basis: *basis })
        }
    }
}

/// Turns one end of a window into an instant. A last date without a time includes that whole day (R25), so it becomes the first
/// instant of the next; that day's midnight is where a day begins, so it is resolved as a start.
fn parse_bound(
    text: Option<&str>,
    edge: Edge,
    field: &str,
    zone: Zone<'_>,
    faults: &mut Faults,
) -> Option<Option<chrono::DateTime<chrono::Utc>>> {
    let Some(text) = text else { return Some(None) };
    let local = faults.keep(field, LocalStart::parse(text))?;
    let (wall, edge) = match (local.time(), edge) {
        (Some(time), edge) => (local.date().and_time(time), edge),
        (None, Edge::Start) => (local.date().and_time(NaiveTime::MIN), Edge::Start),
        (None, Edge::End) => (local.date().checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN), Edge::Start),
    };
    let instant = zone(wall).and_then(|table| table.instant(wall, edge));
    let instant = instant.ok_or((Fault::OutOfBounds, "lies outside what the site's time zone is known for"));
    faults.keep(field, instant).map(Some)
}

fn parse_limits(draft: LimitsDraft, faults: &mut Faults) -> Vec<Limit> {
    let given = [
        (LimitPer::Promotion, "limits.total", draft.total),
        (LimitPer::Customer, "limits.per_customer", draft.per_customer),
    ];
    let mut limits = Vec::new();
    for (per, field, max) in given {
        let Some(max) = max else { continue };
        let checked = u32::try_from(max).ok().filter(|max| (1..=limits::MAX).contains(max));
        let checked = checked.ok_or_else(|| (Fault::OutOfBounds, format!("must be 1 to {}", limits::MAX)));
        limits.extend(faults.keep(field, checked).map(|max| Limit { per, max }));
    }
    limits
}
