//! `GET /v1/edits`: who changed what.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tearoff_core::invalid::{Fault, InvalidField};
use utoipa::ToSchema;

use super::answer::instant;
use super::keys::Meant;
use super::openapi;
use super::paging::{Paging, unknown_after};
use crate::app::App;
use crate::edits::{Action, Edit, Resource, Wanted};
use crate::json::Json;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::store::{Page, Read, Stored};

/// A change that somebody made with a secret key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EditAnswer {
    /// When it was made.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    edited_at: DateTime<Utc>,
    /// The id of the key, as `GET /v1/keys` tells it, which may have ended since.
    key: String,
    /// Whether what that key does is meant.
    mode: Meant,
    /// What was edited.
    resource: Resource,
    /// Its id: of codes, that of their promotion. Null of what a site has one of, of many customers, and of whoever was erased since.
    id: Option<Box<str>>,
    /// What was done with it.
    action: Action,
    /// Which state it was in; null where it has none, or was not there.
    revision_before: Option<u32>,
    /// Which state it was in afterwards; null where it has none.
    revision_after: Option<u32>,
    /// How many codes or customers it was about; null where it was about one thing.
    count: Option<u32>,
}

/// A page of edits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EditPage {
    /// The newest first.
    edits: Vec<EditAnswer>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
}

impl From<Edit> for EditAnswer {
    fn from(edit: Edit) -> Self {
        Self {
            edited_at: edit.edited_at,
            key: edit.editor.key.to_string(),
            mode: edit.editor.mode.into(),
            resource: edit.resource,
            id: edit.id,
            action: edit.action,
            revision_before: edit.revision_before,
            revision_after: edit.revision_after,
            count: edit.count,
        }
    }
}

/// What may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    after: Option<String>,
    limit: Option<String>,
    resource: Option<String>,
    id: Option<String>,
}

impl Given {
    fn wanted(&self) -> Result<Wanted, Problem> {
        let resource = self.resource.as_deref().map(|text| {
            let text = serde_json::Value::from(text);
            serde_json::from_value(text).map_err(|_| fault("resource", Fault::Unknown, "is no resource that is edited"))
        });
        match (resource.transpose()?, &self.id) {
            (Some(resource), Some(id)) => Ok(Wanted::OfThing(resource, id.as_str().into())),
            (Some(resource), None) => Ok(Wanted::Of(resource)),
            (None, Some(_)) => Err(fault("id", Fault::Contradiction, "needs a `resource` beside it")),
            (None, None) => Ok(Wanted::All),
        }
    }
}

/// List edits
///
/// Who changed what through secret keys: the site, its catalog, promotions, codes, customers and keys. Edits tell ids and revisions, and never a
/// secret, a code, or what was told of a customer. They are kept 400 days, of each site the newest million, and of those the newest
/// 100,000 that are about customers or codes.
#[utoipa::path(
    get,
    path = "/v1/edits",
    tag = "edits",
    params(
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "1 to 100; 50 when absent"),
        ("resource" = Option<Resource>, Query, description = "Of this kind only"),
        ("id" = Option<String>, Query, description = "With `resource`: of the one that has this id only"),
    ),
    responses(
        (status = 200, body = EditPage),
        (status = 400, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: SecretCaller,
    given: Result<Query<Given>, QueryRejection>,
) -> Result<Json<EditPage>, Problem> {
    let known = "may hold `after`, `limit`, `resource` and `id` only";
    let Query(given) = given.map_err(|_| fault("query", Fault::Unknown, known))?;
    let wanted = given.wanted()?;
    let paging = Paging::parse(given.after, given.limit)?;
    let after = paging.after.as_ref().map(|after| after.parse::<i64>()).transpose().map_err(|_| unknown_after())?;
    let page = Page { after, limit: paging.looked_for() };
    let read = move |read: &dyn Read| read.edits(caller.site.number, &wanted, page);
    let found: Stored<_> = app.store().read(read).await;
    let mut found = found?;
    let next = paging.cut(&mut found, |last| last.number.to_string());
    Ok(Json(EditPage { edits: found.into_iter().map(Into::into).collect(), next }))
}

fn fault(field: &str, code: Fault, message: &'static str) -> Problem {
    Problem::invalid(&[InvalidField { field: field.into(), code, message: message.into() }])
}
