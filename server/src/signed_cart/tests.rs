//! Every way to bend a signed cart, without a server.

use serde_json::{Value, json};

use super::*;

const NOW: &str = "2026-12-01T10:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn secret(byte: u8) -> CartSecret {
    CartSecret { number: 1, bytes: [byte; 32], created_at: now(), valid_until: None }
}

fn payload() -> Value {
    json!({
        "site": "studio", "issued_at": "2026-12-01T09:59:00Z", "expires_at": "2026-12-01T10:30:00Z",
        "cart": { "lines": [{ "id": "1", "item": "yoga", "unit_price_minor": 1500 }] },
        "customer": { "account": "7" },
    })
}

fn sign(form: &str, payload: &str, secret: &CartSecret) -> String {
    let signed = format!("{form}.{}", URL_SAFE_NO_PAD.encode(payload));
    let mac = Hmac::<Sha256>::new_from_slice(reveal(secret).as_bytes()).unwrap().chain_update(&signed);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn read(token: &str) -> Result<Opened, Refused> {
    open(token, &[secret(6), secret(7)], "studio", now())
}

fn field(of: Result<Opened, Refused>) -> String {
    match of {
        Err(Refused::Invalid(faults)) => faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>().join(" "),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_any_of_the_secrets_signed_is_read() {
    for key in [6, 7] {
        let opened = read(&sign("cart1", &payload().to_string(), &secret(key))).unwrap();
        assert_eq!((opened.cart.lines.len(), opened.customer.is_some(), opened.vouched), (1, true, Vouched::Signed));
    }
    let nobody = open(&sign("cart1", &payload().to_string(), &secret(7)), &[], "studio", now());
    assert!(matches!(nobody, Err(Refused::Signature(_))), "a site without a secret");
}

#[test]
fn nothing_else_is() {
    let good = sign("cart1", &payload().to_string(), &secret(7));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (_, body) = signed.split_once('.').unwrap();
    let mut bent = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bent[31] ^= 1;
    let respaced = URL_SAFE_NO_PAD.encode(serde_json::to_string_pretty(&payload()).unwrap());
    for forged in [
        String::new(),
        ".".into(),
        "..".into(),
        body.into(),
        signed.into(),
        format!("{signed}."),
        format!("{signed}.{}", signature.get(..20).unwrap()),
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bent)),
        format!("{signed}.{signature}="),
        format!("{signed}=.{signature}"),
        format!("{good}.{signature}"),
        format!(" {good}"),
        format!("cart1.{respaced}.{signature}"),
        format!("cart2.{body}.{signature}"),
        format!("CART1.{body}.{signature}"),
        sign("cart2", &payload().to_string(), &secret(7)),
        sign("cart1", &payload().to_string(), &secret(8)),
        // As a token of another system would have it.
        format!("{}.{body}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#)),
        format!("{}.{body}.{signature}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#)),
    ] {
        assert!(matches!(read(&forged), Err(Refused::Signature(_))), "{forged}");
    }
    let elsewhere = open(&good, &[secret(7)], "other", now());
    assert!(matches!(elsewhere, Err(Refused::Signature(_))), "one secret for two sites is no bridge between them");
}

#[test]
fn what_was_signed_is_read_as_strictly_as_a_request() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut payload = payload();
        change(&mut payload);
        read(&sign("cart1", &payload.to_string(), &secret(7)))
    };
    assert_eq!(field(with(&|payload| payload["colour"] = 1.into())), "signed_cart.colour");
    assert_eq!(field(with(&|payload| payload["cart"]["colour"] = 1.into())), "signed_cart.cart.colour");
    assert_eq!(field(with(&|payload| drop(payload.as_object_mut().unwrap().remove("site")))), "signed_cart.site");
    assert_eq!(field(with(&|payload| payload["issued_at"] = "today".into())), "signed_cart.issued_at");
    assert_eq!(field(with(&|payload| payload["expires_at"] = "2026-12-01".into())), "signed_cart.expires_at");
    let twice = payload().to_string().replacen('{', r#"{"site":"other","#, 1);
    assert_eq!(field(read(&sign("cart1", &twice, &secret(7)))), "signed_cart.site");
    let twice =
        payload().to_string().replacen(r#""unit_price_minor":"#, r#""unit_price_minor":1,"unit_price_minor":"#, 1);
    assert_eq!(field(read(&sign("cart1", &twice, &secret(7)))), "signed_cart.cart.lines[0].unit_price_minor");
    assert_eq!(field(read(&sign("cart1", "nonsense", &secret(7)))), "signed_cart.body");
}

#[test]
fn its_time_is_bounded_on_every_side() {
    let between = |issued_at: &str, expires_at: &str| {
        let mut payload = payload();
        payload["issued_at"] = issued_at.into();
        payload["expires_at"] = expires_at.into();
        read(&sign("cart1", &payload.to_string(), &secret(7)))
    };
    let expired = |issued_at, expires_at| between(issued_at, expires_at).unwrap().vouched == Vouched::SignedOnce;
    assert!(!expired("2026-12-01T09:00:00Z", "2026-12-01T10:00:00.001Z"));
    assert!(expired("2026-12-01T09:00:00Z", "2026-12-01T10:00:00Z"), "it ends with that instant");
    assert!(!expired("2026-12-01T10:05:00Z", "2026-12-02T10:05:00Z"));
    assert_eq!(field(between("2026-12-01T10:05:00.001Z", "2026-12-01T11:00:00Z")), "signed_cart.issued_at");
    assert_eq!(field(between("2026-12-01T09:00:00Z", "2026-12-02T09:00:00.001Z")), "signed_cart.expires_at");
    assert_eq!(field(between("2026-12-01T09:00:00Z", "2026-12-01T09:00:00Z")), "signed_cart.expires_at");
}
