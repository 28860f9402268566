//! `POST /v1/site/secrets/rotate`: another secret signs what pages price with.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

use crate::app::App;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::routes::answer::instant;
use crate::routes::keys::may_touch;
use crate::routes::openapi;
use crate::store::{Mode, Purpose, Secret, StoreError, Stored, Write};

/// What signs from now on. The secret itself is told to nobody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RotationAnswer {
    /// Which version of the secret it is, from 1.
    version: u8,
    /// When it was made.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
}

/// Replace the signing secret
///
/// What pages hold already stays honored as long as it would be otherwise, at most 15 minutes; what is signed with the old secret later is
/// not. A secret has at most 255 versions.
#[utoipa::path(
    post,
    path = "/v1/site/secrets/rotate",
    tag = "site",
    responses(
        (status = 200, body = RotationAnswer),
        (status = 409, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn rotate(State(app): State<App>, caller: SecretCaller) -> Result<Json<RotationAnswer>, Problem> {
    may_touch(caller.mode, Mode::Live)?;
    let (site, ids) = (caller.site.number, Arc::clone(app.ids()));
    let work = move |store: &dyn Write, now| -> Stored<Result<RotationAnswer, Problem>> {
        let newest = store.secret(site, Purpose::Snapshots, None)?;
        let newest = newest.ok_or_else(|| StoreError::Inconsistent("a site's secrets".into()))?;
        let Some(version) = newest.version.checked_add(1) else { return Ok(Err(worn_out())) };
        let mut bytes = [0; 32];
        ids.fill(&mut bytes)?;
        store.replace_secret(site, Purpose::Snapshots, &Secret { version, bytes }, now)?;
        Ok(Ok(RotationAnswer { version, created_at: now }))
    };
    app.store().batcher().submit(site, work).await?.map(Json)
}

fn worn_out() -> Problem {
    Problem::new(StatusCode::CONFLICT, "too_many_rotations", "the signing secret was replaced as often as it can be")
}
