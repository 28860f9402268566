//! Does what the model asks for: the one place where events come in and effects go out.

mod clock;
mod given;
mod locale;
mod page;
mod promises;
mod watch;

use std::cell::{Cell, Ref, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::Promise;
use js_sys::futures::spawn_local;
use leptos::prelude::{ArcRwSignal, Set, WithUntracked};
use web_sys::wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, HtmlElement, ShadowRoot};

use crate::answer::{Source, Status};
use crate::client::Client;
use crate::json;
use crate::model::{Customer, Effect, Event, Model, Notice, Piece, Reserve, Screen, update};
use crate::record::Record;
use crate::view::takeover::{self, Shown};
pub(crate) use given::customer;
use locale::Locale;
use promises::Promises;
pub(crate) use promises::error;
pub(crate) use watch::Watch;

/// The field of one element, with all that belongs to it.
#[derive(Clone)]
pub(crate) struct Shell(Rc<Inner>);

struct Inner {
    model: RefCell<Model>,
    screen: ArcRwSignal<Screen>,
    host: HtmlElement,
    root: ShadowRoot,
    client: Client,
    promises: Promises,
    /// The customer the host named with `reserve()`.
    named: RefCell<Option<Customer>>,
    /// Events that came up while another was being worked on: a listener of the host may call back.
    queue: RefCell<VecDeque<Event>>,
    working: Cell<bool>,
    /// What waits until the field is drawn.
    late: RefCell<Vec<Effect>>,
    gone: Cell<bool>,
}

impl Shell {
    /// The field of `host`, which shows `shown` now.
    pub(crate) fn new(host: HtmlElement, root: ShadowRoot, client: Client, shown: &Shown) -> Self {
        let model = Model::taken_over(shown.open, &shown.typed);
        let screen = ArcRwSignal::new(model.screen(&Locale));
        Self(Rc::new(Inner {
            model: RefCell::new(model),
            screen,
            host,
            root,
            client,
            promises: Promises::default(),
            named: RefCell::default(),
            queue: RefCell::default(),
            working: Cell::default(),
            late: RefCell::default(),
            gone: Cell::default(),
        }))
    }

    /// What there is to be seen, for the view.
    pub(crate) fn screen(&self) -> ArcRwSignal<Screen> {
        self.0.screen.clone()
    }

