//! One of each of what a page may have to say, and a quote of them.

use tearoff_core::cart::{Frequency, LineKind};
use tearoff_core::evaluate::Hint;
use tearoff_core::few::Few;
use tearoff_core::id::{CategoryId, ItemId, LineId, PromotionId};
use tearoff_core::money::{Amount, Currency, Money};
use tearoff_core::promotion::condition::{BookingType, LeadTime};
use tearoff_core::promotion::{Period, Selector};
use tearoff_core::quote::{
    Allocation, Decision, Later, OccurrenceAllocation, Outcome, Quote, QuotedLine, QuotedOccurrence,
};
use tearoff_core::reason::Reason;
use tearoff_core::text::Text;
use tearoff_core::time::{DailyRange, LocalStart, LocalWindow, Weekdays, parse_instant};

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

fn money(minor: i64) -> Money {
    Money { currency: Currency::parse("EUR").unwrap(), amount: amount(minor) }
}

fn days(names: &[&str]) -> Weekdays {
    Weekdays::parse(names.iter().copied()).unwrap()
}

fn hours(from: &str, until: &str) -> DailyRange {
    DailyRange::parse(from, until).unwrap()
}

fn window(from: Option<&str>, until: Option<&str>) -> LocalWindow {
    LocalWindow::new(from.map(start), until.map(start)).unwrap()
}

fn start(text: &str) -> LocalStart {
    LocalStart::parse(text).unwrap()
}

/// Every reason, some of them twice. One that is new does not compile until it stands here too.
///
/// # Panics
/// Never: each is valid.
#[must_use]
pub fn reasons() -> Vec<Reason> {
    let listed = |reason: &Reason| match reason {
        Reason::UnknownCode
        | Reason::PromotionInactive
        | Reason::CurrencyNotOffered { .. }
        | Reason::NotYetActive { .. }
        | Reason::Expired { .. }
        | Reason::UsageLimitReached
        | Reason::CustomerLimitReached
        | Reason::EmptyCart
        | Reason::DateNeeded
        | Reason::CustomerNeeded
        | Reason::NoEligibleLines
        | Reason::OutsideWeekdays { .. }
        | Reason::MinimumSpendNotMet { .. }
        | Reason::MaximumSpendExceeded { .. }
        | Reason::TooManyLines { .. }
        | Reason::NotCombinable { .. }
        | Reason::OwnReferral
        | Reason::OutsideRedeemableHours { .. }
        | Reason::ExistingCustomersOnly
        | Reason::NewCustomersOnly
        | Reason::FirstOrderOnly
        | Reason::FirstAppointmentOnly
        | Reason::NotForThisCustomer
        | Reason::PassNeeded
        | Reason::OtherChannel
        | Reason::CodeLimitReached
        | Reason::PeriodLimitReached { .. }
        | Reason::BudgetExhausted
        | Reason::BetterDiscountApplied { .. }
        | Reason::GiftNotChosen { .. }
        | Reason::FrequencyNeeded
        | Reason::SignInNeeded
        | Reason::MinimumQuantityNotMet { .. }
        | Reason::OutsideAppointmentWindow { .. }
        | Reason::OutsideAppointmentHours { .. }
        | Reason::OtherBookingType { .. }
        | Reason::OutsideLeadTime { .. } => true,
    };
    let all = vec![
        Reason::UnknownCode,
        Reason::PromotionInactive,
        Reason::CurrencyNotOffered { currency: Currency::parse("JPY").unwrap() },
        Reason::NotYetActive { starts_at: parse_instant("2026-12-01T08:30:00Z").unwrap() },
        Reason::Expired { ended_at: parse_instant("1999-01-02T03:04:05.006Z").unwrap() },
        Reason::UsageLimitReached,
        Reason::CustomerLimitReached,
        Reason::EmptyCart,
        Reason::DateNeeded,
        Reason::CustomerNeeded,
        Reason::NoEligibleLines,
        Reason::OutsideWeekdays { days: days(&["tue", "sun"]) },
        Reason::MinimumSpendNotMet { required: money(5_000), actual: money(7) },
        Reason::MaximumSpendExceeded { allowed: money(0), actual: money(1_000_000_000_000) },
        Reason::TooManyLines { allowed: 2, actual: 500 },
        Reason::NotCombinable { with: "a \"b\" \\ c\td €".into() },
        Reason::OwnReferral,
        Reason::OutsideRedeemableHours { hours: hours("22:00", "02:00:30") },
        Reason::ExistingCustomersOnly,
        Reason::NewCustomersOnly,
        Reason::FirstOrderOnly,
        Reason::FirstAppointmentOnly,
        Reason::NotForThisCustomer,
        Reason::PassNeeded,
        Reason::OtherChannel,
        Reason::CodeLimitReached,
        Reason::PeriodLimitReached { period: Period::Week },
        Reason::BudgetExhausted,
        Reason::BetterDiscountApplied { discount: money(700) },
        Reason::GiftNotChosen { items: vec![ItemId::parse("mat").unwrap(), ItemId::parse("oil").unwrap()] },
        Reason::FrequencyNeeded,
        Reason::SignInNeeded,
        Reason::MinimumQuantityNotMet { required: 3, actual: 0 },
        Reason::OutsideAppointmentWindow { window: window(Some("2026-12-01"), None) },
        Reason::OutsideAppointmentWindow { window: window(None, Some("2026-12-01T18:00")) },
        Reason::OutsideAppointmentWindow { window: window(Some("2026-12-01"), Some("2026-12-24")) },
        Reason::OutsideAppointmentHours { hours: hours("17:00", "19:00") },
        Reason::OtherBookingType { booking: BookingType::Recurring },
        Reason::OutsideLeadTime { lead: LeadTime { at_least: Some(60), at_most: None } },
        Reason::OutsideLeadTime { lead: LeadTime { at_least: None, at_most: Some(2880) } },
        Reason::OutsideLeadTime { lead: LeadTime { at_least: Some(45), at_most: Some(0) } },
        Reason::OtherBookingType { booking: BookingType::OneTime },
        Reason::PeriodLimitReached { period: Period::Day },
        Reason::PeriodLimitReached { period: Period::Month },
        Reason::TooManyLines { allowed: 1, actual: 2 },
        Reason::MinimumQuantityNotMet { required: 1, actual: 0 },
    ];
    assert!(all.iter().all(listed));
    all
}

