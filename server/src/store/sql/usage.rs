//! What limits count (R41 to R47, R60).
//!
//! A counter is there only while the promotion's newest terms have its limit: promotions without limits write none (R46), and a
//! limit that is added begins with the uses recorded so far. The statement that raises a counter is the one that guards it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use tearoff_core::code::CodeKey;
use tearoff_core::money::{Amount, Currency};
use tearoff_core::project::Usage;
use tearoff_core::promotion::{Limit, LimitPer, Most, Period};

use super::memory::FirstEnd;
use super::row::{amount, currency, day, identities, inconsistent, mode, mode_number, optional_code};
use super::session::Session;
use super::value::{Columns, Value, column, values};
use crate::customer::IdentityKey;
use crate::store::counter::{Raise, Subject, Weighed, begins, counts_alike, lost, taken, weighs};
use crate::store::{Asking, CodeRecord, Mode, PromotionNumber, PromotionRecord, Stored, Taken};

/// A use that is recorded, with what it is weighed by.
struct Kept {
    mode: Mode,
    customer: Vec<IdentityKey>,
    code: Option<CodeKey>,
    day: NaiveDate,
    occurrences: u32,
    discount: Amount,
    currency: Currency,
}

const KEPT: &str = "SELECT redemptions.mode, redemptions.customer, redemptions.day, redemptions.currency, uses.code, \
                    uses.occurrences, uses.discount_minor FROM redemptions JOIN uses ON uses.redemption = redemptions.id";

fn kept(row: &dyn Columns) -> Stored<Kept> {
    Ok(Kept {
        mode: mode(row, 0)?,
        customer: identities(row, 1)?,
        day: day(row, 2)?,
        currency: currency(row, 3)?,
        code: optional_code(row, 4)?,
        occurrences: column(row, 5)?,
        discount: amount(row, 6)?,
    })
}

impl Kept {
    fn weighed(&self) -> Weighed<'_> {
        let Self { mode, ref customer, ref code, day, occurrences, discount, currency } = *self;
        Weighed { mode, customer, code: code.as_ref(), day, occurrences, discount, currency }
    }
}

/// What a counter is found by, beside its promotion: the numbers of the schema.
fn found_by(subject: &Subject) -> (u8, Value<'_>) {
    match subject {
        Subject::All => (0, Value::Bytes([].as_slice().into())),
        Subject::Customer(identity) => (1, identity.as_bytes().as_slice().into()),
        Subject::Code(code) => (2, code.as_str().as_bytes().into()),
        Subject::Period(period, first) => {
            let per = match period {
                Period::Day => 3,
                Period::Week => 4,
                Period::Month => 5,
            };
            (per, first.to_string().into_bytes().into())
        }
        Subject::Budget(currency) => (6, currency.code().as_bytes().to_vec().into()),
    }
}

