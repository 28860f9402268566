//! How often a promotion may be used (R41 to R44).

use crate::canonical::{canonical_enum, canonical_struct};

/// Most uses a limit can state.
pub const MAX: u32 = 1_000_000_000;

/// One limit of a promotion, counted in redemptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What has a count of its own.
    pub per: LimitPer,
    /// How many redemptions, 1 to 10^9.
    pub max: u32,
}
canonical_struct!(Limit { per, max });

/// What has a count of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitPer {
    /// The promotion, over all its codes and customers (R42).
    Promotion,
    /// Each customer (R43), by every identity known of them (R47).
    Customer,
}
canonical_enum!(LimitPer { 0 => Promotion, 1 => Customer });
