//! `reserve()`: from a call of the host to one recorded redemption, however often it is called or the request is lost (R55, R56).

use std::mem;
use std::rc::Rc;

use tearoff_core::money::Money;

use super::event::{Cart, Effect, Outcome, Redeem, Request, Reserve, Seen, Ticket, Timer};
use super::{Check, Holding, Model, Pricing, Said, State, Written};
use crate::answer::{Failure, Json, Source, Status};

/// What is out, what was, and what waits: for an answer to the code, or for the end of another request for the same order.
#[derive(Debug, Default)]
pub(super) struct Reservations {
    last: u32,
    sent: Vec<Reservation>,
    queued: Vec<Call>,
}

/// A call, with what was on the page when it came.
#[derive(Debug)]
struct Call {
    reserve: Reserve,
    cart: Cart,
    /// The total that we had written; none where the page showed its own.
    total: Option<Money>,
    /// Whether a code had been entered, sent off or not, that was not answered yet: the visitor counts on it.
    unanswered: bool,
}

/// One redemption request. It is remembered after its end: the same request again must carry the same key.
#[derive(Debug)]
struct Reservation {
    id: u32,
    key: String,
    body: Rc<Redeem>,
    /// The promises it keeps; none once it has ended.
    tickets: Vec<Ticket>,
    tries: u32,
}

/// How many requests are remembered after their end. A page books one order, rarely two.
const REMEMBERED_MAX: usize = 8;

/// How often a request is sent before the host is told that it cannot be: once, and once more.
const TRIES_MAX: u32 = 2;

/// How long to wait before the second time, in milliseconds.
const RETRY_MILLISECONDS: u32 = 1_000;

impl Model {
    /// The host wants the code's use recorded. A code that was typed and not sent off, or sent in vain, is meant to count: it is checked
    /// first.
    pub(super) fn reserve(&mut self, reserve: Reserve) {
        let (cart, total) = (self.page.cart.clone(), self.written.and_then(Written::total));
        let unsent = self.has_unsent();
        if unsent {
            self.submit();
        }
        let unanswered = unsent || matches!(self.state, State::Checking(Check { before: None, .. }));
        self.go_on(Call { reserve, cart, total, unanswered });
    }

    /// Goes on with a call, or lets it wait. Without a code that applies there is nothing to record.
    fn go_on(&mut self, call: Call) {
        let ticket = call.reserve.ticket;
        let end = match &self.state {
            State::Checking(_) => return self.reservations.queued.push(call),
            State::Decided(Holding { decided, quote: Some(quote), pricing, .. }) => {
                let is_applied = decided.status == Status::Applied;
                let total = quote.money(quote.total);
                // The page's own total is that of its cart.
                let shown = call.total.or_else(|| is_applied.then_some(quote.money(quote.subtotal)));
                if shown.is_some_and(|shown| shown != total || call.cart != self.page.cart) {
                    // Who pressed the button while the answer was awaited has agreed to something else.
                    Outcome::Changed(quote.source.clone())
                } else if is_applied {
                    let digests = match &quote.source {
                        Source::Page { digests, .. } => Some(*digests),
                        Source::Server(_) => None,
                    };
                    let snapshot = match pricing {
                        Pricing::Page(held) => Some(Rc::clone(&held.token)),
                        _ => None,
                    };
                    let (order, code, page) = (call.reserve.order.clone(), decided.code.clone(), self.page.clone());
                    let body = Redeem { order, code, page, seen: Seen { total, digests }, snapshot };
                    if self.reservations.has_other(&body) {
                        // What is recorded by then is not what this call asks for: the server says so, once it knows.
                        self.reservations.queued.push(call);
                    } else {
                        self.effects.extend(self.reservations.add(ticket, call.reserve.key, body));
                    }
                    return;
                } else {
                    without_code(&call)
                }
            }
            // The visitor counts on a code that nobody could check: booking without it would cost them its discount.
            State::Offline(failure) => Outcome::Failed(failure.clone()),
            // The discount that was shown is gone.
            _ if call.total.is_some() => Outcome::Superseded,
            State::Decided(_) => without_code(&call),
            // The code has been changed since, and the new one nobody knows yet.
            State::Open if self.has_unsent() => Outcome::NotApplied,
            _ => Outcome::Nothing,
        };
        self.effects.push(Effect::Settle(ticket, end));
    }

    /// Goes on with the calls that wait.
    pub(super) fn reserve_queued(&mut self) {
        for call in mem::take(&mut self.reservations.queued) {
            self.go_on(call);
        }
    }

