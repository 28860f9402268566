//! Lanes that a policy takes away, and the promotions that still name them (R50).

use axum::http::StatusCode;
use serde_json::json;
use tearoff_core::invalid::{Fault, InvalidField};
use tearoff_core::policy::SitePolicyDraft;
use tearoff_core::promotion::Lane;

use crate::problem::Problem;
use crate::store::{Page, Read, SiteRecord, Stored};

/// Most promotions that are named: whoever has more begins with these.
const NAMED_MAX: usize = 100;

/// Why the lanes of a new policy cannot be, if they cannot. Promotions that are switched off count: they may be switched on again.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError).
pub(super) fn in_use(read: &dyn Read, site: &SiteRecord, policy: &SitePolicyDraft) -> Stored<Option<Problem>> {
    const AT_ONCE: u32 = 100;
    let stays = |id: &str| policy.lanes.iter().any(|lane| lane.id == id);
    if site.draft.lanes.iter().all(|lane| stays(&lane.id)) {
        return Ok(None);
    }
    let (mut lanes, mut promotions, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        let page = read.promotions(site.number, Page { after, limit: AT_ONCE })?;
        for record in &page {
            if let Lane::Own(lane) = &record.promotion.terms.lane
                && !stays(lane.as_str())
                && promotions.len() < NAMED_MAX
            {
                promotions.push(record.promotion.terms.promotion.as_str().to_owned());
                lanes.push(format!("`{lane}`"));
            }
        }
        after = page.last().map(|record| record.number);
        if after.is_none() || promotions.len() == NAMED_MAX {
            break;
        }
    }
    lanes.sort_unstable();
    lanes.dedup();
    Ok((!promotions.is_empty()).then(|| problem(&lanes, &promotions)))
}

fn problem(lanes: &[String], promotions: &[String]) -> Problem {
    const SHOWN_MAX: usize = 5;
    let shown = promotions.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>().join(", ");
    let more = if promotions.len() > SHOWN_MAX { " and others" } else { "" };
    let message = format!("must keep {}, in which these act: {shown}{more}", lanes.join(", "));
    let detail = format!("`policy.lanes` {message}");
    let fault = InvalidField { field: "policy.lanes".into(), code: Fault::Contradiction, message: message.into() };
    Problem::new(StatusCode::CONFLICT, "lane_in_use", "promotions act in a lane that the policy would take away")
        .detail(detail)
        .with("errors", json!([fault]))
        .with("promotions", json!(promotions))
}
