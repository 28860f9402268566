//! What an owner or a host changes holds from the very next answer on, however much is remembered: on one server, whatever its database, and on
//! servers that share one.

use serde_json::{Value, json};
use tearoff_http_tests::client::Client;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::process::{Process, Start};
use tearoff_http_tests::site::{Site, cart, lookup, reservation, terms};
use tearoff_postgres_tests::Cluster;
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");

/// Who changes something, and who asks: a page, and the host's backend.
struct Changing<'c> {
    owner: &'c Client,
    page: &'c Client,
    backend: &'c Client,
    orders: std::cell::Cell<u32>,
}

impl Changing<'_> {
    /// What a yoga class costs with a code, by a quote, a lookup and a redemption, each asked twice: what is remembered is asked for, too.
    fn costs(&self, code: &str, total_minor: u64) {
        for _ in 0..2 {
            let quote = self.page.post("/v1/quotes", &json!({ "codes": [code], "cart": cart("yoga", 1) })).expect(200);
            assert_eq!(quote["quote"]["total_minor"], total_minor, "{code}: {quote}");
            let looked_up = self.page.post("/v1/lookups", &lookup(code)).expect(200);
            assert_eq!(looked_up["quote"], quote["quote"]);
            if quote["quote"]["decisions"][0]["status"] == "applied" {
                self.orders.set(self.orders.get() + 1);
                let order = format!("order-{}", self.orders.get());
                let _ = self.backend.reserve(&order, &reservation(&order, code, total_minor)).expect(201);
                let order = format!("wrong-{order}");
                let other = self.backend.reserve(&order, &reservation(&order, code, total_minor + 1));
                let _ = other.problem(409, "quote_changed");
            }
        }
    }

    fn is_refused(&self, code: &str, reason: &str) {
        self.costs(code, 1800);
        let quote = self.page.post("/v1/quotes", &json!({ "codes": [code], "cart": cart("yoga", 1) })).expect(200);
        assert_eq!(quote["quote"]["decisions"][0]["reasons"][0]["code"], reason, "{code}: {quote}");
    }

    fn promotion(&self, codes: &[&str], terms: &Value) -> String {
        let made = self.owner.post("/v1/promotions", &json!({ "codes": codes, "terms": terms })).expect(201);
        format!("/v1/promotions/{}", made["id"].as_str().unwrap())
    }

    fn done(&self, path: &str, body: &Value) -> Value {
        self.owner.post(path, body).expect(200)
    }

    /// Changes everything that can be, and asks after each change.
    fn walk(&self) {
        self.promotions_and_codes();
        self.what_is_sold();
        self.who_asks();
    }

    fn promotions_and_codes(&self) {
        self.is_refused("NEW", "unknown_code");
        let new = self.promotion(&["NEW"], &terms("New", 1000, &json!({})));
        self.costs("NEW", 1620);
        assert_eq!(self.owner.put(&new, &json!({ "terms": terms("Newer", 5000, &json!({})) })).status, 200);
        self.costs("NEW", 900);
        let _ = self.done(&format!("{new}/deactivate"), &Value::Null);
        self.is_refused("NEW", "promotion_inactive");
        let _ = self.done(&format!("{new}/activate"), &Value::Null);
        self.costs("NEW", 900);
        self.is_refused("SECOND", "unknown_code");
        assert!(self.owner.post(&format!("{new}/codes"), &json!({ "codes": ["SECOND"] })).status < 300);
        self.costs("SECOND", 900);
        let _ = self.done(&format!("{new}/codes/retire"), &json!({ "code": "SECOND" }));
        self.is_refused("SECOND", "unknown_code");
        self.costs("NEW", 900);
        let everybody = self.promotion(&[], &terms("For all", 1000, &json!({ "kind": "automatic" })));
        self.costs("NOTHING", 1620);
        let _ = self.done(&format!("{everybody}/deactivate"), &Value::Null);
        self.costs("NOTHING", 1800);
    }

    fn what_is_sold(&self) {
        let mut catalog = self.owner.get("/v1/catalog").expect(200);
        let items = catalog["items"].as_array_mut().unwrap();
        let yoga = items.iter_mut().find(|item| item["id"] == "yoga").unwrap();
        yoga["prices"][0]["amount_minor"] = json!(2000);
        assert_eq!(self.owner.put("/v1/catalog", &catalog).status, 200);
        self.costs("NEW", 1000);
        let mut policy = self.owner.get("/v1/site").expect(200)["policy"].clone();
        policy["prices"] = json!("signed");
        assert_eq!(self.owner.put("/v1/site", &json!({ "policy": policy })).status, 200);
        let own = self.page.post("/v1/quotes", &json!({ "codes": ["NEW"], "cart": cart("yoga", 1) }));
        assert_eq!(own.status, 403, "{}", own.text());
        policy["prices"] = json!("catalog");
        assert_eq!(self.owner.put("/v1/site", &json!({ "policy": policy })).status, 200);
        self.costs("NEW", 1000);
    }

    fn who_asks(&self) {
        let vips = json!({ "conditions": [{ "type": "named_customers", "tags": ["vip"] }] });
        let _ = self.promotion(&["VIPS"], &terms("Vips", 5000, &vips));
        let of_ana = |status: &str| {
            let body = json!({ "codes": ["VIPS"], "cart": cart("yoga", 1), "customer": { "account": "ana" } });
            let quote = self.backend.post("/v1/quotes", &body).expect(200);
            assert_eq!(quote["quote"]["decisions"][0]["status"], status, "{quote}");
        };
        of_ana("rejected");
        assert!(self.owner.put("/v1/customers/ana", &json!({ "tags": ["vip"] })).status < 300);
        of_ana("applied");
        assert!(self.owner.put("/v1/customers/ana", &json!({})).status < 300);
        of_ana("rejected");
        let from = |origin: &str| {
            let body = json!({ "codes": [], "cart": cart("yoga", 1) });
            self.page.request("POST", "/v1/quotes").header("origin", origin).json(&body).send().status
        };
        assert_eq!((from("https://studio.example"), from("https://new.example")), (200, 403));
        let mut site = self.owner.get("/v1/site").expect(200);
        site["origins"] = json!(["https://new.example"]);
        site.as_object_mut().unwrap().remove("id");
        assert_eq!(self.owner.put("/v1/site", &site).status, 200);
        assert_eq!((from("https://studio.example"), from("https://new.example")), (403, 200));
        let made = self.owner.post("/v1/keys", &json!({ "kind": "publishable" })).expect(201);
        let with_key = self.page.clone().with_key(made["key"].as_str().unwrap());
        let ask = || with_key.post("/v1/quotes", &json!({ "codes": [], "cart": cart("yoga", 1) })).status;
        assert_eq!(ask(), 200);
        let ended = self.owner.request("DELETE", &format!("/v1/keys/{}", made["id"].as_str().unwrap())).send();
        assert!(ended.status < 300, "{}", ended.text());
        assert_eq!(ask(), 401);
    }
}

#[test]
fn what_is_changed_holds_at_once() {
    let harness = Harness::open();
    let (owner, page) = (harness.backend(), harness.page());
    Changing { owner: &owner, page: &page, backend: &owner, orders: 0.into() }.walk();
}

/// What is changed at one server holds at the other.
#[test]
fn what_is_changed_at_another_server_holds_at_once() {
    let cluster = Cluster::start();
    let database = cluster.whole_database();
    let (folders, sites) = ([(); 2].map(|()| TempDir::new().unwrap()), [Site::studio("studio")]);
    let run = |folder: &TempDir| Start::new(SERVER, folder.path(), &sites).on(&database.url).run();
    let [one, other] = folders.each_ref().map(run);
    let with = |process: &Process, key: &str| process.stranger().with_key(key);
    let owner = with(&one, &sites[0].secret);
    let (page, backend) = (with(&other, &sites[0].publishable), with(&other, &sites[0].secret));
    Changing { owner: &owner, page: &page, backend: &backend, orders: 0.into() }.walk();
}
