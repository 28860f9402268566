//! The site that is asked, and what is asked of it.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::request::{NUMBER, Request};

/// How many promotions there are beside the one that everybody wants.
const PROMOTIONS: u32 = 200;
/// The code that everybody wants.
const HOT: &str = "EVERYBODY";
/// What each may be used at most, which no run reaches.
pub const MOST: u32 = 100_000_000;
const PUBLISHABLE: &str = "pk_load_00000000000000000000000000";
const SECRET: &str = "sk_load_11111111111111111111111111";

/// All codes, the one that everybody wants first.
pub fn codes() -> impl Iterator<Item = String> {
    std::iter::once(HOT.to_owned()).chain((0..PROMOTIONS).map(|number| format!("SPRING{number}")))
}

/// The seed of a server with this site.
#[must_use]
pub fn seed() -> Value {
    let item = |id: &str, kind: &str, amount_minor: u32| {
        json!({ "id": id, "name": id, "kind": kind, "categories": ["all"],
                "prices": [{ "currency": "EUR", "amount_minor": amount_minor }] })
    };
    let promotion = |code: String| {
        json!({ "codes": [code], "terms": {
            "name": "spring", "kind": "coupon", "label": "20 % off", "benefit": { "type": "percent", "percent_bp": 2000 },
            "conditions": [{ "type": "minimum_subtotal", "amounts": [{ "currency": "EUR", "amount_minor": 2000 }] }],
            "limits": { "total": MOST } } })
    };
    json!({ "sites": [{
        "id": "load", "keys": [PUBLISHABLE, SECRET], "origins": ["https://load.example"],
        "policy": { "currency": "EUR", "zone": "Europe/Athens", "confirm_on": "paid", "hold_seconds": 900,
                    "honor_quote_seconds": 300 },
        "catalog": { "items": [item("yoga", "group_class", 1800), item("mug", "product", 1200)] },
        "promotions": codes().map(promotion).collect::<Vec<_>>(),
    }] })
}

/// Which promotions are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of them in turn.
    Many,
    /// One.
    Hot,
}

impl Wanted {
    fn codes(self) -> Vec<String> {
        match self {
            Self::Many => codes().skip(1).collect(),
            Self::Hot => codes().take(1).collect(),
        }
    }
}

fn cart() -> Value {
    json!({ "lines": [
        { "id": "1", "item": "yoga", "quantity": 2, "occurrences": [{ "start": "2027-05-04T18:00" }] },
        { "id": "2", "item": "mug", "quantity": 1 },
    ] })
}

fn bearer(key: &str) -> String {
    format!("Bearer {key}")
}

/// What a page asks for the price of the cart.
#[must_use]
pub fn quotes() -> Vec<Request> {
    let authorization = bearer(PUBLISHABLE);
    let ask = |code: String| {
        let body = json!({ "codes": [code], "cart": cart() });
        Request::post("/v1/quotes", &[("authorization", &authorization)], &body.to_string())
    };
    Wanted::Many.codes().into_iter().map(ask).collect()
}

/// What a backend sends to redeem, an order a request, with the snapshot that `server` has signed for each code.
///
/// # Panics
/// When the server gives none.
#[must_use]
pub fn redemptions(server: SocketAddr, wanted: Wanted) -> Vec<Request> {
    reservations(server, wanted, true)
}

/// The same without snapshots, which any server with this site takes.
///
/// # Panics
/// When the server does not tell the price.
#[must_use]
pub fn redemptions_anywhere(server: SocketAddr, wanted: Wanted) -> Vec<Request> {
    reservations(server, wanted, false)
}

fn reservations(server: SocketAddr, wanted: Wanted, with_snapshot: bool) -> Vec<Request> {
    let (page, backend) = (bearer(PUBLISHABLE), bearer(SECRET));
    let ask = |code: String| {
        let lookup = json!({ "code": code, "cart": cart() }).to_string();
        let (status, told) = Request::post("/v1/lookups", &[("authorization", &page)], &lookup).send(server, 0);
        assert_eq!(status, 200, "{told}");
        let told: Value = serde_json::from_str(&told).expect("an answer");
        let (total, snapshot) = (&told["quote"]["total_minor"], &told["snapshot"]);
        assert!(total.is_u64() && snapshot.is_string(), "{told}");
        let mut body = json!({ "order": format!("order-{NUMBER}"), "codes": [code], "cart": cart(),
                           "seen": { "total_minor": total } });
        if with_snapshot {
            body["snapshot"] = snapshot.clone();
        }
        let key = format!("order-{NUMBER}");
        let headers = [("authorization", backend.as_str()), ("idempotency-key", &key)];
        Request::post("/v1/redemptions", &headers, &body.to_string())
    };
    wanted.codes().into_iter().map(ask).collect()
}
