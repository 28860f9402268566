//! The studio that every test is about: what it sells, its codes, and the bodies that its pages and its backend send.

use serde_json::{Value, json};

/// What the clock of every harness shows when it opens: a Tuesday, noon in Athens.
pub const OPENING: &str = "2026-12-01T10:00:00Z";

/// A site to be seeded, with its two keys.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its id.
    pub id: String,
    /// The key of its pages.
    pub publishable: String,
    /// The key of its backend.
    pub secret: String,
    seed: Value,
}

impl Site {
    /// A site with the studio's catalog and codes. Redemptions are confirmed when paid, and only by the backend.
    #[must_use]
    pub fn studio(id: &str) -> Self {
        let publishable = format!("pk_{id}_{}", "0".repeat(24));
        let secret = format!("sk_{id}_{}", "1".repeat(24));
        let seed = json!({
            "id": id, "keys": [publishable, secret],
            "origins": [format!("https://{id}.example")],
            "policy": { "currency": "EUR", "zone": "Europe/Athens", "confirm_on": "paid", "hold_seconds": 900,
                        "honor_quote_seconds": 300, "locations": [{ "id": "annex", "zone": "Europe/Athens" }] },
            "catalog": { "items": catalog() },
            "promotions": promotions(),
        });
        Self { id: id.to_owned(), publishable, secret, seed }
    }

    /// A site that sells nothing and offers nothing yet.
    #[must_use]
    pub fn bare(id: &str) -> Self {
        let mut site = Self::studio(id);
        site.seed["catalog"]["items"] = json!([]);
        site.seed["promotions"] = json!([]);
        site
    }

    /// The same site, with this setting of its policy.
    #[must_use]
    pub fn with(mut self, setting: &str, value: impl Into<Value>) -> Self {
        self.seed["policy"][setting] = value.into();
        self
    }

    /// The same site, whose pages redeem without a backend (R55).
    #[must_use]
    pub fn whose_tag_redeems(self) -> Self {
        self.with("confirm_on", "placed").with("tag_redeems", true)
    }

    /// The seed of a server with these sites.
    #[must_use]
    pub fn seed(sites: &[Self]) -> Value {
        json!({ "sites": sites.iter().map(|site| site.seed.clone()).collect::<Vec<_>>() })
    }
}

fn catalog() -> Value {
    let item = |id: &str, kind: &str, amount_minor: u64| {
        json!({ "id": id, "name": id, "kind": kind, "categories": ["all"],
                "prices": [{ "currency": "EUR", "amount_minor": amount_minor }] })
    };
    let mut items = vec![
        item("yoga", "group_class", 1800),
        item("massage", "appointment", 6500),
        item("mug", "product", 1200),
        item("pass", "package", 15_000),
        item("estate", "product", 999_999_999_999),
    ];
    items[2]["prices"] =
        json!([{ "currency": "EUR", "amount_minor": 1200 }, { "currency": "USD", "amount_minor": 1300 }]);
    items.into()
}

fn promotions() -> Value {
    let coupon = |code: &str, percent_bp: u64, more: &Value| json!({ "codes": [code], "terms": terms(&format!("Label of {code}"), percent_bp, more) });
    let minimum = |amount_minor: u64| json!({ "conditions": [{ "type": "minimum_subtotal", "amounts": [{ "currency": "EUR", "amount_minor": amount_minor }] }] });
    let window =
        |from: &str, until: &str| json!({ "conditions": [{ "type": "redeemable", "from": from, "until": until }] });
    let mut private = minimum(10_000);
    private["disclosure"] = "private".into();
    let mut switched_off = coupon("OFF10", 1000, &json!({}));
    switched_off["active"] = false.into();
    json!([
        coupon("WELCOME20", 2000, &json!({})),
        coupon("HUNDRED", 10_000, &json!({})),
        coupon("FIFTY", 1000, &json!({ "limits": { "total": 50 } })),
        coupon("LAST", 1000, &json!({ "limits": { "total": 1 } })),
        coupon("ONCE", 1000, &json!({ "limits": { "per_customer": 1 } })),
        coupon("MIN30", 1000, &minimum(3000)),
        coupon("TUESDAY", 1000, &json!({ "conditions": [{ "type": "weekdays", "days": ["tue"] }] })),
        coupon("EXPIRED", 1000, &window("2026-11-01", "2026-11-30")),
        coupon("SOON", 1000, &window("2026-12-24", "2026-12-26")),
        coupon("TODAY", 1000, &window("2026-12-01", "2026-12-01")),
        coupon("SECRETLY", 5000, &private),
        switched_off,
    ])
}

/// The terms of a coupon, with whatever `more` says.
#[must_use]
pub fn terms(label: &str, percent_bp: u64, more: &Value) -> Value {
    let mut terms = json!({
        "name": "internal name", "description": "internal description", "kind": "coupon", "label": label,
        "benefit": { "type": "percent", "percent_bp": percent_bp },
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        terms[name] = value.clone();
    }
    terms
}

/// A cart of so many of an item, without dates.
#[must_use]
pub fn cart(item: &str, quantity: u64) -> Value {
    json!({ "lines": [{ "id": "1", "item": item, "quantity": quantity }] })
}

/// A cart of one yoga class at this start.
#[must_use]
pub fn class_at(start: &str) -> Value {
    json!({ "lines": [{ "id": "1", "item": "yoga", "occurrences": [{ "start": start }] }] })
}

/// What a page asks when a code is typed, for one yoga class.
#[must_use]
pub fn lookup(code: &str) -> Value {
    json!({ "code": code, "cart": cart("yoga", 1) })
}

/// What the backend asks for an order of one yoga class, whose total the visitor saw.
#[must_use]
pub fn reservation(order: &str, code: &str, total_minor: u64) -> Value {
    json!({ "order": order, "codes": [code], "cart": cart("yoga", 1), "seen": { "total_minor": total_minor } })
}

/// The same, for this customer.
#[must_use]
pub fn reservation_of(order: &str, code: &str, total_minor: u64, customer: Value) -> Value {
    let mut body = reservation(order, code, total_minor);
    body["customer"] = customer;
    body
}
