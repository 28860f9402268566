//! What a page may do where no backend redeems for it (R55), and what it may not do to the host or to other visitors.

use std::num::NonZeroU32;

use rusqlite::Connection;
use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, reservation, reservation_of};
use tearoff_server::limiter::PageRedemptions;

fn open() -> Harness {
    Harness::with(vec![Site::studio("tag").whose_tag_redeems()])
}

/// What the tag sends for an order of one yoga class.
fn order(reference: &str, code: &str, total_minor: u64) -> Value {
    placed(reservation(reference, code, total_minor))
}

fn placed(mut body: Value) -> Value {
    body["place"] = json!(true);
    body
}

fn answers_kept(harness: &Harness) -> u32 {
    let look = Connection::open(harness.database()).expect("the database");
    look.query_row("SELECT count(*) FROM answers", [], |row| row.get(0)).expect("a count")
}

/// Anybody can be refused as often as they like: nothing is kept of it, and the same request is considered again.
#[test]
fn a_refusal_leaves_nothing_behind() {
    let harness = open();
    let page = harness.page();
    let holder = harness.backend().reserve("holder", &reservation("0", "LAST", 1620)).expect(201);
    let kept = answers_kept(&harness);
    for round in 0..10 {
        let changed = page.reserve(&format!("changed-{round}"), &order("1", "WELCOME20", 1));
        let _ = changed.problem(409, "quote_changed");
        let _ = page.reserve("late", &order("2", "LAST", 1620)).problem(409, "usage_limit_reached");
    }
    assert_eq!(answers_kept(&harness), kept);
    let release = format!("/v1/redemptions/{}/release", holder["id"].as_str().expect("an id"));
    assert_eq!(harness.backend().request("POST", &release).send().status, 200);
    assert_eq!(page.reserve("late", &order("2", "LAST", 1620)).status, 201, "there is room now");
    let again = page.reserve("late", &order("2", "LAST", 1620));
    assert!(again.status == 200 && again.is_replayed(), "what was recorded is told again: {}", again.text());
}

/// The answer was lost, and meanwhile the owner no longer lets the tag redeem: the visitor still learns that they are booked.
#[test]
fn a_retry_is_answered_after_the_tag_was_switched_off() {
    let harness = open();
    let (page, backend) = (harness.page(), harness.backend());
    let first = page.reserve("key", &order("1", "WELCOME20", 1440)).expect(201);
    let mut policy = backend.get("/v1/site").expect(200)["policy"].clone();
    policy["tag_redeems"] = json!(false);
    assert_eq!(backend.put("/v1/site", &json!({ "policy": policy })).status, 200);
    assert_eq!(page.reserve("key", &order("1", "WELCOME20", 1440)).expect(200), first);
    assert_eq!(page.reserve("other-key", &order("1", "WELCOME20", 1440)).expect(200)["id"], first["id"]);
    // Whoever asks for anything else learns no more than that they may not.
    let mut other = order("1", "WELCOME20", 2880);
    other["cart"] = cart("yoga", 2);
    let taken = page.reserve("third-key", &other);
    let free = page.reserve("fourth-key", &order("2", "WELCOME20", 1440));
    let reused = page.reserve("key", &other);
    let [taken, free, reused] = [taken, free, reused].map(|answer| answer.problem(403, "secret_key_needed"));
    assert_eq!((&taken, &free), (&free, &reused));
}

/// The references of the host's backend and those of pages are apart: a page with a valid code cannot use up the host's.
#[test]
fn a_page_uses_up_no_order_or_key_of_the_host() {
    let harness = open();
    let (page, backend) = (harness.page(), harness.backend());
    let by_page = page.reserve("1", &order("1", "WELCOME20", 1440)).expect(201);
    let by_host = backend.reserve("1", &reservation("1", "FIFTY", 1620)).expect(201);
    assert_ne!(by_page["id"], by_host["id"]);
    assert_eq!((&by_page["reserved_by"], &by_host["reserved_by"]), (&json!("page"), &json!("host")));
    let seen: Vec<Value> = harness.redemptions().iter().map(|one| json!([one["order"], one["reserved_by"]])).collect();
    assert_eq!(seen, [json!(["1", "page"]), json!(["1", "host"])], "the owner can tell them apart");
    // Each for ever, within its own.
    let mut other = order("1", "WELCOME20", 2880);
    other["cart"] = cart("yoga", 2);
    let _ = page.reserve("2", &other).problem(409, "order_already_redeemed");
    let _ = backend.reserve("2", &other).problem(409, "order_already_redeemed");
    assert_eq!(harness.redemptions().len(), 2);
}

/// An order that somebody else has redeemed is named to the host, and to no page.
#[test]
fn a_page_does_not_learn_of_anothers_redemption() {
    let harness = open();
    let (page, backend) = (harness.page(), harness.backend());
    let body = |email: &str| placed(reservation_of("1", "WELCOME20", 1440, json!({ "email": email })));
    for (client, told) in [(&page, false), (&backend, true)] {
        let first = client.reserve("ana", &body("ana@example.com")).expect(201);
        let taken = client.reserve("bob", &body("bob@example.com"));
        let problem = taken.problem(409, "order_already_redeemed");
        let id = first["id"].as_str().expect("an id");
        assert_eq!((problem["redemption"] == id, taken.text().contains(id)), (told, told), "{problem}");
    }
}

/// What the tag redeems is placed at once and never expires, so a page could use a promotion up order by order: it may so often in an
/// hour from one address, and so often for one customer (R55).
#[test]
fn a_page_redeems_a_few_orders_an_hour() {
    let harness = Harness::configured(vec![Site::studio("tag").whose_tag_redeems()], |config| {
        config.page_redemptions = PageRedemptions(NonZeroU32::new(3).expect("some"));
        config.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    });
    let at = |address: &str| harness.page().with_header("x-forwarded-for", address);
    let redeem = |page: &Client, reference: &str, email: &str| -> Answer {
        let customer = json!({ "email": email });
        page.reserve(reference, &placed(reservation_of(reference, "WELCOME20", 1440, customer)))
    };
    let page = at("198.51.100.1");
    for _ in 0..5 {
        let _ = page.reserve("refused", &order("0", "WELCOME20", 1)).problem(409, "quote_changed");
    }
    for reference in ["1", "2", "3"] {
        assert_eq!(redeem(&page, reference, &format!("{reference}@example.com")).status, 201);
    }
    let refused = redeem(&page, "4", "4@example.com");
    let _ = refused.problem(429, "too_many_redemptions");
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1000..=1201).contains(&wait), "three an hour: {wait}");
    assert_eq!(redeem(&page, "1", "1@example.com").status, 200, "a retry finds what was recorded");
    let other = at("198.51.100.2");
    assert_eq!(redeem(&other, "4", "4@example.com").status, 201, "another address");
    assert_eq!(redeem(&other, "5", "1@example.com").status, 201);
    assert_eq!(redeem(&at("198.51.100.3"), "6", "1@example.com").status, 201);
    let _ = redeem(&at("198.51.100.4"), "7", " 1@EXAMPLE.com").problem(429, "too_many_redemptions");
    assert_eq!(redeem(&at("198.51.100.4"), "7", "7@example.com").status, 201, "another customer");
    let backend = harness.backend().with_header("x-forwarded-for", "198.51.100.1");
    for reference in ["8", "9", "10", "11"] {
        assert_eq!(redeem(&backend, reference, "1@example.com").status, 201, "the host's backend goes on");
    }
}
