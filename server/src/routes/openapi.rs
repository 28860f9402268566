//! `GET /v1/openapi.json`: the document that describes this interface, OpenAPI 3.1, made from the handlers.
//!
//! core's types are described by the document of the wire ([`SCHEMA`]), which is generated from them; what of it this interface
//! speaks of is put in.

mod examples;

use std::mem;

use axum::http::{HeaderValue, header};
use axum::routing::{MethodRouter, get};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, Info, OpenApi, OpenApiBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToResponse, ToSchema};

use crate::app::App;
use crate::signed_cart::SignedCart;
use crate::wire::SCHEMA;

/// Stands for a type of core in what is described; its schema is filled in from [`SCHEMA`].
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
    )*

        /// The schemas of the handlers that only stand for core's.
        const STAND_INS: &[&str] = &[$(stringify!($name)),*];
    };
}

core_schemas! {
    CartRequest, CatalogItemDraft, Cause, Channel, Digests, Draft, Finding, InvalidField, Preset, Quote, Returned, SitePolicyDraft, State, UseCounts
}

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
    #[schema(value_type = String, required = false)]
    detail: Option<String>,
    /// Every fault of the request, with its field.
    #[schema(value_type = Vec<InvalidField>, required = false)]
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
    // It stands in a text, where no reference leads to it.
    let mut signed = vec![(SignedCart::name().into_owned(), SignedCart::schema())];
    SignedCart::schemas(&mut signed);
    components.schemas.extend(signed);
    let mut info = Info::new("Tearoff", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Promo codes for booking pages. Amounts are integer minor units beside one currency. Requests refuse unknown fields; \
         answers may gain fields."
            .into(),
    );
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// Serves the finished document.
pub(super) fn serve(document: &Value) -> MethodRouter<App> {
    const TYPE: HeaderValue = HeaderValue::from_static("application/json");
    let body = document.to_string();
    get(move || async move { ([(header::CONTENT_TYPE, TYPE)], body) })
}

/// What every operation may answer beside what it says of itself: no valid key; a key or an origin that may not; our failure; busy.
const BY_ANY: [&str; 4] = ["401", "403", "500", "503"];
/// The same for one that reads a body: not understood, too large, no JSON.
const BY_BODY: [&str; 3] = ["400", "413", "415"];

/// Adds to each operation what any of its kind may answer.
fn add_problems(document: &mut Value) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    for operation in paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        let reads = operation.get("requestBody").is_some();
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { continue };
        for status in BY_ANY.iter().chain(BY_BODY.iter().filter(|_| reads)) {
            let problem = || json!({ "$ref": "#/components/responses/ProblemResponse" });
            responses.entry(*status).or_insert_with(problem);
        }
    }
}

/// The document with core's schemas and the examples in their places.
pub(super) fn whole(document: OpenApi) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    add_problems(&mut document);
    examples::add(&mut document);
    let wire = SCHEMA.replace("#/$defs/", SCHEMAS);
    let mut wire: Value = serde_json::from_str(&wire).unwrap_or_default();
    let mut definitions = wire.get_mut("$defs").and_then(Value::as_object_mut).map(mem::take).unwrap_or_default();
    let mut wanted = Vec::new();
    references(&document, &mut wanted);
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
        return document;
    };
    // All that is spoken of, and what that speaks of in turn.
    while let Some(name) = wanted.pop() {
        let Some(schema) = definitions.remove(&name) else { continue };
        references(&schema, &mut wanted);
        // A handler's own schema is never replaced; that none has a name of core's is tested.
        if STAND_INS.contains(&name.as_str()) || !schemas.contains_key(&name) {
            schemas.insert(name, schema);
        }
    }
    document
}

/// Where schemas stand in the document.
const SCHEMAS: &str = "#/components/schemas/";

/// The names of all schemas that a part of the document refers to.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(|reference| reference.as_str()?.strip_prefix(SCHEMAS));
            found.extend(name.map(str::to_owned));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
