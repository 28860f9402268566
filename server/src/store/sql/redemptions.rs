//! Redemptions and their uses.

use chrono::{DateTime, Utc};
use tearoff_core::canonical::Canonical;
use tearoff_core::code::CodeKey;
use tearoff_core::redemption::reversal::Reversal;
use tearoff_core::redemption::{Cause, State};

use super::row::{
    amount, currency, day, day_number, digest_bytes, digests, identities, identity_bytes, inconsistent, instant,
    key_kind, key_kind_number, mode, mode_number, optional_code, optional_instant, state, state_number,
};
use super::session::Session;
use super::value::{Columns, column, values};
use crate::ids::RedemptionId;
use crate::store::{KeyKind, Mode, Order, Page, PromotionNumber, Redemption, Reversed, SiteNumber, Stored, Use};

const REDEMPTION: &str = "SELECT id, site, order_reference, fingerprint, engine, state, reserved_at, expires_at, placed_at, \
                          confirmed_at, released_at, customer, currency, subtotal_minor, discount_minor, total_minor, cart, \
                          facts, result, digests, reserved_by, mode, day, reversed_at, recorded, \
                          replaced_by, has_appointment FROM redemptions";

fn redemption(row: &dyn Columns) -> Stored<Redemption> {
    Ok(Redemption {
        id: RedemptionId::from_bytes(column(row, 0)?),
        site: SiteNumber(column(row, 1)?),
        order: Order::kept(&column::<String>(row, 2)?).ok_or_else(|| inconsistent("an order"))?,
        fingerprint: column(row, 3)?,
        engine: column(row, 4)?,
        state: state(column(row, 5)?)?,
        reserved_at: instant(row, 6)?,
        expires_at: instant(row, 7)?,
        placed_at: optional_instant(row, 8)?,
        confirmed_at: optional_instant(row, 9)?,
        released_at: optional_instant(row, 10)?,
        customer: identities(row, 11)?,
        currency: currency(row, 12)?,
        subtotal: amount(row, 13)?,
        discount: amount(row, 14)?,
        total: amount(row, 15)?,
        cart: column(row, 16)?,
        facts: column(row, 17)?,
        result: column(row, 18)?,
        digests: digests(row, 19)?,
        reserved_by: key_kind(row, 20)?,
        mode: mode(row, 21)?,
        day: day(row, 22)?,
        reversed_at: optional_instant(row, 23)?,
        recorded: column(row, 24)?,
        replaced_by: column::<Option<[u8; 16]>>(row, 25)?.map(RedemptionId::from_bytes),
        has_appointment: column(row, 26)?,
        uses: Vec::new(),
    })
}

