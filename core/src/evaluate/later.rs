//! What each later payment costs: for subscriptions, and for bookings that go on without a last date (R38, R40).

use alloc::vec::Vec;
use core::ops::Range;

use super::lanes::{By, standing_benefit};
use super::pricing::{Method, price, reached};
use super::remaining::Remaining;
use super::units::Touched;
use crate::cart::{Frequency, Line, LineKind, OCCURRENCES_MAX};
use crate::facts::{Candidate, Left};
use crate::money::Amount;
use crate::promotion::benefit::Gives;
use crate::promotion::{Benefit, Per, Renewals, Series, Terms};
use crate::quote::Later;

/// What acted on the cart, on the slots that fit, and how its lane prices.
pub(super) struct Act<'a> {
    pub(super) by: By<'a>,
    pub(super) fits: Vec<bool>,
    pub(super) method: Method,
}

impl Act<'_> {
    /// How many more occurrences the limits of a promotion bear; `None` for any number.
    fn left(&self, candidate: &Candidate) -> Option<u32> {
        let kept = u32::try_from(self.fits.iter().filter(|fits| **fits).count()).unwrap_or(u32::MAX);
        let left = candidate.state.left.iter().filter_map(|left| match left {
            // What is left is clamped to what one cart can use: so many means that many or more.
            Left::Occurrences { count } if usize::try_from(*count) != Ok(OCCURRENCES_MAX) => {
                Some(count.saturating_sub(kept))
            }
            _ => None,
        });
        left.min()
    }

    /// On how many of these slots it acted.
    fn touched(&self, slots: Range<usize>) -> u32 {
        let touched = self.fits.get(slots).unwrap_or_default().iter().filter(|fits| **fits).count();
        u32::try_from(touched).unwrap_or(u32::MAX)
    }
}

/// What a later payment for a line, whose slots are these of the cart, costs, if there will be any: each promotion that acted on the
/// line acts on it again, for as long as its terms say, as if it were all there is to pay.
pub(super) fn later(slots: Range<usize>, line: &Line, acts: &[Act<'_>]) -> Option<Later> {
    let subscription = line.kind == LineKind::Subscription;
    if !subscription && line.frequency != Some(Frequency::OpenEnded) {
        return None;
    }
    let payment = line.slots.last()?;
    let mut remaining = Remaining::of_one(line, payment);
    let mut times: Option<u32> = None;
    for act in acts {
        let touched = act.touched(slots.clone());
        if touched == 0 {
            continue;
        }
        let method = act.method;
        let (benefit, units, more) = match act.by {
            By::Standing(percent) => (&standing_benefit(percent), None, None),
            By::Promotion(candidate) => {
                let terms = &candidate.terms;
                (&terms.benefit, terms.units, more(terms, subscription, touched, act.left(candidate)))
            }
        };
        let all = Touched::all(&[true], &remaining.places);
        let lasts = match benefit {
            // Given once, and given already.
            Benefit::NoDiscount | Benefit::Gift { .. } | Benefit::BuyGet(_) => false,
            Benefit::Fixed { per: Per::Redemption, .. } => subscription,
            Benefit::Tiers(tiers) => {
                let gives = reached(tiers, &all, &remaining, method.currency);
                subscription || !matches!(gives, Ok(Gives::Fixed { .. }))
            }
            _ => true,
        };
        if !lasts || more == Some(0) {
            continue;
        }
        let touched = match units {
            None => all,
            Some(units) => all.at_most(units, &remaining),
        };
        let shares = price(benefit, &touched, &remaining, method, &mut ());
        remaining.pay(&shares);
        if shares.iter().any(|share| !share.is_zero()) {
            times = least(times, more);
        }
    }
    let total = Amount::sum(remaining.places.iter().map(|place| place.left));
    Some(Later { subtotal: payment.subtotal, discount: payment.subtotal.minus_or_zero(total), total, times })
}

/// On how many later payments the terms act; `None` for all.
fn more(terms: &Terms, subscription: bool, touched: u32, left: Option<u32>) -> Option<u32> {
    // Only one appointment is the first (R31).
    if !subscription && terms.is_for_first_appointment() {
        return Some(0);
    }
    match (subscription, terms.renewals, terms.series) {
        (true, Renewals::First(count), _) => Some(count.saturating_sub(1)),
        (true, Renewals::Forever, _) => None,
        // Later dates count as occurrences (R38).
        (false, _, Series::First(count)) => least(Some(count.saturating_sub(touched)), left),
        (false, _, Series::Each) => left,
    }
}

/// The smaller of two numbers, of which `None` is larger than any.
fn least(one: Option<u32>, two: Option<u32>) -> Option<u32> {
    match (one, two) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    }
}
