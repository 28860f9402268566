//! What came of codes and of what acts by itself: every status, reason and hint.

use tearoff_core::evaluate::Hint;
use tearoff_core::promotion::Period;
use tearoff_core::quote::{Decision, Outcome};
use tearoff_core::reason::Reason;

use super::Seen;

pub(super) fn note(decision: &Decision, seen: &mut Seen) {
    seen.insert(match decision.outcome {
        Outcome::Applied { .. } => "applied",
        Outcome::Waiting { .. } => "waiting",
        Outcome::Rejected { .. } => "rejected",
    });
    seen.extend((decision.reasons().len() > 1).then_some("several reasons"));
    // Spelled out, so that a new reason or hint must be named here, and be given a minimum, before this compiles.
    for reason in decision.reasons() {
        seen.insert(match reason {
            Reason::UnknownCode => "unknown_code",
            Reason::PromotionInactive => "promotion_inactive",
            Reason::CurrencyNotOffered { .. } => "currency_not_offered",
            Reason::NotYetActive { .. } => "not_yet_active",
            Reason::Expired { .. } => "expired",
            Reason::UsageLimitReached => "usage_limit_reached",
            Reason::CustomerLimitReached => "customer_limit_reached",
            Reason::EmptyCart => "empty_cart",
            Reason::DateNeeded => "date_needed",
            Reason::CustomerNeeded => "customer_needed",
            Reason::NoEligibleLines => "no_eligible_lines",
            Reason::OutsideWeekdays { .. } => "outside_weekdays",
            Reason::MinimumSpendNotMet { .. } => "minimum_spend_not_met",
            Reason::MaximumSpendExceeded { .. } => "maximum_spend_exceeded",
            Reason::TooManyLines { .. } => "too_many_lines",
            Reason::NotCombinable { .. } => "not_combinable",
            Reason::OwnReferral => "own_referral",
            Reason::OutsideRedeemableHours { .. } => "outside_redeemable_hours",
            Reason::ExistingCustomersOnly => "existing_customers_only",
            Reason::NewCustomersOnly => "new_customers_only",
            Reason::FirstOrderOnly => "first_order_only",
            Reason::FirstAppointmentOnly => "first_appointment_only",
            Reason::NotForThisCustomer => "not_for_this_customer",
            Reason::PassNeeded => "pass_needed",
            Reason::OtherChannel => "other_channel",
            Reason::CodeLimitReached => "code_limit_reached",
            Reason::PeriodLimitReached { period: Period::Day } => "period_limit_reached of a day",
            Reason::PeriodLimitReached { period: Period::Week } => "period_limit_reached of a week",
            Reason::PeriodLimitReached { period: Period::Month } => "period_limit_reached of a month",
            Reason::BudgetExhausted => "budget_exhausted",
            Reason::BetterDiscountApplied { .. } => "better_discount_applied",
            Reason::GiftNotChosen { .. } => "gift_not_chosen",
            Reason::FrequencyNeeded => "frequency_needed",
            Reason::SignInNeeded => "sign_in_needed",
            Reason::MinimumQuantityNotMet { .. } => "minimum_quantity_not_met",
            Reason::OutsideAppointmentWindow { .. } => "outside_appointment_window",
            Reason::OutsideAppointmentHours { .. } => "outside_appointment_hours",
            Reason::OtherBookingType { .. } => "other_booking_type",
            Reason::OutsideLeadTime { .. } => "outside_lead_time",
        });
    }
    for hint in &decision.hints {
        seen.insert(match hint {
            Hint::SpendMore { .. } => "hint spend_more",
            Hint::ChooseWeekday { .. } => "hint choose_weekday",
            Hint::Replace { .. } => "hint replace",
            Hint::AddUnits { .. } => "hint add_units",
            Hint::Add { .. } => "hint add",
            Hint::TakeOut { .. } => "hint take_out",
            Hint::ChooseDate { .. } => "hint choose_date",
            Hint::ChooseTime { .. } => "hint choose_time",
            Hint::ChooseFrequency { .. } => "hint choose_frequency",
        });
    }
}
