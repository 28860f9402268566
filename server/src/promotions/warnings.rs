//! What an owner is told of a promotion that is fine in itself, and will not do what they think (R67).

use chrono::{DateTime, Utc};
use tearoff_core::audit::{Audited, Finding, What, audit};
use tearoff_core::cart::PriceSource;
use tearoff_core::catalog::{Catalog, CatalogItem, CatalogItemDraft};
use tearoff_core::policy::SitePolicy;

use crate::store::{Page, PromotionRecord, Read, SiteNumber, SiteRecord, Stored};

/// What a site's promotions are held against.
#[derive(Debug)]
pub struct Surroundings {
    policy: SitePolicy,
    catalog: Option<Catalog>,
}

impl Surroundings {
    /// A policy, and what is sold.
    #[must_use]
    pub fn new(policy: &SitePolicy, items: &[CatalogItemDraft]) -> Self {
        // Where carts bring their own items, the catalog does not say what there is.
        let catalog = (policy.prices == PriceSource::Catalog)
            .then(|| Catalog::new(items.iter().filter_map(|item| CatalogItem::parse(item, "").ok()).collect()));
        Self { policy: policy.clone(), catalog }
    }

    /// All that may be a mistake. What it may cost, and that it is switched off, its owner knows.
    fn warn_of(&self, audited: Audited<'_>, now: DateTime<Utc>) -> Vec<Finding> {
        let mut found = audit(&[audited], &self.policy, self.catalog.as_ref(), now);
        found.retain(|finding| !matches!(finding.what, What::WorstCaseCost { .. } | What::Inactive));
        found
    }
}

/// What an audit finds about a promotion as it is now: all that may be a mistake.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError).
pub fn warnings(
    read: &dyn Read,
    site: &SiteRecord,
    record: &PromotionRecord,
    now: DateTime<Utc>,
) -> Stored<Vec<Finding>> {
    let around = Surroundings::new(&site.policy, &read.catalog(site.number)?);
    let codes = read.codes(record.number, 1)?.len() as u64;
    Ok(around.warn_of(Audited { promotion: &record.promotion, active: record.active, codes }, now))
}

/// What a change of policy or catalog makes of the promotions that were there: what is found of the active ones now and was not before. Of
/// the first 1,000 promotions, at most 100 findings: whoever has more audits them all.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError).
pub fn made_by_change(
    read: &dyn Read,
    site: SiteNumber,
    (before, after): (&Surroundings, &Surroundings),
    now: DateTime<Utc>,
) -> Stored<Vec<Finding>> {
    const AT_ONCE: u32 = 100;
    const PAGES_MAX: u32 = 10;
    const TOLD_MAX: usize = 100;
    let (mut told, mut last) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let page = read.promotions(site, Page { after: last, limit: AT_ONCE })?;
        for record in page.iter().filter(|record| record.active) {
            // How many codes it has did not change.
            let audited = Audited { promotion: &record.promotion, active: true, codes: 1 };
            let known = before.warn_of(audited, now);
            told.extend(after.warn_of(audited, now).into_iter().filter(|finding| !known.contains(finding)));
        }
        last = page.last().map(|record| record.number);
        if last.is_none() || told.len() >= TOLD_MAX {
            break;
        }
    }
    told.truncate(TOLD_MAX);
    Ok(told)
}
