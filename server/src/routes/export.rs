//! `GET /v1/export/{resource}`: all of a kind that a site has, a line each, read page by page while it is sent.
//!
//! No more than a few pages are in memory, however much there is: a page is read when the one before the last has gone out. Each page is of
//! one state of the database; what is added meanwhile may be among those to come.

mod csv;
mod lines;
mod stream;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tearoff_core::invalid::{Fault, InvalidField};
use utoipa::ToSchema;

use super::openapi;
use super::promotions::find;
use crate::app::App;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::store::Read;
use lines::{Export, Place};

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
enum Resource {
    /// As `GET /v1/promotions` lists them.
    Promotions,
    /// As `GET /v1/promotions/{id}/codes` lists them, each with the id of its promotion.
    Codes,
    /// As the items of `GET /v1/catalog`.
    Catalog,
    /// As `GET /v1/customers` lists them.
    Customers,
    /// As `GET /v1/redemptions` lists them.
    Redemptions,
}

impl Resource {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "promotions" => Self::Promotions,
            "codes" => Self::Codes,
            "catalog" => Self::Catalog,
            "customers" => Self::Customers,
            "redemptions" => Self::Redemptions,
            _ => return None,
        })
    }
}

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    /// A JSON object each.
    #[default]
    Jsonl,
    /// Comma-separated values, below a line of names.
    Csv,
}

impl Format {
    const fn content_type(self) -> HeaderValue {
        match self {
            Self::Jsonl => HeaderValue::from_static("application/x-ndjson"),
            Self::Csv => HeaderValue::from_static("text/csv; charset=utf-8"),
        }
    }
}

/// What may be said beside the resource.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    format: Option<String>,
    promotion: Option<String>,
}

/// Export all of a kind
///
/// One JSON object a line (`application/x-ndjson`); codes also as `format=csv`, where a cell that a spreadsheet would take for a formula
/// begins with an apostrophe. It is read while it is sent: a line that is there was whole, and an export that breaks off ends without the
/// last chunk of its transfer.
#[utoipa::path(
    get,
    path = "/v1/export/{resource}",
    tag = "export",
    params(
        ("resource" = inline(Resource), Path),
        ("format" = Option<String>, Query, description = "`jsonl`, which it is when absent, or, for codes, `csv`"),
        ("promotion" = Option<String>, Query, description = "Of codes: those of this promotion only"),
    ),
    responses(
        (status = 200, description = "The lines", content((String = "application/x-ndjson"), (String = "text/csv"))),
        (status = 400, response = openapi::ProblemResponse),
        (status = 404, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn export(
    State(app): State<App>,
    caller: SecretCaller,
    Path(resource): Path<String>,
    given: Result<Query<Given>, QueryRejection>,
) -> Result<Response, Problem> {
    let resource = Resource::parse(&resource).ok_or_else(|| Problem::not_found("resource"))?;
    let Query(given) = given.map_err(|_| fault("query", Fault::Unknown, "may hold `format` and `promotion` only"))?;
    let format = match given.format.as_deref() {
        None | Some("jsonl") => Format::Jsonl,
        Some("csv") if resource == Resource::Codes => Format::Csv,
        Some(_) => return Err(fault("format", Fault::Unknown, "must be `jsonl`, or `csv` for codes")),
    };
    if given.promotion.is_some() && resource != Resource::Codes {
        return Err(fault("promotion", Fault::Unknown, "is for codes only"));
    }
    let site = caller.site.number;
    let of = match given.promotion {
        None => None,
        Some(id) => {
            let found = app.store().read(move |read: &dyn Read| find(read, site, &id)).await?;
            Some(found.ok_or_else(|| Problem::not_found("promotion"))?.number)
        }
    };
    let place = match resource {
        Resource::Promotions => Place::Promotions(None),
        Resource::Codes => Place::Codes(of, None),
        Resource::Catalog => Place::Catalog,
        Resource::Customers => Place::Customers(None),
        Resource::Redemptions => Place::Redemptions(None),
    };
    let export = Export { site, mode: caller.mode, of, format, now: app.clock().now() };
    let body = stream::of(app, export, place).await?;
    Ok(([(header::CONTENT_TYPE, format.content_type())], body).into_response())
}

fn fault(field: &str, code: Fault, message: &'static str) -> Problem {
    Problem::invalid(&[InvalidField { field: field.into(), code, message: message.into() }])
}
