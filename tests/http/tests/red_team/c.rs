//! C: sending again what was sent before, or what somebody else has sent.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tearoff_core::snapshot::Snapshot;
use tearoff_http_tests::client::Answer;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, lookup, reservation};
use tearoff_server::snapshot_token::sign;
use tearoff_server::store::Secret;

use crate::{at_once, names, offer, reverse, step, tally, used};

/// The token of a lookup by the backend of a site.
fn snapshot(harness: &Harness, site: usize, code: &str) -> String {
    let told = harness.backend_of(site).post("/v1/lookups", &lookup(code)).expect(200);
    told["snapshot"].as_str().expect("a snapshot").to_owned()
}

/// An order of one class for `TODAY`, which only a snapshot can save once the day is over.
fn with_snapshot(harness: &Harness, order: &str, token: &str) -> Answer {
    let mut body = reservation(order, "TODAY", 1620);
    body["snapshot"] = json!(token);
    harness.backend().reserve(order, &body)
}

/// Ten seconds before midnight in Athens, when `TODAY` ends, and five seconds after it.
const BEFORE: &str = "2026-12-01T21:59:50Z";
const AFTER: &str = "2026-12-01T22:00:05Z";

#[test]
fn c1_a_lost_answer_is_told_again() {
    let harness = Harness::open();
    let body = reservation("1", "LAST", 1620).to_string();
    let head = format!(
        "POST /v1/redemptions HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\nidempotency-key: lost\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        harness.site(0).secret,
        body.len()
    );
    let mut stream = TcpStream::connect(harness.address()).unwrap();
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    // Recorded, and the answer stays unread.
    let begun = Instant::now();
    while harness.redemptions().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it is never recorded");
        thread::sleep(Duration::from_millis(2));
    }
    drop(stream);
    let again = harness.backend().reserve("lost", &reservation("1", "LAST", 1620));
    assert_eq!((again.status, again.is_replayed()), (200, true), "{}", again.text());
    assert_eq!(again.json()["id"], harness.redemptions()[0]["id"]);
    assert_eq!((harness.redemptions().len(), used(&harness, "LAST")), (1, 1));
}

#[test]
fn c2_a_key_is_for_one_request() {
    let harness = Harness::with(vec![Site::studio("studio").with("confirm_on", "placed")]);
    let backend = harness.backend();
    let mut body = reservation("1", "WELCOME20", 1440);
    body["place"] = json!(true);
    let first = backend.reserve("key", &body).expect(201);
    let mut other = body.clone();
    other["cart"] = cart("yoga", 2);
    other["seen"]["total_minor"] = json!(2880);
    let _ = backend.reserve("key", &other).problem(422, "idempotency_key_reused");
    let _ = reverse(&backend, &first, "key", &json!({ "cause": "mistake" })).problem(422, "idempotency_key_reused");
    assert_eq!((harness.redemptions().len(), &harness.redemptions()[0]["state"]), (1, &json!("confirmed")));
}

/// Which of two keys a proxy, a log or the server itself goes by must not be left to chance.
#[test]
fn c2_two_keys_are_no_key() {
    let harness = Harness::open();
    let body = reservation("1", "WELCOME20", 1440);
    let request = harness.backend();
    let twice =
        request.request("POST", "/v1/redemptions").header("idempotency-key", "one").header("idempotency-key", "two");
    let _ = twice.json(&body).send().problem(400, "idempotency_key_invalid");
    assert!(harness.redemptions().is_empty());
    assert_eq!(harness.backend().reserve("two", &body).status, 201);
}

#[test]
fn c3_ten_at_once_under_one_key_are_one() {
    let harness = Harness::open();
    let answers = at_once(&harness, 10, |_, backend| backend.reserve("key", &reservation("1", "FIFTY", 1620)));
    let told = tally(&answers);
    assert_eq!(told.get("201"), Some(&1), "{told:?}");
    let first = answers.iter().find(|answer| answer.status == 201).unwrap();
    for answer in answers.iter().filter(|answer| answer.status == 200) {
        assert!(answer.is_replayed() && answer.body == first.body, "{}", answer.text());
    }
    assert_eq!((harness.redemptions().len(), used(&harness, "FIFTY")), (1, 1));
}

#[test]
fn c4_another_sites_key_says_nothing() {
    let harness = Harness::with(vec![Site::studio("one"), Site::studio("two")]);
    let body = reservation("1", "WELCOME20", 1440);
    let mine = harness.backend().reserve("key", &body).expect(201);
    let theirs = harness.backend_of(1).reserve("key", &body);
    assert_eq!((theirs.status, theirs.is_replayed()), (201, false));
    assert!(!theirs.text().contains(mine["id"].as_str().unwrap()));
    let mut other = body.clone();
    other["cart"] = cart("mug", 1);
    let reused = harness.backend_of(1).reserve("key", &other);
    let _ = reused.problem(422, "idempotency_key_reused");
    assert!(!reused.text().contains(mine["id"].as_str().unwrap()));
    assert_eq!(harness.redemptions().len(), 1);
}

