//! Sites, their keys, secrets and catalogs.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tearoff_core::catalog::{Catalog, CatalogItem, CatalogItemDraft};
use tearoff_core::id::ItemId;
use tearoff_core::policy::{SitePolicy, SitePolicyDraft};
use tearoff_core::zones;

use super::row::{
    inconsistent, instant, json, key_kind, key_kind_number, mode, mode_number, optional_instant, text, to_json,
};
use super::session::Session;
use super::value::{Columns, column, values};
use crate::keys::Key;
use crate::memo::Memo;
use crate::store::{CartSecret, KeyRecord, Purpose, Secret, SiteNumber, SiteRecord, Stored};

const SITE: &str = "SELECT number, id, policy, revision, catalog_revision FROM sites";

const KEY: &str = "SELECT hash, site, kind, mode, last_four, created_at, valid_until FROM keys";

fn key(row: &dyn Columns) -> Stored<KeyRecord> {
    Ok(KeyRecord {
        hash: column(row, 0)?,
        site: SiteNumber(column(row, 1)?),
        kind: key_kind(row, 2)?,
        mode: mode(row, 3)?,
        last_four: column::<Option<String>>(row, 4)?.map(Into::into),
        created_at: instant(row, 5)?,
        valid_until: optional_instant(row, 6)?,
    })
}

