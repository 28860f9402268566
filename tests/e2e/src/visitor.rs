//! What a visitor does and sees on the studio's page.

use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use crate::PATIENCE;
use crate::browser::Browser;
use crate::studio::Studio;

/// A visitor in front of a page of the studio.
#[derive(Debug)]
pub struct Visitor {
    /// Their browser.
    pub browser: Browser,
}

/// What the promo field shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its state: `closed`, `open`, `checking`, `applied`, `waiting`, `rejected` or `offline`; empty while the widget is not there.
    pub state: String,
    /// The error beside the input.
    pub error: String,
    /// What is announced.
    pub status: String,
    /// The amount of an applied code.
    pub amount: String,
    /// The note of an applied code.
    pub note: String,
}

impl Visitor {
    /// Opens the booking page, with what follows its address.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn arrive(studio: &Studio, query: &str) -> Self {
        let visitor = Self { browser: Browser::start().await };
        visitor.client().goto(&studio.url(&format!("booking/{query}"))).await.expect("the page opens");
        visitor
    }

    /// The WebDriver session.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.browser.client
    }

    /// Runs a script in the page.
    ///
    /// # Panics
    /// When it throws.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client().execute(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// A piece of the promo field, waited for.
    ///
    /// # Panics
    /// When it does not appear.
    pub async fn piece(&self, css: &str) -> Element {
        let begun = Instant::now();
        loop {
            let host = self.client().wait().for_element(Locator::Css("tearoff-promo")).await.expect("the element");
            if let Ok(root) = host.shadow_root().await
                && let Ok(piece) = root.find(Locator::Css(css)).await
            {
                return piece;
            }
            assert!(begun.elapsed() < PATIENCE, "no {css} in the field");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// An element of the page.
    ///
    /// # Panics
    /// When it is not there.
    pub async fn element(&self, css: &str) -> Element {
        self.client().find(Locator::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// The text of an element of the page.
    ///
    /// # Panics
    /// When it is not there.
    pub async fn text(&self, css: &str) -> String {
        self.element(css).await.text().await.expect("its text")
    }

    /// Opens the field, types a code and presses Enter.
    ///
    /// # Panics
    /// When the field does not take it.
    pub async fn enter(&self, code: &str) {
        self.type_code(code).await;
        self.piece(".input").await.send_keys(&Key::Enter.to_string()).await.expect("Enter is pressed");
    }

    /// Opens the field if it is closed, and types a code into it in place of what was there.
    ///
    /// # Panics
    /// When the field does not take it.
    pub async fn type_code(&self, code: &str) {
        // The widget takes over from the loader at its own time: what a driver holds on to would be swapped under its hands.
        self.live().await;
        if !self.exists(".input").await {
            self.piece(".open").await.click().await.expect("the field opens");
        }
        let input = self.piece(".input").await;
        input.clear().await.expect("the input is emptied");
        if code.chars().all(|letter| u32::from(letter) <= 0xffff) {
            input.send_keys(code).await.expect("the code is typed");
        } else {
            // Not every driver types what lies beyond the basic plane: it is pasted.
            input.click().await.expect("the input has the focus");
            self.run("document.execCommand('insertText', false, arguments[0])", vec![json!(code)]).await;
        }
    }

    /// Waits until the widget has taken over.
    ///
    /// # Panics
    /// When it does not.
    pub async fn live(&self) {
        let begun = Instant::now();
        while self.piece(".field").await.attr("data-state").await.ok().flatten().is_none() {
            assert!(begun.elapsed() < PATIENCE, "the widget does not come");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether a piece of the field is in the tree.
    pub async fn exists(&self, css: &str) -> bool {
        let script = "return !!document.querySelector('tearoff-promo')?.shadowRoot?.querySelector(arguments[0])";
        self.run(script, vec![json!(css)]).await == json!(true)
    }

    /// What the field shows.
    pub async fn field(&self) -> Field {
        let script = "const root = document.querySelector('tearoff-promo').shadowRoot; \
            const text = (css) => root.querySelector(css)?.textContent ?? ''; \
            return [root.querySelector('.field')?.dataset.state ?? '', text('.error'), text('.status'), text('.amount'), text('.note')]";
        let seen = self.run(script, Vec::new()).await;
        let text = |index: usize| seen[index].as_str().unwrap_or_default().to_owned();
        Field { state: text(0), error: text(1), status: text(2), amount: text(3), note: text(4) }
    }

    /// Waits until the field is in a state, and tells what it shows.
    ///
    /// # Panics
    /// When it does not get there.
    pub async fn sees(&self, state: &str) -> Field {
        let begun = Instant::now();
        loop {
            let field = self.field().await;
            if field.state == state {
                return field;
            }
            assert!(begun.elapsed() < PATIENCE, "the field is not {state}: {field:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until an element of the page has a text.
    ///
    /// # Panics
    /// When it does not get it.
    pub async fn reads(&self, css: &str, wanted: &str) {
        let begun = Instant::now();
        loop {
            let text = self.text(css).await;
            if text == wanted {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{css} reads {text:?}, not {wanted:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until a piece of the field has a text.
    ///
    /// # Panics
    /// When it does not get it.
    pub async fn reads_in_field(&self, css: &str, wanted: &str) {
        let script =
            "return document.querySelector('tearoff-promo')?.shadowRoot?.querySelector(arguments[0])?.textContent";
        let begun = Instant::now();
        loop {
            let text = self.run(script, vec![json!(css)]).await;
            if text == json!(wanted) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{css} reads {text}, not {wanted:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Lets the page say that it is in another language, which runs in this direction.
    pub async fn speak(&self, language: &str, direction: &str) {
        let script = "Object.assign(document.documentElement, { lang: arguments[0], dir: arguments[1] })";
        self.run(script, vec![json!(language), json!(direction)]).await;
    }

    /// Chooses an option of the booking form.
    pub async fn choose(&self, name: &str, value: &str) {
        let script = "document.querySelector(`[name=${arguments[0]}][value=\"${arguments[1]}\"]`).click()";
        self.run(script, vec![json!(name), json!(value)]).await;
    }

    /// Chooses the shown date that falls on a day of the week (0 is Sunday), once it is shown.
    ///
    /// # Panics
    /// When none does, or it is not chosen.
    pub async fn choose_weekday(&self, day: u8) {
        let script = "for (const input of document.querySelectorAll('[name=date]')) \
            if (new Date(input.value + 'T00:00:00Z').getUTCDay() === arguments[0]) { input.click(); return input.checked; } return false";
        let begun = Instant::now();
        while self.run(script, vec![json!(day)]).await != json!(true) {
            assert!(begun.elapsed() < PATIENCE, "no date on day {day}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Fills in name and e-mail.
    ///
    /// # Panics
    /// When the form does not take them.
    pub async fn introduce(&self, name: &str, email: &str) {
        for (css, text) in [("#name", name), ("#email", email)] {
            let input = self.element(css).await;
            input.clear().await.expect("the input is emptied");
            input.send_keys(text).await.expect("the text is typed");
        }
    }

    /// Goes home.
    pub async fn leave(self) {
        self.browser.close().await;
    }
}
