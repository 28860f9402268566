//! A quote as JSON, written as core's own `Serialize` writes it (a test compares the two). By hand, because serde's way costs the
//! page four kilobytes. Nothing is left out: every field is named here, so that a new one does not compile until it is written.

use tearoff_core::evaluate::Hint;
use tearoff_core::money::{Amount, Currency, Money};
use tearoff_core::promotion::Selector;
use tearoff_core::promotion::condition::LeadTime;
use tearoff_core::quote::{
    Allocation, Decision, Later, OccurrenceAllocation, Outcome, Quote, QuotedLine, QuotedOccurrence,
};
use tearoff_core::reason::Reason;
use tearoff_core::text::digits;
use tearoff_core::time::{DailyRange, LocalStart, Weekdays, format_instant};

/// The quote as JSON.
pub(super) fn quote(quote: &Quote) -> String {
    let Quote { currency, subtotal, discount, total, lines, decisions } = quote;
    let mut out = Json::default();
    out.open("", '{');
    out.currency(currency);
    out.amounts(*subtotal, *discount, *total);
    out.list("lines", lines, line);
    out.list("decisions", decisions, decision);
    out.close('}');
    out.text
}

fn line(out: &mut Json, line: &QuotedLine) {
    let QuotedLine { id, subtotal, discount, total, occurrences, later, gift } = line;
    out.text("id", id.as_str());
    out.amounts(*subtotal, *discount, *total);
    out.list("occurrences", occurrences, |out, occurrence| {
        let QuotedOccurrence { start, subtotal, discount, total } = occurrence;
        out.start(start);
        out.amounts(*subtotal, *discount, *total);
    });
    match later {
        None => out.raw("later", "null"),
        Some(Later { subtotal, discount, total, times }) => {
            out.open("later", '{');
            out.amounts(*subtotal, *discount, *total);
            out.number("times", *times);
            out.close('}');
        }
    }
    out.optional("gift", gift.as_ref().map(|item| item.as_str()));
}

fn decision(out: &mut Json, decision: &Decision) {
    let Decision { code, promotion, label, note, outcome, hints } = decision;
    out.optional("code", code.as_deref());
    out.optional("promotion", promotion.as_ref().map(|promotion| promotion.as_str()));
    out.optional("label", label.as_ref().map(|label| label.as_str()));
    out.optional("note", note.as_ref().map(|note| note.as_str()));
    let (status, reasons) = match outcome {
        Outcome::Applied { discount, allocations } => {
            out.amount("discount_minor", *discount);
            out.list("allocations", allocations, allocation);
            ("applied", None)
        }
        Outcome::Waiting { reasons } => ("waiting", Some(reasons)),
        Outcome::Rejected { reasons } => ("rejected", Some(reasons)),
    };
    out.text("status", status);
    if let Some(reasons) = reasons {
        out.list("reasons", reasons, reason);
    }
    out.list("hints", hints, hint);
}

fn allocation(out: &mut Json, allocation: &Allocation) {
    let Allocation { line, discount, occurrences } = allocation;
    out.text("line", line.as_str());
    out.amount("discount_minor", *discount);
    out.list("occurrences", occurrences, |out, occurrence| {
        let OccurrenceAllocation { start, discount } = occurrence;
        out.start(start);
        out.amount("discount_minor", *discount);
    });
}

