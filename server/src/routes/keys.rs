//! `/v1/keys`: who may speak for a site (SPEC section 14).
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tearoff_core::invalid::{Fault, InvalidField};
use tearoff_core::time::parse_instant;
use utoipa::ToSchema;

use super::answer::{instant, optional_instant};
use super::openapi;
use crate::app::App;
use crate::edits::{Action, Change, Editor, Resource};
use crate::json::{Body, Json};
use crate::keys::{Key, KeyId, Owner, SecretCaller};
use crate::problem::Problem;
use crate::store::{KeyKind, KeyRecord, Mode, Read, SiteNumber, StoreError, Stored, Write};

/// Most keys of a site that go on.
const KEYS_MAX: usize = 100;
/// Most keys beside them that have an end to come, such as those that were replaced.
const ENDING_MAX: usize = 100;

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whose {
    /// A page's, `pk_…`: anybody can read it there.
    Publishable,
    /// The host's backend's, `sk_…`.
    Secret,
}

/// Whether what is done with it is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Meant {
    /// It is.
    #[default]
    Live,
    /// It tries the site out: its redemptions are listed and counted apart.
    Test,
}

/// A key, without itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyAnswer {
    /// Its id: `key_` and 16 hexadecimal digits.
    id: String,
    /// Whose it is.
    kind: Whose,
    /// Whether what is done with it is meant.
    mode: Meant,
    /// Its last four characters; null for one that was made before they were kept.
    last_four: Option<String>,
    /// When it was made.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    /// From when on it opens nothing any more; null while nobody has said.
    #[serde(serialize_with = "optional_instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<DateTime<Utc>>,
}

/// The keys of a site.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyList {
    /// Those that have not ended, the oldest first: at most 100 that go on, and 100 that have an end to come.
    keys: Vec<KeyAnswer>,
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRequest {
    /// Whose it will be.
    kind: Whose,
    /// Whether what is done with it will be meant; it will when absent.
    #[serde(default)]
    mode: Meant,
    /// The key in whose place it comes.
    #[serde(default)]
    replaces: Option<ReplacedKey>,
}

/// A key that is replaced by one of its own kind and mode.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplacedKey {
    /// Its id.
    id: String,
    /// Until when it goes on: an instant in UTC such as `2026-12-01T16:00:00Z`; one that is over ends it now. A day from now, or until it ends anyway
    /// when absent, so that an answer that is lost locks nobody out.
    #[serde(default)]
    valid_until: Option<String>,
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewKeyAnswer {
    /// The key itself. It is told this once: only its hash is kept.
    key: String,
    /// All else about it.
    #[serde(flatten)]
    made: KeyAnswer,
}

impl From<&KeyRecord> for KeyAnswer {
    fn from(record: &KeyRecord) -> Self {
        Self {
            id: KeyId::of(&record.hash).to_string(),
            kind: match record.kind {
                KeyKind::Publishable => Whose::Publishable,
                KeyKind::Secret => Whose::Secret,
            },
            mode: record.mode.into(),
            last_four: record.last_four.as_deref().map(str::to_owned),
            created_at: record.created_at,
            valid_until: record.valid_until,
        }
    }
}

impl From<Mode> for Meant {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Live => Self::Live,
            Mode::Test => Self::Test,
        }
    }
}

/// List the keys
///
/// Never themselves: only their hashes are kept.
#[utoipa::path(
    get,
    path = "/v1/keys",
    tag = "keys",
    responses((status = 200, body = KeyList)),
    security(("secret" = [])),
)]
pub(crate) async fn list(State(app): State<App>, caller: SecretCaller) -> Result<Json<KeyList>, Problem> {
    let now = app.clock().now();
    let found: Stored<_> = app.store().read(move |read: &dyn Read| read.keys(caller.site.number, now)).await;
    Ok(Json(KeyList { keys: found?.iter().map(KeyAnswer::from).collect() }))
}

