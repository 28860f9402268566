//! `POST /v1/promotions`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tearoff_core::promotion::draft::Draft;
use utoipa::ToSchema;

use super::PromotionAnswer;
use crate::app::App;
use crate::json::Body;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::promotions::{NewPromotion, NotMade, make};
use crate::routes::openapi;
use crate::routes::site_now;
use crate::store::Write;

/// A promotion to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPromotionRequest {
    /// What is offered.
    #[schema(value_type = openapi::Draft)]
    terms: Draft,
    /// The codes that unlock it, at most 10,000.
    #[serde(default)]
    codes: Vec<String>,
    /// Whether it is active from the start; yes when absent.
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

/// Make a promotion
///
/// With all its codes, or not at all.
#[utoipa::path(
    post,
    path = "/v1/promotions",
    tag = "promotions",
    request_body = NewPromotionRequest,
    responses(
        (status = 201, body = PromotionAnswer),
        (status = 400, response = openapi::ProblemResponse),
        (status = 401, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn create(
    State(app): State<App>,
    caller: SecretCaller,
    Body(request): Body<NewPromotionRequest>,
) -> Result<Response, Problem> {
    let ids = Arc::clone(app.ids());
    let site = caller.site.number;
    let work = move |store: &dyn Write, now| {
        // By the policy that holds now, which may not be the one that held when this was sent.
        let owner = site_now(store, site)?;
        let new = NewPromotion { draft: &request.terms, codes: &request.codes, active: request.active };
        match make(store, &*ids, now, &owner, &new)? {
            Ok(record) => PromotionAnswer::of(store, record, now).map(Ok),
            Err(not_made) => Ok(Err(not_made)),
        }
    };
    match app.store().batcher().submit(site, work).await? {
        Ok(answer) => Ok(answer.respond(StatusCode::CREATED)),
        Err(NotMade::Invalid(errors)) => Err(Problem::invalid(&errors)),
        Err(NotMade::CodesTaken(errors)) => {
            let problem = Problem::new(StatusCode::CONFLICT, "code_taken", "a code is taken already");
            Err(problem.with("errors", serde_json::json!(errors)))
        }
    }
}
