//! What happens after an answer: how it is settled, what becomes of the redemption, of credit, renewals and the invoice.
//!
//! A request may carry steps under `then`; the answer has one outcome for each. Every step asks the same state machines that a
//! server asks, with a memory in place of its store.

mod booking;
mod credit;
mod invoice;
pub mod then;
pub mod told;

use alloc::{format, string::String, vec::Vec};
use chrono::{DateTime, Utc};

pub use then::Then;
pub use told::Told;

use super::{EvaluationRequest, Question};
use crate::evaluate::evaluate;
use crate::id::OrderReference;
use crate::invalid::{Fault, Faults, InvalidField, Message};
use crate::money::Amount;
use crate::policy::{Rounding, SitePolicy};
use crate::quote::{Allocation, Quote};
use crate::redemption::{Recorded, State};
use crate::reward::{Ledger, Rules};
use crate::subscription::Stored;
use crate::time::parse_instant;
use told::{OutOfTurn, Refused};

/// Most steps of a request.
pub const STEPS_MAX: usize = 1000;

/// What has happened so far.
struct Course<'a> {
    /// As it is now: promotions may have been switched off since.
    request: EvaluationRequest,
    policy: &'a SitePolicy,
    question: &'a Question,
    /// After promotions.
    quote: Quote,
    /// Where spent credit fell.
    credit: Vec<Allocation>,
    rules: Option<Rules>,
    ledger: Ledger,
    redemption: Option<(State, Recorded)>,
    renewals: Option<Stored>,
    invoice: invoice::Invoice,
}

/// What a step comes to: an outcome, a refusal, or input that is wrong.
type Step = Result<Result<Told, Refused>, Vec<InvalidField>>;

/// Takes every step of a request, one after another.
///
/// # Errors
/// Every fault with its field below `then`.
pub(super) fn run(
    request: &EvaluationRequest,
    policy: &SitePolicy,
    question: &Question,
) -> Result<Vec<Told>, Vec<InvalidField>> {
    if request.then.len() > STEPS_MAX {
        let mut faults = Faults::default();
        faults.add("then", Fault::OutOfBounds, format!("must have at most {STEPS_MAX} steps"));
        return Err(faults.into_vec());
    }
    let quote = evaluate(&question.evaluation());
    let mut course = Course {
        request: EvaluationRequest { then: Vec::new(), ..request.clone() },
        policy,
        question,
        credit: Vec::new(),
        rules: None,
        ledger: Ledger::new(quote.currency),
        quote,
        redemption: None,
        renewals: None,
        invoice: invoice::Invoice::None,
    };
    let mut outcomes = Vec::with_capacity(request.then.len());
    let mut faults = Faults::default();
    for (index, then) in request.then.iter().enumerate() {
        match course.step(then, &format!("then[{index}]")) {
            Ok(outcome) => outcomes.push(outcome.unwrap_or_else(Told::Refused)),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(outcomes) } else { Err(faults.into_vec()) }
}

impl Course<'_> {
    fn step(&mut self, then: &Then, field: &str) -> Step {
        match then {
            Then::Settle(step) => self.settle(step, field),
            Then::RewardRules(draft) => self.reward_rules(draft, field),
            Then::AddCredit(step) => self.add_credit(step, field),
            Then::Spend(step) => self.spend(step, field),
            Then::Earn(step) => self.earn(step, field),
            Then::Refer(step) => self.refer(step, field),
            Then::Paid(step) => self.paid(step, field),
            Then::Withdraw(step) => self.withdraw(step, field),
            Then::Expire(step) => self.expire(step, field),
            Then::Subscribe {} => Ok(self.subscribe()),
            Then::Renew(step) => Ok(self.renew(*step)),
            Then::Reserve(step) => Ok(self.begin(step, false)),
            Then::Place(step) => Ok(self.begin(step, true)),
            Then::Confirm {} => Ok(self.follow(crate::redemption::Step::Confirm)),
            Then::Release {} => Ok(self.follow(crate::redemption::Step::Release)),
            Then::EndHold {} => Ok(self.follow(crate::redemption::Step::Expire)),
            Then::Reverse(step) => self.reverse(step, field),
            Then::Change(step) => self.change(step, field),
            Then::SwitchOff(step) => self.switch_off(step, field),
            Then::DraftInvoice {} => Ok(self.draft_invoice()),
            Then::InvoiceLines(cart) => self.invoice_lines(cart, field),
            Then::InvoiceLineDiscount(step) => self.invoice_line_discount(step, field),
            Then::InvoiceDiscount(step) => self.invoice_discount(step, field),
            Then::FinalizeInvoice(step) => self.finalize_invoice(step, field),
        }
    }

    /// What the order costs after spent credit.
    fn charged(&self) -> Quote {
        self.quote.reduced(&self.credit)
    }

    /// How much credit was spent on the order.
    fn spent(&self) -> Amount {
        Amount::sum(self.credit.iter().map(|allocation| allocation.discount))
    }

    fn rounding(&self) -> Rounding {
        self.question.facts.policy.rounding
    }

    /// The same cart asked again with other codes, at another instant where one is given.
    fn ask(&self, codes: Option<&[String]>, at: Option<&str>) -> Result<(Question, Quote), Vec<InvalidField>> {
        let mut request = self.request.clone();
        if let Some(codes) = codes {
            request.facts.codes = codes.to_vec();
        }
        if let Some(at) = at {
            request.facts.now_at = at.into();
        }
        let question = Question::parse(&request)?;
        let quote = evaluate(&question.evaluation());
        Ok((question, quote))
    }

    /// When a step is taken: the request's own *now* where it does not say.
    fn at(&self, at: Option<&str>, field: &str) -> Result<DateTime<Utc>, Vec<InvalidField>> {
        let Some(at) = at else { return Ok(self.question.facts.now) };
        keep(field, "at", parse_instant(at))
    }
}

