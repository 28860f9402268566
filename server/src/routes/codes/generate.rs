//! `POST /v1/promotions/{id}/codes/generate`: codes that nobody can guess (R10).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tearoff_core::code::CodeKey;
use tearoff_core::invalid::{Fault, InvalidField};
use utoipa::ToSchema;

use super::add::told;
use super::{AT_ONCE, unlocked};
use crate::answers::Repeatable;
use crate::app::App;
use crate::edits::{Action, Change, Editor, Resource};
use crate::ids::Ids;
use crate::json::Body;
use crate::keys::Owner;
use crate::problem::Problem;
use crate::promotions::codes::{Added, CODES_AT_ONCE_MAX, DrawSeed, Recipe, Symbols, add};
use crate::routes::idempotency::{fingerprint, given_key};
use crate::routes::openapi;
use crate::store::{FirstAnswer, KeyKind, Mode, SiteNumber, StoreError, Stored, Write};

const ROUTE: &str = "POST /v1/promotions/{id}/codes/generate";
/// With this status the seed of codes that are being drawn is kept under an idempotency key.
const UNDER_WAY: u16 = StatusCode::PROCESSING.as_u16();

/// Codes to be drawn.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GenerateRequest {
    /// How many, 1 to 100,000.
    #[schema(minimum = 1, maximum = 100_000)]
    count: u32,
    /// What each begins with, such as `SUMMER-`; nothing when absent.
    #[serde(default)]
    prefix: String,
    /// How many symbols follow: at least as many as nobody can guess (60 bits), which is what is taken when absent, and at most 64 together
    /// with the prefix.
    #[serde(default)]
    length: Option<u32>,
    /// What they are drawn from.
    #[serde(default)]
    alphabet: Symbols,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GenerateAnswer {
    /// How many codes were added. They are read by listing or exporting the promotion's codes.
    added: u32,
}

