//! Who pays for a guess, and who does not (SPEC section 14): a guesser has an end, and the others behind the same address go on as far as
//! nobody can tell a guess by it.

use std::num::NonZeroU32;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::signing::{payload, secret, sign};
use tearoff_http_tests::site::{Site, cart, lookup, reservation};
use tearoff_server::limiter::Guesses;

/// A server on which an address may guess so many codes at once, and so many more each minute.
fn open(burst: u32, per_minute: u32) -> Harness {
    let count = |count| NonZeroU32::new(count).expect("some");
    Harness::configured(vec![Site::studio("studio").whose_tag_redeems()], |config| {
        config.guesses = Guesses { per_minute: count(per_minute), burst: count(burst) };
    })
}

fn colleague(code: &str, number: usize) -> Value {
    let mut asked = lookup(code);
    asked["customer"] = json!({ "email": format!("colleague{number}@example.com") });
    asked
}

/// Everybody at one moment, each on a connection of their own.
fn at_once(count: usize, ask: impl Fn(usize) -> Answer + Sync) -> Vec<u16> {
    let (together, ask) = (Barrier::new(count), &ask);
    let together = &together;
    thread::scope(|scope| {
        let asking: Vec<_> = (0..count)
            .map(|index| {
                scope.spawn(move || {
                    together.wait();
                    ask(index).status
                })
            })
            .collect();
        asking.into_iter().map(|asked| asked.join().expect("an answer")).collect()
    })
}

#[test]
fn an_office_with_good_codes_is_never_refused() {
    let harness = Harness::with_usual_guesses(vec![Site::studio("studio")]);
    for code in ["WELCOME20", "ONCE"] {
        let told = at_once(200, |number| harness.page().post("/v1/lookups", &colleague(code, number)));
        assert_eq!(told.iter().filter(|status| **status == 200).count(), 200, "{code}: {told:?}");
    }
    // And none of them has spent a wrong code.
    let wrong =
        (0..20).filter(|index| harness.page().post("/v1/lookups", &lookup(&format!("WRONG{index}"))).status == 200);
    assert_eq!(wrong.count(), 20);
}

#[test]
fn many_who_redeem_at_once_are_no_guessers() {
    let harness = open(2, 1);
    let told = at_once(24, |number| {
        let order = format!("order-{number}");
        let mut body = reservation(&order, "WELCOME20", 1440);
        body["place"] = json!(true);
        harness.page().reserve(&order, &body)
    });
    assert_eq!(told, [201; 24]);
}

/// A good code among many that are asked at one moment must not be answered where a wrong one would not be.
#[test]
fn wrong_codes_at_once_are_as_many_as_one_after_another() {
    let harness = open(7, 1);
    let redeem = |number: usize| {
        let mut body = reservation(&format!("order-{number}"), &format!("WRONG{number}"), 1440);
        body["place"] = json!(true);
        harness.page().reserve(&format!("order-{number}"), &body)
    };
    let told = at_once(40, |number| match number % 2 {
        0 => harness.page().post("/v1/lookups", &lookup(&format!("WRONG{number}"))),
        _ => redeem(number),
    });
    assert_eq!(told.iter().filter(|status| matches!(status, 200 | 409)).count(), 7, "{told:?}");
}

/// Ten codes are refused alike whether they are ten wrong ones or nine: what is refused costs nothing, and must tell nothing.
#[test]
fn a_budget_that_bears_nine_does_not_tell_ten_apart() {
    let harness = open(12, 1);
    let quote =
        |codes: &[String]| harness.page().post("/v1/quotes", &json!({ "codes": codes, "cart": cart("yoga", 1) }));
    let wrong = |count: usize| (0..count).map(|index| format!("WRONG{index}")).collect::<Vec<_>>();
    assert_eq!(quote(&wrong(3)).status, 200);
    let mut with_a_good_one = wrong(9);
    with_a_good_one.push("WELCOME20".into());
    assert_eq!([quote(&wrong(10)).status, quote(&with_a_good_one).status], [429, 429]);
    assert_eq!(quote(&with_a_good_one[1..]).status, 200, "eight wrong ones and a good one are borne");
    assert_eq!(quote(&wrong(2)).status, 429, "eight were spent: one is left");
}

