//! Customers as their host tells of them, and what was redeemed by whom their identities name (R29 to R33, R47).

use chrono::{DateTime, Utc};
use tearoff_core::id::CustomerId;

use super::row::{identities, inconsistent, instant, json, mode_number, to_json};
use super::session::Session;
use super::value::{Columns, Value, column, values};
use crate::customer::{IdentityKey, IdentityKind};
use crate::customers::{CustomerDraft, Told};
use crate::store::{CustomerRecord, Mode, Ordered, Page, Redemption, SiteNumber, Stored};

const CUSTOMER: &str = "SELECT customers.id, customers.revision, customers.draft, customers.created_at, \
                        customers.updated_at FROM customers";

fn customer(row: &dyn Columns) -> Stored<CustomerRecord> {
    let draft: CustomerDraft = json(row, 2)?;
    let told = Told::parse(&draft, "").map_err(|_| inconsistent("what is told of a customer"))?;
    Ok(CustomerRecord {
        id: CustomerId::parse(&column::<String>(row, 0)?).map_err(|_| inconsistent("a customer's id"))?,
        revision: column(row, 1)?,
        draft,
        told,
        emails: 0,
        phones: 0,
        created_at: instant(row, 3)?,
        updated_at: instant(row, 4)?,
    })
}

const fn kind_number(kind: IdentityKind) -> i64 {
    match kind {
        IdentityKind::Email => 0,
        IdentityKind::Account => 1,
        IdentityKind::Phone => 2,
    }
}

