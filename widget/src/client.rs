//! The server, as the page reaches it: the only place that speaks to the network.

mod read;
mod write;

use js_sys::futures::JsFuture;
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::answer::Failure;
use crate::json;
use crate::model::{Endpoint, Event, Request};
use crate::record::{self, Record};

/// How long an answer may take, in milliseconds, before the visitor is told that none came.
const ANSWER_MILLISECONDS: u32 = 10_000;

#[wasm_bindgen]
extern "C" {
    type Response;

    #[wasm_bindgen(js_name = fetch)]
    fn start(address: &str, options: &Record) -> Promise;

    #[wasm_bindgen(js_namespace = AbortSignal, js_name = timeout)]
    fn abort_after(milliseconds: u32) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn status(this: &Response) -> u16;

    #[wasm_bindgen(method)]
    fn json(this: &Response) -> Promise;
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

    /// Sends a request, and answers with the event that tells how it went.
    pub(crate) async fn send(&self, request: Request) -> Event {
        let (path, key, body) = match &request {
            Request::Ask(question) => match question.endpoint {
                Endpoint::Lookups => ("lookups", None, write::question(question)),
                Endpoint::Quotes => ("quotes", None, write::question(question)),
            },
            Request::Redeem { key, body, .. } => ("redemptions", Some(key.as_str()), write::redeem(body)),
        };
        let answer = self.post(path, key, body).await;
        match request {
            Request::Ask(question) => {
                let read = |body| read::answer(&body).map(Box::new).ok_or(Failure::Unavailable);
                Event::Answered { version: question.version, result: answer.and_then(read) }
            }
            Request::Redeem { id, .. } => Event::Redeemed { id, result: answer.map(|body| json::keep(&body)) },
        }
    }

    async fn post(&self, path: &str, key: Option<&str>, body: String) -> Result<Record, Failure> {
        let headers = Record::new();
        headers.set("authorization", &["Bearer ", &self.key].concat().into());
        headers.set("content-type", &"application/json".into());
        if let Some(key) = key {
            headers.set("idempotency-key", &key.into());
        }
        let options = Record::new();
        options.set("method", &"POST".into());
        options.set("credentials", &"omit".into());
        options.set("headers", &headers);
        options.set("body", &body.into());
        options.set("signal", &abort_after(ANSWER_MILLISECONDS));
        let started = start(&[&self.base, "v1/", path].concat(), &options);
        // What fails here never left or never came back: no network, no permission, or no answer in time.
        let response: Response = JsFuture::from(started).await.map_err(|_| Failure::Offline)?.unchecked_into();
        let body = JsFuture::from(response.json()).await.ok().and_then(record::of);
        match (response.status(), body) {
            (200..=299, Some(body)) => Ok(body),
            (429, _) => Err(Failure::Busy),
            (400..=499, Some(body)) => Err(read::refusal(&body)),
            _ => Err(Failure::Unavailable),
        }
    }
}
