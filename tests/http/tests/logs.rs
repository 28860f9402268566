//! The log: one line a request, with its id, and no secret.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};
use tearoff_http_tests::process::Start;
use tearoff_http_tests::site::{Site, cart, lookup, reservation, reservation_of, terms};
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");

fn studio() -> [Site; 1] {
    [Site::studio("studio")]
}

/// Whoever asks about a request names the id that its answer had, or that they gave it, and its line is found.
#[test]
fn every_request_has_one_line_with_its_id() {
    let folder = TempDir::new().unwrap();
    let mut process = Start::new(SERVER, folder.path(), &studio()).run();
    let backend = process.stranger().with_key(&studio()[0].secret);
    let given = "5f0c1d2e-3a4b-4c5d-8e9f-0123456789ab";
    let answers = [
        (
            "POST",
            "/v1/lookups",
            backend.request("POST", "/v1/lookups").header("x-request-id", given).json(&lookup("LAST")).send(),
        ),
        ("GET", "/v1/site", backend.get("/v1/site")),
        ("GET", "/v1/redemptions/{id}", backend.get("/v1/redemptions/red_1")),
        ("GET", "/v1/site", process.stranger().get("/v1/site")),
        ("GET", "", backend.get("/nowhere")),
        ("DELETE", "/v1/customers/{id}", backend.request("DELETE", "/v1/customers/42").header("if-match", "*").send()),
        ("other", "/v1/site", backend.request("BREW", "/v1/site").send()),
        ("OPTIONS", "/v1/lookups", process.stranger().request("OPTIONS", "/v1/lookups").send()),
        ("GET", "/health", process.stranger().get("/health")),
    ];
    assert_eq!(answers[0].2.header("x-request-id"), given);
    assert!(process.stop().success());
    let log = process.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lines: Vec<&Value> = lines.iter().filter(|line| line["message"] == "request").collect();
    assert_eq!(lines.len(), answers.len(), "{log}");
    for (line, (method, route, answer)) in lines.iter().zip(&answers) {
        let told = json!([line["id"], line["method"], line["route"], line["status"]]);
        assert_eq!(told, json!([answer.header("x-request-id"), method, route, answer.status]));
        assert!(line["microseconds"].is_u64(), "{line}");
    }
}

/// What went wrong on the way is found by the same id, and by the incident that the caller was told.
#[test]
fn a_failure_is_logged_with_its_requests_id() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let mut process = start.run();
    let backend = process.stranger().with_key(&studio()[0].secret);
    let made = backend.reserve("1", &reservation("1", "WELCOME20", 1440)).expect(201);
    let damaged = rusqlite::Connection::open(start.database()).unwrap();
    assert_eq!(damaged.execute("UPDATE redemptions SET currency = 'nonsense'", []).unwrap(), 1);
    let failed = backend.get(&format!("/v1/redemptions/{}", made["id"].as_str().unwrap()));
    let problem = failed.problem(500, "internal_error");
    drop(damaged);
    assert!(process.stop().success());
    let log = process.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["level"] == "ERROR").unwrap_or_else(|| panic!("{log}"));
    assert_eq!(line["incident"], problem["incident"], "{line}");
    assert_eq!(line["span"]["id"], failed.header("x-request-id"), "{line}");
}

#[test]
fn what_is_logged_is_a_setting() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let mut text = start.clone().with_settings(&["--log-format", "text"]).run();
    assert_eq!(text.stranger().get("/v1/site").status, 401);
    assert!(text.stop().success());
    let log = text.log();
    let line = log.lines().find(|line| line.contains("request")).unwrap();
    assert!(line.contains("status=401") && line.contains("route=\"/v1/site\"") && !line.contains('{'), "{log}");
    // Where not even starting is logged, nobody learns the port: it is chosen before.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let quiet = start.with_settings(&["--listen", &port, "--log-level", "error"]);
    let mut child = quiet.command().stderr(std::process::Stdio::piped()).spawn().unwrap();
    let stranger = tearoff_http_tests::client::Client::new(&format!("http://{port}"));
    let asked = || stranger.request("GET", "/health").try_send();
    while asked().is_err() {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

/// More wrong codes than a site bears are worth a line, and not one for each.
#[test]
fn a_flood_of_guesses_is_logged_once_a_minute() {
    let folder = TempDir::new().unwrap();
    let mut process =
        Start::new(SERVER, folder.path(), &studio()).with_settings(&["--site-guesses-per-minute", "5"]).run();
    let page = process.stranger().with_key(&studio()[0].publishable);
    let began = std::time::Instant::now();
    for index in 0..50 {
        assert_eq!(page.post("/v1/lookups", &lookup(&format!("WRONG{index}"))).status, 200);
    }
    let minutes = began.elapsed().as_secs() / 60;
    assert!(process.stop().success());
    let log = process.log();
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("more wrong codes are tried")).collect();
    assert!((1..=1 + minutes).contains(&(warnings.len() as u64)), "{warnings:?}");
    let warning: Value = serde_json::from_str(warnings[0]).unwrap();
    assert_eq!((&warning["level"], &warning["site"]), (&json!("WARN"), &json!("studio")));
}

