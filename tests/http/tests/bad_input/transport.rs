//! Requests that are wrong before anybody reads their body: method, route, type, size.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tearoff_http_tests::client::Answer;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{lookup, reservation};

use crate::nothing_changes;

#[test]
fn another_content_type_is_refused() {
    let harness = Harness::open();
    let backend = harness.backend();
    nothing_changes(&harness, || {
        for kind in
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", "json", ""]
        {
            let answer = backend
                .request("POST", "/v1/redemptions")
                .header("idempotency-key", "content-type")
                .header("content-type", kind)
                .bytes(reservation("1", "WELCOME20", 1440).to_string())
                .send();
            let _ = answer.problem(415, "unsupported_media_type");
        }
        let none = backend.request("POST", "/v1/lookups").bytes(lookup("WELCOME20").to_string()).send();
        let _ = none.problem(415, "unsupported_media_type");
    });
    let with_charset = backend
        .request("POST", "/v1/lookups")
        .header("content-type", "Application/JSON; charset=utf-8")
        .bytes(lookup("WELCOME20").to_string());
    assert_eq!(with_charset.send().status, 200);
}

#[test]
fn another_method_or_route_is_refused() {
    let harness = Harness::open();
    let backend = harness.backend();
    let missing = "red_01890000-0000-7000-8000-000000000000";
    nothing_changes(&harness, || {
        for (method, path) in [
            ("GET", "/v1/lookups".to_owned()),
            ("DELETE", "/v1/lookups".into()),
            ("PATCH", "/v1/redemptions".into()),
            ("DELETE", format!("/v1/redemptions/{missing}")),
            ("GET", format!("/v1/redemptions/{missing}/confirm")),
            ("POST", "/v1/catalog".into()),
            ("PURGE", "/v1/site".into()),
        ] {
            let problem = backend.request(method, &path).send().problem(405, "method_not_allowed");
            assert!(problem["title"].is_string(), "{method} {path}");
        }
        for path in [
            "/v1",
            "/v1/",
            "/v1/redeem",
            "/v2/lookups",
            "/v1/lookups/",
            "/v1/LOOKUPS",
            "/v1/redemptions/x/y/z",
            "/console",
            "/metrics",
            "/debug",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/v1/%00",
            "/v1/%ff",
        ] {
            let _ = backend.get(path).problem(404, "not_found");
            let answer = backend.request("POST", path).text("{}").send();
            assert!(matches!(answer.status, 404 | 405), "{path}: {}", answer.text());
            let _ = answer.any_problem();
        }
        for id in
            ["x", "%00", "%ff", "red_", "red_1", "prm_01890000-0000-7000-8000-000000000000", missing, "..", "%2e%2e"]
        {
            let answer = backend.get(&format!("/v1/redemptions/{id}"));
            assert!(matches!(answer.status, 400 | 404), "{id}: {}", answer.text());
            let _ = answer.any_problem();
            for step in ["place", "confirm", "release"] {
                let answer = backend.request("POST", &format!("/v1/redemptions/{id}/{step}")).send();
                assert!(matches!(answer.status, 400 | 404), "{id} {step}: {}", answer.text());
                let _ = answer.any_problem();
            }
            let answer = backend.get(&format!("/v1/promotions/{id}"));
            assert!(matches!(answer.status, 400 | 404), "{id}: {}", answer.text());
            let _ = answer.any_problem();
        }
    });
}

#[test]
fn wrong_pages_of_a_list_are_refused_with_their_field() {
    let harness = Harness::open();
    let backend = harness.backend();
    for list in ["redemptions", "promotions"] {
        for (query, field) in [
            ("limit=-1", "limit"),
            ("limit=0", "limit"),
            ("limit=many", "limit"),
            ("limit=1.5", "limit"),
            ("limit=1000000", "limit"),
            ("after=nonsense", "after"),
            ("before=x", "query"),
            ("limit=1&limit=2", "query"),
        ] {
            let answer = backend.get(&format!("/v1/{list}?{query}"));
            crate::names(&answer, field, &format!("{list} {query}"));
        }
    }
}

