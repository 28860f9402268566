//! Promises given to the host page, until they are kept or broken.

use std::cell::{Cell, RefCell};

use js_sys::{Function, Promise};
use web_sys::wasm_bindgen::{JsCast, JsValue};

use super::quote_value;
use crate::answer::Failure;
use crate::model::{Outcome, Ticket};
use crate::record::{self, Record};

#[derive(Default)]
pub(super) struct Promises {
    last: Cell<u32>,
    open: RefCell<Vec<(Ticket, Function, Function)>>,
}

impl Promises {
    /// Gives a promise, with its number.
    pub(super) fn give(&self) -> (Ticket, Promise) {
        let ticket = Ticket(self.last.get().wrapping_add(1));
        self.last.set(ticket.0);
        let promise = Promise::new(&mut |keep, break_off| self.open.borrow_mut().push((ticket, keep, break_off)));
        (ticket, promise)
    }

    /// Keeps or breaks a promise.
    pub(super) fn settle(&self, ticket: Ticket, outcome: Outcome) {
        let mut open = self.open.borrow_mut();
        let Some(index) = open.iter().position(|(other, ..)| *other == ticket) else { return };
        let (_, keep, break_off) = open.swap_remove(index);
        drop(open);
        let (end, value) = match outcome {
            Outcome::Quote(quote) => (keep, quote.as_ref().map_or(JsValue::UNDEFINED, quote_value)),
            Outcome::Redemption(json) => (keep, record::from_json(&json.0)),
            Outcome::Nothing => (keep, JsValue::NULL),
            Outcome::Superseded => (break_off, error("superseded", "another code took the place of this one").into()),
            Outcome::NotApplied => {
                (break_off, error("code_not_applied", "the code that was entered does not apply").into())
            }
            Outcome::Changed(quote) => {
                let changed = error("quote_changed", "the total has changed");
                changed.set("quote", &quote_value(&quote));
                (break_off, changed.into())
            }
            Outcome::Failed(failure) => (break_off, failed(&failure).into()),
        };
        let _nothing = end.call1(&JsValue::UNDEFINED, &value);
    }
}

/// An `Error` with a stable code.
pub(crate) fn error(code: &str, message: &str) -> Record {
    let error: Record = js_sys::Error::new(message).unchecked_into();
    error.set_text("code", code);
    error
}

fn failed(failure: &Failure) -> Record {
    let Failure::Refused(refusal) = failure else { return error(failure.code(), failure.message()) };
    let error = error(&refusal.code, &refusal.detail);
    if let Some(body) = record::of(record::from_json(&refusal.body.0)) {
        error.set("quote", &body.get("quote"));
        error.set("reasons", &body.get("reasons"));
    }
    error
}
