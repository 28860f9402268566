//! The examples of the interface's description: a studio's day, asked and answered by a real server whose clock stands still and whose ids and
//! secrets are always the same. `cargo run -p tearoff-http-tests --bin interface-examples` writes them anew; a test compares them.

mod problems;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tearoff_server::ids::{Ids, NoRandomness};

use crate::client::{Answer, Client};
use crate::harness::Harness;
use crate::signing::{payload, sign};
use crate::site::Site;

/// Where they are kept.
#[must_use]
pub fn committed() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../server/src/routes/openapi/examples.json")
}

/// They, as they are kept. Ids are counted for the whole process: call it once.
#[must_use]
pub fn text() -> String {
    let mut walk = Walk::open();
    walk.owner();
    walk.codes();
    walk.customers();
    walk.orders();
    walk.secrets();
    let problems = problems::all();
    let all = json!({ "operations": walk.found, "problems": problems });
    format!("{}\n", serde_json::to_string_pretty(&all).expect("JSON"))
}

/// What looks random and is the same each time. Nobody else may have such: whoever reads the examples knows its secrets.
#[derive(Debug, Default)]
pub struct KnownIds(AtomicU64);

impl Ids for KnownIds {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        for (part, chunk) in (0_u64..).zip(bytes.chunks_mut(32)) {
            let hash = Sha256::digest([count.to_be_bytes(), part.to_be_bytes()].concat());
            chunk.copy_from_slice(&hash[..chunk.len()]);
        }
        Ok(())
    }
}

/// A request, as a step of the walk.
struct Step<'a> {
    route: &'a str,
    ids: &'a [&'a str],
    headers: &'a [(&'a str, &'a str)],
    body: Option<Value>,
}

/// A request without anything but its route.
const fn step(route: &str) -> Step<'_> {
    Step { route, ids: &[], headers: &[], body: None }
}

struct Walk {
    harness: Harness,
    found: Map<String, Value>,
}

impl Walk {
    fn open() -> Self {
        let site = Site::bare("studio").with("confirm_on", "paid");
        Self { harness: Harness::of_known_ids(vec![site]), found: Map::new() }
    }

    /// Does a step with the backend's key, and keeps it as the example of its operation.
    fn done(&mut self, step: Step<'_>) -> Value {
        let backend = self.harness.backend();
        self.done_by(&backend, step)
    }

    fn done_by(&mut self, client: &Client, step: Step<'_>) -> Value {
        let (method, route) = step.route.split_once(' ').expect("a method and a route");
        let (mut path, mut parameters) = (route.to_owned(), Map::new());
        for id in step.ids {
            let (before, rest) = path.split_once('{').expect("a place for an id");
            let (name, after) = rest.split_once('}').expect("its end");
            parameters.insert(name.to_owned(), json!(id));
            path = format!("{before}{id}{after}");
        }
        let mut request = client.request(method, &path);
        for (name, value) in step.headers {
            parameters.insert((*name).to_owned(), json!(value));
            request = request.header(name, value);
        }
        let answer: Answer = match &step.body {
            Some(body) => request.json(body).send(),
            None => request.send(),
        };
        assert!((200..300).contains(&answer.status), "{}: {} {}", step.route, answer.status, answer.text());
        let told = match answer.header("content-type") {
            "" => Value::Null,
            "application/json" => answer.json(),
            _ => answer.text().into(),
        };
        let mut example = json!({ "parameters": parameters, "status": answer.status, "response": told });
        if let Some(body) = step.body {
            example["request"] = body;
        }
        let is_new = self.found.insert(format!("{} {route}", method.to_lowercase()), example).is_none();
        assert!(is_new, "{} has an example already", step.route);
        told
    }

