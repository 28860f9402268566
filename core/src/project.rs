//! Projection: what of a promotion a page may know (R66).
//!
//! The server knows the owner's words, the limits and their counts. The page gets the terms and, for each limit, whether it is
//! used up. Both evaluate exactly this, so nothing private can change a price unseen.

use alloc::vec::Vec;

use crate::cart::Cart;
use crate::evaluate::{Evaluation, evaluate};
use crate::facts::{Candidate, Entered, Facts, Left, State};
use crate::promotion::{Disclosure, LimitPer, Promotion};

/// How often a promotion has been used, held reservations included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Redemptions by anybody.
    pub total: u32,
    /// Redemptions by this customer, the most of any of their identities; `None` while nobody said who they are.
    pub customer: Option<u32>,
}

/// Most redemptions one cart can use of a limit: what is left is clamped to it, so that a page never learns an owner's numbers.
const REDEMPTIONS_A_CART: u32 = 1;

/// Reduces a promotion and its counts to what may be sent to a page.
#[must_use]
pub fn project(promotion: &Promotion, active: bool, usage: Usage) -> Candidate {
    let left = |used: Option<u32>, max: u32| match used {
        None => Left::Unknown,
        Some(used) => Left::Redemptions { count: max.saturating_sub(used).min(REDEMPTIONS_A_CART) },
    };
    let left = promotion.limits.iter().map(|limit| match limit.per {
        LimitPer::Promotion => left(Some(usage.total), limit.max),
        LimitPer::Customer => left(usage.customer, limit.max),
    });
    Candidate { state: State { active, left: left.collect() }, terms: promotion.terms.clone() }
}

/// Takes out what must not be told (R65): a private promotion that does not apply becomes a code that unlocks nothing, so that
/// answer, snapshot and digests are those of an unknown code.
pub fn conceal(candidates: &mut Vec<Candidate>, cart: &Cart, facts: &mut Facts) {
    if candidates.iter().all(|candidate| candidate.terms.disclosure == Disclosure::Open) {
        return;
    }
    let quote = evaluate(&Evaluation { candidates, cart, facts });
    for (entered, decision) in facts.entered.iter_mut().zip(&quote.decisions) {
        if entered.promotion.is_some() && decision.promotion.is_none() {
            candidates.retain(|candidate| Some(&candidate.terms.promotion) != entered.promotion.as_ref());
            *entered = Entered::unknown(&entered.code);
        }
    }
}
