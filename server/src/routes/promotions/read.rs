//! `GET /v1/promotions` and `GET /v1/promotions/{id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::{PromotionAnswer, find};
use crate::app::App;
use crate::json::Json;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::routes::openapi;
use crate::routes::paging::{Paging, unknown_after};
use crate::store::{Mode, Page, Read, SiteNumber};

/// A page of promotions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PromotionPage {
    /// The oldest first.
    promotions: Vec<PromotionAnswer>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
}

/// List promotions
#[utoipa::path(
    get,
    path = "/v1/promotions",
    tag = "promotions",
    params(
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "1 to 100; 50 when absent"),
    ),
    responses(
        (status = 200, body = PromotionPage),
        (status = 400, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: SecretCaller,
    paging: Paging,
) -> Result<Json<PromotionPage>, Problem> {
    let (site, mode, now) = (caller.site.number, caller.mode, app.clock().now());
    let page = app.store().read(move |read: &dyn Read| page(read, (site, mode), paging, now)).await?;
    Ok(Json(page))
}

fn page(
    read: &dyn Read,
    (site, mode): (SiteNumber, Mode),
    paging: Paging,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<PromotionPage, Problem> {
    let after = match &paging.after {
        None => None,
        Some(id) => Some(find(read, site, id)?.ok_or_else(unknown_after)?.number),
    };
    let mut found = read.promotions(site, Page { after, limit: paging.looked_for() })?;
    let next = paging.cut(&mut found, |last| last.promotion.terms.promotion.as_str().to_owned());
    let promotions: Result<Vec<_>, _> =
        found.into_iter().map(|record| PromotionAnswer::of(read, mode, record, now)).collect();
    Ok(PromotionPage { promotions: promotions?, next })
}

/// Show a promotion
#[utoipa::path(
    get,
    path = "/v1/promotions/{id}",
    tag = "promotions",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = PromotionAnswer),
        (status = 404, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn show(
    State(app): State<App>,
    caller: SecretCaller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let now = app.clock().now();
    let find = move |read: &dyn Read| match find(read, caller.site.number, &id)? {
        Some(record) => PromotionAnswer::of(read, caller.mode, record, now).map(Some),
        None => Ok(None),
    };
    let found: Result<_, crate::store::StoreError> = app.store().read(find).await;
    Ok(found?.ok_or_else(|| Problem::not_found("promotion"))?.respond(StatusCode::OK))
}
