//! `PUT /v1/promotions/{id}`, `POST /v1/promotions/{id}/activate` and `/deactivate`.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tearoff_core::promotion::draft::Draft;
use utoipa::ToSchema;

use super::{PromotionAnswer, find};
use crate::app::App;
use crate::edits::{Action, Change, Resource};
use crate::json::Body;
use crate::keys::Owner;
use crate::problem::Problem;
use crate::promotions::{edit as write_terms, switch};
use crate::routes::matching::Expected;
use crate::routes::openapi;
use crate::routes::site_now;
use crate::store::{Mode, PromotionRecord, Stored, Write};

/// New terms for a promotion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TermsRequest {
    /// What is offered from now on.
    #[schema(value_type = openapi::Draft)]
    terms: Draft,
}

/// Edit a promotion
///
/// Makes a new version of its terms, for future uses only. Its codes stay as they are. `warnings` says what may be a mistake.
#[utoipa::path(
    put,
    path = "/v1/promotions/{id}",
    tag = "promotions",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The `ETag` it was read with, or `*`")),
    request_body = TermsRequest,
    responses(
        (status = 200, body = PromotionAnswer),
        (status = 400, response = openapi::ProblemResponse),
        (status = 404, response = openapi::ProblemResponse),
        (status = 412, response = openapi::ProblemResponse),
        (status = 428, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn edit(
    State(app): State<App>,
    caller: Owner,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(request): Body<TermsRequest>,
) -> Result<Response, Problem> {
    let number = caller.site.number;
    let edit = move |store: &dyn Write, now, record| {
        // By the policy that holds now, which may not be the one that held when this was sent.
        let site = site_now(store, number)?;
        Ok(write_terms(store, now, &site, record, &request.terms)?.map_err(|errors| Problem::invalid(&errors)))
    };
    change(&app, caller, id, (Action::Changed, Expected::needed(&headers)), edit).await
}

/// Switch a promotion on
#[utoipa::path(
    post,
    path = "/v1/promotions/{id}/activate",
    tag = "promotions",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` it was read with")),
    responses(
        (status = 200, body = PromotionAnswer),
        (status = 404, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
        (status = 412, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn activate(
    State(app): State<App>,
    caller: Owner,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    set_active(&app, caller, id, &headers, true).await
}

/// Switch a promotion off
///
/// No later redemption uses it; recorded ones stay as they are.
#[utoipa::path(
    post,
    path = "/v1/promotions/{id}/deactivate",
    tag = "promotions",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` it was read with")),
    responses(
        (status = 200, body = PromotionAnswer),
        (status = 404, response = openapi::ProblemResponse),
        (status = 412, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn deactivate(
    State(app): State<App>,
    caller: Owner,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    set_active(&app, caller, id, &headers, false).await
}

async fn set_active(
    app: &App,
    caller: Owner,
    id: String,
    headers: &HeaderMap,
    active: bool,
) -> Result<Response, Problem> {
    let site = caller.site.number;
    let edit = move |store: &dyn Write, now, record| {
        let switched = switch(store, now, &*site_now(store, site)?, record, active)?;
        // Nothing is wrong with the request, which has no terms: it is the site that has too many.
        Ok(switched.map_err(|errors| {
            let title = "the site has as many active promotions without a code as it can have";
            let problem = Problem::new(StatusCode::CONFLICT, "too_many_without_codes", title);
            problem.detail(errors.first().map(|first| format!("it {}", first.message)).unwrap_or_default())
        }))
    };
    let action = if active { Action::Activated } else { Action::Deactivated };
    change(app, caller, id, (action, Expected::of(headers)), edit).await
}

/// Changes a promotion in the state in which its owner saw it.
async fn change<F>(
    app: &App,
    caller: Owner,
    id: String,
    (action, expected): (Action, Expected),
    mut edit: F,
) -> Result<Response, Problem>
where
    F: FnMut(&dyn Write, DateTime<Utc>, PromotionRecord) -> Stored<Result<PromotionRecord, Problem>> + Send + 'static,
{
    let (site, editor) = (caller.site.number, caller.editor());
    let work = move |store: &dyn Write, now| -> Stored<Result<PromotionAnswer, Problem>> {
        let Some(record) = find(store, site, &id)? else { return Ok(Err(Problem::not_found("promotion"))) };
        if let Err(problem) = expected.check(record.revision, "promotion") {
            return Ok(Err(problem));
        }
        let before = record.revision;
        match edit(store, now, record)? {
            Ok(record) => {
                let change = Change::of(Resource::Promotion, action).between(Some(before), Some(record.revision));
                editor.keep(store, site, now, &change.to(&id))?;
                PromotionAnswer::warned(store, &*site_now(store, site)?, Mode::Live, record, now).map(Ok)
            }
            Err(problem) => Ok(Err(problem)),
        }
    };
    let answer = app.store().batcher().submit(site, work).await??;
    Ok(answer.respond(StatusCode::OK))
}
