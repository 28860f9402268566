//! `GET /v1/redemptions/{id}`.

use axum::extract::{Path, State};

use super::{RedemptionAnswer, parse_id};
use crate::app::App;
use crate::json::Json;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::routes::openapi;
use crate::store::{Read, Stored};

/// Show a redemption
#[utoipa::path(
    get,
    path = "/v1/redemptions/{id}",
    tag = "redemptions",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = RedemptionAnswer),
        (status = 404, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn show(
    State(app): State<App>,
    caller: SecretCaller,
    Path(id): Path<String>,
) -> Result<Json<RedemptionAnswer>, Problem> {
    let id = parse_id(&id)?;
    let now = app.clock().now();
    let find = move |read: &dyn Read| -> Stored<Option<RedemptionAnswer>> {
        let found = read.redemption(caller.site.number, id)?.filter(|found| found.mode == caller.mode);
        found.map(|found| RedemptionAnswer::whole(read, found, now)).transpose()
    };
    app.store().read(find).await?.map(Json).ok_or_else(|| Problem::not_found("redemption"))
}