impl Session<'_> {
    pub(super) fn redemption_by_id(&self, site: SiteNumber, id: RedemptionId) -> Stored<Option<Redemption>> {
        let sql = format!("{REDEMPTION} WHERE id = ?2 AND site = ?1");
        let found = self.find(&sql, values![site.0, id.as_bytes().as_slice()], redemption)?;
        found.map(|found| self.with_uses(found)).transpose()
    }

    pub(super) fn redemption_of_order(
        &self,
        site: SiteNumber,
        mode: Mode,
        reserved_by: KeyKind,
        order: &Order,
    ) -> Stored<Option<Redemption>> {
        let sql = format!(
            "{REDEMPTION} WHERE site = ?1 AND mode = ?2 AND reserved_by = ?3 AND order_reference = ?4 \
             AND replaced_by IS NULL"
        );
        let values = values![site.0, mode_number(mode), key_kind_number(reserved_by), order.as_str()];
        let found = self.find(&sql, values, redemption)?;
        found.map(|found| self.with_uses(found)).transpose()
    }

    pub(super) fn redemption_page(
        &self,
        site: SiteNumber,
        mode: Mode,
        page: Page<RedemptionId>,
    ) -> Stored<Vec<Redemption>> {
        let sql = format!("{REDEMPTION} WHERE site = ?1 AND mode = ?2 AND id > ?3 ORDER BY id LIMIT ?4");
        let after = page.after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let found = self.list(&sql, values![site.0, mode_number(mode), after, page.limit], redemption)?;
        found.into_iter().map(|found| self.with_uses(found)).collect()
    }

    pub(super) fn count_redemptions(&self) -> Stored<u64> {
        let counted = self.find("SELECT count(*) FROM redemptions", &[], |row| column::<i64>(row, 0))?;
        Ok(counted.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    pub(super) fn redemption_id_page(&self, page: Page<RedemptionId>) -> Stored<Vec<(SiteNumber, RedemptionId)>> {
        let sql = "SELECT site, id FROM redemptions WHERE id > ?1 ORDER BY id LIMIT ?2";
        let after = page.after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        self.list(sql, values![after, page.limit], |row| {
            Ok((SiteNumber(column(row, 0)?), RedemptionId::from_bytes(column(row, 1)?)))
        })
    }

    pub(super) fn holds_until(&self, now: DateTime<Utc>, limit: u32) -> Stored<Vec<(SiteNumber, RedemptionId)>> {
        // The holds of a site that another writer holds are left to it.
        let sql = "SELECT redemptions.site, redemptions.id FROM redemptions JOIN sites ON sites.number = redemptions.site \
                   WHERE redemptions.state = 0 AND redemptions.set_aside = 0 AND redemptions.expires_at <= ?1 \
                   ORDER BY redemptions.expires_at LIMIT ?2";
        let sql = self.holding(sql, " FOR NO KEY UPDATE OF sites SKIP LOCKED");
        self.list(&sql, values![now.timestamp_millis(), limit], |row| {
            Ok((SiteNumber(column(row, 0)?), RedemptionId::from_bytes(column(row, 1)?)))
        })
    }

    pub(super) fn set_hold_aside(&self, hold: RedemptionId) -> Stored<()> {
        self.change("UPDATE redemptions SET set_aside = 1 WHERE id = ?1", values![hold.as_bytes().as_slice()]).map(drop)
    }

    fn with_uses(&self, redemption: Redemption) -> Stored<Redemption> {
        let sql = "SELECT promotion, version, discount_minor, code, occurrences FROM uses WHERE redemption = ?1";
        let uses = self.list(sql, values![redemption.id.as_bytes().as_slice()], |row| {
            Ok(Use {
                promotion: PromotionNumber(column(row, 0)?),
                version: column(row, 1)?,
                discount: amount(row, 2)?,
                code: optional_code(row, 3)?,
                occurrences: column(row, 4)?,
            })
        })?;
        Ok(Redemption { uses, ..redemption })
    }

    pub(super) fn insert_redemption(&self, redemption: &Redemption) -> Stored<()> {
        let sql = "INSERT INTO redemptions (id, site, order_reference, fingerprint, engine, state, reserved_at, expires_at, \
                   placed_at, confirmed_at, released_at, customer, currency, subtotal_minor, discount_minor, total_minor, \
                   cart, facts, result, digests, reserved_by, mode, day, has_appointment) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)";
        let milliseconds = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_millis());
        let values = values![
            redemption.id.as_bytes().as_slice(),
            redemption.site.0,
            redemption.order.as_str(),
            redemption.fingerprint.as_slice(),
            redemption.engine,
            state_number(redemption.state),
            redemption.reserved_at.timestamp_millis(),
            redemption.expires_at.timestamp_millis(),
            milliseconds(redemption.placed_at),
            milliseconds(redemption.confirmed_at),
            milliseconds(redemption.released_at),
            identity_bytes(&redemption.customer),
            redemption.currency.code(),
            redemption.subtotal.minor(),
            redemption.discount.minor(),
            redemption.total.minor(),
            &redemption.cart,
            &redemption.facts,
            &redemption.result,
            digest_bytes(&redemption.digests),
            key_kind_number(redemption.reserved_by),
            mode_number(redemption.mode),
            day_number(redemption.day),
            redemption.has_appointment,
        ];
        self.0.add(sql, values)?;
        if redemption.state.counts() {
            self.count_order(redemption)?;
        }
        for used in &redemption.uses {
            let sql = "INSERT INTO uses (redemption, promotion, version, discount_minor, code, occurrences) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let values = values![
                redemption.id.as_bytes().as_slice(),
                used.promotion.0,
                used.version,
                used.discount.minor(),
                used.code.as_ref().map(CodeKey::as_str),
                used.occurrences
            ];
            self.0.add(sql, values)?;
        }
        Ok(())
    }

    pub(super) fn update_left(&self, redemption: &Redemption) -> Stored<()> {
        let id = redemption.id.as_bytes().as_slice();
        let sql = "UPDATE redemptions SET recorded = ?2 WHERE id = ?1";
        self.change(sql, values![id, redemption.recorded.as_deref()])?;
        for used in &redemption.uses {
            let sql = "UPDATE uses SET occurrences = ?3 WHERE redemption = ?1 AND promotion = ?2";
            self.change(sql, values![id, used.promotion.0, used.occurrences])?;
        }
        Ok(())
    }

    pub(super) fn insert_reversal(&self, redemption: RedemptionId, reversed: &Reversed) -> Stored<()> {
        let id = redemption.as_bytes().as_slice();
        let sql = "SELECT count(*) FROM reversals WHERE redemption = ?1";
        let earlier: i64 = self.find(sql, values![id], |row| column(row, 0))?.unwrap_or_default();
        let sql = "INSERT INTO reversals (redemption, number, reversed_at, bytes) VALUES (?1, ?2, ?3, ?4)";
        let values = values![id, earlier, reversed.at.timestamp_millis(), reversed.reversal.to_bytes()];
        self.change(sql, values).map(drop)
    }

    pub(super) fn reversals_of(&self, redemption: RedemptionId) -> Stored<Vec<Reversed>> {
        let sql = "SELECT reversed_at, bytes FROM reversals WHERE redemption = ?1 ORDER BY number";
        self.list(sql, values![redemption.as_bytes().as_slice()], |row| {
            let bytes: Vec<u8> = column(row, 1)?;
            let reversal = Reversal::from_bytes(&bytes).map_err(|_| inconsistent("a reversal"))?;
            Ok(Reversed { at: instant(row, 0)?, reversal })
        })
    }

    /// Whether a redemption is taken back only to be out of the way: it was an order all the same (R30).
    fn is_cleared_away(&self, redemption: &Redemption) -> Stored<bool> {
        let last = self.reversals_of(redemption.id)?.pop();
        let cleared = last.is_some_and(|last| last.reversal.cause == Cause::Housekeeping);
        Ok(cleared && redemption.state == State::Reversed)
    }

    pub(super) fn update_state(&self, redemption: &Redemption) -> Stored<()> {
        let sql = "SELECT state FROM redemptions WHERE id = ?1";
        let before = self.find(sql, values![redemption.id.as_bytes().as_slice()], |row| state(column(row, 0)?))?;
        match (before.is_some_and(State::counts), redemption.state.counts()) {
            (false, true) => self.count_order(redemption)?,
            (true, false) if !self.is_cleared_away(redemption)? => self.uncount_order(redemption)?,
            (true, _) | (false, false) => {}
        }
        let sql = "UPDATE redemptions SET state = ?2, placed_at = ?3, confirmed_at = ?4, released_at = ?5, \
             reversed_at = ?6, replaced_by = ?7 WHERE id = ?1";
        let milliseconds = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_millis());
        let values = values![
            redemption.id.as_bytes().as_slice(),
            state_number(redemption.state),
            milliseconds(redemption.placed_at),
            milliseconds(redemption.confirmed_at),
            milliseconds(redemption.released_at),
            milliseconds(redemption.reversed_at),
            redemption.replaced_by.as_ref().map(|id| id.as_bytes().as_slice()),
        ];
        self.change(sql, values).map(drop)
    }
}
