//! What came to an account, and what its entries have made of it.

use alloc::vec::Vec;
use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::{Change, Part};
use crate::canonical::canonical_enum;
use crate::money::Amount;
use crate::reward::Source;

/// Credit that came, and what is left of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Grant {
    /// From where.
    #[serde(flatten)]
    pub source: Source,
    /// What is left of it.
    #[serde(rename = "left_minor")]
    pub left: Amount,
    /// Whether it can be spent.
    #[serde(flatten)]
    pub standing: Standing,
}

/// Whether credit can be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Standing {
    /// Once a cash or transfer payment is confirmed (R53). Of loyalty only.
    Verifying,
    /// Once a friend's order is paid (R52). Of referral only.
    Pending,
    /// Now.
    Available {
        /// The first instant at which it cannot be spent any more; `None` for never.
        #[serde(serialize_with = "instant", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::UtcText>"))]
        expires_at: Option<DateTime<Utc>>,
    },
}
canonical_enum!(Standing { 0 => Verifying, 1 => Pending, 2 => Available { expires_at } });

impl Standing {
    /// Whether something must happen before it can be spent.
    #[must_use]
    pub const fn awaits(&self) -> bool {
        matches!(self, Self::Verifying | Self::Pending)
    }

    /// Whether credit of that source can begin so.
    const fn fits(&self, source: &Source) -> bool {
        matches!(
            (self, source),
            (Self::Verifying, Source::Loyalty { .. })
                | (Self::Pending, Source::Referral { .. })
                | (Self::Available { .. }, Source::Loyalty { .. } | Source::ByHand { .. })
        )
    }
}

impl Grant {
    /// Whether its expiry has come.
    #[must_use]
    pub fn has_expired(&self, at: DateTime<Utc>) -> bool {
        matches!(self.standing, Standing::Available { expires_at: Some(expires_at) } if at >= expires_at)
    }
}

/// What a change makes of the grants; `None`, with nothing changed, when it does not fit them.
pub(super) fn apply(grants: &mut Vec<Grant>, change: &Change) -> Option<()> {
    match change {
        Change::Granted { source, amount, standing } => {
            if amount.is_zero() || !standing.fits(source) {
                return None;
            }
            grants.push(Grant { source: source.clone(), left: *amount, standing: *standing });
        }
        Change::Freed { grant, expires_at } => {
            let grant = find(grants, *grant).filter(|grant| grant.standing.awaits())?;
            grant.standing = Standing::Available { expires_at: *expires_at };
        }
        Change::Withdrawn { grant } => {
            find(grants, *grant).filter(|grant| grant.standing.awaits())?.left = Amount::ZERO;
        }
        Change::Spent { parts, .. } => {
            let mut after = grants.clone();
            for Part { grant, amount } in parts {
                let grant = find(&mut after, *grant).filter(|grant| !grant.standing.awaits())?;
                grant.left = grant.left.minus(*amount).ok()?;
            }
            *grants = after;
        }
        Change::Expired { grant } => {
            find(grants, *grant).filter(|grant| !grant.standing.awaits())?.left = Amount::ZERO;
        }
    }
    Some(())
}

fn find(grants: &mut [Grant], number: u32) -> Option<&mut Grant> {
    grants.get_mut(usize::try_from(number).ok()?)
}

fn instant<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => crate::time::serialize_instant(at, serializer),
        None => serializer.serialize_none(),
    }
}