fn reason(out: &mut Json, reason: &Reason) {
    let code = match reason {
        Reason::UnknownCode => "unknown_code",
        Reason::PromotionInactive => "promotion_inactive",
        Reason::CurrencyNotOffered { currency } => {
            out.currency(currency);
            "currency_not_offered"
        }
        Reason::NotYetActive { starts_at } => {
            out.text("starts_at", &format_instant(*starts_at));
            "not_yet_active"
        }
        Reason::Expired { ended_at } => {
            out.text("ended_at", &format_instant(*ended_at));
            "expired"
        }
        Reason::UsageLimitReached => "usage_limit_reached",
        Reason::CustomerLimitReached => "customer_limit_reached",
        Reason::EmptyCart => "empty_cart",
        Reason::DateNeeded => "date_needed",
        Reason::CustomerNeeded => "customer_needed",
        Reason::NoEligibleLines => "no_eligible_lines",
        Reason::OutsideWeekdays { days } => {
            out.days(*days);
            "outside_weekdays"
        }
        Reason::MinimumSpendNotMet { required, actual } => {
            out.money("required", required);
            out.money("actual", actual);
            "minimum_spend_not_met"
        }
        Reason::MaximumSpendExceeded { allowed, actual } => {
            out.money("allowed", allowed);
            out.money("actual", actual);
            "maximum_spend_exceeded"
        }
        Reason::NotCombinable { with } => {
            out.text("with", with);
            "not_combinable"
        }
        Reason::OwnReferral => "own_referral",
        Reason::OutsideRedeemableHours { hours } => {
            out.hours("hours", *hours);
            "outside_redeemable_hours"
        }
        Reason::ExistingCustomersOnly => "existing_customers_only",
        Reason::NewCustomersOnly => "new_customers_only",
        Reason::FirstOrderOnly => "first_order_only",
        Reason::FirstAppointmentOnly => "first_appointment_only",
        Reason::NotForThisCustomer => "not_for_this_customer",
        Reason::PassNeeded => "pass_needed",
        Reason::OtherChannel => "other_channel",
        Reason::CodeLimitReached => "code_limit_reached",
        Reason::PeriodLimitReached { period } => {
            out.text("period", period.name());
            "period_limit_reached"
        }
        Reason::BudgetExhausted => "budget_exhausted",
        Reason::BetterDiscountApplied { discount } => {
            out.money("discount", discount);
            "better_discount_applied"
        }
        Reason::GiftNotChosen { items } => {
            out.open("items", '[');
            items.iter().for_each(|item| out.text("", item.as_str()));
            out.close(']');
            "gift_not_chosen"
        }
        Reason::FrequencyNeeded => "frequency_needed",
        Reason::SignInNeeded => "sign_in_needed",
        Reason::MinimumQuantityNotMet { required, actual } => {
            out.number("required", Some(*required));
            out.number("actual", Some(*actual));
            "minimum_quantity_not_met"
        }
        Reason::OutsideAppointmentWindow { window } => {
            out.open("window", '{');
            out.optional("from", window.from().map(|from| from.text()).as_deref());
            out.optional("until", window.until().map(|until| until.text()).as_deref());
            out.close('}');
            "outside_appointment_window"
        }
        Reason::OutsideAppointmentHours { hours } => {
            out.hours("hours", *hours);
            "outside_appointment_hours"
        }
        Reason::TooManyLines { allowed, actual } => {
            out.number("allowed", Some(*allowed));
            out.number("actual", Some(*actual));
            "too_many_lines"
        }
        Reason::OtherBookingType { booking } => {
            out.text("booking", booking.name());
            "other_booking_type"
        }
        Reason::OutsideLeadTime { lead: LeadTime { at_least, at_most } } => {
            out.number("at_least_minutes", *at_least);
            out.number("at_most_minutes", *at_most);
            "outside_lead_time"
        }
    };
    out.text("code", code);
    out.text("message", &reason.message());
}

