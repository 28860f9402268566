//! What lookups and quotes have in common: the question from a request, and the answer.

use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use tearoff_core::ENGINE;
use tearoff_core::digest::Digests;
use tearoff_core::quote::Quote;
use tearoff_core::time::format_instant;
use tokio::time::{Instant, sleep_until};
use utoipa::ToSchema;

use super::openapi;
use crate::app::App;
use crate::establish::{Question, Unestablished};
use crate::keys::Caller;
use crate::limiter::TooMany;
use crate::problem::Problem;
use crate::store::KeyKind;

/// A priced answer. It reserves nothing.
#[derive(Debug, Serialize, ToSchema)]
// core's `Answer` is that of `tearoff quote`.
#[schema(as = PricedAnswer)]
pub(crate) struct Answer {
    /// Which engine answered.
    pub(super) engine: u32,
    /// The server's clock, by which it was answered.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub(super) now_at: DateTime<Utc>,
    /// What the cart costs, and why.
    #[schema(value_type = openapi::Quote)]
    pub(super) quote: Quote,
    /// Digests of the evaluation and its parts.
    #[schema(value_type = openapi::Digests)]
    pub(super) digests: Digests,
}

impl Answer {
    pub(super) fn of(question: &Question, now_at: DateTime<Utc>) -> Self {
        let (quote, digests) = question.answer();
        Self { engine: ENGINE, now_at, quote, digests }
    }
}

/// Answers on the budget of whoever asks. A page is charged for as many guesses as there may be, and is given back what was no guess, or
/// was not answered; the host's own backend is not charged. `answer` tells how many were guesses.
///
/// # Errors
/// 429 when the page's address has asked or guessed too often; else what `answer` says.
pub(super) async fn charged<T>(
    app: &App,
    caller: &Caller,
    most: usize,
    answer: impl Future<Output = Result<(T, usize), Problem>>,
) -> Result<T, Problem> {
    if caller.kind == KeyKind::Secret {
        return answer.await.map(|(answer, _)| answer);
    }
    let count = |guesses: usize| u32::try_from(guesses).unwrap_or(u32::MAX);
    let (site, address) = (caller.site.number, caller.address);
    app.limiter().charge(site, address, count(most)).map_err(too_many)?;
    let asked_at = Instant::now();
    let answered = answer.await;
    let guesses = answered.as_ref().map_or(0, |(_, guesses)| *guesses);
    app.limiter().give_back(site, address, count(most.saturating_sub(guesses)));
    let settled = app.limiter().settle(site, address, count(guesses)).await;
    if guesses > 0 {
        sleep_until(next_stroke(asked_at, Instant::now())).await;
    }
    settled.map_err(too_many)?;
    answered.map(|(answer, _)| answer)
}

fn too_many(refused: TooMany) -> Problem {
    let title = "this address has asked too often";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", title).retry_after(refused.retry_after_seconds)
}

/// When a guess is answered: at the next of the strokes that follow the question. A private code is read and evaluated, an unknown one is not;
/// both are done well before the first stroke, so that a clock tells them apart no better than the words do (R65).
fn next_stroke(asked_at: Instant, done_at: Instant) -> Instant {
    const EVERY: Duration = Duration::from_millis(5);
    let mut stroke = asked_at + EVERY;
    while stroke < done_at {
        stroke += EVERY;
    }
    stroke
}

impl From<Unestablished> for Problem {
    fn from(error: Unestablished) -> Self {
        match error {
            Unestablished::Invalid(errors) => Self::invalid(&errors),
            Unestablished::Cart(refused) => refused.into(),
            Unestablished::Store(error) => error.into(),
        }
    }
}

/// Writes an instant in core's one form.
pub(super) fn instant<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format_instant(*at))
}

/// The same, for one that may be absent.
pub(super) fn optional_instant<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        None => serializer.serialize_none(),
        Some(at) => instant(at, serializer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_are_answered_on_the_stroke() {
        let asked_at = Instant::now();
        let after = |micros: u64| next_stroke(asked_at, asked_at + Duration::from_micros(micros)) - asked_at;
        assert_eq!([after(0), after(200), after(5000)], [Duration::from_millis(5); 3]);
        assert_eq!(after(5001), Duration::from_millis(10));
    }
}
