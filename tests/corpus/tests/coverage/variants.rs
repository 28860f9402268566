//! Each variant of what core can be told, or tell, has a story.

use std::collections::BTreeSet;

use tearoff_core::cart::Frequency;
use tearoff_core::evaluate::Hint;
use tearoff_core::policy::{Overflow, Precedence, SitePolicyDraft};
use tearoff_core::promotion::benefit::{BuyGet, Pick, Tiers};
use tearoff_core::promotion::condition::{Audience, Basis, BookingType, Channel, Counts};
use tearoff_core::promotion::draft::{LimitDraft, LimitsDraft};
use tearoff_core::promotion::{ActsOn, Benefit, Condition, Lane, Per, Period, Renewals, Series, Terms, Unit};
use tearoff_core::quote::Outcome;
use tearoff_core::reason::Reason;
use tearoff_corpus::native::question;

use super::stories;

/// Matches without a wildcard: a new variant does not compile until it stands here, and then needs a story.
#[test]
fn everything_that_core_can_be_told_or_tell_has_a_story() {
    let mut seen = BTreeSet::new();
    for story in stories() {
        let Ok(question) = question(&story) else { continue };
        seen.extend(story.given.promotions.iter().flat_map(|promotion| limits(&promotion.terms.limits)));
        seen.extend(policy(&story.given.site));
        seen.insert(channel(story.given.facts.channel));
        seen.extend(story.given.cart.lines.iter().filter_map(|line| line.frequency).map(frequency));
        for candidate in &question.candidates {
            seen.extend(terms(&candidate.terms));
        }
        let quote = question.answer().quote;
        for decision in &quote.decisions {
            seen.insert(match &decision.outcome {
                Outcome::Applied { .. } => "applied",
                Outcome::Waiting { .. } => "waiting",
                Outcome::Rejected { .. } => "rejected",
            });
            seen.extend(decision.reasons().iter().map(reason));
            seen.extend(decision.hints.iter().map(hint));
        }
        seen.extend(quote.lines.iter().filter_map(|line| line.later.as_ref()).map(|later| match later.times {
            None => "later: all or none",
            Some(_) => "later: so many",
        }));
    }
    let unseen: Vec<_> = VARIANTS.iter().filter(|variant| !seen.contains(**variant)).collect();
    assert!(unseen.is_empty(), "no story has {unseen:?}");
    let unlisted: Vec<_> = seen.iter().filter(|variant| !VARIANTS.contains(*variant)).collect();
    assert!(unlisted.is_empty(), "stand in a match and not in the list: {unlisted:?}");
}

const VARIANTS: &[&str] = &[
    // Benefits.
    "percent",
    "fixed per redemption",
    "fixed per occurrence",
    "fixed per unit",
    "no_discount",
    "fixed_price",
    "spend_tiers",
    "quantity_tiers",
    "buy_get",
    "buy_get: from others",
    "gift",
    "dearest units",
    "cheapest units",
    "each occurrence",
    "first occurrences",
    "first payments",
    "every payment",
    // Lanes.
    "price",
    "gift lane",
    "referral",
    "own lane",
    // Conditions.
    "redeemable",
    "redeemable_hours",
    "appointment_window",
    "appointment_hours",
    "weekdays",
    "minimum_subtotal",
    "maximum_subtotal",
    "maximum_lines",
    "all_lines",
    "eligible_lines",
    "before_discounts",
    "after_discounts",
    "existing customers",
    "new customers",
    "first_order",
    "first_appointment",
    "named_customers",
    "active_pass",
    "channels",
    "one-time bookings",
    "recurring bookings",
    "lead_time",
    // Limits.
    "total",
    "per_customer",
    "per_code",
    "per_day",
    "per_week",
    "per_month",
    "budget",
    "redemptions",
    "occurrences",
    // What the site decides, and where and how it is booked.
    "code_first",
    "best_for_customer",
    "partial",
    "refuse",
    "remaining",
    "list",
    "booking_page",
    "point_of_sale",
    "staff_inbox",
    "invoice",
    "one_time",
    "recurring",
    "open_ended",
    // Answers.
    "applied",
    "waiting",
    "rejected",
    "later: all or none",
    "later: so many",
    // Hints.
    "spend_more",
    "choose_weekday",
    "replace",
    "add_units",
    "add",
    "take_out",
    "choose_date",
    "choose_time",
    "choose_frequency",
    // Reasons.
    "unknown_code",
    "promotion_inactive",
    "own_referral",
    "currency_not_offered",
    "not_yet_active",
    "expired",
    "outside_redeemable_hours",
    "existing_customers_only",
    "new_customers_only",
    "first_order_only",
    "first_appointment_only",
    "not_for_this_customer",
    "pass_needed",
    "other_channel",
    "usage_limit_reached",
    "customer_limit_reached",
    "code_limit_reached",
    "period_limit_reached: day",
    "period_limit_reached: week",
    "period_limit_reached: month",
    "budget_exhausted",
    "better_discount_applied",
    "empty_cart",
    "gift_not_chosen",
    "date_needed",
    "frequency_needed",
    "customer_needed",
    "sign_in_needed",
    "minimum_quantity_not_met",
    "no_eligible_lines",
    "outside_appointment_window",
    "outside_appointment_hours",
    "outside_weekdays",
    "minimum_spend_not_met",
    "maximum_spend_exceeded",
    "too_many_lines",
    "other_booking_type",
    "outside_lead_time",
    "not_combinable",
];

