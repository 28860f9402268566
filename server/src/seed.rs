//! A seed: sites with their keys, policy, catalog and promotions, written by hand, for demos and tests.
//!
//! Planting adds what is missing and leaves what is there as it is, so that a server can be started with the same seed again and
//! again, and an owner's later changes stand.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tearoff_core::catalog::CatalogItemDraft;
use tearoff_core::code::CodeKey;
use tearoff_core::invalid::{Fault, Faults, InvalidField};
use tearoff_core::policy::{SitePolicy, SitePolicyDraft};
use tearoff_core::promotion::draft::Draft;
use tearoff_core::zones;

use crate::ids::Ids;
use crate::json;
use crate::keys::Key;
use crate::origin::parse_origins;
use crate::promotions::{NewPromotion, NotMade, make, new_id};
use crate::redeem::{Batcher, Failed};
use crate::routes::check_items;
use crate::store::{Secret, SiteNumber, SiteRecord, StoreError, Stored, Write};

/// What is planted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The sites.
    pub sites: Vec<SeedSite>,
}

impl Seed {
    /// Reads a seed from a file.
    ///
    /// # Errors
    /// What the file must be, in words.
    pub fn read(path: &str) -> Result<Self, String> {
        let text = fs::read(path).map_err(|error| format!("must be a file, which cannot be read: {error}"))?;
        json::parse(json::without_mark(&text))
            .map_err(|fault| format!("is no seed: `{}` {}", fault.field, fault.message))
    }
}

/// One site of a seed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedSite {
    /// Its id: 1 to 64 lower-case letters, digits, `-` and `_`.
    pub id: String,
    /// Its keys, `pk_…` and `sk_…`.
    pub keys: Vec<String>,
    /// What it decides.
    pub policy: SitePolicyDraft,
    /// Where its pages live.
    #[serde(default)]
    pub origins: Vec<String>,
    /// What it sells.
    #[serde(default)]
    pub catalog: SeedCatalog,
    /// What it offers.
    #[serde(default)]
    pub promotions: Vec<SeedPromotion>,
}

/// The catalog of a [`SeedSite`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedCatalog {
    /// Its items.
    pub items: Vec<CatalogItemDraft>,
}

/// A promotion of a [`SeedSite`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedPromotion {
    /// What is offered.
    pub terms: Draft,
    /// The codes that unlock it, at least one: by them it is known again.
    pub codes: Vec<String>,
    /// Whether it is active from the start; yes when absent.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

/// A seed that cannot be planted. Sites before the one at fault are planted.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// Its text is at fault.
    #[error("{}", .0.iter().map(|fault| format!("`{}` {}", fault.field, fault.message)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<InvalidField>),
    /// The store is.
    #[error(transparent)]
    Failed(#[from] Failed),
}

/// Adds what is missing, one site after another, each whole or not at all.
///
/// # Errors
/// [`SeedError`].
pub async fn plant(seed: Seed, batcher: &Batcher, ids: &Arc<dyn Ids>) -> Result<(), SeedError> {
    let twice = told_twice(&seed);
    if !twice.is_empty() {
        return Err(SeedError::Invalid(twice));
    }
    for (index, site) in seed.sites.into_iter().enumerate() {
        let ids = Arc::clone(ids);
        let within = format!("sites[{index}]");
        changed(batcher, &within, move |store, now, faults| plant_site(store, &*ids, now, &site, faults)).await?;
    }
    Ok(())
}

/// Adds one site that must not be there yet.
///
/// # Errors
/// [`SeedError`].
pub async fn add(site: SeedSite, batcher: &Batcher, ids: &Arc<dyn Ids>) -> Result<(), SeedError> {
    let ids = Arc::clone(ids);
    changed(batcher, "", move |store, now, faults| match store.find_site(&site.id)? {
        // A commit whose answer was lost is done again: whoever has our key was added by us.
        Some(there) if opens(store, &site.keys, &there)? => Ok(()),
        Some(_) => {
            faults.add("id", Fault::Duplicate, "is the id of a site that is there already");
            Ok(())
        }
        None => plant_site(store, &*ids, now, &site, faults),
    })
    .await
}

