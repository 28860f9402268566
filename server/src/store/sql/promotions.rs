//! Promotions and their terms versions.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tearoff_core::ENGINE;
use tearoff_core::canonical::Canonical;
use tearoff_core::id::PromotionId;
use tearoff_core::promotion::Promotion;
use tearoff_core::promotion::draft::Draft;
use tearoff_core::zones;

use super::memory::WithoutCodes;
use super::row::{inconsistent, instant, json, to_json};
use super::session::Session;
use super::value::{Columns, column, values};
use crate::store::{Page, PromotionNumber, PromotionRecord, SiteNumber, Stored};

const PROMOTION: &str = "SELECT promotions.number, promotions.active, promotions.created_at, promotions.updated_at, \
                         promotions.id, promotions.site, terms_versions.version, \
                         terms_versions.engine, terms_versions.bytes, promotions.revision \
                         FROM promotions JOIN terms_versions ON terms_versions.promotion = promotions.number";

/// A row of the query above, before its promotion is read from bytes that another engine may have written.
struct Found {
    number: PromotionNumber,
    active: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    id: String,
    site: SiteNumber,
    version: u32,
    engine: u32,
    bytes: Vec<u8>,
    revision: u32,
}

fn found(row: &dyn Columns) -> Stored<Found> {
    Ok(Found {
        number: PromotionNumber(column(row, 0)?),
        active: column(row, 1)?,
        created_at: instant(row, 2)?,
        updated_at: instant(row, 3)?,
        id: column(row, 4)?,
        site: SiteNumber(column(row, 5)?),
        version: column(row, 6)?,
        engine: column(row, 7)?,
        bytes: column(row, 8)?,
        revision: column(row, 9)?,
    })
}

