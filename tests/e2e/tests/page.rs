//! The page around the field: other fields, scripts that write too, elements that come and go, and what an owner got wrong.

use serde_json::{Value, json};
use tearoff_e2e::studio::Studio;
use tearoff_e2e::visitor::Visitor;

/// Runs a script that answers by `done(…)`, with the element as `promo`.
async fn asked(visitor: &Visitor, script: &str) -> Value {
    let script = format!(
        "const done = arguments[arguments.length - 1]; const promo = document.querySelector('tearoff-promo'); \
         const pause = (milliseconds) => new Promise((end) => setTimeout(end, milliseconds)); \
         (async () => {{ {script} }})().catch((error) => done('thrown: ' + error))"
    );
    visitor.client().execute_async(&script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
}

async fn with_a_code(studio: &Studio, code: &str) -> Visitor {
    let visitor = Visitor::arrive(studio, "").await;
    visitor.enter(code).await;
    visitor.sees("applied").await;
    visitor
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_fields_the_last_to_be_answered_has_the_total() {
    let studio = Studio::open();
    let visitor = with_a_code(&studio, "WELCOME20").await;
    visitor.reads("#total", "€14.40").await;
    let second = "const other = document.createElement('tearoff-promo'); document.querySelector('.sums').before(other); \
        await other.apply('TSHIRT'); await pause(50); done(document.querySelector('#total').textContent)";
    assert_eq!(asked(&visitor, second).await, json!("€18.00"));
    let gone = "document.querySelectorAll('tearoff-promo')[1].remove('TSHIRT'); await pause(50); \
        done(document.querySelector('#total').textContent)";
    assert_eq!(asked(&visitor, gone).await, json!("€14.40"), "the first field's code still applies");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_that_undoes_what_we_write_has_the_last_word() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.live().await;
    let stubborn = "const total = document.querySelector('#total'); let rounds = 0; \
        const undo = () => { if (total.textContent !== '18 EUR') { rounds += 1; total.textContent = '18 EUR'; } }; \
        new MutationObserver(undo).observe(total, { childList: true, characterData: true, subtree: true }); \
        await promo.apply('WELCOME20'); await pause(200); done([total.textContent, rounds < 30, promo.quote.total_minor])";
    assert_eq!(asked(&visitor, stubborn).await, json!(["18 EUR", true, 1440]));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_cart_is_named_once_and_never_booked() {
    let studio = Studio::open();
    let visitor = with_a_code(&studio, "WELCOME20").await;
    let wrong = "const told = []; addEventListener('tearoff:failed', ({ detail }) => { \
            told.push(detail.code + ': ' + detail.message); document.querySelector('#message').textContent = detail.message; }); \
        promo.cart = { lines: [{ id: '1', item: 'yoga', quantity: 5, extra: 1 }] }; await pause(100); \
        const ends = []; \
        for (const end of [promo.reserve({ order: 'A-1' }), promo.apply('WELCOME20')]) ends.push(await end.then(() => 'kept', (e) => e.code)); \
        done([told, ends])";
    let named = "invalid_cart: `cart.lines[0].extra` is not understood";
    assert_eq!(asked(&visitor, wrong).await, json!([[named], ["invalid_cart", "invalid_cart"]]));
    assert!(studio.redemptions().is_empty());
    let misspelt = "promo.cart = null; document.querySelector('[data-tearoff-line]').dataset.tearoffQty = '2'; \
        done(await promo.apply('WELCOME20').then(() => 'kept', (error) => error.message))";
    assert_eq!(asked(&visitor, misspelt).await, json!("`data-tearoff-qty` is no attribute of a line"));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_element_that_leaves_gives_the_total_back_and_returns_with_its_code() {
    let studio = Studio::open();
    let visitor = with_a_code(&studio, "WELCOME20").await;
    // The page's own total knows of a fee that is not in the cart.
    let own = "document.querySelector('#total').textContent = '€23.00'; await pause(50); \
        const before = document.querySelector('#total').textContent; \
        const place = promo.parentNode; Element.prototype.remove.call(promo); await pause(50); \
        const after = document.querySelector('#total').textContent; document.querySelector('.sums').before(promo); \
        done([before, after, document.querySelector('[data-tearoff-discount]').hidden])";
    assert_eq!(asked(&visitor, own).await, json!(["€14.40", "€23.00", true]));
    visitor.sees("applied").await;
    visitor.reads("#total", "€14.40").await;
    visitor.piece(".remove").await.click().await.unwrap();
    visitor.reads("#total", "€23.00").await;
    visitor.type_code("WELC").await;
    let away =
        "Element.prototype.remove.call(promo); await pause(50); document.querySelector('.sums').before(promo); done()";
    asked(&visitor, away).await;
    visitor.live().await;
    assert_eq!(visitor.piece(".input").await.prop("value").await.unwrap().as_deref(), Some("WELC"));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_booking_ends_although_the_element_leaves() {
    let studio = Studio::open();
    let visitor = with_a_code(&studio, "WELCOME20").await;
    let leaves = "const booked = promo.reserve({ order: 'A-1' }); Element.prototype.remove.call(promo); \
        done((await booked).total_minor)";
    assert_eq!(asked(&visitor, leaves).await, json!(1440));
    assert_eq!(studio.redemptions().len(), 1);
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_element_that_left_before_the_widget_came_does_nothing() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    let ghost = "const ghost = document.createElement('tearoff-promo'); document.body.append(ghost); \
        ghost.apply('WELCOME20').catch(() => {}); ghost.dispatchEvent(new Event('focusin')); Element.prototype.remove.call(ghost); \
        await pause(1500); const total = document.querySelector('#total'); total.textContent = '€99.00'; await pause(100); \
        done(total.textContent)";
    assert_eq!(asked(&visitor, ghost).await, json!("€99.00"));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_cart_is_priced() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.live().await;
    let large = "const start = (day) => new Date(Date.UTC(2027, 0, 1 + day % 300, 8 + Math.floor(day / 300))).toISOString().slice(0, 16); \
        const occurrences = Array.from({ length: 1000 }, (_, day) => ({ start: start(day) })); \
        promo.cart = { lines: [{ id: '1', item: 'yoga', occurrences }] }; \
        const quote = await promo.apply('WELCOME20'); done([quote.lines[0].occurrences.length, quote.decisions[0].status])";
    assert_eq!(asked(&visitor, large).await, json!([1000, "applied"]));
    visitor.sees("applied").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_added_to_every_object_is_no_matter() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.run("Object.prototype.version = '1'; Object.prototype.extend = () => {}", Vec::new()).await;
    visitor.enter("WELCOME20").await;
    visitor.sees("applied").await;
    visitor.reads("#total", "€14.40").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owners_texts_that_are_wrong_leave_the_field_as_it_is() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "nothing-here").await;
    // The studio's page takes no scripts from tests.
    visitor.browser.tools("Page.setBypassCSP", json!({ "enabled": true })).await;
    visitor.client().goto(&studio.url("booking/")).await.expect("the page opens");
    // A second copy of the tag, which defines nothing, on a page that speaks another language.
    let second = "window.errors = []; addEventListener('unhandledrejection', ({ reason }) => errors.push(String(reason))); \
        document.documentElement.lang = 'de'; \
        const first = document.querySelector('script[data-site]'); const again = document.createElement('script'); \
        again.dataset.site = first.dataset.site; again.dataset.texts = '{en: {open: 1}}'; again.src = first.src; \
        await new Promise((end) => { again.onload = end; document.head.append(again); }); await pause(300); done(errors)";
    assert_eq!(asked(&visitor, second).await, json!([]));
    visitor.enter("WELCOME20").await;
    visitor.sees("applied").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_speaks_the_language_of_the_place_it_is_moved_to() {
    let studio = Studio::open();
    let visitor = with_a_code(&studio, "WELCOME20").await;
    let moved = "const place = document.createElement('div'); place.lang = 'fr'; promo.before(place); place.append(promo); done()";
    asked(&visitor, moved).await;
    visitor.reads("#total", "14,40 €").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn escape_closes_the_field_and_no_dialog_around_it() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.live().await;
    let within = "const dialog = document.createElement('dialog'); document.body.append(dialog); dialog.append(promo); \
        dialog.showModal(); done()";
    asked(&visitor, within).await;
    visitor.type_code("NOSUCH").await;
    let escape = "\u{e00c}";
    visitor.piece(".input").await.send_keys(escape).await.unwrap();
    visitor.sees("closed").await;
    assert_eq!(visitor.run("return document.querySelector('dialog').open", Vec::new()).await, json!(true));
    visitor.piece(".open").await.send_keys(escape).await.unwrap();
    assert_eq!(visitor.run("return document.querySelector('dialog').open", Vec::new()).await, json!(false));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_before_the_widget_came_is_carried_over() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "nothing-here").await;
    let block = async |urls: Value| visitor.browser.tools("Network.setBlockedURLs", json!({ "urls": urls })).await;
    visitor.browser.tools("Network.enable", json!({})).await;
    block(json!(["*widget.wasm*"])).await;
    visitor.client().goto(&studio.url("booking/")).await.expect("the page opens");
    visitor.piece(".open").await.click().await.unwrap();
    visitor.piece(".input").await.send_keys("WELC").await.unwrap();
    let select = "document.querySelector('tearoff-promo').shadowRoot.querySelector('.input').setSelectionRange(1, 3)";
    visitor.run(select, Vec::new()).await;
    block(json!([])).await;
    visitor.run("document.querySelector('tearoff-promo').dispatchEvent(new Event('pointerenter'))", Vec::new()).await;
    visitor.live().await;
    let held = "const input = document.querySelector('tearoff-promo').shadowRoot.activeElement; \
        return [input.className, input.value, input.selectionStart, input.selectionEnd]";
    assert_eq!(visitor.run(held, Vec::new()).await, json!(["input", "WELC", 1, 3]));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_outcome_is_announced_once() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.live().await;
    let listen = "window.announced = []; const status = document.querySelector('tearoff-promo').shadowRoot.querySelector('.status'); \
        new MutationObserver(() => status.textContent && announced.push(status.textContent)) \
            .observe(status, { childList: true, characterData: true, subtree: true })";
    visitor.run(listen, Vec::new()).await;
    visitor.enter("WELCOME20").await;
    visitor.sees("applied").await;
    let applied = "Code WELCOME20 applied. €3.60 off. New total €14.40.";
    let heard = || async { visitor.run("return announced.splice(0)", Vec::new()).await };
    assert_eq!(heard().await, json!(["Checking code…", applied]));
    // Who the customer is makes no difference: nothing is said again.
    asked(&visitor, "promo.customer = { email: 'maria@example.com' }; await pause(800); done()").await;
    assert_eq!(heard().await, json!([]));
    visitor.element("#more").await.click().await.unwrap();
    visitor.reads("#total", "€28.80").await;
    assert_eq!(heard().await, json!(["€7.20 off. New total €28.80."]));
    visitor.piece(".remove").await.click().await.unwrap();
    visitor.sees("open").await;
    assert_eq!(heard().await, json!(["Promo code removed."]));
    visitor.leave().await;
}

/// The page's own total may come to read as ours did.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_total_that_reads_like_ours_is_the_pages_own() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "").await;
    visitor.live().await;
    let fewer = "const steps = (css, times) => { for (let step = 0; step < times; step += 1) document.querySelector(css).click(); }; \
        steps('#more', 4); await pause(50); await promo.apply('WELCOME20'); await pause(50); \
        const total = document.querySelector('#total'); const read = [total.textContent]; \
        steps('#fewer', 1); await pause(50); read.push(total.textContent); \
        promo.remove('WELCOME20'); await pause(50); read.push(total.textContent); done(read)";
    assert_eq!(asked(&visitor, fewer).await, json!(["€72.00", "€57.60", "€72.00"]));
    let by_letters = "document.querySelector('#more').click(); await promo.apply('WELCOME20'); await pause(50); \
        const total = document.querySelector('#total'); total.firstChild.data = '€72.00'; await pause(50); \
        promo.remove('WELCOME20'); await pause(50); done(total.textContent)";
    assert_eq!(asked(&visitor, by_letters).await, json!("€72.00"), "also where the page changes the text in place");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cart_that_changes_fast_is_followed_to_its_end() {
    let studio = Studio::open();
    let visitor = with_a_code(&studio, "WELCOME20").await;
    let fast = "for (let step = 0; step < 60; step += 1) { \
            document.querySelector(step % 12 < 6 ? '#more' : '#fewer').click(); await pause(1); } \
        document.querySelector('#more').click(); await pause(100); \
        done([document.querySelector('#total').textContent, promo.quote.total_minor])";
    assert_eq!(asked(&visitor, fast).await, json!(["€28.80", 2880]));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_calls_an_element_that_has_left_hears_so() {
    let studio = Studio::open();
    let visitor = with_a_code(&studio, "WELCOME20").await;
    let calls = "Element.prototype.remove.call(promo); const ended = (call) => call.then(() => 'kept', ({ code }) => code); \
        const both = await Promise.all([ended(promo.reserve({ order: 'A-1' })), ended(promo.apply('TSHIRT'))]); \
        const alone = document.createElement('tearoff-promo'); await alone.apply('WELCOME20'); await pause(50); \
        done([both, document.querySelector('#total').textContent, alone.quote.total_minor])";
    assert_eq!(asked(&visitor, calls).await, json!([["superseded", "superseded"], "€18.00", 1440]));
    assert!(studio.redemptions().is_empty());
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_links_code_waits_for_a_cart_that_can_be_read() {
    let studio = Studio::open();
    let visitor = Visitor::arrive(&studio, "nothing-here").await;
    let early =
        "document.addEventListener('DOMContentLoaded', () => { document.querySelector('tearoff-promo').cart = {}; })";
    visitor.browser.tools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": early })).await;
    visitor.client().goto(&studio.url("booking/?promo=WELCOME20")).await.expect("the page opens");
    visitor.live().await;
    assert!(visitor.field().await.state != "applied");
    visitor.run("document.querySelector('tearoff-promo').cart = null", Vec::new()).await;
    visitor.sees("applied").await;
    // And while it cannot be read again, nobody is shown what another cart costs.
    let faulty = "promo.cart = { lines: [], extra: 1 }; await pause(50); \
        const read = [document.querySelector('#total').textContent, promo.quote ?? null]; \
        promo.cart = null; await pause(50); done([...read, document.querySelector('#total').textContent])";
    assert_eq!(asked(&visitor, faulty).await, json!(["…", null, "€14.40"]));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owners_texts_of_another_form_are_left_out() {
    let studio = Studio::open();
    for texts in ["{en: 1}", "null", r#"{"en":{"expired":1,"open":{"one":"x"},"label":"Voucher","nonsense":"x"}}"#] {
        let visitor = Visitor::arrive(&studio, "nothing-here").await;
        let early = format!(
            "new MutationObserver(() => document.querySelectorAll('script[data-site]').forEach((tag) => tag.dataset.texts ??= {})) \
                .observe(document, {{ childList: true, subtree: true }})",
            json!(texts)
        );
        visitor.browser.tools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": early })).await;
        visitor.client().goto(&studio.url("booking/")).await.expect("the page opens");
        visitor.enter("SUMMER25").await;
        let field = visitor.sees("rejected").await;
        assert!(field.error.contains("expired"), "{texts}: {field:?}");
        let label = if texts.contains("Voucher") { "Voucher" } else { "Promo code" };
        visitor.reads_in_field("label", label).await;
        visitor.leave().await;
    }
}
