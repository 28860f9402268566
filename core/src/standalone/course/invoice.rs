//! Steps about the invoice.

use alloc::{boxed::Box, format};

use super::then::{InvoiceDiscount, InvoiceLineDiscount, When};
use super::told::{Closed, OutOfTurn, Refused, Told};
use super::{Course, Step, keep, out_of_turn};
use crate::cart::{Cart, PriceSource, Site};
use crate::catalog::Catalog;
use crate::evaluate::{Evaluation, evaluate};
use crate::id::LineId;
use crate::invalid::{Fault, InvalidField};
use crate::invoice::{Discount, Draft, Edit, SpentCredit, StoredTerms};
use crate::money::portion::{Portion, PortionDraft};
use crate::request::CartRequest;

/// What has become of the invoice.
pub(super) enum Invoice {
    /// There is none.
    None,
    /// It can be edited.
    Draft(Box<Draft>),
    /// It cannot.
    Finalized,
}

impl Course<'_> {
    pub(super) fn draft_invoice(&mut self) -> Result<Told, Refused> {
        if matches!(self.invoice, Invoice::Finalized) {
            return Err(OutOfTurn::Finalized.into());
        }
        let terms = StoredTerms::of(&self.question.evaluation(), &self.quote);
        let on = self.rules.as_ref().map(|rules| rules.spend_on.clone()).unwrap_or_default();
        let reward = SpentCredit { amount: self.spent(), on };
        Ok(self.keep_draft(Draft::of_order(self.question.cart.clone(), terms, reward)))
    }

    pub(super) fn invoice_lines(&mut self, cart: &CartRequest, field: &str) -> Step {
        let locations = self.policy.location_ids();
        let catalog = Catalog::default();
        let site = Site {
            currency: self.policy.currency,
            locations: &locations,
            catalog: &catalog,
            prices: PriceSource::Caller,
        };
        let within = |fault: InvalidField| {
            let below = fault.field.strip_prefix("cart").unwrap_or(&fault.field);
            InvalidField { field: format!("{field}.invoice_lines{below}"), ..fault }
        };
        let cart = Cart::establish(cart, site)
            .map_err(|faults| faults.into_iter().map(within).collect::<alloc::vec::Vec<_>>())?;
        Ok(self.edit(Edit::Lines { cart }))
    }

    pub(super) fn invoice_line_discount(&mut self, step: &InvoiceLineDiscount, field: &str) -> Step {
        let field = format!("{field}.invoice_line_discount");
        let line = keep(&field, "line", LineId::parse(&step.line))?;
        let portion = step.discount.as_ref().map(|draft| Portion::parse(draft, &format!("{field}.discount")));
        Ok(self.edit(Edit::LineDiscount { line, portion: portion.transpose()? }))
    }

    pub(super) fn invoice_discount(&mut self, step: &InvoiceDiscount, field: &str) -> Step {
        let field = format!("{field}.invoice_discount");
        self.at(step.at.as_deref(), &field)?;
        let custom = |draft: &PortionDraft| Portion::parse(draft, &format!("{field}.custom"));
        let discount = match (&step.code, &step.custom) {
            (None, None) => None,
            (None, Some(draft)) => Some(Discount::Custom { portion: custom(draft)? }),
            (Some(code), None) => {
                let cart = match self.draft() {
                    Ok(draft) => draft.cart(),
                    Err(refused) => return Ok(Err(refused)),
                };
                let (question, _) = self.ask(Some(core::slice::from_ref(code)), step.at.as_deref())?;
                let evaluation = Evaluation { cart: &cart, ..question.evaluation() };
                let quote = evaluate(&evaluation);
                let terms = StoredTerms::of(&evaluation, &quote);
                if !terms.acts() {
                    return Ok(Err(OutOfTurn::NotApplied { decisions: quote.decisions }.into()));
                }
                Some(Discount::Code { terms })
            }
            (Some(_), Some(_)) => {
                return keep(&field, "", Err((Fault::Contradiction, "has both `code` and `custom`")));
            }
        };
        Ok(self.edit(Edit::Discount { discount }))
    }

    pub(super) fn finalize_invoice(&mut self, step: &When, field: &str) -> Step {
        let at = self.at(step.at.as_deref(), &format!("{field}.finalize_invoice"))?;
        let draft = match self.draft() {
            Ok(draft) => draft.clone(),
            Err(refused) => return Ok(Err(refused)),
        };
        let state = self.redemption.as_ref().map(|(state, _)| *state);
        let (invoice, redemption) = match draft.finalize(state, at) {
            Ok(closed) => closed,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        self.invoice = Invoice::Finalized;
        if let (Some((state, _)), Some(after)) = (&mut self.redemption, redemption) {
            *state = after;
        }
        Ok(Ok(Told::Finalized(Closed { invoice, redemption })))
    }

    fn edit(&mut self, edit: Edit) -> Result<Told, Refused> {
        let draft = self.draft()?.edit(edit)?;
        Ok(self.keep_draft(draft))
    }

    fn draft(&self) -> Result<&Draft, Refused> {
        match &self.invoice {
            Invoice::None => out_of_turn(),
            Invoice::Draft(draft) => Ok(draft),
            Invoice::Finalized => Err(OutOfTurn::Finalized.into()),
        }
    }

    fn keep_draft(&mut self, draft: Draft) -> Told {
        let priced = draft.priced().clone();
        self.invoice = Invoice::Draft(Box::new(draft));
        Told::Invoice(priced)
    }
}