impl Session<'_> {
    pub(super) fn uses(&self, record: &PromotionRecord, asking: &Asking<'_>, now: DateTime<Utc>) -> Stored<Usage> {
        let limits = &record.promotion.limits;
        let ended = if limits.is_empty() { Vec::new() } else { self.ended_uses(record.number, asking.mode, now)? };
        // What ended holds still weigh: they are given back with the next commit, and count no more.
        let over: Vec<Raise> = ended.iter().flat_map(|kept| weighs(limits, &kept.weighed())).collect();
        let sum = |subject: Subject| -> Stored<i64> {
            let over: i64 = over.iter().filter(|raise| raise.subject == subject).map(|raise| raise.by).sum();
            Ok(self.counter(record.number, asking.mode, &subject)?.saturating_sub(over).max(0))
        };
        let read = |subject| sum(subject).map(|used| u32::try_from(used).unwrap_or(u32::MAX));
        let mut usage = Usage { customer: asking.customer.map(|_| 0), ..Usage::default() };
        for limit in limits {
            if matches!(limit.most, Most::Budget { .. }) {
                let spent = sum(Subject::Budget(asking.currency))?;
                usage.spent = Amount::new(spent).map_err(|_| inconsistent("a budget"))?;
                continue;
            }
            match limit.per {
                LimitPer::Promotion => usage.total = read(Subject::All)?,
                LimitPer::Customer => {
                    for identity in asking.customer.unwrap_or_default() {
                        usage.customer = usage.customer.max(Some(read(Subject::Customer(*identity))?));
                    }
                }
                LimitPer::Code => {
                    if let Some(code) = asking.code {
                        usage.code = read(Subject::Code(code.clone()))?;
                    }
                }
                LimitPer::Period(period) => {
                    let used = read(Subject::Period(period, begins(period, asking.day)))?;
                    match period {
                        Period::Day => usage.day = used,
                        Period::Week => usage.week = used,
                        Period::Month => usage.month = used,
                    }
                }
            }
        }
        Ok(usage)
    }

    pub(super) fn uses_by_all(&self, record: &PromotionRecord, mode: Mode, now: DateTime<Utc>) -> Stored<Option<u32>> {
        let counts = |limit: &&Limit| limit.per == LimitPer::Promotion && matches!(limit.most, Most::Uses { .. });
        let Some(limit) = record.promotion.limits.iter().find(counts) else { return Ok(None) };
        let ended = self.ended_uses(record.number, mode, now)?;
        let over = ended.iter().flat_map(|kept| weighs(std::slice::from_ref(limit), &kept.weighed()));
        let used = self.counter(record.number, mode, &Subject::All)?.saturating_sub(over.map(|raise| raise.by).sum());
        Ok(Some(used.max(0).try_into().unwrap_or(u32::MAX)))
    }

    /// How often each of these codes is used, ended holds left out.
    pub(super) fn uses_of_codes(
        &self,
        number: PromotionNumber,
        limit: &Limit,
        mode: Mode,
        codes: &[CodeRecord],
        now: DateTime<Utc>,
    ) -> Stored<Vec<u32>> {
        let ended = self.ended_uses(number, mode, now)?;
        let over: Vec<Raise> =
            ended.iter().flat_map(|kept| weighs(std::slice::from_ref(limit), &kept.weighed())).collect();
        let used = |code: &CodeRecord| {
            let subject = Subject::Code(code.key.clone());
            let over: i64 = over.iter().filter(|raise| raise.subject == subject).map(|raise| raise.by).sum();
            let used = self.counter(number, mode, &subject)?.saturating_sub(over).max(0);
            Ok(used.try_into().unwrap_or(u32::MAX))
        };
        codes.iter().map(used).collect()
    }

    fn counter(&self, number: PromotionNumber, mode: Mode, subject: &Subject) -> Stored<i64> {
        let (per, subject) = found_by(subject);
        let sql = "SELECT used FROM counters WHERE promotion = ?1 AND mode = ?2 AND per = ?3 AND subject = ?4";
        self.0.count(sql, values![number.0, mode_number(mode), per, subject])
    }

    /// The uses of holds that have ended but are still counted.
    fn ended_uses(&self, number: PromotionNumber, mode: Mode, now: DateTime<Utc>) -> Stored<Vec<Kept>> {
        if !self.has_ended_hold(mode, now)? {
            return Ok(Vec::new());
        }
        // The few holds that have ended are looked through, never the many uses: a column with a sign is looked up in no index.
        let sql = format!(
            "{KEPT} AND +uses.promotion = ?1 WHERE redemptions.state = 0 AND redemptions.set_aside = 0 \
             AND redemptions.expires_at <= ?2 AND redemptions.mode = ?3"
        );
        self.list(&sql, values![number.0, now.timestamp_millis(), mode_number(mode)], kept)
    }

    /// Whether there may be a hold that has ended but is still counted.
    fn has_ended_hold(&self, mode: Mode, now: DateTime<Utc>) -> Stored<bool> {
        let now = now.timestamp_millis();
        if let Some(counted) = self.0.counted() {
            // Every hold ends after the least instant; said so, it is looked up and not looked through.
            let first = "SELECT expires_at FROM redemptions WHERE state = 0 AND set_aside = 0 AND expires_at > ?1 \
                         ORDER BY expires_at LIMIT 1";
            let first_end = counted.recall(&(), || {
                let at = self.find(first, values![i64::MIN], |row| column(row, 0))?;
                Ok(Some(FirstEnd(at)))
            })?;
            return Ok(first_end.is_none_or(|FirstEnd(at)| at.is_some_and(|at| at <= now)));
        }
        let any =
            "SELECT 1 FROM redemptions WHERE state = 0 AND set_aside = 0 AND expires_at <= ?1 AND mode = ?2 LIMIT 1";
        Ok(self.find(any, values![now, mode_number(mode)], |_| Ok(()))?.is_some())
    }

    pub(super) fn count_use(&self, number: PromotionNumber, limits: &[Limit], used: &Weighed<'_>) -> Stored<Taken> {
        let Some(taken) = taken(limits, used) else { return Ok(Taken::LimitReached) };
        for Raise { subject, by, most } in taken {
            let (per, subject) = found_by(&subject);
            let sql = "INSERT INTO counters (promotion, mode, per, subject, used) VALUES (?1, ?2, ?3, ?4, ?5) \
                       ON CONFLICT (promotion, mode, per, subject) DO UPDATE SET used = counters.used + excluded.used \
                       WHERE counters.used + excluded.used <= ?6";
            let key = values![number.0, mode_number(used.mode), per, subject];
            // The statement guards what is there; what is not there yet is guarded here.
            if by > most || !self.0.raise(sql, key, by, most)? {
                return Ok(Taken::LimitReached);
            }
        }
        Ok(Taken::Counted)
    }

    pub(super) fn uncount_use(
        &self,
        number: PromotionNumber,
        limits: &[Limit],
        used: &Weighed<'_>,
        left: u32,
    ) -> Stored<()> {
        for Raise { subject, by, .. } in lost(limits, used, left) {
            let (per, subject) = found_by(&subject);
            let mode = mode_number(used.mode);
            let sql = "UPDATE counters SET used = used - ?5 \
                       WHERE promotion = ?1 AND mode = ?2 AND per = ?3 AND subject = ?4 AND used > ?5";
            if self.change(sql, values![number.0, mode, per, subject.clone(), by])? == 0 {
                let sql = "DELETE FROM counters WHERE promotion = ?1 AND mode = ?2 AND per = ?3 AND subject = ?4";
                self.change(sql, values![number.0, mode, per, subject])?;
            }
        }
        Ok(())
    }

    /// Makes the counters that these limits need and the earlier ones did not have, from what has been used so far, and takes away those
    /// that are needed no more.
    pub(super) fn begin_counters(&self, number: PromotionNumber, earlier: &[Limit], limits: &[Limit]) -> Stored<()> {
        let is_in = |limits: &[Limit], limit: &Limit| limits.iter().any(|other| counts_alike(other, limit));
        for gone in earlier.iter().filter(|limit| !is_in(limits, limit)) {
            let sql = "DELETE FROM counters WHERE promotion = ?1 AND per = ?2";
            self.change(sql, values![number.0, per_number(gone)])?;
        }
        let new: Vec<Limit> = limits.iter().filter(|limit| !is_in(earlier, limit)).cloned().collect();
        if new.is_empty() { Ok(()) } else { self.recount(number, &new) }
    }

    fn recount(&self, number: PromotionNumber, limits: &[Limit]) -> Stored<()> {
        let mut counts: BTreeMap<(i64, Subject), i64> = BTreeMap::new();
        let sql = format!("{KEPT} WHERE uses.promotion = ?1 AND redemptions.state IN (0, 1, 2, 5)");
        self.0.query(&sql, values![number.0], &mut |row| {
            let kept = kept(row)?;
            for raise in weighs(limits, &kept.weighed()) {
                let count = counts.entry((mode_number(kept.mode), raise.subject)).or_default();
                *count = count.saturating_add(raise.by);
            }
            Ok(())
        })?;
        for ((mode, subject), used) in counts.into_iter().filter(|(_, used)| *used > 0) {
            let (per, subject) = found_by(&subject);
            let sql = "INSERT INTO counters (promotion, mode, per, subject, used) VALUES (?1, ?2, ?3, ?4, ?5)";
            self.change(sql, values![number.0, mode, per, subject, used])?;
        }
        Ok(())
    }
}

fn per_number(limit: &Limit) -> u8 {
    if matches!(limit.most, Most::Budget { .. }) {
        return 6;
    }
    match limit.per {
        LimitPer::Promotion => 0,
        LimitPer::Customer => 1,
        LimitPer::Code => 2,
        LimitPer::Period(Period::Day) => 3,
        LimitPer::Period(Period::Week) => 4,
        LimitPer::Period(Period::Month) => 5,
    }
}
