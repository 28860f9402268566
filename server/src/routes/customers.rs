//! `/v1/customers`: what the host tells of its customers.

pub(super) mod import;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tearoff_core::id::CustomerId;
use utoipa::ToSchema;

use super::answer::instant;
use super::matching::{Expected, tagged};
use super::openapi;
use super::paging::{Paging, unknown_after};
use crate::app::App;
use crate::customers::{CustomerDraft, NewCustomer, PassDraft, PastDraft, keep};
use crate::edits::{Action, Change, Resource};
use crate::json::{Body, Json};
use crate::keys::{Owner, SecretCaller};
use crate::problem::Problem;
use crate::store::{CustomerRecord, Page, Read, StoreError, Stored, Write};

/// A customer, as the host tells of them. Addresses and phone numbers are kept as keyed hashes, so that they can only be counted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerAnswer {
    /// The host's own id of their account.
    id: String,
    /// How many e-mail addresses they are known by.
    email_count: u32,
    /// How many phone numbers they are known by.
    phone_count: u32,
    /// What is told of their past. What they redeemed here counts beside it.
    history: PastDraft,
    /// The tags they carry.
    tags: Vec<String>,
    /// The passes they hold.
    passes: Vec<PassDraft>,
    /// The discount they always have, in basis points; null for none.
    standing_bp: Option<i64>,
    /// When they were first told of.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    /// When they were last told of.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: DateTime<Utc>,
    /// Which state of it this is: what its `ETag` names.
    #[serde(skip)]
    revision: u32,
}

impl From<CustomerRecord> for CustomerAnswer {
    fn from(record: CustomerRecord) -> Self {
        let CustomerDraft { history, tags, passes, standing_bp, .. } = record.draft;
        Self {
            id: record.id.as_str().to_owned(),
            email_count: record.emails,
            phone_count: record.phones,
            history,
            tags,
            passes,
            standing_bp,
            created_at: record.created_at,
            updated_at: record.updated_at,
            revision: record.revision,
        }
    }
}

impl CustomerAnswer {
    fn respond(self, status: StatusCode) -> Response {
        let revision = self.revision;
        tagged((status, Json(self)).into_response(), revision)
    }
}

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerPage {
    /// In the order of their ids.
    customers: Vec<CustomerAnswer>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
}