    /// The host has taken the code out on which waiting calls count: they are not booked without it.
    pub(super) fn give_up_queued(&mut self) {
        for call in mem::take(&mut self.reservations.queued) {
            self.effects.push(Effect::Settle(call.reserve.ticket, Outcome::Superseded));
        }
    }

    /// A redemption request came back.
    pub(super) fn redeemed(&mut self, id: u32, result: Result<Json, Failure>) {
        let Some(index) = self.reservations.position(id) else { return };
        let mut reservation = self.reservations.sent.remove(index);
        if let Err(failure) = &result
            && failure.may_pass()
            && reservation.tries < TRIES_MAX
        {
            self.effects.push(Effect::Wait { timer: Timer::Redeem(id), milliseconds: RETRY_MILLISECONDS });
            self.reservations.sent.push(reservation);
            return;
        }
        let tickets = mem::take(&mut reservation.tickets);
        if let Err(Failure::Refused(_)) = &result {
            // The server remembers a refusal under its key; what is agreed to after it is another request.
            self.take_refusal(&reservation.body, &result);
        } else {
            self.reservations.sent.push(reservation);
        }
        let outcome = match result {
            Ok(redemption) => Outcome::Redemption(redemption),
            Err(failure) => Outcome::Failed(failure),
        };
        for ticket in tickets {
            self.effects.push(Effect::Settle(ticket, outcome.clone()));
        }
    }

    /// Sends a request once more, with the same key.
    pub(super) fn redeem_again(&mut self, id: u32) {
        let reservation = self.reservations.position(id).and_then(|index| self.reservations.sent.get_mut(index));
        self.effects.extend(reservation.map(Reservation::send));
    }

    /// The server refused to record: the field says what holds now, before the host hears of it.
    fn take_refusal(&mut self, body: &Redeem, result: &Result<Json, Failure>) {
        let Err(Failure::Refused(refusal)) = result else { return };
        let State::Decided(holding) = &mut self.state else { return };
        if holding.decided.code != body.code {
            return;
        }
        let Some(quote) = refusal.quote.clone().filter(|_| body.page == self.page) else {
            return self.ask_again(false);
        };
        // What the page held has led to another result; it is not used again.
        let now = Holding::new(holding.code.clone(), quote, Pricing::Lookup);
        let before = mem::replace(holding, now);
        self.settled(Some(before.decided));
        if self.said == Said::Repriced {
            self.said = Said::Changed { before: body.seen.total };
        }
    }
}

/// There is no code to record. Who had just entered one hears of that before they book without it.
const fn without_code(call: &Call) -> Outcome {
    if call.unanswered { Outcome::NotApplied } else { Outcome::Nothing }
}

impl Reservations {
    fn position(&self, id: u32) -> Option<usize> {
        self.sent.iter().position(|reservation| reservation.id == id)
    }

    /// Whether another request for the same order is out.
    fn has_other(&self, body: &Redeem) -> bool {
        let is_out = |sent: &Reservation| sent.body.order == body.order && !sent.tickets.is_empty();
        self.sent.iter().any(|sent| is_out(sent) && !sent.body.is_same(body))
    }

    /// Sends a request, unless the same is out: then both calls share its end. One that has ended without being refused is sent again,
    /// with what the page knows by now.
    fn add(&mut self, ticket: Ticket, key: String, body: Redeem) -> Option<Effect> {
        if let Some(same) = self.sent.iter_mut().find(|other| other.body.is_same(&body)) {
            same.tickets.push(ticket);
            if same.tickets.len() > 1 {
                return None;
            }
            same.tries = 0;
            same.body = Rc::new(body);
            return Some(same.send());
        }
        self.last = self.last.wrapping_add(1);
        let ended = self.sent.iter().position(|sent| sent.tickets.is_empty());
        if let Some(oldest) = ended.filter(|_| self.sent.len() >= REMEMBERED_MAX) {
            self.sent.remove(oldest);
        }
        let mut new = Reservation { id: self.last, key, body: Rc::new(body), tickets: vec![ticket], tries: 0 };
        let effect = new.send();
        self.sent.push(new);
        Some(effect)
    }
}

impl Redeem {
    /// Whether the server takes both for one request (R56): it does not mind a newer snapshot, or what the page computed with it.
    fn is_same(&self, other: &Self) -> bool {
        self.order == other.order
            && self.code == other.code
            && self.page == other.page
            && self.seen.total == other.seen.total
    }
}

impl Reservation {
    fn send(&mut self) -> Effect {
        self.tries = self.tries.saturating_add(1);
        Effect::Send(Request::Redeem { id: self.id, key: self.key.clone(), body: Rc::clone(&self.body) })
    }
}
