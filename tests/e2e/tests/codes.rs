//! Codes on the booking page: typed, linked, refused, re-priced, removed.

use serde_json::json;
use tearoff_e2e::studio::Studio;
use tearoff_e2e::visitor::Visitor;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_field_is_there_before_any_wasm() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "nothing-here").await;
    // Whatever is fetched after the loader is refused, as if it never arrived.
    visitor.browser.tools("Network.enable", json!({})).await;
    visitor.browser.tools("Network.setBlockedURLs", json!({ "urls": ["*widget*"] })).await;
    visitor.client().goto(&studio.url("booking/")).await.expect("the page opens");
    let button = visitor.piece(".open").await;
    assert!(button.is_displayed().await.unwrap());
    assert_eq!(button.text().await.unwrap(), "Add promo code");
    button.click().await.unwrap();
    assert!(visitor.piece(".input").await.is_displayed().await.unwrap());
    assert_eq!(visitor.field().await.state, "", "the widget cannot be there");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_typed_code_takes_a_percentage_off() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.enter("  welcome20 ").await;
    let field = visitor.sees("applied").await;
    assert!(field.amount.contains("3.60"), "{field:?}");
    visitor.reads("#total", "€14.40").await;
    visitor.reads("[data-tearoff-discount]", "−€3.60").await;
    assert_eq!(visitor.browser.errors_since().await, Vec::<String>::new());
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_brings_its_code_along() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "?promo=WELCOME20").await;
    visitor.sees("applied").await;
    visitor.reads("#total", "€14.40").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fixed_amount_acts_on_memberships_only() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.enter("OLEA10").await;
    let field = visitor.sees("rejected").await;
    assert!(!field.error.is_empty(), "{field:?}");
    // The code stays in the field and starts to fit when the cart does.
    visitor.choose("item", "monthly").await;
    visitor.sees("applied").await;
    visitor.reads("#total", "€79.00").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_says_why() {
    let studio = Studio::open();
    studio.redeem("EARLIER-1", "LASTONE", 1260);
    let visitor = Visitor::arrive(&studio, "").await;
    for (code, said) in [
        ("NOSUCHCODE", "not valid"),
        ("SUMMER25", "expired"),
        ("LASTONE", "used"),
        ("BIG50", "80.00"),
        ("S\u{410}VE", "not valid"),
        ("💥", "not valid"),
    ] {
        visitor.enter(code).await;
        let field = visitor.sees("rejected").await;
        assert!(field.error.contains(said), "{code}: {field:?}");
        let input = visitor.piece(".input").await;
        assert_eq!(input.attr("aria-invalid").await.unwrap().as_deref(), Some("true"), "{code}");
        assert_eq!(input.attr("aria-describedby").await.unwrap().as_deref(), Some("error"), "{code}");
        assert_eq!(visitor.text("#total").await, "€18.00", "{code}");
    }
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_cart_is_priced_without_the_network() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.enter("WELCOME20").await;
    visitor.sees("applied").await;
    let asked = visitor.browser.requests_since().await;
    assert!(asked.iter().any(|address| address.contains("/v1/lookups")), "the log is not blind: {asked:?}");
    for total in ["€28.80", "€43.20", "€57.60", "€72.00"] {
        visitor.element("#more").await.click().await.unwrap();
        visitor.reads("#total", total).await;
    }
    // At six the cap of 20.00 cuts: 108.00 less 20.00.
    visitor.element("#more").await.click().await.unwrap();
    visitor.reads("#total", "€88.00").await;
    assert_eq!(visitor.browser.requests_since().await, Vec::<String>::new(), "the network was used");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_stops_and_starts_to_fit_as_the_cart_changes() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.choose_weekday(2).await;
    visitor.enter("TUESDAY15").await;
    visitor.sees("applied").await;
    visitor.reads("#total", "€15.30").await;
    visitor.browser.requests_since().await;
    visitor.choose_weekday(5).await;
    visitor.sees("rejected").await;
    visitor.reads("#total", "€18.00").await;
    visitor.choose_weekday(3).await;
    visitor.sees("applied").await;
    visitor.reads("#total", "€15.30").await;
    assert_eq!(visitor.browser.requests_since().await, Vec::<String>::new(), "the network was used");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_benefit_outside_shows_its_note_and_a_code_can_be_removed() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.enter("TSHIRT").await;
    let field = visitor.sees("applied").await;
    assert!(field.note.contains("T-shirt"), "{field:?}");
    assert_eq!(visitor.text("#total").await, "€18.00");
    visitor.piece(".remove").await.click().await.unwrap();
    visitor.sees("open").await;
    let focused = "return document.querySelector('tearoff-promo').shadowRoot.activeElement?.className";
    assert!(visitor.run(focused, Vec::new()).await.as_str().unwrap_or_default().contains("input"));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_once_a_person_waits_for_the_person() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.enter("ONCE").await;
    visitor.sees("waiting").await;
    assert_eq!(visitor.text("#total").await, "€18.00");
    visitor.introduce("Maria Pappa", "maria@example.com").await;
    visitor.element("#name").await.click().await.unwrap();
    visitor.sees("applied").await;
    visitor.reads("#total", "€10.00").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_often_a_line_is_booked_is_read_from_the_page() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.live().await;
    let watch = "window.asked = []; window.failed = []; const real = window.fetch; \
        window.fetch = (address, options) => { asked.push(JSON.parse(options.body).cart.lines[0].frequency); return real(address, options); }; \
        addEventListener('tearoff:failed', ({ detail }) => failed.push(detail.code))";
    visitor.run(watch, Vec::new()).await;
    // Declared on the line, then set by the host. Not typed: the studio paints its lines anew with every letter.
    let declared = "document.querySelector('[data-tearoff-line]').dataset.tearoffFrequency = 'recurring'; \
        document.querySelector('tearoff-promo').apply('WELCOME20')";
    visitor.run(declared, Vec::new()).await;
    visitor.sees("applied").await;
    let again = "const promo = document.querySelector('tearoff-promo'); \
        promo.cart = { lines: [{ id: '1', item: 'yoga', frequency: arguments[0] }] }; promo.apply('WELCOME20')";
    visitor.run(again, vec![json!("open_ended")]).await;
    visitor.sees("applied").await;
    assert_eq!(visitor.run("return asked", Vec::new()).await, json!(["recurring", "open_ended"]));
    assert_eq!(visitor.run("return failed", Vec::new()).await, json!([]));
    visitor.run(again, vec![json!("weekly")]).await;
    assert_eq!(visitor.run("return failed[0]", Vec::new()).await, json!("invalid_cart"), "no such word");
    visitor.leave().await;
}
