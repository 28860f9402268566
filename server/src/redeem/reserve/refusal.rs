//! Why an order is not redeemed: who asks may not, or what is asked does not hold.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tearoff_core::ENGINE;
use tearoff_core::cart::PriceSource;
use tearoff_core::digest::Digests;
use tearoff_core::policy::ConfirmOn;
use tearoff_core::quote::{Decision, Quote};
use tearoff_core::reason::Reason;

use super::Reservation;
use crate::limiter::TooMany;
use crate::problem::Problem;
use crate::store::{KeyKind, SiteRecord};

/// A page may redeem only where the site lets its tag do it, and then only whole: an unplaced hold would be anybody's to park (R55).
pub(super) fn forbidden(site: &SiteRecord, asked: &Reservation) -> Option<Problem> {
    let policy = &site.policy;
    let lets_tag = policy.tag_redeems && policy.confirm_on == ConfirmOn::Placed && policy.prices != PriceSource::Caller;
    match asked.caller {
        KeyKind::Secret => None,
        // Without a code there is nothing to record; a page could only use up the host's order references.
        KeyKind::Publishable if lets_tag && asked.place && !asked.codes.is_empty() => None,
        KeyKind::Publishable => {
            Some(Problem::new(StatusCode::FORBIDDEN, "secret_key_needed", "this needs the site's secret key").detail(
                "a publishable key may redeem only where the site's policy has `tag_redeems`, with a code and with `place` true",
            ))
        }
    }
}

/// Whoever asks, or whoever they ask for, has redeemed as often as a page may in a while (R55).
pub(super) fn too_often(barred: TooMany) -> Problem {
    let title = "too many orders from this address or for this customer";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_redemptions", title).retry_after(barred.retry_after_seconds)
}

/// Why this quote cannot be redeemed: a code that does not apply, or a total that the visitor has not seen.
pub(super) fn refusal(quote: &Quote, digests: &Digests, asked: &Reservation) -> Option<Problem> {
    if let Some(refused) = quote.decisions.iter().find(|decision| decision.code.is_some() && !decision.is_applied()) {
        return Some(not_applied(refused, quote, digests));
    }
    if quote.total != asked.seen.total {
        let title = "the total is not the one that was seen";
        let problem = Problem::new(StatusCode::CONFLICT, "quote_changed", title);
        return Some(with_quote(problem, quote, digests));
    }
    if let Some(what) = asked.seen.differs(digests) {
        tracing::warn!(site = asked.site.0, what, "page and server agree on the total but not on how it came about");
    }
    None
}

fn not_applied(refused: &Decision, quote: &Quote, digests: &Digests) -> Problem {
    let shown = serde_json::to_value(refused).unwrap_or_default();
    let reasons = shown.get("reasons").cloned().unwrap_or_default();
    let first = reasons.get(0).and_then(|reason| reason.get("code")).and_then(Value::as_str).unwrap_or("rejected");
    let problem = Problem::new(StatusCode::CONFLICT, first, "a code does not apply");
    let message = refused.reasons().first().map(Reason::message).unwrap_or_default();
    with_quote(problem.detail(message).with("reasons", reasons), quote, digests)
}

fn with_quote(problem: Problem, quote: &Quote, digests: &Digests) -> Problem {
    problem.with("engine", ENGINE.into()).with("quote", json!(quote)).with("digests", json!(digests))
}