/// The order that a step is about: this one where it does not say.
fn order(name: Option<&str>, field: &str) -> Result<OrderReference, Vec<InvalidField>> {
    keep(field, "order", OrderReference::parse(name.unwrap_or("this")))
}

/// A parsed value, or the fault of the field it was parsed from.
fn keep<T>(field: &str, name: &str, parsed: Result<T, (Fault, impl Into<Message>)>) -> Result<T, Vec<InvalidField>> {
    let mut faults = Faults::within(field);
    faults.keep(name, parsed).ok_or_else(|| faults.into_vec())
}

/// A step that needs another one before it.
fn out_of_turn<T>() -> Result<T, Refused> {
    Err(OutOfTurn::NothingToDoThisTo.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(then: &str) -> Result<Vec<Told>, Vec<InvalidField>> {
        let request = format!(
            r#"{{"site":{{"currency":"EUR","zone":"Europe/Athens"}},"facts":{{"now_at":"2026-11-20T10:00:00Z"}},
                "cart":{{"lines":[{{"id":"1","item":"yoga","kind":"group_class","unit_price_minor":1800}}]}},"then":{then}}}"#
        );
        Question::parse(&serde_json::from_str(&request).unwrap()).map(|question| question.then)
    }

    #[test]
    fn every_fault_of_a_step_is_told_with_its_field() {
        for (step, field) in [
            (r#"{"settle":{"credit_minor":-1}}"#, "settle.credit_minor"),
            (r#"{"settle":{"deposit":{"percent_bp":-1}}}"#, "settle.deposit.percent_bp"),
            (r#"{"reward_rules":{"maximum":{}}}"#, "reward_rules.maximum"),
            (r#"{"add_credit":{"amount_minor":1,"reason":" "}}"#, "add_credit.reason"),
            (r#"{"spend":{"amount_minor":1000000000001}}"#, "spend.amount_minor"),
            (r#"{"earn":{"means":"online","order":""}}"#, "earn.order"),
            (r#"{"refer":{"referrer":["a b"],"friend":[]}}"#, "refer.referrer"),
            (r#"{"paid":{"at":"soon"}}"#, "paid.at"),
            (r#"{"withdraw":{"at":"soon"}}"#, "withdraw.at"),
            (r#"{"expire":{"at":"soon"}}"#, "expire.at"),
            (r#"{"reverse":{"cause":"mistake","parts":[{"line":""}]}}"#, "reverse.parts[0].line"),
            (r#"{"reverse":{"cause":"mistake","parts":[{"line":"1","start":"soon"}]}}"#, "reverse.parts[0].start"),
            (r#"{"change":{"by":"staff","codes":[],"at":"soon"}}"#, "change.at"),
            (r#"{"switch_off":{"promotion":"prm"}}"#, "switch_off.promotion"),
            (
                r#"{"invoice_lines":{"lines":[{"id":"1","item":"x","kind":"tax"}]}}"#,
                "invoice_lines.lines[0].unit_price_minor",
            ),
            (r#"{"invoice_line_discount":{"line":"1","discount":{}}}"#, "invoice_line_discount.discount"),
            (r#"{"invoice_discount":{"custom":{}}}"#, "invoice_discount.custom"),
            (r#"{"invoice_discount":{"code":"A","custom":{}}}"#, "invoice_discount"),
            (r#"{"finalize_invoice":{"at":"soon"}}"#, "finalize_invoice.at"),
        ] {
            let faults = course(&format!(r#"[{{"place":{{}}}},{step}]"#)).unwrap_err();
            assert_eq!(faults[0].field, format!("then[1].{field}"), "{step}");
        }
    }

    #[test]
    fn a_course_has_an_end() {
        let steps = |count| format!("[{}]", ["{\"place\":{}}"].repeat(count).join(","));
        assert_eq!(course(&steps(STEPS_MAX)).map(|told| told.len()), Ok(STEPS_MAX));
        assert_eq!(course(&steps(STEPS_MAX + 1)).unwrap_err()[0].field, "then");
    }

    #[test]
    fn unknown_steps_and_fields_are_refused() {
        for step in
            [r#"{"pay":{}}"#, r#"{"confirm":{"at":"x"}}"#, r#"{"place":{"state":"x"}}"#, r#"{"renew":{"renewal":0}}"#]
        {
            assert!(serde_json::from_str::<Then>(step).is_err(), "{step}");
        }
    }
}
