//! What lookups and quotes have in common: the question from a request, and the answer.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use tearoff_core::ENGINE;
use tearoff_core::digest::Digests;
use tearoff_core::quote::Quote;
use tearoff_core::time::format_instant;
use utoipa::ToSchema;

use super::openapi;
use crate::establish::{Question, Unestablished};
use crate::problem::Problem;

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