/// Whether the first of these keys is one of this site.
fn opens(store: &dyn Write, keys: &[String], site: &SiteRecord) -> Stored<bool> {
    let Some(key) = keys.first().and_then(|text| Key::parse(text)) else { return Ok(false) };
    Ok(store.find_key(&key.hash())?.is_some_and(|kept| kept.site == site.number))
}

/// Adds keys to a site that must be there.
///
/// # Errors
/// [`SeedError`].
pub async fn add_keys_to(site: String, keys: Vec<String>, batcher: &Batcher) -> Result<(), SeedError> {
    changed(batcher, "", move |store, now, faults| match store.find_site(&site)? {
        Some(site) => add_keys(store, now, &site, &keys, faults),
        None => {
            faults.add("id", Fault::Unknown, "is the id of no site");
            Ok(())
        }
    })
    .await
}

/// Does all of `change`, or nothing where it finds a fault; faults are told as being within the field `within`.
async fn changed(
    batcher: &Batcher,
    within: &str,
    change: impl Fn(&dyn Write, DateTime<Utc>, &mut Faults) -> Stored<()> + Send + 'static,
) -> Result<(), SeedError> {
    let within = within.to_owned();
    let work = move |store: &dyn Write, now| {
        let mut faults = Faults::within(&within);
        store.attempt(&mut || {
            change(store, now, &mut faults)?;
            Ok(faults.is_empty())
        })?;
        Ok(faults.into_vec())
    };
    // Nobody waits for a turn while a server starts or is stopped: any number will do for a site that may not have one yet.
    let errors = batcher.submit_uncounted(SiteNumber(0), work).await?;
    if errors.is_empty() { Ok(()) } else { Err(SeedError::Invalid(errors)) }
}

/// Sites and codes that the seed names twice: the later one would be taken for planted already, and silently left out.
fn told_twice(seed: &Seed) -> Vec<InvalidField> {
    let mut faults = Faults::default();
    let mut sites = BTreeSet::new();
    for (at, site) in seed.sites.iter().enumerate() {
        if !sites.insert(&site.id) {
            faults.add(&format!("sites[{at}].id"), Fault::Duplicate, "is the id of an earlier site");
        }
        let mut codes = BTreeMap::new();
        for (of, promotion) in site.promotions.iter().enumerate() {
            for (index, code) in promotion.codes.iter().enumerate() {
                let Ok(key) = CodeKey::normalize(code) else { continue };
                if codes.insert(key, of).is_some_and(|earlier| earlier != of) {
                    let field = format!("sites[{at}].promotions[{of}].codes[{index}]");
                    faults.add(&field, Fault::Duplicate, "is a code of an earlier promotion");
                }
            }
        }
    }
    faults.into_vec()
}

impl SeedSite {
    /// What is wrong with the site itself, whatever is there already; its promotions and keys are looked at when they are added.
    #[must_use]
    pub fn faults(&self) -> Vec<InvalidField> {
        let mut faults = Faults::default();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        if !(1..=64).contains(&self.id.len()) || !self.id.bytes().all(plain) {
            faults.add("id", Fault::Malformed, "must have 1 to 64 lower-case letters, digits, `-` and `_`");
        }
        let of_policy = SitePolicy::parse(&self.policy, &zones::exists, "policy").err();
        let of_origins = parse_origins(&self.origins, "origins").err();
        let of_catalog = check_items(&self.catalog.items, "catalog.items").err();
        for fault in [of_policy, of_origins, of_catalog].into_iter().flatten().flatten() {
            faults.add(&fault.field, fault.code, fault.message);
        }
        faults.into_vec()
    }
}

