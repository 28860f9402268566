//! What is counted, for Prometheus to ask for. Labels have few values, known beforehand: a route as it is written here, never an address; the
//! stable code of a problem; never anything that a caller made up.

mod measured;
mod tell;

use std::time::Duration;

use axum::http::{Method, StatusCode};
use axum::response::Response;
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use tearoff_core::ENGINE;
use tearoff_core::quote::{Outcome, Quote};

use crate::problem::Code;
pub(crate) use measured::MeasuredWriter;
pub(crate) use tell::serve_metrics;

/// All that is counted. Counting is cheap, and is done whether anybody asks or not.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram>,
    lookups: Family<Lookup, Counter>,
    redemptions: Family<Redemption, Counter>,
    refusals: Family<Refusal, Counter>,
    strained: Counter,
    batch: Histogram,
    commit: Histogram,
    holds: Counter,
    connections: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
    method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Lookup {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Redemption {
    outcome: &'static str,
    /// The problem's code; empty where there is none.
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refusal {
    budget: &'static str,
}

/// Seconds, from what a lookup takes to what nobody waits for.
const SECONDS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Pieces of work in a batch, up to as many as there are in one.
const PIECES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("tearoff"),
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            lookups: Family::default(),
            redemptions: Family::default(),
            refusals: Family::default(),
            strained: Counter::default(),
            batch: Histogram::new(PIECES),
            commit: Histogram::new(SECONDS),
            holds: Counter::default(),
            connections: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        let version = [("version", env!("CARGO_PKG_VERSION").to_owned()), ("engine", ENGINE.to_string())];
        registry.register("build", "What is running", Info::new(version.to_vec()));
        registry.register(
            "http_requests",
            "Requests answered, by route, method and class of status",
            self.requests.clone(),
        );
        let seconds = "How long requests took";
        registry.register_with_unit("http_request", seconds, Unit::Seconds, self.seconds.clone());
        registry.register("lookups", "Codes looked up, by what came of it", self.lookups.clone());
        registry.register(
            "redemptions",
            "Redemptions asked for, by what came of it, and why",
            self.redemptions.clone(),
        );
        registry.register(
            "limiter_refusals",
            "Requests refused because of too many, by whose budget",
            self.refusals.clone(),
        );
        registry.register(
            "limiter_strained_answers",
            "Answers about codes while a site has borne as many wrong ones as it bears",
            self.strained.clone(),
        );
        registry.register("batch_pieces", "Pieces of work within one commit", self.batch.clone());
        let commit = "How long a batch took, with its commit";
        registry.register_with_unit("commit", commit, Unit::Seconds, self.commit.clone());
        registry.register("holds_ended", "Holds ended because their time was over", self.holds.clone());
        registry.register("connections_open", "Connections open now", self.connections.clone());
    }

    /// A request was answered. `route` is as it is written in the router; empty where there is none.
    pub(crate) fn answered(&self, route: &str, method: &Method, response: &Response, took: Duration) {
        let (method, status) = (method_label(method), response.status());
        let route = if route.is_empty() { "none" } else { route };
        self.requests.get_or_create_owned(&Request { route: route.into(), method, status: class(status) }).inc();
        self.seconds.get_or_create_owned(&Route { route: route.into(), method }).observe(took.as_secs_f64());
        let code = response.extensions().get::<Code>().map(|found| &*found.code);
        let budget = match code {
            Some("too_many_requests") => Some("guesses_and_requests"),
            Some("too_many_redemptions") => Some("page_redemptions"),
            _ => None,
        };
        if let Some(budget) = budget {
            self.refusals.get_or_create_owned(&Refusal { budget }).inc();
        }
        if (route, method) == ("/v1/redemptions", "POST") {
            let outcome = redemption_outcome(status, code);
            let reason = if outcome == "refused" || outcome == "failed" { code.unwrap_or("other") } else { "" };
            self.redemptions.get_or_create_owned(&Redemption { outcome, reason: reason.into() }).inc();
        }
    }

    /// A code was looked up, and this is the answer. What is concealed counts as unknown, as whoever asked was told.
    pub(crate) fn looked_up(&self, quote: &Quote) {
        // What acts without a code stands in the quote too.
        let coded = quote.decisions.iter().find(|decision| decision.code.is_some());
        let outcome = match coded.map(|decision| (&decision.promotion, &decision.outcome)) {
            None | Some((None, _)) => "unknown",
            Some((_, Outcome::Applied { .. })) => "applied",
            Some((_, Outcome::Waiting { .. })) => "waiting",
            Some((_, Outcome::Rejected { .. })) => "rejected",
        };
        self.lookups.get_or_create_owned(&Lookup { outcome }).inc();
    }

    /// Codes were asked about while their site has borne as many wrong ones as it bears.
    pub(crate) fn strained(&self) {
        self.strained.inc();
    }

    /// A connection is open until what this gives is dropped.
    pub(crate) fn connected(&self) -> Connected {
        self.connections.inc();
        Connected(self.connections.clone())
    }

    /// All of it, in the text form of OpenMetrics.
    fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// One open connection.
pub(crate) struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The methods that routes know. Any other is one that somebody made up.
pub(crate) fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

fn redemption_outcome(status: StatusCode, code: Option<&str>) -> &'static str {
    match (status, code) {
        (StatusCode::CREATED, _) => "recorded",
        (StatusCode::OK, _) => "existing",
        (_, Some("quote_changed")) => "quote_changed",
        (status, _) if status.is_server_error() => "failed",
        _ => "refused",
    }
}
