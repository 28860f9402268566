//! `POST /v1/promotions/{id}/codes`: a list of codes, as its owner has it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tearoff_core::invalid::{Fault, InvalidField};
use utoipa::ToSchema;

use super::{AT_ONCE, unlocked};
use crate::answers::Repeatable;
use crate::app::App;
use crate::edits::{Action, Change, Resource};
use crate::json::{Body, CODES_MAX};
use crate::keys::Owner;
use crate::problem::Problem;
use crate::promotions::codes::{Added, CODES_AT_ONCE_MAX, Listed, add as add_all, check, standing};
use crate::routes::idempotency::{fingerprint, given_key, mark_replayed};
use crate::routes::openapi;
use crate::store::{FirstAnswer, KeyKind, Mode, Read, StoreError, Stored, Write};

const ROUTE: &str = "POST /v1/promotions/{id}/codes";
/// Most codes of which is told why they were not added: whoever has more begins with these.
const TOLD_MAX: usize = 1000;

/// Codes to be added.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodesRequest {
    /// The codes, as their owner spells them, at most 100,000.
    #[schema(max_items = 100_000)]
    codes: Vec<String>,
    /// Whether those that cannot be added are passed over; otherwise one of them is the reason that none is.
    #[serde(default)]
    skip_faulty: bool,
}

/// What became of a list of codes.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CodesAnswer {
    /// How many were added.
    added: u32,
    /// How many were the promotion's already.
    already_there: u32,
    /// How many could not be added.
    refused: u32,
    /// Why the first 1,000 of those could not: `codes[7]` is the eighth of the list. `malformed` is no code; `duplicate` stands twice in the
    /// list, is retired, or is another promotion's.
    #[schema(value_type = Vec<openapi::InvalidField>)]
    errors: Vec<InvalidField>,
}

