//! `/v1/promotions`: what an owner offers.

mod edit;
mod make;
mod read;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tearoff_core::audit::Finding;
use tearoff_core::id::PromotionId;
use tearoff_core::promotion::draft::Draft;
use utoipa::ToSchema;

pub(crate) use edit::{__path_activate, __path_deactivate, __path_edit, activate, deactivate, edit};
pub(crate) use make::{__path_create, create};
pub(crate) use read::{__path_list, __path_show, list, show};

use super::answer::instant;
use super::matching::tagged;
use super::openapi;
use crate::json::Json;
use crate::promotions::warnings;
use crate::store::{Mode, PromotionRecord, Read, SiteNumber, SiteRecord, StoreError, Stored};

/// Codes shown with a promotion; all of them are listed by themselves.
const CODES_SHOWN: u32 = 100;

/// A promotion at its newest terms version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PromotionAnswer {
    /// Its id: `prm_` and a UUID.
    id: String,
    /// Which version of its terms, from 1.
    version: u32,
    /// Whether it is active.
    active: bool,
    /// What its owner wrote.
    #[schema(value_type = openapi::Draft)]
    terms: Draft,
    /// The first 100 of its codes that are not retired, as their owner spells them, in the order in which they were added. All of them are
    /// listed by themselves.
    codes: Vec<String>,
    /// What its limit in total counts now, in the unit of that limit, redemptions or occurrences, held reservations included; of live
    /// redemptions with a live key, and of test ones with a test key. Null where there is no such limit.
    used: Option<u32>,
    /// When it was made.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    /// When it was last changed.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: DateTime<Utc>,
    /// What an audit finds that may be a mistake, the catalog looked up; where it is made or changed, not where it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<openapi::Finding>>)]
    warnings: Option<Vec<Finding>>,
    /// Which state of it this is: what its `ETag` names.
    #[serde(skip)]
    revision: u32,
}

impl PromotionAnswer {
    pub(super) fn of(read: &dyn Read, mode: Mode, record: PromotionRecord, now: DateTime<Utc>) -> Stored<Self> {
        let codes = read.codes(record.number, CODES_SHOWN)?;
        let draft = read.draft(record.number)?;
        let used = read.used(&record, mode, now)?;
        let terms = &record.promotion.terms;
        Ok(Self {
            id: terms.promotion.as_str().to_owned(),
            version: terms.version,
            active: record.active,
            codes,
            used,
            created_at: record.created_at,
            updated_at: record.updated_at,
            warnings: None,
            revision: record.revision,
            terms: draft.ok_or_else(|| StoreError::Inconsistent("a promotion's draft".into()))?,
        })
    }

    /// The same with what its owner should look at again.
    fn warned(
        read: &dyn Read,
        site: &SiteRecord,
        mode: Mode,
        record: PromotionRecord,
        now: DateTime<Utc>,
    ) -> Stored<Self> {
        let warnings = warnings(read, site, &record, now)?;
        Ok(Self { warnings: Some(warnings), ..Self::of(read, mode, record, now)? })
    }

    fn respond(self, status: StatusCode) -> Response {
        let revision = self.revision;
        tagged((status, Json(self)).into_response(), revision)
    }
}

pub(super) fn find(read: &dyn Read, site: SiteNumber, id: &str) -> Stored<Option<PromotionRecord>> {
    match PromotionId::parse(id) {
        Ok(id) => read.find_promotion(site, &id),
        Err(_) => Ok(None),
    }
}
