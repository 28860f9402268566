//! What an order stores of its evaluation, so that its code can be priced again on other lines (R59, R62).

use alloc::{collections::BTreeSet, vec::Vec};

use crate::canonical::canonical_struct;
use crate::cart::Cart;
use crate::customer::Customer;
use crate::evaluate::{Evaluation, evaluate};
use crate::facts::{Candidate, Facts, Left, State};
use crate::id::PromotionId;
use crate::policy::Rounding;
use crate::quote::{Decision, Quote};

/// The terms that acted on an order and the facts of that moment, its *now* among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTerms {
    candidates: Vec<Candidate>,
    facts: Facts,
}
canonical_struct!(StoredTerms { candidates, facts });

impl StoredTerms {
    /// What an evaluation stores that gave `quote`: what was applied, and nothing that a limit or a condition kept out.
    #[must_use]
    pub fn of(evaluation: &Evaluation<'_>, quote: &Quote) -> Self {
        let acts = |promotion: Option<&PromotionId>| {
            let mut applied = quote.decisions.iter().filter(|decision| decision.is_applied());
            promotion.is_some() && applied.any(|decision| decision.promotion.as_ref() == promotion)
        };
        let mut facts = evaluation.facts.clone();
        facts.entered.retain(|entered| acts(entered.promotion.as_ref()));
        let stands =
            |decision: &Decision| decision.is_applied() && decision.code.is_none() && decision.promotion.is_none();
        if let Some(customer) = facts.customer.as_mut().filter(|_| !quote.decisions.iter().any(stands)) {
            customer.standing = None;
        }
        let candidates = evaluation.candidates.iter().filter(|known| acts(Some(&known.terms.promotion)));
        Self { candidates: candidates.cloned().collect(), facts }
    }

    /// Whether any promotion acts, or the customer's standing discount.
    #[must_use]
    pub fn acts(&self) -> bool {
        !self.candidates.is_empty() || self.facts.customer.is_some_and(|customer| customer.standing.is_some())
    }

    /// Whether the promotions that act are those of `other`, at whatever version or instant.
    #[must_use]
    pub fn has_promotions_of(&self, other: &Self) -> bool {
        let promotion = |known: &Candidate| known.terms.promotion.clone();
        let of = |terms: &Self| terms.candidates.iter().map(promotion).collect::<BTreeSet<PromotionId>>();
        of(self) == of(other)
    }

    /// How amounts are rounded and shared out.
    #[must_use]
    pub const fn rounding(&self) -> Rounding {
        self.facts.policy.rounding
    }

    /// Prices other lines by the same terms and facts. Limits are not checked again: the order's own use counts in them already.
    #[must_use]
    pub fn price(&self, cart: &Cart) -> Quote {
        let candidates: Vec<Candidate> = self.candidates.iter().map(without_limits).collect();
        evaluate(&Evaluation { candidates: &candidates, cart, facts: &self.facts })
    }

    /// Prices lines without any code, and without what acts by itself.
    #[must_use]
    pub fn price_without_codes(&self, cart: &Cart) -> Quote {
        let customer = self.facts.customer.map(|customer| Customer { standing: None, ..customer });
        let facts = Facts { entered: Vec::new(), customer, ..self.facts.clone() };
        evaluate(&Evaluation { candidates: &[], cart, facts: &facts })
    }
}

/// The same promotion as if its owner had set no limit; but the occurrences that a limit kept stay the only ones, or an order nobody
/// touched would cost something else on its invoice.
fn without_limits(candidate: &Candidate) -> Candidate {
    let Candidate { terms, state } = candidate;
    let limits = terms.limited_per.iter().copied().zip(state.left.iter().copied());
    let (limited_per, left) = limits.filter(|(_, left)| matches!(left, Left::Occurrences { .. })).collect();
    let terms = terms.changed(|terms| terms.limited_per = limited_per);
    Candidate { terms, state: State { left, ..state.clone() } }
}