#[test]
fn c5_a_retry_after_the_key_is_forgotten_finds_its_order() {
    let harness = Harness::open();
    let backend = harness.backend();
    let body = reservation("1", "LAST", 1620);
    let id = backend.reserve("key", &body).expect(201)["id"].clone();
    assert_eq!(step(&backend, &json!({ "id": id }), "confirm").status, 200);
    let refused = backend.reserve("refused", &reservation("2", "LAST", 1620));
    let _ = refused.problem(409, "usage_limit_reached");
    harness.clock().advance(TimeDelta::hours(25));
    let again = backend.reserve("refused", &reservation("2", "LAST", 1620));
    assert!(again.is_replayed() && again.body == refused.body, "an answer is kept for more than a day");
    for hours in [1, 24 * 400] {
        harness.clock().advance(TimeDelta::hours(hours));
        let late = backend.reserve("key", &body);
        assert_eq!((late.expect(200)["id"].clone(), late.is_replayed()), (id.clone(), true), "after {hours} hours");
    }
    let mut other = reservation("1", "WELCOME20", 2880);
    other["cart"] = cart("yoga", 2);
    assert_eq!(backend.reserve("new", &other).problem(409, "order_already_redeemed")["redemption"], id);
    assert_eq!((harness.redemptions().len(), used(&harness, "LAST")), (1, 1));
}

#[test]
fn c6_an_order_has_one_redemption_whatever_the_key() {
    let harness = Harness::open();
    let answers = at_once(&harness, 12, |index, backend| {
        let mut body = reservation("one", "FIFTY", 1620 * (1 + index as u64 % 3));
        body["cart"] = cart("yoga", 1 + index as u64 % 3);
        backend.reserve(&format!("key-{index}"), &body)
    });
    let told = tally(&answers);
    assert_eq!(
        (told.get("201"), told.get("200"), told.get("order_already_redeemed")),
        (Some(&1), Some(&3), Some(&8)),
        "{told:?}"
    );
    assert_eq!((harness.redemptions().len(), used(&harness, "FIFTY")), (1, 1));
}

#[test]
fn c7_a_captured_snapshot_is_of_no_use_to_others() {
    let harness = Harness::with(vec![Site::studio("studio"), Site::studio("other")]);
    harness.clock().set(BEFORE.parse().unwrap());
    let (own, foreign, welcome) =
        (snapshot(&harness, 0, "TODAY"), snapshot(&harness, 1, "TODAY"), snapshot(&harness, 0, "WELCOME20"));
    harness.clock().set(AFTER.parse().unwrap());
    names(&with_snapshot(&harness, "foreign", &foreign), "snapshot");
    let _ = with_snapshot(&harness, "other-code", &welcome).problem(409, "expired");
    let mut named = reservation("named", "TODAY", 1620);
    named["snapshot"] = json!(own);
    named["customer"] = json!({ "email": "ana@example.com" });
    let _ = harness.backend().reserve("named", &named).problem(409, "expired");
    harness.clock().set("2026-12-01T22:05:00Z".parse().unwrap());
    let _ = with_snapshot(&harness, "late", &own).problem(409, "expired");
    assert!(harness.redemptions().is_empty());
    harness.clock().set(AFTER.parse().unwrap());
    assert_eq!(with_snapshot(&harness, "own", &own).status, 201, "it serves whom it was made for");
}