fn plant_site(
    store: &dyn Write,
    ids: &dyn Ids,
    now: DateTime<Utc>,
    seed: &SeedSite,
    faults: &mut Faults,
) -> Stored<()> {
    let site = match store.find_site(&seed.id)? {
        Some(site) => site,
        None => match add_site(store, ids, now, seed, faults)? {
            Some(site) => site,
            None => return Ok(()),
        },
    };
    add_keys(store, now, &site, &seed.keys, faults)?;
    for (index, promotion) in seed.promotions.iter().enumerate() {
        let field = format!("promotions[{index}]");
        if promotion.codes.is_empty() {
            faults.add(&format!("{field}.codes"), Fault::Required, "needs at least one code");
        } else if !is_planted(store, &site, promotion)? {
            let (id, codes) = (&new_id(ids, now)?, &promotion.codes);
            let new = NewPromotion { id, draft: &promotion.terms, codes, active: promotion.active };
            if let Err(NotMade::Invalid(found) | NotMade::CodesTaken(found)) = make(store, now, &site, &new)? {
                found.iter().for_each(|fault| {
                    faults.add(&format!("{field}.{}", fault.field), fault.code, fault.message.clone())
                });
            }
        }
    }
    Ok(())
}

fn add_site(
    store: &dyn Write,
    ids: &dyn Ids,
    now: DateTime<Utc>,
    seed: &SeedSite,
    faults: &mut Faults,
) -> Stored<Option<Arc<SiteRecord>>> {
    let found = seed.faults();
    if !found.is_empty() {
        for fault in found {
            faults.add(&fault.field, fault.code, fault.message);
        }
        return Ok(None);
    }
    let origins = parse_origins(&seed.origins, "origins").unwrap_or_default();
    let number = store.add_site(&seed.id, &seed.policy, [&new_secret(ids)?, &new_secret(ids)?], now)?;
    store.set_origins(number, &origins)?;
    store.set_catalog(number, &seed.catalog.items)?;
    store.site(number)
}

fn new_secret(ids: &dyn Ids) -> Result<Secret, StoreError> {
    let mut bytes = [0; 32];
    ids.fill(&mut bytes)?;
    Ok(Secret { version: 1, bytes })
}

fn add_keys(
    store: &dyn Write,
    now: DateTime<Utc>,
    site: &SiteRecord,
    keys: &[String],
    faults: &mut Faults,
) -> Stored<()> {
    for (index, text) in keys.iter().enumerate() {
        let field = format!("keys[{index}]");
        let Some(key) = Key::parse(text) else {
            faults.add(&field, Fault::Malformed, "must be `pk_` or `sk_` and at least 21 letters, digits and `_`");
            continue;
        };
        store.add_key(site.number, &key, now)?;
        let kept = store.find_key(&key.hash())?;
        if kept.is_none_or(|kept| kept.site != site.number) {
            faults.add(&field, Fault::Duplicate, "is a key of another site");
        }
    }
    Ok(())
}

/// A promotion is there already when any of its codes is.
fn is_planted(store: &dyn Write, site: &SiteRecord, promotion: &SeedPromotion) -> Stored<bool> {
    for key in promotion.codes.iter().filter_map(|code| CodeKey::normalize(code).ok()) {
        if store.find_code(site.number, &key)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_twice_is_told_with_its_place() {
        let promotion = |codes: &str| {
            let terms = r#"{"name":"n","kind":"coupon","label":"l","benefit":{"type":"percent","percent_bp":1}}"#;
            format!(r#"{{"codes":{codes},"terms":{terms}}}"#)
        };
        let site = |promotions: &str| {
            let policy = r#"{"currency":"EUR","zone":"UTC"}"#;
            format!(r#"{{"id":"olea","keys":[],"policy":{policy},"promotions":[{promotions}]}}"#)
        };
        let promotions = [promotion(r#"["WELCOME20"]"#), promotion(r#"["NEW","welcome20"]"#)].join(",");
        let seed = format!(r#"{{"sites":[{},{}]}}"#, site(&promotions), site(""));
        let found = told_twice(&serde_json::from_str(&seed).unwrap());
        let fields: Vec<&str> = found.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["sites[0].promotions[1].codes[1]", "sites[1].id"]);
    }
}
