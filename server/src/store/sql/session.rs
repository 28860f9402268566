//! A connection within a transaction: what the store's contract asks, handed to the module that knows the table.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tearoff_core::catalog::{Catalog, CatalogItemDraft};
use tearoff_core::code::CodeKey;
use tearoff_core::id::{CustomerId, ItemId, PromotionId};
use tearoff_core::policy::SitePolicyDraft;
use tearoff_core::project::Usage;
use tearoff_core::promotion::draft::Draft;
use tearoff_core::promotion::{Limit, Promotion};

use super::Connection;
use super::value::{Columns, Value};
use crate::customer::{IdentityKey, IdentityKind};
use crate::customers::CustomerDraft;
use crate::edits::{Change, Edit, Editor, Wanted};
use crate::ids::RedemptionId;
use crate::keys::Key;
use crate::store::{
    Answered, Asking, CartSecret, CodeNumber, CodeRecord, CustomerRecord, KeyKind, KeyRecord, Mode, Order, Ordered,
    Page, PromotionNumber, PromotionRecord, Purpose, Read, Redemption, Reversed, Secret, SiteNumber, SiteRecord,
    Stored, Taken, Weighed, Write,
};

/// A connection as somebody who knows the tables speaks through it.
pub(in crate::store) struct Session<'c>(pub(in crate::store) &'c dyn Connection);

