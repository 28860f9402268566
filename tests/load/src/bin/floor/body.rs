//! The body that every floor parses, that of a quote or a redemption; and how what is recorded of it is found.

use serde::{Deserialize, Serialize};

/// A cart with its codes, and what an order adds to it.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed, because whoever answers must")]
pub(crate) struct Body {
    pub(crate) codes: Vec<String>,
    #[serde(default)]
    pub(crate) order: String,
    pub(crate) cart: Cart,
    pub(crate) seen: Option<Seen>,
    pub(crate) snapshot: Option<String>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "as above")]
pub(crate) struct Cart {
    pub(crate) lines: Vec<Line>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "as above")]
pub(crate) struct Line {
    id: String,
    item: String,
    quantity: u32,
    #[serde(default)]
    occurrences: Vec<Occurrence>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "as above")]
pub(crate) struct Occurrence {
    start: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Seen {
    pub(crate) total_minor: i64,
}

/// What a redemption is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    pub(crate) used: i64,
}

/// What can be indexed, as a redemption is: by its id, its order, its site, its time, its promotion and its idempotency key.
pub(crate) const INDEXES: [&str; 8] = [
    "UNIQUE INDEX by_id ON redemption (id)",
    "UNIQUE INDEX by_order ON redemption (site, reference)",
    "INDEX by_site ON redemption (site, id)",
    "INDEX by_promotion ON redemption (code, id)",
    "UNIQUE INDEX by_key ON redemption (site, idempotency_key)",
    "INDEX by_time ON redemption (made_at)",
    "INDEX by_id_and_promotion ON redemption (id, code)",
    "INDEX by_age ON redemption (kept_until)",
];
