//! `GET /v1/presets`: policies named after the systems that sites come from.

use serde::Serialize;
use serde_json::json;
use tearoff_core::policy::{Preset, SitePolicyDraft};
use utoipa::ToSchema;

use super::openapi;
use crate::json::Json;
use crate::keys::SecretCaller;
use crate::problem::Problem;

/// The presets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PresetList {
    /// In no order.
    presets: Vec<PresetAnswer>,
}

/// A preset, and the policy that the site would have by it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PresetAnswer {
    /// What a policy names as its `preset`.
    #[schema(value_type = openapi::Preset)]
    preset: Preset,
    /// The policy with nothing written but the preset, and the site's own currency and zone.
    #[schema(value_type = openapi::SitePolicyDraft)]
    policy: SitePolicyDraft,
}

/// List the presets
///
/// Each with the policy that it gives this site. To take one, replace the site with `{"policy": {"preset": "supersaas", "currency": …,
/// "zone": …}}`: a field that is written beside it wins.
#[utoipa::path(
    get,
    path = "/v1/presets",
    tag = "site",
    responses((status = 200, body = PresetList)),
    security(("secret" = [])),
)]
pub(crate) async fn list(caller: SecretCaller) -> Result<Json<PresetList>, Problem> {
    let SitePolicyDraft { currency, zone, .. } = &caller.site.draft;
    let one = |preset: &Preset| {
        let written = json!({ "preset": preset, "currency": currency, "zone": zone });
        let policy = serde_json::from_value(written).map_err(|error| Problem::internal(&error))?;
        Ok(PresetAnswer { preset: *preset, policy })
    };
    let presets: Result<Vec<_>, Problem> = Preset::ALL.iter().map(one).collect();
    Ok(Json(PresetList { presets: presets? }))
}
