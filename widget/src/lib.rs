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
mod dom;
mod effect;
mod language;
mod model;
mod record;
mod view;

use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, ShadowRoot};

use client::Client;
use effect::{Shell, handle};
use view::takeover;

/// In place of the standard library's allocator, which weighs five times as much: as fast, and whatever is given back is used again.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Takes the field over from the loader: paints it, focused as it was, before it returns. Answers the handle of the field, an
/// object with the methods `update`, `apply`, `remove`, `quote`, `reserve` and `unmount`.
///
/// `config` holds `site` (the publishable key), `api` (the server's address, with a slash at its end) and `submitted` (whether
/// the code in the input was already sent off).
///
/// # Errors
/// When the shadow root does not hold the loader's shell, or `config` lacks something.
#[wasm_bindgen]
pub fn mount(host: HtmlElement, root: ShadowRoot, config: JsValue) -> Result<JsValue, JsValue> {
    let config = record::of(config).ok_or("no configuration")?;
    let client = Client::new(
        config.text("api").ok_or("`api` is missing")?,
        config.text("site").ok_or("`data-site` is missing")?,
    );
    let shown = takeover::read(&root).ok_or("no shell to take over")?;
    let shell = Shell::new(host, root, client, &shown).ok_or("no field to take over")?;
    if config.get("submitted").is_truthy() {
        shell.submit();
    }
    Ok(handle::new(shell).into())
}
