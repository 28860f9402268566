//! Problems: what went wrong, in the form of RFC 9457, with a stable `code`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tearoff_core::invalid::InvalidField;

use crate::ids::NoRandomness;
use crate::redeem::Unavailable;
use crate::store::StoreError;

/// One problem, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    status: StatusCode,
    members: Map<String, Value>,
    retry_after_seconds: Option<u64>,
}

impl Problem {
    /// A problem with its stable code and its title in English, lower case, without a full stop.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, title: &str) -> Self {
        let mut members = Map::new();
        members.insert("code".into(), code.into());
        members.insert("title".into(), title.into());
        members.insert("status".into(), status.as_u16().into());
        Self { status, members, retry_after_seconds: None }
    }

    /// The input does not parse: every fault with its field.
    #[must_use]
    pub fn invalid(errors: &[InvalidField]) -> Self {
        let problem = Self::new(StatusCode::BAD_REQUEST, "invalid_request", "the request is not valid");
        let detail = errors.first().map(|first| format!("`{}` {}", first.field, first.message));
        problem.detail(detail.unwrap_or_default()).with("errors", json!(errors))
    }

    /// There is no such thing on this site.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", &format!("there is no such {what}"))
    }

    /// We failed. The cause is logged under an incident id, which is all that is told.
    #[must_use]
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        let incident = incident();
        tracing::error!(%incident, %cause, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "the server failed")
            .detail("nothing is known to have been recorded; the same request can be sent again")
            .with("incident", incident.into())
    }

    /// It cannot be done now, but soon.
    #[must_use]
    pub fn unavailable(title: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title).retry_after(1)
    }

    /// Adds a sentence about this occurrence.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        let detail: String = detail.into();
        self.with("detail", detail.into())
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.into(), value);
        self
    }

    /// Says when to try again.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The body, so that the same bytes can be sent again.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        Value::Object(self.members.clone()).to_string().into_bytes()
    }
}

/// Names one failure in the log. Only a name: without random bytes it is empty, which hides nothing.
fn incident() -> String {
    let mut random = [0; 8];
    match getrandom::fill(&mut random) {
        Ok(()) => format!("inc_{:016x}", u64::from_be_bytes(random)),
        Err(_) => String::new(),
    }
}

/// The stable code of a problem, left with its response for whoever counts them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Code {
    /// The code.
    pub(crate) code: Box<str>,
}

/// A response of a problem's kind with the given body.
pub(crate) fn respond(status: StatusCode, body: Vec<u8>) -> Response {
    const TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");
    let code = serde_json::from_slice::<Code>(&body).ok();
    let mut response = (status, [(header::CONTENT_TYPE, TYPE)], body).into_response();
    if let Some(code) = code {
        response.extensions_mut().insert(code);
    }
    response
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = respond(self.status, self.body());
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Vec<InvalidField>> for Problem {
    fn from(errors: Vec<InvalidField>) -> Self {
        Self::invalid(&errors)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::unavailable(&error.to_string()),
            error => Self::internal(&error),
        }
    }
}

impl From<NoRandomness> for Problem {
    fn from(error: NoRandomness) -> Self {
        Self::internal(&error)
    }
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        Self::unavailable(&error.to_string())
    }
}
