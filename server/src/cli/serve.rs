//! `tearoff serve`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::clock::SystemClock;
use crate::config::{Config, Settings};
use crate::ids::SystemIds;
use crate::json;
use crate::seed::Seed;
use crate::server::Server;

/// Serves until it is told to stop.
///
/// # Errors
/// What is wrong, in words for whoever started it.
pub(super) fn run(settings: &Settings) -> Result<(), String> {
    let config = Config::check(settings).map_err(|faults| faults.join("\ntearoff: "))?;
    let seed = settings.seed.as_deref().map(read_seed).transpose()?.unwrap_or_default();
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_span_events(FmtSpan::NONE)
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| format!("the runtime cannot be started: {error}"))?.block_on(serve(config, seed))
}

fn read_seed(path: &Path) -> Result<Seed, String> {
    let text = fs::read(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))?;
    json::parse(&text).map_err(|fault| format!("`{}`: `{}` {}", path.display(), fault.field, fault.message))
}

async fn serve(config: Config, seed: Seed) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("signals cannot be heard: {error}");
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let server = Server::start(config, seed, Arc::new(SystemClock), Arc::new(SystemIds)).await;
    let mut server = server.map_err(|error| error.to_string())?;
    tracing::info!(address = %server.address(), "listening");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        broken = server.broken() => return Err(broken.to_string()),
    }
    tracing::info!("stopping");
    server.shut_down().await.map_err(|broken| broken.to_string())?;
    tracing::info!("stopped");
    Ok(())
}