fn hint(out: &mut Json, hint: &Hint) {
    let kind = match hint {
        Hint::SpendMore { amount } => {
            out.money("amount", amount);
            "spend_more"
        }
        Hint::ChooseWeekday { days } => {
            out.days(*days);
            "choose_weekday"
        }
        Hint::Replace { code } => {
            out.text("code", code);
            "replace"
        }
        Hint::AddUnits { line, count } => {
            out.text("line", line.as_str());
            out.number("count", Some(*count));
            "add_units"
        }
        Hint::Add { what } => {
            match what {
                Selector::Kind { kind } => out.text("kind", kind.name()),
                Selector::Category { category } => out.text("category", category.as_str()),
                Selector::Item { item } => out.text("item", item.as_str()),
            }
            "add"
        }
        Hint::TakeOut { line } => {
            out.text("line", line.as_str());
            "take_out"
        }
        Hint::ChooseDate { date } => {
            out.text("date", &date.text());
            "choose_date"
        }
        Hint::ChooseTime { hours } => {
            out.range(*hours);
            "choose_time"
        }
        Hint::ChooseFrequency { frequency } => {
            out.text("frequency", frequency.name());
            "choose_frequency"
        }
    };
    out.text("type", kind);
}

/// A JSON being written.
#[derive(Default)]
struct Json {
    text: String,
}

impl Json {
    /// Begins a value, after its name if it has one.
    fn begin(&mut self, name: &str) {
        if !self.text.is_empty() && !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
        if !name.is_empty() {
            self.quoted(name);
            self.text.push(':');
        }
    }

    fn open(&mut self, name: &str, bracket: char) {
        self.begin(name);
        self.text.push(bracket);
    }

    fn close(&mut self, bracket: char) {
        self.text.push(bracket);
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        for letter in text.chars() {
            match letter {
                '"' | '\\' => self.text.extend(['\\', letter]),
                // An owner may have spelled a code with a tab.
                '\0'..='\x1f' => self.text.extend(["\\u00", &hex(u32::from(letter))]),
                _ => self.text.push(letter),
            }
        }
        self.text.push('"');
    }

    fn text(&mut self, name: &str, text: &str) {
        self.begin(name);
        self.quoted(text);
    }

    fn optional(&mut self, name: &str, text: Option<&str>) {
        match text {
            Some(text) => self.text(name, text),
            None => self.raw(name, "null"),
        }
    }

    fn raw(&mut self, name: &str, text: &str) {
        self.begin(name);
        self.text.push_str(text);
    }

    fn number(&mut self, name: &str, number: Option<u32>) {
        match number {
            Some(number) => self.raw(name, &digits(number.into())),
            None => self.raw(name, "null"),
        }
    }

    fn range(&mut self, hours: DailyRange) {
        let [from, until] = hours.texts();
        self.text("from", &from);
        self.text("until", &until);
    }

    fn hours(&mut self, name: &str, hours: DailyRange) {
        self.open(name, '{');
        self.range(hours);
        self.close('}');
    }

    fn amount(&mut self, name: &str, amount: Amount) {
        self.begin(name);
        self.text.push_str(&digits(amount.minor_unsigned()));
    }

    fn amounts(&mut self, subtotal: Amount, discount: Amount, total: Amount) {
        self.amount("subtotal_minor", subtotal);
        self.amount("discount_minor", discount);
        self.amount("total_minor", total);
    }

    fn currency(&mut self, currency: &Currency) {
        self.text("currency", currency.code());
    }

    fn money(&mut self, name: &str, money: &Money) {
        let Money { currency, amount } = money;
        self.open(name, '{');
        self.currency(currency);
        self.amount("amount_minor", *amount);
        self.close('}');
    }

    fn start(&mut self, start: &LocalStart) {
        self.text("start", &start.text());
    }

    fn days(&mut self, days: Weekdays) {
        self.open("days", '[');
        days.names().for_each(|name| self.text("", name));
        self.close(']');
    }

    fn list<T>(&mut self, name: &str, items: &[T], write: fn(&mut Self, &T)) {
        self.open(name, '[');
        for item in items {
            self.open("", '{');
            write(self, item);
            self.close('}');
        }
        self.close(']');
    }
}

/// Two hexadecimal digits.
fn hex(number: u32) -> String {
    [number >> 4, number & 15].into_iter().filter_map(|half| char::from_digit(half, 16)).collect()
}

#[cfg(test)]
mod tests;
