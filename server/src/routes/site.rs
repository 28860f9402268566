//! `/v1/site`: what a site decides.

mod lanes;
pub(super) mod secrets;

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tearoff_core::audit::Finding;
use tearoff_core::policy::{SitePolicy, SitePolicyDraft};
use tearoff_core::zones;
use utoipa::ToSchema;

use super::matching::{Expected, tagged};
use super::{openapi, site_now};
use crate::app::App;
use crate::edits::{Action, Change, Resource};
use crate::json::{Body, Json};
use crate::keys::{Owner, SecretCaller};
use crate::origin::parse_origins;
use crate::problem::Problem;
use crate::promotions::{Surroundings, made_by_change};
use crate::store::{Read, SiteRecord, Stored, Write};

/// What a site decides.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteAnswer {
    /// Its id.
    id: String,
    /// How it prices, counts and redeems.
    #[schema(value_type = openapi::SitePolicyDraft)]
    policy: SitePolicyDraft,
    /// Where its pages live.
    origins: Vec<String>,
    /// What an audit finds of the site's active promotions that may be a mistake and was none before; where the site is changed, not where it is
    /// read. At most 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<openapi::Finding>>)]
    warnings: Option<Vec<Finding>>,
}

/// What a site shall decide from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SiteRequest {
    /// How it prices, counts and redeems.
    #[schema(value_type = openapi::SitePolicyDraft)]
    policy: SitePolicyDraft,
    /// Origins such as `https://studio.example`, at most 100, kept as browsers send them: without the port that a scheme has anyway.
    /// Unchanged when absent.
    #[serde(default)]
    origins: Option<Vec<String>>,
}

/// Show the site
#[utoipa::path(
    get,
    path = "/v1/site",
    tag = "site",
    responses((status = 200, body = SiteAnswer)),
    security(("secret" = [])),
)]
pub(crate) async fn show(caller: SecretCaller) -> Response {
    SiteAnswer::respond(&caller.site, None)
}

impl SiteAnswer {
    fn respond(site: &SiteRecord, warnings: Option<Vec<Finding>>) -> Response {
        let (id, policy, origins) = (site.id.clone().into(), site.draft.clone(), site.origins.clone());
        let answer = Self { id, policy, origins, warnings };
        tagged(Json(answer).into_response(), site.revision)
    }
}

/// Change the site
///
/// The policy may name a `preset`, the system whose ways hold for the fields that are not written: `GET /v1/presets` shows what that gives.
/// It is kept with every field in its place, and without the name. Recorded redemptions and the dates of promotions stay as they are. A lane that promotions name cannot be taken away:
/// `lane_in_use`, and `promotions` holds their ids. Where promotions will not do any more what they did, `warnings` says so.
#[utoipa::path(
    put,
    path = "/v1/site",
    tag = "site",
    params(("If-Match" = String, Header, description = "The `ETag` it was read with, or `*`")),
    request_body = SiteRequest,
    responses(
        (status = 200, body = SiteAnswer),
        (status = 400, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
        (status = 412, response = openapi::ProblemResponse),
        (status = 428, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn replace(
    State(app): State<App>,
    caller: Owner,
    headers: HeaderMap,
    Body(request): Body<SiteRequest>,
) -> Result<Response, Problem> {
    let mut errors = SitePolicy::parse(&request.policy, &zones::exists, "policy").err().unwrap_or_default();
    let origins = request.origins.as_deref().map(|origins| parse_origins(origins, "origins")).transpose();
    let origins = origins.unwrap_or_else(|found| {
        errors.extend(found);
        None
    });
    if !errors.is_empty() {
        return Err(Problem::invalid(&errors));
    }
    let (site, editor, expected) = (caller.site.number, caller.editor(), Expected::needed(&headers));
    let work = move |store: &dyn Write, now| {
        let before = site_now(store, site)?;
        if let Err(problem) = expected.check(before.revision, "site") {
            return Ok(Err(problem));
        }
        if let Some(problem) = lanes::in_use(store, &before, &request.policy)? {
            return Ok(Err(problem));
        }
        store.set_policy(site, &request.policy, now)?;
        if let Some(origins) = &origins {
            store.set_origins(site, origins)?;
        }
        let after = site_now(store, site)?;
        let change = Change::of(Resource::Site, Action::Changed).between(Some(before.revision), Some(after.revision));
        editor.keep(store, site, now, &change)?;
        Ok(Ok((before, after)))
    };
    let (before, after): (Arc<SiteRecord>, Arc<SiteRecord>) = app.store().batcher().submit(site, work).await??;
    let (policies, now) = ((before.policy.clone(), after.policy.clone()), app.clock().now());
    // Beside the writer: for advice nobody waits.
    let read = move |read: &dyn Read| {
        let items = read.catalog(site)?;
        let [before, after] = [&policies.0, &policies.1].map(|policy| Surroundings::new(policy, &items));
        made_by_change(read, site, (&before, &after), now)
    };
    let warnings: Stored<_> = app.store().read(read).await;
    // What was changed stands, also where nobody can look at it just now.
    Ok(SiteAnswer::respond(&after, Some(warnings.unwrap_or_default())))
}
