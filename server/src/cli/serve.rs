//! `tearoff serve`.

mod flags;

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::lines::{Broken, ended};
use crate::clock::SystemClock;
use crate::config::{Effective, Given, Reader, Told, declare};
use crate::ids::SystemIds;
use crate::server::Server;
pub(super) use flags::{Flags, unknown_flag};

/// Serves until it is told to stop, or tells what it would serve with. `unknown` are arguments that are no flags.
///
/// # Errors
/// What is wrong, in words for whoever started it.
pub(super) fn run(flags: Flags, unknown: Vec<String>) -> Result<ExitCode, String> {
    let check_only = flags.check_config;
    let given = Given::gather(flags.texts, env::vars_os());
    let mut reader = Reader::new(&given);
    let told = declare(&mut reader);
    let read = reader.finish();
    let faults: Vec<String> = unknown.into_iter().chain(read.faults).collect();
    let Some(told) = told.filter(|_| faults.is_empty()) else { return Err(faults.join("\ntearoff: ")) };
    if check_only {
        return ended(print(&read.effective)).map(|()| ExitCode::SUCCESS).map_err(|broken| broken.to_string());
    }
    let written = told.log.begin().map_err(|error| format!("the log cannot be written: {error}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("the runtime cannot be started: {error}"))?;
    let served = runtime.block_on(serve(told));
    // Whoever is told to stop at once waits for nobody.
    runtime.shutdown_background();
    drop(written);
    served.map(|()| ExitCode::SUCCESS)
}

/// What is set, as a file of settings, with where each comes from.
fn print(effective: &[Effective]) -> Result<(), Broken> {
    let mut out = io::stdout().lock();
    effective.iter().try_for_each(|setting| writeln!(out, "{setting}"))?;
    Ok(out.flush()?)
}

async fn serve(told: Told) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("signals cannot be heard: {error}");
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let server = Server::start(told.config, told.seed, Arc::new(SystemClock), Arc::new(SystemIds)).await;
    let mut server = server.map_err(|error| error.to_string())?;
    let metrics = server.metrics_address().map(tracing::field::display);
    tracing::info!(address = %server.address(), metrics, "listening");
    tokio::select! {
        () = told_to_stop(&mut terminate, &mut interrupt) => {}
        broken = server.broken() => return Err(broken.to_string()),
    }
    tracing::info!("stopping");
    tokio::select! {
        stopped = server.shut_down() => stopped.map_err(|broken| broken.to_string())?,
        () = told_to_stop(&mut terminate, &mut interrupt) => {
            return Err("told to stop twice: requests under way were left without an answer".into());
        }
    }
    tracing::info!("stopped");
    Ok(())
}

/// Waits for a signal that asks to stop.
async fn told_to_stop(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