/// Add codes
///
/// A list with a code that is none, stands in it twice, is retired, or is another promotion's is refused whole, unless `skip_faulty` is
/// true. Codes that are the promotion's already are no fault, so that a request that was lost half-way can be sent again. They are written
/// a thousand at a time; with an `Idempotency-Key` the first answer is told again.
#[utoipa::path(
    post,
    path = "/v1/promotions/{id}/codes",
    tag = "codes",
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters, new for each request"),
    ),
    request_body = CodesRequest,
    responses(
        (status = 200, body = CodesAnswer),
        (status = 400, response = openapi::ProblemResponse),
        (status = 404, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
        (status = 422, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn add(
    State(app): State<App>,
    caller: Owner,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(request): Body<CodesRequest, CODES_MAX>,
) -> Result<Response, Problem> {
    let (site, editor) = (caller.site.number, caller.editor());
    if request.codes.len() > CODES_AT_ONCE_MAX {
        let message = format!("must have at most {CODES_AT_ONCE_MAX} entries");
        return Err(Problem::invalid(&[InvalidField {
            field: "codes".into(),
            code: Fault::OutOfBounds,
            message: message.into(),
        }]));
    }
    let fingerprint = fingerprint(ROUTE, site, &(&id, &request))?;
    let repeatable = given_key(&headers, KeyKind::Secret, Mode::Live)?.map(|key| Repeatable { site, key, fingerprint });
    let now = app.clock().now();
    let (asked, skip) = (id.clone(), request.skip_faulty);
    let look = move |read: &dyn Read| consider(read, &asked, (site, repeatable), &request, now);
    let (codes, mut answer) = match app.store().read(look).await? {
        Considered::Answered(status, body) => return Ok(told(status, body, true)),
        Considered::New(codes, answer) => (Arc::<[Listed]>::from(codes), answer),
    };
    if answer.refused > 0 && !skip {
        return Err(refused(&answer.errors));
    }
    for from in (0..codes.len()).step_by(AT_ONCE) {
        let (codes, id) = (Arc::clone(&codes), id.clone());
        let work = move |store: &dyn Write, now| -> Stored<Result<Vec<(usize, Added)>, Problem>> {
            let (site, record) = match unlocked(store, site, &id)? {
                Ok(found) => found,
                Err(problem) => return Ok(Err(problem)),
            };
            let piece: Vec<_> = codes.iter().skip(from).take(AT_ONCE).collect();
            let wanted: Vec<_> = piece.iter().map(|code| (&code.key, &*code.spelling)).collect();
            let became = add_all(store, &record, &site, &wanted, now)?;
            let added: Vec<(usize, Added)> = piece.iter().map(|code| code.index).zip(became).collect();
            let new = added.iter().filter(|(_, added)| matches!(added, Added::New)).count();
            let change = Change::of(Resource::Codes, Action::Added).counting(u32::try_from(new).unwrap_or(u32::MAX));
            editor.keep(store, site.number, now, &change.to(&id))?;
            Ok(Ok(added))
        };
        for (index, added) in app.store().batcher().submit(site, work).await?? {
            answer.count(index, added);
        }
    }
    let body = serde_json::to_vec(&answer).map_err(|error| Problem::internal(&error))?;
    if let Some(repeatable) = repeatable {
        let first = FirstAnswer::Told { status: StatusCode::OK.as_u16(), body: body.clone() };
        let keep = move |store: &dyn Write, now| repeatable.keep(store, now, first.clone());
        app.store().batcher().submit(site, keep).await?;
    }
    Ok(told(StatusCode::OK.as_u16(), body, false))
}

/// What is to be done with a list.
enum Considered {
    /// Nothing: it was done, and answered so.
    Answered(u16, Vec<u8>),
    /// These are to be added; what is wrong with the others is told.
    New(Vec<Listed>, CodesAnswer),
}

/// Looks at a whole list before anything of it is written.
fn consider(
    read: &dyn Read,
    id: &str,
    (site, repeatable): (crate::store::SiteNumber, Option<Repeatable>),
    request: &CodesRequest,
    now: DateTime<Utc>,
) -> Result<Considered, Problem> {
    match repeatable.map(|repeatable| repeatable.earlier(read, now)).transpose()?.flatten() {
        Some(Ok(FirstAnswer::Told { status, body })) => return Ok(Considered::Answered(status, body)),
        Some(Ok(FirstAnswer::Recorded { .. })) => {
            return Err(StoreError::Inconsistent("an answer's kind".into()).into());
        }
        Some(Err(problem)) => return Err(problem),
        None => {}
    }
    let (site, record) = unlocked(read, site, id)??;
    let (listed, faults) = check(&site, &request.codes);
    let mut answer = CodesAnswer::default();
    for fault in faults {
        answer.refuse(fault);
    }
    let mut free = Vec::with_capacity(listed.len());
    let keys: Vec<_> = listed.iter().map(|code| &code.key).collect();
    let standing = standing(read, &record, &site, &keys)?;
    for (code, stands) in listed.into_iter().zip(standing) {
        match stands {
            Some(stands) => answer.count(code.index, stands),
            None => free.push(code),
        }
    }
    Ok(Considered::New(free, answer))
}

impl CodesAnswer {
    fn count(&mut self, index: usize, added: Added) {
        match added {
            Added::New => self.added = self.added.saturating_add(1),
            Added::There => self.already_there = self.already_there.saturating_add(1),
            Added::Retired | Added::Taken => added.fault(index).into_iter().for_each(|fault| self.refuse(fault)),
        }
    }

    fn refuse(&mut self, fault: InvalidField) {
        self.refused = self.refused.saturating_add(1);
        if self.errors.len() < TOLD_MAX {
            self.errors.push(fault);
        }
    }
}

fn refused(errors: &[InvalidField]) -> Problem {
    if errors.iter().any(|fault| fault.code == Fault::Malformed) {
        return Problem::invalid(errors);
    }
    let detail = errors.first().map(|first| format!("`{}` {}", first.field, first.message));
    Problem::new(StatusCode::CONFLICT, "code_taken", "a code is taken already")
        .detail(detail.unwrap_or_default())
        .with("errors", json!(errors))
}

/// A JSON answer; one that was given before says so.
pub(super) fn told(status: u16, body: Vec<u8>, replayed: bool) -> Response {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, [(header::CONTENT_TYPE, JSON)], body).into_response();
    if replayed {
        mark_replayed(&mut response);
    }
    response
}
