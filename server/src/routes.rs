//! The routes: one file per resource, with its request, its answer and its handlers.

mod answer;
mod catalog;
mod codes;
mod customers;
mod edits;
mod export;
mod files;
mod health;
mod idempotency;
mod keys;
mod lookups;
mod matching;
pub(crate) mod openapi;
mod paging;
mod presets;
mod promotions;
mod quotes;
mod redemptions;
mod reference;
mod site;
mod tab;
mod told;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use catalog::check_items;

use crate::app::App;
use crate::store::{Read, SiteNumber, SiteRecord, StoreError, Stored};

/// The routes that need a key, with the document that describes them.
pub(crate) fn api() -> (Router<App>, OpenApi) {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(lookups::look_up))
        .routes(routes!(quotes::quote))
        .routes(routes!(redemptions::create::create, redemptions::list::list))
        .routes(routes!(redemptions::show::show))
        .routes(routes!(redemptions::steps::place))
        .routes(routes!(redemptions::steps::confirm))
        .routes(routes!(redemptions::steps::release))
        .routes(routes!(redemptions::reverse::take_back))
        .routes(routes!(redemptions::replace::put_in_place))
        .routes(routes!(promotions::create, promotions::list))
        .routes(routes!(promotions::show, promotions::edit))
        .routes(routes!(promotions::activate))
        .routes(routes!(promotions::deactivate))
        .routes(routes!(codes::list::list, codes::add::add))
        .routes(routes!(codes::generate::generate))
        .routes(routes!(codes::remove::retire))
        .routes(routes!(codes::remove::delete))
        .routes(routes!(catalog::show, catalog::replace))
        .routes(routes!(customers::import::import))
        .routes(routes!(customers::list))
        .routes(routes!(customers::show, customers::tell, customers::erase))
        .routes(routes!(edits::list))
        .routes(routes!(export::export))
        .routes(routes!(keys::list, keys::make))
        .routes(routes!(keys::revoke))
        .routes(routes!(presets::list))
        .routes(routes!(site::secrets::rotate))
        .routes(routes!(site::secrets::make_for_carts))
        .routes(routes!(site::show, site::replace))
        .split_for_parts()
}

/// A site as it is in this transaction. What a caller brought along was read before.
fn site_now(read: &dyn Read, site: SiteNumber) -> Stored<Arc<SiteRecord>> {
    read.site(site)?.ok_or_else(|| StoreError::Inconsistent("a key's site".into()))
}

/// The routes that need none.
pub(crate) fn open(document: OpenApi) -> Router<App> {
    let document = openapi::whole(document);
    Router::new()
        .route("/v1/openapi.json", openapi::serve(&document))
        .route("/docs", reference::serve(&document))
        .route("/docs/style.css", reference::serve_style())
        .route("/health", get(health::live))
        .route("/healthz", get(health::live))
        .route("/ready", get(health::ready))
        .route("/readyz", get(health::ready))
        .route("/tearoff.js", get(files::loader))
        .route("/r/{hash}/{file}", get(files::release))
        .route("/", get(files::front))
        .route("/booking", get(files::to_booking))
        .route("/booking/", get(files::booking))
        .route("/booking/{file}", get(files::booking_file))
}
