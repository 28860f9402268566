//! `POST /v1/redemptions/{id}/reverse` (R57).

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tearoff_core::cart::QUANTITY_MAX;
use tearoff_core::id::LineId;
use tearoff_core::invalid::{Fault, Faults};
use tearoff_core::redemption::Cause;
use tearoff_core::redemption::reversal::{NotReversed, Part};
use tearoff_core::time::LocalStart;
use utoipa::ToSchema;

use super::{RedemptionAnswer, parse_id};
use crate::answers::Repeatable;
use crate::app::App;
use crate::json::Body;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::redeem::{Reversing, reverse};
use crate::routes::idempotency::{fingerprint, mark_replayed, required_key};
use crate::routes::openapi;
use crate::store::{FirstAnswer, KeyKind, StoreError, Stored, Write};

const ROUTE: &str = "POST /v1/redemptions/{id}/reverse";
/// Most parts of one request: as many lines as a cart may have, and a good deal more.
const PARTS_MAX: usize = 2000;

/// What is taken back, and why.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReversalRequest {
    /// Why. What is cancelled gives its uses back as the site's policy has it (`restore`); what is replaced or was a mistake always does;
    /// what is cleared away never does.
    #[schema(value_type = openapi::Cause)]
    cause: Cause,
    /// Which parts; all that is left when absent or empty.
    #[serde(default)]
    parts: Vec<PartRequest>,
}

/// A part of an order.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartRequest {
    /// The line.
    line: String,
    /// Which occurrence, by its start as it was booked, such as `2026-12-01T18:00`; all of them when absent.
    #[serde(default)]
    start: Option<String>,
    /// How many units of each, 1 to 10,000, which is as many as a line may have; all that are left when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10_000)]
    quantity: Option<u32>,
}

/// Take a confirmed redemption back
///
/// Whole, or in parts: by line, by occurrence, by units. Parts refund the share that was stored for them, never re-priced; the last part
/// takes what remains. What is not confirmed yet is released instead.
#[utoipa::path(
    post,
    path = "/v1/redemptions/{id}/reverse",
    tag = "redemptions",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header, description = "1 to 255 printable ASCII characters")),
    request_body = ReversalRequest,
    responses(
        (status = 200, body = RedemptionAnswer),
        (status = 404, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
        (status = 422, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn take_back(
    State(app): State<App>,
    caller: SecretCaller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(request): Body<ReversalRequest>,
) -> Result<Response, Problem> {
    let (id, site, mode) = (parse_id(&id)?, caller.site.number, caller.mode);
    let key = required_key(&headers, KeyKind::Secret, mode)?;
    let repeatable = Repeatable { site, key, fingerprint: fingerprint(ROUTE, site, &(id, &request))? };
    let (parts, cause) = (check(&request.parts)?, request.cause);
    let work = move |store: &dyn Write, now| -> Stored<Result<(Vec<u8>, bool), Problem>> {
        match repeatable.earlier(store, now)? {
            Some(Ok(FirstAnswer::Told { body, .. })) => return Ok(Ok((body, true))),
            Some(Ok(FirstAnswer::Recorded { .. })) => return Err(StoreError::Inconsistent("an answer's kind".into())),
            Some(Err(problem)) => return Ok(Err(problem)),
            None => {}
        }
        let redemption = match reverse(store, now, (site, mode), id, &parts, cause)? {
            Reversing::Done(redemption, _) => *redemption,
            Reversing::NotFound => return Ok(Err(Problem::not_found("redemption"))),
            Reversing::Refused(refusal) => return Ok(Err(refused(&refusal))),
            Reversing::OtherEngine => return Ok(Err(other_engine())),
        };
        let body = RedemptionAnswer::whole(store, redemption, now)?.body();
        if let Ok(body) = &body {
            let first = FirstAnswer::Told { status: StatusCode::OK.as_u16(), body: body.clone() };
            repeatable.keep(store, now, first)?;
        }
        Ok(body.map(|body| (body, false)))
    };
    let (body, replayed) = app.store().batcher().submit(site, work).await??;
    let mut response = ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    if replayed {
        mark_replayed(&mut response);
    }
    Ok(response)
}

fn check(parts: &[PartRequest]) -> Result<Vec<Part>, Problem> {
    let mut faults = Faults::default();
    if parts.len() > PARTS_MAX {
        faults.add("parts", Fault::OutOfBounds, format!("must have at most {PARTS_MAX} entries"));
    }
    let mut checked = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().take(PARTS_MAX).enumerate() {
        let field = format!("parts[{index}]");
        let line = faults.keep(&format!("{field}.line"), LineId::parse(&part.line));
        let start = part.start.as_deref().map(|start| faults.keep(&format!("{field}.start"), LocalStart::parse(start)));
        if part.quantity.is_some_and(|quantity| !(1..=QUANTITY_MAX).contains(&quantity)) {
            faults.add(&format!("{field}.quantity"), Fault::OutOfBounds, "must be 1 to 10000");
        }
        checked.extend(line.map(|line| Part { line, start: start.flatten(), quantity: part.quantity }));
    }
    if faults.is_empty() { Ok(checked) } else { Err(Problem::invalid(&faults.into_vec())) }
}

fn refused(refusal: &NotReversed) -> Problem {
    let shown = serde_json::to_value(refusal).unwrap_or_default();
    let code = match refusal {
        NotReversed::NotConfirmed => "not_confirmed",
        NotReversed::TooLate => "wrong_state",
        NotReversed::UnknownPart { .. } => "unknown_part",
        NotReversed::NotThatMany { .. } => "not_that_many",
    };
    let problem = Problem::new(StatusCode::CONFLICT, code, "nothing was taken back").detail(refusal.to_string());
    problem.with("reason", json!(shown))
}

/// What another engine recorded can be read by that one only.
pub(super) fn other_engine() -> Problem {
    let title = "another engine recorded this redemption, and this server does not read its parts";
    Problem::new(StatusCode::CONFLICT, "other_engine", title)
}
