//! The server's answers. Only what the page needs is read, and leniently: a newer server may say more, or say it otherwise.

use std::rc::Rc;

use tearoff_core::money::{Amount, Currency};

use super::kept;
use crate::answer::{Answer, Decided, Failure, Priced, Refusal, Source, Status, Told};
use crate::record::Record;

pub(super) fn answer(body: &Record) -> Option<Answer> {
    Some(Answer {
        engine: body.integer("engine")?,
        snapshot: body.text("snapshot").map(Rc::from),
        digests: digests(&body.record("digests")?),
        quote: quote(&body.record("quote")?)?,
    })
}

fn digests(digests: &Record) -> String {
    ["terms", "cart", "facts", "result", "evaluation"].map(|name| digests.text(name).unwrap_or_default()).concat()
}

pub(super) fn refusal(problem: &Record) -> Failure {
    let Some(code) = problem.text("code") else { return Failure::Unavailable };
    Failure::Refused(Rc::new(Refusal {
        code,
        detail: problem.text("detail").or_else(|| problem.text("title")).unwrap_or_default(),
        quote: problem.record("quote").and_then(|quote| self::quote(&quote)),
        body: kept(problem),
    }))
}

fn quote(quote: &Record) -> Option<Priced> {
    Some(Priced {
        currency: Currency::parse(&quote.text("currency")?).ok()?,
        subtotal: amount(quote, "subtotal_minor")?,
        discount: amount(quote, "discount_minor")?,
        total: amount(quote, "total_minor")?,
        decided: decided(quote.list("decisions").first()?)?.into(),
        source: Source::Server(kept(quote)),
    })
}

fn amount(record: &Record, name: &str) -> Option<Amount> {
    Amount::new(record.integer(name)?).ok()
}

/// Reasons stay the server's sentences: it may have reasons that this engine does not know.
fn decided(decision: &Record) -> Option<Decided> {
    let status = match decision.text("status")?.as_str() {
        "applied" => Status::Applied,
        "waiting" => Status::Waiting,
        "rejected" => Status::Rejected,
        _ => return None,
    };
    Some(Decided {
        code: decision.text("code")?,
        status,
        discount: amount(decision, "discount_minor").unwrap_or(Amount::ZERO),
        label: decision.text("label"),
        note: decision.text("note"),
        told: Told::Server(decision.list("reasons").iter().filter_map(|reason| reason.text("message")).collect()),
    })
}
