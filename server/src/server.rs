//! A running server: the listener, its connections, the writer behind them, and an orderly end.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::JoinHandle;
use tower::Service;

use crate::app::{App, Parts, app};
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::files::{Files, FilesError};
use crate::ids::Ids;
use crate::leftovers::Absent;
use crate::metrics::{MeasuredWriter, Metrics, listen, serve_metrics};
use crate::open_files::allow_connections;
use crate::published::exposed;
use crate::redeem::{Batcher, Ended};
use crate::seed::{Seed, SeedError, plant};
use crate::store::sqlite::{self, OpenError};
use crate::store::{Opened, StoreError, Writer, keyless_sites};
use crate::sweeper::sweep;

/// How long a connection may take to send the head of a request, the waiting between two requests included.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// There is nothing yet that speaks to it.
    #[error("PostgreSQL is not spoken yet: this version keeps its data in one file, `--database sqlite:PATH`")]
    Postgres,
    /// The bundle cannot be read.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The seed cannot be planted.
    #[error("the seed cannot be used: {0}")]
    Seed(#[from] SeedError),
    /// Others could do everything with a key that everybody knows.
    #[error(
        "others than this machine could use the secret key `{0}`, which is published with the demo: give the site keys of its own, or \
         `--allow-published-keys` if everybody may change and redeem everything"
    )]
    Published(&'static str),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("`{0}` cannot be listened on: {1}")]
    Listen(SocketAddr, io::Error),
    /// The operating system gives no thread.
    #[error("the writer cannot be started: {0}")]
    Thread(io::Error),
}

/// Why a server ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A commit failed: nothing more may be written without reading the disk anew.
    #[error("the writer ended: {0}")]
    Writer(StoreError),
    /// The writer's thread died.
    #[error("the writer died")]
    WriterDied,
}

/// A server that runs until it is shut down or breaks.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    stopping: Arc<AtomicBool>,
    stop: watch::Sender<Stop>,
    serving: JoinHandle<()>,
    /// Who tells the metrics.
    telling: Option<JoinHandle<()>>,
    sweeping: JoinHandle<()>,
    writer: Ended,
}

impl Server {
    /// Opens the database, plants the seed, and begins to listen.
    ///
    /// # Errors
    /// [`StartError`]. Nothing is then left that was not there before.
    pub async fn start(
        config: Config,
        seed: Seed,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, StartError> {
        let Database::Sqlite(database) = config.database.clone() else { return Err(StartError::Postgres) };
        let absent = Absent::before(&database);
        let started = Self::start_on(&database, config, seed, clock, ids).await;
        if started.is_err() {
            absent.clear();
        }
        started
    }

    async fn start_on(
        database: &Path,
        config: Config,
        seed: Seed,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, StartError> {
        let files = config.www.as_deref().map(Files::read).transpose()?;
        let unheard = |error| StartError::Listen(config.listen, error);
        let listener = TcpListener::bind(config.listen).await.map_err(unheard)?;
        let address = listener.local_addr().map_err(unheard)?;
        let metrics_listener = match config.metrics_listen {
            None => None,
            Some(address) => Some(listen(address).await.map_err(|error| StartError::Listen(address, error))?),
        };
        let metrics = Arc::new(Metrics::default());
        let Opened { writer, readers } = sqlite::open(database)?;
        if let Some(key) = exposed(&config, &seed, &*readers)? {
            return Err(StartError::Published(key));
        }
        let writer: Box<dyn Writer> = match metrics_listener {
            None => writer,
            Some(_) => Box::new(MeasuredWriter::new(writer, Arc::clone(&metrics), Arc::clone(&clock))),
        };
        let (batcher, ended) = Batcher::start(writer, Arc::clone(&clock)).map_err(StartError::Thread)?;
        if let Err(error) = plant(seed, &batcher, &ids).await {
            // Whoever writes closes the database last, and folds its log into it.
            drop((readers, batcher));
            let _ = ended.await;
            return Err(error.into());
        }
        warn_of_keyless(keyless_sites(database)?);
        let sweeping = tokio::spawn(sweep(batcher.clone()));
        let stopping = Arc::new(AtomicBool::new(false));
        let application = App::new(Parts {
            readers,
            batcher,
            clock,
            ids,
            guesses: config.guesses,
            page_redemptions: config.page_redemptions,
            trusted_proxies: config.trusted_proxies,
            public_origins: config.public_origins,
            files,
            metrics: Arc::clone(&metrics),
            stopping: Arc::clone(&stopping),
        });
        let (stop, stopped) = watch::channel(Stop::Not);
        let stopping_by = Stopping { timeout: config.stop_timeout, stop: stop.clone(), stopped };
        let serving = tokio::spawn(serve(listener, app(application), Arc::clone(&metrics), stopping_by));
        let metrics_address = metrics_listener.as_ref().map(|(_, address)| *address);
        let telling = metrics_listener.map(|(listener, _)| serve_metrics(listener, metrics));
        Ok(Self { address, metrics_address, stopping, stop, serving, telling, sweeping, writer: ended })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its metrics are asked for.
    #[must_use]
    pub const fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// Waits until it breaks.
    ///
    /// # Errors
    /// Always: a server does not end well by itself.
    pub async fn broken(&mut self) -> Broken {
        broken((&mut self.writer).await)
    }

    /// Stops accepting, lets requests under way end, and waits for the last commit.
    ///
    /// # Errors
    /// [`Broken`] when the last commit failed; whoever waited for it was not told that it held.
    pub async fn shut_down(self) -> Result<(), Broken> {
        self.stopping.store(true, Ordering::Relaxed);
        // Nobody listens any more only when it has stopped already.
        let _ = self.stop.send(Stop::Gently);
        let _ = self.serving.await;
        self.sweeping.abort();
        let _ = self.sweeping.await;
        if let Some(telling) = self.telling {
            telling.abort();
        }
        // All who could queue work are gone: the writer writes what is left, and ends.
        match self.writer.await {
            Ok(Ok(())) => Ok(()),
            other => Err(broken(other)),
        }
    }
}

/// Says which sites nobody can use: without a key every request is refused, and whoever set the server up would wonder.
fn warn_of_keyless(sites: Option<Vec<String>>) {
    match sites {
        None => tracing::warn!(
            "there is no site: nobody can use this server until `--seed FILE` gives it one, with its keys"
        ),
        Some(sites) if sites.is_empty() => {}
        Some(sites) => tracing::warn!(
            sites = sites.join(", "),
            "no key opens these sites: nobody can use them until `--seed FILE` gives each its `keys`, `pk_…` for its pages and `sk_…` for \
             its backend"
        ),
    }
}

fn broken(ended: Result<Result<(), StoreError>, oneshot::error::RecvError>) -> Broken {
    match ended {
        Ok(Err(error)) => Broken::Writer(error),
        Ok(Ok(())) | Err(_) => Broken::WriterDied,
    }
}

/// How a server is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    /// Not at all.
    Not,
    /// Accept nothing more, and end what is under way.
    Gently,
    /// Leave what is still under way.
    AtOnce,
}

/// How it is learned that, and said how, the server is to stop.
struct Stopping {
    /// How long requests under way may take to end.
    timeout: Duration,
    stop: watch::Sender<Stop>,
    stopped: watch::Receiver<Stop>,
}

async fn serve(listener: TcpListener, router: Router, metrics: Arc<Metrics>, stopping: Stopping) {
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
