//! `/tearoff.js`, `/r/…` and the demo page.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::App;
use crate::files::Served;
use crate::problem::Problem;

/// The page may run scripts of its own origin and wasm, and nothing else: what a careful host would allow.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
);
/// A new release reaches every page within five minutes.
const LATEST: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// What stands under a hash never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// The demo page is asked for anew, and answered with 304 while it is the same.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The loader of the newest release.
pub(super) async fn loader(State(app): State<App>, headers: HeaderMap) -> Response {
    answer(&app, "tearoff.js", &headers, LATEST)
}

/// A file of one release.
pub(super) async fn release(
    State(app): State<App>,
    Path((hash, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(&app, &format!("r/{hash}/{file}"), &headers, FOR_EVER)
}

/// The demo page, from wherever it is typed.
pub(super) async fn to_booking() -> Redirect {
    Redirect::permanent("/booking/")
}

/// The demo page.
pub(super) async fn booking(State(app): State<App>, headers: HeaderMap) -> Response {
    answer(&app, "booking/index.html", &headers, ASK_AGAIN)
}

/// What the demo page is made of.
pub(super) async fn booking_file(State(app): State<App>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    answer(&app, &format!("booking/{file}"), &headers, ASK_AGAIN)
}

fn answer(app: &App, path: &str, headers: &HeaderMap, caching: HeaderValue) -> Response {
    let Some(served) = app.files().and_then(|files| files.find(path)) else {
        return Problem::not_found("file").into_response();
    };
    let (encoding, bytes) = choose(served, headers);
    let tag = match encoding {
        None => format!("\"{}\"", served.tag),
        Some(encoding) => format!("\"{}-{encoding}\"", served.tag),
    };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response =
        if unchanged { StatusCode::NOT_MODIFIED.into_response() } else { bytes.to_vec().into_response() };
    describe(response.headers_mut(), served, encoding, &tag, caching);
    response
}

fn describe(headers: &mut HeaderMap, served: &Served, encoding: Option<&'static str>, tag: &str, caching: HeaderValue) {
    const POLICY: HeaderName = header::CONTENT_SECURITY_POLICY;
    const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(served.media_type));
    headers.insert(header::CACHE_CONTROL, caching);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // Anybody's page may load these; none of them says anything about who asks.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if served.media_type.starts_with("text/html") {
        headers.insert(POLICY, PAGE_POLICY);
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
}

/// The smallest form that the browser takes.
fn choose<'a>(served: &'a Served, headers: &HeaderMap) -> (Option<&'static str>, &'a [u8]) {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match (&served.brotli, &served.gzip) {
        (Some(bytes), _) if accepts(accepted, "br") => (Some("br"), bytes),
        (_, Some(bytes)) if accepts(accepted, "gzip") => (Some("gzip"), bytes),
        _ => (None, &served.plain),
    }
}

/// Whether an `accept-encoding` names an encoding and does not refuse it.
fn accepts(accepted: &str, encoding: &str) -> bool {
    accepted.split(',').any(|entry| {
        let (name, quality) = entry.split_once(';').unwrap_or((entry, ""));
        let refused = quality.trim().strip_prefix("q=").is_some_and(|quality| quality.parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_taken_as_the_browser_says() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("gzip;q=0.5,BR;q=1.0", "br"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("br;q=0.000", "br"));
        assert!(!accepts("", "gzip"));
        assert!(!accepts("brotli", "br"));
    }
}
