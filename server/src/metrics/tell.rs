//! The listener on which Prometheus asks.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, serve};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Metrics;

/// Answers `GET /metrics` on a listener of its own, until it is aborted. Whoever reaches it may read: it is for the operator's network.
pub(crate) fn serve_metrics(listener: TcpListener, metrics: Arc<Metrics>) -> JoinHandle<()> {
    const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let answer = move || async move {
        match metrics.text() {
            Ok(text) => ([(header::CONTENT_TYPE, TYPE)], text).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    };
    tokio::spawn(async move {
        // It ends when it is aborted, and by nothing else.
        let _ = serve(listener, Router::new().route("/metrics", get(answer))).await;
    })
}