impl Session<'_> {
    pub(super) fn promotion_by_number(&self, number: PromotionNumber) -> Stored<Option<Arc<PromotionRecord>>> {
        self.recall(&number, || {
            let sql =
                format!("{PROMOTION} AND terms_versions.version = promotions.version WHERE promotions.number = ?1");
            let found = self.find(&sql, values![number.0], found)?;
            found.map(|found| self.promotion_record(found).map(Arc::new)).transpose()
        })
    }

    pub(super) fn promotion_by_id(&self, site: SiteNumber, id: &PromotionId) -> Stored<Option<PromotionRecord>> {
        let sql = format!(
            "{PROMOTION} AND terms_versions.version = promotions.version \
             WHERE promotions.id = ?2 AND promotions.site = ?1"
        );
        self.find(&sql, values![site.0, id.as_str()], found)?.map(|found| self.promotion_record(found)).transpose()
    }

    pub(super) fn promotion_at(&self, number: PromotionNumber, version: u32) -> Stored<Option<Promotion>> {
        let sql = format!("{PROMOTION} WHERE promotions.number = ?1 AND terms_versions.version = ?2");
        let found = self.find(&sql, values![number.0, version], found)?;
        found.map(|found| self.promotion_record(found).map(|record| record.promotion)).transpose()
    }

    pub(super) fn promotion_page(&self, site: SiteNumber, page: Page<PromotionNumber>) -> Stored<Vec<PromotionRecord>> {
        let sql = format!(
            "{PROMOTION} AND terms_versions.version = promotions.version \
             WHERE promotions.site = ?1 AND promotions.number > ?2 ORDER BY promotions.number LIMIT ?3"
        );
        let after = page.after.map_or(0, |number| number.0);
        let rows = self.list(&sql, values![site.0, after, page.limit], found)?;
        rows.into_iter().map(|found| self.promotion_record(found)).collect()
    }

    pub(super) fn promotions_without_codes(&self, site: SiteNumber, limit: u32) -> Stored<Arc<[Arc<PromotionRecord>]>> {
        let found = self.recall(&(site, limit), || {
            let sql = format!(
                "{PROMOTION} AND terms_versions.version = promotions.version \
                 WHERE promotions.site = ?1 AND promotions.needs_code = 0 AND promotions.active = 1 \
                 ORDER BY promotions.number LIMIT ?2"
            );
            let rows = self.list(&sql, values![site.0, limit], found)?;
            let records: Stored<_> = rows.into_iter().map(|found| self.promotion_record(found).map(Arc::new)).collect();
            records.map(|records| Some(WithoutCodes(records)))
        })?;
        Ok(found.map(|WithoutCodes(records)| records).unwrap_or_default())
    }

    fn promotion_record(&self, found: Found) -> Stored<PromotionRecord> {
        let Found { number, active, created_at, updated_at, revision, .. } = found;
        // Another engine's bytes, or those of one that was not released: what the owner wrote is read again.
        let read = Promotion::from_bytes(&found.bytes).ok().filter(|_| found.engine == ENGINE);
        let promotion = match read {
            Some(promotion) => promotion,
            None => self.reread(&found)?,
        };
        Ok(PromotionRecord { number, revision, active, promotion, created_at, updated_at })
    }

    /// Another engine wrote the bytes: what the owner wrote is read again.
    fn reread(&self, found: &Found) -> Stored<Promotion> {
        let site = self.site_by_number(found.site)?.ok_or_else(|| inconsistent("a promotion's site"))?;
        let id = PromotionId::parse(&found.id).map_err(|_| inconsistent("a promotion's id"))?;
        let zone = |local| zones::around(&site.policy.zone, local);
        let draft = self.draft_at(found.number, found.version)?.ok_or_else(|| inconsistent("a promotion's draft"))?;
        Promotion::parse(id, found.version, &draft, &zone, "terms").map_err(|_| inconsistent("a promotion's draft"))
    }

    pub(super) fn newest_draft(&self, number: PromotionNumber) -> Stored<Option<Draft>> {
        let sql = "SELECT draft FROM terms_versions WHERE promotion = ?1 ORDER BY version DESC LIMIT 1";
        self.find(sql, values![number.0], |row| json(row, 0))
    }

    fn draft_at(&self, number: PromotionNumber, version: u32) -> Stored<Option<Draft>> {
        let sql = "SELECT draft FROM terms_versions WHERE promotion = ?1 AND version = ?2";
        self.find(sql, values![number.0, version], |row| json(row, 0))
    }

    pub(super) fn insert_promotion(
        &self,
        site: SiteNumber,
        promotion: &Promotion,
        draft: &Draft,
        active: bool,
        now: DateTime<Utc>,
    ) -> Stored<PromotionNumber> {
        let terms = &promotion.terms;
        let sql = "INSERT INTO promotions (id, site, version, active, created_at, updated_at, needs_code) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6) RETURNING number";
        let values =
            values![terms.promotion.as_str(), site.0, terms.version, active, now.timestamp_millis(), terms.needs_code];
        let number = self.find(sql, values, |row| column(row, 0).map(PromotionNumber))?;
        let number = number.ok_or_else(|| inconsistent("a promotion just written"))?;
        self.insert_terms_version(number, promotion, draft, now)?;
        Ok(number)
    }

    pub(super) fn next_terms_version(
        &self,
        number: PromotionNumber,
        promotion: &Promotion,
        draft: &Draft,
        now: DateTime<Utc>,
    ) -> Stored<()> {
        let earlier = self.promotion_by_number(number)?.ok_or_else(|| inconsistent("a promotion that is edited"))?;
        self.insert_terms_version(number, promotion, draft, now)?;
        let sql = "UPDATE promotions SET version = ?2, updated_at = ?3, needs_code = ?4, revision = revision + 1 \
                   WHERE number = ?1";
        let terms = &promotion.terms;
        self.change(sql, values![number.0, terms.version, now.timestamp_millis(), terms.needs_code])?;
        self.begin_counters(number, &earlier.promotion.limits, &promotion.limits)
    }

    fn insert_terms_version(
        &self,
        number: PromotionNumber,
        promotion: &Promotion,
        draft: &Draft,
        now: DateTime<Utc>,
    ) -> Stored<()> {
        let sql = "INSERT INTO terms_versions (promotion, version, draft, engine, bytes, created_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = values![
            number.0,
            promotion.terms.version,
            to_json(draft)?,
            ENGINE,
            promotion.to_bytes(),
            now.timestamp_millis()
        ];
        self.change(sql, values).map(drop)
    }

    pub(super) fn update_active(&self, promotion: PromotionNumber, active: bool, now: DateTime<Utc>) -> Stored<()> {
        let sql = "UPDATE promotions SET active = ?2, updated_at = ?3, revision = revision + 1 WHERE number = ?1";
        self.change(sql, values![promotion.0, active, now.timestamp_millis()]).map(drop)
    }
}
