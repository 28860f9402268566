//! The application: what its routes share, and the way of a request to them.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{HttpBody, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tokio::sync::oneshot;
use tracing::Instrument;

use crate::admit::admit;
use crate::clock::Clock;
use crate::files::Files;
use crate::ids::Ids;
use crate::limiter::Limiter;
use crate::metrics::{Metrics, method_label};
use crate::network::Network;
use crate::problem::Problem;
use crate::redeem::Batcher;
use crate::request_id::{HEADER, request_id};
use crate::routes;
use crate::store::{Read, Readers, StoreError, Stored};

/// How long a request may take, its body included.
const REQUEST_TIME: Duration = Duration::from_secs(20);

/// What the routes share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    limiter: Limiter,
    trusted_proxies: Vec<Network>,
    public_origins: Vec<String>,
    files: Option<Files>,
    metrics: Arc<Metrics>,
    stopping: Arc<AtomicBool>,
}

/// What an application is made of.
pub(crate) struct Parts {
    /// Who reads.
    pub(crate) readers: Arc<dyn Readers>,
    /// Who writes.
    pub(crate) batcher: Batcher,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// What is random.
    pub(crate) ids: Arc<dyn Ids>,
    /// Who has asked, guessed or redeemed too often.
    pub(crate) limiter: Limiter,
    /// Whose word about addresses counts.
    pub(crate) trusted_proxies: Vec<Network>,
    /// Where pages that this server serves are seen from outside.
    pub(crate) public_origins: Vec<String>,
    /// The loader, the widget and the demo page; not served when absent.
    pub(crate) files: Option<Files>,
    /// Where what happens is counted.
    pub(crate) metrics: Arc<Metrics>,
    /// Whether the server has been told to stop.
    pub(crate) stopping: Arc<AtomicBool>,
}

impl App {
    /// Puts an application together.
    pub(crate) fn new(parts: Parts) -> Self {
        let store = Store { readers: parts.readers, batcher: parts.batcher };
        Self(Arc::new(Shared {
            store,
            clock: parts.clock,
            ids: parts.ids,
            limiter: parts.limiter,
            trusted_proxies: parts.trusted_proxies,
            public_origins: parts.public_origins,
            files: parts.files,
            metrics: parts.metrics,
            stopping: parts.stopping,
        }))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    pub(crate) fn ids(&self) -> &Arc<dyn Ids> {
        &self.0.ids
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    pub(crate) fn trusted_proxies(&self) -> &[Network] {
        &self.0.trusted_proxies
    }

    pub(crate) fn public_origins(&self) -> &[String] {
        &self.0.public_origins
    }

    pub(crate) fn files(&self) -> Option<&Files> {
        self.0.files.as_ref()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Relaxed)
    }
}

/// The store, as routes use it: any number of readers, and the queue of the one writer.
pub(crate) struct Store {
    readers: Arc<dyn Readers>,
    batcher: Batcher,
}

impl Store {
    /// Reads one consistent state, away from the threads that serve connections.
    ///
    /// # Errors
    /// That of `work`, and [`StoreError`] when there is nothing to read from.
    pub(crate) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&dyn Read) -> Result<T, E> + Send + 'static,
    {
        let readers = Arc::clone(&self.readers);
        tokio::task::spawn_blocking(move || done_by(work, |work| readers.read(work)))
            .await
            .unwrap_or_else(|_| Err(nothing_read().into()))
    }

    /// The same for a read of a few rows that every request waits for. Where the database is near it is done at once: handing it to another
    /// thread would take longer than the read. Elsewhere all who ask at the same time are answered together.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) async fn read_briefly<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&dyn Read) -> Result<T, E> + Send + 'static,
    {
        if self.readers.are_near() {
            return done_by(work, |work| self.readers.recall(work));
        }
        let (tell, told) = oneshot::channel();
        // For a caller that went away nothing is read.
        self.readers.read_together(Box::new(move |read| {
            if !tell.is_closed() {
                let _ = tell.send(work(read));
            }
        }));
        told.await.unwrap_or_else(|_| Err(nothing_read().into()))
    }

    /// The same for a read that prices a cart of so many places: a small one is priced as soon as it is handed on, a large one keeps the threads
    /// that serve connections from others.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) async fn read_about<T, E, F>(&self, places: usize, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&dyn Read) -> Result<T, E> + Send + 'static,
    {
        /// About what somebody books, and a tenth of a millisecond with a few promotions.
        const FEW: usize = 50;
        if places <= FEW { self.read_briefly(work).await } else { self.read(work).await }
    }

    pub(crate) const fn batcher(&self) -> &Batcher {
        &self.batcher
    }

    /// Whether the database can be read.
    pub(crate) async fn is_readable(&self) -> bool {
        let found: Stored<bool> = self.read(|read| read.knows_origin("")).await;
        found.is_ok()
    }
}

fn done_by<T, E: From<StoreError>>(
    work: impl FnOnce(&dyn Read) -> Result<T, E>,
    read: impl FnOnce(&mut dyn FnMut(&dyn Read)) -> Result<(), StoreError>,
) -> Result<T, E> {
    let mut work = Some(work);
    let mut done = None;
    read(&mut |read| done = work.take().map(|work| work(read)))?;
    done.unwrap_or_else(|| Err(nothing_read().into()))
}