/// List customers
#[utoipa::path(
    get,
    path = "/v1/customers",
    tag = "customers",
    params(
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "1 to 100; 50 when absent"),
    ),
    responses(
        (status = 200, body = CustomerPage),
        (status = 400, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: SecretCaller,
    paging: Paging,
) -> Result<Json<CustomerPage>, Problem> {
    let after = paging.after.as_deref().map(CustomerId::parse).transpose().map_err(|_| unknown_after())?;
    let limit = paging.looked_for();
    let read = move |read: &dyn Read| read.customers(caller.site.number, Page { after: after.as_ref(), limit });
    let found: Stored<_> = app.store().read(read).await;
    let mut customers: Vec<CustomerAnswer> = found?.into_iter().map(Into::into).collect();
    let next = paging.cut(&mut customers, |last| last.id.clone());
    Ok(Json(CustomerPage { customers, next }))
}

/// Show a customer
#[utoipa::path(
    get,
    path = "/v1/customers/{id}",
    tag = "customers",
    params(("id" = String, Path, description = "The host's own id of their account")),
    responses(
        (status = 200, body = CustomerAnswer),
        (status = 404, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn show(
    State(app): State<App>,
    caller: SecretCaller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = known_id(&id)?;
    let found: Stored<_> = app.store().read(move |read: &dyn Read| read.customer(caller.site.number, &id)).await;
    Ok(CustomerAnswer::from(found?.ok_or_else(unknown)?).respond(StatusCode::OK))
}

/// Tell of a customer
///
/// In place of what was told of them before: what is left out is nothing, but for addresses and phone numbers, which stay. Whoever asks
/// or redeems with one of their identities is held to be them (a page's word is enough for some rules only); with one that several have
/// in common, to be any of them. The id is one of their identities: what requests name as `account`.
#[utoipa::path(
    put,
    path = "/v1/customers/{id}",
    tag = "customers",
    params(
        ("id" = String, Path, description = "The host's own id of their account: 1 to 64 printable ASCII characters, not `import`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` it was read with, or `*`; needed unless they are new"),
    ),
    request_body = CustomerDraft,
    responses(
        (status = 200, body = CustomerAnswer),
        (status = 201, body = CustomerAnswer, description = "They are new"),
        (status = 400, response = openapi::ProblemResponse),
        (status = 412, response = openapi::ProblemResponse),
        (status = 428, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn tell(
    State(app): State<App>,
    caller: Owner,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(draft): Body<CustomerDraft>,
) -> Result<Response, Problem> {
    let customer = NewCustomer::parse((&id, "id"), draft, "")?;
    let (site, editor, expected) = (caller.site.number, caller.editor(), Expected::needed(&headers));
    let work = move |store: &dyn Write, now| -> Stored<Result<(StatusCode, CustomerRecord), Problem>> {
        let before = store.customer(site, &customer.id)?;
        // Nothing is overwritten where there is nothing.
        let checked = match &before {
            Some(before) => expected.check(before.revision, "customer"),
            None if expected.is_unsaid() => Ok(()),
            None => expected.check(0, "customer"),
        };
        if let Err(problem) = checked {
            return Ok(Err(problem));
        }
        let is_new = keep(store, site, &customer, now)?;
        let kept = store.customer(site, &customer.id)?;
        let kept = kept.ok_or_else(|| StoreError::Inconsistent("a customer just written".into()))?;
        let change = Change::of(Resource::Customer, if is_new { Action::Made } else { Action::Changed });
        let change = change.between(before.map(|before| before.revision), Some(kept.revision));
        editor.keep(store, site, now, &change.to(customer.id.as_str()))?;
        let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
        Ok(Ok((status, kept)))
    };
    let (status, kept) = app.store().batcher().submit(site, work).await??;
    Ok(CustomerAnswer::from(kept).respond(status))
}

/// Erase a customer
///
/// All that was told of them goes, and with it what they were known by. What they redeemed stays, and so do the keyed hashes by which
/// limits count: nobody can read a name or an address from them, and whoever comes again with the same address is held to the same limits.
/// Versions of a promotion's terms that name them keep their id, for terms never change: let it be one that says nothing by itself.
#[utoipa::path(
    delete,
    path = "/v1/customers/{id}",
    tag = "customers",
    params(
        ("id" = String, Path, description = "The host's own id of their account"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` it was read with"),
    ),
    responses(
        (status = 204, description = "Erased"),
        (status = 404, response = openapi::ProblemResponse),
        (status = 412, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn erase(
    State(app): State<App>,
    caller: Owner,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let (id, site, editor) = (known_id(&id)?, caller.site.number, caller.editor());
    let expected = Expected::of(&headers);
    let work = move |store: &dyn Write, now| -> Stored<Result<(), Problem>> {
        let Some(customer) = store.customer(site, &id)? else { return Ok(Err(unknown())) };
        if let Err(problem) = expected.check(customer.revision, "customer") {
            return Ok(Err(problem));
        }
        store.erase_customer(site, &id)?;
        // Without their id, which would name them.
        editor.keep(store, site, now, &Change::of(Resource::Customer, Action::Erased)).map(Ok)
    };
    app.store().batcher().submit(site, work).await??;
    Ok(StatusCode::NO_CONTENT)
}

fn known_id(text: &str) -> Result<CustomerId, Problem> {
    CustomerId::parse(text).map_err(|_| unknown())
}

fn unknown() -> Problem {
    Problem::not_found("customer")
}
