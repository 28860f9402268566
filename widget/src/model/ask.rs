//! When the server is asked, and what its answer changes.

use std::mem;
use std::rc::Rc;

use super::event::{Cart, Effect, Endpoint, Notice, Outcome, Page, Question, Request, Timer, Totals};
use super::pricing::{Held, Pricing, Unusable};
use super::{Check, Holding, Model, Moment, Said, State, Written};
use crate::answer::{Answer, Decided, Failure, Priced};

/// How long a changing cart may come to rest before the server is asked for a price, in milliseconds: longer than between two
/// presses of a stepper, shorter than patience.
const REST_MILLISECONDS: u32 = 350;

impl Model {
    /// Asks about a code, now.
    pub(super) fn ask(&mut self, code: String, endpoint: Endpoint, before: Option<Rc<Decided>>) {
        self.check(code, endpoint, before);
        self.ask_now(self.version);
    }

    /// Asks for a price once the cart has come to rest.
    fn ask_later(&mut self, code: String, before: Option<Rc<Decided>>) {
        self.check(code, Endpoint::Quotes, before);
        self.effects.push(Effect::Wait { timer: Timer::Ask(self.version), milliseconds: REST_MILLISECONDS });
    }

    fn check(&mut self, code: String, endpoint: Endpoint, before: Option<Rc<Decided>>) {
        self.version = self.version.wrapping_add(1);
        let endpoint = if self.server_quotes { Endpoint::Quotes } else { endpoint };
        let (version, cart) = (self.version, self.page.cart.clone());
        self.state = State::Checking(Check { version, code, cart, endpoint, before });
        self.said = Said::Nothing;
    }

    /// Sends the question of that version, unless another has taken its place.
    pub(super) fn ask_now(&mut self, version: u32) {
        if let State::Checking(check) = &self.state
            && check.version == version
        {
            let (endpoint, code, page) = (check.endpoint, check.code.clone(), self.page.clone());
            let question = Box::new(Question { version, endpoint, code, page });
            self.effects.push(Effect::Send(Request::Ask(question)));
        }
    }

    /// The page was read again.
    pub(super) fn change_page(&mut self, page: Page, moment: Moment) {
        let other_cart = page.cart != self.page.cart;
        let other_customer = page.customer != self.page.customer;
        self.page = page;
        match &self.state {
            // Another cart may have an answer, but who asked too often has none.
            State::Offline(failure) if other_cart && *failure != Failure::Busy => {
                self.ask(self.typed.clone(), Endpoint::Lookups, None);
            }
            State::Closed | State::Open | State::Offline(_) => {}
            _ if other_customer => self.ask_again(other_cart),
            State::Decided(_) if other_cart => self.reprice(moment),
            State::Decided(_) => self.write(false),
            // What a lookup answers is priced for the cart as it is by then.
            State::Checking(check) if other_cart && check.endpoint == Endpoint::Quotes => self.ask_at_rest(),
            State::Checking(_) if other_cart => self.forget_totals(),
            State::Checking(_) => self.write_again(),
        }
    }

    /// Prices the changed cart in the page, or else asks.
    fn reprice(&mut self, moment: Moment) {
        let State::Decided(holding) = &mut self.state else { return };
        match &mut holding.pricing {
            Pricing::Nobody => {}
            Pricing::Lookup => self.ask_again(true),
            Pricing::Server => self.ask_at_rest(),
            Pricing::Page(held) => match held.price(&self.page.cart.request, moment) {
                Some(priced) if !held.is_stale(moment) => {
                    let before = mem::replace(&mut holding.decided, Rc::clone(&priced.decided));
                    holding.quote = Some(Box::new(priced));
                    self.settled(Some(before));
                }
                _ => self.ask_again(true),
            },
        }
    }

