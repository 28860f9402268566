//! What happens to a redemption after it is reserved (R55): core's state machine, with the counters kept in step.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tearoff_core::policy::ConfirmOn;
use tearoff_core::redemption::{State, Step, TooLate, Uses};

use crate::ids::RedemptionId;
use crate::store::{
    Mode, PromotionRecord, Read, Redemption, SiteNumber, StoreError, Stored, Taken, Use, Weighed, Write,
};

/// What came of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Stepped {
    /// The redemption stands so now; perhaps it did before.
    Done(Box<Redemption>),
    /// The site has no such redemption.
    NotFound,
    /// The step cannot be taken from where it stands.
    TooLate(State),
    /// Its hold has ended, and meanwhile others have used what was left.
    HoldExpired,
}

/// Takes a step, within the writer's transaction.
///
/// # Errors
/// [`StoreError`]: nothing is changed.
pub fn step(
    store: &dyn Write,
    now: DateTime<Utc>,
    (site, mode): (SiteNumber, Mode),
    id: RedemptionId,
    step: Step,
) -> Stored<Stepped> {
    let found = store.redemption(site, id)?.filter(|found| found.mode == mode);
    let Some(redemption) = found else { return Ok(Stepped::NotFound) };
    let site = store.site(site)?.ok_or_else(|| StoreError::Inconsistent("a redemption's site".into()))?;
    advance(store, now, redemption, step, site.policy.confirm_on)
}

fn advance(
    store: &dyn Write,
    now: DateTime<Utc>,
    redemption: Redemption,
    step: Step,
    confirm_on: ConfirmOn,
) -> Stored<Stepped> {
    let next = match redemption.state.after(step, confirm_on) {
        Ok(next) if next == redemption.state => return Ok(Stepped::Done(Box::new(redemption))),
        Ok(next) => next,
        Err(TooLate) => return Ok(Stepped::TooLate(redemption.state)),
    };
    match redemption.state.uses_until(next) {
        Uses::Stay => {}
        Uses::GiveBack => give_back(store, &redemption)?,
        Uses::Take => {
            if !store.attempt(&mut || take_again(store, &redemption))? {
                return Ok(Stepped::HoldExpired);
            }
        }
    }
    let moved = at(redemption, next, now);
    store.set_state(&moved)?;
    Ok(Stepped::Done(Box::new(moved)))
}

/// The redemption in its next state, with the times that go with it. What is confirmed without having been placed is placed then.
fn at(redemption: Redemption, next: State, now: DateTime<Utc>) -> Redemption {
    let placed = matches!(next, State::Placed | State::Confirmed);
    Redemption {
        state: next,
        placed_at: redemption.placed_at.or(placed.then_some(now)),
        confirmed_at: redemption.confirmed_at.or((next == State::Confirmed).then_some(now)),
        released_at: redemption.released_at.or((next == State::Released).then_some(now)),
        ..redemption
    }
}

fn give_back(store: &dyn Write, redemption: &Redemption) -> Stored<()> {
    for used in &redemption.uses {
        let record = promotion(store, used)?;
        store.give_back_use(used.promotion, &record.promotion.limits, &Weighed::of(redemption, used), 0)?;
    }
    Ok(())
}

/// Takes an expired redemption's uses again, under the limits of today. Neither an edit nor a switched-off promotion stands in the
/// way: only a limit does.
fn take_again(store: &dyn Write, redemption: &Redemption) -> Stored<bool> {
    for used in &redemption.uses {
        let record = promotion(store, used)?;
        if store.take_use(used.promotion, &record.promotion.limits, &Weighed::of(redemption, used))?
            == Taken::LimitReached
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A use's promotion as it is today, with its limits.
pub(super) fn promotion(read: &dyn Read, used: &Use) -> Stored<Arc<PromotionRecord>> {
    read.promotion(used.promotion)?.ok_or_else(|| StoreError::Inconsistent("a use's promotion".into()))
}

/// Ends every hold whose time is over; tells how many it looked at. One that cannot be read is set aside: it keeps its uses, and the others
/// end all the same.
///
/// Holds that another server has ended a moment ago may still be among those that are found. Where nothing else is, the next sweep looks again.
///
/// # Errors
/// [`StoreError`]: none is ended.
pub fn expire_holds(store: &dyn Write, now: DateTime<Utc>) -> Stored<usize> {
    /// Read at once: a bound for memory, not for work.
    const CHUNK: u32 = 500;
    let mut ended = 0_usize;
    loop {
        let holds = store.ended_holds(now, CHUNK)?;
        if holds.is_empty() {
            return Ok(ended);
        }
        ended = ended.saturating_add(holds.len());
        let mut is_news = false;
        for (site, hold) in holds {
            is_news |= expire(store, now, site, hold)?;
        }
        if !is_news {
            return Ok(ended);
        }
    }
}

/// Ends a hold; tells whether it had not been ended.
fn expire(store: &dyn Write, now: DateTime<Utc>, site: SiteNumber, hold: RedemptionId) -> Stored<bool> {
    let mut is_news = true;
    let expired = store.attempt(&mut || {
        let redemption = store.redemption(site, hold)?;
        let redemption = redemption.ok_or_else(|| StoreError::Inconsistent("a hold's site".into()))?;
        is_news = redemption.state == State::Reserved;
        // An expiry does not depend on when the site confirms.
        advance(store, now, redemption, Step::Expire, ConfirmOn::Placed).map(|_| true)
    });
    match expired {
        Err(StoreError::Inconsistent(cause)) => {
            store.set_aside(hold)?;
            tracing::error!(redemption = %hold, cause, "a hold cannot be ended; it is set aside and keeps its uses");
            Ok(true)
        }
        other => other.map(|_| is_news),
    }
}
