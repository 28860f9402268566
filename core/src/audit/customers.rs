//! Who may use a promotion, and how often (R29 to R33, R41 to R45).

use super::subject::Subject;
use super::{Severity, What};
use crate::promotion::condition::Audience;
use crate::promotion::{Condition, LimitPer, Most, Period, Unit};

/// Every limit with the wider ones that are reached before it where it is the larger.
const WIDER: [(LimitPer, &[LimitPer]); 5] = [
    (LimitPer::Customer, &[LimitPer::Promotion]),
    (LimitPer::Code, &[LimitPer::Promotion]),
    (LimitPer::Period(Period::Month), &[LimitPer::Promotion]),
    (LimitPer::Period(Period::Week), &[LimitPer::Promotion]),
    (
        LimitPer::Period(Period::Day),
        &[LimitPer::Period(Period::Week), LimitPer::Period(Period::Month), LimitPer::Promotion],
    ),
];

impl Subject<'_, '_> {
    pub(super) fn customers(&mut self) {
        let has = |wanted: &Condition| self.terms().conditions.contains(wanted);
        let (first_order, named, pass) =
            (has(&Condition::FirstOrder), has(&Condition::NamedCustomers), has(&Condition::ActivePass));
        let existing = has(&Condition::Audience { audience: Audience::Existing });
        let new = has(&Condition::Audience { audience: Audience::New });
        let lists = &self.promotion().lists;
        if named && lists.customers.is_empty() && lists.tags.is_empty() {
            self.find(Severity::NeverApplies, "conditions.named_customers", What::NobodyNamed);
        }
        if pass && lists.passes.is_empty() {
            self.find(Severity::NeverApplies, "conditions.active_pass", What::NoPassNamed);
        }
        if first_order && existing {
            self.find(Severity::Note, "conditions.audience", What::ExistingWhoNeverOrdered);
        }
        if first_order && new {
            self.find(Severity::Note, "conditions.first_order", What::FirstOrderImplied);
        }
        self.limits(first_order, new);
    }

    fn limits(&mut self, first_order: bool, new: bool) {
        if !self.terms().needs_code && self.uses(LimitPer::Code).is_some() {
            self.find(Severity::Note, "limits.per_code", What::CodeLimitWithoutCodes);
        }
        for (per, wider) in WIDER {
            let Some((unit, max)) = self.uses(per) else { continue };
            // So many occurrences are at least as many redemptions as the wider limit lets through.
            let before = |wider: &&LimitPer| {
                self.uses(**wider).is_some_and(|(other, most)| {
                    max > most && (unit == other || (unit, other) == (Unit::Redemptions, Unit::Occurrences))
                })
            };
            if let Some(by) = wider.iter().find(before) {
                let (limit, by) = (name(per), name(*by));
                self.find(Severity::Note, field(per), What::LimitUnreachable { limit, by });
            }
        }
        // Who has used it once has ordered.
        if let Some((Unit::Redemptions, 2..)) = self.uses(LimitPer::Customer)
            && (first_order || new)
        {
            let by = if first_order { "first_order" } else { "audience" };
            let what = What::LimitUnreachable { limit: name(LimitPer::Customer), by };
            self.find(Severity::Note, field(LimitPer::Customer), what);
        }
    }

    /// How many uses a limit allows, and of what.
    pub(super) fn uses(&self, per: LimitPer) -> Option<(Unit, u32)> {
        self.promotion().limits.iter().filter(|limit| limit.per == per).find_map(|limit| match limit.most {
            Most::Uses { unit, max } => Some((unit, max)),
            Most::Budget { .. } => None,
        })
    }
}

fn name(per: LimitPer) -> &'static str {
    let field = field(per);
    field.strip_prefix("limits.").unwrap_or(field)
}

const fn field(per: LimitPer) -> &'static str {
    match per {
        LimitPer::Promotion => "limits.total",
        LimitPer::Customer => "limits.per_customer",
        LimitPer::Code => "limits.per_code",
        LimitPer::Period(Period::Day) => "limits.per_day",
        LimitPer::Period(Period::Week) => "limits.per_week",
        LimitPer::Period(Period::Month) => "limits.per_month",
    }
}
