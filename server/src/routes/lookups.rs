//! `POST /v1/lookups`: what a code does for a cart, with all that a page needs to price on by itself.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tearoff_core::ENGINE;
use tearoff_core::cart::PriceSource;
use tearoff_core::promotion::condition::Channel;
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;
use utoipa::ToSchema;

use super::answer::Answer;
use super::openapi;
use super::tab::Tab;
use super::told::{Sent, Told};
use crate::app::App;
use crate::customer::{CustomerRequest, binding};
use crate::establish::{Ask, Choices, ChosenGift, Question, check_codes};
use crate::json::{Body, Json};
use crate::keys::Caller;
use crate::limiter::Tells;
use crate::problem::Problem;
use crate::snapshot_token;
use crate::store::{Purpose, Read, SiteRecord, StoreError, Stored};

/// What a page asks when a code is applied.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupRequest {
    /// The code, as typed.
    code: String,
    /// The cart. Either this or `signed_cart` is needed.
    #[serde(default)]
    #[schema(value_type = Option<openapi::CartRequest>)]
    cart: Option<CartRequest>,
    /// A cart that the host's backend has signed: `cart1.`, the base64url of a `SignedCart` as JSON, `.`, and the base64url of the HMAC-SHA256
    /// of all before that dot, by one of the site's secrets for carts (R61).
    #[serde(default)]
    signed_cart: Option<String>,
    /// Who the customer is, as far as the page knows; not beside a `signed_cart` that says it.
    #[serde(default)]
    customer: Option<CustomerRequest>,
    /// Where it is booked: `booking_page` when absent, and for every page; the host's backend may say otherwise (R34).
    #[serde(default)]
    #[schema(value_type = Option<openapi::Channel>)]
    channel: Option<Channel>,
    /// The gifts that the customer chose, at most 10, and at most one a promotion (R17).
    #[serde(default)]
    gifts: Vec<ChosenGift>,
}

/// A priced answer with a snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookupAnswer {
    /// The answer.
    #[serde(flatten)]
    answer: Answer,
    /// What the page prices later changes of the cart with, signed: `base64url(bytes).base64url(signature)`. Null for a code that
    /// is unknown, or does not say why it does not apply, and where prices are not the catalog's.
    snapshot: Option<String>,
}

/// Look a code up
///
/// A code that does not apply is an ordinary answer: its decision is `waiting` or `rejected`, with reasons.
#[utoipa::path(
    post,
    path = "/v1/lookups",
    tag = "pages",
    request_body = LookupRequest,
    responses(
        (status = 200, body = LookupAnswer),
        (status = 400, response = openapi::ProblemResponse),
        (status = 429, response = openapi::ProblemResponse),
    ),
    security(("publishable" = []), ("secret" = [])),
)]
pub(crate) async fn look_up(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<LookupRequest>,
) -> Result<impl IntoResponse, Problem> {
    let tab = Tab::open(&app, &caller).await?;
    let codes = vec![request.code];
    check_codes(&codes, "code").map_err(only_code)?;
    let sent = Sent { cart: request.cart, signed_cart: request.signed_cart, customer: request.customer };
    let told = Told::read(&app, &caller, sent).await?;
    let places = told.places();
    let Told { cart, vouched, customer, .. } = told;
    let choices = Choices { channel: request.channel, gifts: request.gifts };
    let now = app.clock().now();
    let tab = tab.of(codes.len(), customer.as_ref())?;
    let answer = move |read: &dyn Read| -> Result<(LookupAnswer, Tells), Problem> {
        let site = &caller.site;
        let ask = Ask {
            site,
            caller: caller.kind,
            mode: caller.mode,
            cart: &cart,
            vouched,
            codes: &codes,
            customer: customer.as_ref(),
            choices: &choices,
        };
        let prices = ask.prices().map_err(Problem::from)?;
        let question = Question::establish(read, ask, now, None)?;
        let answer = Answer::of(&question, now);
        let tells = question.tells(&answer.quote);
        let told = answer.quote.decisions.iter().any(|decision| decision.promotion.is_some());
        let snapshot =
            if told && prices == PriceSource::Catalog { Some(snapshot(read, site, question, now)?) } else { None };
        Ok((LookupAnswer { answer, snapshot }, tells))
    };
    let answer = tab.pay(app.store().read_about(places, answer)).await?;
    app.metrics().looked_up(&answer.answer.quote);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)))
}

/// A lookup has one code, and its field has no index.
fn only_code(mut errors: Vec<tearoff_core::invalid::InvalidField>) -> Problem {
    for error in &mut errors {
        error.field = "code".into();
    }
    Problem::invalid(&errors)
}

fn snapshot(read: &dyn Read, site: &SiteRecord, question: Question, now: DateTime<Utc>) -> Stored<String> {
    /// A page may price on by itself for so long even where the site honors nothing that was shown.
    const SECONDS_MIN: u32 = 60;
    let seconds = site.policy.honor_quote_seconds.max(SECONDS_MIN);
    let snapshot = Snapshot {
        engine: ENGINE,
        site: site.id.clone(),
        customer: binding(&question.customer),
        expires_at: now.checked_add_signed(TimeDelta::seconds(i64::from(seconds))).unwrap_or(now),
        currency: site.policy.currency,
        locations: site.policy.location_ids(),
        catalog: question.catalog,
        candidates: question.candidates,
        facts: question.facts,
    };
    let secret = read.secret(site.number, Purpose::Snapshots, None)?;
    let secret = secret.ok_or_else(|| StoreError::Inconsistent("a site's secrets".into()))?;
    Ok(snapshot_token::sign(&snapshot, &secret))
}