impl Session<'_> {
    pub(super) fn site_by_number(&self, number: SiteNumber) -> Stored<Option<Arc<SiteRecord>>> {
        self.recall(&number, || {
            let row = self.find(&format!("{SITE} WHERE number = ?1"), values![number.0], site)?;
            row.map(|row| self.with_origins(row)).transpose()
        })
    }

    pub(super) fn site_by_id(&self, id: &str) -> Stored<Option<Arc<SiteRecord>>> {
        // Who asks by the id is about to plant a seed, and has not said before which site that is.
        let sql = self.holding(&format!("{SITE} WHERE id = ?1"), " FOR NO KEY UPDATE");
        let row = self.find(&sql, values![id], site)?;
        row.map(|row| self.with_origins(row)).transpose()
    }

    fn with_origins(&self, site: SiteRecord) -> Stored<Arc<SiteRecord>> {
        let sql = "SELECT origin FROM origins WHERE site = ?1 ORDER BY origin";
        let origins = self.list(sql, values![site.number.0], |row| column(row, 0))?;
        Ok(Arc::new(SiteRecord { origins, ..site }))
    }

    pub(super) fn key(&self, hash: &[u8; 32]) -> Stored<Option<KeyRecord>> {
        self.recall(hash, || self.find(&format!("{KEY} WHERE hash = ?1"), values![hash.as_slice()], key))
    }

    pub(super) fn keys_of(&self, site: SiteNumber, now: DateTime<Utc>) -> Stored<Vec<KeyRecord>> {
        let sql =
            format!("{KEY} WHERE site = ?1 AND (valid_until IS NULL OR valid_until > ?2) ORDER BY created_at, hash");
        self.list(&sql, values![site.0, now.timestamp_millis()], key)
    }

    pub(super) fn sites_without_keys(&self) -> Stored<Option<Vec<String>>> {
        let sql =
            "SELECT id, NOT EXISTS (SELECT 1 FROM keys WHERE keys.site = sites.number) FROM sites ORDER BY number";
        let sites: Vec<(String, bool)> = self.list(sql, &[], |row| Ok((column(row, 0)?, column(row, 1)?)))?;
        let is_none = sites.is_empty();
        let keyless = sites.into_iter().filter_map(|(id, is_keyless)| is_keyless.then_some(id)).collect();
        Ok((!is_none).then_some(keyless))
    }

    pub(super) fn is_origin(&self, origin: &str) -> Stored<bool> {
        let found = self.find("SELECT 1 FROM origins WHERE origin = ?1 LIMIT 1", values![origin], |_| Ok(()))?;
        Ok(found.is_some())
    }

    pub(super) fn newest_secret(
        &self,
        site: SiteNumber,
        purpose: Purpose,
        version: Option<u8>,
    ) -> Stored<Option<Secret>> {
        let sql = "SELECT version, secret FROM secrets WHERE site = ?1 AND purpose = ?2 AND version = coalesce(?3, version) \
                   ORDER BY version DESC LIMIT 1";
        let secret = |row: &dyn Columns| Ok(Secret { version: column(row, 0)?, bytes: column(row, 1)? });
        let find = || self.find(sql, values![site.0, purpose_number(purpose), version], secret);
        if version.is_none() { self.recall(&(site, purpose), find) } else { find() }
    }

    pub(super) fn cart_secrets_of(&self, site: SiteNumber, now: DateTime<Utc>) -> Stored<Vec<CartSecret>> {
        let sql = "SELECT number, secret, created_at, valid_until FROM cart_secrets \
                   WHERE site = ?1 AND (valid_until IS NULL OR valid_until > ?2) ORDER BY number";
        let secret = |row: &dyn Columns| {
            Ok(CartSecret {
                number: column(row, 0)?,
                bytes: column(row, 1)?,
                created_at: instant(row, 2)?,
                valid_until: optional_instant(row, 3)?,
            })
        };
        self.list(sql, values![site.0, now.timestamp_millis()], secret)
    }

    pub(super) fn items(&self, site: SiteNumber, items: &[ItemId]) -> Stored<Catalog> {
        let mut found = Vec::with_capacity(items.len());
        for item in items {
            let sql = "SELECT draft FROM catalog_items WHERE site = ?1 AND id = ?2";
            let find = || self.find(sql, values![site.0, item.as_str()], catalog_item);
            found.extend(self.recall(&(site, item.clone()), find)?);
        }
        Ok(Catalog::new(found))
    }

    pub(super) fn whole_catalog(&self, site: SiteNumber) -> Stored<Vec<CatalogItemDraft>> {
        let sql = "SELECT draft FROM catalog_items WHERE site = ?1 ORDER BY id";
        self.list(sql, values![site.0], |row| json(row, 0))
    }

    pub(super) fn insert_site(
        &self,
        id: &str,
        policy: &SitePolicyDraft,
        [snapshots, identities]: [&Secret; 2],
        now: DateTime<Utc>,
    ) -> Stored<SiteNumber> {
        let sql = "INSERT INTO sites (id, policy, created_at, updated_at) VALUES (?1, ?2, ?3, ?3) RETURNING number";
        let values = values![id, to_json(policy)?, now.timestamp_millis()];
        let number = self.find(sql, values, |row| column(row, 0).map(SiteNumber))?;
        let number = number.ok_or_else(|| inconsistent("a site just written"))?;
        for (purpose, secret) in [(Purpose::Snapshots, snapshots), (Purpose::Identities, identities)] {
            self.insert_secret(number, purpose, secret, now)?;
        }
        Ok(number)
    }

    pub(super) fn update_policy(&self, site: SiteNumber, policy: &SitePolicyDraft, now: DateTime<Utc>) -> Stored<()> {
        let sql = "UPDATE sites SET policy = ?2, updated_at = ?3, revision = revision + 1 WHERE number = ?1";
        self.change(sql, values![site.0, to_json(policy)?, now.timestamp_millis()]).map(drop)
    }

    pub(super) fn replace_origins(&self, site: SiteNumber, origins: &[String]) -> Stored<()> {
        self.change("UPDATE sites SET revision = revision + 1 WHERE number = ?1", values![site.0])?;
        self.change("DELETE FROM origins WHERE site = ?1", values![site.0])?;
        for origin in origins {
            let sql = "INSERT INTO origins (origin, site) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            self.change(sql, values![origin, site.0])?;
        }
        Ok(())
    }

    pub(super) fn insert_key(&self, site: SiteNumber, key: &Key, now: DateTime<Utc>) -> Stored<()> {
        let sql = "INSERT INTO keys (hash, site, kind, mode, created_at, last_four) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                   ON CONFLICT DO NOTHING";
        let hash = key.hash();
        let values = values![
            hash.as_slice(),
            site.0,
            key_kind_number(key.kind()),
            mode_number(key.mode()),
            now.timestamp_millis(),
            key.last_four()
        ];
        self.change(sql, values).map(drop)
    }

    pub(super) fn update_key_end(&self, hash: &[u8; 32], at: DateTime<Utc>) -> Stored<()> {
        let sql = "UPDATE keys SET valid_until = ?2 WHERE hash = ?1";
        self.change(sql, values![hash.as_slice(), at.timestamp_millis()]).map(drop)
    }

    pub(super) fn next_secret_made(
        &self,
        site: SiteNumber,
        purpose: Purpose,
        version: u8,
    ) -> Stored<Option<DateTime<Utc>>> {
        let sql =
            "SELECT created_at FROM secrets WHERE site = ?1 AND purpose = ?2 AND version > ?3 ORDER BY version LIMIT 1";
        self.find(sql, values![site.0, purpose_number(purpose), version], |row| instant(row, 0))
    }

    pub(super) fn next_secret(
        &self,
        site: SiteNumber,
        purpose: Purpose,
        secret: &Secret,
        now: DateTime<Utc>,
    ) -> Stored<()> {
        self.insert_secret(site, purpose, secret, now)?;
        let sql = "DELETE FROM secrets WHERE site = ?1 AND purpose = ?2 AND version < ?3";
        self.change(sql, values![site.0, purpose_number(purpose), secret.version.saturating_sub(1)]).map(drop)
    }

    fn insert_secret(&self, site: SiteNumber, purpose: Purpose, secret: &Secret, now: DateTime<Utc>) -> Stored<()> {
        let sql = "INSERT INTO secrets (site, purpose, version, secret, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values =
            values![site.0, purpose_number(purpose), secret.version, secret.bytes.as_slice(), now.timestamp_millis()];
        self.change(sql, values).map(drop)
    }

    pub(super) fn insert_cart_secret(&self, site: SiteNumber, secret: &CartSecret, until: DateTime<Utc>) -> Stored<()> {
        let made = secret.created_at.timestamp_millis();
        let sql =
            "UPDATE cart_secrets SET valid_until = ?2 WHERE site = ?1 AND (valid_until IS NULL OR valid_until > ?2)";
        self.change(sql, values![site.0, until.timestamp_millis()])?;
        self.change("DELETE FROM cart_secrets WHERE site = ?1 AND valid_until <= ?2", values![site.0, made])?;
        let sql =
            "INSERT INTO cart_secrets (site, number, secret, created_at, valid_until) VALUES (?1, ?2, ?3, ?4, ?5)";
        let end = secret.valid_until.map(|until| until.timestamp_millis());
        self.change(sql, values![site.0, secret.number, secret.bytes.as_slice(), made, end]).map(drop)
    }

    pub(super) fn replace_catalog(&self, site: SiteNumber, items: &[CatalogItemDraft]) -> Stored<()> {
        self.change("UPDATE sites SET catalog_revision = catalog_revision + 1 WHERE number = ?1", values![site.0])?;
        self.change("DELETE FROM catalog_items WHERE site = ?1", values![site.0])?;
        for item in items {
            let sql = "INSERT INTO catalog_items (site, id, draft) VALUES (?1, ?2, ?3)";
            self.change(sql, values![site.0, &item.id, to_json(item)?])?;
        }
        Ok(())
    }
}

