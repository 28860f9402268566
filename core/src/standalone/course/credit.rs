//! Steps about settlement, credit and renewals.

use alloc::{format, string::String, vec::Vec};
use chrono::{DateTime, Utc};

use super::then::{AddCredit, Earn, Of, Refer, Renew, Settle, Spend, When};
use super::told::{Account, OutOfTurn, Refused, Spent, Told};
use super::{Course, Step, keep, order, out_of_turn};
use crate::id::IdentityKey;
use crate::invalid::{Fault, InvalidField};
use crate::money::Amount;
use crate::money::portion::Portion;
use crate::reward::rules::OnRenewals;
use crate::reward::{Rules, RulesDraft, earn, spend};
use crate::settlement::{Payment, settle};
use crate::subscription::Stored;
use crate::text::Text;

impl Course<'_> {
    pub(super) fn settle(&self, step: &Settle, field: &str) -> Step {
        let credit = amount(step.credit_minor, "credit_minor", &format!("{field}.settle"))?;
        let payment = match (&step.deposit, step.takes_payment) {
            (_, false) => Payment::NotTaken,
            (None, true) => Payment::Whole,
            (Some(draft), true) => {
                Payment::Deposit { portion: Portion::parse(draft, &format!("{field}.settle.deposit"))? }
            }
        };
        let settled = settle(&self.quote, self.spent(), credit, &payment, self.rounding().half);
        Ok(settled.map(Told::Settled).map_err(Refused::from))
    }

    pub(super) fn reward_rules(&mut self, draft: &RulesDraft, field: &str) -> Step {
        self.rules = Some(Rules::parse(draft, &format!("{field}.reward_rules"))?);
        Ok(Ok(Told::Noted {}))
    }

    pub(super) fn add_credit(&mut self, step: &AddCredit, field: &str) -> Step {
        let field = format!("{field}.add_credit");
        let given = amount(step.amount_minor, "amount_minor", &field)?;
        let reason = keep(&field, "reason", Text::parse(&step.reason))?;
        let at = self.at(step.at.as_deref(), &field)?;
        let Some(rules) = &self.rules else { return Ok(out_of_turn()) };
        let added = self.ledger.add_by_hand(reason, given, rules, at);
        Ok(added.map(|()| self.account(given, at)).map_err(Refused::from))
    }

    pub(super) fn spend(&mut self, step: &Spend, field: &str) -> Step {
        let field = format!("{field}.spend");
        let asked = amount(step.amount_minor, "amount_minor", &field)?;
        let at = self.at(step.at.as_deref(), &field)?;
        let order = order(None, &field)?;
        let Some(rules) = &self.rules else { return Ok(out_of_turn()) };
        // What an order costs is recorded with it.
        if self.redemption.is_some() {
            return Ok(Err(OutOfTurn::TooLate.into()));
        }
        let (cart, customer) = (&self.question.cart, self.question.facts.customer.map(|customer| customer.identity));
        let spent = spend::spend(rules, &self.quote, cart, asked, customer, self.rounding())
            .and_then(|spending| self.ledger.spend(order, spending.amount, at).map(|_| spending));
        Ok(spent.map_err(Refused::from).map(|spending| {
            self.credit = spending.allocations.clone();
            Told::Spent(Spent {
                amount: spending.amount,
                allocations: spending.allocations,
                total: self.charged().total,
                balance: self.ledger.balance(at),
            })
        }))
    }

    pub(super) fn earn(&mut self, step: &Earn, field: &str) -> Step {
        let field = format!("{field}.earn");
        let (order, at) = (order(step.order.as_deref(), &field)?, self.at(step.at.as_deref(), &field)?);
        let Some(rules) = &self.rules else { return Ok(out_of_turn()) };
        let half = self.rounding().half;
        let earned = earn::by_loyalty(rules, &self.charged(), &self.question.cart, step.cycle, half)
            .and_then(|earned| self.ledger.earn_by_loyalty(order, earned, step.means, rules, at).map(|()| earned));
        Ok(earned.map(|earned| self.account(earned, at)).map_err(Refused::from))
    }

    pub(super) fn refer(&mut self, step: &Refer, field: &str) -> Step {
        let field = format!("{field}.refer");
        let (order, at) = (order(step.order.as_deref(), &field)?, self.at(step.at.as_deref(), &field)?);
        let identities = |name: &str, texts: &[String]| {
            let parse = |text: &String| keep(&field, name, IdentityKey::parse(text));
            texts.iter().map(parse).collect::<Result<Vec<_>, _>>()
        };
        let (referrer, friend) = (identities("referrer", &step.referrer)?, identities("friend", &step.friend)?);
        let Some(rules) = &self.rules else { return Ok(out_of_turn()) };
        let (cart, half) = (&self.question.cart, self.rounding().half);
        let earned = earn::by_referral(rules, &self.charged(), cart, &referrer, &friend, half)
            .and_then(|earned| self.ledger.earn_by_referral(order, earned, at).map(|()| earned));
        Ok(earned.map(|earned| self.account(earned, at)).map_err(Refused::from))
    }

    pub(super) fn paid(&mut self, step: &Of, field: &str) -> Step {
        let field = format!("{field}.paid");
        let (order, at) = (order(step.order.as_deref(), &field)?, self.at(step.at.as_deref(), &field)?);
        let Some(rules) = &self.rules else { return Ok(out_of_turn()) };
        self.ledger.paid(&order, rules, at);
        Ok(Ok(self.account(Amount::ZERO, at)))
    }

    pub(super) fn withdraw(&mut self, step: &Of, field: &str) -> Step {
        let field = format!("{field}.withdraw");
        let (order, at) = (order(step.order.as_deref(), &field)?, self.at(step.at.as_deref(), &field)?);
        self.ledger.withdraw(&order, at);
        Ok(Ok(self.account(Amount::ZERO, at)))
    }

    pub(super) fn expire(&mut self, step: &When, field: &str) -> Step {
        let at = self.at(step.at.as_deref(), &format!("{field}.expire"))?;
        self.ledger.expire(at);
        Ok(Ok(self.account(Amount::ZERO, at)))
    }

    pub(super) fn subscribe(&mut self) -> Result<Told, Refused> {
        let on_renewals = self.rules.as_ref().map(|rules| rules.on_renewals).unwrap_or_default();
        let credit = match on_renewals {
            OnRenewals::Repeated => self.credit.as_slice(),
            OnRenewals::FirstPaymentOnly => &[],
        };
        self.renewals = Stored::of(&self.quote, credit);
        let Some(stored) = &self.renewals else { return out_of_turn() };
        Ok(Told::Subscribed(stored.outlook(self.charged().total)))
    }

    pub(super) fn renew(&self, step: Renew) -> Result<Told, Refused> {
        let Some(stored) = &self.renewals else { return out_of_turn() };
        Ok(Told::Renewed(stored.charge(step.renewal)))
    }

    fn account(&self, earned: Amount, at: DateTime<Utc>) -> Told {
        Told::Account(Account { earned, balance: self.ledger.balance(at) })
    }
}

fn amount(minor: i64, name: &str, field: &str) -> Result<Amount, Vec<InvalidField>> {
    keep(field, name, Amount::new(minor).map_err(|fault| (Fault::OutOfBounds, format!("{fault}"))))
}
