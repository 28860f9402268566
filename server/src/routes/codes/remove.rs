//! `POST /v1/promotions/{id}/codes/retire` and `/delete` (R7, R11).

use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tearoff_core::code::CodeKey;
use tearoff_core::invalid::{Fault, Faults, InvalidField};
use tearoff_core::promotion::{LimitPer, Most};
use utoipa::ToSchema;

use super::list::{CodeAnswer, told};
use super::{AT_ONCE, promotion};
use crate::app::App;
use crate::edits::{Action, Change, Resource};
use crate::json::{Body, CODES_MAX, Json};
use crate::keys::Owner;
use crate::problem::Problem;
use crate::promotions::codes::CODES_AT_ONCE_MAX;
use crate::routes::openapi;
use crate::store::{CodeNumber, CodeRecord, Mode, Page, PromotionRecord, Read, SiteNumber, StoreError, Stored, Write};

/// A code to be retired.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetireRequest {
    /// The code, however it is spelled.
    code: String,
}

/// Retire a code
///
/// From now on it is answered as an unknown code. It stays taken: no promotion of the site can have it, until it is deleted. What was
/// redeemed with it, and orders that hold it, stay as they are. What is retired already stays so.
#[utoipa::path(
    post,
    path = "/v1/promotions/{id}/codes/retire",
    tag = "codes",
    params(("id" = String, Path)),
    request_body = RetireRequest,
    responses(
        (status = 200, body = CodeAnswer),
        (status = 400, response = openapi::ProblemResponse),
        (status = 404, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn retire(
    State(app): State<App>,
    caller: Owner,
    Path(id): Path<String>,
    Body(request): Body<RetireRequest>,
) -> Result<Json<CodeAnswer>, Problem> {
    let key = CodeKey::normalize(&request.code).map_err(|fault| no_code("code", fault.to_string()))?;
    let (site, editor) = (caller.site.number, caller.editor());
    let work = move |store: &dyn Write, now| -> Stored<Result<CodeAnswer, Problem>> {
        let (_, record) = match promotion(store, site, &id)? {
            Ok(found) => found,
            Err(problem) => return Ok(Err(problem)),
        };
        let Some(code) = of(store, site, &record, &key)? else { return Ok(Err(Problem::not_found("code"))) };
        store.retire_code(&code, now)?;
        let new = u32::from(code.retired_at.is_none());
        let change = Change::of(Resource::Codes, Action::Retired).counting(new);
        editor.keep(store, site, now, &change.to(&id))?;
        let retired = of(store, site, &record, &key)?.into_iter().collect();
        let answer = told(store, &record, Mode::Live, retired, now)?.pop();
        answer.ok_or_else(|| StoreError::Inconsistent("a code just retired".into())).map(Ok)
    };
    app.store().batcher().submit(site, work).await?.map(Json)
}

/// A promotion's code by its key.
fn of(read: &dyn Read, site: SiteNumber, record: &PromotionRecord, key: &CodeKey) -> Stored<Option<CodeRecord>> {
    Ok(read.find_code(site, key)?.filter(|code| code.promotion == record.number))
}

fn no_code(field: &str, message: String) -> Problem {
    Problem::invalid(&[InvalidField { field: field.into(), code: Fault::Malformed, message: message.into() }])
}

/// Which codes are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Which {
    /// All of the promotion.
    All,
    /// Those of which a limit has left nothing: that of the code, or the promotion's own.
    UsedUp,
    /// Those that are listed.
    Selected,
}

/// Codes to be deleted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteRequest {
    /// Which.
    which: Which,
    /// Those that are `selected`, however they are spelled, at most 100,000; none otherwise.
    #[serde(default)]
    #[schema(max_items = 100_000)]
    codes: Vec<String>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeleteAnswer {
    /// How many codes were deleted.
    deleted: u32,
}

/// Delete codes
///
/// They are free again, for this promotion or another. What was redeemed with them stays as it is, and counts. Those that are selected and
/// are none of the promotion's are passed over. They are deleted a thousand at a time: when the server fails meanwhile, the same request
/// goes on where it broke off.
#[utoipa::path(
    post,
    path = "/v1/promotions/{id}/codes/delete",
    tag = "codes",
    params(("id" = String, Path)),
    request_body = DeleteRequest,
    responses(
        (status = 200, body = DeleteAnswer),
        (status = 400, response = openapi::ProblemResponse),
        (status = 404, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Owner,
    Path(id): Path<String>,
    Body(request): Body<DeleteRequest, CODES_MAX>,
) -> Result<Json<DeleteAnswer>, Problem> {
    let (site, editor, id) = (caller.site.number, caller.editor(), Arc::<str>::from(id));
    let selected = Arc::<[CodeKey]>::from(selection(&request)?);
    let mut deleted = 0_u32;
    let mut from = Some(Place::default());
    while let Some(place) = from {
        let (id, selected) = (Arc::clone(&id), Arc::clone(&selected));
        let work = move |store: &dyn Write, now| -> Stored<Result<Piece, Problem>> {
            let piece = match promotion(store, site, &id)? {
                Ok((_, record)) if request.which == Which::Selected => {
                    piece_of(store, (site, &record), &selected, place)?
                }
                Ok((_, record)) => piece(store, &record, request.which, place, now)?,
                Err(problem) => return Ok(Err(problem)),
            };
            let change = Change::of(Resource::Codes, Action::Deleted).counting(piece.deleted);
            editor.keep(store, site, now, &change.to(&id))?;
            Ok(Ok(piece))
        };
        let piece = app.store().batcher().submit(site, work).await??;
        deleted = deleted.saturating_add(piece.deleted);
        from = piece.next;
    }
    Ok(Json(DeleteAnswer { deleted }))
}

fn selection(request: &DeleteRequest) -> Result<Vec<CodeKey>, Problem> {
    let mut faults = Faults::default();
    if request.which != Which::Selected && !request.codes.is_empty() {
        faults.add("codes", Fault::Contradiction, "is for those that are `selected`");
    } else if request.codes.len() > CODES_AT_ONCE_MAX {
        faults.add("codes", Fault::OutOfBounds, format!("must have at most {CODES_AT_ONCE_MAX} entries"));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(&faults.into_vec()));
    }
    // What is no code is none of the promotion's.
    Ok(request.codes.iter().filter_map(|code| CodeKey::normalize(code).ok()).collect())
}

/// Where the next piece begins: after that code, or at that place of a selection.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    after: Option<CodeNumber>,
    index: usize,
}

