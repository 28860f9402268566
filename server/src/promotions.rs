//! Making and editing promotions, within the writer's transaction.

pub mod codes;
mod kept;
mod warnings;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tearoff_core::id::PromotionId;
use tearoff_core::invalid::{Fault, Faults, InvalidField};
use tearoff_core::promotion::Promotion;
use tearoff_core::promotion::draft::Draft;
use tearoff_core::zones;

use crate::establish::WITHOUT_CODES_MAX;
use crate::ids::{self, Ids};
use crate::store::{PromotionNumber, PromotionRecord, SiteRecord, StoreError, Stored, Write};

use kept::not_kept;
pub use warnings::{Surroundings, made_by_change, warnings};

/// Most codes of one request.
const CODES_MAX: usize = 10_000;

/// A promotion to be made.
#[derive(Clone, Debug)]
pub struct NewPromotion<'a> {
    /// Its id. It is drawn before the work that makes it: done again, that finds its own.
    pub id: &'a PromotionId,
    /// What its owner wrote.
    pub draft: &'a Draft,
    /// Its codes, as their owner spells them.
    pub codes: &'a [String],
    /// Whether it is active from the start (R68).
    pub active: bool,
}

/// Why a promotion was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMade {
    /// What was written is at fault.
    Invalid(Vec<InvalidField>),
    /// Codes are taken on this site.
    CodesTaken(Vec<InvalidField>),
}

/// The id of a promotion that is to be made.
///
/// # Errors
/// [`StoreError`] when nothing random is to be had.
pub fn new_id(ids: &dyn Ids, now: DateTime<Utc>) -> Stored<PromotionId> {
    PromotionId::parse(&ids::promotion(ids, now)?).map_err(|_| StoreError::Inconsistent("a new id".into()))
}

/// Makes a promotion with its codes: all or nothing.
///
/// # Errors
/// [`StoreError`]; the inner error is the owner's to mend, with fields below `terms` and `codes`.
pub fn make(
    store: &dyn Write,
    now: DateTime<Utc>,
    site: &SiteRecord,
    new: &NewPromotion<'_>,
) -> Stored<Result<PromotionRecord, NotMade>> {
    if let Some(made) = store.find_promotion(site.number, new.id)? {
        // A commit of which nobody knew whether it held did.
        return Ok(Ok(made));
    }
    let (promotion, codes) = match check(site, new)? {
        Ok(checked) => checked,
        Err(errors) => return Ok(Err(NotMade::Invalid(errors))),
    };
    let crowd = crowd(store, site, &promotion, new.active, None)?;
    if !crowd.is_empty() {
        return Ok(Err(NotMade::Invalid(crowd)));
    }
    let mut taken = Faults::default();
    let mut made = None;
    store.attempt(&mut || {
        let keys: Vec<_> = codes.iter().map(|code| &code.key).collect();
        for (code, found) in codes.iter().zip(store.find_codes(site.number, &keys)?) {
            if found.is_some() {
                taken.add(&format!("codes[{}]", code.index), Fault::Duplicate, "is taken already on this site");
            }
        }
        if !taken.is_empty() {
            return Ok(false);
        }
        let number = store.add_promotion(site.number, &promotion, new.draft, new.active, now)?;
        made = Some(number);
        let codes: Vec<_> = codes.iter().map(|code| (&code.key, &*code.spelling)).collect();
        store.add_codes(site.number, &codes, number, now).map(|()| true)
    })?;
    match made {
        Some(number) if taken.is_empty() => kept(store, number).map(Ok),
        _ => Ok(Err(NotMade::CodesTaken(taken.into_vec()))),
    }
}

type Codes = Vec<codes::Listed>;

fn check(site: &SiteRecord, new: &NewPromotion<'_>) -> Stored<Result<(Promotion, Codes), Vec<InvalidField>>> {
    let mut faults = Faults::default();
    let zone = |local| zones::around(&site.policy.zone, local);
    let promotion =
        Promotion::parse(new.id.clone(), 1, new.draft, &zone, "terms").map_err(|found| faults.extend(found)).ok();
    faults.extend(beyond(site, new.draft));
    let codes = check_codes(site, new.codes, &mut faults);
    if promotion.as_ref().is_some_and(|promotion| !promotion.terms.needs_code) && !new.codes.is_empty() {
        faults.add("codes", Fault::Contradiction, "must be empty: this promotion acts without a code");
    }
    Ok(match promotion {
        Some(promotion) if faults.is_empty() => Ok((promotion, codes)),
        _ => Err(faults.into_vec()),
    })
}

