//! `GET /v1/redemptions`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::RedemptionAnswer;
use crate::app::App;
use crate::ids::RedemptionId;
use crate::json::Json;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::routes::openapi;
use crate::routes::paging::{Paging, unknown_after};
use crate::store::{Page, Read};

/// A page of redemptions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RedemptionPage {
    /// The oldest first.
    redemptions: Vec<RedemptionAnswer>,
    /// What to give as `after` for the next page; null on the last.
    #[schema(value_type = Option<String>)]
    next: Option<RedemptionId>,
}

/// List redemptions
#[utoipa::path(
    get,
    path = "/v1/redemptions",
    tag = "redemptions",
    params(
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "1 to 100; 50 when absent"),
    ),
    responses(
        (status = 200, body = RedemptionPage),
        (status = 400, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: SecretCaller,
    paging: Paging,
) -> Result<Json<RedemptionPage>, Problem> {
    let after = paging.after.as_ref().map(|after| after.parse::<RedemptionId>());
    let after = after.transpose().map_err(|_| unknown_after())?;
    let now = app.clock().now();
    let page = Page { after, limit: paging.looked_for() };
    let mut found =
        app.store().read(move |read: &dyn Read| read.redemptions(caller.site.number, caller.mode, page)).await?;
    let next = paging.cut(&mut found, |last| last.id);
    let redemptions = found.into_iter().map(|redemption| RedemptionAnswer::at(redemption, now)).collect();
    Ok(Json(RedemptionPage { redemptions, next }))
}
