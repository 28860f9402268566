//! `POST /v1/quotes`: what a cart costs with these codes.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use tearoff_core::promotion::condition::Channel;
use tearoff_core::request::CartRequest;
use utoipa::ToSchema;

use super::answer::Answer;
use super::openapi;
use super::tab::Tab;
use super::told::{Sent, Told};
use crate::app::App;
use crate::customer::CustomerRequest;
use crate::establish::{Ask, Choices, ChosenGift, Question, check_codes};
use crate::json::{Body, Json};
use crate::keys::Caller;
use crate::limiter::Tells;
use crate::problem::Problem;
use crate::store::Read;

/// What is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuoteRequest {
    /// The codes, as typed, in order; at most 10.
    #[serde(default)]
    codes: Vec<String>,
    /// The cart. Either this or `signed_cart` is needed.
    #[serde(default)]
    #[schema(value_type = Option<openapi::CartRequest>)]
    cart: Option<CartRequest>,
    /// A cart that the host's backend has signed: `cart1.`, the base64url of a `SignedCart` as JSON, `.`, and the base64url of the HMAC-SHA256
    /// of all before that dot, by one of the site's secrets for carts (R61).
    #[serde(default)]
    signed_cart: Option<String>,
    /// Who the customer is, as far as the caller knows; not beside a `signed_cart` that says it.
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

/// Price a cart
///
/// Reserves nothing.
#[utoipa::path(
    post,
    path = "/v1/quotes",
    tag = "pages",
    request_body = QuoteRequest,
    responses(
        (status = 200, body = Answer),
        (status = 400, response = openapi::ProblemResponse),
        (status = 429, response = openapi::ProblemResponse),
    ),
    security(("publishable" = []), ("secret" = [])),
)]
pub(crate) async fn quote(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<QuoteRequest>,
) -> Result<impl IntoResponse, Problem> {
    let tab = Tab::open(&app, &caller).await?;
    check_codes(&request.codes, "codes")?;
    let sent = Sent { cart: request.cart, signed_cart: request.signed_cart, customer: request.customer };
    let told = Told::read(&app, &caller, sent).await?;
    let places = told.places();
    let Told { cart, vouched, customer, .. } = told;
    let choices = Choices { channel: request.channel, gifts: request.gifts };
    let now = app.clock().now();
    let tab = tab.of(request.codes.len(), customer.as_ref())?;
    let answer = move |read: &dyn Read| -> Result<(Answer, Tells), Problem> {
        let ask = Ask {
            site: &caller.site,
            caller: caller.kind,
            mode: caller.mode,
            cart: &cart,
            vouched,
            codes: &request.codes,
            customer: customer.as_ref(),
            choices: &choices,
        };
        let question = Question::establish(read, ask, now, None)?;
        let answer = Answer::of(&question, now);
        let tells = question.tells(&answer.quote);
        Ok((answer, tells))
    };
    let answer = tab.pay(app.store().read_about(places, answer)).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)))
}
