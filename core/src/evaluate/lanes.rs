//! Lane by lane: who claims the place, who gets it, what that takes off (R48 to R50).

use alloc::{vec, vec::Vec};
use core::cmp::Reverse;

use super::eligibility::{is_above_budget, judge};
use super::later::{Act, later};
use super::pricing::{Method, price};
use super::remaining::Remaining;
use super::trace::{Observer, Step};
use super::units::Touched;
use super::{Evaluation, applied, disclosed, refused};
use crate::cart::Cart;
use crate::customer::Identity;
use crate::facts::{Candidate, Entered, Gift};
use crate::id::PromotionId;
use crate::money::{Amount, Money, Percent};
use crate::policy::Precedence;
use crate::promotion::{ActsOn, Benefit, Lane, Scope, Terms};
use crate::quote::{Decision, Quote};
use crate::reason::Reason;

/// One pass through all lanes, with the codes that are admitted to act.
pub(super) struct Run<'a, 'r> {
    evaluation: &'r Evaluation<'a>,
    /// Which of the codes entered may act together.
    admitted: &'r [bool],
    remaining: Remaining<'a>,
    /// What became of each code entered, as far as it has come.
    of_codes: Vec<Option<Decision>>,
    /// What acts without a code.
    others: Vec<Decision>,
    /// What acted, in order.
    acts: Vec<Act<'a>>,
}

/// Who takes something off.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    /// A promotion, by its terms.
    Promotion(&'a Candidate),
    /// The customer's standing discount.
    Standing(Percent),
}

/// What would apply in its lane.
struct Claim<'a> {
    by: By<'a>,
    shares: Vec<Amount>,
    gift: Option<&'a Gift>,
    fits: Vec<bool>,
    discount: Amount,
}

impl<'a> By<'a> {
    fn terms(self) -> Option<&'a Terms> {
        match self {
            Self::Promotion(candidate) => Some(&candidate.terms),
            Self::Standing(_) => None,
        }
    }
}

impl<'a> Claim<'a> {
    /// The best of what acts without a code comes first: by discount, then by priority, then by id (R49). A standing discount has
    /// neither.
    fn order(&self) -> (Reverse<Amount>, Reverse<u32>, Option<&'a PromotionId>) {
        let terms = self.by.terms();
        let priority = terms.map_or(0, |terms| terms.priority);
        (Reverse(self.discount), Reverse(priority), terms.map(|terms| &terms.promotion))
    }
}

impl<'a, 'r> Run<'a, 'r> {
    /// A pass with the codes that `admitted` speaks of. Those that are `decided` already are passed over.
    pub(super) fn new(evaluation: &'r Evaluation<'a>, admitted: &'r [bool], decided: Vec<Option<Decision>>) -> Self {
        Self {
            evaluation,
            admitted,
            remaining: Remaining::of(evaluation.cart),
            of_codes: decided,
            others: Vec::new(),
            acts: Vec::new(),
        }
    }

    pub(super) fn through_lanes<O: Observer>(&mut self, observer: &mut O) {
        let policy = &self.evaluation.facts.policy;
        self.through(&Lane::Price, policy.acts_on, observer);
        self.through(&Lane::Gift, policy.acts_on, observer);
        self.through(&Lane::Referral, policy.acts_on, observer);
        for lane in &policy.lanes {
            self.through(&Lane::Own(lane.id.clone()), lane.acts_on, observer);
        }
        // A lane that its owner has taken away since acts last.
        let is_listed = |lane: &Lane| match lane {
            Lane::Own(id) => policy.lanes.iter().any(|own| own.id == *id),
            _ => true,
        };
        let unlisted = self.evaluation.candidates.iter().map(|candidate| &candidate.terms.lane);
        let mut last: Option<&Lane> = None;
        while let Some(next) =
            unlisted.clone().filter(|lane| !is_listed(lane) && last.is_none_or(|last| *lane > last)).min()
        {
            self.through(next, ActsOn::Remaining, observer);
            last = Some(next);
        }
    }

    /// What became of each code, as far as it has come.
    pub(super) fn into_decisions(self) -> Vec<Option<Decision>> {
        self.of_codes
    }

    pub(super) fn into_quote<O: Observer>(self, observer: &mut O) -> Quote {
        let Self { evaluation, remaining, of_codes, others, acts, .. } = self;
        let unknown = |entered: &Entered| refused(Some(entered), None, Vec::new());
        let entered = evaluation.facts.entered.iter();
        let of_codes = of_codes.into_iter().zip(entered);
        let mut decisions: Vec<Decision> =
            of_codes.map(|(decision, entered)| decision.unwrap_or_else(|| unknown(entered))).collect();
        decisions.extend(others);
        for decision in &decisions {
            observer.note(|| Step::decided(decision));
        }
        remaining.into_quote(evaluation.cart, decisions, |slots, line| later(slots, line, &acts))
    }