impl Session<'_> {
    pub(super) fn customer_by_id(&self, site: SiteNumber, id: &CustomerId) -> Stored<Option<CustomerRecord>> {
        let sql = format!("{CUSTOMER} WHERE site = ?1 AND id = ?2");
        let found = self.find(&sql, values![site.0, id.as_str()], customer)?;
        found.map(|found| self.with_identities(site, found)).transpose()
    }

    pub(super) fn customer_page(&self, site: SiteNumber, page: Page<&CustomerId>) -> Stored<Vec<CustomerRecord>> {
        let sql = format!("{CUSTOMER} WHERE site = ?1 AND id > ?2 ORDER BY id LIMIT ?3");
        let after = page.after.map_or("", CustomerId::as_str);
        let found = self.list(&sql, values![site.0, after, page.limit], customer)?;
        found.into_iter().map(|found| self.with_identities(site, found)).collect()
    }

    fn with_identities(&self, site: SiteNumber, customer: CustomerRecord) -> Stored<CustomerRecord> {
        let count = |kind| -> Stored<u32> {
            let sql = "SELECT count(*) FROM customer_identities WHERE site = ?1 AND customer = ?2 AND kind = ?3";
            let values = values![site.0, customer.id.as_str(), kind_number(kind)];
            Ok(self.find(sql, values, |row| column(row, 0))?.unwrap_or(0))
        };
        let (emails, phones) = (count(IdentityKind::Email)?, count(IdentityKind::Phone)?);
        Ok(CustomerRecord { emails, phones, ..customer })
    }

    pub(super) fn customers_by_identity(
        &self,
        site: SiteNumber,
        identities: &[IdentityKey],
        limit: u32,
    ) -> Stored<Vec<CustomerRecord>> {
        let sql = format!(
            "{CUSTOMER} JOIN customer_identities ON customer_identities.site = customers.site \
             AND customer_identities.customer = customers.id \
             WHERE customer_identities.site = ?1 AND customer_identities.identity = ?2 \
             ORDER BY customer_identities.customer LIMIT ?3"
        );
        let mut all: Vec<CustomerRecord> = Vec::new();
        for identity in identities {
            for found in self.list(&sql, values![site.0, identity.as_bytes().as_slice(), limit], customer)? {
                if all.iter().all(|known| known.id != found.id) {
                    all.push(found);
                }
            }
        }
        Ok(all)
    }

    pub(super) fn upsert_customer(
        &self,
        site: SiteNumber,
        id: &CustomerId,
        draft: &CustomerDraft,
        identities: &[(IdentityKind, Vec<IdentityKey>)],
        now: DateTime<Utc>,
    ) -> Stored<bool> {
        let sql =
            "UPDATE customers SET draft = ?3, updated_at = ?4, revision = revision + 1 WHERE site = ?1 AND id = ?2";
        let text = to_json(draft)?;
        let is_new = self.change(sql, values![site.0, id.as_str(), &text, now.timestamp_millis()])? == 0;
        if is_new {
            // No state of somebody who was erased comes back: it begins with the clock.
            let first = u32::try_from(now.timestamp()).unwrap_or(1);
            let sql = "INSERT INTO customers (site, id, draft, created_at, updated_at, revision) \
                       VALUES (?1, ?2, ?3, ?4, ?4, ?5)";
            self.change(sql, values![site.0, id.as_str(), &text, now.timestamp_millis(), first])?;
        }
        for (kind, keys) in identities {
            let kind = kind_number(*kind);
            let sql = "DELETE FROM customer_identities WHERE site = ?1 AND customer = ?2 AND kind = ?3";
            self.change(sql, values![site.0, id.as_str(), kind])?;
            for key in keys {
                let sql = "INSERT INTO customer_identities (site, identity, customer, kind) VALUES (?1, ?2, ?3, ?4)";
                self.change(sql, values![site.0, key.as_bytes().as_slice(), id.as_str(), kind])?;
            }
        }
        Ok(is_new)
    }

    pub(super) fn delete_customer(&self, site: SiteNumber, id: &CustomerId) -> Stored<bool> {
        self.forget_name(site, id)?;
        let of = values![site.0, id.as_str()];
        self.change("DELETE FROM customer_identities WHERE site = ?1 AND customer = ?2", of)?;
        Ok(self.change("DELETE FROM customers WHERE site = ?1 AND id = ?2", of)? == 1)
    }

    pub(super) fn orders_of(
        &self,
        site: SiteNumber,
        mode: Mode,
        identities: &[IdentityKey],
        now: DateTime<Utc>,
    ) -> Stored<Ordered> {
        let mut ordered = Ordered::default();
        for identity in identities {
            let sql =
                "SELECT orders, appointments FROM identity_orders WHERE site = ?1 AND mode = ?2 AND identity = ?3";
            let values = values![site.0, mode_number(mode), identity.as_bytes().as_slice()];
            let counted = self.find(sql, values, |row| Ok((column::<u32>(row, 0)?, column::<u32>(row, 1)?)))?;
            let Some((orders, appointments)) = counted else { continue };
            let (ended, ended_appointments) = self.ended_orders(site, mode, *identity, now)?;
            ordered.any |= orders > ended;
            ordered.appointment |= appointments > ended_appointments;
        }
        Ok(ordered)
    }

    /// How many of somebody's orders are holds that have ended but are still counted, and how many of those hold an appointment.
    fn ended_orders(
        &self,
        site: SiteNumber,
        mode: Mode,
        identity: IdentityKey,
        now: DateTime<Utc>,
    ) -> Stored<(u32, u32)> {
        // The few holds that have ended are looked through, never a site's many redemptions: a column with a sign is looked up in no
        // index.
        let sql = "SELECT customer, has_appointment FROM redemptions WHERE state = 0 AND set_aside = 0 AND expires_at <= ?1 \
                   AND +site = ?2 AND +mode = ?3";
        let ended = self.list(sql, values![now.timestamp_millis(), site.0, mode_number(mode)], |row| {
            Ok((identities(row, 0)?.contains(&identity), column::<bool>(row, 1)?))
        })?;
        let theirs = || ended.iter().filter(|(is_theirs, _)| *is_theirs);
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Ok((count(theirs().count()), count(theirs().filter(|(_, appointment)| *appointment).count())))
    }

    pub(super) fn count_order(&self, redemption: &Redemption) -> Stored<()> {
        for identity in &redemption.customer {
            let sql = "INSERT INTO identity_orders (site, mode, identity, appointments, orders) VALUES (?1, ?2, ?3, ?4, ?5) \
                       ON CONFLICT (site, mode, identity) DO UPDATE SET orders = identity_orders.orders + excluded.orders, \
                       appointments = identity_orders.appointments + excluded.appointments";
            let [site, mode, identity, appointments] = order_values(redemption, *identity);
            self.0.add(sql, &[site, mode, identity, appointments, Value::Integer(1)])?;
        }
        Ok(())
    }

    pub(super) fn uncount_order(&self, redemption: &Redemption) -> Stored<()> {
        for identity in &redemption.customer {
            let sql = "UPDATE identity_orders SET orders = orders - 1, appointments = appointments - ?4 \
                       WHERE site = ?1 AND mode = ?2 AND identity = ?3 AND orders > 1";
            if self.change(sql, &order_values(redemption, *identity))? == 0 {
                let sql = "DELETE FROM identity_orders WHERE site = ?1 AND mode = ?2 AND identity = ?3";
                let [site, mode, identity, _] = order_values(redemption, *identity);
                self.change(sql, &[site, mode, identity])?;
            }
        }
        Ok(())
    }
}

/// Whose order it is, and what it adds to or takes from their appointments.
fn order_values(redemption: &Redemption, identity: IdentityKey) -> [Value<'static>; 4] {
    [
        redemption.site.0.into(),
        mode_number(redemption.mode).into(),
        identity.as_bytes().to_vec().into(),
        redemption.has_appointment.into(),
    ]
}
