//! From a code to a recorded redemption, and what may go wrong on the way.

use serde_json::{Value, json};
use tearoff_e2e::studio::Studio;
use tearoff_e2e::visitor::Visitor;

async fn ready_to_confirm(studio: &Studio, code: &str) -> Visitor {
    let visitor = Visitor::arrive(studio, "").await;
    visitor.introduce("Maria Pappa", "maria@example.com").await;
    visitor.enter(code).await;
    visitor.sees("applied").await;
    visitor
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confirming_records_exactly_one_redemption() {
    let studio = Studio::open();
    let visitor = ready_to_confirm(&studio, "WELCOME20").await;
    visitor.element("#confirm").await.click().await.unwrap();
    visitor.reads("#thanks", "You are booked, Maria").await;
    assert_eq!(visitor.text("#receipt-total").await, "€14.40");
    let recorded = studio.redemptions();
    assert_eq!(recorded.len(), 1, "{recorded:?}");
    assert_eq!(recorded[0]["total_minor"], 1440);
    assert_eq!(recorded[0]["discount_minor"], 360);
    assert_eq!(recorded[0]["state"], "confirmed");
    assert_eq!(recorded[0]["id"].as_str(), Some(visitor.text("#receipt-redemption").await.as_str()));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_click_records_one() {
    let studio = Studio::open();
    let visitor = ready_to_confirm(&studio, "WELCOME20").await;
    visitor
        .run(
            "const button = document.querySelector('#confirm'); button.click(); button.click(); button.click()",
            Vec::new(),
        )
        .await;
    visitor.reads("#thanks", "You are booked, Maria").await;
    assert_eq!(studio.redemptions().len(), 1);
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_calls_of_reserve_record_one() {
    let studio = Studio::open();
    let visitor = ready_to_confirm(&studio, "WELCOME20").await;
    let script = "const [done] = [arguments[arguments.length - 1]]; const promo = document.querySelector('tearoff-promo'); \
        Promise.all([promo.reserve({ order: 'A-1' }), promo.reserve({ order: 'A-1' })]) \
            .then((both) => promo.reserve({ order: 'A-1' }).then((third) => done([...both, third].map((one) => one.id))))";
    let ids: Value = visitor.client().execute_async(script, Vec::new()).await.expect("the reservations");
    assert!(ids[0].is_string() && ids[0] == ids[1] && ids[1] == ids[2], "{ids}");
    assert_eq!(studio.redemptions().len(), 1);
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_retried_and_recorded_once() {
    let studio = Studio::open();
    let visitor = ready_to_confirm(&studio, "WELCOME20").await;
    // The first answer to a reservation is lost on its way: the server has recorded, the page does not know.
    let lose = "const real = window.fetch; let lost = false; window.fetch = async (...request) => { \
        const answer = await real(...request); const url = String(request[0]?.url ?? request[0]); \
        if (!lost && url.includes('redemptions')) { lost = true; throw new TypeError('connection lost'); } return answer; }";
    visitor.run(lose, Vec::new()).await;
    visitor.element("#confirm").await.click().await.unwrap();
    visitor.reads("#thanks", "You are booked, Maria").await;
    assert_eq!(studio.redemptions().len(), 1);
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_used_up_meanwhile_is_told_and_nothing_is_recorded() {
    let studio = Studio::open();
    let visitor = ready_to_confirm(&studio, "LASTONE").await;
    studio.redeem("EARLIER-1", "LASTONE", 1260);
    visitor.element("#confirm").await.click().await.unwrap();
    for _ in 0..200 {
        if !visitor.text("#message").await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(visitor.text("#message").await.contains("used"), "{}", visitor.text("#message").await);
    assert_eq!(studio.redemptions().len(), 1, "only the earlier one");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_booking_without_a_code_never_waits_for_us() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.introduce("Maria Pappa", "maria@example.com").await;
    visitor.element("#confirm").await.click().await.unwrap();
    visitor.reads("#thanks", "You are booked, Maria").await;
    assert!(studio.redemptions().is_empty());
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_was_typed_and_not_applied_is_not_forgotten() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.introduce("Maria Pappa", "maria@example.com").await;
    visitor.type_code("NOSUCH").await;
    visitor.element("#confirm").await.click().await.unwrap();
    visitor.reads("#message", "Your promo code was not applied, see above. Confirm again to book without it.").await;
    visitor.sees("rejected").await;
    visitor.type_code("WELCOME20").await;
    visitor.element("#confirm").await.click().await.unwrap();
    visitor.reads("#message", "The price has changed: your total is now €14.40. Please confirm again.").await;
    visitor.sees("applied").await;
    assert!(studio.redemptions().is_empty(), "nobody has agreed to that total yet");
    visitor.element("#confirm").await.click().await.unwrap();
    visitor.reads("#thanks", "You are booked, Maria").await;
    assert_eq!(studio.redemptions()[0]["total_minor"], 1440);
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_nobody_could_check_refuses_the_booking() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "nothing-here").await;
    let reserve = async || {
        let script = "const done = arguments[arguments.length - 1]; const promo = document.querySelector('tearoff-promo'); \
            promo.reserve({ order: 'A-1' }).then((kept) => done(kept && kept.state), (broken) => done(broken.code ?? 'refused'))";
        visitor.client().execute_async(script, Vec::new()).await.expect("an end")
    };
    let block = async |urls: Value| {
        visitor.browser.tools("Network.setBlockedURLs", json!({ "urls": urls })).await;
    };
    visitor.browser.tools("Network.enable", json!({})).await;
    block(json!(["*widget.wasm*"])).await;
    visitor.client().goto(&studio.url("booking/")).await.expect("the page opens");
    assert_eq!(reserve().await, json!(null), "no code is there");
    visitor.piece(".open").await.click().await.unwrap();
    let input = visitor.piece(".input").await;
    input.send_keys("WELCOME20\u{e007}").await.unwrap();
    for _ in 0..2 {
        assert_eq!(reserve().await, json!("refused"), "neither this time nor the next");
        assert!(visitor.field().await.status.contains("unavailable"));
    }
    // Taking the code out lets the booking go on; one that is typed and not sent counts too.
    input.send_keys("\u{e009}a\u{e000}\u{e003}").await.unwrap();
    assert_eq!(reserve().await, json!(null));
    input.send_keys("W").await.unwrap();
    assert_eq!(reserve().await, json!("refused"));
    input.send_keys("\u{e003}").await.unwrap();
    assert_eq!(reserve().await, json!(null));
    input.send_keys("WELCOME20\u{e007}").await.unwrap();
    assert_eq!(reserve().await, json!("refused"));
    assert!(studio.redemptions().is_empty());
    // Once the widget can be had, what was submitted is checked, and its new total shown before it is booked.
    block(json!([])).await;
    assert_eq!(reserve().await, json!("quote_changed"));
    visitor.sees("applied").await;
    assert!(studio.redemptions().is_empty());
    assert_eq!(reserve().await, json!("confirmed"));
    assert_eq!(studio.redemptions().len(), 1);
    visitor.leave().await;
}
