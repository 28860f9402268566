//! What came of each step.

use alloc::{string::String, vec::Vec};
use core::fmt;
use serde::{Serialize, Serializer};

use crate::invoice::{Finalized, NotEdited, Priced};
use crate::money::Amount;
use crate::quote::{Allocation, Decision};
use crate::redemption::State;
use crate::redemption::change::{NotChanged, Replacement};
use crate::redemption::reversal::{Counts, NotReversed, Reversal};
use crate::reward::{self, Balance};
use crate::settlement::{Settlement, Unsettled};
use crate::subscription::{Charge, Outlook};

/// What came of a step, named by its only key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// The order is settled.
    Settled(Settlement),
    /// The rules hold from now on.
    Noted {},
    /// The account after the step.
    Account(Account),
    /// Credit was spent.
    Spent(Spent),
    /// What the visitor is told of renewals.
    Subscribed(Outlook),
    /// A renewal was charged.
    Renewed(Charge),
    /// Where the redemption stands.
    Redemption(Redemption),
    /// Parts were taken back.
    Reversed(Reversed),
    /// The code was changed.
    Changed(Changed),
    /// What a newcomer would get.
    Asked(Asked),
    /// The draft as it is now.
    Invoice(Priced),
    /// The invoice as it will stay.
    Finalized(Closed),
    /// Nothing happened.
    Refused(Refused),
}

/// An account after a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Account {
    /// What the step brought.
    #[serde(rename = "earned_minor")]
    pub earned: Amount,
    /// What the customer sees.
    pub balance: Balance,
}

/// Credit that was spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spent {
    /// How much.
    #[serde(rename = "amount_minor")]
    pub amount: Amount,
    /// Where it falls.
    pub allocations: Vec<Allocation>,
    /// What the order costs after it.
    #[serde(rename = "total_minor")]
    pub total: Amount,
    /// What the customer sees.
    pub balance: Balance,
}

/// Where a redemption stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Redemption {
    /// Where.
    pub state: State,
    /// The uses that limits count.
    pub uses: Vec<Counts>,
    /// What the order costs, less what was taken back.
    #[serde(rename = "total_minor")]
    pub total: Amount,
}

/// What was taken back, and where that leaves the redemption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reversed {
    /// Where it stands: reversed with the last part.
    pub state: State,
    /// What was taken back.
    #[serde(flatten)]
    pub reversal: Reversal,
}

/// One redemption in place of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changed {
    /// Both.
    #[serde(flatten)]
    pub replacement: Replacement,
    /// What became of each code of the second.
    pub decisions: Vec<Decision>,
}

/// The same cart and codes, asked anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Asked {
    /// What the cart costs.
    #[serde(rename = "total_minor")]
    pub total: Amount,
    /// What becomes of each code.
    pub decisions: Vec<Decision>,
}

/// A closed invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Closed {
    /// What it says.
    #[serde(flatten)]
    pub invoice: Finalized,
    /// Where the redemption of the order's code stands; `None` when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redemption: Option<State>,
}

/// Why a step was not taken: the code of whoever refused it, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// By the settlement.
    Settlement(Unsettled),
    /// By the rules of credit or the account.
    Credit(reward::Refusal),
    /// By what is recorded.
    Reversal(NotReversed),
    /// By who asked.
    Change(NotChanged),
    /// By the invoice.
    Invoice(NotEdited),
    /// By the order of steps.
    OutOfTurn(OutOfTurn),
}

/// Why a step cannot come now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum OutOfTurn {
    /// What it is about is not there: no redemption, no invoice, no subscription, no rules.
    NothingToDoThisTo,
    /// The redemption is over, or confirmed already.
    TooLate,
    /// The invoice is finalized: nothing in it changes.
    Finalized,
    /// A code does not apply.
    NotApplied {
        /// What became of it.
        decisions: Vec<Decision>,
    },
}

impl fmt::Display for OutOfTurn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NothingToDoThisTo => "There is nothing yet to which this could be done.",
            Self::TooLate => "This booking is confirmed, given up or taken back already.",
            Self::Finalized => "This invoice is finalized.",
            Self::NotApplied { .. } => "This code does not apply.",
        })
    }
}

impl Serialize for Refused {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Explained<'a, T> {
            #[serde(flatten)]
            refusal: &'a T,
            message: String,
        }
        fn explain<T: Serialize + fmt::Display, S: Serializer>(refusal: &T, serializer: S) -> Result<S::Ok, S::Error> {
            Explained { refusal, message: alloc::format!("{refusal}") }.serialize(serializer)
        }
        match self {
            Self::Settlement(refusal) => explain(refusal, serializer),
            Self::Credit(refusal) => explain(refusal, serializer),
            Self::Reversal(refusal) => explain(refusal, serializer),
            Self::Change(refusal) => explain(refusal, serializer),
            Self::Invoice(refusal) => explain(refusal, serializer),
            Self::OutOfTurn(refusal) => explain(refusal, serializer),
        }
    }
}

macro_rules! refused_by {
    ($($variant:ident($refusal:ty)),* $(,)?) => {$(
        impl From<$refusal> for Refused {
            fn from(refusal: $refusal) -> Self {
                Self::$variant(refusal)
            }
        }
    )*};
}
refused_by!(
    Settlement(Unsettled),
    Credit(reward::Refusal),
    Reversal(NotReversed),
    Change(NotChanged),
    Invoice(NotEdited),
    OutOfTurn(OutOfTurn),
);
