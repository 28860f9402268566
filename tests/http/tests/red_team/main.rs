//! The red team: each attack of the list in `README.md`, tried on a real server over real HTTP, and what must hold afterwards.

mod a;
mod b;
mod c;
mod c_signed;
mod d;
mod e;
mod f;
mod g;
mod i;
mod table;

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::thread;

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::terms;

/// Makes a promotion with this code, and gives its address.
fn offer(backend: &Client, code: &str, percent_bp: u64, more: &Value) -> String {
    let body = json!({ "codes": [code], "terms": terms(code, percent_bp, more) });
    address(&backend.post("/v1/promotions", &body).expect(201))
}

/// The address of a promotion that was answered.
fn address(promotion: &Value) -> String {
    format!("/v1/promotions/{}", promotion["id"].as_str().expect("an id"))
}

/// What is sold: an id, a kind, and what it costs in which currencies.
type Sold<'a> = (&'a str, &'a str, &'a [(&'a str, i64)]);

/// Sells these and nothing else.
fn sell(backend: &Client, items: &[Sold<'_>]) {
    let price = |(currency, amount): &(&str, i64)| json!({ "currency": currency, "amount_minor": amount });
    let items: Vec<Value> = items
        .iter()
        .map(|(id, kind, prices)| {
            json!({ "id": id, "name": id, "kind": kind, "prices": prices.iter().map(price).collect::<Vec<_>>() })
        })
        .collect();
    assert_eq!(backend.put("/v1/catalog", &json!({ "items": items })).status, 200);
}

/// What a cart with these codes costs, as the backend is told.
fn quote(backend: &Client, codes: &[&str], cart: &Value) -> Value {
    backend.post("/v1/quotes", &json!({ "codes": codes, "cart": cart })).expect(200)["quote"].clone()
}

/// The status of the first decision, and its first reason.
fn first(quote: &Value) -> (&str, &str) {
    let decision = &quote["decisions"][0];
    (decision["status"].as_str().unwrap_or_default(), decision["reasons"][0]["code"].as_str().unwrap_or_default())
}

/// Takes a step of a redemption.
fn step(backend: &Client, redemption: &Value, step: &str) -> Answer {
    let id = redemption["id"].as_str().expect("an id");
    backend.request("POST", &format!("/v1/redemptions/{id}/{step}")).send()
}

/// Takes a redemption back.
fn reverse(backend: &Client, redemption: &Value, key: &str, body: &Value) -> Answer {
    let path = format!("/v1/redemptions/{}/reverse", redemption["id"].as_str().expect("an id"));
    backend.request("POST", &path).header("idempotency-key", key).json(body).send()
}

/// Asks `count` times at one moment, each time from a connection of its own that is open already.
fn at_once(harness: &Harness, count: usize, ask: impl Fn(usize, &Client) -> Answer + Sync) -> Vec<Answer> {
    let (together, ask) = (Barrier::new(count), &ask);
    let together = &together;
    thread::scope(|scope| {
        let ask_one = |index: usize| {
            move || {
                let backend = harness.backend();
                assert_eq!(backend.get("/healthz").status, 200);
                together.wait();
                ask(index, &backend)
            }
        };
        let asking: Vec<_> = (0..count).map(|index| scope.spawn(ask_one(index))).collect();
        asking.into_iter().map(|asked| asked.join().expect("an answer")).collect()
    })
}

/// How many answers there were of each kind: a status, or the code of a problem.
fn tally<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for answer in answers {
        let kind = match answer.status {
            200 | 201 => answer.status.to_string(),
            _ => answer.any_problem()["code"].as_str().unwrap_or_default().to_owned(),
        };
        *tally.entry(kind).or_default() += 1;
    }
    tally
}

/// So many of one kind, and so many of another.
fn of<const N: usize>(kinds: [(&str, usize); N]) -> BTreeMap<String, usize> {
    kinds.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect()
}

/// How often a code counts as used: the counter of its promotion, which must be the number of its uses that stand.
fn used(harness: &Harness, code: &str) -> u32 {
    let look = Connection::open_with_flags(harness.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database");
    let number = |sql: &str| look.query_row(sql, [code], |row| row.get::<_, u32>(0)).expect("a number");
    let counter = number(
        "SELECT coalesce(sum(used), 0) FROM counters JOIN codes USING (promotion) WHERE key = ?1 AND per = 0 AND mode = 0",
    );
    let uses =
        number("SELECT count(*) FROM uses JOIN redemptions ON id = redemption WHERE code = ?1 AND state IN (0, 1, 2)");
    assert_eq!(counter, uses, "{code}: the counter is the number of uses");
    counter
}

/// A problem of the request that names this field.
fn names(answer: &Answer, field: &str) {
    let problem = answer.problem(400, "invalid_request");
    let errors = problem["errors"].as_array().expect("errors");
    assert!(errors.iter().any(|error| error["field"] == field), "`{field}` is not named: {problem}");
}
