//! Taking back what is confirmed, whole or in parts (R57): core says what each part returns and which uses count no more.

use chrono::{DateTime, Utc};
use tearoff_core::ENGINE;
use tearoff_core::canonical::Canonical;
use tearoff_core::cart::Cart;
use tearoff_core::evaluate::Evaluation;
use tearoff_core::facts::Candidate;
use tearoff_core::promotion::{Limit, Most, Unit};
use tearoff_core::quote::Quote;
use tearoff_core::redemption::record::Counted;
use tearoff_core::redemption::reversal::{NotReversed, Part, Reversal};
use tearoff_core::redemption::{Cause, Recorded};

use super::step::promotion;
use crate::ids::RedemptionId;
use crate::replay::{self, Decided};
use crate::store::{Mode, Read, Redemption, Reversed, SiteNumber, StoreError, Stored, Use, Weighed, Write};

/// What came of a reversal.
#[derive(Clone, Debug, PartialEq)]
pub enum Reversing {
    /// It is taken back; how the redemption stands now.
    Done(Box<Redemption>, Reversal),
    /// The site has no such redemption.
    NotFound,
    /// It cannot be taken back, or not so.
    Refused(NotReversed),
    /// Another engine recorded it, and only that one reads what it is made of.
    OtherEngine,
}

/// Takes parts of a redemption back, or all that is left when there are none, within the writer's transaction.
///
/// # Errors
/// [`StoreError`]: nothing is changed.
pub fn reverse(
    store: &dyn Write,
    now: DateTime<Utc>,
    (site, mode): (SiteNumber, Mode),
    id: RedemptionId,
    parts: &[Part],
    cause: Cause,
) -> Stored<Reversing> {
    let found = store.redemption(site, id)?.filter(|found| found.mode == mode);
    let Some(mut redemption) = found else { return Ok(Reversing::NotFound) };
    let site = store.site(site)?.ok_or_else(|| StoreError::Inconsistent("a redemption's site".into()))?;
    let Some(mut left) = left(store, &redemption)? else { return Ok(Reversing::OtherEngine) };
    let reversal = match left.reverse(redemption.state_at(now), parts, cause, site.policy.restore, now) {
        Ok(reversal) => reversal,
        Err(refusal) => return Ok(Reversing::Refused(refusal)),
    };
    give_back(store, &mut redemption, &reversal)?;
    redemption.recorded = Some(left.to_bytes());
    store.set_left(&redemption)?;
    // Before the state: whether an order stands that is over depends on the cause.
    store.add_reversal(redemption.id, &Reversed { at: now, reversal: reversal.clone() })?;
    if reversal.complete {
        redemption.state = redemption.state.reversed().unwrap_or(redemption.state);
        redemption.reversed_at = Some(now);
        store.set_state(&redemption)?;
    }
    Ok(Reversing::Done(Box::new(redemption), reversal))
}

/// What is left of a redemption: as it was kept when a part was taken back, or all of it. `None` where another engine wrote it.
///
/// # Errors
/// [`StoreError`].
pub fn left(read: &dyn Read, redemption: &Redemption) -> Stored<Option<Recorded>> {
    if redemption.engine != ENGINE {
        return Ok(None);
    }
    let unreadable = |what: &str| StoreError::Inconsistent(format!("a redemption's {what}"));
    if let Some(bytes) = &redemption.recorded {
        return Recorded::from_bytes(bytes).map(Some).map_err(|_| unreadable("record"));
    }
    let cart = Cart::from_bytes(&redemption.cart).map_err(|_| unreadable("cart"))?;
    let (facts, decided) = replay::facts(&redemption.facts).ok_or_else(|| unreadable("facts"))?;
    let quote = Quote::from_bytes(&redemption.result).map_err(|_| unreadable("result"))?;
    let used: Vec<_> = redemption.uses.iter().map(|used| promotion(read, used)).collect::<Stored<_>>()?;
    let counted = |id: &_| {
        let of_it = used.iter().find(|record| record.promotion.terms.promotion == *id);
        counted(of_it.map_or(&[], |record| record.promotion.limits.as_slice()))
    };
    let candidates = effectless(read, redemption, decided)?;
    let asked = Evaluation { candidates: &candidates, cart: &cart, facts: &facts };
    Ok(Some(Recorded::of(&asked, &quote, counted)))
}

/// What was used and took nothing off, as it stood when it was decided on: no share of a price says what that acted on.
fn effectless(read: &dyn Read, redemption: &Redemption, decided: Vec<Decided>) -> Stored<Vec<Candidate>> {
    let mut candidates = Vec::new();
    for used in redemption.uses.iter().filter(|used| used.discount.is_zero()) {
        let version = read.terms_version(used.promotion, used.version)?;
        let terms = version.ok_or_else(|| StoreError::Inconsistent("a use's terms".into()))?.terms;
        let state = decided.iter().find(|decided| decided.promotion == terms.promotion);
        let state = state.ok_or_else(|| StoreError::Inconsistent("the state of a promotion that was used".into()))?;
        candidates.push(Candidate { terms, state: state.state.clone() });
    }
    Ok(candidates)
}

/// What the uses of a promotion with these limits count as: where any limit counts occurrences each returns with its own.
fn counted(limits: &[Limit]) -> Counted {
    let by_occurrence = |limit: &Limit| matches!(limit.most, Most::Uses { unit: Unit::Occurrences, .. });
    if limits.iter().any(by_occurrence) { Counted::Occurrence } else { Counted::Redemption }
}

/// Gives back the uses that count no more.
fn give_back(store: &dyn Write, redemption: &mut Redemption, reversal: &Reversal) -> Stored<()> {
    let mut lessened = Vec::with_capacity(redemption.uses.len());
    for used in &redemption.uses {
        let promotion = &promotion(store, used)?.promotion;
        let of_it = reversal.given_back.iter().find(|counts| counts.promotion == promotion.terms.promotion);
        let left = match of_it.map(|counts| (counts.counted, counts.count)) {
            None => used.occurrences,
            Some((Counted::Redemption, _)) => 0,
            Some((Counted::Occurrence, count)) => used.occurrences.saturating_sub(count),
        };
        store.give_back_use(used.promotion, &promotion.limits, &Weighed::of(redemption, used), left)?;
        lessened.push(Use { occurrences: left, ..used.clone() });
    }
    redemption.uses = lessened;
    Ok(())
}
