//! `/v1/redemptions`: the records of orders and their decisions.

pub(super) mod create;
pub(super) mod list;
mod request;
pub(super) mod show;
pub(super) mod steps;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tearoff_core::canonical::Canonical;
use tearoff_core::digest::Digests;
use tearoff_core::money::{Amount, Currency};
use tearoff_core::quote::Quote;
use tearoff_core::redemption::State;
use utoipa::ToSchema;

use super::answer::{instant, optional_instant};
use super::openapi;
use crate::ids::RedemptionId;
use crate::problem::Problem;
use crate::redeem::Failed;
use crate::store::{KeyKind, Redemption, StoreError};

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
    fn at(redemption: Redemption, now: DateTime<Utc>) -> Self {
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
        }
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
