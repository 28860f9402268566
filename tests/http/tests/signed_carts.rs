//! Carts that the host's backend has signed (R61): what a page may pass on, and what nobody can make of it.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::signing::{payload, secret, sign};
use tearoff_http_tests::site::{Site, cart, lookup, reservation, terms};

/// A site that prices what its backend has signed, and whose pages redeem.
fn open() -> Harness {
    Harness::with(vec![Site::studio("studio").whose_tag_redeems().with("prices", "signed"), Site::studio("other")])
}

/// One yoga class at a price that the catalog does not have.
fn special() -> Value {
    json!({ "lines": [{ "id": "1", "item": "yoga", "unit_price_minor": 1000 }] })
}

/// What a page asks with a signed cart.
fn quote(token: &str) -> Value {
    json!({ "codes": ["WELCOME20"], "signed_cart": token })
}

fn redeem(order: &str, token: &str, total_minor: u64) -> Value {
    json!({ "order": order, "codes": ["WELCOME20"], "signed_cart": token, "seen": { "total_minor": total_minor }, "place": true })
}

fn fields(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect()
}

#[test]
fn a_page_passes_on_what_the_backend_has_signed() {
    let harness = open();
    let (page, secret) = (harness.page(), secret(&harness.backend()));
    let token = sign(&payload("studio", harness.now(), &special()), &secret);
    let looked_up = page.post("/v1/lookups", &json!({ "code": "WELCOME20", "signed_cart": token })).expect(200);
    assert_eq!((&looked_up["quote"]["total_minor"], &looked_up["snapshot"]), (&json!(800), &Value::Null));
    assert_eq!(page.post("/v1/quotes", &quote(&token)).expect(200)["quote"]["total_minor"], 800);
    let redeemed = page.reserve("1", &redeem("1", &token, 800)).expect(201);
    assert_eq!((&redeemed["state"], &redeemed["total_minor"]), (&json!("confirmed"), &json!(800)));
    // With its secret key the backend need not sign.
    let own = json!({ "codes": ["WELCOME20"], "cart": special() });
    assert_eq!(harness.backend().post("/v1/quotes", &own).expect(200)["quote"]["total_minor"], 800);
    assert_eq!(harness.backend().post("/v1/quotes", &quote(&token)).expect(200)["quote"]["total_minor"], 800);
}

#[test]
fn a_pages_own_cart_is_refused_where_it_must_be_signed() {
    let harness = open();
    let page = harness.page();
    let quoted = json!({ "codes": ["WELCOME20"], "cart": cart("yoga", 1) });
    let mut redeemed = reservation("1", "WELCOME20", 1440);
    redeemed["place"] = json!(true);
    for refused in
        [page.post("/v1/lookups", &lookup("WELCOME20")), page.post("/v1/quotes", &quoted), page.reserve("1", &redeemed)]
    {
        assert_eq!(fields(&refused.problem(403, "cart_signature_required")), ["cart"]);
    }
    assert!(harness.redemptions().is_empty());
}

#[test]
fn a_cart_is_said_once() {
    let harness = open();
    let page = harness.page();
    let token = sign(&payload("studio", harness.now(), &special()), &secret(&harness.backend()));
    let neither = page.post("/v1/quotes", &json!({ "codes": [] })).problem(400, "invalid_request");
    assert_eq!(fields(&neither), ["cart"]);
    let mut both = quote(&token);
    both["cart"] = special();
    assert_eq!(fields(&page.post("/v1/quotes", &both).problem(400, "invalid_request")), ["cart"]);
    let mut named = payload("studio", harness.now(), &special());
    named["customer"] = json!({ "account": "7" });
    let mut twice = quote(&sign(&named, &secret(&harness.backend())));
    twice["customer"] = json!({ "account": "8" });
    assert_eq!(fields(&page.post("/v1/quotes", &twice).problem(400, "invalid_request")), ["customer"]);
    let long = json!({ "codes": [], "signed_cart": "x".repeat(512 * 1024 + 1) });
    assert_eq!(fields(&page.post("/v1/quotes", &long).problem(400, "invalid_request")), ["signed_cart"]);
    let mut beyond = payload("studio", harness.now(), &special());
    beyond["cart"]["lines"][0]["quantity"] = json!(0);
    let beyond = page.post("/v1/quotes", &quote(&sign(&beyond, &secret(&harness.backend()))));
    assert_eq!(fields(&beyond.problem(400, "invalid_request")), ["cart.lines[0].quantity"]);
}

/// Where prices come from the catalog, or from the host's calls, a signature changes no price; it still says who the customer is.
#[test]
fn a_signature_prices_only_where_the_site_says_so() {
    for prices in ["catalog", "caller"] {
        let harness = Harness::with(vec![Site::studio("studio").with("prices", prices)]);
        let token = sign(&payload("studio", harness.now(), &special()), &secret(&harness.backend()));
        let quoted = harness.page().post("/v1/quotes", &quote(&token)).expect(200);
        assert_eq!(quoted["quote"]["total_minor"], 1440, "{prices}");
    }
}