#[test]
fn c8_only_what_a_known_key_signed_is_honored() {
    let harness = Harness::open();
    harness.clock().set(BEFORE.parse().unwrap());
    let first = snapshot(&harness, 0, "TODAY");
    let (bytes, signature) = first.split_once('.').unwrap();
    let mut unknown = URL_SAFE_NO_PAD.decode(signature).unwrap();
    unknown[0] = 9;
    let mut bent = URL_SAFE_NO_PAD.decode(signature).unwrap();
    *bent.last_mut().unwrap() ^= 1;
    let rejoin = |signature: &[u8]| format!("{bytes}.{}", URL_SAFE_NO_PAD.encode(signature));
    let forged = [
        bytes.to_owned(),
        format!("{bytes}."),
        rejoin(&unknown),
        rejoin(&unknown[..1]),
        rejoin(&bent),
        rejoin(&unknown[1..]),
        format!("{}.{bytes}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#)),
    ];
    let rotate = || harness.backend().post("/v1/site/secrets/rotate", &json!({})).expect(200)["version"].clone();
    assert_eq!(rotate(), 2);
    let second = snapshot(&harness, 0, "TODAY");
    assert_ne!(first, second, "the newest key signs");
    harness.clock().set(AFTER.parse().unwrap());
    for (index, token) in forged.iter().enumerate() {
        names(&with_snapshot(&harness, &format!("forged-{index}"), token), "snapshot");
    }
    assert_eq!(
        [with_snapshot(&harness, "first", &first).status, with_snapshot(&harness, "second", &second).status],
        [201, 201]
    );
    let never_was = rejoin(&[&[0], &unknown[1..]].concat());
    let _ = with_snapshot(&harness, "never-was", &never_was).problem(409, "expired");
    assert_eq!(rotate(), 3);
    let _ = with_snapshot(&harness, "gone", &first).problem(409, "expired");
    assert_eq!(with_snapshot(&harness, "still", &second).status, 201, "two keys overlap");
    let orders: Vec<Value> = harness.redemptions().iter().map(|redemption| redemption["order"].clone()).collect();
    assert_eq!(orders, ["first", "second", "still"]);
}

/// Somebody has read the signing secret, and signs what never was shown: a quarter of an hour after it was replaced that is over.
#[test]
fn c8_a_secret_that_leaked_serves_nobody_once_it_is_replaced() {
    let harness = Harness::open();
    harness.clock().set("2026-12-01T21:40:00Z".parse().unwrap());
    let shown = snapshot(&harness, 0, "TODAY");
    let look = Connection::open_with_flags(harness.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let leaked = "SELECT secret FROM secrets WHERE purpose = 0 AND version = 1";
    let bytes: [u8; 32] = look.query_row(leaked, [], |row| row.get(0)).unwrap();
    let mut forged = Snapshot::read(&URL_SAFE_NO_PAD.decode(shown.split('.').next().unwrap()).unwrap()).unwrap();
    forged.facts.now = BEFORE.parse().unwrap();
    let forged = sign(&forged, &Secret { version: 1, bytes });
    harness.clock().set(AFTER.parse().unwrap());
    assert_eq!(with_snapshot(&harness, "leaked", &forged).status, 201, "it is signed as the site signs");
    harness.clock().set("2026-12-01T21:40:00Z".parse().unwrap());
    assert_eq!(harness.backend().post("/v1/site/secrets/rotate", &json!({})).expect(200)["version"], 2);
    harness.clock().set(AFTER.parse().unwrap());
    let _ = with_snapshot(&harness, "over", &forged).problem(409, "expired");
    assert_eq!(harness.redemptions().len(), 1);
}

#[test]
fn c8_a_snapshot_revives_nothing_that_its_owner_took_away() {
    let harness = Harness::open();
    let backend = harness.backend();
    for (code, ways, told) in [
        ("SWITCHED", [("/deactivate", Value::Null)].as_slice(), "promotion_inactive"),
        ("RETIRED", &[("/codes/retire", json!({ "code": "RETIRED" }))], "unknown_code"),
        ("DELETED", &[("/codes/delete", json!({ "which": "all" }))], "unknown_code"),
    ] {
        let promotion = offer(&backend, code, 1000, &json!({}));
        let shown = backend.post("/v1/lookups", &lookup(code)).expect(200)["snapshot"].clone();
        assert!(shown.is_string());
        for (path, body) in ways {
            assert_eq!(backend.post(&format!("{promotion}{path}"), body).status, 200, "{path}");
        }
        let mut body = reservation(code, code, 1620);
        body["snapshot"] = shown;
        let _ = backend.reserve(code, &body).problem(409, told);
    }
    assert!(harness.redemptions().is_empty());
}

#[test]
fn c8_a_snapshot_says_nothing_of_who_somebody_is() {
    let harness = Harness::with(vec![Site::studio("studio").whose_tag_redeems()]);
    let (page, backend) = (harness.page(), harness.backend());
    offer(&backend, "VIPS", 1000, &json!({ "conditions": [{ "type": "named_customers", "tags": ["vip"] }] }));
    let tell = |tags: Value| {
        let told = json!({ "emails": ["ana@example.com"], "tags": tags });
        backend.request("PUT", "/v1/customers/42").header("if-match", "*").json(&told).send().status
    };
    let told =
        backend.request("PUT", "/v1/customers/42").json(&json!({ "emails": ["ana@example.com"], "tags": ["vip"] }));
    assert_eq!(told.send().status, 201);
    let mut asked = lookup("VIPS");
    asked["customer"] = json!({ "email": "ana@example.com" });
    let shown = backend.post("/v1/lookups", &asked).expect(200);
    assert_eq!(shown["quote"]["total_minor"], 1620);
    let mut body = reservation("1", "VIPS", 1620);
    body["customer"] = asked["customer"].clone();
    body["snapshot"] = shown["snapshot"].clone();
    body["place"] = json!(true);
    let _ = page.reserve("claimed", &body).problem(409, "sign_in_needed");
    assert_eq!(tell(json!([])), 200);
    let _ = backend.reserve("no-more", &body).problem(409, "not_for_this_customer");
    assert!(harness.redemptions().is_empty());
    assert_eq!(tell(json!(["vip"])), 200);
    assert_eq!(backend.reserve("again", &body).status, 201);
}
