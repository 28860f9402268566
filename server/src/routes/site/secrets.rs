//! `/v1/site/secrets`: what signs. Of the one that signs what pages price with only the server knows; of those for carts the host's backend too.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tearoff_core::invalid::InvalidField;
use tearoff_core::time::parse_instant;
use utoipa::ToSchema;

use crate::app::App;
use crate::edits::{Action, Change, Resource};
use crate::json::{Body, Json};
use crate::keys::Owner;
use crate::problem::Problem;
use crate::routes::answer::{instant, optional_instant};
use crate::routes::keys::replaced_until;
use crate::routes::openapi;
use crate::signed_cart::reveal;
use crate::store::{CartSecret, Purpose, Secret, StoreError, Stored, Write};

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
pub(crate) async fn rotate(State(app): State<App>, caller: Owner) -> Result<Json<RotationAnswer>, Problem> {
    let (site, editor, bytes) = (caller.site.number, caller.editor(), drawn(&app)?);
    let work = move |store: &dyn Write, now| -> Stored<Result<RotationAnswer, Problem>> {
        let newest = store.secret(site, Purpose::Snapshots, None)?;
        let newest = newest.ok_or_else(|| StoreError::Inconsistent("a site's secrets".into()))?;
        let before = newest.version.checked_sub(1).map(|before| store.secret(site, Purpose::Snapshots, Some(before)));
        for kept in [Some(newest.clone()), before.transpose()?.flatten()].into_iter().flatten() {
            if kept.bytes == bytes {
                // A commit of which nobody knew whether it held did; somebody else may have replaced it since.
                let before = kept.version.saturating_sub(1);
                let created_at = store.secret_replaced_at(site, Purpose::Snapshots, before)?.unwrap_or(now);
                return Ok(Ok(RotationAnswer { version: kept.version, created_at }));
            }
        }
        let Some(version) = newest.version.checked_add(1) else { return Ok(Err(worn_out())) };
        store.replace_secret(site, Purpose::Snapshots, &Secret { version, bytes }, now)?;
        let change = Change::of(Resource::Secret, Action::Replaced);
        let change = change.between(Some(newest.version.into()), Some(version.into()));
        editor.keep(store, site, now, &change)?;
        Ok(Ok(RotationAnswer { version, created_at: now }))
    };
    app.store().batcher().submit(site, work).await?.map(Json)
}

/// A new secret, drawn before the work that keeps it: done again, that finds its own.
fn drawn(app: &App) -> Stored<[u8; 32]> {
    let mut bytes = [0; 32];
    app.ids().fill(&mut bytes)?;
    Ok(bytes)
}

/// Most secrets for carts that a site may have at once.
const FOR_CARTS_MAX: usize = 5;

/// A secret for carts to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CartSecretRequest {
    /// What becomes of those there are.
    #[serde(default)]
    replaces: Option<ReplacedSecrets>,
}

/// The secrets for carts in whose place another comes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplacedSecrets {
    /// Until when they go on: an instant in UTC such as `2026-12-01T16:00:00Z`; one that is over ends them now. A day from now when absent.
    #[serde(default)]
    valid_until: Option<String>,
}

/// A secret for carts that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CartSecretAnswer {
    /// The secret. It is told this once.
    secret: String,
    /// When it was made.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    /// Until when what those before it have signed counts; null where there are none.
    #[serde(serialize_with = "optional_instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    replaced_valid_until: Option<DateTime<Utc>>,
}

/// Make a secret for carts
///
/// The host's backend signs carts with it, for pages to pass on as `signed_cart` (R61). It is told once and never again. Those there are go on
/// for a day, or until the instant of your choice: nobody is locked out while programs are changed. At most 5 are valid at once.
#[utoipa::path(
    post,
    path = "/v1/site/secrets/carts",
    tag = "site",
    request_body = CartSecretRequest,
    responses(
        (status = 201, body = CartSecretAnswer),
        (status = 409, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn make_for_carts(
    State(app): State<App>,
    caller: Owner,
    Body(request): Body<CartSecretRequest>,
) -> Result<(StatusCode, Json<CartSecretAnswer>), Problem> {
    let until = request.replaces.and_then(|replaced| replaced.valid_until);
    let until = until.as_deref().map(parse_instant).transpose().map_err(|(code, message)| {
        Problem::invalid(&[InvalidField { field: "replaces.valid_until".into(), code, message }])
    })?;
    let (site, editor, bytes) = (caller.site.number, caller.editor(), drawn(&app)?);
    let work = move |store: &dyn Write, now: DateTime<Utc>| -> Stored<Result<CartSecretAnswer, Problem>> {
        let until = replaced_until(until, now);
        let there = store.cart_secrets(site, now)?;
        if let Some(made) = there.iter().find(|made| made.bytes == bytes) {
            // A commit of which nobody knew whether it held did.
            let replaced_valid_until = there.iter().rev().find_map(|other| other.valid_until);
            return Ok(Ok(CartSecretAnswer {
                secret: reveal(made),
                created_at: made.created_at,
                replaced_valid_until,
            }));
        }
        let staying = if until > now { there.len() } else { 0 };
        if staying >= FOR_CARTS_MAX {
            return Ok(Err(too_many_for_carts()));
        }
        let number = there.last().map_or(0, |newest| newest.number).saturating_add(1);
        let secret = CartSecret { number, bytes, created_at: now, valid_until: None };
        store.add_cart_secret(site, &secret, until)?;
        editor.keep(store, site, now, &Change::of(Resource::CartSecret, Action::Made))?;
        let replaced_valid_until = (!there.is_empty()).then_some(until);
        Ok(Ok(CartSecretAnswer { secret: reveal(&secret), created_at: now, replaced_valid_until }))
    };
    let made = app.store().batcher().submit(site, work).await??;
    Ok((StatusCode::CREATED, Json(made)))
}

fn too_many_for_carts() -> Problem {
    let title = "the site has as many secrets for carts as it can have";
    Problem::new(StatusCode::CONFLICT, "too_many_secrets", title).detail(format!(
        "{FOR_CARTS_MAX} are valid: end them with `replaces.valid_until`, or wait for the oldest to end"
    ))
}

fn worn_out() -> Problem {
    Problem::new(StatusCode::CONFLICT, "too_many_rotations", "the signing secret was replaced as often as it can be")
}
