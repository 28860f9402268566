//! `GET /v1/openapi.json`: the document that describes this interface, OpenAPI 3.1, made from the handlers.
//!
//! core knows nothing of OpenAPI, so the schemas of its types stand in `openapi/core.json`; a test holds them against what core
//! really reads and writes.

use axum::http::{HeaderValue, header};
use axum::routing::{MethodRouter, get};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, Info, OpenApi, OpenApiBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToResponse, ToSchema};

use crate::app::App;

const CORE: &str = include_str!("openapi/core.json");

/// Stands for a type of core in what is described; its schema is filled in from [`CORE`].
macro_rules! core_schemas {
    ($($name:ident),* $(,)?) => {$(
        #[doc = concat!("Core's `", stringify!($name), "`.")]
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                Schema::default().into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

core_schemas! { CartRequest, CatalogItemDraft, Digests, Draft, InvalidField, Quote, SitePolicyDraft, State }

/// What went wrong, in the form of RFC 9457.
#[derive(Serialize, ToSchema, ToResponse)]
#[response(description = "A problem", content_type = "application/problem+json")]
pub(crate) struct ProblemResponse {
    /// Which problem; stable.
    code: String,
    /// The problem in English.
    title: String,
    /// The status.
    status: u16,
    /// What is particular to this occurrence.
    detail: Option<String>,
    /// Every fault of the request, with its field.
    #[schema(value_type = Vec<InvalidField>)]
    errors: Option<Vec<Value>>,
}

/// The document before its routes.
pub(super) fn base() -> OpenApi {
    let bearer = |what: &str| {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(what)).build();
        SecurityScheme::Http(scheme)
    };
    let mut components = Components::new();
    components.add_security_scheme("publishable", bearer("A page's key, `pk_…`, bound to the site's origins"));
    components.add_security_scheme("secret", bearer("The host's key, `sk_…`, for backends only"));
    let (name, problem) = ProblemResponse::response();
    components.responses.insert(name.into(), problem);
    let mut info = Info::new("Tearoff", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Promo codes for booking pages. Amounts are integer minor units beside one currency. Requests refuse unknown fields; \
         answers may gain fields."
            .into(),
    );
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// Serves the finished document.
pub(super) fn serve(document: OpenApi) -> MethodRouter<App> {
    const TYPE: HeaderValue = HeaderValue::from_static("application/json");
    let body = whole(document).to_string();
    get(move || async move { ([(header::CONTENT_TYPE, TYPE)], body) })
}

/// The document with core's schemas in their places.
fn whole(document: OpenApi) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let core: Map<String, Value> = serde_json::from_str(CORE).unwrap_or_default();
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.extend(core);
    }
    document
}

#[cfg(test)]
mod tests;