#[test]
fn who_the_customer_is_can_be_signed_too() {
    let harness = Harness::open();
    let (page, backend) = (harness.page(), harness.backend());
    let vips = terms("Vips", 1000, &json!({ "conditions": [{ "type": "named_customers", "tags": ["vip"] }] }));
    let _ = backend.post("/v1/promotions", &json!({ "codes": ["VIPS"], "terms": vips })).expect(201);
    let told = json!({ "tags": ["vip"] });
    let told = backend.request("PUT", "/v1/customers/7").json(&told).send();
    assert_eq!(told.status, 201, "{}", told.text());
    let decision = |answer: Answer| answer.expect(200)["quote"]["decisions"][0].clone();
    let claimed = json!({ "codes": ["VIPS"], "cart": cart("yoga", 1), "customer": { "account": "7" } });
    assert_eq!(decision(page.post("/v1/quotes", &claimed))["reasons"][0]["code"], "sign_in_needed");
    let mut signed = payload("studio", harness.now(), &cart("yoga", 1));
    signed["customer"] = json!({ "account": "7" });
    let mut asked = json!({ "codes": ["VIPS"], "signed_cart": sign(&signed, &secret(&backend)) });
    assert_eq!(decision(page.post("/v1/quotes", &asked))["status"], "applied");
    // A page that names somebody beside a cart that was signed for nobody is not believed for it.
    let nobody = payload("studio", harness.now(), &cart("yoga", 1));
    asked["signed_cart"] = sign(&nobody, &secret(&backend)).into();
    asked["customer"] = json!({ "account": "7" });
    assert_eq!(decision(page.post("/v1/quotes", &asked))["reasons"][0]["code"], "sign_in_needed");
}

/// A cart whose time is over finds what was recorded with it, and records nothing; signed anew it is the same request.
#[test]
fn a_late_retry_finds_what_was_recorded() {
    let harness = open();
    let (page, secret) = (harness.page(), secret(&harness.backend()));
    let token = sign(&payload("studio", harness.now(), &special()), &secret);
    let first = page.reserve("1", &redeem("1", &token, 800)).expect(201);
    harness.clock().set(harness.now() + TimeDelta::hours(1));
    let again = page.reserve("1", &redeem("1", &token, 800));
    assert_eq!((again.expect(200)["id"].clone(), again.is_replayed()), (first["id"].clone(), true));
    let other_key = page.reserve("other", &redeem("1", &token, 800));
    assert_eq!(other_key.expect(200)["id"], first["id"]);
    let _ = page.reserve("2", &redeem("2", &token, 800)).problem(403, "cart_signature_expired");
    let _ = page.post("/v1/quotes", &quote(&token)).problem(403, "cart_signature_expired");
    let anew = sign(&payload("studio", harness.now(), &special()), &secret);
    assert_eq!(page.reserve("1", &redeem("1", &anew, 800)).expect(200)["id"], first["id"]);
    assert_eq!(harness.redemptions().len(), 1);
}

#[test]
fn a_secret_is_replaced_without_a_gap() {
    let harness = open();
    let (page, backend) = (harness.page(), harness.backend());
    let works = |secret: &str| {
        let token = sign(&payload("studio", harness.now(), &special()), secret);
        let answer = page.post("/v1/quotes", &quote(&token));
        if answer.status != 200 {
            let _ = answer.problem(403, "cart_signature_invalid");
        }
        answer.status == 200
    };
    let make = |replaces: Value| backend.post("/v1/site/secrets/carts", &json!({ "replaces": replaces })).expect(201);
    let text = |made: &Value| made["secret"].as_str().unwrap().to_owned();
    let made = backend.post("/v1/site/secrets/carts", &json!({})).expect(201);
    assert_eq!(made["replaced_valid_until"], Value::Null);
    let first = text(&made);
    assert!(first.starts_with("cart_") && first.len() == 48, "{first}");
    // Its answer may be lost: the first goes on for a day.
    let lost = make(json!({}));
    let second = text(&make(json!({})));
    assert_eq!(lost["replaced_valid_until"], "2026-12-02T10:00:00Z");
    assert_eq!([works(&first), works(&text(&lost)), works(&second)], [true; 3]);
    harness.clock().set(harness.now() + TimeDelta::hours(24));
    assert_eq!([works(&first), works(&text(&lost)), works(&second)], [false, false, true]);
    let soon = (harness.now() + TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let third = text(&make(json!({ "valid_until": soon })));
    // A later one does not let an earlier one live longer.
    let fourth = text(&make(json!({})));
    harness.clock().set(harness.now() + TimeDelta::hours(1));
    assert_eq!([works(&second), works(&third), works(&fourth)], [false, true, true]);
    for _ in 0..3 {
        let _ = make(json!({}));
    }
    let refused = backend.post("/v1/site/secrets/carts", &json!({})).problem(409, "too_many_secrets");
    assert!(refused["detail"].as_str().unwrap().contains("valid_until"));
    // Somebody has read one of them: whoever ends them all is always let.
    let last = text(&make(json!({ "valid_until": "2026-01-01T00:00:00Z" })));
    assert_eq!([works(&fourth), works(&last)], [false, true]);
}

#[test]
fn only_the_hosts_live_key_makes_secrets() {
    let harness = open();
    let tester = harness.backend().post("/v1/keys", &json!({ "kind": "secret", "mode": "test" })).expect(201);
    let tester = harness.stranger().with_key(tester["key"].as_str().unwrap());
    let make = |who: &Client, body: &Value| who.post("/v1/site/secrets/carts", body);
    let _ = make(&tester, &json!({})).problem(403, "live_key_needed");
    let _ = make(&harness.page(), &json!({})).problem(403, "secret_key_needed");
    let bad =
        make(&harness.backend(), &json!({ "replaces": { "valid_until": "soon" } })).problem(400, "invalid_request");
    assert_eq!(fields(&bad), ["replaces.valid_until"]);
}
