//! What was answered under idempotency keys (R56), for as long as it is kept.

use chrono::{DateTime, Utc};

use super::row::{state, state_number};
use super::session::Session;
use super::value::{Columns, column, values};
use crate::ids::RedemptionId;
use crate::store::{Answered, FirstAnswer, SiteNumber, Stored};

fn answer(row: &dyn Columns) -> Stored<Answered> {
    let redemption: Option<[u8; 16]> = column(row, 1)?;
    let first = match redemption {
        Some(id) => FirstAnswer::Recorded { redemption: RedemptionId::from_bytes(id), state: state(column(row, 2)?)? },
        None => FirstAnswer::Told { status: column(row, 3)?, body: column(row, 4)? },
    };
    Ok(Answered { fingerprint: column(row, 0)?, first })
}

impl Session<'_> {
    pub(super) fn answer_under(
        &self,
        site: SiteNumber,
        key: &[u8; 16],
        now: DateTime<Utc>,
    ) -> Stored<Option<Answered>> {
        let sql = "SELECT fingerprint, redemption, state, status, body FROM answers \
                   WHERE site = ?1 AND key = ?2 AND kept_until > ?3";
        self.find(sql, values![site.0, key.as_slice(), now.timestamp_millis()], answer)
    }

    pub(super) fn insert_answer(
        &self,
        site: SiteNumber,
        key: &[u8; 16],
        answered: &Answered,
        until: DateTime<Utc>,
    ) -> Stored<()> {
        let (redemption, began, status, body) = match &answered.first {
            FirstAnswer::Recorded { redemption, state } => {
                (Some(redemption.as_bytes().as_slice()), Some(state_number(*state)), None, None)
            }
            FirstAnswer::Told { status, body } => (None, None, Some(*status), Some(body.as_slice())),
        };
        // An answer that is there already is one that need not be kept any longer: those that must were found before.
        let sql = "INSERT INTO answers (site, key, fingerprint, kept_until, redemption, state, status, body) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (site, key) DO UPDATE SET \
                   fingerprint = excluded.fingerprint, kept_until = excluded.kept_until, redemption = excluded.redemption, \
                   state = excluded.state, status = excluded.status, body = excluded.body";
        let values = values![
            site.0,
            key.as_slice(),
            answered.fingerprint.as_slice(),
            until.timestamp_millis(),
            redemption,
            began,
            status,
            body
        ];
        self.0.add(sql, values)
    }

    pub(super) fn delete_answers(&self, now: DateTime<Utc>, limit: u32) -> Stored<u32> {
        let sql = "SELECT site, key FROM answers WHERE kept_until <= ?1 ORDER BY kept_until LIMIT ?2";
        let sql = self.holding(sql, " FOR UPDATE SKIP LOCKED");
        let old = self.list(&sql, values![now.timestamp_millis(), limit], |row| {
            Ok((column::<i64>(row, 0)?, column::<Vec<u8>>(row, 1)?))
        })?;
        for (site, key) in &old {
            self.change("DELETE FROM answers WHERE site = ?1 AND key = ?2", values![*site, key])?;
        }
        Ok(old.len().try_into().unwrap_or(u32::MAX))
    }
}
