//! What a page may do where no backend redeems for it (R55), and what it may not do to the host or to other visitors.

use rusqlite::Connection;
use serde_json::{Value, json};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{Site, cart, reservation, reservation_of};

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