fn terms(terms: &Terms) -> Vec<&'static str> {
    let mut seen = vec![
        benefit(&terms.benefit),
        match &terms.lane {
            Lane::Price => "price",
            Lane::Gift => "gift lane",
            Lane::Referral => "referral",
            Lane::Own(_) => "own lane",
        },
        match terms.series {
            Series::Each => "each occurrence",
            Series::First(_) => "first occurrences",
        },
        match terms.renewals {
            Renewals::First(_) => "first payments",
            Renewals::Forever => "every payment",
        },
    ];
    seen.extend(terms.units.map(|units| match units.pick {
        Pick::Dearest => "dearest units",
        Pick::Cheapest => "cheapest units",
    }));
    seen.extend(terms.conditions.iter().flat_map(condition));
    seen
}

fn benefit(benefit: &Benefit) -> &'static str {
    match benefit {
        Benefit::Percent { .. } => "percent",
        Benefit::Fixed { per, .. } => match per {
            Per::Redemption => "fixed per redemption",
            Per::Occurrence => "fixed per occurrence",
            Per::Unit => "fixed per unit",
        },
        Benefit::NoDiscount => "no_discount",
        Benefit::FixedPrice { .. } => "fixed_price",
        Benefit::Tiers(Tiers::Spend(_)) => "spend_tiers",
        Benefit::Tiers(Tiers::Quantity(_)) => "quantity_tiers",
        Benefit::BuyGet(BuyGet { from: None, .. }) => "buy_get",
        Benefit::BuyGet(BuyGet { from: Some(_), .. }) => "buy_get: from others",
        Benefit::Gift { .. } => "gift",
    }
}

fn condition(condition: &Condition) -> Vec<&'static str> {
    let sums = |name, basis: &Basis, counts: &Counts| {
        let basis = match basis {
            Basis::AllLines => "all_lines",
            Basis::EligibleLines => "eligible_lines",
        };
        let counts = match counts {
            Counts::BeforeDiscounts => "before_discounts",
            Counts::AfterDiscounts => "after_discounts",
        };
        vec![name, basis, counts]
    };
    match condition {
        Condition::Redeemable { .. } => vec!["redeemable"],
        Condition::RedeemableHours { .. } => vec!["redeemable_hours"],
        Condition::AppointmentWindow { .. } => vec!["appointment_window"],
        Condition::AppointmentHours { .. } => vec!["appointment_hours"],
        Condition::Weekdays { .. } => vec!["weekdays"],
        Condition::MinimumSubtotal { basis, counts, .. } => sums("minimum_subtotal", basis, counts),
        Condition::MaximumSubtotal { basis, counts, .. } => sums("maximum_subtotal", basis, counts),
        Condition::MaximumLines { .. } => vec!["maximum_lines"],
        Condition::Audience { audience: Audience::Existing } => vec!["existing customers"],
        Condition::Audience { audience: Audience::New } => vec!["new customers"],
        Condition::FirstOrder => vec!["first_order"],
        Condition::FirstAppointment => vec!["first_appointment"],
        Condition::NamedCustomers => vec!["named_customers"],
        Condition::ActivePass => vec!["active_pass"],
        Condition::Channels { .. } => vec!["channels"],
        Condition::BookingType { booking: BookingType::OneTime } => vec!["one-time bookings"],
        Condition::BookingType { booking: BookingType::Recurring } => vec!["recurring bookings"],
        Condition::LeadTime { .. } => vec!["lead_time"],
    }
}