    /// What is so.
    pub(crate) fn model(&self) -> Ref<'_, Model> {
        self.0.model.borrow()
    }

    /// Something happened: works it off, and all that follows from it.
    pub(crate) fn happen(&self, event: Event) {
        let inner = &self.0;
        inner.queue.borrow_mut().push_back(event);
        if inner.gone.get() || inner.working.replace(true) {
            return;
        }
        while let Some(event) = self.next() {
            let effects = update(&mut inner.model.borrow_mut(), clock::now(), event);
            self.show();
            for effect in effects {
                self.perform(effect);
            }
        }
        inner.working.set(false);
    }

    fn next(&self) -> Option<Event> {
        self.0.queue.borrow_mut().pop_front()
    }

    /// Reads the page again, while there is a code to which it matters.
    pub(crate) fn look_around(&self) {
        let has_code = self.model().code().is_some();
        if has_code {
            self.read_page();
        }
    }

    /// Reads the page again.
    pub(crate) fn read_page(&self) {
        let page = page::read(&self.0.host, self.0.named.borrow().as_ref());
        self.happen(match page {
            Ok(page) => Event::PageChanged(page),
            Err(message) => Event::PageUnreadable(message),
        });
    }

    /// The host set the cart or the customer: whom it named before no longer counts.
    pub(crate) fn host_changed(&self) {
        *self.0.named.borrow_mut() = None;
        let shell = self.clone();
        // After the present task: a host sets both, and means one change.
        clock::soon(move || shell.look_around());
    }

    /// A code given by the host.
    pub(crate) fn apply(&self, code: String) -> Promise {
        self.read_page();
        let (ticket, promise) = self.0.promises.give();
        self.happen(Event::Apply { ticket, code });
        promise
    }

    /// A booking.
    pub(crate) fn reserve(&self, order: String, customer: Option<Customer>) -> Promise {
        if customer.is_some() {
            *self.0.named.borrow_mut() = customer;
        }
        self.look_around();
        let (ticket, promise) = self.0.promises.give();
        self.happen(Event::Reserve(Reserve { ticket, order, key: clock::fresh_key() }));
        promise
    }

    /// Nothing that happens from now on matters.
    pub(crate) fn leave(&self) {
        self.0.gone.set(true);
    }

    fn show(&self) {
        let inner = &self.0;
        let screen = self.model().screen(&Locale);
        if let Some(status) = takeover::find(&inner.root, ".status") {
            page::write_text(&status, &screen.status);
        }
        if inner.screen.with_untracked(|shown| *shown == screen) {
            return;
        }
        let value = match &screen.piece {
            Piece::Form { value, .. } => value.clone(),
            _ => String::new(),
        };
        let had_focus = inner.root.active_element().is_some();
        inner.screen.set(screen);
        let shell = self.clone();
        clock::soon(move || {
            let root = &shell.0.root;
            takeover::fill(root, &value);
            // A piece that goes away must not take the focus with it out of the field.
            if had_focus && root.active_element().is_none() {
                takeover::focus(root);
            }
        });
    }

    fn perform(&self, effect: Effect) {
        let shell = self.clone();
        match effect {
            Effect::Send(request) => spawn_local(async move {
                let event = shell.0.client.send(request).await;
                shell.happen(event);
            }),
            Effect::Wait { timer, milliseconds } => {
                clock::later(milliseconds, move || shell.happen(Event::Elapsed(timer)));
            }
            Effect::Dispatch(notice) => self.dispatch(notice),
            Effect::Write(totals) => page::write(&totals, &Locale),
            Effect::Focus | Effect::Settle(..) => {
                self.0.late.borrow_mut().push(effect);
                clock::soon(move || shell.finish());
            }
        }
    }

    /// What had to wait until the field is drawn.
    fn finish(&self) {
        for effect in self.0.late.take() {
            match effect {
                Effect::Settle(ticket, outcome) => self.0.promises.settle(ticket, outcome),
                _ => takeover::focus(&self.0.root),
            }
        }
    }

    fn dispatch(&self, notice: Notice) {
        let detail = Record::new();
        let name = match &notice {
            Notice::Decided { status: Status::Applied, .. } => "tearoff:applied",
            Notice::Decided { status: Status::Waiting, .. } => "tearoff:waiting",
            Notice::Decided { status: Status::Rejected, .. } => "tearoff:rejected",
            Notice::Removed { .. } => "tearoff:removed",
            Notice::Quote(_) => "tearoff:quote",
            Notice::Failed { .. } => "tearoff:failed",
        };
        if let Notice::Decided { code, .. } | Notice::Removed { code } | Notice::Failed { code, .. } = &notice {
            detail.set("code", &code.into());
        }
        if let Notice::Decided { quote: Some(quote), .. } | Notice::Quote(quote) = &notice {
            detail.set("quote", &quote_value(quote));
        }
        if let Notice::Failed { message, .. } = &notice {
            detail.set("message", &message.into());
        }
        let options = Record::new();
        options.set("bubbles", &JsValue::TRUE);
        options.set("composed", &JsValue::TRUE);
        options.set("detail", &detail);
        let options: CustomEventInit = options.unchecked_into();
        if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &options) {
            let _not_cancelable = self.0.host.dispatch_event(&event);
        }
    }
}

/// A quote as the host sees it.
pub(crate) fn quote_value(source: &Source) -> JsValue {
    match source {
        Source::Page { quote, .. } => json::read(&json::write(&**quote)),
        Source::Server(json) => json::read(&json.0),
    }
}
