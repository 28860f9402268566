//! The body that every floor parses: that of a quote or a redemption.

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
