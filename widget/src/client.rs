//! The server, as the page reaches it: the only place that speaks to the network.

mod read;

use tearoff_core::digest::Digests;
use tearoff_core::text::digits;
use wasm_bindgen::prelude::*;

use crate::answer::{Failure, Json};
use crate::model::{Endpoint, Event, Page, Redeem, Request};
use crate::record::{self, Record};

/// How long an answer may take, in milliseconds, before the visitor is told that none came.
const ANSWER_MILLISECONDS: u32 = 10_000;

#[wasm_bindgen]
extern "C" {
    type Awaited;

    #[wasm_bindgen(js_name = fetch)]
    fn start(address: &str, options: &Record) -> Awaited;

    #[wasm_bindgen(js_namespace = AbortSignal, js_name = timeout)]
    fn abort_after(milliseconds: u32) -> JsValue;

    #[wasm_bindgen(method, js_name = then)]
    fn end(this: &Awaited, kept: &JsValue, broken: &JsValue);

    type Response;

    #[wasm_bindgen(method)]
    fn json(this: &Response) -> Awaited;
}

/// Where requests go, and with which key.
#[derive(Debug)]
pub(crate) struct Client {
    /// The address of the server, with a slash at its end.
    base: String,
    /// The site's publishable key.
    key: String,
}

impl Client {
    /// A client of the server at `base` for the site with the publishable key `key`.
    pub(crate) const fn new(base: String, key: String) -> Self {
        Self { base, key }
    }

    /// Sends a request; `then` gets the event that tells how it went.
    pub(crate) fn send(&self, request: Request, then: impl FnOnce(Event) + 'static) {
        let (path, body) = match &request {
            Request::Ask(question) => {
                let code = record::to_json(&(&question.code).into());
                match question.endpoint {
                    Endpoint::Lookups => ("v1/lookups", written(&["{\"code\":", &code], &question.page)),
                    Endpoint::Quotes => ("v1/quotes", written(&["{\"codes\":[", &code, "]"], &question.page)),
                }
            }
            Request::Redeem { body, .. } => ("v1/redemptions", redeem(body)),
        };
        let headers = Record::new();
        headers.set_text("authorization", &["Bearer ", &self.key].concat());
        headers.set_text("content-type", "application/json");
        if let Request::Redeem { key, .. } = &request {
            headers.set_text("idempotency-key", key);
        }
        let options = Record::new();
        options.set_text("method", "POST");
        options.set_text("credentials", "omit");
        options.set_text("body", &body);
        options.set("headers", &headers);
        options.set("signal", &abort_after(ANSWER_MILLISECONDS));
        after(&start(&[&self.base, path].concat(), &options), move |response| {
            let status = record::of(response.clone()).and_then(|response| response.integer("status"));
            // What has no status never left or never came back: no network, no permission, or no answer in time.
            let Some(status) = status else { return then(ended(request, Err(Failure::Offline))) };
            after(&response.unchecked_ref::<Response>().json(), move |body| {
                then(ended(request, judge(status, record::of(body))));
            });
        });
    }
}

/// Does something with what a promise is kept or broken with.
fn after(promise: &Awaited, then: impl FnOnce(JsValue) + 'static) {
    let then = record::once(then);
    promise.end(&then, &then);
}

/// A response; a body that is no JSON has become an error, which has none of the names that are read.
fn judge(status: i64, body: Option<Record>) -> Result<Record, Failure> {
    match (status, body) {
        (200..=299, Some(body)) => Ok(body),
        (429, _) => Err(Failure::Busy),
        // Whoever stopped waiting has decided nothing.
        (408, _) => Err(Failure::Unavailable),
        (400..=499, Some(body)) => Err(read::refusal(&body)),
        _ => Err(Failure::Unavailable),
    }
}

/// The event with which a request ends.
fn ended(request: Request, result: Result<Record, Failure>) -> Event {
    match request {
        Request::Ask(question) => {
            let read = |body| read::answer(&body).map(Box::new).ok_or(Failure::Unavailable);
            Event::Answered { version: question.version, result: result.and_then(read) }
        }
        Request::Redeem { id, .. } => {
            let read = |body: Record| body.text("id").map(|_| kept(&body)).ok_or(Failure::Unavailable);
            Event::Redeemed { id, result: result.and_then(read) }
        }
    }
}

/// A request's body: its own beginning, then what the page says.
fn written(beginning: &[&str], page: &Page) -> String {
    let mut body = beginning.concat();
    let customer: &[&str] = if page.customer.is_empty() { &[] } else { &[",\"customer\":", &page.customer] };
    body.push_str(",\"cart\":");
    body.push_str(&page.cart.json);
    body.push_str(&customer.concat());
    body.push('}');
    body
}

fn redeem(redeem: &Redeem) -> String {
    let text = |text: &str| record::to_json(&text.into());
    let digests = redeem.seen.digests.map(|Digests { terms, cart, result, .. }| {
        let [terms, cart, result] = [terms, cart, result].map(|digest| digest.text());
        [",\"digests\":{\"terms\":\"", &terms, "\",\"cart\":\"", &cart, "\",\"result\":\"", &result, "\"}"].concat()
    });
    let snapshot = redeem.snapshot.as_ref().map(|token| [",\"snapshot\":", &text(token)].concat()).unwrap_or_default();
    let beginning = [
        // With the tag alone nobody else would place it: reserve and place are one (R55).
        "{\"place\":true,\"order\":",
        &text(&redeem.order),
        ",\"codes\":[",
        &text(&redeem.code),
        "],\"seen\":{\"total_minor\":",
        &digits(redeem.seen.total.amount.minor_unsigned()),
        &digests.unwrap_or_default(),
        "}",
        &snapshot,
    ];
    written(&beginning, &redeem.page)
}

/// A value of the server, kept as the text it came as.
fn kept(value: &JsValue) -> Json {
    Json(record::to_json(value).into())
}
