//! Who may come in: the key of a request, and whether a page of that origin may use it.
//!
//! Origins are exact and listed per site. A publishable key works from those, from the server's own origins, and from programs,
//! which send no origin. The server's own are those that it was told, and its address on the machine itself: what a request says of its
//! host proves nothing, since anybody can make a name that leads here. Nothing is ever allowed with credentials, and what an answer
//! allows differs by origin.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::keys::{Caller, Key, KeyId, identify};
use crate::network::client_address;
use crate::problem::Problem;
use crate::store::{KeyKind, SiteRecord};

/// Admits a request to the routes below `/v1`, or answers for them.
pub(crate) async fn admit(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    if request.method() == Method::OPTIONS {
        return preflight(&app, origin).await;
    }
    let address = client_address(peer.ip(), request.headers(), app.trusted_proxies());
    let (key, now) = (Key::of(request.headers()), app.clock().now());
    let found = app.store().read_briefly(move |read| identify(read, key.as_ref(), now)).await;
    let admitted = match found {
        Ok(Ok((key, site))) if may_come_from(&app, key.kind, &site, origin.as_ref(), request.headers()) => {
            Ok((key, site))
        }
        Ok(Ok(_)) => Err((
            Problem::new(
                StatusCode::FORBIDDEN,
                "origin_not_allowed",
                "this site's key may not be used from this origin",
            ),
            false,
        )),
        Ok(Err(problem)) => Err((problem, true)),
        Err(error) => Err((Problem::from(error), true)),
    };
    match admitted {
        Ok((key, site)) => {
            request.extensions_mut().insert(Caller {
                site,
                kind: key.kind,
                key: KeyId::of(&key.hash),
                mode: key.mode,
                address,
            });
            allow(next.run(request).await, origin.as_ref())
        }
        // A page of ours is told what is wrong with its key; a stranger's reads nothing.
        Err((problem, true)) => {
            let known = is_known(&app, origin.as_ref()).await;
            allow(problem.into_response(), origin.as_ref().filter(|_| known))
        }
        Err((problem, false)) => allow(problem.into_response(), None),
    }
}

fn may_come_from(
    app: &App,
    kind: KeyKind,
    site: &SiteRecord,
    origin: Option<&HeaderValue>,
    headers: &HeaderMap,
) -> bool {
    let Some(origin) = origin else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    // A secret key in a page of another origin has leaked already; it shall at least not work there.
    let listed = kind == KeyKind::Publishable && site.origins.iter().any(|listed| listed == origin);
    listed || app.public_origins().iter().any(|own| own == origin) || is_on_this_machine(origin, headers)
}

/// Whether a page at this origin was served by this server to a browser on the same machine: no foreign name leads to a loopback
/// address that calls itself one.
fn is_on_this_machine(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    authority == host && authority.is_some_and(is_loopback)
}

/// Whether a host, with its port or without, is a name that only the machine itself answers to.
fn is_loopback(authority: &str) -> bool {
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let host = authority.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(authority, |(host, _)| host);
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn is_known(app: &App, origin: Option<&HeaderValue>) -> bool {
    let Some(Ok(origin)) = origin.map(|origin| origin.to_str().map(str::to_owned)) else { return false };
    app.store().read_briefly(move |read| read.knows_origin(&origin)).await.unwrap_or(false)
}

/// Answers what a browser asks before a request: it cannot say whose key will come, so any site's origin may go on.
async fn preflight(app: &App, origin: Option<HeaderValue>) -> Response {
    /// As long as browsers heed.
    const REMEMBER: HeaderValue = HeaderValue::from_static("7200");
    const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT");
    const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, idempotency-key, if-match");
    let mut response = StatusCode::NO_CONTENT.into_response();
    if !is_known(app, origin.as_ref()).await {
        return allow(response, None);
    }
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBER);
    allow(response, origin.as_ref())
}

/// Lets a page of this origin read the response.
fn allow(mut response: Response, origin: Option<&HeaderValue>) -> Response {
    const EXPOSED: HeaderValue = HeaderValue::from_static("etag, idempotency-replayed, retry-after, x-request-id");
    const ORIGIN: HeaderValue = HeaderValue::from_static("origin");
    const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
    let headers = response.headers_mut();
    headers.append(header::VARY, ORIGIN);
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_machine_itself_is_loopback() {
        for own in ["localhost", "localhost:8600", "127.0.0.1", "127.0.0.1:8600", "127.9.9.9:1", "[::1]", "[::1]:8600"]
        {
            assert!(is_loopback(own), "{own}");
        }
        for foreign in [
            "",
            ":8600",
            "localhost.evil.test",
            "127.0.0.1.evil.test:8600",
            "evil.test:8600",
            "evil.test:127.0.0.1",
            "localhost@evil.test",
            "10.0.0.7:8600",
            "[::2]:8600",
            "0.0.0.0:8600",
        ] {
            assert!(!is_loopback(foreign), "{foreign}");
        }
    }
}
