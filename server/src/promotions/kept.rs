//! Which promotions this server can keep: those whose facts it can establish by itself. Any other is refused when it is made, never
//! accepted and decided without its facts.

use tearoff_core::invalid::{Fault, Faults, InvalidField};
use tearoff_core::promotion::draft::{BenefitDraft, ConditionDraft, Draft, LimitDraft, LimitsDraft};
use tearoff_core::promotion::{Kind, Unit};

/// Whatever of a draft asks for facts that this server has no record of.
pub(super) fn not_kept(draft: &Draft, field: &str) -> Vec<InvalidField> {
    let mut faults = Faults::within(field);
    let mut refuse = |field: &str, what: &str| {
        faults.add(field, Fault::Unknown, format!("{what} is not kept by this server"));
    };
    if draft.kind != Kind::Coupon {
        refuse("kind", "a promotion of this kind");
    }
    if matches!(draft.benefit, BenefitDraft::Gift { .. }) {
        refuse("benefit", "a gift");
    }
    for (index, condition) in draft.conditions.iter().enumerate() {
        let of_history = match condition {
            ConditionDraft::Audience { .. }
            | ConditionDraft::FirstOrder {}
            | ConditionDraft::FirstAppointment {}
            | ConditionDraft::NamedCustomers { .. }
            | ConditionDraft::ActivePass { .. }
            | ConditionDraft::Channels { .. } => true,
            ConditionDraft::Redeemable { .. }
            | ConditionDraft::RedeemableHours { .. }
            | ConditionDraft::AppointmentWindow { .. }
            | ConditionDraft::AppointmentHours { .. }
            | ConditionDraft::Weekdays { .. }
            | ConditionDraft::MinimumSubtotal { .. }
            | ConditionDraft::MaximumSubtotal { .. }
            | ConditionDraft::MaximumLines { .. }
            | ConditionDraft::BookingType { .. }
            | ConditionDraft::LeadTime { .. } => false,
        };
        if of_history {
            refuse(&format!("conditions[{index}]"), "what this condition asks of the customer or the channel");
        }
    }
    let LimitsDraft { total, per_customer, per_code, per_day, per_week, per_month, budget } = &draft.limits;
    let counts_redemptions = |limit: &Option<LimitDraft>| limit.is_none_or(|limit| limit.count == Unit::Redemptions);
    for (name, limit, is_kept) in [
        ("limits.total", total, true),
        ("limits.per_customer", per_customer, true),
        ("limits.per_code", per_code, false),
        ("limits.per_day", per_day, false),
        ("limits.per_week", per_week, false),
        ("limits.per_month", per_month, false),
    ] {
        if limit.is_some() && !(is_kept && counts_redemptions(limit)) {
            refuse(name, "a limit of this kind");
        }
    }
    if !budget.is_empty() {
        refuse("limits.budget", "a budget");
    }
    faults.into_vec()
}
