//! What an owner is told of a promotion that is fine in itself, and will not do what they think (R67).

use chrono::{DateTime, Utc};
use tearoff_core::audit::{Audited, Finding, What, audit};
use tearoff_core::cart::PriceSource;
use tearoff_core::catalog::{Catalog, CatalogItem};

use crate::store::{PromotionRecord, Read, SiteRecord, Stored};

/// What an audit finds about a promotion as it is now: all that may be a mistake. What it may cost, and that it is switched off, its
/// owner knows.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError).
pub fn warnings(
    read: &dyn Read,
    site: &SiteRecord,
    record: &PromotionRecord,
    now: DateTime<Utc>,
) -> Stored<Vec<Finding>> {
    // Where carts bring their own items, the catalog does not say what there is.
    let catalog = match site.policy.prices {
        PriceSource::Catalog => Some(catalog(read, site)?),
        _ => None,
    };
    let codes = read.codes(record.number, 1)?.len() as u64;
    let audited = Audited { promotion: &record.promotion, active: record.active, codes };
    let mut found = audit(&[audited], &site.policy, catalog.as_ref(), now);
    found.retain(|finding| !matches!(finding.what, What::WorstCaseCost { .. } | What::Inactive));
    Ok(found)
}

fn catalog(read: &dyn Read, site: &SiteRecord) -> Stored<Catalog> {
    let items = read.catalog(site.number)?;
    Ok(Catalog::new(items.iter().filter_map(|item| CatalogItem::parse(item, "").ok()).collect()))
}
