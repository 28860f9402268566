//! The life of a redemption (R55): reserved -> placed -> confirmed -> reversed; reserved or placed -> released; reserved -> expired.
//!
//! A [`Recorded`] is what it cost, part by part; [`reversal`] takes parts back (R57), and [`change`] says who may still change the
//! code (R58).

pub mod change;
pub mod record;
pub mod reversal;

pub use record::Recorded;
pub use reversal::{Cause, Restore};

use serde::{Deserialize, Serialize};

use crate::policy::ConfirmOn;

/// Where a redemption stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It holds its uses for a while.
    Reserved,
    /// The order is placed: the hold does not end any more.
    Placed,
    /// It counts as redeemed.
    Confirmed,
    /// It was given up before it was confirmed.
    Released,
    /// Its hold ended before the order was placed.
    Expired,
    /// It was taken back after it was confirmed.
    Reversed,
}

/// What a caller, or the passing of time, asks of a redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The order is placed.
    Place,
    /// The order is paid, or its invoice finalized: whatever the site's policy waits for.
    Confirm,
    /// The order will not come about.
    Release,
    /// The hold has ended.
    Expire,
}

/// What a change of state does to the uses that limits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uses {
    /// Nothing.
    Stay,
    /// They are taken (again), which a limit may forbid.
    Take,
    /// They are given back.
    GiveBack,
}

/// A step that cannot be taken any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLate;

impl State {
    /// The state in which a redemption begins.
    #[must_use]
    pub const fn first(place: bool, confirm_on: ConfirmOn) -> Self {
        if place { Self::once_placed(confirm_on) } else { Self::Reserved }
    }

    /// Whether its uses count against limits: those that are only reserved do as well (R55).
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Reserved | Self::Placed | Self::Confirmed)
    }

    /// The state after a step; the same state where the step has been taken already, so that a retry is harmless.
    ///
    /// An expired redemption can still be placed or confirmed: that takes its uses again, if the limits bear it.
    ///
    /// # Errors
    /// [`TooLate`] when the redemption is released or reversed, or is to be released after it was confirmed.
    pub const fn after(self, step: Step, confirm_on: ConfirmOn) -> Result<Self, TooLate> {
        match (step, self) {
            (Step::Place, Self::Reserved | Self::Expired) => Ok(Self::once_placed(confirm_on)),
            (Step::Confirm, Self::Reserved | Self::Placed | Self::Expired) => Ok(Self::Confirmed),
            (Step::Release, Self::Reserved | Self::Placed | Self::Expired) => Ok(Self::Released),
            (Step::Expire, Self::Reserved) => Ok(Self::Expired),
            (Step::Place, Self::Placed | Self::Confirmed)
            | (Step::Confirm, Self::Confirmed)
            | (Step::Release, Self::Released)
            | (Step::Expire, _) => Ok(self),
            (Step::Place | Step::Confirm, Self::Released | Self::Reversed)
            | (Step::Release, Self::Confirmed | Self::Reversed) => Err(TooLate),
        }
    }

    /// What a change to another state does to the uses.
    #[must_use]
    pub const fn uses_until(self, next: Self) -> Uses {
        match (self.counts(), next.counts()) {
            (true, true) | (false, false) => Uses::Stay,
            (false, true) => Uses::Take,
            (true, false) => Uses::GiveBack,
        }
    }

    /// The state once everything is taken back (R57).
    ///
    /// # Errors
    /// [`TooLate`] unless it is confirmed: what is only held is released, and what is over stays over.
    pub const fn reversed(self) -> Result<Self, TooLate> {
        match self {
            Self::Confirmed => Ok(Self::Reversed),
            Self::Reserved | Self::Placed | Self::Released | Self::Expired | Self::Reversed => Err(TooLate),
        }
    }

    const fn once_placed(confirm_on: ConfirmOn) -> Self {
        match confirm_on {
            ConfirmOn::Placed => Self::Confirmed,
            ConfirmOn::Paid | ConfirmOn::Finalized => Self::Placed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::State::{Confirmed, Expired, Placed, Released, Reserved, Reversed};
    use super::*;

    const ALL: [State; 6] = [Reserved, Placed, Confirmed, Released, Expired, Reversed];

    #[test]
    fn every_step_from_every_state() {
        let table = [
            (Step::Place, [Ok(Placed), Ok(Placed), Ok(Confirmed), Err(TooLate), Ok(Placed), Err(TooLate)]),
            (Step::Confirm, [Ok(Confirmed), Ok(Confirmed), Ok(Confirmed), Err(TooLate), Ok(Confirmed), Err(TooLate)]),
            (Step::Release, [Ok(Released), Ok(Released), Err(TooLate), Ok(Released), Ok(Released), Err(TooLate)]),
            (Step::Expire, [Ok(Expired), Ok(Placed), Ok(Confirmed), Ok(Released), Ok(Expired), Ok(Reversed)]),
        ];
        for (step, wanted) in table {
            for (state, wanted) in ALL.into_iter().zip(wanted) {
                assert_eq!(state.after(step, ConfirmOn::Paid), wanted, "{state:?} {step:?}");
            }
        }
    }

    #[test]
    fn a_step_taken_twice_is_taken_once() {
        for (state, step) in ALL
            .into_iter()
            .flat_map(|state| [Step::Place, Step::Confirm, Step::Release, Step::Expire].map(|step| (state, step)))
        {
            if let Ok(next) = state.after(step, ConfirmOn::Placed) {
                assert_eq!(next.after(step, ConfirmOn::Placed), Ok(next), "{state:?} {step:?}");
            }
        }
    }

    #[test]
    fn only_an_expired_hold_takes_its_uses_again() {
        for (one, next) in ALL.into_iter().flat_map(|one| ALL.map(|next| (one, next))) {
            let reachable = [Step::Place, Step::Confirm, Step::Release, Step::Expire]
                .into_iter()
                .any(|step| one.after(step, ConfirmOn::Finalized) == Ok(next));
            if reachable && one.uses_until(next) == Uses::Take {
                assert_eq!(one, Expired);
            }
        }
        assert_eq!(Placed.uses_until(Released), Uses::GiveBack);
        assert_eq!(Expired.uses_until(Released), Uses::Stay);
    }

    #[test]
    fn only_what_is_confirmed_is_reversed_and_that_gives_its_uses_back() {
        for state in ALL {
            assert_eq!(state.reversed().is_ok(), state == Confirmed, "{state:?}");
        }
        assert_eq!(Confirmed.uses_until(Reversed), Uses::GiveBack);
    }

    #[test]
    fn placing_confirms_where_the_policy_says_so() {
        assert_eq!(State::first(true, ConfirmOn::Placed), Confirmed);
        assert_eq!(State::first(true, ConfirmOn::Paid), Placed);
        assert_eq!(State::first(false, ConfirmOn::Placed), Reserved);
        assert_eq!(Reserved.after(Step::Place, ConfirmOn::Placed), Ok(Confirmed));
    }
}
