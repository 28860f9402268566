//! `POST /v1/redemptions`: reserve an order's decision, and place it at once where that is asked.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tearoff_core::digest::Digest;
use tearoff_core::invalid::{Fault, Faults};
use tearoff_core::money::Amount;
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;
use utoipa::ToSchema;

use super::RedemptionAnswer;
use crate::app::App;
use crate::customer::{Customer, CustomerRequest};
use crate::establish::check_codes;
use crate::json::Body;
use crate::keys::Caller;
use crate::limiter::TooMany;
use crate::problem::{Problem, respond};
use crate::redeem::{Reservation, Reserved, Seen, foreign_snapshot, reserve};
use crate::routes::answer::charged;
use crate::routes::idempotency::{fingerprint, mark_replayed, required_key};
use crate::routes::openapi;
use crate::snapshot_token::Unverified;
use crate::store::{KeyKind, Order, Purpose, Read, Redemption, SiteNumber, Write};

const ROUTE: &str = "POST /v1/redemptions";

/// An order with its codes, to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedemptionRequest {
    /// The caller's reference for the order: 1 to 128 characters, unique on the site for ever. Those of pages and those of the host's
    /// backend are apart.
    order: String,
    /// The cart.
    #[schema(value_type = openapi::CartRequest)]
    cart: CartRequest,
    /// The codes, as typed, in order; at most 10.
    #[serde(default)]
    codes: Vec<String>,
    /// Who the customer is.
    #[serde(default)]
    customer: Option<CustomerRequest>,
    /// What the visitor saw.
    seen: SeenRequest,
    /// The snapshot of a lookup: while it is honored, the terms and time it was made with stand.
    #[serde(default)]
    snapshot: Option<String>,
    /// Whether the order is placed at once, so that nothing expires. A publishable key must place.
    #[serde(default)]
    place: bool,
}

/// What the visitor saw when they agreed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeenRequest {
    /// The total. If the server's differs nothing is recorded, and the answer is `quote_changed`.
    total_minor: i64,
    /// The digest of the result, as the page computed it: 64 hexadecimal digits. The same as `digests.result`.
    #[serde(default)]
    digest: Option<String>,
    /// The digests, as the page computed them.
    #[serde(default)]
    digests: Option<SeenDigests>,
}

/// The digests of what a page computed, each where it has one: 64 hexadecimal digits.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeenDigests {
    /// Of the terms.
    #[serde(default)]
    terms: Option<String>,
    /// Of the cart.
    #[serde(default)]
    cart: Option<String>,
    /// Of the result.
    #[serde(default)]
    result: Option<String>,
}

/// Reserve a redemption
///
/// The same key with the same request gets the first answer again, byte for byte, with `Idempotency-Replayed: true`; with another
/// request it is refused. The request is the same while order, cart, codes, customer, total and `place` are; snapshot and digests may
/// differ. Keys are kept 48 hours, and an order keeps its reference for ever; a refusal is not kept where a publishable key asked. A
/// 409 has the code of the first reason (`usage_limit_reached`, …) with all `reasons` and the `quote`, or `quote_changed` with the
/// `quote`, or `order_already_redeemed`, with the `redemption` where a secret key asks. A publishable key may record so many in an hour for
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
        (status = 401, response = openapi::ProblemResponse),
        (status = 403, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
        (status = 422, response = openapi::ProblemResponse),
        (status = 429, response = openapi::ProblemResponse),
        (status = 503, response = openapi::ProblemResponse),
    ),
    security(("publishable" = []), ("secret" = [])),
)]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(request): Body<RedemptionRequest>,
) -> Result<Response, Problem> {
    let key = required_key(&headers, caller.kind)?;
    check_codes(&request.codes, "codes")?;
    let codes = request.codes.len();
    let reserved = charged(&app, &caller, codes, reserve_now(&app, &caller, key, request)).await?;
    answer(reserved, app.clock().now())
}

/// Queues the reservation and waits for its commit; tells how many of its codes were guesses.
async fn reserve_now(
    app: &App,
    caller: &Caller,
    key: [u8; 16],
    request: RedemptionRequest,
) -> Result<(Reserved, usize), Problem> {
    let fingerprint = fingerprint(ROUTE, caller.site.number, &Wanted::of(&request))?;
    let checked = check(app, caller, request).await?;
    let customer = checked.customer.clone();
    let barred = charge(app, caller, customer.as_ref()).err();
    let reservation = Reservation {
        site: caller.site.number,
        caller: caller.kind,
        key,
        fingerprint,
        order: checked.order,
        cart: checked.request.cart,
        codes: checked.request.codes,
        customer: checked.customer,
        seen: checked.seen,
        snapshot: checked.snapshot,
        place: checked.request.place,
        barred,
    };
    let ids = Arc::clone(app.ids());
    let work = move |store: &dyn Write, now| reserve(store, &*ids, now, &reservation);
    let reserved = app.store().batcher().submit(caller.site.number, work).await;
    if barred.is_none() && !matches!(reserved, Ok(Reserved::New(_))) {
        give_back(app, caller, customer.as_ref());
    }
    let reserved = reserved?;
    let guesses = match &reserved {
        Reserved::Refused { guesses, .. } => *guesses,
        _ => 0,
    };
    Ok((reserved, guesses))
}