    fn method_of(evaluation: &Evaluation<'_>, acts_on: ActsOn) -> Method {
        Method { rounding: evaluation.facts.policy.rounding, acts_on, currency: evaluation.cart.currency() }
    }

    fn through<O: Observer>(&mut self, lane: &Lane, acts_on: ActsOn, observer: &mut O) {
        let is_taken = |candidate: &Candidate| candidate.terms.lane == *lane;
        if *lane != Lane::Price && !self.evaluation.candidates.iter().any(is_taken) {
            return;
        }
        let method = Self::method_of(self.evaluation, acts_on);
        let (mut holder, mut losers) = (None, Vec::new());
        for (index, entered) in self.evaluation.facts.entered.iter().take(self.admitted.len()).enumerate() {
            if self.of_codes.get(index).is_some_and(Option::is_some) {
                continue;
            }
            let Some(candidate) = self.evaluation.find(entered).filter(|found| found.terms.lane == *lane) else {
                continue;
            };
            let terms = &candidate.terms;
            let claim = self.claim(candidate, method, observer);
            let decision = match (claim, self.in_the_way(index)) {
                // All reasons are told (R64), so that mending one does not uncover the next.
                (Err(reasons), taken) => {
                    refused(Some(entered), disclosed(terms), reasons.into_iter().chain(taken).collect())
                }
                // It would apply, so entering it alone would show it too: a private promotion may say what is in the way.
                (Ok(_), Some(taken)) => refused(Some(entered), Some(terms), vec![taken]),
                (Ok(claim), None) if self.is_admitted(index) => {
                    holder = Some((index, claim));
                    continue;
                }
                (Ok(claim), None) => {
                    losers.push((index, claim.discount));
                    continue;
                }
            };
            self.decide(index, decision);
        }
        let code_first = self.evaluation.facts.policy.precedence == Precedence::CodeFirst;
        let (rival, waiting) =
            if holder.is_some() && code_first { (None, Vec::new()) } else { self.best_rival(lane, method, observer) };
        if holder.is_none() && rival.is_none() {
            self.others.extend(waiting);
        }
        let better = rival
            .as_ref()
            .map(|rival| rival.discount)
            .filter(|rival| holder.as_ref().is_none_or(|(_, claim): &(usize, Claim<'_>)| *rival > claim.discount));
        match (holder, better) {
            (Some((index, claim)), None) => {
                let entered = self.evaluation.facts.entered.get(index);
                let decision = self.act(entered, claim, method);
                self.decide(index, decision);
            }
            (Some((index, claim)), Some(_)) => {
                losers.push((index, claim.discount));
                self.let_act(rival, method);
            }
            (None, _) => self.let_act(rival, method),
        }
        for (index, discount) in losers {
            // Only where the better discount goes first is it what a code loses to.
            self.lose(index, better.filter(|better| !code_first && *better > discount));
        }
    }

    fn is_admitted(&self, index: usize) -> bool {
        self.admitted.get(index).copied().unwrap_or(false)
    }

    fn decide(&mut self, index: usize, decision: Decision) {
        if let Some(place) = self.of_codes.get_mut(index) {
            *place = Some(decision);
        }
    }

    /// The code entered before that is in the way of one that is not admitted: the one in its lane, or else the first, where a cart may
    /// have no more.
    fn in_the_way(&self, index: usize) -> Option<Reason> {
        if self.is_admitted(index) {
            return None;
        }
        let lane_of = |entered: &Entered| self.evaluation.find(entered).map(|candidate| &candidate.terms.lane);
        let own = self.evaluation.facts.entered.get(index).and_then(lane_of);
        let full = self.acting_before(index).count() >= usize::from(self.evaluation.facts.policy.codes_max);
        let same_lane = self.acting_before(index).find(|other| lane_of(other) == own);
        same_lane.or_else(|| self.acting_before(index).next().filter(|_| full)).map(not_combinable)
    }

    /// The codes that act, of those entered before one.
    fn acting_before(&self, index: usize) -> impl Iterator<Item = &'a Entered> {
        let codes = self.evaluation.facts.entered.iter().zip(self.admitted).take(index);
        codes.filter(|(_, admitted)| **admitted).map(|(entered, _)| entered)
    }

    /// Judges and prices a promotion on what is left now.
    fn claim<O: Observer>(
        &self,
        candidate: &'a Candidate,
        method: Method,
        observer: &mut O,
    ) -> Result<Claim<'a>, Vec<Reason>> {
        let eligible = judge(candidate, self.evaluation, &self.remaining, observer)?;
        let shares = price(&candidate.terms.benefit, &eligible.touched, &self.remaining, method, observer);
        let discount = eligible.gift.map_or_else(|| Amount::sum(shares.iter().copied()), |gift| gift.price);
        if is_above_budget(candidate, discount) {
            observer.note(|| Step::refused(&candidate.terms.promotion, &Reason::BudgetExhausted));
            return Err(vec![Reason::BudgetExhausted]);
        }
        Ok(Claim { by: By::Promotion(candidate), shares, gift: eligible.gift, fits: eligible.fits, discount })
    }

    /// The best of what acts without a code in a lane: automatic promotions, and the customer's standing discount among prices; and the
    /// gifts that wait for nothing but to be chosen.
    fn best_rival<O: Observer>(
        &self,
        lane: &Lane,
        method: Method,
        observer: &mut O,
    ) -> (Option<Claim<'a>>, Vec<Decision>) {
        let mut best: Option<Claim<'a>> = None;
        let mut consider = |rival: Claim<'a>| {
            if best.as_ref().is_none_or(|best| rival.order() < best.order()) {
                best = Some(rival);
            }
        };
        let mut waiting: Vec<Decision> = Vec::new();
        for candidate in self.evaluation.candidates {
            let terms = &candidate.terms;
            if terms.needs_code || terms.lane != *lane {
                continue;
            }
            match self.claim(candidate, method, observer) {
                Ok(claim) if !claim.discount.is_zero() || matches!(terms.benefit, Benefit::NoDiscount) => {
                    consider(claim);
                }
                Ok(_) => {}
                // What the customer may still choose is shown to them; other automatic offers are not spoken of until they act.
                Err(reasons) if matches!(*reasons, [Reason::GiftNotChosen { .. }]) => {
                    let decision = refused(None, Some(terms), reasons);
                    let place = waiting.iter().take_while(|before| before.promotion <= decision.promotion).count();
                    waiting.insert(place, decision);
                }
                Err(_) => {}
            }
        }
        if *lane == Lane::Price {
            self.standing(method, observer).into_iter().for_each(consider);
        }
        (best, waiting)
    }