/// Codes, keys and e-mail addresses are secrets (R12): whatever is done with them, and however much is logged, the log does not hold them.
#[test]
fn the_log_tells_no_secrets() {
    for format in ["json", "text"] {
        tells_no_secrets(format);
    }
}

fn tells_no_secrets(format: &str) {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio()).with("RUST_LOG", "trace");
    let mut process = start.with_settings(&["--log-format", format, "--log-level", "trace"]).run();
    let site = &studio()[0];
    let (backend, page) = (process.stranger().with_key(&site.secret), process.stranger().with_key(&site.publishable));
    let ana = json!({ "email": "ana.secret@example.com", "account": "account-secret-7" });
    let mut asked = lookup("WELCOME20");
    asked["customer"] = ana.clone();
    let snapshot = page.post("/v1/lookups", &asked).expect(200)["snapshot"].clone();
    assert!(snapshot.is_string());
    assert_eq!(page.post("/v1/lookups", &lookup("GUESSED-SECRETLY")).status, 200);
    let mut order = reservation_of("order-secret", "WELCOME20", 1440, ana);
    order["snapshot"] = snapshot;
    assert_eq!([201, 200].map(|_| backend.reserve("key-secret", &order).status), [201, 200]);
    assert_eq!(backend.reserve("late-secret", &reservation("other-secret", "WELCOME20", 1)).status, 409);
    let new = json!({ "codes": ["FRESH-SECRET"], "terms": terms("Label", 1000, &json!({})) });
    assert_eq!(backend.post("/v1/promotions", &new).status, 201);
    assert_eq!(backend.post("/v1/promotions", &new).status, 409);
    assert_eq!(backend.request("POST", "/v1/lookups").text(r#"{"code":"BROKEN-SECRET"#).send().status, 400);
    assert_eq!(backend.get("/v1/lookups/URL-SECRET?code=QUERY-SECRET").status, 404);
    assert_eq!(process.stranger().with_key("sk_wrong_secret_0000000000000000").get("/v1/site").status, 401);
    let quote = json!({ "codes": ["QUOTED-SECRET"], "cart": cart("yoga", 1), "customer": { "email": "bad-secret" } });
    assert_eq!(page.post("/v1/quotes", &quote).status, 400);
    for (name, value) in [
        ("x-request-id", "WELCOME20"),
        ("x-request-id", site.secret.as_str()),
        ("x-request-id", "ana.secret@example.com"),
        ("x-forwarded-for", "SECRET, ana.secret@example.com"),
        ("user-agent", "SECRET ana.secret@example.com"),
        ("referer", "https://example.com/?code=WELCOME20"),
        ("cookie", "code=WELCOME20; key=sk_secret"),
        ("origin", "https://secret.example.com"),
        ("traceparent", "secret"),
        ("authorization", "Basic secret"),
        ("if-match", "\"secret\""),
        ("content-type", "secret/secret"),
        ("x-welcome20", "1"),
        ("expect", "secret"),
    ] {
        let answer =
            backend.request("POST", "/v1/lookups").header(name, value).text(lookup("WELCOME20").to_string()).send();
        assert!(answer.header("x-request-id").len() == 32, "{name}: {}", answer.header("x-request-id"));
    }
    assert_eq!(backend.request("SECRETLY", "/v1/site").send().status, 405);
    for nonsense in [
        "GET /?code=WELCOME20 SECRET/1.1\r\nSECRET\r\n\r\n",
        "sk_secret\r\n\r\n",
        "GET / HTTP/1.1\r\nsecret\0: secret\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(process.address()).unwrap();
        stream.write_all(nonsense.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
    }
    assert!(process.stop().success());
    let log = process.log();
    assert!(log.lines().count() > 20, "there is a log: {log}");
    assert_eq!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), format == "json", "{log}");
    for secret in [
        "WELCOME20",
        "welcome20",
        "SECRET",
        "secret",
        "GUESSED",
        "ana.",
        "example.com",
        site.secret.as_str(),
        site.publishable.as_str(),
        "sk_",
        "pk_",
        "Secret",
    ] {
        assert!(!log.contains(secret), "`{secret}` is in the log:\n{log}");
    }
}
