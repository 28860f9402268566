//! `POST /v1/redemptions/{id}/place`, `/confirm` and `/release`. Each can be repeated: what is done already is done.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::json;
use tearoff_core::redemption::Step;

use super::{RedemptionAnswer, parse_id};
use crate::app::App;
use crate::json::Json;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::redeem::{Stepped, step};
use crate::routes::openapi;
use crate::store::Write;

/// Place the order
///
/// Ends the hold's expiry. An expired hold takes its uses again if the limits bear it, else the answer is `hold_expired`.
#[utoipa::path(
    post,
    path = "/v1/redemptions/{id}/place",
    tag = "redemptions",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = RedemptionAnswer),
        (status = 404, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn place(
    state: State<App>,
    caller: SecretCaller,
    path: Path<String>,
) -> Result<Json<RedemptionAnswer>, Problem> {
    take(state, caller, path, Step::Place).await
}

/// Confirm the redemption
///
/// When the order is paid, or its invoice finalized. What was not placed before is placed with it.
#[utoipa::path(
    post,
    path = "/v1/redemptions/{id}/confirm",
    tag = "redemptions",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = RedemptionAnswer),
        (status = 404, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn confirm(
    state: State<App>,
    caller: SecretCaller,
    path: Path<String>,
) -> Result<Json<RedemptionAnswer>, Problem> {
    take(state, caller, path, Step::Confirm).await
}

/// Release the redemption
///
/// Gives its uses back, before it is confirmed.
#[utoipa::path(
    post,
    path = "/v1/redemptions/{id}/release",
    tag = "redemptions",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = RedemptionAnswer),
        (status = 404, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn release(
    state: State<App>,
    caller: SecretCaller,
    path: Path<String>,
) -> Result<Json<RedemptionAnswer>, Problem> {
    take(state, caller, path, Step::Release).await
}

async fn take(
    State(app): State<App>,
    caller: SecretCaller,
    Path(id): Path<String>,
    asked: Step,
) -> Result<Json<RedemptionAnswer>, Problem> {
    let id = parse_id(&id)?;
    let (site, mode) = (caller.site.number, caller.mode);
    let work = move |store: &dyn Write, now| step(store, now, (site, mode), id, asked);
    match app.store().batcher().submit(site, work).await? {
        Stepped::Done(redemption) => Ok(Json(RedemptionAnswer::at(*redemption, app.clock().now()))),
        Stepped::NotFound => Err(Problem::not_found("redemption")),
        Stepped::TooLate(state) => {
            let title = "the redemption cannot do this any more";
            Err(Problem::new(StatusCode::CONFLICT, "wrong_state", title).with("state", json!(state)))
        }
        Stepped::HoldExpired => {
            let title = "the hold has expired, and what was left has been used";
            Err(Problem::new(StatusCode::CONFLICT, "hold_expired", title))
        }
    }
}