/// What came of one piece.
struct Piece {
    deleted: u32,
    next: Option<Place>,
}

fn piece_of(
    store: &dyn Write,
    (site, record): (SiteNumber, &PromotionRecord),
    selected: &[CodeKey],
    place: Place,
) -> Stored<Piece> {
    let mut deleted = 0_u32;
    for key in selected.iter().skip(place.index).take(AT_ONCE) {
        if let Some(code) = of(store, site, record, key)? {
            store.delete_code(&code)?;
            deleted = deleted.saturating_add(1);
        }
    }
    let index = place.index.saturating_add(AT_ONCE);
    Ok(Piece { deleted, next: (index < selected.len()).then_some(Place { index, ..place }) })
}

fn piece(store: &dyn Write, record: &PromotionRecord, which: Which, place: Place, now: DateTime<Utc>) -> Stored<Piece> {
    let limit = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
    let codes = store.code_page(record.number, Page { after: place.after, limit })?;
    let used = store.used_by_codes(record, Mode::Live, &codes, now)?.unwrap_or_default();
    let all_used_up = which == Which::All || is_used_up(store, record, now)?;
    let most = most(record, LimitPer::Code);
    let mut deleted = 0_u32;
    for (index, code) in codes.iter().enumerate() {
        let is_full = most.is_some_and(|most| used.get(index).is_some_and(|used| *used >= most));
        if all_used_up || is_full {
            store.delete_code(code)?;
            deleted = deleted.saturating_add(1);
        }
    }
    let after = codes.last().map(|last| last.number);
    let more = codes.len() == AT_ONCE;
    Ok(Piece { deleted, next: more.then_some(Place { after, ..place }) })
}

/// Whether the promotion's own limit has left nothing. Codes are the same for all keys, so what is tried with a test key uses none up.
fn is_used_up(read: &dyn Read, record: &PromotionRecord, now: DateTime<Utc>) -> Stored<bool> {
    let Some(most) = most(record, LimitPer::Promotion) else { return Ok(false) };
    Ok(read.used(record, Mode::Live, now)?.is_some_and(|used| used >= most))
}

/// How many uses a limit of the promotion allows.
fn most(record: &PromotionRecord, per: LimitPer) -> Option<u32> {
    record.promotion.limits.iter().filter(|limit| limit.per == per).find_map(|limit| match limit.most {
        Most::Uses { max, .. } => Some(max),
        Most::Budget { .. } => None,
    })
}
