//! The connections of a server: accepted, served, and ended when it stops.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::Service;

use crate::metrics::Metrics;
use crate::open_files::allow_connections;

/// How long a connection may take to send the head of a request, the waiting between two requests included.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// How a server is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stop {
    /// Not at all.
    Not,
    /// Accept nothing more, and end what is under way.
    Gently,
    /// Leave what is still under way.
    AtOnce,
}

/// How it is learned that, and said how, the server is to stop.
pub(super) struct Stopping {
    /// How long requests under way may take to end.
    pub(super) timeout: Duration,
    pub(super) stop: watch::Sender<Stop>,
    pub(super) stopped: watch::Receiver<Stop>,
}

/// Serves until it is told to stop, and until what is under way has ended.
pub(super) async fn serve(listener: TcpListener, router: Router, metrics: Arc<Metrics>, stopping: Stopping) {
    let Stopping { timeout, stop, mut stopped } = stopping;
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(allow_connections()));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            _ = stopped.wait_for(|stop| *stop >= Stop::Gently) => break,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let router = router.clone();
        let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request.map(Body::new))
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        let mut stopped = stopped.clone();
        let connected = metrics.connected();
        tokio::spawn(async move {
            tokio::select! {
                // A connection that breaks is its client's affair.
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                },
                _ = stopped.wait_for(|stop| *stop == Stop::AtOnce) => {}
            }
            drop((place, connected));
        });
    }
    drop(listener);
    if tokio::time::timeout(timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still under way when the server stopped");
        // Everybody who listens is a connection that still hangs; without it the writer would wait for them.
        let _ = stop.send(Stop::AtOnce);
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    /// Long enough for a process out of file handles to get one back.
    const PAUSE: Duration = Duration::from_millis(50);
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Without it small answers wait for an acknowledgement; a connection that cannot have it works all the same.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, place))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection was not accepted");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}
