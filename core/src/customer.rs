//! What is known of the customer (R29 to R33, R47, R69).

use serde::{Deserialize, Serialize};

use crate::canonical::{canonical_enum, canonical_struct};
use crate::money::Percent;

/// How sure it is that the customer is who they say (R69).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// Typed by the visitor.
    Claimed,
    /// Signed by the host, or given by a staff key.
    Asserted,
}
canonical_enum!(Identity { 0 => Claimed, 1 => Asserted });

/// The customer, reduced to what conditions ask of them: no name, no address, no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Customer {
    /// How sure it is that they are who they say.
    pub identity: Identity,
    /// What the business knows of their past.
    pub history: History,
    /// A discount they have on everything, always (R49). Counts for an asserted identity only.
    pub standing: Option<Percent>,
}
canonical_struct!(Customer { identity, history, standing });

/// A customer's past with this business, guest orders of the same identities included, cancelled ones left out (R29 to R31).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", default, deny_unknown_fields)]
pub struct History {
    /// They are among the business's customers already, whether they ever booked or not.
    pub in_system: bool,
    /// They have placed an order, or hold a reservation.
    pub has_ordered: bool,
    /// They have, or had, an appointment.
    pub has_appointment: bool,
}
canonical_struct!(History { in_system, has_ordered, has_appointment });

impl History {
    /// Whether they have never booked anything (R29).
    #[must_use]
    pub const fn is_new(&self) -> bool {
        !self.has_ordered && !self.has_appointment
    }
}
