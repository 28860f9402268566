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
mod border;
mod model;

use std::cell::RefCell;

use leptos::prelude::{ArcRwSignal, ReadUntracked, Write};
use tearoff_core::canonical::{Canonical, Reader};
use tearoff_core::money::Currency;
use wasm_bindgen::prelude::*;

use border::{read, write};
use model::{Model, update};

/// In place of the standard library's allocator, which weighs five times as much: as fast, and whatever is given back is used again.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// The field of one element.
type Field = ArcRwSignal<Model>;

thread_local! {
    /// The fields of the page, by their numbers. A field that was left leaves its place empty.
    static FIELDS: RefCell<Vec<Option<Field>>> = const { RefCell::new(Vec::new()) };
}

/// Makes a field and answers its number. `shown` says what the loader's shell holds: whether it is open, and what was typed.
#[wasm_bindgen]
pub fn field_enter(shown: &[u8]) -> usize {
    let mut reader = Reader::over(shown);
    let model = Model::taken_over(bool::take(&mut reader), reader.text());
    FIELDS.with_borrow_mut(|fields| {
        fields.push(Some(Field::new(model)));
        fields.len().saturating_sub(1)
    })
}

/// Something happened to a field: works it off, and answers what is to be seen and what follows, see [`border`].
#[wasm_bindgen]
pub fn field_happen(field: usize, event: &[u8]) -> Vec<u8> {
    with(field, |model| {
        let effects = match read::event(event) {
            Some((moment, event)) => update(&mut model.write(), moment, event),
            None => Vec::new(),
        };
        write::reply(&model.read_untracked(), &effects)
    })
}

/// Whether a code is here that is typed like `named`; for an empty name, whether any is.
#[wasm_bindgen]
pub fn field_has(field: usize, named: &[u8]) -> bool {
    with(field, |field| field.read_untracked().has_code(Reader::over(named).text()))
}

/// Forgets a field.
#[wasm_bindgen]
pub fn field_leave(field: usize) {
    FIELDS.with_borrow_mut(|fields| fields.get_mut(field).map(Option::take));
}

/// Lets a field act, away from the others: where it traps, it alone is lost.
fn with<T: Default>(number: usize, act: impl FnOnce(&mut Field) -> T) -> T {
    let taken = FIELDS.with_borrow_mut(|fields| fields.get_mut(number)?.take());
    let Some(mut field) = taken else { return T::default() };
    let told = act(&mut field);
    FIELDS.with_borrow_mut(|fields| fields.get_mut(number).map(|place| *place = Some(field)));
    told
}

/// How many decimals the currency of these letters is written with (R1); two where it is none that this engine knows.
#[wasm_bindgen]
pub fn currency_decimals(letters: &[u8]) -> u8 {
    let currency = str::from_utf8(letters).ok().and_then(|code| Currency::parse(code).ok());
    currency.map_or(2, Currency::decimals)
}
