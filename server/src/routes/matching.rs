//! `ETag` and `If-Match`: an edit is made for the state that its owner saw (SPEC section 14).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::problem::Problem;

/// What names a state. A revision never comes back, so neither does its tag.
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

/// The states that an edit was made for, if the owner says which.
#[derive(Clone, Debug)]
pub(super) struct Expected(Option<String>);

impl Expected {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(header::IF_MATCH);
        Self(given.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()))
    }

    /// Whether `what` is in such a state.
    ///
    /// # Errors
    /// 412 when somebody has changed it since.
    pub(super) fn check(&self, revision: u32, what: &str) -> Result<(), Problem> {
        let found = tag(revision);
        let fits = |expected: &String| expected.split(',').map(str::trim).any(|one| one == "*" || one == found);
        if self.0.as_ref().is_none_or(fits) {
            return Ok(());
        }
        let title = format!("the {what} has changed since it was read");
        Err(Problem::new(StatusCode::PRECONDITION_FAILED, "changed_meanwhile", &title))
    }
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
            (Some("*"), true),
            (Some("\"8\""), false),
        ]
        .into_iter()
        .chain(["", "7", "W/\"7\"", "\"77\"", "\"7"].map(|given| (Some(given), false)))
        {
            let mut headers = HeaderMap::new();
            if let Some(given) = given {
                headers.insert(header::IF_MATCH, given.parse().unwrap());
            }
            assert_eq!(Expected::of(&headers).check(7, "site").is_ok(), fits, "{given:?}");
        }
    }
}
