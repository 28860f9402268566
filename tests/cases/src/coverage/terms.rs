//! What the terms of promotions held, where they applied.

use tearoff_core::policy::Overflow;
use tearoff_core::promotion::benefit::Pick;
use tearoff_core::promotion::condition::{Audience, Basis, BookingType, Counts};
use tearoff_core::promotion::draft::{BenefitDraft, ConditionDraft, Draft, LimitDraft};
use tearoff_core::promotion::{Disclosure, Per, Unit};
use tearoff_core::quote::{Allocation, Decision, Outcome};
use tearoff_core::reason::Reason;
use tearoff_core::standalone::{Answer, EvaluationRequest, PromotionRequest};

use super::Seen;

pub(super) fn note(
    request: &EvaluationRequest,
    answer: &Answer,
    promotion: &PromotionRequest,
    decision: &Decision,
    seen: &mut Seen,
) {
    let Outcome::Applied { allocations, .. } = &decision.outcome else {
        seen.extend(is_refused_for_overflow(request, promotion, decision).then_some("overflow refused"));
        return;
    };
    let terms = &promotion.terms;
    note_benefit(&terms.benefit, seen);
    note_conditions(request, terms, seen);
    note_scope(request, terms, seen);
    note_limits(terms, seen);
    seen.extend(terms.units.map(|units| match units.pick {
        Pick::Dearest => "the dearest units picked",
        Pick::Cheapest => "the cheapest units picked",
    }));
    seen.extend((terms.disclosure == Disclosure::Private).then_some("private applied"));
    let is_cut = allocations.iter().any(|allocation| is_cut(answer, allocation));
    seen.extend((is_cut && terms.first_occurrences.is_some()).then_some("the first occurrences of a series"));
    seen.extend((is_cut && counts_occurrences(terms)).then_some("overflow cut"));
}

/// Whether a line has dates that get nothing beside others that get something.
fn is_cut(answer: &Answer, allocation: &Allocation) -> bool {
    let line = answer.quote.lines.iter().find(|line| line.id == allocation.line);
    line.is_some_and(|line| !allocation.occurrences.is_empty() && line.occurrences.len() > allocation.occurrences.len())
}

fn limits(terms: &Draft) -> impl Iterator<Item = LimitDraft> {
    let limits = &terms.limits;
    let all = [limits.total, limits.per_customer, limits.per_code, limits.per_day, limits.per_week, limits.per_month];
    all.into_iter().flatten()
}

fn counts_occurrences(terms: &Draft) -> bool {
    limits(terms).any(|limit| limit.count == Unit::Occurrences)
}

/// Whether the reason of a limit is told of which something is left.
fn is_refused_for_overflow(request: &EvaluationRequest, promotion: &PromotionRequest, decision: &Decision) -> bool {
    let used = request.facts.usage.iter().find(|usage| usage.promotion == promotion.id);
    let total = promotion.terms.limits.total;
    let has_left = total.is_some_and(|limit| used.map_or(0, |usage| i64::from(usage.total)) < limit.max);
    let is_told = decision.reasons().contains(&Reason::UsageLimitReached);
    request.site.overflow == Overflow::Refuse && has_left && is_told
}

fn note_benefit(benefit: &BenefitDraft, seen: &mut Seen) {
    seen.insert(match benefit {
        BenefitDraft::Percent { percent_bp: 0, .. } => "percent of 0 applied",
        BenefitDraft::Percent { percent_bp: 10_000, .. } => "percent of 100 applied",
        BenefitDraft::Percent { .. } => "percent applied",
        BenefitDraft::Fixed { per: Per::Redemption, .. } => "fixed per redemption applied",
        BenefitDraft::Fixed { per: Per::Occurrence, .. } => "fixed per occurrence applied",
        BenefitDraft::Fixed { per: Per::Unit, .. } => "fixed per unit applied",
        BenefitDraft::NoDiscount {} => "no_discount applied",
        BenefitDraft::FixedPrice { .. } => "fixed_price applied",
        BenefitDraft::SpendTiers { .. } => "spend_tiers applied",
        BenefitDraft::QuantityTiers { .. } => "quantity_tiers applied",
        BenefitDraft::BuyGet { from: None, .. } => "buy_get applied",
        BenefitDraft::BuyGet { from: Some(_), .. } => "buy_get from a scope of its own applied",
        BenefitDraft::Gift { .. } => "gift applied",
    });
}

fn is_of_dates(condition: &ConditionDraft) -> bool {
    matches!(
        condition,
        ConditionDraft::AppointmentWindow { .. }
            | ConditionDraft::AppointmentHours { .. }
            | ConditionDraft::LeadTime { .. }
    )
}

