//! What the host tells of its customers, what is kept of it, and what pages learn of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tearoff_core::customer::History;
use tearoff_core::snapshot::Snapshot;
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, reservation_of, terms};

/// A coupon of 10 % with this condition.
fn promote(backend: &Client, code: &str, condition: &Value) {
    let terms = terms(code, 1000, &json!({ "conditions": [condition] }));
    let made = backend.post("/v1/promotions", &json!({ "codes": [code], "terms": terms }));
    assert_eq!(made.status, 201, "{}", made.text());
}

fn tell(backend: &Client, id: &str, customer: &Value) -> Answer {
    backend.request("PUT", &format!("/v1/customers/{id}")).json(customer).send()
}

fn look_up(caller: &Client, code: &str, customer: &Value) -> Value {
    let body = json!({ "code": code, "cart": cart("yoga", 1), "customer": customer });
    caller.post("/v1/lookups", &body).expect(200)
}

/// Why a code is not applied; empty where it is.
fn reason(caller: &Client, code: &str, customer: &Value) -> String {
    let answer = look_up(caller, code, customer);
    answer["quote"]["decisions"][0]["reasons"][0]["code"].as_str().unwrap_or_default().to_owned()
}

/// What a page can read in a snapshot.
fn snapshot(answer: &Value) -> Snapshot {
    let (bytes, _) = answer["snapshot"].as_str().unwrap().split_once('.').unwrap();
    Snapshot::read(&URL_SAFE_NO_PAD.decode(bytes).unwrap()).unwrap()
}

#[test]
fn a_customer_is_told_of_shown_changed_and_erased() {
    let harness = Harness::open();
    let backend = harness.backend();
    let ana = json!({
        "emails": ["Ana@Example.com", "ana@work.example"], "phones": ["+302101234567"], "tags": ["vip"],
        "passes": [{ "id": "ten", "valid_until": "2027-01-01T00:00:00Z" }], "standing_bp": 500,
        "history": { "has_ordered": true },
    });
    let made = tell(&backend, "42", &ana);
    let shown = made.expect(201);
    assert_eq!((&shown["email_count"], &shown["phone_count"]), (&json!(2), &json!(1)));
    assert_eq!(shown["history"], json!({ "in_system": true, "has_ordered": true, "has_appointment": false }));
    assert!(!made.text().to_lowercase().contains("example"), "no address is told again: {}", made.text());
    let tag = made.header("etag").to_owned();
    assert_eq!(backend.get("/v1/customers/42").expect(200), shown);
    let _ = tell(&backend, "42", &ana).problem(428, "if_match_required");
    let change =
        |tag: &str, body: &Value| backend.request("PUT", "/v1/customers/42").header("if-match", tag).json(body).send();
    let changed = change(&tag, &json!({ "tags": ["staff"] })).expect(200);
    assert_eq!((&changed["email_count"], &changed["standing_bp"]), (&json!(2), &Value::Null), "addresses stay");
    let _ = change(&tag, &ana).problem(412, "changed_meanwhile");
    assert_eq!(change("*", &json!({ "emails": [] })).expect(200)["email_count"], 0);
    assert_eq!(backend.request("DELETE", "/v1/customers/42").send().status, 204);
    for method in ["GET", "DELETE"] {
        let _ = backend.request(method, "/v1/customers/42").send().problem(404, "not_found");
    }
    let _ = change(&tag, &ana).problem(412, "changed_meanwhile");
    let _ = harness.page().get("/v1/customers/42").problem(403, "secret_key_needed");
}

