//! `GET /v1/promotions/{id}/codes`.

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::promotion;
use crate::app::App;
use crate::json::Json;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::routes::answer::{instant, optional_instant};
use crate::routes::openapi;
use crate::routes::paging::{Paging, unknown_after};
use crate::store::{CodeNumber, CodeRecord, Mode, Page, PromotionRecord, Read, Stored};

/// A code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CodeAnswer {
    /// The code, as its owner spells it.
    pub(in crate::routes) code: String,
    /// Whether it unlocks its promotion.
    pub(in crate::routes) state: CodeState,
    /// How often it is used, held reservations included, in the unit of the promotion's limit per code. Counted only where there is such a
    /// limit; null otherwise.
    pub(in crate::routes) used: Option<u32>,
    /// When it was added.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub(in crate::routes) created_at: DateTime<Utc>,
    /// When it was retired; null while it is active.
    #[serde(serialize_with = "optional_instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(in crate::routes) retired_at: Option<DateTime<Utc>>,
}

/// Whether a code unlocks its promotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CodeState {
    /// It does.
    Active,
    /// It does not, and is answered as unknown; no other promotion can have it.
    Retired,
}

/// A page of codes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CodePage {
    /// In the order in which they were added.
    codes: Vec<CodeAnswer>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
}

/// The codes as they are told, with how often each is used.
pub(in crate::routes) fn told(
    read: &dyn Read,
    record: &PromotionRecord,
    mode: Mode,
    codes: Vec<CodeRecord>,
    now: DateTime<Utc>,
) -> Stored<Vec<CodeAnswer>> {
    let used = read.used_by_codes(record, mode, &codes, now)?;
    let one = |(index, code): (usize, CodeRecord)| CodeAnswer {
        code: code.spelling.into(),
        state: if code.retired_at.is_some() { CodeState::Retired } else { CodeState::Active },
        used: used.as_ref().and_then(|used| used.get(index)).copied(),
        created_at: code.created_at,
        retired_at: code.retired_at,
    };
    Ok(codes.into_iter().enumerate().map(one).collect())
}

/// List a promotion's codes
#[utoipa::path(
    get,
    path = "/v1/promotions/{id}/codes",
    tag = "codes",
    params(
        ("id" = String, Path),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "1 to 100; 50 when absent"),
    ),
    responses(
        (status = 200, body = CodePage),
        (status = 400, response = openapi::ProblemResponse),
        (status = 404, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: SecretCaller,
    Path(id): Path<String>,
    paging: Paging,
) -> Result<Json<CodePage>, Problem> {
    let after = paging.after.as_ref().map(|after| after.parse().map(CodeNumber)).transpose();
    let after = after.map_err(|_| unknown_after())?;
    let (now, mode) = (app.clock().now(), caller.mode);
    let work = move |read: &dyn Read| -> Result<CodePage, Problem> {
        let (_, record) = promotion(read, caller.site.number, &id)??;
        let mut found = read.code_page(record.number, Page { after, limit: paging.looked_for() })?;
        let next = paging.cut(&mut found, |last| last.number.0.to_string());
        Ok(CodePage { codes: told(read, &record, mode, found, now)?, next })
    };
    app.store().read(work).await.map(Json)
}
