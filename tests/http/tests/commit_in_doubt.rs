//! A connection to PostgreSQL that breaks while it commits: nobody knows whether the commit held, the work is done again, and what has no
//! idempotency key is done once all the same.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tearoff_http_tests::client::Client;
use tearoff_http_tests::process::{Process, Start};
use tearoff_http_tests::site::{Site, terms};
use tearoff_postgres_tests::{Cluster, Cut, Database, Proxy};
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");

/// A server behind a network that can be cut.
struct Behind {
    proxy: Proxy,
    database: Database,
    backend: Client,
    _process: Process,
    _folder: TempDir,
}

impl Behind {
    fn start() -> Self {
        let database = Cluster::shared().database();
        let proxy = Proxy::to(&database);
        let folder = TempDir::new().unwrap();
        let site = Site::studio("studio");
        let process = Start::new(SERVER, folder.path(), std::slice::from_ref(&site)).on(&proxy.url()).run();
        let backend = process.stranger().with_key(&site.secret);
        Self { proxy, database, backend, _process: process, _folder: folder }
    }

    /// Asks without an idempotency key, while the next commit is cut.
    fn ask(&self, cut: Cut, path: &str, body: &Value) -> Value {
        self.proxy.cut_next_commit(cut);
        let answer = self.backend.post(path, body);
        assert!(matches!(answer.status, 200 | 201), "{cut:?} {path}: {}", answer.text());
        assert!(!self.proxy.is_whole(), "{cut:?} {path}: nothing was cut");
        answer.json()
    }

    fn count(&self, sql: &str) -> i64 {
        self.database.number(sql)
    }
}

#[test]
fn what_is_made_is_made_once() {
    let behind = Behind::start();
    for (number, cut) in (1..).zip([Cut::Before, Cut::After]) {
        let promotions = behind.count("SELECT count(*) FROM promotions");
        // Once with a code, which would be taken the second time, and once without.
        for codes in [json!([format!("DOUBT{number}")]), json!([])] {
            let made = behind.ask(
                cut,
                "/v1/promotions",
                &json!({ "codes": codes, "terms": terms("Doubt", 1000, &json!({})) }),
            );
            let id = made["id"].as_str().unwrap();
            assert_eq!(behind.backend.get(&format!("/v1/promotions/{id}")).status, 200);
        }
        assert_eq!(behind.count("SELECT count(*) FROM promotions"), promotions + 2, "{cut:?}");

        let keys = behind.count("SELECT count(*) FROM keys");
        let key = behind.ask(cut, "/v1/keys", &json!({ "kind": "secret" }));
        assert_eq!(behind.count("SELECT count(*) FROM keys"), keys + 1, "{cut:?}");
        let key = key["key"].as_str().unwrap().to_owned();
        assert_eq!(
            behind.backend.clone().with_key(&key).get("/v1/promotions").status,
            200,
            "it is the one that was told"
        );

        let rotated = behind.ask(cut, "/v1/site/secrets/rotate", &json!({}));
        assert_eq!(rotated["version"], number + 1, "{cut:?}");

        let secrets = behind.count("SELECT count(*) FROM cart_secrets");
        behind.ask(cut, "/v1/site/secrets/carts", &json!({}));
        assert_eq!(behind.count("SELECT count(*) FROM cart_secrets"), secrets + 1, "{cut:?}");
    }
}

#[test]
fn as_many_codes_are_drawn_as_were_asked_for() {
    let behind = Behind::start();
    let made = behind.backend.post("/v1/promotions", &json!({ "codes": [], "terms": terms("Many", 1000, &json!({})) }));
    let id = made.expect(201)["id"].as_str().unwrap().to_owned();
    let drawn = thread::scope(|scope| {
        let path = format!("/v1/promotions/{id}/codes/generate");
        let backend = behind.backend.clone();
        let drawing = scope.spawn(move || backend.post(&path, &json!({ "count": 8000 })));
        // Not faster than a batch is done again: whoever is cut all the time gives up.
        for cut in [Cut::After, Cut::After, Cut::Before, Cut::After] {
            behind.proxy.cut_next_commit(cut);
            while behind.proxy.is_whole() && !drawing.is_finished() {
                thread::sleep(Duration::from_millis(2));
            }
            thread::sleep(Duration::from_millis(50));
        }
        drawing.join().unwrap()
    });
    assert_eq!(drawn.expect(200)["added"], 8000);
    assert!(!behind.proxy.is_whole(), "the last cut was none");
    let count = format!(
        "SELECT count(*) FROM codes JOIN promotions ON promotions.number = codes.promotion WHERE promotions.id = '{id}'"
    );
    assert_eq!(behind.count(&count), 8000);
}

/// Whoever asks while the database is away is told to come back, whatever their key.
#[test]
fn while_the_database_is_away_everybody_is_told_to_come_back() {
    let behind = Behind::start();
    let stranger = behind.backend.clone().with_key("sk_of_nobody_000000000000000");
    assert_eq!((behind.backend.get("/v1/site").status, stranger.get("/v1/site").status), (200, 401));
    behind.proxy.go_down();
    for client in [&behind.backend, &stranger] {
        for answer in [client.get("/v1/site"), client.post("/v1/quotes", &json!({}))] {
            let retry_after = answer.header("retry-after").to_owned();
            let _ = answer.problem(503, "unavailable");
            assert!(retry_after.parse::<u32>().is_ok(), "{retry_after}");
        }
    }
    behind.proxy.come_back();
    assert_eq!(behind.backend.get("/v1/site").status, 200);
}