fn note_conditions(request: &EvaluationRequest, terms: &Draft, seen: &mut Seen) {
    for condition in &terms.conditions {
        seen.insert(match condition {
            ConditionDraft::Weekdays { .. } if !request.site.has_dates => "weekdays unchecked",
            ConditionDraft::BookingType { .. } if !request.site.has_frequency => "booking_type unchecked",
            condition if is_of_dates(condition) && !request.site.has_dates => "a condition on dates unchecked",
            ConditionDraft::Redeemable { .. } => "redeemable holds",
            ConditionDraft::RedeemableHours { from, until } if until < from => "redeemable_hours over midnight hold",
            ConditionDraft::RedeemableHours { .. } => "redeemable_hours hold",
            ConditionDraft::AppointmentWindow { .. } => "appointment_window holds",
            ConditionDraft::AppointmentHours { from, until } if until < from => "appointment_hours over midnight hold",
            ConditionDraft::AppointmentHours { .. } => "appointment_hours hold",
            ConditionDraft::Audience { audience: Audience::Existing } => "audience of existing customers holds",
            ConditionDraft::Audience { audience: Audience::New } => "audience of new customers holds",
            ConditionDraft::FirstOrder {} => "first_order holds",
            ConditionDraft::FirstAppointment {} => "first_appointment holds",
            ConditionDraft::NamedCustomers { .. } => "named_customers holds",
            ConditionDraft::ActivePass { .. } => "active_pass holds",
            ConditionDraft::Channels { .. } => "channels hold",
            ConditionDraft::BookingType { booking: BookingType::OneTime } => "booking_type of one time holds",
            ConditionDraft::BookingType { booking: BookingType::Recurring } => "booking_type of recurring holds",
            ConditionDraft::LeadTime { .. } => "lead_time holds",
            ConditionDraft::Weekdays { .. } => "weekdays hold",
            ConditionDraft::MaximumLines { .. } => "maximum_lines holds",
            ConditionDraft::MinimumSubtotal { basis: Basis::AllLines, .. } => "minimum of all lines holds",
            ConditionDraft::MinimumSubtotal { basis: Basis::EligibleLines, .. } => "minimum of eligible lines holds",
            ConditionDraft::MaximumSubtotal { basis: Basis::AllLines, .. } => "maximum of all lines holds",
            ConditionDraft::MaximumSubtotal { basis: Basis::EligibleLines, .. } => "maximum of eligible lines holds",
        });
    }
    let counts_after = |condition: &ConditionDraft| {
        matches!(
            condition,
            ConditionDraft::MinimumSubtotal { counts: Counts::AfterDiscounts, .. }
                | ConditionDraft::MaximumSubtotal { counts: Counts::AfterDiscounts, .. }
        )
    };
    seen.extend(terms.conditions.iter().any(counts_after).then_some("a subtotal after discounts holds"));
    let has_days = terms.conditions.iter().any(|condition| matches!(condition, ConditionDraft::Weekdays { .. }));
    let wraps = |condition: &ConditionDraft| matches!(condition, ConditionDraft::AppointmentHours { from, until } if until < from);
    let both = request.site.has_dates && has_days && terms.conditions.iter().any(wraps);
    seen.extend(both.then_some("weekdays beside hours over midnight hold"));
}

fn note_scope(request: &EvaluationRequest, terms: &Draft, seen: &mut Seen) {
    seen.extend((!terms.scope.include.is_empty()).then_some("scope with inclusions applied"));
    seen.extend((!terms.scope.exclude.is_empty()).then_some("scope with exclusions applied"));
    seen.extend((!terms.scope.locations.is_empty()).then_some("scope with locations applied"));
    seen.extend((!terms.scope.phrases.is_empty()).then_some("scope with phrases applied"));
    let lines = &request.cart.lines;
    let has_discounted = lines.iter().any(|line| line.discounted == Some(true));
    seen.extend(
        (terms.scope.exclude_discounted && has_discounted).then_some("scope without what is discounted applied"),
    );
    seen.extend(lines.iter().any(|line| line.paid == Some(false)).then_some("applied beside a line that is not paid"));
}

fn note_limits(terms: &Draft, seen: &mut Seen) {
    let limits = &terms.limits;
    seen.extend(limits.total.map(|_| "total limit holds"));
    seen.extend(limits.per_customer.map(|_| "customer limit holds"));
    seen.extend(limits.per_code.map(|_| "code limit holds"));
    seen.extend(limits.per_day.map(|_| "limit of a day holds"));
    seen.extend(limits.per_week.map(|_| "limit of a week holds"));
    seen.extend(limits.per_month.map(|_| "limit of a month holds"));
    seen.extend((!limits.budget.is_empty()).then_some("budget holds"));
    seen.extend(counts_occurrences(terms).then_some("limit of occurrences holds"));
}
