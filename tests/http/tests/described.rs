//! Real requests and answers, held against the document that the server serves about itself.

use jsonschema::Validator;
use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{cart, lookup, reservation_of, terms};

/// The document that the server serves.
struct Described(Value);

impl Described {
    /// What it says of a body, which may be named by a reference of the document.
    fn validator(&self, content: &Value) -> Validator {
        let mut schema = content["application/json"]["schema"].clone();
        assert!(schema.is_object(), "{content}");
        schema["components"] = self.0["components"].clone();
        jsonschema::validator_for(&schema).unwrap()
    }

    /// Reads `path`, and holds the answer against what the document says of its route.
    fn get(&self, backend: &Client, route: &str, path: &str) {
        let content = &self.0["paths"][route]["get"]["responses"]["200"]["content"];
        check(&self.validator(content), &backend.get(path).expect(200), path);
    }

    /// Posts `body`, and holds it and its answer against the document.
    fn post(&self, backend: &Client, path: &str, body: &Value) -> Answer {
        self.post_at(backend, path, path, body)
    }

    /// The same for a route that has the id of something in it.
    fn post_at(&self, backend: &Client, route: &str, path: &str, body: &Value) -> Answer {
        let operation = &self.0["paths"][route]["post"];
        check(&self.validator(&operation["requestBody"]["content"]), body, path);
        let answer = backend.request("POST", path).header("idempotency-key", path).json(body).send();
        let content = &operation["responses"][answer.status.to_string()]["content"];
        check(&self.validator(content), &answer.json(), path);
        answer
    }
}

fn check(validator: &Validator, value: &Value, about: &str) {
    let faults: Vec<_> =
        validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{about}: {faults:?}\n{value}");
}

#[test]
fn what_is_asked_and_answered_is_as_described() {
    let harness = Harness::open();
    let backend = harness.backend();
    let described = Described(backend.get("/v1/openapi.json").expect(200));
    let customer = json!({ "email": "ana@example.com", "account": "7" });
    let mut looked_up = lookup("WELCOME20");
    looked_up["customer"] = customer.clone();
    let quoted = json!({ "codes": ["WELCOME20"], "cart": cart("yoga", 1), "customer": customer });
    let redeemed = reservation_of("1", "WELCOME20", 1440, customer);
    for (path, body, status) in
        [("/v1/lookups", looked_up, 200), ("/v1/quotes", quoted, 200), ("/v1/redemptions", redeemed, 201)]
    {
        let answer = described.post(&backend, path, &body);
        assert_eq!(answer.status, status, "{}", answer.text());
        let mut strange = body;
        strange["customer"] = json!({ "id": "7", "identity": "asserted" });
        let content = &described.0["paths"][path]["post"]["requestBody"]["content"];
        assert!(!described.validator(content).is_valid(&strange), "{path}");
        assert_eq!(backend.post(path, &strange).status, 400, "{path}");
    }
}

#[test]
fn what_an_owner_keeps_is_as_described() {
    let harness = Harness::open();
    let backend = harness.backend();
    let described = Described(backend.get("/v1/openapi.json").expect(200));
    let customer = json!({
        "emails": ["ana@example.com"], "phones": ["+302101234567"], "tags": ["vip"], "standing_bp": 500,
        "passes": [{ "id": "ten", "valid_until": "2027-01-01T00:00:00Z" }], "history": { "has_ordered": true },
    });
    let customers = json!({ "customers": [{ "id": "42", "customer": customer }] });
    assert_eq!(described.post(&backend, "/v1/customers/import", &customers).status, 200);
    described.get(&backend, "/v1/customers/{id}", "/v1/customers/42");
    described.get(&backend, "/v1/customers", "/v1/customers");
    let terms = terms("Ten", 1000, &json!({ "limits": { "per_code": 1 } }));
    let made = backend.post("/v1/promotions", &json!({ "terms": terms })).expect(201);
    let id = made["id"].as_str().unwrap();
    for (what, body) in [
        ("", json!({ "codes": ["ONE", "TWO", "no/code"], "skip_faulty": true })),
        ("/generate", json!({ "count": 3, "prefix": "X-", "length": 19, "alphabet": "digits" })),
        ("/retire", json!({ "code": "one" })),
        ("/delete", json!({ "which": "selected", "codes": ["TWO"] })),
    ] {
        let (route, path) = (format!("/v1/promotions/{{id}}/codes{what}"), format!("/v1/promotions/{id}/codes{what}"));
        let answer = described.post_at(&backend, &route, &path, &body);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    assert_eq!(described.post(&backend, "/v1/keys", &json!({ "kind": "publishable" })).status, 201);
    described.get(&backend, "/v1/keys", "/v1/keys");
    described.get(&backend, "/v1/edits", "/v1/edits");
    described.get(&backend, "/v1/presets", "/v1/presets");
    described.get(&backend, "/v1/promotions/{id}/codes", &format!("/v1/promotions/{id}/codes"));
}

#[test]
fn examples_are_as_the_description_says() {
    let document = Harness::open().backend().get("/v1/openapi.json").expect(200);
    let check = |content: &Value, about: &str| {
        let mut schema = content["schema"].clone();
        schema["components"] = document["components"].clone();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let faults: Vec<String> = validator.iter_errors(&content["example"]).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{about}: {faults:?}");
    };
    let mut count = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap().values();
            for body in answers.chain(operation.get("requestBody")) {
                let content = &body["content"]["application/json"];
                if content.get("example").is_some() {
                    check(content, &format!("{method} {path}"));
                    count += 1;
                }
            }
        }
    }
    assert!(count > 50, "{count}");
    let problem = &document["components"]["responses"]["ProblemResponse"]["content"]["application/problem+json"];
    for (code, example) in problem["examples"].as_object().unwrap() {
        check(&json!({ "schema": problem["schema"], "example": example["value"] }), code);
    }
}

#[test]
fn the_page_that_is_read_is_served_to_everybody() {
    let harness = Harness::open();
    for (path, kind) in [("/docs", "text/html; charset=utf-8"), ("/docs/style.css", "text/css; charset=utf-8")] {
        let answer = harness.stranger().get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, kind));
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'; style-src 'self';"));
        assert_eq!(answer.header("x-frame-options"), "DENY");
    }
}
