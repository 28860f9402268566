#![doc = include_str!("../README.md")]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects
)]

mod answer;
mod client;
mod effect;
mod language;
mod model;
mod record;
mod view;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, ShadowRoot};

use client::Client;
use effect::{Shell, Watch};
use model::{Event, RemovedBy};
use record::Record;
use view::takeover;

/// Takes the field over from the loader: paints it, focused as it was, before it returns.
///
/// `config` holds `site` (the publishable key), `api` (the server's address, with a slash at its end) and `submitted` (whether
/// the code in the input was already sent off).
///
/// # Errors
/// When the shadow root does not hold the loader's shell, or `config` lacks something.
#[wasm_bindgen]
pub fn mount(host: HtmlElement, root: ShadowRoot, config: JsValue) -> Result<Handle, JsValue> {
    let config = record::of(config).ok_or("no configuration")?;
    let client = Client::new(
        config.text("api").ok_or("`api` is missing")?,
        config.text("site").ok_or("`data-site` is missing")?,
    );
    let shown = takeover::read(&root).ok_or("no shell to take over")?;
    let shell = Shell::new(host, &root, client, &shown).ok_or("no field to take over")?;
    if config.get("submitted").is_truthy() {
        shell.submit();
    }
    let watch = Watch::new(&shell);
    Ok(Handle { shell, watch: Some(watch) })
}

/// The widget of one element, as the loader holds it.
#[wasm_bindgen]
pub struct Handle {
    shell: Shell,
    /// What listens, until the element is left.
    watch: Option<Watch>,
}

#[wasm_bindgen]
impl Handle {
    /// The host has set the element's `cart` or `customer`.
    pub fn update(&self) {
        self.shell.host_changed();
    }

    /// Applies a code. The promise is kept with the quote, whatever was decided, and broken when there is no answer.
    pub fn apply(&self, code: String) -> Promise {
        self.shell.apply(code)
    }

    /// Takes the code out, if there is one (and it is `code`, where that is given); says whether there was.
    pub fn remove(&self, code: Option<String>) -> bool {
        let present = self.shell.model().has_code(code.as_deref());
        if present {
            self.shell.happen(Event::Removed(RemovedBy::Host));
        }
        present
    }

    /// The quote for the cart as it is, if there is one.
    pub fn quote(&self) -> JsValue {
        self.shell.model().quote().map_or(JsValue::UNDEFINED, effect::quote_value)
    }

    /// Records the code's use for an order: `{ order, customer? }`. The promise is kept with the redemption, or with `null` when no
    /// code applies; it is broken with an `Error` that carries `code`, and `quote` or `reasons` where the server gave any.
    pub fn reserve(&self, options: JsValue) -> Promise {
        let options = record::of(options).unwrap_or_else(Record::new);
        match options.text("order") {
            Some(order) => self.shell.reserve(order, options.get("customer")),
            None => Promise::reject(&effect::error("invalid_request", "`order` is missing").into()),
        }
    }

    /// Leaves the element: nothing is watched or drawn any more. Answers the code that was there.
    pub fn unmount(&mut self) -> Option<String> {
        self.shell.leave();
        self.watch = None;
        self.shell.model().code().map(Into::into)
    }
}
