//! A caller: one connection pool, one key, one page of origin; and what came back.

use std::time::Duration;

use serde_json::Value;
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue};
use ureq::{Agent, Error};

/// How long any answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who calls a server, with or without a key.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    base: String,
    headers: Vec<(String, String)>,
}

impl Client {
    /// A caller of the server at `base`, such as `http://127.0.0.1:8600`, without a key.
    #[must_use]
    pub fn new(base: &str) -> Self {
        let settings = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build();
        Self { agent: settings.into(), base: base.to_owned(), headers: Vec::new() }
    }

    /// The same caller with this key, and no other.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        self.headers.retain(|(name, _)| name != "authorization");
        self.with_header("authorization", &format!("Bearer {key}"))
    }

    /// The same caller, who sends this header each time.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Where the server is.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request to be completed and sent.
    pub fn request(&self, method: &str, path: &str) -> Request<'_> {
        Request {
            client: self,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: self.headers.clone(),
            body: None,
        }
    }

    /// Sends a `GET`.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    /// Sends JSON by `POST`.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send()
    }

    /// Sends JSON by `PUT`, for whatever state there is.
    #[must_use]
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.request("PUT", path).header("if-match", "*").json(body).send()
    }

    /// Asks for a redemption under an idempotency key.
    #[must_use]
    pub fn reserve(&self, key: &str, body: &Value) -> Answer {
        self.request("POST", "/v1/redemptions").header("idempotency-key", key).json(body).send()
    }
}

/// A request that is not sent yet.
#[derive(Clone, Debug)]
#[must_use]
pub struct Request<'c> {
    client: &'c Client,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Request<'_> {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends these bytes as they are.
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends a text that says it is JSON.
    pub fn text(self, body: impl Into<String>) -> Self {
        self.header("content-type", "application/json").bytes(body.into())
    }

    /// Sends JSON.
    pub fn json(self, body: &Value) -> Self {
        self.text(body.to_string())
    }

    /// Sends it.
    ///
    /// # Panics
    /// When no answer comes.
    #[must_use]
    pub fn send(self) -> Answer {
        let told = format!("{} {}", self.method, self.path);
        self.try_send().unwrap_or_else(|error| panic!("{told}: {error}"))
    }

    /// Sends it to a server that may die meanwhile.
    ///
    /// # Errors
    /// When no answer comes: whether anything was done is then not known.
    ///
    /// # Panics
    /// When it is no request that HTTP allows.
    pub fn try_send(self) -> Result<Answer, Error> {
        let mut head =
            http::Request::builder().method(self.method.as_str()).uri(format!("{}{}", self.client.base, self.path));
        for (name, value) in &self.headers {
            head = head.header(name, value);
        }
        // Without a body the library would send one of unknown length, which is nobody's habit.
        let empty = (!matches!(self.method.as_str(), "GET" | "OPTIONS")).then(Vec::new);
        let answered = match self.body.or(empty) {
            Some(body) => self.client.agent.run(head.body(body).expect("a request")),
            None => self.client.agent.run(head.body(()).expect("a request")),
        }?;
        let (head, mut body) = answered.into_parts();
        let body = body.with_config().limit(64 * 1024 * 1024).read_to_vec()?;
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }
}

/// What the server said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it came.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first answer in the bytes of a connection that was then closed.
    ///
    /// # Panics
    /// When the bytes are no answer.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer's head");
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an answer's status");
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value.trim()).ok()?))
        };
        Self { status, headers: head.lines().filter_map(header).collect(), body: bytes[end + 4..].to_vec() }
    }

    /// A header as text; empty where it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The body as JSON of an answer with this status.
    ///
    /// # Panics
    /// When the status is another.
    #[must_use]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// Whether the answer was given before and is only told again.
    #[must_use]
    pub fn is_replayed(&self) -> bool {
        self.header("idempotency-replayed") == "true"
    }

    /// A problem of RFC 9457 with this status and code, every member of which is as it must be.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.any_problem();
        assert_eq!((self.status, problem["code"].as_str()), (status, Some(code)), "{problem}");
        problem
    }

    /// A problem of RFC 9457, whichever.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    pub fn any_problem(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{} {}", self.status, self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        for member in ["code", "title"] {
            let text = problem[member].as_str().unwrap_or_default();
            assert!(!text.is_empty() && !text.ends_with('.'), "`{member}` of {problem}");
        }
        problem
    }
}