#[test]
fn customers_are_listed_page_by_page_and_those_of_two_sites_are_apart() {
    let harness = Harness::with(vec![Site::studio("studio"), Site::studio("annex")]);
    let backend = harness.backend();
    let ids = ["a", "b/c", "d", "é"];
    let customers: Vec<Value> = ids[..3].iter().map(|id| json!({ "id": id, "customer": {} })).collect();
    let import = |customers: &[Value]| backend.post("/v1/customers/import", &json!({ "customers": customers }));
    assert_eq!(import(&customers).expect(200), json!({ "new": 3, "known": 0 }));
    assert_eq!(import(&customers[..2]).expect(200), json!({ "new": 0, "known": 2 }));
    let bad = import(&[json!({ "id": ids[3], "customer": {} }), json!({ "id": "x", "customer": { "tags": [" "] } })]);
    let fields: Vec<Value> = bad.problem(400, "invalid_request")["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["field"].clone())
        .collect();
    assert_eq!(fields, ["customers[0].id", "customers[1].customer.tags[0]"]);
    let page = backend.get("/v1/customers?limit=2").expect(200);
    assert_eq!((&page["customers"][1]["id"], &page["next"]), (&json!("b/c"), &json!("b/c")));
    let last = backend.get("/v1/customers?limit=2&after=b/c").expect(200);
    assert_eq!((&last["customers"][0]["id"], &last["next"]), (&json!("d"), &Value::Null));
    assert_eq!(backend.get("/v1/customers/b%2Fc").expect(200)["id"], "b/c");
    let none = harness.backend_of(1).get("/v1/customers").expect(200);
    assert_eq!(none["customers"], json!([]));
}

#[test]
fn an_import_of_thousands_is_taken_whole() {
    let harness = Harness::open();
    let customer = |number: usize| json!({ "id": format!("c{number}"), "customer": { "emails": [format!("c{number}@example.com")] } });
    let customers: Vec<Value> = (0..5001).map(customer).collect();
    let import =
        |count: usize| harness.backend().post("/v1/customers/import", &json!({ "customers": customers[..count] }));
    assert_eq!(import(5001).problem(400, "invalid_request")["errors"][0]["field"], "customers");
    assert_eq!(import(5000).expect(200), json!({ "new": 5000, "known": 0 }));
}

#[test]
fn what_is_told_decides() {
    let harness = Harness::open();
    let (backend, page) = (harness.backend(), harness.page());
    promote(&backend, "NEWHERE", &json!({ "type": "audience", "audience": "new" }));
    promote(&backend, "REGULARS", &json!({ "type": "audience", "audience": "existing" }));
    promote(&backend, "FIRSTORDER", &json!({ "type": "first_order" }));
    promote(&backend, "VIPS", &json!({ "type": "named_customers", "tags": ["vip"] }));
    promote(&backend, "ANA", &json!({ "type": "named_customers", "customers": ["42"] }));
    promote(&backend, "MEMBERS", &json!({ "type": "active_pass", "passes": ["ten"] }));
    let pass = json!({ "id": "ten", "valid_from": "2026-12-01T11:00:00Z", "valid_until": "2026-12-01T12:00:00Z" });
    let ana = json!({ "emails": ["ana@example.com"], "phones": ["+302101234567"], "tags": ["vip"], "passes": [pass],
                      "history": { "has_ordered": true } });
    assert_eq!(tell(&backend, "42", &ana).status, 201);
    for known in
        [json!({ "email": "ANA@example.com" }), json!({ "phone": "+302101234567" }), json!({ "account": "42" })]
    {
        for (code, wanted) in [
            ("NEWHERE", "new_customers_only"),
            ("REGULARS", ""),
            ("FIRSTORDER", "first_order_only"),
            ("VIPS", ""),
            ("ANA", ""),
            ("MEMBERS", "pass_needed"),
        ] {
            assert_eq!(reason(&backend, code, &known), wanted, "{code} {known}");
        }
        // A page's word is enough for some rules only (R69).
        for (code, wanted) in [("NEWHERE", "new_customers_only"), ("REGULARS", ""), ("VIPS", "sign_in_needed")] {
            assert_eq!(reason(&page, code, &known), wanted, "{code} {known}");
        }
    }
    let bob = json!({ "email": "bob@example.com" });
    for (code, wanted) in [
        ("NEWHERE", ""),
        ("REGULARS", "existing_customers_only"),
        ("FIRSTORDER", ""),
        ("VIPS", "not_for_this_customer"),
        ("ANA", "not_for_this_customer"),
    ] {
        assert_eq!(reason(&backend, code, &bob), wanted, "{code}");
    }
    let ana = json!({ "email": "ana@example.com" });
    for (instant, wanted) in
        [("2026-12-01T11:00:00Z", ""), ("2026-12-01T11:59:59Z", ""), ("2026-12-01T12:00:00Z", "pass_needed")]
    {
        harness.clock().set(instant.parse().unwrap());
        assert_eq!(reason(&backend, "MEMBERS", &ana), wanted, "{instant}");
    }
    assert_eq!(backend.request("DELETE", "/v1/customers/42").send().status, 204);
    for (code, wanted) in [("FIRSTORDER", ""), ("VIPS", "not_for_this_customer")] {
        assert_eq!(reason(&backend, code, &ana), wanted, "{code} is forgotten");
    }
}

/// Guest orders count, cancelled ones and those of test keys do not, and open holds do as long as they last (R30).
#[test]
fn what_is_redeemed_here_counts_as_ordered() {
    let harness = Harness::open();
    let backend = harness.backend();
    promote(&backend, "FIRSTORDER", &json!({ "type": "first_order" }));
    promote(&backend, "FIRSTCLASS", &json!({ "type": "first_appointment" }));
    let ana = json!({ "email": "ana@example.com", "phone": "+302101234567" });
    let by_phone = json!({ "phone": "+302101234567" });
    let first = |order: &str, place: bool| {
        let mut body = reservation_of(order, "FIRSTORDER", 1620, ana.clone());
        body["place"] = place.into();
        backend.reserve(order, &body)
    };
    let id = first("1", false).expect(201)["id"].as_str().unwrap().to_owned();
    let _ = first("2", true).problem(409, "first_order_only");
    assert_eq!(reason(&backend, "FIRSTORDER", &by_phone), "first_order_only", "by any of their identities");
    assert_eq!(reason(&backend, "FIRSTCLASS", &by_phone), "first_appointment_only", "a class is an appointment");
    assert_eq!(backend.post(&format!("/v1/redemptions/{id}/release"), &json!({})).status, 200);
    assert_eq!(reason(&backend, "FIRSTORDER", &ana), "");
    assert_eq!(reason(&backend, "FIRSTCLASS", &ana), "date_needed", "which only asks for the date");
    // A hold that has ended counts no more, swept or not, and counts again once it is confirmed.
    let id = first("3", false).expect(201)["id"].as_str().unwrap().to_owned();
    harness.clock().set(harness.now() + chrono::TimeDelta::hours(1));
    assert_eq!(reason(&backend, "FIRSTORDER", &ana), "");
    assert_eq!(backend.post(&format!("/v1/redemptions/{id}/confirm"), &json!({})).status, 200);
    assert_eq!(reason(&backend, "FIRSTORDER", &ana), "first_order_only");
    // Whoever is erased has ordered all the same: limits stay true (R47).
    assert_eq!(tell(&backend, "42", &json!({ "emails": ["ana@example.com"] })).status, 201);
    assert_eq!(backend.request("DELETE", "/v1/customers/42").send().status, 204);
    assert_eq!(reason(&backend, "FIRSTORDER", &ana), "first_order_only");
}

/// A page that claims to be somebody reads no more of them in its snapshot than the answer itself says (R66, R69).
#[test]
fn a_page_learns_nothing_of_whom_it_claims_to_be_but_its_answer() {
    let harness = Harness::open();
    let (backend, page) = (harness.backend(), harness.page());
    promote(&backend, "NEWHERE", &json!({ "type": "audience", "audience": "new" }));
    let told = json!({ "emails": ["ana@example.com"], "standing_bp": 700, "history": { "has_appointment": true } });
    assert_eq!(tell(&backend, "42", &told).status, 201);
    let ana = json!({ "email": "ana@example.com" });
    let customer = |code: &str| snapshot(&look_up(&page, code, &ana)).facts.customer.unwrap();
    assert_eq!((customer("WELCOME20").history, customer("WELCOME20").standing), (History::default(), None));
    let asked = customer("NEWHERE").history;
    assert!(!asked.is_new() && !asked.in_system, "whether they are new, and nothing else: {asked:?}");
    // Whether there was an order or an appointment is not told apart.
    assert_eq!(asked, History { has_ordered: true, has_appointment: asked.has_appointment, ..History::default() });
    let plain = |identity: &Value| {
        let mut answer = look_up(&page, "WELCOME20", identity);
        answer["snapshot"].take();
        answer
    };
    assert_eq!(plain(&ana), plain(&json!({ "email": "bob@example.com" })));
}

/// An answer that depends on whom a page claims to be is a guess (R69).
#[test]
fn asking_who_is_a_customer_spends_the_budget_of_guesses() {
    let harness = Harness::with_usual_guesses(vec![Site::studio("studio")]);
    let (backend, page) = (harness.backend(), harness.page());
    promote(&backend, "NEWHERE", &json!({ "type": "audience", "audience": "new" }));
    let ask = |code: &str, number: usize| {
        let body =
            json!({ "code": code, "cart": cart("yoga", 1), "customer": { "email": format!("c{number}@example.com") } });
        page.post("/v1/lookups", &body).status
    };
    assert!((0..200).all(|number| ask("WELCOME20", number) == 200), "which tells nothing of anybody");
    assert!((0..300).any(|number| ask("NEWHERE", number) == 429), "which tells who is a customer");
}

#[test]
fn phone_numbers_have_one_form() {
    let harness = Harness::open();
    let ask = |phone: &str| {
        let body = json!({ "code": "ONCE", "cart": cart("yoga", 1), "customer": { "phone": phone } });
        harness.page().post("/v1/lookups", &body)
    };
    assert_eq!(ask("+302101234567").status, 200);
    for bad in ["2101234567", "+30 2101234567", "+30210123456789012"] {
        assert_eq!(ask(bad).problem(400, "invalid_request")["errors"][0]["field"], "customer.phone", "{bad}");
    }
    let order = |number: &str| {
        let customer = json!({ "phone": "+302101234567" });
        harness.backend().reserve(number, &reservation_of(number, "ONCE", 1620, customer))
    };
    assert_eq!(order("1").status, 201);
    let _ = order("2").problem(409, "customer_limit_reached");
}
