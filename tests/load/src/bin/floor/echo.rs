//! Parses a body, and sends it back.

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use crate::body::Body;

pub(crate) fn router() -> Router {
    Router::new().route("/v1/quotes", post(echo))
}

async fn echo(bytes: Bytes) -> Response {
    match serde_json::from_slice::<Body>(&bytes) {
        Ok(_) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}
