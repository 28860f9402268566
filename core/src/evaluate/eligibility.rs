//! Whether a promotion applies, and to which units of the cart (R15 to R45, R68, R69).

use alloc::{format, string::String, vec::Vec};

use super::Evaluation;
use super::occurrences::{Fit, Judged, failures, judge_slots, keep_earliest, keep_first};
use super::pricing::{BelowTiers, reached};
use super::remaining::Remaining;
use super::trace::{Observer, Step, Verdict};
use super::units::Touched;
use crate::customer::Customer;
use crate::facts::{Candidate, Gift, Left};
use crate::money::{Amount, Money};
use crate::policy::Overflow;
use crate::promotion::condition::{Audience, Basis, Counts};
use crate::promotion::{Benefit, Condition, LimitPer, Series, Terms};
use crate::reason::Reason;
use crate::time::{Position, format_instant};

/// What a promotion that applies acts on.
#[derive(Clone, Debug)]
pub(super) struct Eligible<'a> {
    /// The units.
    pub(super) touched: Touched,
    /// The gift, where that is what it gives.
    pub(super) gift: Option<&'a Gift>,
    /// Whether each place fits; what a later payment for its line is judged by.
    pub(super) fits: Vec<bool>,
}

/// Checks everything, stopping at nothing, so that all reasons are told (R64).
pub(super) fn judge<'a, O: Observer>(
    candidate: &'a Candidate,
    evaluation: &Evaluation<'a>,
    remaining: &Remaining<'a>,
    observer: &mut O,
) -> Result<Eligible<'a>, Vec<Reason>> {
    let mut reasons = Vec::new();
    let mut check = Checks { candidate, evaluation, remaining, observer, reasons: &mut reasons };
    check.status();
    check.currency();
    check.now();
    check.customer();
    check.limits();
    let judged = check.lines();
    check.spending(&judged);
    let undecided = judged.has(Fit::Undecided).then(|| judged.possible());
    let fits = check.kept(judged);
    let touched = check.units(&fits, undecided.as_deref());
    let gift = check.gift();
    match touched {
        Some(touched) if reasons.is_empty() => Ok(Eligible { touched, gift, fits }),
        _ => Err(reasons),
    }
}

/// Which slots a promotion fits and keeps, whatever else may speak against it.
pub(super) fn kept(candidate: &Candidate, evaluation: &Evaluation<'_>) -> Vec<bool> {
    let (remaining, mut reasons) = (Remaining::of(evaluation.cart), Vec::new());
    let mut check = Checks { candidate, evaluation, remaining: &remaining, observer: &mut (), reasons: &mut reasons };
    let judged = check.lines();
    check.kept(judged)
}

/// The checks of one promotion, each of which notes what it saw.
struct Checks<'a, 'c, O> {
    candidate: &'a Candidate,
    evaluation: &'c Evaluation<'a>,
    remaining: &'c Remaining<'a>,
    observer: &'c mut O,
    reasons: &'c mut Vec<Reason>,
}