/// What one guesser costs the others behind the same address: those whom the host has signed nothing, the others the time of one guess
/// after it has stopped.
#[test]
fn a_guesser_in_the_office_keeps_the_others_for_a_moment() {
    let harness = open(5, 20);
    let guesser = harness.page();
    let guess = |page: &Client| page.post("/v1/lookups", &lookup("WRONG"));
    let refused = (0..40).map(|_| guess(&guesser)).find(|answer| answer.status == 429).expect("an end");
    let _ = refused.problem(429, "too_many_requests");
    let good = harness.page().post("/v1/lookups", &lookup("WELCOME20"));
    let _ = good.problem(429, "too_many_requests");
    let wait: u64 = good.header("retry-after").parse().expect("seconds");
    assert!(wait <= 60 / 20 + 1, "{wait}");
    let mut signed = payload("studio", harness.now(), &cart("yoga", 1));
    signed["customer"] = json!({ "account": "7" });
    let token = sign(&signed, &secret(&harness.backend()));
    let by_ana = |code: &str| harness.page().post("/v1/lookups", &json!({ "code": code, "signed_cart": token }));
    assert_eq!(by_ana("WELCOME20").status, 200, "whom the host has signed pays for herself");
    let told: Vec<u16> = (0..8).map(|_| by_ana("WRONG").status).collect();
    assert!(told.starts_with(&[200; 5]) && told.ends_with(&[429; 2]), "and has an end as well: {told:?}");
    let begun = Instant::now();
    while harness.page().post("/v1/lookups", &lookup("WELCOME20")).status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(30), "the others are locked out");
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(harness.page().post("/v1/lookups", &lookup("WELCOME20")).status, 200, "a good code costs nothing");
}

/// What a page claims of a customer is asked at the cost of that customer, and of the address.
#[test]
fn asking_about_many_customers_has_an_end_and_is_no_wrong_code() {
    let harness = open(2, 1);
    let told = |answers: Vec<Answer>| answers.iter().filter(|answer| answer.status == 200).count();
    let ask = |number: usize| harness.page().post("/v1/lookups", &colleague("ONCE", number));
    let begun = Instant::now();
    let of_one = told((0..6).map(|_| ask(0)).collect());
    assert_eq!(of_one, 2, "as often as wrong codes are borne");
    let of_many = told((1..45).map(ask).collect());
    // One comes back in six seconds. Two in one place of the limiter's table share a budget.
    let came_back = usize::try_from(begun.elapsed().as_secs() / 6).unwrap() + 1;
    assert!((17..=18 + came_back).contains(&of_many), "{of_many}: ten times as many of all together");
    assert_eq!(harness.page().post("/v1/lookups", &lookup("WELCOME20")).status, 200);
    let wrong = (0..5).map(|index| harness.page().post("/v1/lookups", &lookup(&format!("WRONG{index}")))).collect();
    assert_eq!(told(wrong), 2, "wrong codes are another matter");
}

/// A token costs the server work before it is known to be bad.
#[test]
fn bad_signatures_have_an_end() {
    let harness = open(1, 1);
    let token = format!("cart1.{}.AAAA", "A".repeat(1000));
    let statuses: Vec<u16> = (0..40)
        .map(|index| match index % 3 {
            0 => harness.page().post("/v1/lookups", &json!({ "code": "WELCOME20", "signed_cart": token })),
            1 => harness.page().post("/v1/quotes", &json!({ "codes": [], "signed_cart": token })),
            _ => {
                let body = json!({ "order": "1", "codes": ["WELCOME20"], "signed_cart": token,
                    "seen": { "total_minor": 1 }, "place": true });
                harness.page().reserve("1", &body)
            }
        })
        .map(|answer| answer.status)
        .collect();
    let borne = statuses.iter().position(|status| *status == 429).expect("an end");
    assert!((30..=33).contains(&borne) && statuses[..borne].iter().all(|status| *status == 403), "{statuses:?}");
    assert_eq!(harness.backend().post("/v1/lookups", &lookup("WELCOME20")).status, 200);
}
