//! One real occurrence of each problem that the server may answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU32;

use chrono::TimeDelta;
use rusqlite::Connection;
use serde_json::{Map, Value, json};
use tearoff_server::limiter::{Guesses, PageRedemptions};
use tearoff_server::problem::Problem;
use tearoff_server::redeem::Unavailable;

use crate::client::{Answer, Client};
use crate::harness::Harness;
use crate::signing::{payload, secret, sign};
use crate::site::{Site, cart, lookup, reservation, terms};

/// Each by its code.
pub(super) fn all() -> Map<String, Value> {
    let mut found = Map::new();
    let mut keep = |answer: &Answer| {
        let problem = answer.any_problem();
        let code = problem["code"].as_str().expect("a code").to_owned();
        assert!(found.insert(code, problem.clone()).is_none(), "twice: {problem}");
    };
    requests(&mut keep);
    owners(&mut keep);
    orders(&mut keep);
    pages(&mut keep);
    signed(&mut keep);
    let mut unavailable: Value = serde_json::from_slice(&Problem::from(Unavailable::Busy).body()).expect("JSON");
    found.insert("unavailable".into(), unavailable.take());
    let mut internal: Value = serde_json::from_slice(&Problem::internal(&"an example").body()).expect("JSON");
    internal["incident"] = json!("inc_0123456789abcdef");
    found.insert("internal_error".into(), internal);
    found
}

type Keep<'k> = dyn FnMut(&Answer) + 'k;

/// What is wrong with a request as such.
fn requests(keep: &mut Keep<'_>) {
    let harness = Harness::of_known_ids(vec![Site::studio("studio")]);
    let (page, backend) = (harness.page(), harness.backend());
    keep(&harness.stranger().get("/v1/site"));
    keep(&page.get("/v1/site"));
    keep(&page.clone().with_header("origin", "https://elsewhere.example").post("/v1/lookups", &lookup("WELCOME20")));
    keep(&backend.post("/v1/quotes", &json!({ "codes": [], "cart": cart("yoga", 0) })));
    keep(&backend.request("POST", "/v1/quotes").bytes("codes").send());
    keep(&announced(&harness, 1024 * 1024 + 1));
    keep(&backend.request("PATCH", "/v1/site").send());
    keep(&backend.get("/v1/promotions/prm_1"));
    let body = reservation("1", "WELCOME20", 1440);
    keep(&backend.post("/v1/redemptions", &body));
    keep(&backend.reserve("two words", &body));
    assert_eq!(backend.reserve("order-1", &body).status, 201);
    keep(&backend.reserve("order-1", &reservation("1", "FIFTY", 1620)));
    keep(&backend.request("PUT", "/v1/site").json(&json!({ "policy": { "currency": "EUR", "zone": "UTC" } })).send());
    let edit = backend.request("PUT", "/v1/catalog").header("if-match", "\"7\"").json(&json!({ "items": [] }));
    keep(&edit.send());
}

