//! The server's answers. Only what the page needs is read, and leniently: a newer server may say more, or say it otherwise.

use std::rc::Rc;

use tearoff_core::digest::{Digest, Digests};
use tearoff_core::evaluate::Hint;
use tearoff_core::money::{Amount, Currency, Money};
use tearoff_core::reason::Reason;
use tearoff_core::time::{Weekdays, parse_instant};

use crate::answer::{Answer, Decided, Failure, Priced, Refusal, Source, Status, Why};
use crate::json;
use crate::record::{self, Record};

pub(super) fn answer(body: &Record) -> Option<Answer> {
    Some(Answer {
        engine: u32::try_from(body.integer("engine")?).ok()?,
        snapshot: body.text("snapshot").map(Rc::from),
        digests: body.record("digests").and_then(|digests| self::digests(&digests)),
        quote: quote(&body.record("quote")?)?,
    })
}

pub(super) fn refusal(problem: &Record) -> Failure {
    let Some(code) = problem.text("code") else { return Failure::Unavailable };
    Failure::Refused(Box::new(Refusal {
        code,
        detail: problem.text("detail").or_else(|| problem.text("title")).unwrap_or_default(),
        quote: problem.record("quote").and_then(|quote| self::quote(&quote)),
        body: json::keep(problem),
    }))
}

fn digests(digests: &Record) -> Option<Digests> {
    let digest = |name| Digest::parse(&digests.text(name)?);
    Some(Digests {
        terms: digest("terms")?,
        cart: digest("cart")?,
        facts: digest("facts")?,
        result: digest("result")?,
        evaluation: digest("evaluation")?,
    })
}

fn quote(quote: &Record) -> Option<Priced> {
    Some(Priced {
        currency: currency(quote)?,
        subtotal: amount(quote, "subtotal_minor")?,
        discount: amount(quote, "discount_minor")?,
        total: amount(quote, "total_minor")?,
        decided: decided(&record::of(quote.list("decisions").get(0))?)?,
        source: Source::Server(json::keep(quote)),
    })
}

fn currency(record: &Record) -> Option<Currency> {
    Currency::parse(&record.text("currency")?).ok()
}

fn amount(record: &Record, name: &str) -> Option<Amount> {
    Amount::new(record.integer(name)?).ok()
}

fn money(record: &Record, name: &str) -> Option<Money> {
    let money = record.record(name)?;
    Some(Money { currency: currency(&money)?, amount: amount(&money, "amount_minor")? })
}

fn weekdays(record: &Record) -> Option<Weekdays> {
    let names: Vec<String> = record.list("days").iter().filter_map(|name| name.as_string()).collect();
    Weekdays::parse(names.iter().map(String::as_str)).ok()
}

fn decided(decision: &Record) -> Option<Decided> {
    let status = match decision.text("status")?.as_str() {
        "applied" => Status::Applied,
        "waiting" => Status::Waiting,
        "rejected" => Status::Rejected,
        _ => return None,
    };
    let list = |name| decision.list(name).iter().filter_map(record::of).collect::<Vec<_>>();
    Some(Decided {
        code: decision.text("code")?,
        status,
        discount: amount(decision, "discount_minor").unwrap_or(Amount::ZERO),
        label: decision.text("label"),
        note: decision.text("note"),
        reasons: list("reasons").iter().map(why).collect(),
        hints: list("hints").iter().filter_map(hint).collect(),
    })
}

/// A reason of this engine, or else the server's sentence.
fn why(reason: &Record) -> Why {
    known(reason).map_or_else(|| Why::Told(reason.text("message").unwrap_or_default()), Why::Known)
}

/// The reasons whose data the page says in its own way; for all others the server's sentence is as good.
fn known(reason: &Record) -> Option<Reason> {
    Some(match reason.text("code")?.as_str() {
        "not_yet_active" => Reason::NotYetActive { starts_at: parse_instant(&reason.text("starts_at")?).ok()? },
        "outside_weekdays" => Reason::OutsideWeekdays { days: weekdays(reason)? },
        "minimum_spend_not_met" => {
            Reason::MinimumSpendNotMet { required: money(reason, "required")?, actual: money(reason, "actual")? }
        }
        "maximum_spend_exceeded" => {
            Reason::MaximumSpendExceeded { allowed: money(reason, "allowed")?, actual: money(reason, "actual")? }
        }
        _ => return None,
    })
}

/// A hint of this engine. Others are not shown.
fn hint(hint: &Record) -> Option<Hint> {
    Some(match hint.text("type")?.as_str() {
        "spend_more" => Hint::SpendMore { amount: money(hint, "amount")? },
        "choose_weekday" => Hint::ChooseWeekday { days: weekdays(hint)? },
        "replace" => Hint::Replace { code: hint.text("code")?.into() },
        _ => return None,
    })
}
