//! Does what the model asks for: the one place where events come in and effects go out.

mod cart;
mod clock;
pub(crate) mod handle;
mod locale;
mod page;
mod promises;
mod quote;
mod watch;

use std::cell::{Cell, Ref, RefCell};
use std::collections::VecDeque;

use js_sys::Promise;
use web_sys::wasm_bindgen::JsValue;
use web_sys::{HtmlElement, ShadowRoot};

use crate::answer::Status;
use crate::client::Client;
use crate::dom::{self, Notification};
use crate::model::{Effect, Event, Model, Notice, Reserve, update};
use crate::record::Record;
use crate::view::takeover::{Drawn, Shown};
use locale::Locale;
use promises::Promises;
use quote::value as quote_value;
use watch::Watch;

/// The field of one element, with all that belongs to it. It stays as long as the page does; what it holds goes when the element is
/// left.
#[derive(Clone, Copy)]
pub(crate) struct Shell(&'static Inner);

struct Inner {
    model: RefCell<Model>,
    drawn: RefCell<Option<Drawn>>,
    watch: RefCell<Option<Watch>>,
    host: HtmlElement,
    client: Client,
    promises: Promises,
    /// The customer the host named with `reserve()`.
    named: RefCell<JsValue>,
    /// Events that came up while another was being worked on: a listener of the host may call back.
    queue: RefCell<VecDeque<Event>>,
    working: Cell<bool>,
}

impl Shell {
    /// The field of `host`, drawn in the place of what is `shown` now; `None` when there is no such place.
    pub(crate) fn new(host: HtmlElement, root: ShadowRoot, client: Client, shown: &Shown) -> Option<Self> {
        let model = Model::taken_over(shown.open, &shown.typed);
        let drawn = Drawn::new(&root, shown, model.screen(&Locale))?;
        let shell = Self(Box::leak(Box::new(Inner {
            model: RefCell::new(model),
            drawn: RefCell::new(Some(drawn)),
            watch: RefCell::default(),
            host,
            client,
            promises: Promises::default(),
            named: RefCell::default(),
            queue: RefCell::default(),
            working: Cell::default(),
        })));
        *shell.0.watch.borrow_mut() = Some(Watch::start(shell, root));
        Some(shell)
    }

    /// What is so.
    pub(crate) fn model(self) -> Ref<'static, Model> {
        self.0.model.borrow()
    }

    /// Something happened: works it off, and all that follows from it.
    pub(crate) fn happen(self, event: Event) {
        let inner = self.0;
        inner.queue.borrow_mut().push_back(event);
        if inner.working.replace(true) {
            return;
        }
        while let Some(event) = self.next() {
            let effects = update(&mut inner.model.borrow_mut(), clock::now(), event);
            let screen = self.model().screen(&Locale);
            if let Some(drawn) = &mut *inner.drawn.borrow_mut() {
                drawn.show(screen);
            }
            for effect in effects {
                self.perform(effect);
            }
        }
        inner.working.set(false);
    }

    fn next(self) -> Option<Event> {
        self.0.queue.borrow_mut().pop_front()
    }

    /// Reads the page again, while there is a code to which it matters, sent off or not.
    pub(crate) fn look_around(self) {
        let matters = self.model().code().is_some() || self.model().has_unsent();
        if matters {
            self.read_page();
        }
    }

    /// Reads the page again.
    pub(crate) fn read_page(self) {
        let page = page::read(&self.0.host, &self.0.named.borrow());
        self.happen(match page {
            Ok(page) => Event::PageChanged(page),
            Err(message) => Event::PageUnreadable(message),
        });
    }

    /// The host set the cart or the customer: whom it named before no longer counts.
    pub(crate) fn host_changed(self) {
        self.0.named.take();
        // After the present task: a host sets both, and means one change.
        clock::soon(move || self.look_around());
    }

    /// The code in the input was sent off.
    pub(crate) fn submit(self) {
        self.read_page();
        self.happen(Event::Submitted);
    }

    /// A code given by the host.
    pub(crate) fn apply(self, code: String) -> Promise {
        self.read_page();
        let (ticket, promise) = self.0.promises.give();
        self.happen(Event::Apply { ticket, code });
        promise
    }

    /// A booking, with the customer whom the host names, or `undefined`.
    pub(crate) fn reserve(self, order: String, customer: JsValue) -> Promise {
        if customer.is_object() {
            self.0.named.replace(customer);
        }
        self.look_around();
        let (ticket, promise) = self.0.promises.give();
        self.happen(Event::Reserve(Reserve { ticket, order, key: clock::fresh_key() }));
        promise
    }

    /// Leaves the element: nothing is watched or drawn any more, and nothing that happens matters.
    pub(crate) fn leave(self) {
        if let Some(watch) = self.0.watch.take() {
            watch.stop();
        }
        self.0.drawn.take();
        self.0.model.take();
        self.0.working.set(true);
    }

    fn perform(self, effect: Effect) {
        match effect {
            Effect::Send(request) => self.0.client.send(request, move |event| self.happen(event)),
            Effect::Wait { timer, milliseconds } => {
                clock::later(milliseconds, move || self.happen(Event::Elapsed(timer)));
            }
            Effect::Dispatch(notice) => self.dispatch(&notice),
            Effect::Write(totals) => page::write(&totals, &Locale),
            Effect::Focus => {
                if let Some(drawn) = &*self.0.drawn.borrow() {
                    drawn.focus();
                }
            }
            Effect::Settle(ticket, outcome) => self.0.promises.settle(ticket, outcome),
        }
    }

    fn dispatch(self, notice: &Notice) {
        let detail = Record::new();
        let name = match notice {
            Notice::Decided { status: Status::Applied, .. } => "tearoff:applied",
            Notice::Decided { status: Status::Waiting, .. } => "tearoff:waiting",
            Notice::Decided { status: Status::Rejected, .. } => "tearoff:rejected",
            Notice::Removed { .. } => "tearoff:removed",
            Notice::Quote(_) => "tearoff:quote",
            Notice::Failed { .. } => "tearoff:failed",
        };
        if let Notice::Decided { code, .. } | Notice::Removed { code } | Notice::Failed { code, .. } = notice {
            detail.set_text("code", code);
        }
        if let Notice::Decided { quote: Some(quote), .. } | Notice::Quote(quote) = notice {
            detail.set("quote", &quote_value(quote));
        }
        if let Notice::Failed { message, .. } = notice {
            detail.set_text("message", message);
        }
        let options = Record::new();
        options.set("bubbles", &JsValue::TRUE);
        options.set("composed", &JsValue::TRUE);
        options.set("detail", &detail);
        dom::of(&self.0.host).dispatch(&Notification::new(name, &options));
    }
}
