//! What every ledger begins with.

use serde_json::{Value, json};
use tearoff_server::seed::Seed;

use super::PRICE_MINOR;

/// The codes of the first site.
pub const CODES: [&str; 8] = ["FREELY", "LAST", "THREE", "ONCE", "BOTH", "MANY", "TWIN", "GIFT"];

/// Two studios with a mug at 10.00 and codes that take 1.00 off.
pub(super) fn seed() -> Seed {
    let coupon = |codes: &[&str], limits: Value| {
        let code = codes[0];
        let benefit = json!({ "type": "fixed", "amounts": [{ "currency": "EUR", "amount_minor": 100 }] });
        json!({ "codes": codes, "terms": { "name": code, "kind": "coupon", "label": code, "benefit": benefit, "limits": limits } })
    };
    let gift = json!({ "codes": ["GIFT"], "terms": { "name": "GIFT", "kind": "gift", "label": "GIFT",
        "benefit": { "type": "gift", "items": ["mug"] }, "limits": { "total": 1 } } });
    let studio = |id: &str| {
        json!({
            "id": id, "keys": [format!("pk_{id}_{}", "0".repeat(24)), format!("sk_{id}_{}", "0".repeat(24))],
            "policy": { "currency": "EUR", "zone": "Europe/Athens", "confirm_on": "paid" },
            "catalog": { "items": [{ "id": "mug", "name": "Mug", "kind": "product",
                                     "prices": [{ "currency": "EUR", "amount_minor": PRICE_MINOR }] }] },
            "promotions": [
                coupon(&["FREELY"], json!({})),
                coupon(&["LAST"], json!({ "total": 1 })),
                coupon(&["THREE"], json!({ "total": 3 })),
                coupon(&["ONCE"], json!({ "per_customer": 1 })),
                coupon(&["BOTH"], json!({ "total": 3, "per_customer": 2 })),
                gift,
                coupon(&["MANY", "TWIN"], json!({
                    "total": { "max": 9, "count": "occurrences" }, "per_code": 3, "per_day": { "max": 4, "count": "occurrences" },
                    "per_week": 3, "per_month": 4, "budget": [{ "currency": "EUR", "amount_minor": 450 }],
                })),
            ],
        })
    };
    serde_json::from_value(json!({ "sites": [studio("studio"), studio("annex")] })).expect("a seed")
}