/// The answer to a quote whose body would have so many bytes. It comes before the body does.
fn announced(harness: &Harness, bytes: usize) -> Answer {
    let mut stream = TcpStream::connect(harness.address()).expect("a connection");
    let key = &harness.site(0).secret;
    let head = format!(
        "POST /v1/quotes HTTP/1.1\r\nHost: studio\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Content-Length: {bytes}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("a head");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    Answer::parse(&answer)
}

/// What an owner may not do.
fn owners(keep: &mut Keep<'_>) {
    let site = Site::studio("studio").with("lanes", json!([{ "id": "extras" }]));
    let harness = Harness::of_known_ids(vec![site]);
    let backend = harness.backend();
    let own = terms("Extras", 1000, &json!({ "lane": "extras" }));
    let made = backend.post("/v1/promotions", &json!({ "codes": ["EXTRA"], "terms": own })).expect(201);
    let policy = json!({ "policy": { "currency": "EUR", "zone": "Europe/Athens" } });
    keep(&backend.put("/v1/site", &policy));
    let codes = format!("/v1/promotions/{}/codes", made["id"].as_str().expect("an id"));
    keep(&backend.post(&codes, &json!({ "codes": ["WELCOME20"] })));
    let mut automatic = terms("Automatic", 1000, &json!({}));
    automatic["kind"] = json!("automatic");
    let automatic = backend.post("/v1/promotions", &json!({ "terms": automatic })).expect(201);
    let codes = format!("/v1/promotions/{}/codes", automatic["id"].as_str().expect("an id"));
    keep(&backend.post(&codes, &json!({ "codes": ["AUTO"] })));
    keep(&beyond_a_hundred(&backend));
    let tester = backend.post("/v1/keys", &json!({ "kind": "secret", "mode": "test" })).expect(201);
    let tester = harness.stranger().with_key(tester["key"].as_str().expect("a key"));
    keep(&tester.post("/v1/keys", &json!({ "kind": "secret" })));
    let keys = backend.get("/v1/keys").expect(200);
    let is_own = |key: &&Value| key["kind"] == "secret" && key["mode"] == "live";
    let own = keys["keys"].as_array().expect("keys").iter().find(is_own).expect("the key")["id"].clone();
    keep(&backend.request("DELETE", &format!("/v1/keys/{}", own.as_str().expect("an id"))).send());
    keep(&backend.post("/v1/keys", &json!({ "kind": "publishable", "replaces": { "id": own } })));
    let fill = |path: &str, body: &Value| {
        for _ in 0..300 {
            let answer = backend.post(path, body);
            if answer.status == 409 {
                return answer;
            }
        }
        panic!("{path} has no end");
    };
    keep(&fill("/v1/keys", &json!({ "kind": "publishable" })));
    keep(&fill("/v1/site/secrets/carts", &json!({})));
    keep(&fill("/v1/site/secrets/rotate", &json!({})));
}

/// The answer to switching on one more promotion without a code than a site may have.
fn beyond_a_hundred(backend: &Client) -> Answer {
    let mut automatic = terms("Automatic", 1000, &json!({}));
    automatic["kind"] = json!("automatic");
    let off = backend.post("/v1/promotions", &json!({ "terms": automatic, "active": false })).expect(201);
    while backend.post("/v1/promotions", &json!({ "terms": automatic })).status == 201 {}
    let address = format!("/v1/promotions/{}/activate", off["id"].as_str().expect("an id"));
    backend.request("POST", &address).send()
}

/// What cannot become of an order.
fn orders(keep: &mut Keep<'_>) {
    let harness = Harness::of_known_ids(vec![Site::studio("studio")]);
    let backend = harness.backend();
    let address = |redemption: &Value| format!("/v1/redemptions/{}", redemption["id"].as_str().expect("an id"));
    let step = |of: &str, name: &str| backend.request("POST", &format!("{of}/{name}")).send();
    keep(&backend.reserve("changed", &reservation("1", "WELCOME20", 1)));
    keep(&backend.reserve("refused", &reservation("1", "MIN30", 1800)));
    let held = address(&backend.reserve("first", &reservation("1", "LAST", 1620)).expect(201));
    keep(&backend.reserve("other", &reservation("1", "WELCOME20", 1440)));
    harness.clock().set(harness.now() + TimeDelta::minutes(15));
    assert_eq!(backend.reserve("second", &reservation("2", "LAST", 1620)).status, 201);
    keep(&step(&held, "confirm"));
    let mut two = reservation("3", "WELCOME20", 2880);
    two["cart"] = cart("yoga", 2);
    let order = address(&backend.reserve("third", &two).expect(201));
    let mut back = {
        let (mut count, backend, order) = (0, backend.clone(), order.clone());
        move |parts: Value| {
            count += 1;
            let request = backend.request("POST", &format!("{order}/reverse"));
            let request = request.header("idempotency-key", &format!("back-{count}"));
            request.json(&json!({ "cause": "cancelled", "parts": parts })).send()
        }
    };
    keep(&back(json!([])));
    assert_eq!([step(&order, "place").status, step(&order, "confirm").status], [200, 200]);
    keep(&step(&order, "release"));
    keep(&back(json!([{ "line": "9" }])));
    assert_eq!(back(json!([{ "line": "1", "quantity": 1 }])).status, 200);
    keep(&back(json!([{ "line": "1", "quantity": 2 }])));
    let instead = json!({ "cart": cart("yoga", 1), "codes": [], "seen": { "total_minor": 1800 } });
    let replace = backend.request("POST", &format!("{order}/replace")).header("idempotency-key", "replace");
    keep(&replace.json(&instead).send());
    let database = Connection::open(harness.database()).expect("the database");
    database.execute("UPDATE redemptions SET engine = 0", []).expect("an engine of long ago");
    keep(&back(json!([])));
}

/// What pages may not do so often.
fn pages(keep: &mut Keep<'_>) {
    let one = NonZeroU32::MIN;
    let harness = Harness::configured_of_known_ids(vec![Site::studio("studio").whose_tag_redeems()], |config| {
        config.guesses = Guesses { per_minute: one, burst: NonZeroU32::new(3).expect("some") };
        config.page_redemptions = PageRedemptions(one);
    });
    let page = harness.page();
    let order = |order: &str| {
        let mut body = reservation(order, "WELCOME20", 1440);
        body["place"] = json!(true);
        page.reserve(order, &body)
    };
    assert_eq!(order("1").status, 201);
    keep(&order("2"));
    let refused = (0..10).map(|_| page.post("/v1/lookups", &lookup("GUESS"))).find(|answer| answer.status == 429);
    keep(&refused.expect("a refusal"));
}

/// Carts that nobody has signed as they should be.
fn signed(keep: &mut Keep<'_>) {
    let harness = Harness::of_known_ids(vec![Site::studio("studio").with("prices", "signed")]);
    let page = harness.page();
    let ask = |token: &str| page.post("/v1/quotes", &json!({ "codes": [], "signed_cart": token }));
    keep(&page.post("/v1/quotes", &json!({ "codes": [], "cart": cart("yoga", 1) })));
    let own = secret(&harness.backend());
    let token = sign(&payload("studio", harness.now(), &cart("yoga", 1)), &own);
    keep(&ask(&sign(&payload("other", harness.now(), &cart("yoga", 1)), &own)));
    harness.clock().set(harness.now() + TimeDelta::hours(1));
    keep(&ask(&token));
}