    /// Takes the code that is there, and what is shown of it, out of the state.
    fn take_code(&mut self) -> Option<(String, Option<Rc<Decided>>)> {
        match mem::take(&mut self.state) {
            State::Checking(check) => Some((check.code, check.before)),
            State::Decided(holding) if !matches!(holding.pricing, Pricing::Nobody) => {
                Some((holding.code, Some(holding.decided)))
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    /// Looks the code up again because something changed; the field goes on to show what it showed.
    pub(super) fn ask_again(&mut self, other_cart: bool) {
        if other_cart {
            self.forget_totals();
        }
        if let Some((code, before)) = self.take_code() {
            self.ask(code, Endpoint::Lookups, before);
        }
    }

    /// The same for a cart that may go on to change, and the price alone.
    fn ask_at_rest(&mut self) {
        self.forget_totals();
        if let Some((code, before)) = self.take_code() {
            self.ask_later(code, before);
        }
    }

    /// The cart is another than the one the written total was computed for.
    fn forget_totals(&mut self) {
        if let Some(Written::Price { .. }) = self.written {
            self.written = Some(Written::Unknown);
            self.effects.push(Effect::Write(Totals::Unknown));
        }
    }

    /// The page may have written its own total over ours, which still holds.
    fn write_again(&mut self) {
        if let Some(Written::Price { total, discount }) = self.written {
            self.effects.push(Effect::Write(Totals::Priced { total, discount, entered: false }));
        }
    }

    /// The page is looked at again: facts may have grown old meanwhile, or an answer may now be had.
    pub(super) fn resume(&mut self, restored: bool, moment: Moment) {
        match &self.state {
            State::Offline(failure) if failure.may_pass() => self.ask(self.typed.clone(), Endpoint::Lookups, None),
            State::Decided(Holding { pricing: Pricing::Page(held), .. }) if restored || held.is_stale(moment) => {
                self.ask_again(false);
            }
            _ => {}
        }
    }

    /// The answer to a question. One that was overtaken is dropped.
    pub(super) fn answer(&mut self, version: u32, result: Result<Box<Answer>, Failure>, moment: Moment) {
        let Check { code, cart, before, .. } = match mem::take(&mut self.state) {
            State::Checking(check) if check.version == version => check,
            other => {
                self.state = other;
                return;
            }
        };
        let answer = match result {
            Ok(answer) => *answer,
            Err(failure) => return self.fail(failure, code),
        };
        let (pricing, quote) = self.judge(answer, &cart, moment);
        if cart == self.page.cart {
            return self.settle(Holding::new(code, quote, pricing), before);
        }
        // The cart went on changing: what came is the base from which it is priced now.
        let Pricing::Page(mut held) = pricing else { return self.ask_later(code, before) };
        match held.price(&self.page.cart.request, moment) {
            Some(quote) => self.settle(Holding::new(code, quote, Pricing::Page(held)), before),
            None => self.ask(code, Endpoint::Lookups, before),
        }
    }

    /// Whether the page can go on by itself, and which quote holds: its own where both agree, else the server's (R66).
    fn judge(&mut self, answer: Answer, cart: &Cart, moment: Moment) -> (Pricing, Priced) {
        if !self.server_quotes {
            match Held::check(&answer, &cart.request, moment) {
                Ok(Some((held, priced))) => return (Pricing::Page(Box::new(held)), priced),
                Ok(None) => {}
                Err(unusable) => {
                    self.server_quotes = true;
                    if unusable == Unusable::Mismatch {
                        self.effects.push(Effect::Dispatch(Notice::Mismatch));
                    }
                }
            }
        }
        (Pricing::Server, answer.quote)
    }

    /// No answer was to be had: the truth is told and the input kept.
    fn fail(&mut self, failure: Failure, code: String) {
        self.write_back();
        self.typed = code;
        self.said = Said::Answer;
        self.effects.push(Effect::Dispatch(Notice::Failed(failure.clone())));
        for ticket in mem::take(&mut self.waiting) {
            self.effects.push(Effect::Settle(ticket, Outcome::Failed(failure.clone())));
        }
        self.state = State::Offline(failure);
    }
}
