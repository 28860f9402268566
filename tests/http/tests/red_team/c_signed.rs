//! C: carts that the host's backend has signed, sent again, bent, and forged (R61).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tearoff_http_tests::client::Client;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::signing::{payload, secret, sign, sign_text};
use tearoff_http_tests::site::Site;

/// The payload of a cart of one yoga class at a tenth of its price, signed by the first site's backend.
fn cheap(harness: &Harness) -> (Value, String) {
    let cart = json!({ "lines": [{ "id": "1", "item": "yoga", "unit_price_minor": 180 }] });
    (payload("studio", harness.now(), &cart), secret(&harness.backend()))
}

#[test]
fn c7_a_signed_cart_serves_its_site_and_its_time() {
    let signed = |id| Site::studio(id).whose_tag_redeems().with("prices", "signed");
    let harness = Harness::with(vec![signed("studio"), signed("other")]);
    let ask = |page: Client, token: &str| page.post("/v1/quotes", &json!({ "codes": [], "signed_cart": token }));
    let (told, own) = cheap(&harness);
    let token = sign(&told, &own);
    let foreign = secret(&harness.backend_of(1));
    let _ = ask(harness.page_of(1), &token).problem(403, "cart_signature_invalid");
    let _ = ask(harness.page(), &sign(&told, &foreign)).problem(403, "cart_signature_invalid");
    let _ = ask(harness.page_of(1), &sign(&told, &foreign)).problem(403, "cart_signature_invalid");
    assert_eq!(ask(harness.page(), &token).expect(200)["quote"]["total_minor"], 180);
    harness.clock().set(harness.now() + TimeDelta::minutes(30));
    let _ = ask(harness.page(), &token).problem(403, "cart_signature_expired");
    let late = json!({ "order": "late", "codes": ["WELCOME20"], "signed_cart": token, "place": true,
                       "seen": { "total_minor": 144 } });
    let _ = harness.page().reserve("late", &late).problem(403, "cart_signature_expired");
    let mut for_ever = told;
    for_ever["expires_at"] = json!("2036-12-01T10:00:00Z");
    let fault = ask(harness.page(), &sign(&for_ever, &own)).problem(400, "invalid_request");
    assert_eq!(fault["errors"][0]["field"], "signed_cart.expires_at");
    assert!(harness.redemptions().is_empty());
}

#[test]
fn c8_a_signed_cart_is_taken_as_it_was_signed_or_not_at_all() {
    let harness = Harness::with(vec![Site::studio("studio").with("prices", "signed")]);
    let ask = |token: &str| harness.page().post("/v1/quotes", &json!({ "codes": [], "signed_cart": token }));
    let (told, own) = cheap(&harness);
    let token = sign(&told, &own);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let body = signed.split_once('.').unwrap().1;
    let mut cheaper = told.clone();
    cheaper["cart"]["lines"][0]["unit_price_minor"] = json!(1);
    let cheaper = URL_SAFE_NO_PAD.encode(cheaper.to_string());
    let head = |algorithm: &str| URL_SAFE_NO_PAD.encode(json!({ "alg": algorithm, "typ": "JWT" }).to_string());
    let respaced = URL_SAFE_NO_PAD.encode(serde_json::to_vec_pretty(&told).unwrap());
    for forged in [
        signed.to_owned(),
        format!("{signed}."),
        format!("cart1.{cheaper}.{signature}"),
        format!("cart1.{cheaper}."),
        format!("{}.{cheaper}.", head("none")),
        format!("{}.{body}.{signature}", head("HS256")),
        format!("cart2.{body}.{signature}"),
        format!("cart1.{respaced}.{signature}"),
        format!("{signed}=.{signature}"),
        format!("{signed}.{signature}="),
        format!("{token}.{signature}"),
        sign(&told, "cart_"),
        sign(&told, ""),
        // The page's own keys are no secrets.
        sign(&told, &harness.site(0).publishable),
    ] {
        let _ = ask(&forged).problem(403, "cart_signature_invalid");
    }
    let twice =
        told.to_string().replacen(r#""unit_price_minor":"#, r#""unit_price_minor":1800,"unit_price_minor":"#, 1);
    let fault = ask(&sign_text(&twice, &own)).problem(400, "invalid_request");
    assert_eq!(
        (&fault["errors"][0]["field"], &fault["errors"][0]["code"]),
        (&json!("signed_cart.cart.lines[0].unit_price_minor"), &json!("duplicate"))
    );
    assert_eq!(ask(&token).expect(200)["quote"]["total_minor"], 180);
}
