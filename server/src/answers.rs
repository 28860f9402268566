//! What was answered under an idempotency key (R56): the same request gets the first answer again, another one is a mistake.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};

use crate::problem::Problem;
use crate::store::{Answered, Fingerprint, FirstAnswer, Read, SiteNumber, Stored, Write};

/// How long an answer is kept under its idempotency key.
const KEPT: TimeDelta = TimeDelta::hours(48);

/// A request that may come again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeatable {
    /// Of which site.
    pub(crate) site: SiteNumber,
    /// The hash of its idempotency key.
    pub(crate) key: [u8; 16],
    /// The hash of the request.
    pub(crate) fingerprint: Fingerprint,
}

impl Repeatable {
    /// What was answered to it; or the problem that its key was used with another request. `None` when it is new.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub(crate) fn earlier(&self, store: &dyn Read, now: DateTime<Utc>) -> Stored<Option<Result<FirstAnswer, Problem>>> {
        let answered = store.answered(self.site, &self.key, now)?;
        Ok(answered.map(|answered| {
            if answered.fingerprint == self.fingerprint {
                return Ok(answered.first);
            }
            let title = "this idempotency key was used with another request";
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", title))
        }))
    }

    /// Keeps its first answer, in the transaction of what was done.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub(crate) fn keep(&self, store: &dyn Write, now: DateTime<Utc>, first: FirstAnswer) -> Stored<()> {
        let until = now.checked_add_signed(KEPT).unwrap_or(DateTime::<Utc>::MAX_UTC);
        store.keep_answer(self.site, &self.key, &Answered { fingerprint: self.fingerprint, first }, until)
    }
}