/// A body of 2 MB is refused by its announced size, before it is read.
#[test]
fn a_body_of_two_megabytes_is_refused_at_once() {
    let harness = Harness::open();
    let filler = "x".repeat(2 * 1024 * 1024);
    nothing_changes(&harness, || {
        for path in ["/v1/lookups", "/v1/quotes", "/v1/redemptions", "/v1/promotions", "/v1/site"] {
            let method = if path == "/v1/site" { "PUT" } else { "POST" };
            let body = lookup(&filler).to_string();
            let begun = Instant::now();
            let announced =
                raw(&harness, method, path, &format!("content-length: {}\r\n", body.len()), body.as_bytes());
            assert_eq!(announced.status, 413, "{path}: {}", announced.text());
            assert_eq!(announced.any_problem()["errors"][0]["field"], "body", "{path}");
            let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
            let streamed = raw(&harness, method, path, "transfer-encoding: chunked\r\n", chunked.as_bytes());
            assert_eq!(streamed.status, 413, "{path}: {}", streamed.text());
            assert!(begun.elapsed() < Duration::from_secs(5), "{path}: {:?}", begun.elapsed());
        }
    });
}

/// Sends bytes that no client library would, and reads on even when the server takes no more of them.
fn raw(harness: &Harness, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(harness.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let secret = &harness.site(0).secret;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {secret}\r\ncontent-type: application/json\r\n\
         idempotency-key: raw\r\nconnection: close\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The server may answer and hang up while this is still being sent.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Answer::parse(&answer)
}

/// What is not even HTTP ends the connection and nothing else.
#[test]
fn what_is_no_http_harms_nobody() {
    let harness = Harness::open();
    nothing_changes(&harness, || {
        for nonsense in [
            &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
            b"GET\r\n\r\n",
            b"POST /v1/lookups HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
            b"POST /v1/lookups HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
            b"POST /v1/lookups HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n",
            b"POST /v1/lookups HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n",
            b"\0\0\0\0\0\0\0\0\r\n\r\n",
        ] {
            let mut stream = TcpStream::connect(harness.address()).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
            let _ = stream.write_all(nonsense);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            let text = String::from_utf8_lossy(&answer);
            assert!(text.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}");
        }
        let long = format!("/v1/redemptions?after={}", "x".repeat(60_000));
        let answer = harness.backend().request("GET", &long).try_send();
        assert!(answer.is_err() || answer.is_ok_and(|answer| (400..500).contains(&answer.status)));
    });
    assert_eq!(harness.stranger().get("/healthz").status, 200);
}

/// What is refused before it is a request is answered by the HTTP library itself: a status, no body, and the connection ends.
#[test]
fn a_head_that_is_too_large_is_answered_without_a_body() {
    let harness = Harness::open();
    let many = (0..150).map(|number| format!("x-{number}: 1\r\n")).collect::<String>();
    for (headers, status) in [(format!("x-long: {}\r\n", "x".repeat(500_000)), 431), (many, 431)] {
        let answer = raw(&harness, "GET", "/v1/site", &headers, b"");
        assert_eq!((answer.status, answer.header("connection"), answer.body.len()), (status, "close", 0));
    }
    assert_eq!(harness.stranger().get("/healthz").status, 200);
}

/// An answer that comes before the request is read ends the connection only where it says so: what is sent next is answered.
#[test]
fn an_early_answer_does_not_harm_the_next_request() {
    let harness = Harness::open();
    let secret = &harness.site(0).secret;
    let head = |path: &str, key: &str, length: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {key}\r\ncontent-type: text/plain\r\n{length}\r\n\r\n"
        )
    };
    for (first, body) in [
        (head("/v1/lookups", "sk_nobody_0000000000000000000", "content-length: 5"), "hello"),
        (head("/v1/lookups", secret, "content-length: 5"), "hello"),
        (head("/v1/nothing", secret, "content-length: 5"), "hello"),
        (head("/v1/site", secret, "content-length: 5"), "hello"),
        (head("/v1/nothing", secret, "transfer-encoding: chunked"), "5\r\nhello\r\n0\r\n\r\n"),
        (head("/v1/redemptions/red_1/place", secret, "transfer-encoding: chunked"), "0\r\n\r\n"),
    ] {
        let mut stream = TcpStream::connect(harness.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(first.as_bytes()).unwrap();
        // Time enough to answer before the body is there.
        std::thread::sleep(Duration::from_millis(50));
        let _ = stream.write_all(body.as_bytes());
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        let mut answers = Vec::new();
        let _ = stream.read_to_end(&mut answers);
        let text = String::from_utf8_lossy(&answers).into_owned();
        let says_so = Answer::parse(&answers).header("connection") == "close";
        assert!(text.matches("HTTP/1.1 ").count() == 2 || says_so, "{first}: {text}");
    }
}
