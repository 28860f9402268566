//! What is so, and what shall be done about it: [`update`] takes an event and answers with effects. Nothing here knows a page.
//!
//! The field goes closed -> open -> checking -> applied, waiting, rejected or offline. Every question carries a version; an answer
//! to any but the last one is dropped. Once a code is looked up, the cart is priced with the snapshot that came with the answer
//! ([`pricing`]); only what the snapshot does not know is asked for.

mod ask;
mod event;
mod pricing;
mod reserve;
mod screen;
mod settle;
mod time;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use tearoff_core::code::CodeKey;
use tearoff_core::money::Money;

pub(crate) use event::{
    Cart, Effect, Endpoint, Event, Notice, Outcome, Page, Redeem, RemovedBy, Request, Reserve, Ticket, Timer, Totals,
};
use pricing::Pricing;
pub(crate) use screen::{Piece, Saying, Screen};
pub(crate) use time::Moment;

use crate::answer::{Decided, Failure, Priced, Source, Status};

/// All that the field remembers.
#[derive(Debug, Default)]
pub(crate) struct Model {
    state: State,
    /// What stands in the input.
    typed: String,
    page: Page,
    /// The version of the last question.
    version: u32,
    /// Once page and server have computed different things, this page asks the server (R66).
    server_quotes: bool,
    /// What the status line says.
    said: Said,
    /// The promises of `apply()` that wait for the answer.
    waiting: Vec<Ticket>,
    reservations: reserve::Reservations,
    /// What stands in place of the page's own totals.
    written: Option<Written>,
    /// What the present event asks for so far.
    effects: Vec<Effect>,
}

/// What we wrote on the page in place of its own totals.
#[derive(Clone, Copy, Debug)]
enum Written {
    /// What the cart costs with the code.
    Price { total: Money, discount: Option<Money> },
    /// That it is not known at present.
    Unknown,
}

impl Written {
    /// The total that the visitor was shown.
    const fn total(self) -> Option<Money> {
        match self {
            Self::Price { total, .. } => Some(total),
            Self::Unknown => None,
        }
    }
}

/// What the field is in. Each excludes the others.
#[derive(Debug, Default)]
enum State {
    /// Nobody asked for a promo code.
    #[default]
    Closed,
    /// A code can be typed.
    Open,
    /// An answer is awaited.
    Checking(Check),
    /// The server or the page decided on a code.
    Decided(Holding),
    /// No answer was to be had.
    Offline(Failure),
}

/// A question that is out, or about to be.
#[derive(Debug)]
struct Check {
    version: u32,
    /// The code as it was entered.
    code: String,
    /// The cart that was asked about.
    cart: Cart,
    endpoint: Endpoint,
    /// The decision that the field goes on to show meanwhile; none for a code just entered.
    before: Option<Rc<Decided>>,
}

/// A code that was decided on.
#[derive(Debug)]
struct Holding {
    /// The code as it was entered.
    code: String,
    decided: Rc<Decided>,
    /// None for what cannot be a code: no cart was priced.
    quote: Option<Box<Priced>>,
    pricing: Pricing,
}

/// What the status line says about the present state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Said {
    #[default]
    Nothing,
    /// What became of the code just entered.
    Answer,
    /// The cart changed, and with it what the code takes off.
    Repriced,
    /// The cart changed, and the code no longer applies.
    Stopped,
    /// The total is another than the visitor saw.
    Changed { before: Money },
    /// The code was taken out.
    Removed,
}

/// What an event changes, and what shall be done about it, in this order.
pub(crate) fn update(model: &mut Model, moment: Moment, event: Event) -> Vec<Effect> {
    match event {
        Event::Opened => model.open(),
        Event::Escaped => model.close(),
        Event::Typed(text) => model.type_in(text),
        Event::Submitted => model.submit(),
        Event::Apply { ticket, code } => model.apply(ticket, code),
        Event::Removed(by) => model.remove(by),
        Event::PageChanged(page) => model.change_page(page, moment),
        Event::Answered { version, result } => model.answer(version, result, moment),
        Event::Resumed { restored } => model.resume(restored, moment),
        Event::Reserve(reserve) => model.reserve(reserve),
        Event::Redeemed { id, result } => model.redeemed(id, result),
        Event::Elapsed(Timer::Ask(version)) => model.ask_now(version),
        Event::Elapsed(Timer::Redeem(id)) => model.redeem_again(id),
    }
    model.reserve_queued();
    std::mem::take(&mut model.effects)
}

