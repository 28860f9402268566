//! A code was decided on: what follows for field, page and host.

use std::mem;
use std::rc::Rc;

use super::event::{Effect, Notice, Outcome, Totals};
use super::{Holding, Model, Pricing, Said, State, Written};
use crate::answer::{Decided, Priced, Status};

impl Holding {
    pub(super) fn new(code: String, quote: Priced, pricing: Pricing) -> Self {
        Self { code, decided: Rc::clone(&quote.decided), quote: Some(Box::new(quote)), pricing }
    }
}

impl Model {
    /// Takes a decision over. `before` is what was decided on the same code until now.
    pub(super) fn settle(&mut self, holding: Holding, before: Option<Rc<Decided>>) {
        self.state = State::Decided(holding);
        self.settled(before);
    }

    /// What follows from the decision that has just been taken over.
    pub(super) fn settled(&mut self, before: Option<Rc<Decided>>) {
        let seen = self.written.and_then(Written::total);
        self.write(before.is_none());
        let is_seen = seen.is_some() && seen == self.written.and_then(Written::total);
        let State::Decided(Holding { decided, quote, .. }) = &self.state else { return };
        let status = decided.status;
        let source = quote.as_ref().map(|quote| quote.source.clone());
        self.said = match &before {
            // The same sentence is not said twice.
            Some(before) if is_seen && before.discount == decided.discount => Said::Nothing,
            Some(before) if before.status == Status::Applied && status == Status::Applied => Said::Repriced,
            Some(before) if before.status == Status::Applied => Said::Stopped,
            Some(before) if before.told == decided.told => Said::Nothing,
            _ => Said::Answer,
        };
        if before.is_none_or(|before| before.status != status) {
            let (code, quote) = (decided.code.clone(), source.clone());
            self.effects.push(Effect::Dispatch(Notice::Decided { status, code, quote }));
        }
        if let Some(source) = &source {
            self.effects.push(Effect::Dispatch(Notice::Quote(source.clone())));
        }
        for ticket in mem::take(&mut self.waiting) {
            self.effects.push(Effect::Settle(ticket, Outcome::Quote(source.clone())));
        }
    }

    /// The page's totals: ours while the code applies, and else its own, whatever else may be taken off, since nothing would record that.
    pub(super) fn write(&mut self, entered: bool) {
        let State::Decided(Holding { decided, quote: Some(quote), .. }) = &self.state else { return self.write_back() };
        if decided.status != Status::Applied {
            return self.write_back();
        }
        let (total, discount) = (quote.money(quote.total), quote.money(quote.discount));
        let discount = (!quote.discount.is_zero()).then_some(discount);
        self.written = Some(Written::Price { total, discount });
        self.effects.push(Effect::Write(Totals::Priced { total, discount, entered }));
    }
}
