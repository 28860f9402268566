//! `/v1/redemptions`: the records of orders and their decisions.

pub(super) mod create;
pub(super) mod list;
pub(super) mod replace;
mod request;
pub(super) mod reverse;
pub(super) mod show;
pub(super) mod steps;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tearoff_core::canonical::Canonical;
use tearoff_core::digest::Digests;
use tearoff_core::money::{Amount, Currency};
use tearoff_core::quote::Quote;
use tearoff_core::redemption::reversal::{Counts, Returned, Reversal};
use tearoff_core::redemption::{Cause, Recorded, State};
use utoipa::ToSchema;

use super::answer::{instant, optional_instant};
use super::openapi;
use crate::ids::RedemptionId;
use crate::problem::Problem;
use crate::redeem::{Failed, left};
use crate::store::{KeyKind, Read, Redemption, Reversed, StoreError, Stored};

/// The record of one order's whole decision.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RedemptionAnswer {
    /// Its id: `red_` and a UUID.
    #[schema(value_type = String)]
    id: RedemptionId,
    /// Where it stands.
    #[schema(value_type = openapi::State)]
    state: State,
    /// The caller's reference for the order.
    order: String,
    /// Who reserved it, with which kind of key. An order reference is unique for ever among those of one of them.
    reserved_by: ReservedBy,
    /// The currency of its amounts, ISO 4217.
    #[schema(value_type = String)]
    currency: Currency,
    /// What the cart cost before discounts.
    #[schema(value_type = i64)]
    subtotal_minor: Amount,
    /// What was taken off.
    #[schema(value_type = i64)]
    discount_minor: Amount,
    /// What the cart cost after discounts.
    #[schema(value_type = i64)]
    total_minor: Amount,
    /// The quote that was recorded. Null when another engine wrote it.
    #[schema(value_type = Option<openapi::Quote>)]
    quote: Option<Quote>,
    /// The digests of the evaluation.
    #[schema(value_type = openapi::Digests)]
    digests: Digests,
    /// The engine that decided.
    engine: u32,
    /// When it was reserved.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    reserved_at: DateTime<Utc>,
    /// When its hold ends, or ended; null once the order is placed or given up.
    #[serde(serialize_with = "optional_instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<DateTime<Utc>>,
    /// When the order was placed.
    #[serde(serialize_with = "optional_instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    placed_at: Option<DateTime<Utc>>,
    /// When it was confirmed.
    #[serde(serialize_with = "optional_instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    confirmed_at: Option<DateTime<Utc>>,
    /// When it was released.
    #[serde(serialize_with = "optional_instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    released_at: Option<DateTime<Utc>>,
    /// When the last of it was taken back.
    #[serde(serialize_with = "optional_instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    reversed_at: Option<DateTime<Utc>>,
    /// The redemption that took its place; the order is that one's then.
    #[schema(value_type = Option<String>)]
    replaced_by: Option<RedemptionId>,
    /// What the parts cost that are not taken back; only where one redemption is shown, and not when another engine wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    left_minor: Option<Amount>,
    /// The uses that count, as `left_minor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<openapi::UseCounts>>)]
    uses: Option<Vec<Counts>>,
    /// What was taken back of it, in order; only where one redemption is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    reversals: Option<Vec<ReversalAnswer>>,
}

/// What was taken back at once of a redemption.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReversalAnswer {
    /// When.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    reversed_at: DateTime<Utc>,
    /// Why.
    #[schema(value_type = openapi::Cause)]
    cause: Cause,
    /// Which parts, each with the share that was stored for it.
    #[schema(value_type = Vec<openapi::Returned>)]
    parts: Vec<Returned>,
    /// What was taken off them.
    #[schema(value_type = i64)]
    discount_minor: Amount,
    /// What they cost: what the customer gets back.
    #[schema(value_type = i64)]
    refund_minor: Amount,
    /// The uses that count no more.
    #[schema(value_type = Vec<openapi::UseCounts>)]
    given_back: Vec<Counts>,
    /// Whether nothing is left.
    complete: bool,
}

impl From<Reversed> for ReversalAnswer {
    fn from(Reversed { at, reversal }: Reversed) -> Self {
        let Reversal { cause, parts, discount, refund, given_back, complete } = reversal;
        Self { reversed_at: at, cause, parts, discount_minor: discount, refund_minor: refund, given_back, complete }
    }
}

/// Who reserves.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReservedBy {
    /// A page of the site, with its publishable key.
    Page,
    /// The host's backend, with the site's secret key.
    Host,
}

impl From<KeyKind> for ReservedBy {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Publishable => Self::Page,
            KeyKind::Secret => Self::Host,
        }
    }
}

impl RedemptionAnswer {
    /// The record as it stands at `now`: a hold whose time is over has expired, whether or not that has been written.
    pub(super) fn at(redemption: Redemption, now: DateTime<Utc>) -> Self {
        let state = redemption.state_at(now);
        let quote =
            if redemption.engine == tearoff_core::ENGINE { Quote::from_bytes(&redemption.result).ok() } else { None };
        Self {
            id: redemption.id,
            state,
            order: redemption.order.as_str().to_owned(),
            reserved_by: redemption.reserved_by.into(),
            currency: redemption.currency,
            subtotal_minor: redemption.subtotal,
            discount_minor: redemption.discount,
            total_minor: redemption.total,
            quote,
            digests: redemption.digests,
            engine: redemption.engine,
            reserved_at: redemption.reserved_at,
            expires_at: matches!(state, State::Reserved | State::Expired).then_some(redemption.expires_at),
            placed_at: redemption.placed_at,
            confirmed_at: redemption.confirmed_at,
            released_at: redemption.released_at,
            reversed_at: redemption.reversed_at,
            replaced_by: redemption.replaced_by,
            left_minor: None,
            uses: None,
            reversals: None,
        }
    }

    /// The same with what was taken back of it, and what is left.
    fn whole(read: &dyn Read, redemption: Redemption, now: DateTime<Utc>) -> Stored<Self> {
        let reversals = read.reversals(redemption.id)?.into_iter().map(Into::into).collect();
        let left = left(read, &redemption)?;
        let counts = redemption.state_at(now).counts();
        Ok(Self {
            left_minor: left.as_ref().map(Recorded::left),
            uses: left.map(|left| if counts { left.uses() } else { Vec::new() }),
            reversals: Some(reversals),
            ..Self::at(redemption, now)
        })
    }

    /// The body, the same bytes for the same record.
    fn body(&self) -> Result<Vec<u8>, Problem> {
        serde_json::to_vec(self).map_err(|error| Problem::internal(&error))
    }
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Unavailable(unavailable) => unavailable.into(),
            Failed::Store(error) => StoreError::into(error),
        }
    }
}

/// Reads the id in a route.
fn parse_id(text: &str) -> Result<RedemptionId, Problem> {
    text.parse().map_err(|_| Problem::not_found("redemption"))
}
