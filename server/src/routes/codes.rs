//! `/v1/promotions/{id}/codes`: the codes that unlock a promotion (R7 to R11). Codes are bearer secrets: they stand in bodies, never in
//! addresses.

pub(super) mod add;
pub(super) mod generate;
pub(super) mod list;
pub(super) mod remove;

use axum::http::StatusCode;
use tearoff_core::invalid::{Fault, InvalidField};

use super::promotions::find;
use super::site_now;
use std::sync::Arc;

use crate::problem::Problem;
use crate::store::{PromotionRecord, Read, SiteNumber, SiteRecord, Stored};

/// Codes written or deleted in one piece of work: others who write are kept waiting no longer than that takes.
const AT_ONCE: usize = 1000;

/// A promotion with its site, as both are in this transaction.
fn promotion(
    read: &dyn Read,
    site: SiteNumber,
    id: &str,
) -> Stored<Result<(Arc<SiteRecord>, PromotionRecord), Problem>> {
    let Some(record) = find(read, site, id)? else { return Ok(Err(Problem::not_found("promotion"))) };
    Ok(Ok((site_now(read, site)?, record)))
}

/// The same for one that codes can be added to.
fn unlocked(
    read: &dyn Read,
    site: SiteNumber,
    id: &str,
) -> Stored<Result<(Arc<SiteRecord>, PromotionRecord), Problem>> {
    Ok(promotion(read, site, id)?.and_then(|(site, record)| {
        if record.promotion.terms.needs_code { Ok((site, record)) } else { Err(acts_without()) }
    }))
}

fn acts_without() -> Problem {
    let message = "must be empty: this promotion acts without a code";
    let fault = InvalidField { field: "codes".into(), code: Fault::Contradiction, message: message.into() };
    Problem::new(StatusCode::CONFLICT, "acts_without_code", "this promotion acts without a code")
        .with("errors", serde_json::json!([fault]))
}
