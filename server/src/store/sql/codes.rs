//! Codes (R7 to R11).

use chrono::{DateTime, Utc};
use tearoff_core::code::CodeKey;

use super::row::{inconsistent, instant, optional_instant};
use super::session::Session;
use super::value::{Columns, column, values};
use crate::store::{CodeRecord, PromotionNumber, SiteNumber, Stored};

const CODE: &str = "SELECT key, spelling, promotion, created_at, retired_at FROM codes";

fn code(row: &dyn Columns) -> Stored<CodeRecord> {
    Ok(CodeRecord {
        key: CodeKey::normalize(&column::<String>(row, 0)?).map_err(|_| inconsistent("a code"))?,
        spelling: column::<String>(row, 1)?.into(),
        promotion: PromotionNumber(column(row, 2)?),
        created_at: instant(row, 3)?,
        retired_at: optional_instant(row, 4)?,
    })
}

impl Session<'_> {
    pub(super) fn code(&self, site: SiteNumber, key: &CodeKey) -> Stored<Option<CodeRecord>> {
        self.find(&format!("{CODE} WHERE site = ?1 AND key = ?2"), values![site.0, key.as_str()], code)
    }

    pub(super) fn codes_of(&self, promotion: PromotionNumber, limit: u32) -> Stored<Vec<String>> {
        let sql = "SELECT spelling FROM codes WHERE promotion = ?1 AND retired_at IS NULL ORDER BY key LIMIT ?2";
        self.list(sql, values![promotion.0, limit], |row| column(row, 0))
    }

    pub(super) fn insert_code(
        &self,
        site: SiteNumber,
        key: &CodeKey,
        spelling: &str,
        promotion: PromotionNumber,
        now: DateTime<Utc>,
    ) -> Stored<bool> {
        let sql = "INSERT INTO codes (site, key, promotion, spelling, created_at) VALUES (?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT DO NOTHING";
        let values = values![site.0, key.as_str(), promotion.0, spelling, now.timestamp_millis()];
        self.change(sql, values).map(|added| added == 1)
    }
}
