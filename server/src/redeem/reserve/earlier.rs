//! What became of a request before (R56): a retry is told, however late it comes.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::json;
use tearoff_core::redemption::State;

use super::{Reservation, Reserved, marks};
use crate::problem::Problem;
use crate::store::{FirstAnswer, KeyKind, Redemption, StoreError, Stored, Write};

/// What became of this request before, by its key or by its order; or that its key or its order are another request's.
pub(super) fn earlier(
    store: &dyn Write,
    asked: &Reservation,
    now: DateTime<Utc>,
) -> Stored<Option<Result<Reserved, Problem>>> {
    if let Some(answered) = asked.repeatable().earlier(store, now)? {
        return match answered {
            Ok(first) => replay(store, asked, first).map(|same| Some(Ok(same))),
            Err(problem) => Ok(Some(Err(problem))),
        };
    }
    let existing = store.find_order(asked.site, asked.mode, asked.caller, &asked.order)?;
    Ok(existing.map(|existing| {
        let is_same = existing.fingerprint == asked.fingerprint;
        if is_same { Ok(Reserved::Existing(existing)) } else { Err(order_taken(asked.caller, &existing, now)) }
    }))
}

/// What was answered before, told again.
pub(super) fn replay(store: &dyn Write, asked: &Reservation, first: FirstAnswer) -> Stored<Reserved> {
    match first {
        FirstAnswer::Told { status, body } if status < 300 => Ok(Reserved::Found(body)),
        FirstAnswer::Told { status, body } => Ok(Reserved::Refused { status, body, replayed: true }),
        FirstAnswer::Recorded { redemption, state } => {
            let found = store.redemption(asked.site, redemption)?;
            let found = found.ok_or_else(|| StoreError::Inconsistent("an answer's redemption".into()))?;
            Ok(Reserved::Replayed(as_it_began(found, state)))
        }
    }
}

/// A redemption as it stood when it was recorded.
fn as_it_began(now: Redemption, state: State) -> Redemption {
    let (placed, confirmed) = marks(state, now.reserved_at);
    Redemption {
        state,
        placed_at: placed,
        confirmed_at: confirmed,
        released_at: None,
        reversed_at: None,
        replaced_by: None,
        ..now
    }
}

/// The host is told which redemption its order has, and what to do about it; a page may be a stranger's, and is told of none. A
/// reference is for ever (R56), also where the redemption is over: a late retry must find it.
fn order_taken(caller: KeyKind, existing: &Redemption, now: DateTime<Utc>) -> Problem {
    let problem = Problem::new(StatusCode::CONFLICT, "order_already_redeemed", "this order has a redemption already");
    if caller == KeyKind::Publishable {
        return problem;
    }
    let state = existing.state_at(now);
    let detail = match state {
        State::Released | State::Reversed => {
            "it is over, and the order keeps it: redeem the order under another reference"
        }
        State::Expired => "its hold has ended: place it or confirm it, or redeem the order under another reference",
        State::Confirmed => {
            "it is confirmed, and cannot be released: redeem another cart or other codes under another reference"
        }
        State::Reserved | State::Placed => {
            "release it, and redeem the order under another reference, to redeem another cart or other codes"
        }
    };
    problem.detail(detail).with("redemption", json!(existing.id)).with("state", json!(state))
}
