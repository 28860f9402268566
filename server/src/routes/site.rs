//! `/v1/site`: what a site decides.

mod lanes;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tearoff_core::invalid::{Fault, Faults, InvalidField};
use tearoff_core::policy::{SitePolicy, SitePolicyDraft};
use tearoff_core::zones;
use utoipa::ToSchema;

use super::matching::{Expected, tagged};
use super::{openapi, site_now};
use crate::app::App;
use crate::json::Body;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::store::{SiteRecord, Write};

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
}

/// What a site shall decide from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SiteRequest {
    /// How it prices, counts and redeems.
    #[schema(value_type = openapi::SitePolicyDraft)]
    policy: SitePolicyDraft,
    /// Exact origins such as `https://studio.example`, at most 100; unchanged when absent.
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
    SiteAnswer::respond(caller.site)
}

impl SiteAnswer {
    fn respond(site: SiteRecord) -> Response {
        let answer = Self { id: site.id.into(), policy: site.draft, origins: site.origins };
        tagged(Json(answer).into_response(), site.revision)
    }
}

/// Change the site
///
/// Recorded redemptions and the dates of promotions stay as they are. A lane that promotions name cannot be taken away:
/// `lane_in_use`, and `promotions` holds their ids.
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
    caller: SecretCaller,
    headers: HeaderMap,
    Body(request): Body<SiteRequest>,
) -> Result<Response, Problem> {
    let mut errors = SitePolicy::parse(&request.policy, &zones::exists, "policy").err().unwrap_or_default();
    errors.extend(check_origins(request.origins.as_deref().unwrap_or_default(), "origins"));
    if !errors.is_empty() {
        return Err(Problem::invalid(&errors));
    }
    let (site, expected) = (caller.site.number, Expected::needed(&headers));
    let work = move |store: &dyn Write, now| {
        let before = site_now(store, site)?;
        if let Err(problem) = expected.check(before.revision, "site") {
            return Ok(Err(problem));
        }
        if let Some(problem) = lanes::in_use(store, &before, &request.policy)? {
            return Ok(Err(problem));
        }
        store.set_policy(site, &request.policy, now)?;
        if let Some(origins) = &request.origins {
            store.set_origins(site, origins)?;
        }
        site_now(store, site).map(Ok)
    };
    Ok(SiteAnswer::respond(app.store().batcher().submit(site, work).await??))
}

/// Checks that every origin has the exact form in which browsers send it.
pub(crate) fn check_origins(origins: &[String], field: &str) -> Vec<InvalidField> {
    const ORIGINS_MAX: usize = 100;
    let mut faults = Faults::within(field);
    if origins.len() > ORIGINS_MAX {
        faults.add("", Fault::OutOfBounds, format!("must have at most {ORIGINS_MAX} entries"));
    }
    for (index, origin) in origins.iter().enumerate().take(ORIGINS_MAX) {
        if !is_origin(origin) {
            let message = "must be an origin such as `https://studio.example`, in lower case and without a path";
            faults.add(&format!("[{index}]"), Fault::Malformed, message);
        }
    }
    faults.into_vec()
}

fn is_origin(text: &str) -> bool {
    let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    authority.is_some_and(|authority| (1..=255).contains(&authority.len()) && authority.bytes().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_exact() {
        for good in ["https://studio.example", "http://127.0.0.1:8600", "http://[::1]:8600"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in
            ["", "*", "null", "studio.example", "https://", "https://Studio.example", "https://a.example/", "ftp://a"]
        {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
