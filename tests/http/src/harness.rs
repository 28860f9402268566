//! The server inside a test: a port of its own, a database in a temporary folder, a clock that the test moves.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tearoff_server::Server;
use tearoff_server::clock::Clock;
use tearoff_server::config::{Config, Database, GUESS_BURST, GUESSES_PER_MINUTE};
use tearoff_server::ids::{Ids, SystemIds};
use tearoff_server::limiter::{Guesses, PageRedemptions, SiteGuesses};
use tearoff_server::store::sqlite::Durability;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::client::Client;
use crate::clock::TestClock;
use crate::database;
use crate::examples::KnownIds;
use crate::site::{OPENING, Site};

/// How a server is set up on a port of its own, so that nobody runs out of anything.
#[must_use]
pub fn plenty(database: Database) -> Config {
    const PLENTY: NonZeroU32 = NonZeroU32::MAX;
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database,
        durability: Durability::Full,
        metrics_listen: None,
        www: None,
        trusted_proxies: Vec::new(),
        public_origins: Vec::new(),
        allow_published_keys: false,
        stop_timeout: Duration::from_secs(15),
        guesses: Guesses { per_minute: PLENTY, burst: PLENTY },
        site_guesses: SiteGuesses(PLENTY),
        page_redemptions: PageRedemptions(PLENTY),
    }
}

/// A running server. It is shut down in an orderly way when it is dropped.
#[derive(Debug)]
pub struct Harness {
    server: Option<Server>,
    runtime: Runtime,
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    clock: Arc<TestClock>,
    sites: Vec<Site>,
    folder: TempDir,
}

impl Harness {
    /// A server with the one studio, on which nobody runs out of guesses.
    #[must_use]
    pub fn open() -> Self {
        Self::with(vec![Site::studio("studio")])
    }

    /// A server with these sites, on which nobody runs out of guesses.
    #[must_use]
    pub fn with(sites: Vec<Site>) -> Self {
        Self::configured(sites, |_| {})
    }

    /// A server with these sites that tells what it has counted.
    #[must_use]
    pub fn with_metrics(sites: Vec<Site>, configure: impl FnOnce(&mut Config)) -> Self {
        Self::configured(sites, |config| {
            config.metrics_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
            configure(config);
        })
    }

    /// A server with these sites that counts guesses as servers usually do.
    #[must_use]
    pub fn with_usual_guesses(sites: Vec<Site>) -> Self {
        let count = |count| NonZeroU32::new(count).expect("some guesses");
        let usual = Guesses { per_minute: count(GUESSES_PER_MINUTE), burst: count(GUESS_BURST) };
        Self::configured(sites, |config| config.guesses = usual)
    }

    /// A server with these sites whose ids and secrets are the same each time, as long as no other has run in this process.
    #[must_use]
    pub fn of_known_ids(sites: Vec<Site>) -> Self {
        Self::configured_of_known_ids(sites, |_| {})
    }

    /// The same with settings of its own.
    #[must_use]
    pub fn configured_of_known_ids(sites: Vec<Site>, configure: impl FnOnce(&mut Config)) -> Self {
        Self::started(sites, configure, Arc::new(KnownIds::default()))
    }

    /// A server with these sites, on which nobody runs out of anything unless `configure` says so.
    #[must_use]
    pub fn configured(sites: Vec<Site>, configure: impl FnOnce(&mut Config)) -> Self {
        Self::started(sites, configure, Arc::new(SystemIds))
    }

    fn started(sites: Vec<Site>, configure: impl FnOnce(&mut Config), ids: Arc<dyn Ids>) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let clock = Arc::new(TestClock::at(OPENING.parse().expect("an instant")));
        let mut config = plenty(database::empty(folder.path()));
        configure(&mut config);
        let seed = serde_json::from_value(Site::seed(&sites)).expect("a seed");
        let started = runtime.block_on(Server::start(config, seed, clock.clone(), ids));
        let server = started.expect("the server starts");
        let (address, metrics) = (server.address(), server.metrics_address());
        Self { server: Some(server), runtime, address, metrics, clock, sites, folder }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has counted, as Prometheus is told.
    ///
    /// # Panics
    /// When it does not tell.
    #[must_use]
    pub fn metrics(&self) -> String {
        let answer = Client::new(&format!("http://{}", self.metrics.expect("metrics are asked for"))).get("/metrics");
        assert_eq!(answer.status, 200);
        answer.text()
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// What its clock shows.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Its database file, where it is one.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("test.sqlite")
    }

    /// One of its sites, in the order in which they were given.
    #[must_use]
    pub fn site(&self, index: usize) -> &Site {
        &self.sites[index]
    }

    /// Somebody without a key.
    #[must_use]
    pub fn stranger(&self) -> Client {
        Client::new(&format!("http://{}", self.address))
    }

    /// The backend of the first site.
    #[must_use]
    pub fn backend(&self) -> Client {
        self.backend_of(0)
    }

    /// The backend of a site.
    #[must_use]
    pub fn backend_of(&self, site: usize) -> Client {
        self.stranger().with_key(&self.site(site).secret)
    }

    /// A page of the first site.
    #[must_use]
    pub fn page(&self) -> Client {
        self.page_of(0)
    }

    /// A page of a site.
    #[must_use]
    pub fn page_of(&self, site: usize) -> Client {
        self.stranger().with_key(&self.site(site).publishable)
    }

    /// All redemptions of the first site, the oldest first.
    #[must_use]
    pub fn redemptions(&self) -> Vec<Value> {
        redemptions(&self.backend())
    }

    /// All that is kept of the first site and can be seen from outside.
    #[must_use]
    pub fn kept(&self) -> Value {
        let backend = self.backend();
        json!({
            "redemptions": redemptions(&backend),
            "promotions": backend.get("/v1/promotions?limit=100").expect(200),
            "catalog": backend.get("/v1/catalog").expect(200),
            "site": backend.get("/v1/site").expect(200),
        })
    }
}

/// All redemptions that a backend can list, page by page.
///
/// # Panics
/// When the list is not as it should be.
#[must_use]
pub fn redemptions(backend: &Client) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    let mut after = String::new();
    loop {
        let mut page = backend.get(&format!("/v1/redemptions?limit=100{after}")).expect(200);
        let Value::Array(some) = page["redemptions"].take() else { panic!("no list of redemptions: {page}") };
        found.extend(some);
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        let Some(server) = self.server.take() else { return };
        let ended = self.runtime.block_on(server.shut_down());
        // A test that has failed already has said why.
        assert!(ended.is_ok() || std::thread::panicking(), "{ended:?}");
    }
}
