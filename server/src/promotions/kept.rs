//! Which promotions this server can keep: those whose facts it can establish by itself. Any other is refused when it is made, never
//! accepted and decided without its facts.

use tearoff_core::invalid::{Fault, Faults, InvalidField};
use tearoff_core::promotion::Kind;
use tearoff_core::promotion::draft::{ConditionDraft, Draft};

/// Whatever of a draft asks for facts that this server has no record of.
pub(super) fn not_kept(draft: &Draft, field: &str) -> Vec<InvalidField> {
    let mut faults = Faults::within(field);
    let mut refuse = |field: &str, what: &str| {
        faults.add(field, Fault::Unknown, format!("{what} is not kept by this server"));
    };
    if draft.kind == Kind::Referral {
        refuse("kind", "a promotion of this kind");
    }
    for (index, condition) in draft.conditions.iter().enumerate() {
        let of_history = match condition {
            ConditionDraft::Audience { .. }
            | ConditionDraft::FirstOrder {}
            | ConditionDraft::FirstAppointment {}
            | ConditionDraft::NamedCustomers { .. }
            | ConditionDraft::ActivePass { .. } => true,
            ConditionDraft::Redeemable { .. }
            | ConditionDraft::RedeemableHours { .. }
            | ConditionDraft::AppointmentWindow { .. }
            | ConditionDraft::AppointmentHours { .. }
            | ConditionDraft::Weekdays { .. }
            | ConditionDraft::MinimumSubtotal { .. }
            | ConditionDraft::MaximumSubtotal { .. }
            | ConditionDraft::MaximumLines { .. }
            | ConditionDraft::BookingType { .. }
            | ConditionDraft::Channels { .. }
            | ConditionDraft::LeadTime { .. } => false,
        };
        if of_history {
            refuse(&format!("conditions[{index}]"), "what this condition asks of the customer");
        }
    }
    faults.into_vec()
}