    fn owner(&mut self) {
        let item = |id: &str, name: &str, kind: &str, amount_minor: u32| {
            json!({ "id": id, "name": name, "kind": kind, "categories": ["classes"],
                    "prices": [{ "currency": "EUR", "amount_minor": amount_minor }] })
        };
        let items = json!({ "items": [item("yoga", "Vinyasa yoga", "group_class", 1800), item("private", "Private session", "appointment", 6500)] });
        let any = &[("If-Match", "*")];
        self.done(Step { headers: any, body: Some(items), ..step("PUT /v1/catalog") });
        self.done(step("GET /v1/catalog"));
        let site = self.done(step("GET /v1/site"));
        let decided = json!({ "policy": site["policy"], "origins": ["https://studio.example"] });
        self.done(Step { headers: any, body: Some(decided), ..step("PUT /v1/site") });
        let terms = |name: &str| {
            json!({ "name": name, "kind": "coupon", "label": "20 % off", "benefit": { "type": "percent", "percent_bp": 2000 },
                    "limits": { "total": 100, "per_customer": 1 },
                    "conditions": [{ "type": "redeemable", "from": "2026-12-01", "until": "2026-12-31" }] })
        };
        let body = json!({ "codes": ["WELCOME20"], "terms": terms("December letter") });
        let key = &[("Idempotency-Key", "december-letter")];
        let made = self.done(Step { headers: key, body: Some(body), ..step("POST /v1/promotions") });
        let id = made["id"].as_str().expect("an id").to_owned();
        self.done(step("GET /v1/promotions"));
        self.done(Step { ids: &[&id], ..step("GET /v1/promotions/{id}") });
        let edited = json!({ "terms": terms("December letter, second edition") });
        self.done(Step { ids: &[&id], headers: any, body: Some(edited), ..step("PUT /v1/promotions/{id}") });
        self.done(Step { ids: &[&id], ..step("POST /v1/promotions/{id}/deactivate") });
        self.done(Step { ids: &[&id], ..step("POST /v1/promotions/{id}/activate") });
        self.done(step("GET /v1/presets"));
    }

    fn codes(&mut self) {
        let body = json!({ "terms": { "name": "Vouchers", "kind": "coupon", "label": "10.00 off",
            "benefit": { "type": "fixed", "amounts": [{ "currency": "EUR", "amount_minor": 1000 }] }, "limits": { "per_code": 1 } } });
        let made = self.harness.backend().post("/v1/promotions", &body).expect(201);
        let id = made["id"].as_str().expect("an id").to_owned();
        let ids: &[&str] = &[&id];
        let list = json!({ "codes": ["VOUCHER-1", "VOUCHER-2", "no/code"], "skip_faulty": true });
        self.done(Step { ids, body: Some(list), ..step("POST /v1/promotions/{id}/codes") });
        let drawn = json!({ "count": 2, "prefix": "GIFT-" });
        let key = &[("Idempotency-Key", "vouchers-1")];
        self.done(Step { ids, headers: key, body: Some(drawn), ..step("POST /v1/promotions/{id}/codes/generate") });
        self.done(Step { ids, ..step("GET /v1/promotions/{id}/codes") });
        self.done(Step {
            ids,
            body: Some(json!({ "code": "voucher-1" })),
            ..step("POST /v1/promotions/{id}/codes/retire")
        });
        let selected = json!({ "which": "selected", "codes": ["VOUCHER-2"] });
        self.done(Step { ids, body: Some(selected), ..step("POST /v1/promotions/{id}/codes/delete") });
        self.done(Step { ids: &["codes"], ..step("GET /v1/export/{resource}") });
        let sheet = self.harness.backend().get("/v1/export/codes?format=csv");
        assert_eq!(sheet.status, 200, "{}", sheet.text());
        self.found["get /v1/export/{resource}"]["forms"] = json!({ "text/csv": sheet.text() });
    }

