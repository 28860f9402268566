//! An audit that brings everything with it: `tearoff audit`.

use alloc::{format, string::String, vec::Vec};
use serde::Deserialize;

use super::{Audited, Finding, audit};
use crate::catalog::{Catalog, CatalogItem, CatalogItemDraft};
use crate::invalid::{Faults, InvalidField};
use crate::policy::{SitePolicy, SitePolicyDraft};
use crate::standalone::{PromotionRequest, parse_promotions};
use crate::time::parse_instant;
use crate::zones;

/// Promotions of one site to look at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct AuditRequest {
    /// What the site decided.
    pub site: SitePolicyDraft,
    /// The promotions with their codes.
    pub promotions: Vec<PromotionRequest>,
    /// From when on they are looked at: an instant in UTC such as `2026-12-01T16:00:00Z`.
    pub now_at: String,
    /// What the site sells, where items shall be looked up.
    #[serde(default)]
    pub catalog: Option<Vec<CatalogItemDraft>>,
}

impl AuditRequest {
    /// Checks the request and audits the promotions.
    ///
    /// # Errors
    /// Every fault with its field.
    pub fn findings(&self) -> Result<Vec<Finding>, Vec<InvalidField>> {
        let policy = SitePolicy::parse(&self.site, &zones::exists, "site")?;
        let mut faults = Faults::default();
        let promotions = parse_promotions(&self.promotions, &policy, &mut faults);
        let now = faults.keep("now_at", parse_instant(&self.now_at));
        let catalog = self.catalog.as_deref().map(|items| parse_catalog(items, &mut faults));
        let (Some(now), true) = (now, faults.is_empty()) else { return Err(faults.into_vec()) };
        let audited: Vec<Audited<'_>> = promotions
            .iter()
            .map(|known| Audited { promotion: &known.promotion, active: known.active, codes: known.codes.len() as u64 })
            .collect();
        Ok(audit(&audited, &policy, catalog.as_ref(), now))
    }
}

fn parse_catalog(drafts: &[CatalogItemDraft], faults: &mut Faults) -> Catalog {
    let parse = |(index, draft): (usize, &CatalogItemDraft)| {
        CatalogItem::parse(draft, &format!("catalog[{index}]")).map_err(|found| faults.extend(found)).ok()
    };
    Catalog::new(drafts.iter().enumerate().filter_map(parse).collect())
}