/// The fault of one more active promotion without a code than is held against a cart: none beyond that could ever act.
fn crowd(
    store: &dyn Write,
    site: &SiteRecord,
    promotion: &Promotion,
    active: bool,
    among: Option<PromotionNumber>,
) -> Stored<Vec<InvalidField>> {
    if !active || promotion.terms.needs_code {
        return Ok(Vec::new());
    }
    let others = store.without_codes(site.number, WITHOUT_CODES_MAX)?;
    let counted = others.iter().filter(|other| Some(other.number) != among).count();
    let fits = u32::try_from(counted).is_ok_and(|counted| counted < WITHOUT_CODES_MAX);
    let mut faults = Faults::default();
    if !fits {
        let message = format!("is one more than the {WITHOUT_CODES_MAX} active ones that may act without a code");
        faults.add("terms.kind", Fault::OutOfBounds, message);
    }
    Ok(faults.into_vec())
}

/// What of a draft goes beyond this site's policy, or this server.
fn beyond(site: &SiteRecord, draft: &Draft) -> Vec<InvalidField> {
    let mut found = draft.against(&site.policy, "terms");
    found.extend(not_kept(draft, "terms"));
    found
}

fn check_codes(site: &SiteRecord, given: &[String], faults: &mut Faults) -> Codes {
    if given.len() > CODES_MAX {
        faults.add("codes", Fault::OutOfBounds, format!("must have at most {CODES_MAX} entries"));
        return Codes::new();
    }
    let (listed, found) = codes::check(site, given);
    faults.extend(found);
    listed
}

/// Writes new terms for a promotion: a new version, for future uses only (R9). The same terms again change nothing.
///
/// # Errors
/// [`StoreError`]; the inner error is the owner's to mend, with fields below `terms`.
pub fn edit(
    store: &dyn Write,
    now: DateTime<Utc>,
    site: &SiteRecord,
    record: PromotionRecord,
    draft: &Draft,
) -> Stored<Result<PromotionRecord, Vec<InvalidField>>> {
    if store.draft(record.number)?.is_some_and(|newest| newest == *draft) {
        return Ok(Ok(record));
    }
    let terms = &record.promotion.terms;
    let zone = |local| zones::around(&site.policy.zone, local);
    let version = terms.version.saturating_add(1);
    let mut promotion = Promotion::parse(terms.promotion.clone(), version, draft, &zone, "terms");
    let beyond = beyond(site, draft);
    if !beyond.is_empty() {
        promotion = Err(promotion.err().into_iter().flatten().chain(beyond).collect());
    }
    let promotion = match promotion {
        Ok(promotion) => promotion,
        Err(errors) => return Ok(Err(errors)),
    };
    let crowd = crowd(store, site, &promotion, record.active, Some(record.number))?;
    if !crowd.is_empty() {
        return Ok(Err(crowd));
    }
    store.add_terms_version(record.number, &promotion, draft, now)?;
    kept(store, record.number).map(Ok)
}

/// Switches a promotion on or off (R68).
///
/// # Errors
/// [`StoreError`]; the inner error is that of one more without a code than a site may have.
pub fn switch(
    store: &dyn Write,
    now: DateTime<Utc>,
    site: &SiteRecord,
    record: PromotionRecord,
    active: bool,
) -> Stored<Result<PromotionRecord, Vec<InvalidField>>> {
    if record.active == active {
        return Ok(Ok(record));
    }
    let crowd = crowd(store, site, &record.promotion, active, Some(record.number))?;
    if !crowd.is_empty() {
        return Ok(Err(crowd));
    }
    store.set_active(record.number, active, now)?;
    kept(store, record.number).map(Ok)
}

fn kept(store: &dyn Write, number: PromotionNumber) -> Stored<PromotionRecord> {
    let kept = store.promotion(number)?.map(Arc::unwrap_or_clone);
    kept.ok_or_else(|| StoreError::Inconsistent("a promotion just written".into()))
}
