//! `POST /v1/promotions`.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tearoff_core::id::PromotionId;
use tearoff_core::promotion::draft::Draft;
use utoipa::ToSchema;

use super::PromotionAnswer;
use crate::answers::Repeatable;
use crate::app::App;
use crate::edits::{Action, Change, Editor, Resource};
use crate::json::Body;
use crate::keys::Owner;
use crate::problem::{Problem, respond};
use crate::promotions::{NewPromotion, NotMade, make, new_id};
use crate::routes::idempotency::{fingerprint, given_key, mark_replayed};
use crate::routes::matching::tagged;
use crate::routes::{openapi, site_now};
use crate::store::{FirstAnswer, KeyKind, Mode, SiteNumber, StoreError, Stored, Write};

const ROUTE: &str = "POST /v1/promotions";

/// A promotion to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPromotionRequest {
    /// What is offered.
    #[schema(value_type = openapi::Draft)]
    terms: Draft,
    /// The codes that unlock it, at most 10,000; more are added afterwards.
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
/// With all its codes, or not at all. One that never applies, or not as it seems, is made all the same: `warnings` says so. A request that is sent again makes another promotion, unless its codes are taken by then; with an
/// `Idempotency-Key` it gets the first answer again, byte for byte, with `Idempotency-Replayed: true`. Keys are kept 48 hours.
#[utoipa::path(
    post,
    path = "/v1/promotions",
    tag = "promotions",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters, new for each request")),
    request_body = NewPromotionRequest,
    responses(
        (status = 201, body = PromotionAnswer, description = "Made"),
        (status = 200, body = PromotionAnswer, description = "Made before, as it was then"),
        (status = 400, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
        (status = 422, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Owner,
    headers: HeaderMap,
    Body(request): Body<NewPromotionRequest>,
) -> Result<Response, Problem> {
    let (site, editor) = (caller.site.number, caller.editor());
    let id = new_id(&**app.ids(), app.clock().now())?;
    let fingerprint = fingerprint(ROUTE, site, &request)?;
    let repeatable = given_key(&headers, KeyKind::Secret, Mode::Live)?.map(|key| Repeatable { site, key, fingerprint });
    let work = move |store: &dyn Write, now| {
        let Some(repeatable) = repeatable else { return answer(store, &id, now, (site, editor), &request) };
        match repeatable.earlier(store, now)? {
            Some(Ok(FirstAnswer::Told { status, body })) => Ok(Ok(Told { status, body, replayed: true })),
            Some(Ok(FirstAnswer::Recorded { .. })) => Err(StoreError::Inconsistent("an answer's kind".into())),
            Some(Err(problem)) => Ok(Err(problem)),
            None => {
                let told = answer(store, &id, now, (site, editor), &request)?;
                if let Ok(Told { status, body, .. }) = &told {
                    repeatable.keep(store, now, FirstAnswer::Told { status: *status, body: body.clone() })?;
                }
                Ok(told)
            }
        }
    };
    Ok(app.store().batcher().submit(site, work).await??.respond())
}

/// An answer that stands: the promotion, or that its codes are taken.
struct Told {
    status: u16,
    body: Vec<u8>,
    replayed: bool,
}

/// Makes the promotion, and says so. What was not understood is a problem, and may be corrected under the same key.
fn answer(
    store: &dyn Write,
    id: &PromotionId,
    now: DateTime<Utc>,
    (site, editor): (SiteNumber, Editor),
    request: &NewPromotionRequest,
) -> Stored<Result<Told, Problem>> {
    // By the policy that holds now, which may not be the one that held when this was sent.
    let site = site_now(store, site)?;
    let new = NewPromotion { id, draft: &request.terms, codes: &request.codes, active: request.active };
    let told = |status: StatusCode, body| Ok(Ok(Told { status: status.as_u16(), body, replayed: false }));
    let was_made = store.find_promotion(site.number, id)?.is_some();
    match make(store, now, &site, &new)? {
        Ok(record) => {
            let made = Change::of(Resource::Promotion, Action::Made).between(None, Some(record.revision));
            if !was_made {
                editor.keep(store, site.number, now, &made.to(id.as_str()))?;
            }
            match serde_json::to_vec(&PromotionAnswer::warned(store, &site, Mode::Live, record, now)?) {
                Ok(body) => told(StatusCode::CREATED, body),
                Err(error) => Err(StoreError::Inconsistent(error.to_string())),
            }
        }
        Err(NotMade::Invalid(errors)) => Ok(Err(Problem::invalid(&errors))),
        Err(NotMade::CodesTaken(errors)) => {
            let problem = Problem::new(StatusCode::CONFLICT, "code_taken", "a code is taken already");
            let problem = problem.with("errors", serde_json::json!(errors));
            told(problem.status(), problem.body())
        }
    }
}

impl Told {
    /// What was made is made once: told again it is found.
    fn respond(self) -> Response {
        /// The state in which every promotion begins.
        const FIRST_REVISION: u32 = 1;
        const JSON: HeaderValue = HeaderValue::from_static("application/json");
        let made = self.status == StatusCode::CREATED.as_u16();
        let mut response = match (made, StatusCode::from_u16(self.status)) {
            (true, _) => {
                let status = if self.replayed { StatusCode::OK } else { StatusCode::CREATED };
                tagged((status, [(header::CONTENT_TYPE, JSON)], self.body).into_response(), FIRST_REVISION)
            }
            (false, status) => respond(status.unwrap_or(StatusCode::CONFLICT), self.body),
        };
        if self.replayed {
            mark_replayed(&mut response);
        }
        response
    }
}