impl Session<'_> {
    /// Runs a statement without values.
    pub(in crate::store) fn execute(&self, sql: &str) -> Stored<()> {
        self.change(sql, &[]).map(drop)
    }

    /// The first row of a query, as a value.
    pub(super) fn find<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&dyn Columns) -> Stored<T>,
    ) -> Stored<Option<T>> {
        let mut found = None;
        self.0.query(sql, values, &mut |row| {
            if found.is_none() {
                found = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// All rows of a query, as values.
    pub(super) fn list<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&dyn Columns) -> Stored<T>,
    ) -> Stored<Vec<T>> {
        let mut found = Vec::new();
        self.0.query(sql, values, &mut |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Runs a statement that changes rows; tells how many.
    pub(super) fn change(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64> {
        self.0.change(sql, values)
    }

    /// The query, whose rows are read to be changed.
    pub(super) fn holding(&self, sql: &str, clause: &'static str) -> String {
        format!("{sql}{}", self.0.holding(clause))
    }
}

impl Read for Session<'_> {
    fn site(&self, number: SiteNumber) -> Stored<Option<Arc<SiteRecord>>> {
        self.site_by_number(number)
    }

    fn find_site(&self, id: &str) -> Stored<Option<Arc<SiteRecord>>> {
        self.site_by_id(id)
    }

    fn find_key(&self, hash: &[u8; 32]) -> Stored<Option<KeyRecord>> {
        self.key(hash)
    }

    fn keys(&self, site: SiteNumber, now: DateTime<Utc>) -> Stored<Vec<KeyRecord>> {
        self.keys_of(site, now)
    }

    fn keyless_sites(&self) -> Stored<Option<Vec<String>>> {
        self.sites_without_keys()
    }

    fn knows_origin(&self, origin: &str) -> Stored<bool> {
        self.is_origin(origin)
    }

    fn secret(&self, site: SiteNumber, purpose: Purpose, version: Option<u8>) -> Stored<Option<Secret>> {
        self.newest_secret(site, purpose, version)
    }

    fn secret_replaced_at(&self, site: SiteNumber, purpose: Purpose, version: u8) -> Stored<Option<DateTime<Utc>>> {
        self.next_secret_made(site, purpose, version)
    }

    fn cart_secrets(&self, site: SiteNumber, now: DateTime<Utc>) -> Stored<Vec<CartSecret>> {
        self.cart_secrets_of(site, now)
    }

    fn catalog_items(&self, site: SiteNumber, items: &[ItemId]) -> Stored<Catalog> {
        self.items(site, items)
    }

    fn catalog(&self, site: SiteNumber) -> Stored<Vec<CatalogItemDraft>> {
        self.whole_catalog(site)
    }

    fn find_code(&self, site: SiteNumber, key: &CodeKey) -> Stored<Option<CodeRecord>> {
        self.code(site, key)
    }

    fn find_codes(&self, site: SiteNumber, keys: &[&CodeKey]) -> Stored<Vec<Option<CodeRecord>>> {
        self.codes_with(site, keys)
    }

    fn promotion(&self, number: PromotionNumber) -> Stored<Option<Arc<PromotionRecord>>> {
        self.promotion_by_number(number)
    }

    fn draft(&self, number: PromotionNumber) -> Stored<Option<Draft>> {
        self.newest_draft(number)
    }

    fn find_promotion(&self, site: SiteNumber, id: &PromotionId) -> Stored<Option<PromotionRecord>> {
        self.promotion_by_id(site, id)
    }

    fn terms_version(&self, number: PromotionNumber, version: u32) -> Stored<Option<Promotion>> {
        self.promotion_at(number, version)
    }

    fn promotions(&self, site: SiteNumber, page: Page<PromotionNumber>) -> Stored<Vec<PromotionRecord>> {
        self.promotion_page(site, page)
    }

    fn without_codes(&self, site: SiteNumber, limit: u32) -> Stored<Arc<[Arc<PromotionRecord>]>> {
        self.promotions_without_codes(site, limit)
    }

    fn codes(&self, promotion: PromotionNumber, limit: u32) -> Stored<Vec<String>> {
        self.codes_of(promotion, limit)
    }

    fn code_page(&self, promotion: PromotionNumber, page: Page<CodeNumber>) -> Stored<Vec<CodeRecord>> {
        self.codes_from(promotion, page)
    }

    fn used_by_codes(
        &self,
        promotion: &PromotionRecord,
        mode: Mode,
        codes: &[CodeRecord],
        now: DateTime<Utc>,
    ) -> Stored<Option<Vec<u32>>> {
        self.uses_by_codes(promotion, mode, codes, now)
    }

    fn usage(&self, promotion: &PromotionRecord, asking: &Asking<'_>, now: DateTime<Utc>) -> Stored<Usage> {
        self.uses(promotion, asking, now)
    }

    fn used(&self, promotion: &PromotionRecord, mode: Mode, now: DateTime<Utc>) -> Stored<Option<u32>> {
        self.uses_by_all(promotion, mode, now)
    }

    fn customer(&self, site: SiteNumber, id: &CustomerId) -> Stored<Option<CustomerRecord>> {
        self.customer_by_id(site, id)
    }

    fn customers(&self, site: SiteNumber, page: Page<&CustomerId>) -> Stored<Vec<CustomerRecord>> {
        self.customer_page(site, page)
    }

    fn customers_of(&self, site: SiteNumber, identities: &[IdentityKey], limit: u32) -> Stored<Vec<CustomerRecord>> {
        self.customers_by_identity(site, identities, limit)
    }

    fn ordered(&self, site: SiteNumber, mode: Mode, identities: &[IdentityKey], now: DateTime<Utc>) -> Stored<Ordered> {
        self.orders_of(site, mode, identities, now)
    }

    fn redemption(&self, site: SiteNumber, id: RedemptionId) -> Stored<Option<Redemption>> {
        self.redemption_by_id(site, id)
    }

    fn find_order(
        &self,
        site: SiteNumber,
        mode: Mode,
        reserved_by: KeyKind,
        order: &Order,
    ) -> Stored<Option<Redemption>> {
        self.redemption_of_order(site, mode, reserved_by, order)
    }

    fn reversals(&self, redemption: RedemptionId) -> Stored<Vec<Reversed>> {
        self.reversals_of(redemption)
    }

    fn redemptions(&self, site: SiteNumber, mode: Mode, page: Page<RedemptionId>) -> Stored<Vec<Redemption>> {
        self.redemption_page(site, mode, page)
    }

    fn redemption_count(&self) -> Stored<u64> {
        self.count_redemptions()
    }

    fn redemption_ids(&self, page: Page<RedemptionId>) -> Stored<Vec<(SiteNumber, RedemptionId)>> {
        self.redemption_id_page(page)
    }

    fn edits(&self, site: SiteNumber, wanted: &Wanted, page: Page<i64>) -> Stored<Vec<Edit>> {
        self.edit_page(site, wanted, page)
    }

    fn answered(&self, site: SiteNumber, key: &[u8; 16], now: DateTime<Utc>) -> Stored<Option<Answered>> {
        self.answer_under(site, key, now)
    }
}

impl Write for Session<'_> {
    fn attempt(&self, work: &mut dyn FnMut() -> Stored<bool>) -> Stored<bool> {
        self.0.attempt(work)
    }

    fn add_site(
        &self,
        id: &str,
        policy: &SitePolicyDraft,
        secrets: [&Secret; 2],
        now: DateTime<Utc>,
    ) -> Stored<SiteNumber> {
        self.insert_site(id, policy, secrets, now)
    }

    fn set_policy(&self, site: SiteNumber, policy: &SitePolicyDraft, now: DateTime<Utc>) -> Stored<()> {
        self.update_policy(site, policy, now)
    }

    fn set_origins(&self, site: SiteNumber, origins: &[String]) -> Stored<()> {
        self.replace_origins(site, origins)
    }

    fn add_key(&self, site: SiteNumber, key: &Key, now: DateTime<Utc>) -> Stored<()> {
        self.insert_key(site, key, now)
    }

    fn end_key(&self, hash: &[u8; 32], at: DateTime<Utc>) -> Stored<()> {
        self.update_key_end(hash, at)
    }

    fn replace_secret(&self, site: SiteNumber, purpose: Purpose, secret: &Secret, now: DateTime<Utc>) -> Stored<()> {
        self.next_secret(site, purpose, secret, now)
    }

    fn add_cart_secret(&self, site: SiteNumber, secret: &CartSecret, until: DateTime<Utc>) -> Stored<()> {
        self.insert_cart_secret(site, secret, until)
    }

    fn set_catalog(&self, site: SiteNumber, items: &[CatalogItemDraft]) -> Stored<()> {
        self.replace_catalog(site, items)
    }

    fn add_promotion(
        &self,
        site: SiteNumber,
        promotion: &Promotion,
        draft: &Draft,
        active: bool,
        now: DateTime<Utc>,
    ) -> Stored<PromotionNumber> {
        self.insert_promotion(site, promotion, draft, active, now)
    }

    fn add_codes(
        &self,
        site: SiteNumber,
        codes: &[(&CodeKey, &str)],
        promotion: PromotionNumber,
        now: DateTime<Utc>,
    ) -> Stored<()> {
        self.insert_codes(site, codes, promotion, now)
    }

    fn retire_code(&self, code: &CodeRecord, now: DateTime<Utc>) -> Stored<()> {
        self.update_retired(code, now)
    }

    fn delete_code(&self, code: &CodeRecord) -> Stored<()> {
        self.remove_code(code)
    }

    fn add_terms_version(
        &self,
        number: PromotionNumber,
        promotion: &Promotion,
        draft: &Draft,
        now: DateTime<Utc>,
    ) -> Stored<()> {
        self.next_terms_version(number, promotion, draft, now)
    }

    fn set_active(&self, promotion: PromotionNumber, active: bool, now: DateTime<Utc>) -> Stored<()> {
        self.update_active(promotion, active, now)
    }

    fn take_use(&self, promotion: PromotionNumber, limits: &[Limit], used: &Weighed<'_>) -> Stored<Taken> {
        self.count_use(promotion, limits, used)
    }

    fn give_back_use(&self, promotion: PromotionNumber, limits: &[Limit], used: &Weighed<'_>, left: u32) -> Stored<()> {
        self.uncount_use(promotion, limits, used, left)
    }

    fn set_customer(
        &self,
        site: SiteNumber,
        id: &CustomerId,
        draft: &CustomerDraft,
        identities: &[(IdentityKind, Vec<IdentityKey>)],
        now: DateTime<Utc>,
    ) -> Stored<bool> {
        self.upsert_customer(site, id, draft, identities, now)
    }

    fn erase_customer(&self, site: SiteNumber, id: &CustomerId) -> Stored<bool> {
        self.delete_customer(site, id)
    }

    fn add_redemption(&self, redemption: &Redemption) -> Stored<()> {
        self.insert_redemption(redemption)
    }

    fn set_state(&self, redemption: &Redemption) -> Stored<()> {
        self.update_state(redemption)
    }

    fn set_left(&self, redemption: &Redemption) -> Stored<()> {
        self.update_left(redemption)
    }

    fn add_reversal(&self, redemption: RedemptionId, reversed: &Reversed) -> Stored<()> {
        self.insert_reversal(redemption, reversed)
    }

    fn keep_answer(&self, site: SiteNumber, key: &[u8; 16], answer: &Answered, until: DateTime<Utc>) -> Stored<()> {
        self.insert_answer(site, key, answer, until)
    }

    fn ended_holds(&self, now: DateTime<Utc>, limit: u32) -> Stored<Vec<(SiteNumber, RedemptionId)>> {
        self.holds_until(now, limit)
    }

    fn set_aside(&self, hold: RedemptionId) -> Stored<()> {
        self.set_hold_aside(hold)
    }

    fn add_edit(&self, site: SiteNumber, editor: Editor, change: &Change<'_>, now: DateTime<Utc>) -> Stored<()> {
        self.insert_edit(site, editor, change, now)
    }

    fn forget_edits(&self, now: DateTime<Utc>, limit: u32) -> Stored<u32> {
        self.delete_edits(now, limit)
    }

    fn forget_answers(&self, now: DateTime<Utc>, limit: u32) -> Stored<u32> {
        self.delete_answers(now, limit)
    }
}