    /// The discount the customer always has, on everything that is for sale and paid for.
    fn standing<O: Observer>(&self, method: Method, observer: &mut O) -> Option<Claim<'a>> {
        let facts = self.evaluation.facts;
        let believed = |identity| identity == Identity::Asserted || facts.policy.trusts_claims;
        let percent = facts.customer.filter(|customer| believed(customer.identity))?.standing?;
        let fits = everything(self.evaluation.cart);
        let touched = Touched::all(&fits, &self.remaining.places);
        let shares = price(&standing_benefit(percent), &touched, &self.remaining, method, observer);
        let discount = Amount::sum(shares.iter().copied());
        (!discount.is_zero()).then_some(Claim { by: By::Standing(percent), shares, gift: None, fits, discount })
    }

    fn let_act(&mut self, rival: Option<Claim<'a>>, method: Method) {
        if let Some(claim) = rival {
            let decision = self.act(None, claim, method);
            self.others.push(decision);
        }
    }

    fn act(&mut self, entered: Option<&Entered>, claim: Claim<'a>, method: Method) -> Decision {
        let Claim { by, shares, gift, fits, .. } = claim;
        let outcome = match gift {
            Some(gift) => self.remaining.give(gift),
            None => self.remaining.take(self.evaluation.cart, &shares),
        };
        self.acts.push(Act { by, fits, method });
        applied(entered, by.terms(), outcome)
    }

    /// A code that would apply, and does not act: the customer has something better without it, or a code before it would no longer
    /// apply beside it.
    fn lose(&mut self, index: usize, better: Option<Amount>) {
        let Some(entered) = self.evaluation.facts.entered.get(index) else { return };
        let terms = self.evaluation.find(entered).map(|candidate| &*candidate.terms);
        let currency = self.evaluation.cart.currency();
        let reason = match better {
            Some(amount) => Some(Reason::BetterDiscountApplied { discount: Money { currency, amount } }),
            None => self.acting_before(index).next().map(not_combinable),
        };
        let decision = refused(Some(entered), terms, reason.into_iter().collect());
        self.decide(index, decision);
    }
}

fn not_combinable(with: &Entered) -> Reason {
    Reason::NotCombinable { with: with.code.clone() }
}

/// A standing discount as the benefit it is.
pub(super) const fn standing_benefit(percent: Percent) -> Benefit {
    Benefit::Percent { percent, cap: None }
}

fn everything(cart: &Cart) -> Vec<bool> {
    let scope = Scope::default();
    let fits = |line: &crate::cart::Line| scope.contains(line) && line.paid;
    cart.lines().iter().flat_map(|line| core::iter::repeat_n(fits(line), line.slots.len())).collect()
}