impl<'a, O: Observer> Checks<'a, '_, O> {
    fn fail(&mut self, reason: Reason) {
        let promotion = &self.candidate.terms.promotion;
        self.observer.note(|| Step::refused(promotion, &reason));
        // Several conditions may miss the same fact: it is asked for once.
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    fn pass(&mut self, rule: u8, saw: impl FnOnce() -> String) {
        let promotion = &self.candidate.terms.promotion;
        self.observer.note(|| Step::checked(promotion, rule, Verdict::Holds, saw()));
    }

    fn require(&mut self, holds: bool, rule: u8, saw: &str, otherwise: Reason) {
        if holds { self.pass(rule, || saw.into()) } else { self.fail(otherwise) }
    }

    fn status(&mut self) {
        let state = &self.candidate.state;
        self.require(state.active, 68, "active", Reason::PromotionInactive);
        if state.is_own {
            self.fail(Reason::OwnReferral);
        }
    }

    /// Every amount the promotion needs must be stated for the cart's currency; a missing one is never 0 or unlimited (R15).
    fn currency(&mut self) {
        let Candidate { terms, state } = self.candidate;
        let currency = self.evaluation.cart.currency();
        let offered = terms.benefit.is_offered_in(currency)
            && terms.conditions.iter().all(|condition| condition.is_offered_in(currency))
            && !state.left.iter().any(|left| matches!(left, Left::Budget { amount: None }));
        if offered {
            self.pass(15, || format!("{currency}"));
        } else {
            self.fail(Reason::CurrencyNotOffered { currency });
        }
    }

    /// What holds or not at this instant (R25, R26, R34).
    fn now(&mut self) {
        let facts = self.evaluation.facts;
        for condition in &self.candidate.terms.conditions {
            match condition {
                Condition::Redeemable { window } => match window.locate(facts.now) {
                    Position::Within => self.pass(25, || format_instant(facts.now)),
                    Position::Before(starts_at) => self.fail(Reason::NotYetActive { starts_at }),
                    Position::After(ended_at) => self.fail(Reason::Expired { ended_at }),
                },
                Condition::RedeemableHours { hours } => {
                    let local = facts.offsets(None).and_then(|offsets| offsets.local(facts.now));
                    if local.is_some_and(|local| hours.day_of(local).is_some()) {
                        self.pass(26, || ["within ", &hours.text()].concat());
                    } else {
                        self.fail(Reason::OutsideRedeemableHours { hours: *hours });
                    }
                }
                Condition::Channels { channels } => {
                    self.require(channels.contains(facts.channel), 34, "channel", Reason::OtherChannel);
                }
                _ => {}
            }
        }
    }

    /// What depends on who the customer is: never accepted while that is unknown (R37, R69).
    fn customer(&mut self) {
        let (customer, state) = (self.evaluation.facts.customer, &self.candidate.state);
        for condition in &self.candidate.terms.conditions {
            match condition {
                Condition::Audience { audience: Audience::Existing } => {
                    self.history(customer, 29, |customer| customer.history.in_system, Reason::ExistingCustomersOnly);
                }
                Condition::Audience { audience: Audience::New } => {
                    self.history(customer, 29, |customer| customer.history.is_new(), Reason::NewCustomersOnly);
                }
                Condition::FirstOrder => {
                    self.history(customer, 30, |customer| !customer.history.has_ordered, Reason::FirstOrderOnly);
                }
                Condition::FirstAppointment => {
                    let never = |customer: &Customer| !customer.history.has_appointment;
                    self.history(customer, 31, never, Reason::FirstAppointmentOnly);
                }
                Condition::NamedCustomers => self.listed(state.named, 32, Reason::NotForThisCustomer),
                Condition::ActivePass => self.listed(state.holds_pass, 33, Reason::PassNeeded),
                _ => {}
            }
        }
    }

    fn history(
        &mut self,
        customer: Option<Customer>,
        rule: u8,
        holds: impl FnOnce(&Customer) -> bool,
        otherwise: Reason,
    ) {
        match customer {
            None => self.fail(Reason::CustomerNeeded),
            Some(customer) => self.require(holds(&customer), rule, "customer", otherwise),
        }
    }

    fn listed(&mut self, listed: Option<bool>, rule: u8, otherwise: Reason) {
        match listed {
            Some(listed) => self.require(listed, rule, "customer", otherwise),
            // Somebody's mere word for who they are is not enough.
            None if self.evaluation.facts.customer.is_some() => self.fail(Reason::SignInNeeded),
            None => self.fail(Reason::CustomerNeeded),
        }
    }

    fn limits(&mut self) {
        let candidate = self.candidate;
        for (per, left) in candidate.terms.limited_per.iter().zip(&candidate.state.left) {
            match left {
                Left::Unknown => self.fail(Reason::CustomerNeeded),
                Left::Redemptions { count: 0 } | Left::Occurrences { count: 0 } => self.fail(limit_reached(*per)),
                Left::Redemptions { count } | Left::Occurrences { count } => {
                    self.pass(42, || format!("{count} left"));
                }
                // Held against the discount, once that is known.
                Left::Budget { .. } => {}
            }
        }
    }

    /// Scope first, then the conditions that speak of single occurrences, which must all hold for the same one (R27).
    fn lines(&mut self) -> Judged {
        let (terms, evaluation) = (&self.candidate.terms, self.evaluation);
        let judged = judge_slots(terms, &terms.scope, evaluation);
        let (some, undecided) = (judged.has(Fit::Fits), judged.has(Fit::Undecided));
        if evaluation.cart.lines().is_empty() {
            self.fail(Reason::EmptyCart);
        } else if !judged.has_touched() {
            self.fail(Reason::NoEligibleLines);
        } else if undecided {
            self.undecided(&judged);
        } else if some {
            self.pass(20, || format!("{} eligible", judged.slots().iter().filter(|fit| **fit == Fit::Fits).count()));
        } else {
            for reason in failures(terms, evaluation) {
                self.fail(reason);
            }
        }
        judged
    }

    /// Asks for what is missing to decide on every slot.
    fn undecided(&mut self, judged: &Judged) {
        if judged.lacks_date {
            self.fail(Reason::DateNeeded);
        }
        if judged.lacks_frequency {
            self.fail(Reason::FrequencyNeeded);
        }
    }

    fn spending(&mut self, judged: &Judged) {
        let cart = self.evaluation.cart;
        // Nothing is known to fail while there is nothing in the cart (R37).
        if cart.lines().is_empty() {
            return;
        }
        let currency = cart.currency();
        let money = |amount| Money { currency, amount };
        for condition in &self.candidate.terms.conditions {
            match condition {
                Condition::MinimumSubtotal { amounts, basis, counts } => {
                    let Some(required) = amounts.find(currency) else { continue };
                    // What lacks a date may yet count: only a known fact fails (R37).
                    let actual = self.amount(*basis, *counts, judged, true);
                    if actual < required {
                        self.fail(Reason::MinimumSpendNotMet { required: money(required), actual: money(actual) });
                    } else {
                        self.pass(28, || format!("{} at least {}", money(actual), money(required)));
                    }
                }
                Condition::MaximumSubtotal { amounts, basis, counts } => {
                    let Some(allowed) = amounts.find(currency).filter(|allowed| !allowed.is_zero()) else { continue };
                    let actual = self.amount(*basis, *counts, judged, false);
                    if actual > allowed {
                        self.fail(Reason::MaximumSpendExceeded { allowed: money(allowed), actual: money(actual) });
                    } else {
                        self.pass(28, || format!("{} at most {}", money(actual), money(allowed)));
                    }
                }
                Condition::MaximumLines { lines: allowed } => {
                    let actual = u32::try_from(cart.lines().len()).unwrap_or(u32::MAX);
                    if actual > *allowed {
                        self.fail(Reason::TooManyLines { allowed: *allowed, actual });
                    } else {
                        self.pass(28, || format!("{actual} lines, at most {allowed}"));
                    }
                }
                _ => {}
            }
        }
    }

    fn amount(&self, basis: Basis, counts: Counts, judged: &Judged, with_undecided: bool) -> Amount {
        let counted = |fit: Fit| match (basis, fit) {
            (Basis::AllLines, _) | (_, Fit::Fits) => true,
            (_, Fit::Undecided) => with_undecided,
            (_, Fit::Fails | Fit::Untouched) => false,
        };
        let places = self.remaining.places.iter().zip(judged.slots()).filter(|(_, fit)| counted(**fit));
        Amount::sum(places.map(|(place, _)| match counts {
            Counts::BeforeDiscounts => place.slot.subtotal,
            Counts::AfterDiscounts => place.left,
        }))
    }

    /// The first of each series, then the earliest that the limits bear (R31, R38, R44).
    fn kept(&mut self, judged: Judged) -> Vec<bool> {
        let Candidate { terms, state } = self.candidate;
        let mut fits = judged.into_fits();
        if let Series::First(count) = terms.series {
            keep_first(&mut fits, count, self.evaluation.cart);
        }
        if terms.is_for_first_appointment() {
            keep_earliest(&mut fits, 1, self.remaining);
        }
        for (per, left) in terms.limited_per.iter().zip(&state.left) {
            let Left::Occurrences { count } = left else { continue };
            let wanted = u32::try_from(fits.iter().filter(|fits| **fits).count()).unwrap_or(u32::MAX);
            if wanted <= *count || *count == 0 {
                continue;
            }
            match self.evaluation.facts.policy.overflow {
                Overflow::Refuse => self.fail(limit_reached(*per)),
                Overflow::Partial => {
                    self.pass(44, || format!("the earliest {count} of {wanted}"));
                    keep_earliest(&mut fits, *count, self.remaining);
                }
            }
        }
        fits
    }

    /// The units of what fits that the benefit touches (R16); `None` when there are too few for it.
    fn units(&mut self, fits: &[bool], possible: Option<&[bool]>) -> Option<Touched> {
        let terms = &self.candidate.terms;
        // What is undecided may yet count: only a known fact fails (R37).
        let all = Touched::all(possible.unwrap_or(fits), &self.remaining.places);
        // What is missing for other reasons is no want of units.
        if all.sum() == 0 {
            return Some(all);
        }
        let currency = self.evaluation.cart.currency();
        let too_few = |required, actual| Reason::MinimumQuantityNotMet { required, actual };
        let found = match &terms.benefit {
            Benefit::BuyGet(sets) => {
                let from = match &sets.from {
                    None => all.clone(),
                    Some(from) => {
                        let judged = judge_slots(terms, from, self.evaluation);
                        self.undecided(&judged);
                        Touched::all(&judged.possible(), &self.remaining.places)
                    }
                };
                all.of_sets(sets, &from, self.remaining).map_err(|(required, actual)| too_few(required, actual))
            }
            Benefit::Tiers(tiers) => match reached(tiers, &all, self.remaining, currency) {
                Ok(_) => Ok(all),
                Err(BelowTiers::Quantity { required, actual }) => Err(too_few(required, actual)),
                // Which is told already.
                Err(BelowTiers::NotOffered) => return None,
                Err(BelowTiers::Spend { required, actual }) => {
                    let money = |amount| Money { currency, amount };
                    Err(Reason::MinimumSpendNotMet { required: money(required), actual: money(actual) })
                }
            },
            _ => Ok(match terms.units {
                None => all,
                Some(units) => all.at_most(units, self.remaining),
            }),
        };
        found.map_err(|reason| self.fail(reason)).ok()
    }

    fn gift(&mut self) -> Option<&'a Gift> {
        let Benefit::Gift { items } = &self.candidate.terms.benefit else { return None };
        let promotion = &self.candidate.terms.promotion;
        let gifts = &self.evaluation.facts.gifts;
        let chosen = gifts.iter().find(|gift| gift.promotion == *promotion && items.contains(&gift.item));
        if chosen.is_none() {
            self.fail(Reason::GiftNotChosen { items: items.clone() });
        }
        chosen
    }
}

const fn limit_reached(per: LimitPer) -> Reason {
    match per {
        LimitPer::Promotion => Reason::UsageLimitReached,
        LimitPer::Customer => Reason::CustomerLimitReached,
        LimitPer::Code => Reason::CodeLimitReached,
        LimitPer::Period(period) => Reason::PeriodLimitReached { period },
    }
}

/// The budget a discount must not exceed, where there is one (R45).
pub(super) fn is_above_budget(candidate: &Candidate, discount: Amount) -> bool {
    candidate.state.left.iter().any(|left| matches!(left, Left::Budget { amount: Some(amount) } if discount > *amount))
}

/// The lines that a promotion on prices may touch: those that are paid for (R23).
pub(super) const fn touches_unpaid(terms: &Terms) -> bool {
    !terms.benefit.is_of_prices()
}
