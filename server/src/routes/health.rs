//! Health: whether the process lives, and whether it can do its work.

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;

/// It lives.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// It can read its database, whose schema is this version's, and queue work for its writer; and it has not been told to stop.
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if !app.is_stopping() && app.store().batcher().is_open() && app.store().is_readable().await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