/// Charges a page for the redemption that it asks for (R55). Nobody knows before whether it will be a new one; what is not, is given back.
fn charge(app: &App, caller: &Caller, customer: Option<&Customer>) -> Result<(), TooMany> {
    match caller.kind {
        KeyKind::Secret => Ok(()),
        KeyKind::Publishable => app.limiter().charge_redemption(caller.site.number, caller.address, customer),
    }
}

fn give_back(app: &App, caller: &Caller, customer: Option<&Customer>) {
    if caller.kind == KeyKind::Publishable {
        app.limiter().give_back_redemption(caller.site.number, caller.address, customer);
    }
}

fn answer(reserved: Reserved, now: DateTime<Utc>) -> Result<Response, Problem> {
    let (mut response, replayed) = match reserved {
        // The first answer is always of the instant at which it was reserved: a late replay says what was said then.
        Reserved::New(redemption) => (recorded(StatusCode::CREATED, redemption)?, false),
        Reserved::Replayed(redemption) => (recorded(StatusCode::OK, redemption)?, true),
        Reserved::Existing(redemption) => {
            let body = RedemptionAnswer::at(redemption, now).body()?;
            (json(StatusCode::OK, body), true)
        }
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

/// What makes two requests the same: the order with what it holds and what it costs. A page that asks again may have looked the code
/// up again meanwhile, so snapshot and digests are not part of it (R56).
#[derive(Serialize)]
struct Wanted<'a> {
    order: &'a str,
    cart: &'a CartRequest,
    codes: &'a [String],
    customer: Option<&'a CustomerRequest>,
    total_minor: i64,
    place: bool,
}

impl<'a> Wanted<'a> {
    fn of(request: &'a RedemptionRequest) -> Self {
        Self {
            order: &request.order,
            cart: &request.cart,
            codes: &request.codes,
            customer: request.customer.as_ref(),
            total_minor: request.seen.total_minor,
            place: request.place,
        }
    }
}

/// A request whose parts are checked as far as that needs no decision.
struct Checked {
    request: RedemptionRequest,
    order: Order,
    customer: Option<Customer>,
    seen: Seen,
    snapshot: Option<Snapshot>,
}

async fn check(app: &App, caller: &Caller, request: RedemptionRequest) -> Result<Checked, Problem> {
    let mut faults = Faults::default();
    let order = Order::parse(&request.order).ok_or_else(|| {
        (Fault::OutOfBounds, "must have 1 to 128 characters, no control characters, no space at its ends".into())
    });
    let order = faults.keep("order", order);
    let seen = check_seen(&request.seen, &mut faults);
    let customer = Customer::parse(request.customer.as_ref(), caller.kind).map_err(|found| faults.extend(found));
    let snapshot = match &request.snapshot {
        None => Ok(None),
        Some(token) => {
            verify(app, caller.site.number, token).await?.map_err(|()| faults.extend(vec![foreign_snapshot()]))
        }
    };
    match (order, seen, customer, snapshot) {
        (Some(order), Some(seen), Ok(customer), Ok(snapshot)) if faults.is_empty() => {
            Ok(Checked { request, order, customer, seen, snapshot })
        }
        _ => Err(Problem::invalid(&faults.into_vec())),
    }
}

fn check_seen(seen: &SeenRequest, faults: &mut Faults) -> Option<Seen> {
    let mut digest = |field: &str, text: Option<&String>| {
        let parsed =
            Digest::parse(text?).ok_or((Fault::Malformed, "must have 64 lower-case hexadecimal digits".into()));
        faults.keep(field, parsed)
    };
    let told = seen.digests.as_ref();
    let terms = digest("seen.digests.terms", told.and_then(|told| told.terms.as_ref()));
    let cart = digest("seen.digests.cart", told.and_then(|told| told.cart.as_ref()));
    let result = digest("seen.digests.result", told.and_then(|told| told.result.as_ref()));
    let alone = digest("seen.digest", seen.digest.as_ref());
    let total = Amount::new(seen.total_minor).map_err(|fault| (Fault::OutOfBounds, fault.to_string()));
    let total = faults.keep("seen.total_minor", total)?;
    Some(Seen { total, terms, cart, result: result.or(alone) })
}

/// The snapshot of a token that this site has signed. One of another engine is not honored, and no fault.
async fn verify(app: &App, site: SiteNumber, token: &str) -> Result<Result<Option<Snapshot>, ()>, Problem> {
    let Some(unverified) = Unverified::read(token) else { return Ok(Err(())) };
    let version = unverified.version();
    let secret = move |read: &dyn Read| read.secret(site, Purpose::Snapshots, Some(version));
    let secret = app.store().read(secret).await?;
    let bytes = secret.and_then(|secret| unverified.verify(&secret));
    Ok(bytes.map(|bytes| Snapshot::read(&bytes).ok()).ok_or(()))
}