/// Make a key
///
/// The answer tells the key, once and never again; it is not kept under an idempotency key. In the place of another of its kind and mode, so
/// that both open the site until those who hold the old one have changed it.
#[utoipa::path(
    post,
    path = "/v1/keys",
    tag = "keys",
    request_body = KeyRequest,
    responses(
        (status = 201, body = NewKeyAnswer),
        (status = 400, response = openapi::ProblemResponse),
        (status = 403, response = openapi::ProblemResponse),
        (status = 404, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn make(
    State(app): State<App>,
    caller: Owner,
    Body(request): Body<KeyRequest>,
) -> Result<(StatusCode, Json<NewKeyAnswer>), Problem> {
    let kind = match request.kind {
        Whose::Publishable => KeyKind::Publishable,
        Whose::Secret => KeyKind::Secret,
    };
    let mode = match request.mode {
        Meant::Live => Mode::Live,
        Meant::Test => Mode::Test,
    };
    let until = request.replaces.as_ref().and_then(|replaced| replaced.valid_until.as_deref()).map(parse_instant);
    let until = until.transpose().map_err(|(code, message)| {
        Problem::invalid(&[InvalidField { field: "replaces.valid_until".into(), code, message }])
    })?;
    let (site, editor) = (caller.site.number, caller.editor());
    // Drawn before the work that keeps it: done again, that finds its own.
    let key = Key::generate(kind, mode, &**app.ids()).map_err(StoreError::from)?;
    let replaced = request.replaces.map(|replaced| replaced.id);
    let work = move |store: &dyn Write, now| {
        let new = New { key: &key, replaced: replaced.as_deref(), until };
        add(store, now, (site, editor), &new)
    };
    let made = app.store().batcher().submit(site, work).await??;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Until when what is replaced goes on: a day where nobody says, so that whoever never heard the answer is not locked out.
pub(super) fn replaced_until(asked: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    const GRACE: TimeDelta = TimeDelta::hours(24);
    asked.or_else(|| now.checked_add_signed(GRACE)).unwrap_or(now).max(now)
}

/// A key to be made.
struct New<'a> {
    key: &'a Key,
    /// In whose place.
    replaced: Option<&'a str>,
    /// Until when that goes on, where the owner says so.
    until: Option<DateTime<Utc>>,
}

fn add(
    store: &dyn Write,
    now: DateTime<Utc>,
    (site, editor): (SiteNumber, Editor),
    new: &New<'_>,
) -> Stored<Result<NewKeyAnswer, Problem>> {
    let key = new.key;
    let answer = |made: &KeyRecord| NewKeyAnswer { key: key.reveal().to_owned(), made: KeyAnswer::from(made) };
    if let Some(made) = store.find_key(&key.hash())? {
        // A commit of which nobody knew whether it held did.
        return Ok(Ok(answer(&made)));
    }
    let keys = store.keys(site, now)?;
    let replaced = match new.replaced.map(|id| keys.iter().find(|key| KeyId::of(&key.hash).to_string() == id)) {
        None => None,
        Some(Some(old)) if (old.kind, old.mode) == (key.kind(), key.mode()) => {
            let until = replaced_until(new.until, now);
            // Whoever says nothing prolongs nothing that was to end before.
            let ends = old.valid_until.filter(|ends| new.until.is_none() && *ends < until);
            Some((old, ends.unwrap_or(until)))
        }
        Some(Some(_)) => return Ok(Err(of_another_kind())),
        Some(None) => return Ok(Err(Problem::not_found("key"))),
    };
    if let Some(problem) = too_many(&keys, replaced, now) {
        return Ok(Err(problem));
    }
    if let Some((old, ends)) = replaced {
        store.end_key(&old.hash, ends)?;
        let id = KeyId::of(&old.hash).to_string();
        editor.keep(store, site, now, &Change::of(Resource::Key, Action::Replaced).to(&id))?;
    }
    store.add_key(site, key, now)?;
    let made = store.find_key(&key.hash())?;
    let made = answer(&made.ok_or_else(|| StoreError::Inconsistent("a key just written".into()))?);
    editor.keep(store, site, now, &Change::of(Resource::Key, Action::Made).to(&made.made.id))?;
    Ok(Ok(made))
}

/// Revoke a key
///
/// It ends at once. The last live secret key of a site without an end cannot be revoked: nobody could speak for the site any more.
#[utoipa::path(
    delete,
    path = "/v1/keys/{id}",
    tag = "keys",
    params(("id" = String, Path)),
    responses(
        (status = 204, description = "It opens nothing any more"),
        (status = 403, response = openapi::ProblemResponse),
        (status = 404, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn revoke(
    State(app): State<App>,
    caller: Owner,
    Path(asked): Path<String>,
) -> Result<StatusCode, Problem> {
    let (site, editor) = (caller.site.number, caller.editor());
    let work = move |store: &dyn Write, now| -> Stored<Result<(), Problem>> {
        let keys = store.keys(site, now)?;
        let Some(key) = keys.iter().find(|key| KeyId::of(&key.hash).to_string() == asked) else {
            return Ok(Err(Problem::not_found("key")));
        };
        let stays = |other: &KeyRecord| {
            other.hash != key.hash
                && (other.kind, other.mode) == (KeyKind::Secret, Mode::Live)
                && other.valid_until.is_none()
        };
        if (key.kind, key.mode) == (KeyKind::Secret, Mode::Live) && !keys.iter().any(stays) {
            return Ok(Err(last_secret()));
        }
        store.end_key(&key.hash, now)?;
        editor.keep(store, site, now, &Change::of(Resource::Key, Action::Revoked).to(&asked)).map(Ok)
    };
    app.store().batcher().submit(site, work).await??;
    Ok(StatusCode::NO_CONTENT)
}

fn last_secret() -> Problem {
    Problem::new(StatusCode::CONFLICT, "last_secret_key", "the last secret key of a site cannot be revoked")
        .detail("make another first, or let a new one replace it")
}

/// Why one more key cannot be, if it cannot. What is replaced makes room for what replaces it, and goes on among those that have an end
/// to come; whoever ends it at once is let however many these are.
fn too_many(keys: &[KeyRecord], replaced: Option<(&KeyRecord, DateTime<Utc>)>, now: DateTime<Utc>) -> Option<Problem> {
    let others = keys.iter().filter(|key| replaced.is_none_or(|(old, _)| old.hash != key.hash));
    let (ending, going_on): (Vec<_>, Vec<_>) = others.partition(|key| key.valid_until.is_some());
    let detail = if going_on.len() >= KEYS_MAX {
        format!("revoke one of the {KEYS_MAX} keys that go on, or let the new one replace it")
    } else if ending.len() >= ENDING_MAX && replaced.is_some_and(|(_, ends)| ends > now) {
        format!(
            "revoke one of the {ENDING_MAX} keys that have an end to come, or end at once what is replaced: `replaces.valid_until`"
        )
    } else {
        return None;
    };
    let title = "the site has as many keys as it can have";
    Some(Problem::new(StatusCode::CONFLICT, "too_many_keys", title).detail(detail))
}

fn of_another_kind() -> Problem {
    let message = "must name a key of the same `kind` and `mode`";
    let fault = InvalidField { field: "replaces.id".into(), code: Fault::Contradiction, message: message.into() };
    Problem::new(StatusCode::CONFLICT, "key_of_another_kind", "a key is replaced by one of its own kind and mode")
        .with("errors", json!([fault]))
}
