//! Limits (R42, R43, R47, R60): never exceeded, whatever runs at once, and exactly as many as there are.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tearoff_http_tests::client::Answer;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, lookup, reservation, reservation_of, terms};

/// Sends `count` requests at one moment, each from its own connection.
fn at_once(harness: &Harness, count: usize, body: impl Fn(usize) -> Value + Sync) -> Vec<Answer> {
    let together = Barrier::new(count);
    all_of(count, |index| {
        let backend = harness.backend();
        // A connection that is open already, so that all requests truly leave together.
        assert_eq!(backend.get("/healthz").status, 200);
        together.wait();
        backend.reserve(&format!("key-{index}"), &body(index))
    })
}

/// Does `work` on so many threads, and gives what came of it.
fn all_of<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let work = &work;
    thread::scope(|scope| {
        let working: Vec<_> = (0..count).map(|index| scope.spawn(move || work(index))).collect();
        working.into_iter().map(|worker| worker.join().unwrap()).collect()
    })
}

/// How many answers there were of each kind.
fn outcomes(answers: &[Answer]) -> BTreeMap<String, usize> {
    let mut outcomes = BTreeMap::new();
    for answer in answers {
        let outcome = match answer.status {
            201 => "recorded".to_owned(),
            _ => answer.any_problem()["code"].as_str().unwrap_or_default().to_owned(),
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    outcomes
}

fn exactly(recorded: usize, refused: usize, reason: &str) -> BTreeMap<String, usize> {
    BTreeMap::from([("recorded".to_owned(), recorded), (reason.to_owned(), refused)])
}

#[test]
fn two_hundred_at_once_for_fifty_uses() {
    let harness = Harness::open();
    let answers = at_once(&harness, 200, |index| reservation(&format!("order-{index}"), "FIFTY", 1620));
    assert_eq!(outcomes(&answers), exactly(50, 150, "usage_limit_reached"));
    let mut acknowledged: Vec<Value> =
        answers.iter().filter(|answer| answer.status == 201).map(|answer| answer.json()["id"].clone()).collect();
    acknowledged.sort_by_key(ToString::to_string);
    let recorded: Vec<Value> = harness.redemptions().iter().map(|redemption| redemption["id"].clone()).collect();
    assert_eq!(recorded, acknowledged, "what is acknowledged is recorded, in the order of time, and nothing else");
}

#[test]
fn fifty_at_once_for_the_last_use() {
    let harness = Harness::open();
    let answers = at_once(&harness, 50, |index| reservation(&format!("order-{index}"), "LAST", 1620));
    assert_eq!(outcomes(&answers), exactly(1, 49, "usage_limit_reached"));
}

/// Thirty requests in one packet leave no time between them: still one is served.
#[test]
fn thirty_in_one_packet_for_the_last_use() {
    let harness = Harness::open();
    let secret = &harness.site(0).secret;
    let packet: String = (0..30)
        .map(|index| {
            let body = reservation(&format!("order-{index}"), "LAST", 1620).to_string();
            let close = if index == 29 { "connection: close\r\n" } else { "" };
            format!(
                "POST /v1/redemptions HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {secret}\r\nidempotency-key: key-{index}\r\n\
                 content-type: application/json\r\n{close}content-length: {}\r\n\r\n{body}",
                body.len()
            )
        })
        .collect();
    let mut stream = TcpStream::connect(harness.address()).unwrap();
    stream.write_all(packet.as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    let count = |status: &str| answers.matches(status).count();
    assert_eq!((count("HTTP/1.1 201 "), count("HTTP/1.1 409 ")), (1, 29), "{answers}");
}

/// Requests of all kinds fall into one commit: each stands alone.
#[test]
fn a_crowd_of_all_kinds() {
    let harness = Harness::open();
    let answers = at_once(&harness, 80, |index| match index % 4 {
        0 => reservation(&format!("order-{index}"), "LAST", 1620),
        1 => reservation("same-order", "WELCOME20", 1440),
        2 => reservation(&format!("order-{index}"), "WELCOME20", 1441),
        _ => reservation(&format!("order-{index}"), "WELCOME20", 1440),
    });
    let of = |kind: usize| answers.iter().skip(kind).step_by(4).cloned().collect::<Vec<_>>();
    assert_eq!(outcomes(&of(0)), exactly(1, 19, "usage_limit_reached"));
    let same = of(1);
    let first = same.iter().find(|answer| answer.status == 201).expect("one of them is the first").json();
    assert!(same.iter().all(|answer| answer.json() == first), "one order, one redemption");
    assert_eq!(same.iter().filter(|answer| answer.status == 200 && answer.is_replayed()).count(), 19);
    assert!(of(2).iter().all(|answer| answer.any_problem()["code"] == "quote_changed"));
    assert!(of(3).iter().all(|answer| answer.status == 201));
    assert_eq!(harness.redemptions().len(), 22);
}

#[test]
fn one_customer_at_once_in_thirty_tabs() {
    let harness = Harness::open();
    let answers = at_once(&harness, 30, |index| {
        let email = if index % 2 == 0 { "Ana@Example.com" } else { " ana@example.COM " };
        reservation_of(&format!("order-{index}"), "ONCE", 1620, json!({ "email": email }))
    });
    assert_eq!(outcomes(&answers), exactly(1, 29, "customer_limit_reached"));
}

/// Every identity has its own count, and all of a customer's are raised (R47).
#[test]
fn a_customer_is_known_by_each_identity() {
    let harness = Harness::open();
    let backend = harness.backend();
    let try_as = |order: &str, customer: Value| backend.reserve(order, &reservation_of(order, "ONCE", 1620, customer));
    let nobody = backend.reserve("0", &reservation("0", "ONCE", 1620)).problem(409, "customer_needed");
    assert_eq!(nobody["quote"]["decisions"][0]["status"], "waiting", "a rule about an unknown customer waits (R37)");
    assert_eq!(try_as("1", json!({ "email": "ana@example.com", "account": "7" })).status, 201);
    for (order, customer) in [
        ("2", json!({ "email": "ANA@EXAMPLE.COM" })),
        ("3", json!({ "account": "7" })),
        ("4", json!({ "email": "other@example.com", "account": "7" })),
        ("5", json!({ "email": "ana@example.com", "account": "8" })),
    ] {
        let _ = try_as(order, customer).problem(409, "customer_limit_reached");
    }
    assert_eq!(try_as("6", json!({ "email": "other@example.com" })).status, 201, "a refusal counts for nobody");
    assert_eq!(try_as("7", json!({ "account": "8" })).status, 201);
    assert_eq!(try_as("8", json!({ "email": "a.na@example.com" })).status, 201, "no two people are merged");
    let _ = try_as("9", json!({})).problem(409, "customer_needed");
}

/// Two unpaid orders of one customer: the first holds the use, and gives it back when it is released.
#[test]
fn a_hold_counts_for_the_customer() {
    let harness = Harness::open();
    let backend = harness.backend();
    let ana = || json!({ "email": "ana@example.com" });
    let held = backend.reserve("1", &reservation_of("1", "ONCE", 1620, ana())).expect(201);
    let _ = backend.reserve("2", &reservation_of("2", "ONCE", 1620, ana())).problem(409, "customer_limit_reached");
    let release = format!("/v1/redemptions/{}/release", held["id"].as_str().unwrap());
    let released = at_once_send(&harness, 10, &release);
    assert!(released.iter().all(|answer| answer.status == 200), "a release can be repeated");
    assert_eq!(backend.reserve("3", &reservation_of("3", "ONCE", 1620, ana())).status, 201);
    let _ = backend.reserve("4", &reservation_of("4", "ONCE", 1620, ana())).problem(409, "customer_limit_reached");
}

/// Ten releases at once give one use back; a foreign site's release gives back none.
#[test]
fn a_use_is_given_back_once() {
    let harness = Harness::with(vec![Site::studio("studio"), Site::studio("other")]);
    let backend = harness.backend();
    let held = backend.reserve("1", &reservation("1", "LAST", 1620)).expect(201);
    let release = format!("/v1/redemptions/{}/release", held["id"].as_str().unwrap());
    let _ = harness.backend_of(1).request("POST", &release).send().problem(404, "not_found");
    let _ = backend.reserve("2", &reservation("2", "LAST", 1620)).problem(409, "usage_limit_reached");
    let _ = at_once_send(&harness, 10, &release);
    let answers = at_once(&harness, 10, |index| reservation(&format!("next-{index}"), "LAST", 1620));
    assert_eq!(outcomes(&answers), exactly(1, 9, "usage_limit_reached"));
}

fn at_once_send(harness: &Harness, count: usize, path: &str) -> Vec<Answer> {
    let together = Barrier::new(count);
    all_of(count, |_| {
        together.wait();
        harness.backend().request("POST", path).send()
    })
}

/// Reserving and releasing from all sides: in the end the counter knows exactly what is held.
#[test]
fn reserving_and_releasing_at_once_keeps_count() {
    let harness = Harness::open();
    let churn = |caller: usize| {
        let backend = harness.backend();
        let mut held = 0;
        for round in 0..12 {
            let name = format!("{caller}-{round}");
            let answer = backend.reserve(&name, &reservation(&name, "FIFTY", 1620));
            if answer.status != 201 {
                let _ = answer.problem(409, "usage_limit_reached");
                continue;
            }
            held += 1;
            if round % 3 != 0 {
                let id = answer.json()["id"].as_str().unwrap().to_owned();
                assert_eq!(backend.request("POST", &format!("/v1/redemptions/{id}/release")).send().status, 200);
                held -= 1;
            }
        }
        held
    };
    let held: usize = all_of(16, churn).into_iter().sum();
    assert!(held <= 50, "{held}");
    let answers = at_once(&harness, 60, |index| reservation(&format!("rest-{index}"), "FIFTY", 1620));
    assert_eq!(outcomes(&answers).get("recorded").copied().unwrap_or(0), 50 - held, "exactly what was left");
}

/// Once switching off is acknowledged, nothing that is asked later is recorded.
#[test]
fn nothing_is_recorded_after_switching_off() {
    let harness = Harness::open();
    let made = harness
        .backend()
        .post("/v1/promotions", &json!({ "codes": ["GOING"], "terms": terms("Going", 1000, &json!({})) }));
    let promotion = made.expect(201)["id"].as_str().unwrap().to_owned();
    let off = AtomicBool::new(false);
    let keep_asking = |caller: usize| {
        let backend = harness.backend();
        let mut recorded = 0;
        for round in 0.. {
            let was_off = off.load(Ordering::SeqCst);
            let name = format!("{caller}-{round}");
            let answer = backend.reserve(&name, &reservation(&name, "GOING", 1620));
            if was_off {
                let _ = answer.problem(409, "promotion_inactive");
                break;
            }
            recorded += usize::from(answer.status == 201);
        }
        recorded
    };
    let switch_off = || {
        thread::sleep(Duration::from_millis(150));
        let path = format!("/v1/promotions/{promotion}/deactivate");
        assert_eq!(harness.backend().request("POST", &path).send().status, 200);
        off.store(true, Ordering::SeqCst);
        0
    };
    let recorded: usize =
        all_of(9, |caller| if caller == 0 { switch_off() } else { keep_asking(caller) }).into_iter().sum();
    assert!(recorded > 0);
    assert_eq!(harness.redemptions().len(), recorded);
}

/// A limit that is set, lowered, raised or removed acts on what comes, and counts what was.
#[test]
fn a_limit_can_be_changed() {
    let harness = Harness::open();
    let backend = harness.backend();
    let limited = |limits: Value| json!({ "terms": terms("Changing", 1000, &json!({ "limits": limits })) });
    let made =
        backend.post("/v1/promotions", &json!({ "codes": ["CHANGING"], "terms": terms("Changing", 1000, &json!({})) }));
    let promotion = format!("/v1/promotions/{}", made.expect(201)["id"].as_str().unwrap());
    let ask = |order: u32| {
        let customer = json!({ "email": format!("{}@example.com", order % 2) });
        backend.reserve(&order.to_string(), &reservation_of(&order.to_string(), "CHANGING", 1620, customer))
    };
    let edit = |limits: Value| assert_eq!(backend.put(&promotion, &limited(limits)).status, 200);
    let held: Vec<Value> = (0..4).map(|order| ask(order).expect(201)).collect();
    edit(json!({ "total": 3 }));
    let _ = ask(4).problem(409, "usage_limit_reached");
    let release = |redemption: &Value| {
        let id = redemption["id"].as_str().unwrap();
        assert_eq!(backend.request("POST", &format!("/v1/redemptions/{id}/release")).send().status, 200);
    };
    release(&held[0]);
    let _ = ask(5).problem(409, "usage_limit_reached");
    release(&held[1]);
    assert_eq!(ask(6).status, 201, "two are held of three");
    let _ = ask(7).problem(409, "usage_limit_reached");
    edit(json!({ "total": 5 }));
    assert_eq!([ask(8).status, ask(9).status], [201, 201]);
    let _ = ask(10).problem(409, "usage_limit_reached");
    edit(json!({ "per_customer": 3 }));
    let _ = ask(12).problem(409, "customer_limit_reached");
    assert_eq!(ask(13).status, 201, "the other customer has one left");
    let _ = ask(15).problem(409, "customer_limit_reached");
    edit(json!({}));
    assert_eq!(ask(16).status, 201);
    assert_eq!(harness.redemptions().len(), 9);
}

/// A page learns whether a code is used up, never how often it may be used or was (R66).
#[test]
fn numbers_of_uses_are_not_told() {
    let harness = Harness::open();
    let backend = harness.backend();
    let before = backend.post("/v1/lookups", &lookup("FIFTY"));
    for order in 0..5 {
        assert_eq!(backend.reserve(&format!("{order}"), &reservation(&format!("{order}"), "FIFTY", 1620)).status, 201);
    }
    assert_eq!(backend.post("/v1/lookups", &lookup("FIFTY")).text(), before.text());
}

#[test]
fn two_codes_do_not_combine_and_use_nothing() {
    let harness = Harness::open();
    let backend = harness.backend();
    let mut both = reservation("1", "LAST", 1620);
    both["codes"] = json!(["LAST", "WELCOME20"]);
    let _ = backend.reserve("1", &both).problem(409, "not_combinable");
    let mut twice = reservation("2", "LAST", 1620);
    twice["codes"] = json!(["LAST", " last ", "Last"]);
    let recorded = backend.reserve("2", &twice).expect(201);
    assert_eq!(recorded["quote"]["decisions"].as_array().map(Vec::len), Some(1), "one code, however it is written");
    let _ = backend.reserve("3", &reservation("3", "LAST", 1620)).problem(409, "usage_limit_reached");
}
