//! `/v1/catalog`: what a site sells.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tearoff_core::audit::Finding;
use tearoff_core::catalog::{CatalogItem, CatalogItemDraft};
use tearoff_core::id::ItemId;
use tearoff_core::invalid::{Fault, Faults, InvalidField};
use tearoff_core::text::Text;
use utoipa::ToSchema;

use super::matching::{Expected, tagged};
use super::{openapi, site_now};
use crate::app::App;
use crate::edits::{Action, Change, Resource};
use crate::json::{Body, CATALOG_MAX, Json};
use crate::keys::{Owner, SecretCaller};
use crate::problem::Problem;
use crate::promotions::{Surroundings, made_by_change};
use crate::store::{Read, SiteNumber, Stored, Write};

/// All that a site sells, by item id.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CatalogBody {
    /// The items, each id once, at most 10,000.
    #[schema(value_type = Vec<openapi::CatalogItemDraft>)]
    items: Vec<CatalogItemDraft>,
}

/// The catalog as it is now, and what that makes of promotions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedCatalog {
    /// The items, each id once, at most 10,000.
    #[schema(value_type = Vec<openapi::CatalogItemDraft>)]
    items: Vec<CatalogItemDraft>,
    /// What an audit finds of the site's active promotions that may be a mistake and was none before. At most 100.
    #[schema(value_type = Vec<openapi::Finding>)]
    warnings: Vec<Finding>,
}

/// Show the catalog
#[utoipa::path(
    get,
    path = "/v1/catalog",
    tag = "catalog",
    responses((status = 200, body = CatalogBody)),
    security(("secret" = [])),
)]
pub(crate) async fn show(State(app): State<App>, caller: SecretCaller) -> Result<Response, Problem> {
    let read = move |read: &dyn Read| whole(read, caller.site.number);
    let found: Stored<_> = app.store().read(read).await;
    Ok(found?.respond())
}

/// Replace the catalog
///
/// Whole or not at all. Where promotions will not do any more what they did, `warnings` says so.
#[utoipa::path(
    put,
    path = "/v1/catalog",
    tag = "catalog",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` it was read with, or `*`; needed unless the catalog is empty")),
    request_body = CatalogBody,
    responses(
        (status = 200, body = ChangedCatalog),
        (status = 400, response = openapi::ProblemResponse),
        (status = 412, response = openapi::ProblemResponse),
        (status = 428, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn replace(
    State(app): State<App>,
    caller: Owner,
    headers: HeaderMap,
    Body(request): Body<CatalogBody, CATALOG_MAX>,
) -> Result<Response, Problem> {
    check_items(&request.items, "items")?;
    let (site, editor, expected) = (caller.site.number, caller.editor(), Expected::needed(&headers));
    let work = move |store: &dyn Write, now| {
        // Nothing is overwritten where there is nothing.
        let before = store.catalog(site)?;
        let is_new = expected.is_unsaid() && before.is_empty();
        let revision = site_now(store, site)?.catalog_revision;
        if let Err(problem) = expected.check(revision, "catalog")
            && !is_new
        {
            return Ok(Err(problem));
        }
        store.set_catalog(site, &request.items)?;
        let whole = whole(store, site)?;
        let change = Change::of(Resource::Catalog, Action::Changed).between(Some(revision), Some(whole.revision));
        editor.keep(store, site, now, &change)?;
        Ok(Ok((before, whole)))
    };
    let (before, whole) = app.store().batcher().submit(site, work).await??;
    let (policy, now) = (caller.site.policy.clone(), app.clock().now());
    let around = [&before, &whole.items].map(|items| Surroundings::new(&policy, items));
    // Beside the writer: for advice nobody waits.
    let read = move |read: &dyn Read| made_by_change(read, site, (&around[0], &around[1]), now);
    let warnings: Stored<_> = app.store().read(read).await;
    // What was changed stands, also where nobody can look at it just now.
    Ok(whole.respond_with(warnings.unwrap_or_default()))
}

/// The catalog in one state.
struct Whole {
    items: Vec<CatalogItemDraft>,
    revision: u32,
}

fn whole(read: &dyn Read, site: SiteNumber) -> Stored<Whole> {
    Ok(Whole { items: read.catalog(site)?, revision: site_now(read, site)?.catalog_revision })
}

impl Whole {
    fn respond(self) -> Response {
        tagged(Json(CatalogBody { items: self.items }).into_response(), self.revision)
    }

    fn respond_with(self, warnings: Vec<Finding>) -> Response {
        let answer = ChangedCatalog { items: self.items, warnings };
        tagged(Json(answer).into_response(), self.revision)
    }
}

/// Checks a whole catalog.
///
/// # Errors
/// Every fault with its field below `field`.
pub(crate) fn check_items(items: &[CatalogItemDraft], field: &str) -> Result<(), Vec<InvalidField>> {
    const ITEMS_MAX: usize = 10_000;
    let mut faults = Faults::default();
    if items.len() > ITEMS_MAX {
        faults.add(field, Fault::OutOfBounds, format!("must have at most {ITEMS_MAX} entries"));
        return Err(faults.into_vec());
    }
    let mut ids: std::collections::BTreeSet<ItemId> = std::collections::BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        // A name is nothing to core. One that was kept before this was checked is read as it is.
        let _checked = faults.keep(&format!("{field}[{index}].name"), Text::parse_shown(&item.name));
        match CatalogItem::parse(item, &format!("{field}[{index}]")) {
            Ok(item) if ids.insert(item.id.clone()) => {}
            Ok(_) => faults.add(&format!("{field}[{index}].id"), Fault::Duplicate, "is the id of an earlier item"),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.into_vec()) }
}