fn nothing_read() -> StoreError {
    StoreError::Database("reading ended without an answer".into())
}

/// The routes with all that a request passes on its way to them, the outermost last.
pub fn app(app: App) -> Router {
    let (api, document) = routes::api();
    // The fallback first: what a browser asks before a request has a method that no route knows, and must pass `admit` as well.
    let api = api.method_not_allowed_fallback(wrong_method).layer(middleware::from_fn_with_state(app.clone(), admit));
    api.merge(routes::open(document).method_not_allowed_fallback(wrong_method))
        .fallback(|| async { Problem::not_found("route") })
        .layer(middleware::from_fn_with_state(app.clone(), pass))
        .with_state(app)
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this route does not know this method")
}

/// The framework answers by itself when an address is no text; nothing has such an address.
fn refuse_no_text(response: Response) -> Response {
    if response.status() == StatusCode::BAD_REQUEST && !is_problem(&response) {
        return Problem::not_found("route").into_response();
    }
    response
}

/// Reads small bodies before anybody answers. An answer that leaves a body unread ends the connection, and with it the request that
/// the client sends next; so an answer to a body that is not small, or of unknown length, says that it does.
async fn read_small_body(request: Request, next: Next) -> Response {
    /// Far more than a page sends.
    const SMALL: usize = 64 * 1024;
    const CLOSE: HeaderValue = HeaderValue::from_static("close");
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let is_small = announced.map_or(request.body().is_end_stream(), |length: usize| length <= SMALL);
    if !is_small {
        let mut response = next.run(request).await;
        if announced.is_none() || is_problem(&response) {
            response.headers_mut().insert(header::CONNECTION, CLOSE);
        }
        return response;
    }
    let (head, body) = request.into_parts();
    match to_bytes(body, SMALL).await {
        Ok(bytes) => next.run(Request::from_parts(head, bytes.into())).await,
        // The connection broke; nobody hears this.
        Err(_) => Problem::new(StatusCode::BAD_REQUEST, "invalid_request", "the request broke off").into_response(),
    }
}

fn is_problem(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json")
}

fn panic_text(cause: &(dyn Any + Send)) -> String {
    let text = cause.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| cause.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".into())
}

/// The answer to a request, whatever becomes of it: one that takes too long is ended, and a panic is told. What it queued for the writer
/// is done all the same, and a retry learns of it.
async fn answered(request: Request, next: Next) -> Response {
    let answer = async { refuse_no_text(read_small_body(request, next).await) };
    // What a panic leaves behind half done is dropped with the request; what is shared is never left so.
    let answer = AssertUnwindSafe(answer_within(REQUEST_TIME, answer)).catch_unwind().await;
    answer.unwrap_or_else(|cause| Problem::internal(&panic_text(&*cause)).into_response())
}

/// The answer, or that there was none in time. That is the server's word about itself, never a refusal: the same request may be sent
/// again, and finds what became of the first.
async fn answer_within(time: Duration, answer: impl Future<Output = Response>) -> Response {
    let answered = tokio::time::timeout(time, answer).await;
    answered.unwrap_or_else(|_| {
        let problem = Problem::unavailable("the request took too long");
        problem.detail("whether it was done is not known; the same request can be sent again").into_response()
    })
}

/// What every request passes. It is counted and logged by its route, never by its address, which may hold a code, and browsers are kept
/// from guessing types. What is logged on the way has the request's id too. One layer for all of it: each that there is moves the
/// request, and takes memory.
async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let id = request_id(request.headers(), &**app.ids());
    let told = id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or_default();
    let mut response = answered(request, next).instrument(tracing::error_span!("request", id = told)).await;
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    if let Some(id) = &id {
        response.headers_mut().insert(HEADER, id.clone());
    }
    let took = began.elapsed();
    let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    app.metrics().answered(route, &method, &response, took);
    let method = method_label(&method);
    tracing::info!(id = told, method, route, status = response.status().as_u16(), microseconds, "request");
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use tower::Service;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_our_failure_and_ends_one_request() {
        let mut routes = Router::new()
            .route("/", get(|| async { StatusCode::NO_CONTENT }))
            .route("/panics", get(|| async { if true { panic!("a bug") } else { StatusCode::NO_CONTENT } }))
            .layer(middleware::from_fn(answered));
        for (path, status) in [("/panics", 500), ("/", 204), ("/panics", 500)] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let response = routes.call(request).await.unwrap();
            assert_eq!(response.status(), status);
            assert_eq!(is_problem(&response), status == 500);
        }
    }

    #[tokio::test]
    async fn running_out_of_time_is_no_refusal() {
        let late = answer_within(Duration::from_millis(1), std::future::pending()).await;
        assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(late.headers().contains_key(header::RETRY_AFTER) && is_problem(&late));
        let in_time = answer_within(Duration::from_secs(20), async { StatusCode::NO_CONTENT.into_response() }).await;
        assert_eq!(in_time.status(), StatusCode::NO_CONTENT);
    }
}
