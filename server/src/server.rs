//! A running server: the listener, its connections, the writer behind them, and an orderly end.

mod connections;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::app::{App, Parts, app};
use crate::clock::Clock;
use crate::config::Config;
use crate::files::{Files, FilesError};
use crate::ids::Ids;
use crate::leftovers::Absent;
use crate::limiter::Limiter;
use crate::metrics::{MeasuredWriter, Metrics, serve_metrics};
use crate::published::exposed;
use crate::redeem::{Batcher, Ended};
use crate::seed::{Seed, SeedError, plant};
use crate::store::{self, OpenError, Opened, Readers, SharedLimits, StoreError, Writer};
use crate::sweeper::sweep;
use connections::{Stop, Stopping, serve};

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
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
        let absent = Absent::before(&config.database);
        let started = Self::start_on(config, seed, clock, ids).await;
        if started.is_err() {
            absent.clear();
        }
        started
    }

    async fn start_on(
        config: Config,
        seed: Seed,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, StartError> {
        let files = config.www.as_deref().map(Files::read).transpose()?;
        let (listener, address) = bind(config.listen).await?;
        let metrics_listener = match config.metrics_listen {
            None => None,
            Some(address) => Some(bind(address).await?),
        };
        let metrics = Arc::new(Metrics::default());
        let (config, seed, Opened { writer, readers, limits }) = open(config, seed, clock.now()).await?;
        let limiter = limiter(&config, limits, Arc::clone(&ids)).await?;
        let writer: Box<dyn Writer> = match metrics_listener {
            None => writer,
            Some(_) => Box::new(MeasuredWriter::new(writer, Arc::clone(&metrics), Arc::clone(&clock))),
        };
        let (batcher, ended) = Batcher::start(writer, Arc::clone(&clock)).map_err(StartError::Thread)?;
        let planted = match plant(seed, &batcher, &ids).await {
            Ok(()) => keyless_sites(&readers).await,
            Err(error) => Err(error.into()),
        };
        match planted {
            Ok(keyless) => warn_of_keyless(keyless),
            Err(error) => {
                // Whoever writes closes the database last, and folds its log into it.
                drop((readers, batcher));
                let _ = ended.await;
                return Err(error);
            }
        }
        let sweeping = tokio::spawn(sweep(batcher.clone()));
        let stopping = Arc::new(AtomicBool::new(false));
        let application = App::new(Parts {
            readers,
            batcher,
            clock,
            ids,
            limiter,
            trusted_proxies: config.trusted_proxies,
            public_origins: config.public_origins,
            files,
            metrics: Arc::clone(&metrics),
            stopping: Arc::clone(&stopping),
        });
        let (stop, stopped) = watch::channel(Stop::Not);
        let how = Stopping { timeout: config.stop_timeout, stop: stop.clone(), stopped };
        let serving = tokio::spawn(serve(listener, app(application), Arc::clone(&metrics), how));
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

/// Begins to listen; tells where.
async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let unheard = |error| StartError::Listen(address, error);
    let listener = TcpListener::bind(address).await.map_err(unheard)?;
    let address = listener.local_addr().map_err(unheard)?;
    Ok((listener, address))
}

/// Opens the database, where it may take its time; one with a key that everybody knows is not served to others.
async fn open(config: Config, seed: Seed, now: DateTime<Utc>) -> Result<(Config, Seed, Opened), StartError> {
    apart(move || {
        let opened = store::open_with(&config.database, config.durability)?;
        match exposed(&config, &seed, &*opened.readers, now)? {
            Some(key) => Err(StartError::Published(key)),
            None => Ok((config, seed, opened)),
        }
    })
    .await
}

/// The limiter, which shares its budgets where the database is shared.
async fn limiter(
    config: &Config,
    limits: Option<Box<dyn SharedLimits>>,
    ids: Arc<dyn Ids>,
) -> Result<Limiter, StartError> {
    let own = config.limits();
    apart(move || {
        let mut key = [0; 32];
        ids.fill(&mut key).map_err(StoreError::from)?;
        match limits {
            None => Ok(Limiter::new(own, key)),
            Some(mut limits) => {
                let key = limits.key(key)?;
                Limiter::new(own, key).shared(limits).map_err(StartError::Thread)
            }
        }
    })
    .await
}

/// The sites that nobody can use.
async fn keyless_sites(readers: &Arc<dyn Readers>) -> Result<Option<Vec<String>>, StartError> {
    let readers = Arc::clone(readers);
    apart(move || {
        let mut found = Ok(None);
        readers.read(&mut |read| found = read.keyless_sites())?;
        Ok(found?)
    })
    .await
}

/// Does what waits for a database on a thread of its own.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StartError> + Send + 'static,
) -> Result<T, StartError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(StartError::Thread(io::Error::other(error))))
}

/// Says which sites nobody can use: without a key every request is refused, and whoever set the server up would wonder.
fn warn_of_keyless(sites: Option<Vec<String>>) {
    match sites {
        None => tracing::warn!(
            "there is no site: nobody can use this server until `tearoff site add`, or `--seed FILE`, gives it one, with its keys"
        ),
        Some(sites) if sites.is_empty() => {}
        Some(sites) => tracing::warn!(
            sites = sites.join(", "),
            "no key opens these sites: nobody can use them until `tearoff site keys`, or `--seed FILE` with `keys`, gives each `pk_…` for its \
             pages and `sk_…` for its backend"
        ),
    }
}

fn broken(ended: Result<Result<(), StoreError>, oneshot::error::RecvError>) -> Broken {
    match ended {
        Ok(Err(error)) => Broken::Writer(error),
        Ok(Ok(())) | Err(_) => Broken::WriterDied,
    }
}