    fn customers(&mut self) {
        let customer = json!({ "emails": ["ana@example.com"], "tags": ["vip"], "history": { "has_ordered": true } });
        let many = json!({ "customers": [{ "id": "41", "customer": { "phones": ["+302101234567"] } }] });
        self.done(Step { body: Some(many), ..step("POST /v1/customers/import") });
        let any = &[("If-Match", "*")];
        self.done(Step { ids: &["42"], headers: any, body: Some(customer), ..step("PUT /v1/customers/{id}") });
        self.done(Step { ids: &["42"], ..step("GET /v1/customers/{id}") });
        self.done(step("GET /v1/customers"));
        self.done(Step { ids: &["41"], headers: any, ..step("DELETE /v1/customers/{id}") });
    }

    fn orders(&mut self) {
        let page = self.harness.page();
        let cart = json!({ "lines": [{ "id": "1", "item": "yoga", "quantity": 2,
                                       "occurrences": [{ "start": "2026-12-08T18:00" }] }] });
        let asked = json!({ "code": "welcome20", "cart": cart, "customer": { "email": "ana@example.com" } });
        self.done_by(&page, Step { body: Some(asked), ..step("POST /v1/lookups") });
        let quoted = json!({ "codes": ["WELCOME20"], "cart": cart });
        self.done_by(&page, Step { body: Some(quoted), ..step("POST /v1/quotes") });
        let order = |order: &str, email: &str, total_minor: u32| {
            json!({ "order": order, "codes": ["WELCOME20"], "cart": cart, "customer": { "email": email },
                    "seen": { "total_minor": total_minor } })
        };
        let key = &[("Idempotency-Key", "order-8")];
        let first =
            Step { headers: key, body: Some(order("8", "ana@example.com", 2880)), ..step("POST /v1/redemptions") };
        let id = |redemption: &Value| redemption["id"].as_str().expect("an id").to_owned();
        let first = id(&self.done(first));
        let backend = self.harness.backend();
        let second = id(&backend.reserve("order-9", &order("9", "ben@example.com", 2880)).expect(201));
        self.done(Step { ids: &[&first], ..step("POST /v1/redemptions/{id}/place") });
        self.done(Step { ids: &[&first], ..step("POST /v1/redemptions/{id}/confirm") });
        let back = json!({ "cause": "cancelled", "parts": [{ "line": "1", "quantity": 1 }] });
        let key = &[("Idempotency-Key", "order-8-one-back")];
        self.done(Step { ids: &[&first], headers: key, body: Some(back), ..step("POST /v1/redemptions/{id}/reverse") });
        let instead = json!({ "cart": cart, "codes": [], "seen": { "total_minor": 3600 } });
        let key = &[("Idempotency-Key", "order-9-without-code")];
        let replaced =
            Step { ids: &[&second], headers: key, body: Some(instead), ..step("POST /v1/redemptions/{id}/replace") };
        let third = id(&self.done(replaced));
        self.done(Step { ids: &[&third], ..step("POST /v1/redemptions/{id}/release") });
        self.done(Step { ids: &[&first], ..step("GET /v1/redemptions/{id}") });
        self.done(step("GET /v1/redemptions"));
    }

    fn secrets(&mut self) {
        let made = self.done(Step { body: Some(json!({ "kind": "publishable" })), ..step("POST /v1/keys") });
        self.done(step("GET /v1/keys"));
        let id = made["id"].as_str().expect("an id").to_owned();
        self.done(Step { ids: &[&id], ..step("DELETE /v1/keys/{id}") });
        self.done(step("POST /v1/site/secrets/rotate"));
        let secret = self.done(Step { body: Some(json!({})), ..step("POST /v1/site/secrets/carts") });
        self.done(step("GET /v1/edits"));
        let cart = json!({ "lines": [{ "id": "1", "item": "yoga", "unit_price_minor": 1500 }] });
        let signed = payload("studio", self.harness.now(), &cart);
        let token = sign(&signed, secret["secret"].as_str().expect("a secret"));
        let priced = self.harness.page().post("/v1/quotes", &json!({ "codes": ["WELCOME20"], "signed_cart": token }));
        assert_eq!(priced.status, 200, "{}", priced.text());
        self.found.insert("SignedCart".into(), signed);
    }
}