/// An item, read once and then known by its text.
fn catalog_item(row: &dyn Columns) -> Stored<CatalogItem> {
    /// Most items that are known.
    const MOST: usize = 4096;
    static KNOWN: Memo<String, CatalogItem> = Memo::of_at_most(MOST);
    KNOWN.recall(&*text(row, 0)?, || {
        let draft: CatalogItemDraft = json(row, 0)?;
        CatalogItem::parse(&draft, "item").map_err(|_| inconsistent("an item of a catalog"))
    })
}

/// A policy, read once and then known by its text.
fn policy(row: &dyn Columns, index: usize) -> Stored<(SitePolicyDraft, SitePolicy)> {
    /// Most policies that are known.
    const MOST: usize = 256;
    static KNOWN: Memo<String, (SitePolicyDraft, SitePolicy)> = Memo::of_at_most(MOST);
    KNOWN.recall(&*text(row, index)?, || {
        let draft: SitePolicyDraft = json(row, index)?;
        let policy =
            SitePolicy::parse(&draft, &zones::exists, "policy").map_err(|_| inconsistent("a site's policy"))?;
        Ok((draft, policy))
    })
}

fn site(row: &dyn Columns) -> Stored<SiteRecord> {
    let (draft, policy) = policy(row, 2)?;
    Ok(SiteRecord {
        number: SiteNumber(column(row, 0)?),
        id: column::<String>(row, 1)?.into(),
        draft,
        policy,
        origins: Vec::new(),
        revision: column(row, 3)?,
        catalog_revision: column(row, 4)?,
    })
}

const fn purpose_number(purpose: Purpose) -> i64 {
    match purpose {
        Purpose::Snapshots => 0,
        Purpose::Identities => 1,
    }
}