fn limits(limits: &LimitsDraft) -> Vec<&'static str> {
    let LimitsDraft { total, per_customer, per_code, per_day, per_week, per_month, budget } = limits;
    let named = [
        ("total", total),
        ("per_customer", per_customer),
        ("per_code", per_code),
        ("per_day", per_day),
        ("per_week", per_week),
        ("per_month", per_month),
    ];
    let unit = |limit: &LimitDraft| match limit.count {
        Unit::Redemptions => "redemptions",
        Unit::Occurrences => "occurrences",
    };
    let given = named.into_iter().filter_map(|(name, limit)| limit.as_ref().map(|limit| [name, unit(limit)]));
    given.flatten().chain((!budget.is_empty()).then_some("budget")).collect()
}

fn policy(site: &SitePolicyDraft) -> [&'static str; 3] {
    [
        match site.precedence {
            Precedence::CodeFirst => "code_first",
            Precedence::BestForCustomer => "best_for_customer",
        },
        match site.overflow {
            Overflow::Partial => "partial",
            Overflow::Refuse => "refuse",
        },
        match site.acts_on {
            ActsOn::Remaining => "remaining",
            ActsOn::List => "list",
        },
    ]
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::BookingPage => "booking_page",
        Channel::PointOfSale => "point_of_sale",
        Channel::StaffInbox => "staff_inbox",
        Channel::Invoice => "invoice",
    }
}

fn frequency(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::OneTime => "one_time",
        Frequency::Recurring => "recurring",
        Frequency::OpenEnded => "open_ended",
    }
}

fn hint(hint: &Hint) -> &'static str {
    match hint {
        Hint::SpendMore { .. } => "spend_more",
        Hint::ChooseWeekday { .. } => "choose_weekday",
        Hint::Replace { .. } => "replace",
        Hint::AddUnits { .. } => "add_units",
        Hint::Add { .. } => "add",
        Hint::TakeOut { .. } => "take_out",
        Hint::ChooseDate { .. } => "choose_date",
        Hint::ChooseTime { .. } => "choose_time",
        Hint::ChooseFrequency { .. } => "choose_frequency",
    }
}

fn reason(reason: &Reason) -> &'static str {
    match reason {
        Reason::UnknownCode => "unknown_code",
        Reason::PromotionInactive => "promotion_inactive",
        Reason::OwnReferral => "own_referral",
        Reason::CurrencyNotOffered { .. } => "currency_not_offered",
        Reason::NotYetActive { .. } => "not_yet_active",
        Reason::Expired { .. } => "expired",
        Reason::OutsideRedeemableHours { .. } => "outside_redeemable_hours",
        Reason::ExistingCustomersOnly => "existing_customers_only",
        Reason::NewCustomersOnly => "new_customers_only",
        Reason::FirstOrderOnly => "first_order_only",
        Reason::FirstAppointmentOnly => "first_appointment_only",
        Reason::NotForThisCustomer => "not_for_this_customer",
        Reason::PassNeeded => "pass_needed",
        Reason::OtherChannel => "other_channel",
        Reason::UsageLimitReached => "usage_limit_reached",
        Reason::CustomerLimitReached => "customer_limit_reached",
        Reason::CodeLimitReached => "code_limit_reached",
        Reason::PeriodLimitReached { period: Period::Day } => "period_limit_reached: day",
        Reason::PeriodLimitReached { period: Period::Week } => "period_limit_reached: week",
        Reason::PeriodLimitReached { period: Period::Month } => "period_limit_reached: month",
        Reason::BudgetExhausted => "budget_exhausted",
        Reason::BetterDiscountApplied { .. } => "better_discount_applied",
        Reason::EmptyCart => "empty_cart",
        Reason::GiftNotChosen { .. } => "gift_not_chosen",
        Reason::DateNeeded => "date_needed",
        Reason::FrequencyNeeded => "frequency_needed",
        Reason::CustomerNeeded => "customer_needed",
        Reason::SignInNeeded => "sign_in_needed",
        Reason::MinimumQuantityNotMet { .. } => "minimum_quantity_not_met",
        Reason::NoEligibleLines => "no_eligible_lines",
        Reason::OutsideAppointmentWindow { .. } => "outside_appointment_window",
        Reason::OutsideAppointmentHours { .. } => "outside_appointment_hours",
        Reason::OutsideWeekdays { .. } => "outside_weekdays",
        Reason::MinimumSpendNotMet { .. } => "minimum_spend_not_met",
        Reason::MaximumSpendExceeded { .. } => "maximum_spend_exceeded",
        Reason::TooManyLines { .. } => "too_many_lines",
        Reason::OtherBookingType { .. } => "other_booking_type",
        Reason::OutsideLeadTime { .. } => "outside_lead_time",
        Reason::NotCombinable { .. } => "not_combinable",
    }
}
