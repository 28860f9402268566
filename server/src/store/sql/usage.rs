//! What limits count (R41 to R47, R60).
//!
//! A counter is there exactly while the promotion's newest terms have the limit: promotions without limits write none (R46), and a
//! limit that is added begins with the uses recorded so far.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tearoff_core::project::Usage;
use tearoff_core::promotion::{Limit, LimitPer, Most, Unit};

use super::row::{identities, inconsistent};
use super::session::Session;
use super::value::{column, values};
use crate::customer::IdentityKey;
use crate::store::{PromotionNumber, PromotionRecord, Stored, Taken};

impl Session<'_> {
    pub(super) fn uses(
        &self,
        record: &PromotionRecord,
        customer: Option<&[IdentityKey]>,
        now: DateTime<Utc>,
    ) -> Stored<Usage> {
        let number = record.number;
        let limits = &record.promotion.limits;
        let has = |per| limits.iter().any(|limit| limit.per == per);
        let ended = if limits.is_empty() { Vec::new() } else { self.ended_uses(number, now)? };
        let mut usage = Usage { customer: customer.map(|_| 0), ..Usage::default() };
        if has(LimitPer::Promotion) {
            let sql = "SELECT used FROM promotion_usage WHERE promotion = ?1";
            let used: u32 = self.find(sql, values![number.0], |row| column(row, 0))?.unwrap_or(0);
            usage.total = used.saturating_sub(ended.len().try_into().unwrap_or(u32::MAX));
        }
        if has(LimitPer::Customer) {
            for identity in customer.unwrap_or_default() {
                let sql = "SELECT used FROM customer_usage WHERE promotion = ?1 AND identity = ?2";
                let values = values![number.0, identity.as_bytes().as_slice()];
                let used: u32 = self.find(sql, values, |row| column(row, 0))?.unwrap_or(0);
                let over = ended.iter().filter(|customer| customer.contains(identity)).count();
                let used = used.saturating_sub(over.try_into().unwrap_or(u32::MAX));
                usage.customer = usage.customer.max(Some(used));
            }
        }
        Ok(usage)
    }

    /// The customers of holds that have ended but are still counted.
    fn ended_uses(&self, number: PromotionNumber, now: DateTime<Utc>) -> Stored<Vec<Vec<IdentityKey>>> {
        // The few holds that have ended are looked through, never the many uses: a column with a sign is looked up in no index.
        let sql = "SELECT redemptions.customer FROM redemptions \
                   JOIN uses ON uses.redemption = redemptions.id AND +uses.promotion = ?1 \
                   WHERE redemptions.state = 0 AND redemptions.set_aside = 0 AND redemptions.expires_at <= ?2";
        self.list(sql, values![number.0, now.timestamp_millis()], |row| identities(row, 0))
    }

    pub(super) fn count_use(
        &self,
        number: PromotionNumber,
        limits: &[Limit],
        customer: &[IdentityKey],
    ) -> Stored<Taken> {
        for limit in limits {
            let counted = match (limit.per, &limit.most) {
                (LimitPer::Promotion, Most::Uses { unit: Unit::Redemptions, max }) => self.count_total(number, *max)?,
                (LimitPer::Customer, Most::Uses { unit: Unit::Redemptions, max }) => {
                    self.count_customer(number, customer, *max)?
                }
                _ => return Err(inconsistent("a limit that is not kept")),
            };
            if !counted {
                return Ok(Taken::LimitReached);
            }
        }
        Ok(Taken::Counted)
    }

    fn count_total(&self, number: PromotionNumber, most: u32) -> Stored<bool> {
        let sql = "UPDATE promotion_usage SET used = used + 1 WHERE promotion = ?1 AND used < ?2";
        Ok(self.change(sql, values![number.0, most])? == 1)
    }

    /// Every identity has a count of its own; the use is refused if any is full. A limit per customer without a customer is full.
    fn count_customer(&self, number: PromotionNumber, customer: &[IdentityKey], most: u32) -> Stored<bool> {
        for identity in customer {
            let sql = "INSERT INTO customer_usage (promotion, identity, used) VALUES (?1, ?2, 1) \
                       ON CONFLICT (promotion, identity) DO UPDATE SET used = used + 1 WHERE used < ?3";
            if self.change(sql, values![number.0, identity.as_bytes().as_slice(), most])? != 1 {
                return Ok(false);
            }
        }
        Ok(!customer.is_empty())
    }

    pub(super) fn uncount_use(&self, number: PromotionNumber, customer: &[IdentityKey]) -> Stored<()> {
        let sql = "UPDATE promotion_usage SET used = used - 1 WHERE promotion = ?1 AND used > 0";
        self.change(sql, values![number.0])?;
        for identity in customer {
            let values = values![number.0, identity.as_bytes().as_slice()];
            let sql = "UPDATE customer_usage SET used = used - 1 WHERE promotion = ?1 AND identity = ?2";
            if self.change(sql, values)? == 1 {
                let sql = "DELETE FROM customer_usage WHERE promotion = ?1 AND identity = ?2 AND used = 0";
                self.change(sql, values)?;
            }
        }
        Ok(())
    }

    /// Makes the counters that these limits need, with what has been used so far, and takes away those they do not.
    pub(super) fn begin_counters(&self, number: PromotionNumber, limits: &[Limit]) -> Stored<()> {
        let has = |per| limits.iter().any(|limit| limit.per == per);
        let total = self.find("SELECT 1 FROM promotion_usage WHERE promotion = ?1", values![number.0], |_| Ok(()))?;
        match (has(LimitPer::Promotion), total) {
            (true, None) => {
                let sql = "INSERT INTO promotion_usage (promotion, used) SELECT ?1, count(*) FROM uses JOIN redemptions \
                           ON redemptions.id = uses.redemption WHERE uses.promotion = ?1 AND redemptions.state IN (0, 1, 2)";
                self.change(sql, values![number.0])?;
            }
            (false, Some(())) => {
                self.change("DELETE FROM promotion_usage WHERE promotion = ?1", values![number.0])?;
            }
            (true, Some(())) | (false, None) => {}
        }
        // Counted afresh at every edit: an edit is rare, and whether these counters were there cannot be seen when all are zero.
        self.change("DELETE FROM customer_usage WHERE promotion = ?1", values![number.0])?;
        if has(LimitPer::Customer) { self.recount_customers(number) } else { Ok(()) }
    }

    fn recount_customers(&self, number: PromotionNumber) -> Stored<()> {
        let sql = "SELECT redemptions.customer FROM redemptions JOIN uses ON uses.redemption = redemptions.id \
                   WHERE uses.promotion = ?1 AND redemptions.state IN (0, 1, 2)";
        let mut counts: BTreeMap<IdentityKey, u32> = BTreeMap::new();
        for identity in self.list(sql, values![number.0], |row| identities(row, 0))?.into_iter().flatten() {
            let count = counts.entry(identity).or_default();
            *count = count.saturating_add(1);
        }
        for (identity, count) in counts {
            let sql = "INSERT INTO customer_usage (promotion, identity, used) VALUES (?1, ?2, ?3)";
            self.change(sql, values![number.0, identity.as_bytes().as_slice(), count])?;
        }
        Ok(())
    }
}