impl Model {
    /// What stands in the field when it is taken over from the loader.
    pub(crate) fn taken_over(open: bool, typed: &str) -> Self {
        let state = if open { State::Open } else { State::Closed };
        Self { state, typed: typed.into(), ..Self::default() }
    }

    /// The code that is applied, waiting, kept though rejected, or being asked about.
    pub(crate) fn code(&self) -> Option<&str> {
        match &self.state {
            State::Closed | State::Open => None,
            State::Checking(check) => Some(&check.code),
            State::Decided(holding) => Some(&holding.code),
            State::Offline(_) => Some(&self.typed),
        }
    }

    /// Whether what `remove(code)` names is here; for an empty name, whether any code is.
    pub(crate) fn has_code(&self, named: &str) -> bool {
        self.code().is_some_and(|code| {
            let same_key = || Some(CodeKey::normalize(code).ok()? == CodeKey::normalize(named).ok()?);
            named.is_empty() || code == named || same_key() == Some(true)
        })
    }

    /// What stands in the input.
    pub(crate) fn typed(&self) -> &str {
        &self.typed
    }

    /// Whether there is a code that nobody has answered for and nobody is asked about: typed and not sent off, or sent in vain.
    pub(crate) fn has_unsent(&self) -> bool {
        matches!(self.state, State::Open | State::Offline(_)) && !self.typed.trim_ascii().is_empty()
    }

    /// The quote that holds for the cart, if there is one.
    pub(crate) fn quote(&self) -> Option<&Source> {
        match &self.state {
            State::Decided(Holding { quote: Some(quote), .. }) => Some(&quote.source),
            _ => None,
        }
    }

    /// Whether the field shows a code that was refused, or shows one no more.
    fn is_form(&self) -> bool {
        match &self.state {
            State::Closed => false,
            State::Open | State::Offline(_) | State::Checking(Check { before: None, .. }) => true,
            State::Checking(Check { before: Some(decided), .. }) | State::Decided(Holding { decided, .. }) => {
                matches!(decided.status, Status::Rejected)
            }
        }
    }

    fn open(&mut self) {
        self.enter_form(State::Open);
        self.effects.push(Effect::Focus);
    }

    /// Escape: closes the form, and drops a code that was refused.
    fn close(&mut self) {
        if self.is_form() {
            self.enter_form(State::Closed);
            self.effects.push(Effect::Focus);
        }
    }

    /// Goes back to where no code is present.
    fn enter_form(&mut self, state: State) {
        self.write_back();
        self.give_up_waiting();
        self.state = state;
        self.said = Said::Nothing;
    }

    fn type_in(&mut self, text: String) {
        if self.typed != text {
            self.typed = text;
            if self.is_form() {
                self.enter_form(State::Open);
            }
        }
    }

    fn submit(&mut self) {
        if self.typed.trim_ascii().is_empty() {
            self.effects.push(Effect::Focus);
        } else if !matches!(self.state, State::Checking(Check { before: None, .. })) {
            self.enter(self.typed.clone());
        }
    }

    fn apply(&mut self, ticket: Ticket, code: String) {
        self.give_up_waiting();
        self.waiting.push(ticket);
        self.typed.clone_from(&code);
        self.enter(code);
    }

    /// A code was entered, by the visitor or the host. What cannot be a code is refused here, at once (R8).
    fn enter(&mut self, code: String) {
        if CodeKey::normalize(&code).is_ok() {
            self.ask(code, Endpoint::Lookups, None);
        } else {
            let decided = Decided::impossible(code.trim_ascii()).into();
            self.settle(Holding { code, decided, quote: None, pricing: Pricing::Nobody }, None);
        }
    }

    fn remove(&mut self, by: RemovedBy) {
        let Some(code) = self.code().map(Into::into) else { return };
        self.enter_form(match by {
            RemovedBy::Visitor => State::Open,
            RemovedBy::Host => State::Closed,
        });
        self.said = Said::Removed;
        self.typed.clear();
        match by {
            RemovedBy::Visitor => self.effects.push(Effect::Focus),
            RemovedBy::Host => self.give_up_queued(),
        }
        self.effects.push(Effect::Dispatch(Notice::Removed { code }));
    }

    /// The page's totals are its own again, where they were ours.
    fn write_back(&mut self) {
        self.effects.extend(self.written.take().map(|_| Effect::Write(Totals::Own)));
    }

    /// The promises of `apply()` whose code gave way to something else.
    fn give_up_waiting(&mut self) {
        for ticket in std::mem::take(&mut self.waiting) {
            self.effects.push(Effect::Settle(ticket, Outcome::Superseded));
        }
    }
}