/// Generate codes
///
/// No code that is there already is drawn, of whichever promotion. They are written a thousand at a time. With an `Idempotency-Key` a
/// request that was lost, or broke off, can be sent again: the same codes are drawn, and only those that are missing are added.
#[utoipa::path(
    post,
    path = "/v1/promotions/{id}/codes/generate",
    tag = "codes",
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters, new for each request"),
    ),
    request_body = GenerateRequest,
    responses(
        (status = 200, body = GenerateAnswer),
        (status = 400, response = openapi::ProblemResponse),
        (status = 404, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
        (status = 422, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn generate(
    State(app): State<App>,
    caller: Owner,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(request): Body<GenerateRequest>,
) -> Result<Response, Problem> {
    let (site, editor) = (caller.site.number, caller.editor());
    let fingerprint = fingerprint(ROUTE, site, &(&id, &request))?;
    let repeatable = given_key(&headers, KeyKind::Secret, Mode::Live)?.map(|key| Repeatable { site, key, fingerprint });
    let (ids, asked, wanted) = (Arc::clone(app.ids()), id.clone(), request.clone());
    let begin = move |store: &dyn Write, now| begin(store, &*ids, now, (site, &asked), &wanted, repeatable);
    let mut drawing = match app.store().batcher().submit(site, begin).await?? {
        Begun::Answered(status, body) => return Ok(told(status, body, true)),
        Begun::Drawing(drawing) => drawing,
    };
    let count = u64::from(request.count);
    while drawing.done < count {
        let id = id.clone();
        let work = move |store: &dyn Write, now| draw(store, now, (site, editor, &id), drawing.clone(), count);
        drawing = app.store().batcher().submit(site, work).await??;
    }
    let answer = GenerateAnswer { added: request.count };
    let body = serde_json::to_vec(&answer).map_err(|error| Problem::internal(&error))?;
    if let Some(repeatable) = repeatable {
        let first = FirstAnswer::Told { status: StatusCode::OK.as_u16(), body: body.clone() };
        let keep = move |store: &dyn Write, now| repeatable.keep(store, now, first.clone());
        app.store().batcher().submit(site, keep).await?;
    }
    Ok(told(StatusCode::OK.as_u16(), body, false))
}

/// How a request to draw begins.
enum Begun {
    /// It was done before, and answered so.
    Answered(u16, Vec<u8>),
    /// It is being done.
    Drawing(Drawing),
}

/// Codes that are being drawn.
#[derive(Clone, Debug)]
struct Drawing {
    recipe: Recipe,
    seed: DrawSeed,
    next: u64,
    done: u64,
}

fn begin(
    store: &dyn Write,
    ids: &dyn Ids,
    now: DateTime<Utc>,
    (site, id): (SiteNumber, &str),
    request: &GenerateRequest,
    repeatable: Option<Repeatable>,
) -> Stored<Result<Begun, Problem>> {
    let mut seed = DrawSeed::default();
    let mut again = false;
    match repeatable.map(|repeatable| repeatable.earlier(store, now)).transpose()?.flatten() {
        Some(Ok(FirstAnswer::Told { status: UNDER_WAY, body })) => {
            seed = body.as_slice().try_into().map_err(|_| StoreError::Inconsistent("a seed".into()))?;
            again = true;
        }
        Some(Ok(FirstAnswer::Told { status, body })) => return Ok(Ok(Begun::Answered(status, body))),
        Some(Ok(FirstAnswer::Recorded { .. })) => return Err(StoreError::Inconsistent("an answer's kind".into())),
        Some(Err(problem)) => return Ok(Err(problem)),
        None => ids.fill(&mut seed)?,
    }
    let (site, _) = match unlocked(store, site, id)? {
        Ok(found) => found,
        Err(problem) => return Ok(Err(problem)),
    };
    let mut errors = Vec::new();
    let most = u32::try_from(CODES_AT_ONCE_MAX).unwrap_or(u32::MAX);
    if !(1..=most).contains(&request.count) {
        let message = format!("must be 1 to {most}");
        errors.push(InvalidField { field: "count".into(), code: Fault::OutOfBounds, message: message.into() });
    }
    let recipe = Recipe::parse(&site, &request.prefix, request.length, request.alphabet);
    let recipe = match recipe {
        Ok(recipe) if errors.is_empty() => recipe,
        recipe => {
            errors.extend(recipe.err().unwrap_or_default());
            return Ok(Err(Problem::invalid(&errors)));
        }
    };
    if let Some(repeatable) = repeatable.filter(|_| !again) {
        repeatable.keep(store, now, FirstAnswer::Told { status: UNDER_WAY, body: seed.to_vec() })?;
    }
    Ok(Ok(Begun::Drawing(Drawing { recipe, seed, next: 0, done: 0 })))
}

/// Draws the next thousand, or as many as are missing.
fn draw(
    store: &dyn Write,
    now: DateTime<Utc>,
    (site, editor, id): (SiteNumber, Editor, &str),
    mut drawing: Drawing,
    count: u64,
) -> Stored<Result<Drawing, Problem>> {
    let (site, record) = match unlocked(store, site, id)? {
        Ok(found) => found,
        Err(problem) => return Ok(Err(problem)),
    };
    let mut new = 0_u32;
    let until = drawing.done.saturating_add(AT_ONCE as u64).min(count);
    while drawing.done < until {
        let next = drawing.next.saturating_add(until.saturating_sub(drawing.done));
        let codes = (drawing.next..next).map(|index| {
            let code = drawing.recipe.draw(&drawing.seed, index);
            // What the recipe draws is a code: it was tried when the recipe was checked.
            let key = CodeKey::normalize(&code).map_err(|_| StoreError::Inconsistent("a code just drawn".into()))?;
            let spelling = site.policy.new_codes.spelling(&key, &code).to_owned();
            Ok((key, spelling))
        });
        let codes: Vec<(CodeKey, String)> = codes.collect::<Stored<_>>()?;
        let codes: Vec<_> = codes.iter().map(|(key, spelling)| (key, spelling.as_str())).collect();
        drawing.next = next;
        for added in add(store, &record, &site, &codes, now)? {
            match added {
                Added::New => {
                    drawing.done = drawing.done.saturating_add(1);
                    new = new.saturating_add(1);
                }
                // Of this promotion, and from this seed: added by the same request, which was sent twice, broke off, or was not known to be kept.
                // That an owner thought of the same 60 random bits need not be feared.
                Added::There | Added::Retired => drawing.done = drawing.done.saturating_add(1),
                Added::Taken => {}
            }
        }
    }
    if new > 0 {
        let change = Change::of(Resource::Codes, Action::Generated).counting(new);
        editor.keep(store, site.number, now, &change.to(id))?;
    }
    Ok(Ok(drawing))
}
