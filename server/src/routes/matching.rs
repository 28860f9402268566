//! `ETag` and `If-Match`: an edit is made for the state that its owner saw (SPEC section 14).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use serde_json::json;
use tearoff_core::invalid::{Fault, InvalidField};

use crate::problem::Problem;

/// What names a state. A revision never comes back, so neither does its tag: a weak one, which is what a proxy that compresses makes of
/// it, names the same state.
fn tag(revision: u32) -> String {
    format!("\"{revision}\"")
}

/// Says which state a response shows.
pub(super) fn tagged(mut response: Response, revision: u32) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&tag(revision)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The states that an edit was made for.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    tags: Option<String>,
    is_needed: bool,
}

impl Expected {
    /// For an edit that overwrites what its owner has not seen if they do not say what they saw.
    pub(super) fn needed(headers: &HeaderMap) -> Self {
        Self { is_needed: true, ..Self::of(headers) }
    }

    /// For an edit that overwrites nothing.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(header::IF_MATCH);
        Self { tags: given.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()), is_needed: false }
    }

    /// Whether the owner says nothing.
    pub(super) const fn is_unsaid(&self) -> bool {
        self.tags.is_none()
    }

    /// Whether `what` is in such a state.
    ///
    /// # Errors
    /// 412 when somebody has changed it since, 428 when it must be said and is not.
    pub(super) fn check(&self, revision: u32, what: &str) -> Result<(), Problem> {
        let found = tag(revision);
        let is_it = |one: &str| one == "*" || one.strip_prefix("W/").unwrap_or(one) == found;
        let fits = |expected: &String| expected.split(',').map(str::trim).any(is_it);
        match &self.tags {
            None if self.is_needed => return Err(unsaid(what)),
            None => return Ok(()),
            Some(expected) if fits(expected) => return Ok(()),
            Some(_) => {}
        }
        let title = format!("the {what} has changed since it was read");
        Err(Problem::new(StatusCode::PRECONDITION_FAILED, "changed_meanwhile", &title))
    }
}

fn unsaid(what: &str) -> Problem {
    let message = format!("must hold the `ETag` with which the {what} was read, or `*` for whatever it is now");
    let detail = format!("`If-Match` {message}");
    let fault = InvalidField { field: "If-Match".into(), code: Fault::Required, message: message.into() };
    Problem::new(StatusCode::PRECONDITION_REQUIRED, "if_match_required", "an edit must say which state it was made for")
        .detail(detail)
        .with("errors", json!([fault]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_state_that_was_seen_fits() {
        for (given, fits) in [
            (None, true),
            (Some("\"7\""), true),
            (Some("\"1\", \"7\""), true),
            (Some("W/\"7\""), true),
            (Some("W/\"1\", W/\"7\""), true),
            (Some("*"), true),
            (Some("\"8\""), false),
        ]
        .into_iter()
        .chain(
            ["", "7", "W/7", "w/\"7\"", "W/W/\"7\"", "W/\"8\"", "W/*", "\"77\"", "\"7"]
                .map(|given| (Some(given), false)),
        ) {
            let mut headers = HeaderMap::new();
            if let Some(given) = given {
                headers.insert(header::IF_MATCH, given.parse().unwrap());
            }
            assert_eq!(Expected::of(&headers).check(7, "site").is_ok(), fits, "{given:?}");
            assert_eq!(Expected::needed(&headers).check(7, "site").is_ok(), fits && given.is_some(), "{given:?}");
        }
    }
}
