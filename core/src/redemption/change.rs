//! Who may change the code of a booking that exists (R58): staff, in one step; a visitor never.

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::State;
use super::record::Recorded;
use super::reversal::Counts;
use crate::money::Amount;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The visitor, by a publishable key.
    Visitor,
    /// Staff, or the host's backend.
    Staff,
}

/// Why the code stays as it is. Codes are for ever: add, never rename.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum NotChanged {
    /// The booking exists, and a visitor can neither change its code nor add one.
    StaffOnly,
    /// It is over.
    TooLate,
    /// Parts of it were taken back: what is left cannot be priced as if nothing had been.
    PartlyReversed,
}

impl fmt::Display for NotChanged {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::StaffOnly => "Only staff can change the code of a booking that exists.",
            Self::TooLate => "This booking has been given up or taken back already.",
            Self::PartlyReversed => "Parts of this booking have been taken back.",
        })
    }
}

/// One redemption in place of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Replacement {
    /// What became of the first: its uses are given back whatever the site's policy, since nothing was cancelled.
    pub first: State,
    /// Where the second stands: where the first stood.
    pub second: State,
    /// The uses that do not count any more.
    pub given_back: Vec<Counts>,
    /// The uses that count instead; limits are checked with the others given back.
    pub taken: Vec<Counts>,
    /// What the first cost.
    #[serde(rename = "before_minor")]
    pub before: Amount,
    /// What the second costs.
    #[serde(rename = "after_minor")]
    pub after: Amount,
}

/// Whether somebody may change the code. A visitor may until the order is placed: a hold is no booking yet.
///
/// # Errors
/// [`NotChanged`].
pub const fn check(actor: Actor, state: State) -> Result<(), NotChanged> {
    match (actor, state) {
        (_, State::Released | State::Expired | State::Reversed) => Err(NotChanged::TooLate),
        (Actor::Visitor, State::Placed | State::Confirmed) => Err(NotChanged::StaffOnly),
        (Actor::Visitor, State::Reserved) | (Actor::Staff, State::Reserved | State::Placed | State::Confirmed) => {
            Ok(())
        }
    }
}

/// Puts `new` in the place of `old`: adds a code, takes it out or changes it, all in one step.
///
/// # Errors
/// [`NotChanged`].
pub fn replace(actor: Actor, state: State, old: &Recorded, new: &Recorded) -> Result<Replacement, NotChanged> {
    check(actor, state)?;
    if old.slots().iter().any(|slot| slot.reversed > 0) {
        return Err(NotChanged::PartlyReversed);
    }
    Ok(Replacement {
        first: state.reversed().unwrap_or(State::Released),
        second: state,
        given_back: old.uses(),
        taken: new.uses(),
        before: old.left(),
        after: new.left(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_change_what() {
        use NotChanged::{StaffOnly, TooLate};
        for (state, visitor, staff) in [
            (State::Reserved, Ok(()), Ok(())),
            (State::Placed, Err(StaffOnly), Ok(())),
            (State::Confirmed, Err(StaffOnly), Ok(())),
            (State::Released, Err(TooLate), Err(TooLate)),
            (State::Expired, Err(TooLate), Err(TooLate)),
            (State::Reversed, Err(TooLate), Err(TooLate)),
        ] {
            assert_eq!(check(Actor::Visitor, state), visitor, "{state:?}");
            assert_eq!(check(Actor::Staff, state), staff, "{state:?}");
        }
    }
}
