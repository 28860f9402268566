//! `POST /v1/redemptions`: reserve an order's decision, and place it at once where that is asked.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

use super::RedemptionAnswer;
use super::request::{RedemptionRequest, Wanted, check};
use crate::app::App;
use crate::establish::check_codes;
use crate::json::Body;
use crate::keys::Caller;
use crate::limiter::{Charged, TooMany};
use crate::problem::{Problem, respond};
use crate::redeem::{Reservation, Reserved, reserve};
use crate::routes::idempotency::{fingerprint, mark_replayed, required_key};
use crate::routes::openapi;
use crate::routes::tab::{Tab, too_many};
use crate::routes::told::{Sent, Told};
use crate::store::{FirstAnswer, KeyKind, Redemption, Stored, Write};

const ROUTE: &str = "POST /v1/redemptions";

/// Reserve a redemption
///
/// The same key with the same request gets the first answer again, byte for byte, with `Idempotency-Replayed: true`; with another
/// request it is refused. The request is the same while order, cart, codes, customer, total and `place` are; snapshot and digests may
/// differ. Keys are kept 48 hours; what is told a publishable key, and is not recorded, is not kept. An order keeps its reference for ever,
/// also when its redemption is released, expired or reversed: one that expired can still be placed or confirmed, and a new redemption of the
/// same order needs another reference, such as `8-2` after `8`. A
/// 409 has the code of the first reason (`usage_limit_reached`, …) with all `reasons` and the `quote`, or `quote_changed` with the
/// `quote`, or `order_already_redeemed`, with the `redemption` and its `state` where a secret key asks. A publishable key may record so many in an hour for
/// one address and for one customer, as the server is set; beyond it the answer is a 429, `too_many_redemptions`.
#[utoipa::path(
    post,
    path = "/v1/redemptions",
    tag = "redemptions",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 printable ASCII characters, new for each request")),
    request_body = RedemptionRequest,
    responses(
        (status = 201, body = RedemptionAnswer, description = "Recorded"),
        (status = 200, body = RedemptionAnswer, description = "Recorded before: as it was first answered under this key, or, \
            under another key, as it stands now"),
        (status = 400, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
        (status = 422, response = openapi::ProblemResponse),
        (status = 429, response = openapi::ProblemResponse),
    ),
    security(("publishable" = []), ("secret" = [])),
)]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(mut request): Body<RedemptionRequest>,
) -> Result<Response, Problem> {
    let key = required_key(&headers, caller.kind, caller.mode)?;
    let tab = Tab::open(&app, &caller).await?;
    check_codes(&request.codes, "codes")?;
    let sent =
        Sent { cart: request.cart.take(), signed_cart: request.signed_cart.take(), customer: request.customer.take() };
    let told = Told::read(&app, &caller, sent).await?;
    let tab = tab.of(request.codes.len(), told.customer.as_ref())?;
    let reserved = reserve_now(&app, &caller, &tab, key, request, told).await?;
    answer(reserved, app.clock().now())
}

/// Queues the reservation, waits for its commit, and until it may be told. What is recorded is told in any case: it cost nothing.
async fn reserve_now(
    app: &App,
    caller: &Caller,
    tab: &Tab,
    key: [u8; 16],
    request: RedemptionRequest,
    told: Told,
) -> Result<Reserved, Problem> {
    let fingerprint = fingerprint(ROUTE, caller.site.number, &Wanted::of(&request, &told))?;
    let checked = check(app, caller, request).await?;
    let barred = charge(app, tab).await.err();
    let reservation = Reservation {
        site: caller.site.number,
        caller: caller.kind,
        mode: caller.mode,
        key,
        fingerprint,
        order: checked.order,
        cart: told.cart,
        vouched: told.vouched,
        codes: checked.request.codes,
        customer: told.customer,
        choices: checked.choices,
        seen: checked.seen,
        snapshot: checked.snapshot,
        place: checked.request.place,
        barred,
    };
    let (ids, paying) = (Arc::clone(app.ids()), tab.clone());
    let mut charged = Ok(Charged::default());
    let work = move |store: &dyn Write, now| {
        // It may be done again, from nothing.
        if let Ok(charged) = std::mem::replace(&mut charged, Ok(Charged::default())) {
            paying.give_back(&charged);
        }
        let mut charge = |tells| {
            charged = paying.charge(tells);
            charged.as_ref().map(drop).map_err(|refused| too_many(*refused))
        };
        let reserved = reserve(store, &*ids, now, &reservation, &mut charge)?;
        Ok((keep_found(store, now, &reservation, reserved)?, charged.clone()))
    };
    let reserved = app.store().batcher().submit(caller.site.number, work).await;
    if let Some(visitor) = tab.visitor()
        && barred.is_none()
        && !matches!(reserved, Ok((Reserved::New(_), _)))
    {
        app.limiter().give_back_redemption(visitor);
    }
    let (reserved, charged) = reserved?;
    tab.settle(charged).await?;
    Ok(reserved)
}

/// What was found by its order is the first answer under this key, and is kept as that; for the host's backend alone, as refusals are.
fn keep_found(store: &dyn Write, now: DateTime<Utc>, asked: &Reservation, reserved: Reserved) -> Stored<Reserved> {
    match (reserved, asked.caller) {
        (Reserved::Existing(redemption), KeyKind::Secret) => {
            let body = match RedemptionAnswer::at(redemption, now).body() {
                Ok(body) => body,
                Err(problem) => return Ok(Reserved::Problem(problem)),
            };
            let first = FirstAnswer::Told { status: StatusCode::OK.as_u16(), body: body.clone() };
            asked.repeatable().keep(store, now, first)?;
            Ok(Reserved::Found(body))
        }
        (reserved, _) => Ok(reserved),
    }
}

/// Charges a page for the redemption that it asks for (R55). Nobody knows before whether it will be a new one; what is not, is given back.
async fn charge(app: &App, tab: &Tab) -> Result<(), TooMany> {
    match tab.visitor() {
        None => Ok(()),
        Some(visitor) => app.limiter().charge_redemption(visitor).await,
    }
}

pub(super) fn answer(reserved: Reserved, now: DateTime<Utc>) -> Result<Response, Problem> {
    let (mut response, replayed) = match reserved {
        // The first answer is always of the instant at which it was reserved: a late replay says what was said then.
        Reserved::New(redemption) => (recorded(StatusCode::CREATED, redemption)?, false),
        Reserved::Replayed(redemption) => (recorded(StatusCode::OK, redemption)?, true),
        Reserved::Existing(redemption) => (json(StatusCode::OK, RedemptionAnswer::at(redemption, now).body()?), true),
        Reserved::Found(body) => (json(StatusCode::OK, body), true),
        Reserved::Refused { status, body, replayed, .. } => {
            (respond(StatusCode::from_u16(status).unwrap_or(StatusCode::CONFLICT), body), replayed)
        }
        Reserved::Problem(problem) => return Err(problem),
    };
    if replayed {
        mark_replayed(&mut response);
    }
    Ok(response)
}

fn recorded(status: StatusCode, redemption: Redemption) -> Result<Response, Problem> {
    let reserved_at = redemption.reserved_at;
    let place = HeaderValue::from_str(&format!("/v1/redemptions/{}", redemption.id));
    let mut response = json(status, RedemptionAnswer::at(redemption, reserved_at).body()?);
    if let Ok(place) = place {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
