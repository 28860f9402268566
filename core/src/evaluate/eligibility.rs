//! Whether a promotion applies, and to which slots of the cart (R19 to R43).

use alloc::{format, vec, vec::Vec};

use super::trace::{Observer, Step, Verdict};
use crate::cart::{Cart, Line, Slot};
use crate::facts::{Candidate, Facts, Left};
use crate::money::{Amount, Money};
use crate::promotion::condition::Basis;
use crate::promotion::{Condition, LimitPer, Terms};
use crate::reason::Reason;
use crate::time::{Position, format_instant};

/// The slots a promotion may discount.
#[derive(Clone, Debug)]
pub(super) struct Eligible {
    /// One flag per slot, in the order of [`Remaining`](super::remaining::Remaining).
    pub(super) fits: Vec<bool>,
    /// What those cost that lack a date and so may yet turn out to fit.
    undated: Amount,
}

/// Checks everything, stopping at nothing, so that all reasons are told (R64).
pub(super) fn judge<O: Observer>(
    candidate: &Candidate,
    cart: &Cart,
    facts: &Facts,
    observer: &mut O,
) -> Result<Eligible, Vec<Reason>> {
    let mut reasons = Vec::new();
    let mut check = Checks { candidate, observer, reasons: &mut reasons };
    check.status();
    check.currency(cart);
    check.window(facts);
    check.limits();
    let eligible = check.lines(cart, facts);
    check.spending(cart, &eligible);
    if reasons.is_empty() { Ok(eligible) } else { Err(reasons) }
}

/// The checks of one promotion, each of which notes what it saw.
struct Checks<'a, O> {
    candidate: &'a Candidate,
    observer: &'a mut O,
    reasons: &'a mut Vec<Reason>,
}

