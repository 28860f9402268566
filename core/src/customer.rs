//! What is known of the customer (R47, R69).

use serde::{Deserialize, Serialize};

use crate::canonical::canonical_enum;

/// How sure it is that the customer is who they say (R69).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// Typed by the visitor.
    Claimed,
    /// Signed by the host, or given by a staff key.
    Asserted,
}
canonical_enum!(Identity { 0 => Claimed, 1 => Asserted });
