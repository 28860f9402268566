//! Back-test: what a draft promotion would have changed on past orders (R67).
//!
//! Each order is evaluated as it was, and again with the draft: its code entered after those that were, where it needs one. What the
//! draft itself would have used up by then is counted, in the order in which the orders come: its total, and its budget. Counts per
//! customer, code and period are not: past orders do not say who else they belong to.

use alloc::{collections::BTreeMap, string::String, vec, vec::Vec};
use core::mem::discriminant;
use serde::Serialize;

use crate::evaluate::{Evaluation, evaluate};
use crate::facts::{Candidate, Entered, Facts};
use crate::id::PromotionId;
use crate::invalid::{Fault, InvalidField};
use crate::money::{Amount, Currency};
use crate::promotion::{Disclosure, Kind, Unit};
use crate::quote::{Decision, Outcome, Quote};
use crate::reason::Reason;
use crate::standalone::{EvaluationRequest, PromotionRequest, Question, UsageRequest};

/// A draft on trial, and what came of it so far.
#[derive(Clone, Debug)]
pub struct Backtest {
    draft: PromotionRequest,
    /// The code with which it is tried; `None` for what acts by itself.
    code: Option<String>,
    /// What it has used of its total limit, in the limit's unit.
    used: u32,
    /// What it has used of its budget.
    spent: BTreeMap<Currency, Amount>,
    outcome: BacktestOutcome,
}

/// What a draft would have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BacktestOutcome {
    /// Orders looked at.
    pub orders: u64,
    /// Orders to which the draft applied.
    pub applied: u64,
    /// What changed, per currency in which there was an order.
    pub currencies: BTreeMap<Currency, Effect>,
    /// Orders that it would have fitted, where it acts by itself and took nothing off, or less than what acted.
    pub not_better: u64,
    /// Why it did not apply to the others, in the order in which the reasons were first met. One order may tell several.
    pub reasons: Vec<Told>,
}

/// How often a reason was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ReasonTold"))]
pub struct Told {
    /// The reason, with its code, and with the data with which it was told first.
    #[serde(flatten)]
    pub reason: Reason,
    /// How many orders told it.
    pub orders: u64,
}

/// What a draft changes in one currency, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Effect {
    /// Discount given more, all in all; a gift at its price. Below zero where less is given.
    pub cost_minor: i64,
    /// Orders whose total falls.
    pub winners: u64,
    /// By how much, all together.
    pub won_minor: i64,
    /// Orders whose total rises: the draft took the place of something better.
    pub losers: u64,
    /// By how much, all together.
    pub lost_minor: i64,
    /// Orders whose total stays.
    pub unchanged: u64,
}

impl Backtest {
    /// Puts a draft on trial. It counts as active, and tells its reasons, whatever it says.
    ///
    /// # Errors
    /// When it needs a code and has none.
    pub fn new(mut draft: PromotionRequest) -> Result<Self, InvalidField> {
        draft.active = true;
        draft.terms.disclosure = Disclosure::Open;
        let needs_code = match draft.terms.kind {
            Kind::Coupon | Kind::Referral => true,
            Kind::Automatic => false,
            Kind::Gift => draft.terms.needs_code.unwrap_or(true),
        };
        let code = draft.codes.first().filter(|_| needs_code).cloned();
        if needs_code && code.is_none() {
            let message = "needs a code to be tried with".into();
            return Err(InvalidField { field: "codes".into(), code: Fault::Required, message });
        }
        Ok(Self { draft, code, used: 0, spent: BTreeMap::new(), outcome: BacktestOutcome::default() })
    }

    /// Evaluates one past order with and without the draft.
    ///
    /// # Errors
    /// The faults of the order, or of the draft in it: for example where a promotion of the order has the same id or code. Nothing
    /// is counted then.
    pub fn add(&mut self, order: &EvaluationRequest) -> Result<(), Vec<InvalidField>> {
        let before = Question::parse(order)?;
        let after = Question::parse(&self.with_draft(order, before.cart.currency()))?;
        let quotes = [evaluate(&before.evaluation()), evaluate(&after.evaluation())];
        self.compare(&after, &quotes);
        Ok(())
    }

