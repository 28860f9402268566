//! Codes (R7 to R11).

use chrono::{DateTime, Utc};
use tearoff_core::code::CodeKey;
use tearoff_core::promotion::{Limit, LimitPer};

use super::row::{inconsistent, instant, optional_instant};
use super::session::Session;
use super::value::{Columns, column, values};
use crate::store::{CodeNumber, CodeRecord, Mode, Page, PromotionNumber, PromotionRecord, SiteNumber, Stored};

const CODE: &str = "SELECT key, spelling, promotion, created_at, retired_at, number FROM codes";

fn code(row: &dyn Columns) -> Stored<CodeRecord> {
    Ok(CodeRecord {
        key: CodeKey::normalize(&column::<String>(row, 0)?).map_err(|_| inconsistent("a code"))?,
        spelling: column::<String>(row, 1)?.into(),
        promotion: PromotionNumber(column(row, 2)?),
        created_at: instant(row, 3)?,
        retired_at: optional_instant(row, 4)?,
        number: CodeNumber(column(row, 5)?),
    })
}

impl Session<'_> {
    pub(super) fn code(&self, site: SiteNumber, key: &CodeKey) -> Stored<Option<CodeRecord>> {
        self.recall(&(site, key.clone()), || {
            self.find(&format!("{CODE} WHERE site = ?1 AND key = ?2"), values![site.0, key.as_str()], code)
        })
    }

    pub(super) fn codes_with(&self, site: SiteNumber, keys: &[&CodeKey]) -> Stored<Vec<Option<CodeRecord>>> {
        let rows: Vec<_> = keys.iter().map(|key| values![site.0, key.as_str()].to_vec()).collect();
        let mut found: Vec<Option<CodeRecord>> = keys.iter().map(|_| None).collect();
        self.0.query_many(&format!("{CODE} WHERE site = ?1 AND key = ?2"), &rows, &mut |at, row| {
            if let Some(place) = found.get_mut(at) {
                *place = Some(code(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    pub(super) fn codes_of(&self, promotion: PromotionNumber, limit: u32) -> Stored<Vec<String>> {
        let sql = "SELECT spelling FROM codes WHERE promotion = ?1 AND retired_at IS NULL ORDER BY number LIMIT ?2";
        self.list(sql, values![promotion.0, limit], |row| column(row, 0))
    }

    pub(super) fn codes_from(&self, promotion: PromotionNumber, page: Page<CodeNumber>) -> Stored<Vec<CodeRecord>> {
        let sql = format!("{CODE} WHERE promotion = ?1 AND number > ?2 ORDER BY number LIMIT ?3");
        let after = page.after.map_or(0, |number| number.0);
        self.list(&sql, values![promotion.0, after, page.limit], code)
    }

    pub(super) fn uses_by_codes(
        &self,
        record: &PromotionRecord,
        mode: Mode,
        codes: &[CodeRecord],
        now: DateTime<Utc>,
    ) -> Stored<Option<Vec<u32>>> {
        let counts = |limit: &&Limit| limit.per == LimitPer::Code;
        let Some(limit) = record.promotion.limits.iter().find(counts) else { return Ok(None) };
        self.uses_of_codes(record.number, limit, mode, codes, now).map(Some)
    }

    pub(super) fn insert_codes(
        &self,
        site: SiteNumber,
        codes: &[(&CodeKey, &str)],
        promotion: PromotionNumber,
        now: DateTime<Utc>,
    ) -> Stored<()> {
        let sql = "SELECT number FROM codes WHERE promotion = ?1 ORDER BY number DESC LIMIT 1";
        let last: i64 = self.find(sql, values![promotion.0], |row| column(row, 0))?.unwrap_or(0);
        let sql =
            "INSERT INTO codes (site, key, promotion, spelling, created_at, number) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        for ((key, spelling), number) in codes.iter().zip(last.saturating_add(1)..) {
            let values = values![site.0, key.as_str(), promotion.0, *spelling, now.timestamp_millis(), number];
            self.0.add(sql, values)?;
        }
        Ok(())
    }

    pub(super) fn update_retired(&self, code: &CodeRecord, now: DateTime<Utc>) -> Stored<()> {
        let sql = "UPDATE codes SET retired_at = ?3 WHERE promotion = ?1 AND number = ?2 AND retired_at IS NULL";
        self.change(sql, values![code.promotion.0, code.number.0, now.timestamp_millis()]).map(drop)
    }

    pub(super) fn remove_code(&self, code: &CodeRecord) -> Stored<()> {
        let sql = "DELETE FROM codes WHERE promotion = ?1 AND number = ?2";
        self.change(sql, values![code.promotion.0, code.number.0]).map(drop)
    }
}
