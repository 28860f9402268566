//! `POST /v1/redemptions/{id}/replace` (R58).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tearoff_core::customer::Identity;
use tearoff_core::invalid::{Fault, InvalidField};
use tearoff_core::money::Amount;
use tearoff_core::promotion::condition::Channel;
use tearoff_core::redemption::change::NotChanged;
use tearoff_core::request::CartRequest;
use utoipa::ToSchema;

use super::create::answer;
use super::reverse::other_engine;
use super::{RedemptionAnswer, parse_id};
use crate::app::App;
use crate::customer::{Customer, CustomerRequest};
use crate::establish::{Choices, ChosenGift, check_codes};
use crate::json::Body;
use crate::keys::SecretCaller;
use crate::problem::Problem;
use crate::redeem::{Replaced, Reservation, Reserved, Seen, replace};
use crate::routes::idempotency::{fingerprint, required_key};
use crate::routes::openapi;
use crate::signed_cart::Vouched;
use crate::store::{FirstAnswer, KeyKind, Order, Write};

const ROUTE: &str = "POST /v1/redemptions/{id}/replace";

/// What takes the place of a redemption.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplacementRequest {
    /// The cart.
    #[schema(value_type = openapi::CartRequest)]
    cart: CartRequest,
    /// The codes, as typed, in order; at most 10, none to take a code out.
    #[serde(default)]
    codes: Vec<String>,
    /// Who the customer is.
    #[serde(default)]
    customer: Option<CustomerRequest>,
    /// Where it is booked: `booking_page` when absent (R34).
    #[serde(default)]
    #[schema(value_type = Option<openapi::Channel>)]
    channel: Option<Channel>,
    /// The gifts that the customer chose, at most 10, and at most one a promotion (R17).
    #[serde(default)]
    gifts: Vec<ChosenGift>,
    /// The total that was agreed on. If the server's differs nothing changes, and the answer is `quote_changed`.
    seen: AgreedRequest,
}

/// What was agreed on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgreedRequest {
    /// The total.
    total_minor: i64,
}

/// Put another redemption in its place
///
/// For staff: add a code to a booking, change it or take it out. The first one's uses are given back before, all in one transaction; the
/// second stands where the first stood, under the same order.
#[utoipa::path(
    post,
    path = "/v1/redemptions/{id}/replace",
    tag = "redemptions",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header, description = "1 to 255 printable ASCII characters")),
    request_body = ReplacementRequest,
    responses(
        (status = 200, body = RedemptionAnswer, description = "It was replaced before, by this request"),
        (status = 201, body = RedemptionAnswer),
        (status = 404, response = openapi::ProblemResponse),
        (status = 409, response = openapi::ProblemResponse),
        (status = 422, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn put_in_place(
    State(app): State<App>,
    caller: SecretCaller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(request): Body<ReplacementRequest>,
) -> Result<Response, Problem> {
    let (id, site, mode) = (parse_id(&id)?, caller.site.number, caller.mode);
    let key = required_key(&headers, KeyKind::Secret, mode)?;
    let fingerprint = fingerprint(ROUTE, site, &(id, &request))?;
    check_codes(&request.codes, "codes")?;
    let customer = Customer::parse(request.customer.as_ref(), Identity::Asserted)?;
    let total = Amount::new(request.seen.total_minor).map_err(|fault| {
        let (field, message) = ("seen.total_minor".into(), fault.to_string().into());
        Problem::invalid(&[InvalidField { field, code: Fault::OutOfBounds, message }])
    })?;
    // The order is the one that is recorded; this stands in for it until it is read.
    let order = Order::parse(&id.to_string()).ok_or_else(|| Problem::not_found("redemption"))?;
    let asked = Reservation {
        site,
        caller: KeyKind::Secret,
        mode,
        key,
        fingerprint,
        order,
        cart: request.cart,
        vouched: Vouched::ByCaller,
        codes: request.codes,
        customer,
        choices: Choices { channel: request.channel, gifts: request.gifts },
        seen: Seen::total(total),
        snapshot: None,
        place: false,
        barred: None,
    };
    let ids = Arc::clone(app.ids());
    let work = move |store: &dyn Write, now| {
        let replaced = replace(store, &*ids, now, id, &asked)?;
        if let Replaced::By(second) = &replaced
            && let Reserved::New(second) = &**second
            && let Ok(body) = RedemptionAnswer::at(second.clone(), second.reserved_at).body()
        {
            let first = FirstAnswer::Told { status: StatusCode::CREATED.as_u16(), body };
            asked.repeatable().keep(store, now, first)?;
        }
        Ok(replaced)
    };
    match app.store().batcher().submit(site, work).await? {
        Replaced::By(reserved) => answer(*reserved, app.clock().now()),
        Replaced::NotFound => Err(Problem::not_found("redemption")),
        Replaced::Refused(refusal) => Err(refused(&refusal)),
        Replaced::OtherEngine => Err(other_engine()),
    }
}

fn refused(refusal: &NotChanged) -> Problem {
    let code = match refusal {
        NotChanged::StaffOnly => "staff_only",
        NotChanged::TooLate => "wrong_state",
        NotChanged::PartlyReversed => "partly_reversed",
    };
    let problem = Problem::new(StatusCode::CONFLICT, code, "it was not replaced").detail(refusal.to_string());
    problem.with("reason", json!(refusal))
}
