//! Health: whether the process lives, and whether it can do its work.

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;

/// It lives.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// It can read its database and queue work for its writer.
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.store().batcher().is_open() && app.store().is_readable().await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
