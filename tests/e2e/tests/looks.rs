//! Every state in every width and look, photographed; and the keyboard alone.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::json;
use tearoff_e2e::gallery;
use tearoff_e2e::studio::Studio;
use tearoff_e2e::visitor::Visitor;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_state_is_photographed_and_nothing_is_cut_off() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.piece(".open").await;
    gallery::photograph(&visitor, "1-closed").await;
    visitor.type_code("BIG50").await;
    gallery::photograph(&visitor, "2-open").await;
    visitor.enter("BIG50").await;
    visitor.sees("rejected").await;
    gallery::photograph(&visitor, "3-rejected").await;
    visitor.enter("ONCE").await;
    visitor.sees("waiting").await;
    gallery::photograph(&visitor, "4-waiting").await;
    visitor.piece(".remove").await.click().await.unwrap();
    visitor.enter("TSHIRT").await;
    visitor.sees("applied").await;
    gallery::photograph(&visitor, "5-note").await;
    visitor.piece(".remove").await.click().await.unwrap();
    visitor.enter("WELCOME20").await;
    visitor.sees("applied").await;
    gallery::photograph(&visitor, "6-applied").await;
    gallery::bind();
    visitor.leave().await;
}

/// Languages, with how their pages run and look, the width in CSS pixels, and the button that opens the field.
const LANGUAGES: [(&str, &str, &str, u32, &str); 5] = [
    ("ar", "rtl", "light", 320, "إضافة رمز ترويجي"),
    ("ja", "ltr", "light", 320, "クーポンコードを追加"),
    ("de", "ltr", "dark", 320, "Gutscheincode hinzufügen"),
    ("el-GR", "ltr", "light", 768, "Προσθήκη κωδικού προσφοράς"),
    ("en", "ltr", "light", 768, "Add promo code"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_field_follows_the_language_of_its_page() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.sees("closed").await;
    for (language, direction, look, width, open) in LANGUAGES {
        visitor.speak(language, direction).await;
        visitor.reads_in_field(".open", open).await;
        visitor.enter("BIG50").await;
        visitor.sees("rejected").await;
        gallery::take(&visitor, &format!("7-{language}-rejected"), look, width).await;
        visitor.enter("WELCOME20").await;
        visitor.sees("applied").await;
        gallery::take(&visitor, &format!("7-{language}-applied"), look, width).await;
        visitor.piece(".remove").await.click().await.unwrap();
        press(&visitor, Key::Escape.into()).await;
        visitor.sees("closed").await;
    }
    // What is applied is said anew when the language changes, and the page's total with it.
    visitor.enter("WELCOME20").await;
    visitor.reads("#total", "€14.40").await;
    visitor.speak("de", "ltr").await;
    visitor.reads("#total", "14,40 €").await;
    let said = "Code WELCOME20 ist eingelöst. 3,60\u{a0}€ Rabatt. Neue Summe: 14,40\u{a0}€.";
    visitor.reads_in_field(".status", said).await;
    // A language that is not spoken here is answered in English, and a word of no language too.
    for unknown in ["eu", "x"] {
        visitor.speak(unknown, "ltr").await;
        visitor.reads("#total", "€14.40").await;
    }
    gallery::bind();
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_closed_field_is_in_the_language_of_its_page_before_any_wasm() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "nothing-here").await;
    visitor.browser.tools("Network.enable", json!({})).await;
    visitor.browser.tools("Network.setBlockedURLs", json!({ "urls": ["*widget*"] })).await;
    let script =
        "new MutationObserver(() => { document.documentElement.lang = 'de'; }).observe(document, { childList: true });";
    visitor.browser.tools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    visitor.client().goto(&studio.url("booking/")).await.expect("the page opens");
    visitor.reads_in_field(".open", "Gutscheincode hinzufügen").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_field_keeps_its_height_when_the_widget_takes_over() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "nothing-here").await;
    visitor.browser.tools("Network.enable", json!({})).await;
    let height = "return document.querySelector('tearoff-promo').getBoundingClientRect().height";
    let mut heights = Vec::new();
    for (blocked, state) in [(vec!["*widget*"], ""), (vec![], "closed")] {
        visitor.browser.tools("Network.setBlockedURLs", json!({ "urls": blocked })).await;
        visitor.client().goto(&studio.url("booking/")).await.expect("the page opens");
        visitor.piece(".open").await;
        visitor.sees(state).await;
        heights.push(visitor.run(height, Vec::new()).await);
    }
    assert_eq!(heights[0], heights[1], "drawn by the loader, then by the widget");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyboard_is_enough() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.sees("closed").await;
    visitor.run("document.querySelector('[name=mat]').focus()", Vec::new()).await;
    let focused = "const host = document.activeElement; const inner = host?.shadowRoot?.activeElement; \
        return inner ? inner.className : host?.id ?? ''";
    for _ in 0..10 {
        press(&visitor, Key::Tab.into()).await;
        if visitor.run(focused, Vec::new()).await == json!("open toggle") {
            break;
        }
    }
    assert_eq!(visitor.run(focused, Vec::new()).await, json!("open toggle"), "Tab reaches the field");
    press(&visitor, ' ').await;
    assert_eq!(visitor.run(focused, Vec::new()).await, json!("input"), "opening moves on to the input");
    press(&visitor, Key::Escape.into()).await;
    visitor.sees("closed").await;
    assert_eq!(visitor.run(focused, Vec::new()).await, json!("open toggle"), "Escape closes, focus is kept");
    press(&visitor, Key::Enter.into()).await;
    for key in "nosuch".chars().chain([Key::Enter.into()]) {
        press(&visitor, key).await;
    }
    visitor.sees("rejected").await;
    assert_eq!(visitor.run(focused, Vec::new()).await, json!("input"), "focus stays where the mistake is");
    visitor.type_code("WELCOME20").await;
    press(&visitor, Key::Enter.into()).await;
    visitor.sees("applied").await;
    assert_eq!(visitor.run(focused, Vec::new()).await, json!("applied"), "focus moves on to the code");
    press(&visitor, Key::Enter.into()).await;
    visitor.sees("applied").await;
    press(&visitor, Key::Tab.into()).await;
    assert_eq!(visitor.run(focused, Vec::new()).await, json!("remove"), "only here Enter takes it out");
    press(&visitor, Key::Enter.into()).await;
    visitor.sees("open").await;
    assert_eq!(visitor.run(focused, Vec::new()).await, json!("input"), "another code can be typed");
    visitor.leave().await;
}

async fn press(visitor: &Visitor, key: char) {
    let keys =
        KeyActions::new("keyboard".into()).then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
    visitor.client().perform_actions(keys).await.expect("a key is pressed");
}
