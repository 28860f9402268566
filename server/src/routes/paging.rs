//! Pages of a list: `?after=ID&limit=50`.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use tearoff_core::invalid::{Fault, InvalidField};

use crate::problem::Problem;

/// Which page is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Paging {
    /// The id of the last thing of the page before.
    pub(super) after: Option<String>,
    /// How many things, 1 to 100; 50 when absent.
    pub(super) limit: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    after: Option<String>,
    limit: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let given = Query::<Given>::from_request_parts(parts, state).await;
        let Query(given) = given.map_err(|_| fault("query", Fault::Unknown, "may hold `after` and `limit` only"))?;
        Self::parse(given.after, given.limit)
    }
}

impl Paging {
    /// Reads which page is asked for.
    pub(super) fn parse(after: Option<String>, limit: Option<String>) -> Result<Self, Problem> {
        let limit = limit.map_or(Ok(50), |limit| limit.parse());
        match limit {
            Ok(limit @ 1..=100) => Ok(Self { after, limit }),
            _ => Err(fault("limit", Fault::OutOfBounds, "must be 1 to 100")),
        }
    }

    /// How many things are looked for: one more than are shown tells whether there is a next page.
    pub(super) const fn looked_for(&self) -> u32 {
        self.limit.saturating_add(1)
    }

    /// Leaves what is shown; gives what names the last of it, where there is a next page.
    pub(super) fn cut<T, N>(&self, found: &mut Vec<T>, name: impl Fn(&T) -> N) -> Option<N> {
        let shown = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = found.len() > shown;
        found.truncate(shown);
        found.last().filter(|_| more).map(name)
    }
}

/// The fault of an `after` that names nothing.
pub(super) fn unknown_after() -> Problem {
    fault("after", Fault::Unknown, "is no id of this list")
}

fn fault(field: &str, code: Fault, message: &'static str) -> Problem {
    Problem::invalid(&[InvalidField { field: field.into(), code, message: message.into() }])
}
