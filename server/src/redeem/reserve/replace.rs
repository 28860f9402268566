//! Another redemption in the place of one that is recorded (R58): staff add a code, change it or take it out, in one transaction.

use chrono::{DateTime, Utc};
use tearoff_core::redemption::change::{Actor, NotChanged, check};
use tearoff_core::redemption::{Cause, State};

use super::earlier::replay;
use super::refusal::refusal;
use super::{Reservation, Reserved, establish, record, refused, take_uses};
use crate::establish::Unestablished;
use crate::ids::{Ids, RedemptionId};
use crate::redeem::reverse::{Reversing, reverse};
use crate::redeem::step::promotion;
use crate::store::{FirstAnswer, Redemption, StoreError, Stored, Use, Weighed, Write};

/// What came of a replacement.
#[derive(Debug)]
pub enum Replaced {
    /// What came of the redemption that is to take the place: recorded, refused, or told again.
    By(Box<Reserved>),
    /// The site has no redemption to be replaced.
    NotFound,
    /// It cannot be replaced any more, or not as it stands.
    Refused(NotChanged),
    /// Another engine recorded it.
    OtherEngine,
}

/// Puts what is asked in the place of the redemption `first`, where that stands: its uses are given back before, so that the last use of a
/// code can be kept. The order is the second one's then. The answer to a success is the caller's to keep: it is not told again from the
/// redemption, whose times are the first one's.
///
/// # Errors
/// [`StoreError`]: nothing is changed.
pub fn replace(
    store: &dyn Write,
    ids: &dyn Ids,
    now: DateTime<Utc>,
    first: RedemptionId,
    asked: &Reservation,
) -> Stored<Replaced> {
    if let Some(answered) = asked.repeatable().earlier(store, now)? {
        return match answered {
            Ok(first) => replay(store, asked, first).map(by),
            Err(problem) => Ok(by(Reserved::Problem(problem))),
        };
    }
    let found = store.redemption(asked.site, first)?.filter(|found| found.mode == asked.mode);
    let Some(first) = found else { return Ok(Replaced::NotFound) };
    let partly = if first.recorded.is_some() { Err(NotChanged::PartlyReversed) } else { Ok(()) };
    if let Err(refusal) = check(Actor::Staff, first.state_at(now)).and(partly) {
        return Ok(Replaced::Refused(refusal));
    }
    let mut told = None;
    store.attempt(&mut || {
        let second = put(store, ids, now, &first, asked)?;
        let done = matches!(&second, Replaced::By(second) if matches!(**second, Reserved::New(_)));
        told = Some(second);
        Ok(done)
    })?;
    let told = told.ok_or_else(|| StoreError::Inconsistent("a replacement without an outcome".into()))?;
    if let Replaced::By(second) = &told
        && let Reserved::Refused { status, body, .. } = &**second
    {
        // Kept outside of what was undone.
        asked.repeatable().keep(store, now, FirstAnswer::Told { status: *status, body: body.clone() })?;
    }
    Ok(told)
}

fn by(reserved: Reserved) -> Replaced {
    Replaced::By(Box::new(reserved))
}

fn put(
    store: &dyn Write,
    ids: &dyn Ids,
    now: DateTime<Utc>,
    first: &Redemption,
    asked: &Reservation,
) -> Stored<Replaced> {
    let site = store.site(asked.site)?.ok_or_else(|| StoreError::Inconsistent("a key's site".into()))?;
    let Some(mut over) = end(store, now, first)? else { return Ok(Replaced::OtherEngine) };
    let question = match establish(store, &site, now, asked, None) {
        Ok(question) => question,
        Err(Unestablished::Store(error)) => return Err(error),
        Err(error) => return Ok(by(Reserved::Problem(error.into()))),
    };
    let (quote, digests) = question.decide();
    if let Some(problem) = refusal(&quote, &digests, asked) {
        return Ok(by(refused(&problem)));
    }
    let second = Redemption {
        order: first.order.clone(),
        reserved_by: first.reserved_by,
        state: first.state,
        expires_at: first.expires_at,
        placed_at: first.placed_at,
        confirmed_at: first.confirmed_at,
        ..record(ids, &site, now, asked, &question, &quote, digests)?
    };
    if !take_uses(store, &question, &second)? {
        return Err(StoreError::Inconsistent("a limit is reached that evaluation did not see".into()));
    }
    over.replaced_by = Some(second.id);
    store.set_state(&over)?;
    store.add_redemption(&second)?;
    Ok(by(Reserved::New(second)))
}

/// Ends the first one: what was confirmed is taken back whole, what was only held is released. `None` where another engine recorded it.
fn end(store: &dyn Write, now: DateTime<Utc>, first: &Redemption) -> Stored<Option<Redemption>> {
    if first.state == State::Confirmed {
        return match reverse(store, now, (first.site, first.mode), first.id, &[], Cause::Replaced)? {
            Reversing::Done(over, _) => Ok(Some(*over)),
            Reversing::OtherEngine => Ok(None),
            Reversing::NotFound | Reversing::Refused(_) => {
                Err(StoreError::Inconsistent("a confirmed redemption cannot be taken back".into()))
            }
        };
    }
    for used in &first.uses {
        let record = promotion(store, used)?;
        store.give_back_use(used.promotion, &record.promotion.limits, &Weighed::of(first, used), 0)?;
    }
    let uses: Vec<Use> = first.uses.iter().map(|used| Use { occurrences: 0, ..used.clone() }).collect();
    let over = Redemption { state: State::Released, released_at: Some(now), uses, ..first.clone() };
    store.set_left(&over)?;
    // It is no order any more when the second one is looked at.
    store.set_state(&over)?;
    Ok(Some(over))
}