impl<O: Observer> Checks<'_, O> {
    fn fail(&mut self, reason: Reason) {
        let promotion = &self.candidate.terms.promotion;
        self.observer.note(|| Step::refused(promotion, &reason));
        self.reasons.push(reason);
    }

    fn pass(&mut self, rule: u8, saw: impl FnOnce() -> alloc::string::String) {
        let promotion = &self.candidate.terms.promotion;
        self.observer.note(|| Step::checked(promotion, rule, Verdict::Holds, saw()));
    }

    fn status(&mut self) {
        if self.candidate.state.active {
            self.pass(68, || "active".into());
        } else {
            self.fail(Reason::PromotionInactive);
        }
    }

    /// Every amount the promotion needs must be stated for the cart's currency; a missing one is never 0 or unlimited (R15).
    fn currency(&mut self, cart: &Cart) {
        let terms = &self.candidate.terms;
        let currency = cart.currency();
        let offered = terms.benefit.is_offered_in(currency)
            && terms.conditions.iter().all(|condition| condition.is_offered_in(currency));
        if offered {
            self.pass(15, || format!("{currency}"));
        } else {
            self.fail(Reason::CurrencyNotOffered { currency });
        }
    }

    fn window(&mut self, facts: &Facts) {
        let terms = &self.candidate.terms;
        for condition in &terms.conditions {
            let Condition::Redeemable { window } = condition else { continue };
            match window.locate(facts.now) {
                Position::Within => self.pass(25, || format_instant(facts.now)),
                Position::Before(starts_at) => self.fail(Reason::NotYetActive { starts_at }),
                Position::After(ended_at) => self.fail(Reason::Expired { ended_at }),
            }
        }
    }

    fn limits(&mut self) {
        let candidate = self.candidate;
        for (per, left) in candidate.terms.limited_per.iter().zip(&candidate.state.left) {
            match (per, left) {
                (_, Left::Unknown) => self.fail(Reason::CustomerNeeded),
                (LimitPer::Promotion, Left::Redemptions { count: 0 }) => self.fail(Reason::UsageLimitReached),
                (LimitPer::Customer, Left::Redemptions { count: 0 }) => self.fail(Reason::CustomerLimitReached),
                (LimitPer::Promotion, Left::Redemptions { count }) => self.pass(42, || format!("{count} left")),
                (LimitPer::Customer, Left::Redemptions { count }) => self.pass(43, || format!("{count} left")),
            }
        }
    }

    /// Scope first, then the conditions that speak of single occurrences, which must all hold for the same one (R27).
    fn lines(&mut self, cart: &Cart, facts: &Facts) -> Eligible {
        let terms = &self.candidate.terms;
        let dated = facts.policy.has_dates && terms.conditions.iter().any(Condition::is_of_occurrences);
        let mut eligible = Eligible { fits: vec![], undated: Amount::ZERO };
        let (mut in_scope, mut any, mut undated) = (false, false, false);
        for line in cart.lines() {
            // Lines that do not take place at a time lie outside appointment conditions (R27).
            let touched = terms.scope.contains(line) && (!dated || line.kind.is_appointment());
            in_scope |= touched;
            for slot in &line.slots {
                let fits = touched && (!dated || holds_on(terms, slot));
                if touched && dated && slot.start.is_none() {
                    undated = true;
                    eligible.undated = Amount::sum([eligible.undated, slot.subtotal]);
                }
                any |= fits;
                eligible.fits.push(fits);
            }
        }
        if cart.lines().is_empty() {
            self.fail(Reason::EmptyCart);
        } else if !in_scope {
            self.fail(Reason::NoEligibleLines);
        } else if undated {
            self.fail(Reason::DateNeeded);
        } else if any {
            self.pass(20, || format!("{} eligible", eligible.fits.iter().filter(|fits| **fits).count()));
        } else {
            self.outside_occurrences();
        }
        eligible
    }

    /// Lines are in scope, but no occurrence meets all conditions.
    fn outside_occurrences(&mut self) {
        let terms = &self.candidate.terms;
        for condition in &terms.conditions {
            if let Condition::Weekdays { days } = condition {
                self.fail(Reason::OutsideWeekdays { days: *days });
            }
        }
    }

    fn spending(&mut self, cart: &Cart, eligible: &Eligible) {
        // Nothing is known to fail while there is nothing in the cart (R37).
        if cart.lines().is_empty() {
            return;
        }
        let terms = &self.candidate.terms;
        let currency = cart.currency();
        let money = |amount| Money { currency, amount };
        for condition in &terms.conditions {
            match condition {
                Condition::MinimumSubtotal { amounts, basis } => {
                    let Some(required) = amounts.find(currency) else { continue };
                    // What lacks a date may yet count: only a known fact fails (R37).
                    let actual = basis_amount(*basis, cart, eligible, eligible.undated);
                    if actual < required {
                        self.fail(Reason::MinimumSpendNotMet { required: money(required), actual: money(actual) });
                    } else {
                        self.pass(28, || format!("{} at least {}", money(actual), money(required)));
                    }
                }
                Condition::MaximumSubtotal { amounts, basis } => {
                    let Some(allowed) = amounts.find(currency).filter(|allowed| !allowed.is_zero()) else { continue };
                    let actual = basis_amount(*basis, cart, eligible, Amount::ZERO);
                    if actual > allowed {
                        self.fail(Reason::MaximumSpendExceeded { allowed: money(allowed), actual: money(actual) });
                    } else {
                        self.pass(28, || format!("{} at most {}", money(actual), money(allowed)));
                    }
                }
                Condition::Redeemable { .. } | Condition::Weekdays { .. } => {}
            }
        }
    }
}

/// Whether all conditions on occurrences hold for this one; without a date it is not known, so they do not.
fn holds_on(terms: &Terms, slot: &Slot) -> bool {
    let Some(start) = slot.start else { return false };
    terms.conditions.iter().all(|condition| match condition {
        Condition::Weekdays { days } => days.contains(start.weekday()),
        Condition::Redeemable { .. } | Condition::MinimumSubtotal { .. } | Condition::MaximumSubtotal { .. } => true,
    })
}

fn basis_amount(basis: Basis, cart: &Cart, eligible: &Eligible, undated: Amount) -> Amount {
    let slots = cart.lines().iter().flat_map(|line: &Line| &line.slots);
    match basis {
        Basis::AllLines => cart.subtotal(),
        Basis::EligibleLines => {
            let fitting = slots.zip(&eligible.fits).filter(|(_, fits)| **fits).map(|(slot, _)| slot.subtotal);
            Amount::sum(fitting.chain([undated]))
        }
    }
}