    /// What came of it so far.
    #[must_use]
    pub const fn outcome(&self) -> &BacktestOutcome {
        &self.outcome
    }

    /// The order as it would have been with the draft in place.
    fn with_draft(&self, order: &EvaluationRequest, currency: Currency) -> EvaluationRequest {
        let mut changed = order.clone();
        changed.facts.codes.extend(self.code.clone());
        changed.facts.usage.push(UsageRequest {
            promotion: self.draft.id.clone(),
            total: self.used,
            spent_minor: self.spent.get(&currency).copied().unwrap_or_default().minor(),
            ..UsageRequest::default()
        });
        changed.promotions.push(self.draft.clone());
        changed
    }

    fn compare(&mut self, asked: &Question, [before, after]: &[Quote; 2]) {
        let currency = after.currency;
        self.outcome.currencies.entry(currency).or_default().count(before, after);
        self.outcome.orders = self.outcome.orders.saturating_add(1);
        let of_draft = |promotion: Option<&PromotionId>| promotion.is_some_and(|id| id.as_str() == self.draft.id);
        let decision = after.decisions.iter().find(|decision| of_draft(decision.promotion.as_ref()));
        match decision.map(|decision| (decision, &decision.outcome)) {
            Some((decision, Outcome::Applied { .. })) => {
                self.outcome.applied = self.outcome.applied.saturating_add(1);
                self.used = self.used.saturating_add(self.uses(decision));
                let spent = self.spent.entry(currency).or_default();
                *spent = Amount::sum([*spent, decision.discount()]);
            }
            Some((decision, _)) => self.tell(decision),
            None => {
                let draft = asked.candidates.iter().find(|candidate| of_draft(Some(&candidate.terms.promotion)));
                match draft.and_then(|draft| alone(draft, asked)) {
                    Some(decision) if !decision.is_applied() => self.tell(&decision),
                    _ => self.outcome.not_better = self.outcome.not_better.saturating_add(1),
                }
            }
        }
    }

    /// What one redemption uses of the total limit (R44).
    fn uses(&self, decision: &Decision) -> u32 {
        match (self.draft.terms.limits.total.map(|limit| limit.count), &decision.outcome) {
            (Some(Unit::Occurrences), Outcome::Applied { allocations, .. }) => {
                let count = allocations.iter().map(|line| line.occurrences.len().max(1)).fold(0, usize::saturating_add);
                u32::try_from(count.max(1)).unwrap_or(u32::MAX)
            }
            _ => 1,
        }
    }

    fn tell(&mut self, decision: &Decision) {
        for reason in decision.reasons() {
            let told = &mut self.outcome.reasons;
            match told.iter_mut().find(|told| discriminant(&told.reason) == discriminant(reason)) {
                Some(told) => told.orders = told.orders.saturating_add(1),
                None => told.push(Told { reason: reason.clone(), orders: 1 }),
            }
        }
    }
}

/// What becomes of a promotion that acts by itself when it is asked for alone: such a one is not spoken of until it acts.
fn alone(draft: &Candidate, asked: &Question) -> Option<Decision> {
    let terms = draft.terms.changed(|terms| terms.needs_code = true);
    let draft = Candidate { terms, state: draft.state.clone() };
    let entered = Entered { code: "".into(), promotion: Some(draft.terms.promotion.clone()) };
    let facts = Facts { entered: vec![entered], ..asked.facts.clone() };
    let quote = evaluate(&Evaluation { candidates: &[draft], cart: &asked.cart, facts: &facts });
    quote.decisions.into_iter().next()
}

impl Effect {
    fn count(&mut self, before: &Quote, after: &Quote) {
        let more = |one: Amount, other: Amount| one.minor().saturating_sub(other.minor());
        self.cost_minor = self.cost_minor.saturating_add(more(after.discount, before.discount));
        let won = more(before.total, after.total);
        let (orders, sum) = match won {
            0 => {
                self.unchanged = self.unchanged.saturating_add(1);
                return;
            }
            1.. => (&mut self.winners, &mut self.won_minor),
            _ => (&mut self.losers, &mut self.lost_minor),
        };
        *orders = orders.saturating_add(1);
        *sum = sum.saturating_add(won.saturating_abs());
    }
}

#[cfg(test)]
mod tests;