/// Every hint, some of them twice. One that is new does not compile until it stands here too.
///
/// # Panics
/// Never: each is valid.
#[must_use]
pub fn hints() -> Vec<Hint> {
    let all = vec![
        Hint::SpendMore { amount: money(1) },
        Hint::ChooseWeekday { days: days(&["mon", "wed", "sat"]) },
        Hint::Replace { code: "SUMMER25".into() },
        Hint::AddUnits { line: LineId::parse("yoga").unwrap(), count: 2 },
        Hint::Add { what: Selector::Kind { kind: LineKind::GroupClass } },
        Hint::Add { what: Selector::Category { category: CategoryId::parse("classes").unwrap() } },
        Hint::Add { what: Selector::Item { item: ItemId::parse("mat").unwrap() } },
        Hint::TakeOut { line: LineId::parse("mat").unwrap() },
        Hint::ChooseDate { date: start("2026-12-01") },
        Hint::ChooseTime { hours: hours("17:00", "19:00") },
        Hint::ChooseFrequency { frequency: Frequency::Recurring },
        Hint::ChooseFrequency { frequency: Frequency::OneTime },
        Hint::ChooseFrequency { frequency: Frequency::OpenEnded },
    ];
    let listed = |hint: &Hint| match hint {
        Hint::SpendMore { .. }
        | Hint::ChooseWeekday { .. }
        | Hint::Replace { .. }
        | Hint::AddUnits { .. }
        | Hint::Add { .. }
        | Hint::TakeOut { .. }
        | Hint::ChooseDate { .. }
        | Hint::ChooseTime { .. }
        | Hint::ChooseFrequency { .. } => true,
    };
    assert!(all.iter().all(listed));
    all
}

fn allocations() -> Vec<Allocation> {
    let dated = ["2026-12-01", "2026-12-01T18:00", "2026-12-01T18:00:09"];
    let occurrences =
        dated.map(|text| OccurrenceAllocation { start: start(text), discount: amount(12) }).into_iter().collect();
    vec![
        Allocation { line: LineId::parse("yoga").unwrap(), discount: amount(36), occurrences },
        Allocation { line: LineId::parse("\"mat\\").unwrap(), discount: amount(0), occurrences: Few::new() },
    ]
}

fn lines() -> Vec<QuotedLine> {
    let (subtotal, discount, total) = (amount(100), amount(12), amount(88));
    let occurrences =
        [QuotedOccurrence { start: start("2026-12-01T18:00"), subtotal, discount, total }].into_iter().collect();
    let line = |id: &str, occurrences| QuotedLine {
        id: LineId::parse(id).unwrap(),
        subtotal,
        discount,
        total,
        occurrences,
        later: None,
        gift: None,
    };
    let later = |times| Some(Later { subtotal, discount, total, times });
    vec![
        line("yoga", occurrences),
        line("mat", Few::new()),
        QuotedLine { later: later(None), ..line("pass", Few::new()) },
        QuotedLine { later: later(Some(2)), gift: ItemId::parse("oil").ok(), ..line("~gift0", Few::new()) },
    ]
}

fn quote_of(outcomes: Vec<Outcome>) -> Quote {
    let decision = |(index, outcome): (usize, Outcome)| {
        let is_known = index % 2 == 0;
        let text = |text: &str| is_known.then(|| Text::parse(text).unwrap());
        Decision {
            code: is_known.then(|| "Summer 25".into()),
            promotion: is_known.then(|| PromotionId::parse("p1").unwrap()),
            label: text("20 % off — \"Sommer\""),
            note: text("Bring a mat."),
            outcome,
            hints: if is_known { hints() } else { Vec::new() },
        }
    };
    let decisions = outcomes.into_iter().enumerate().map(decision).collect();
    let (subtotal, discount, total) = (amount(200), amount(24), amount(176));
    Quote { currency: Currency::parse("EUR").unwrap(), subtotal, discount, total, lines: lines(), decisions }
}

/// Quotes with every outcome.
#[must_use]
pub fn quotes() -> Vec<Quote> {
    let applied = || Outcome::Applied { discount: amount(36), allocations: allocations() };
    let nothing = Outcome::Applied { discount: amount(0), allocations: Vec::new() };
    let (waiting, rejected) = (Outcome::Waiting { reasons: reasons() }, Outcome::Rejected { reasons: reasons() });
    let outcomes = [vec![], vec![applied(), waiting.clone(), rejected.clone()], vec![rejected, waiting, nothing]];
    outcomes.map(quote_of).into()
}
