//! `/tearoff.js`, `/r/…` and the demo page.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::App;
use crate::files::{Files, Served};
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

/// The demo page in the folder.
const DEMO: &str = "booking/index.html";

/// The loader of the newest release.
pub(super) async fn loader(State(app): State<App>, headers: HeaderMap) -> Response {
    answer(app.files(), "tearoff.js", &headers, LATEST)
}

/// A file of one release.
pub(super) async fn release(
    State(app): State<App>,
    Path((hash, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(app.files(), &format!("r/{hash}/{file}"), &headers, FOR_EVER)
}

/// What whoever types the server's name meets: the folder's own front page, or else the demo, or else the description of the interface.
pub(super) async fn front(State(app): State<App>, query: RawQuery, headers: HeaderMap) -> Response {
    const OWN: &str = "index.html";
    let has = |path: &str| app.files().is_some_and(|files| files.find(path).is_some());
    if has(OWN) {
        answer(app.files(), OWN, &headers, ASK_AGAIN)
    } else if has(DEMO) {
        to_booking(query).await.into_response()
    } else {
        Redirect::temporary("/docs").into_response()
    }
}

/// The demo page, from wherever it is typed, with the code that its address may hold.
pub(super) async fn to_booking(RawQuery(query): RawQuery) -> Redirect {
    match query {
        None => Redirect::temporary("/booking/"),
        Some(query) => Redirect::temporary(&format!("/booking/?{query}")),
    }
}

/// The demo page.
pub(super) async fn booking(State(app): State<App>, headers: HeaderMap) -> Response {
    answer(app.files(), DEMO, &headers, ASK_AGAIN)
}

/// What the demo page is made of.
pub(super) async fn booking_file(State(app): State<App>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    answer(app.files(), &format!("booking/{file}"), &headers, ASK_AGAIN)
}

fn answer(files: Option<&Files>, path: &str, headers: &HeaderMap, caching: HeaderValue) -> Response {
    let Some(served) = files.and_then(|files| files.find(path)) else {
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
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
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
    use std::fs;

    #[test]
    fn encodings_are_taken_as_the_browser_says() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("gzip;q=0.5,BR;q=1.0", "br"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("br;q=0.000", "br"));
        assert!(!accepts("", "gzip"));
        assert!(!accepts("brotli", "br"));
    }

    fn bundle() -> Files {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("r/abc")).unwrap();
        fs::create_dir_all(at("booking")).unwrap();
        for (path, bytes) in [
            ("tearoff.js", "plain"),
            ("tearoff.js.br", "brotli"),
            ("tearoff.js.gz", "gzip"),
            ("r/abc/widget.wasm", "wasm"),
            ("booking/index.html", "<!doctype html>"),
            ("booking/seed.json", "secret"),
        ] {
            fs::write(at(path), bytes).unwrap();
        }
        Files::read(folder.path()).unwrap()
    }

    fn ask(path: &str, name: HeaderName, value: &'static str) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        answer(Some(&bundle()), path, &headers, LATEST)
    }

    fn told<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    #[test]
    fn the_smallest_form_is_sent() {
        for (accepted, encoding, length) in [("gzip, br", "br", 6), ("gzip", "gzip", 4), ("identity", "", 5)] {
            let response = ask("tearoff.js", header::ACCEPT_ENCODING, accepted);
            assert_eq!((told(&response, "content-encoding"), told(&response, "vary")), (encoding, "accept-encoding"));
            assert_eq!(http_body_length(&response), Some(length));
            assert_eq!(told(&response, "content-type"), "text/javascript; charset=utf-8");
        }
    }

    fn http_body_length(response: &Response) -> Option<u64> {
        axum::body::HttpBody::size_hint(response.body()).exact()
    }

    #[test]
    fn anybody_s_page_may_load_them_and_ours_is_strict() {
        let wasm = ask("r/abc/widget.wasm", header::ACCEPT, "*/*");
        assert_eq!(told(&wasm, "content-type"), "application/wasm");
        assert_eq!(told(&wasm, "access-control-allow-origin"), "*");
        assert_eq!(told(&wasm, "cross-origin-resource-policy"), "cross-origin");
        assert_eq!(told(&wasm, "content-security-policy"), "");
        let page = ask("booking/index.html", header::ACCEPT, "*/*");
        let policy = told(&page, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
        assert!(policy.ends_with("require-trusted-types-for 'script'") && !policy.contains("  "), "{policy}");
    }

    #[test]
    fn what_is_no_part_of_the_bundle_is_not_there() {
        for path in ["booking/seed.json", "tearoff.js.br", "../Cargo.toml", "r/abc/../abc/widget.wasm", "", "booking"] {
            assert_eq!(ask(path, header::ACCEPT, "*/*").status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(answer(None, "tearoff.js", &HeaderMap::new(), LATEST).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_same_bytes_are_not_sent_twice() {
        let first = ask("tearoff.js", header::ACCEPT_ENCODING, "br");
        let tag = HeaderValue::from_str(told(&first, "etag")).unwrap();
        let again = |encoding: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding));
            headers.insert(header::IF_NONE_MATCH, tag.clone());
            answer(Some(&bundle()), "tearoff.js", &headers, LATEST)
        };
        assert_eq!(again("br").status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again("gzip").status(), StatusCode::OK, "another form is another answer");
    }
}
