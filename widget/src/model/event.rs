//! What can happen to the field, and what it can have done.

use std::rc::Rc;

use tearoff_core::digest::Digests;
use tearoff_core::money::Money;
use tearoff_core::request::CartRequest;

use crate::answer::{Answer, Failure, Json, Source, Status};

/// A promise given to the host page, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(pub(crate) u32);

/// What the page around the field says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Page {
    /// What is in the cart.
    pub(crate) cart: Cart,
    /// Who the customer is, as JSON; empty where nobody is known.
    pub(crate) customer: Rc<str>,
}

/// A cart as the page has it: what the server is sent, and what core reads of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cart {
    /// The cart as JSON.
    pub(crate) json: Rc<str>,
    /// The same, read.
    pub(crate) request: Rc<CartRequest>,
}

impl PartialEq for Cart {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

/// What can happen.
#[derive(Debug)]
pub(crate) enum Event {
    /// The closed field was pressed.
    Opened,
    /// Escape was pressed in the form.
    Escaped,
    /// The input's text changed.
    Typed(String),
    /// The form was sent.
    Submitted,
    /// The host called `apply()`.
    Apply {
        /// Its promise.
        ticket: Ticket,
        /// The code.
        code: String,
    },
    /// The code was taken out.
    Removed(RemovedBy),
    /// The page was read again. It may say the same as before, having rewritten its total.
    PageChanged(Page),
    /// A question came back.
    Answered {
        /// The question's version.
        version: u32,
        /// The answer.
        result: Result<Box<Answer>, Failure>,
    },
    /// The page is looked at again, or the network is back.
    Resumed {
        /// Whether the page was restored from the browser's back/forward cache.
        restored: bool,
    },
    /// The host called `reserve()`.
    Reserve(Reserve),
    /// A redemption request came back.
    Redeemed {
        /// Which one.
        id: u32,
        /// The redemption.
        result: Result<Json, Failure>,
    },
    /// A wait is over.
    Elapsed(Timer),
}

/// A call of `reserve()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reserve {
    /// Its promise.
    pub(crate) ticket: Ticket,
    /// The host's own name for the order.
    pub(crate) order: String,
    /// A fresh idempotency key, for the case that one is needed.
    pub(crate) key: String,
}

/// Who took the code out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RemovedBy {
    /// The visitor, with the button.
    Visitor,
    /// The host, with `remove()`.
    Host,
}

/// What a wait is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// A question of this version, which may have been overtaken.
    Ask(u32),
    /// Another try at a redemption.
    Redeem(u32),
}

/// What shall be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Send something to the server.
    Send(Request),
    /// Report back after so many milliseconds.
    Wait {
        /// What for.
        timer: Timer,
        /// How long.
        milliseconds: u32,
    },
    /// Tell the host page.
    Dispatch(Notice),
    /// Write the totals of the page.
    Write(Totals),
    /// Put the focus on what the field now shows.
    Focus,
    /// Keep a promise.
    Settle(Ticket, Outcome),
}

/// What the server is sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Request {
    /// A question.
    Ask(Box<Question>),
    /// A redemption to be recorded.
    Redeem {
        /// Which one.
        id: u32,
        /// Its idempotency key: the same for every try.
        key: String,
        /// What is redeemed.
        body: Rc<Redeem>,
    },
}

/// Which of the server's two answers to a code is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// With a snapshot, so that the page can go on by itself.
    Lookups,
    /// The quote alone.
    Quotes,
}

/// A question to the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    /// Its number; only the answer to the last one counts.
    pub(crate) version: u32,
    /// Where it goes.
    pub(crate) endpoint: Endpoint,
    /// The code.
    pub(crate) code: String,
    /// What the page says.
    pub(crate) page: Page,
}

/// What the server is asked to record (R55, R56).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Redeem {
    /// The host's own name for the order.
    pub(crate) order: String,
    /// The code.
    pub(crate) code: Rc<str>,
    /// What the page says.
    pub(crate) page: Page,
    /// What the visitor saw.
    pub(crate) seen: Seen,
    /// The snapshot's token.
    pub(crate) snapshot: Option<Rc<str>>,
}

/// What the visitor saw. If the server finds something else, nothing is recorded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// The total.
    pub(crate) total: Money,
    /// What the page computed, where it did.
    pub(crate) digests: Option<Digests>,
}

/// What the host page is told, as an event of the element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Notice {
    /// The code was decided on, or its status has changed.
    Decided {
        /// The new status.
        status: Status,
        /// The code as it is shown.
        code: Rc<str>,
        /// The quote; none for what cannot be a code.
        quote: Option<Source>,
    },
    /// The code was taken out.
    Removed {
        /// The code as it was entered.
        code: String,
    },
    /// There is another quote than before.
    Quote(Source),
    /// No answer was to be had.
    Failed(Failure),
    /// Page and server computed different quotes (R66).
    Mismatch,
}

/// What the page's totals shall say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Totals {
    /// These amounts.
    Priced {
        /// What is to pay.
        total: Money,
        /// What is taken off; hidden when nothing is.
        discount: Option<Money>,
        /// Whether the code was just entered: then it goes before those of other fields.
        entered: bool,
    },
    /// What is to pay is not known at present: the discount is hidden, and a total that still is the one we wrote, of another cart,
    /// goes. The page's own is left alone.
    Unknown,
    /// What the page itself wrote last: it knows of fees and the like, which are not in the cart.
    Own,
}

/// How a promise ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// With a quote; none for what cannot be a code.
    Quote(Option<Source>),
    /// With a redemption.
    Redemption(Json),
    /// There was nothing to redeem.
    Nothing,
    /// Broken: this quote holds by now, and its total is not the one that was agreed to (R56).
    Changed(Source),
    /// Broken: a code had just been entered, and does not apply.
    NotApplied,
    /// Broken: another code took this one's place, or it was removed.
    Superseded,
    /// Broken.
    Failed(Failure),
}
