//! What a caller sends to redeem an order, and its parts checked as far as that needs no decision.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tearoff_core::digest::Digest;
use tearoff_core::invalid::{Fault, Faults};
use tearoff_core::money::Amount;
use tearoff_core::policy::HONOR_QUOTE_SECONDS_MAX;
use tearoff_core::promotion::condition::Channel;
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;
use utoipa::ToSchema;

use crate::app::App;
use crate::customer::CustomerRequest;
use crate::establish::{Choices, ChosenGift};
use crate::keys::Caller;
use crate::problem::Problem;
use crate::redeem::{Seen, foreign_snapshot};
use crate::routes::openapi;
use crate::routes::told::Told;
use crate::snapshot_token::Unverified;
use crate::store::{Order, Purpose, Read, Secret, SiteNumber, Stored};

/// An order with its codes, to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedemptionRequest {
    /// The caller's reference for the order: 1 to 128 characters, unique on the site for ever. Those of pages and those of the host's
    /// backend are apart.
    order: String,
    /// The cart. Either this or `signed_cart` is needed.
    #[serde(default)]
    #[schema(value_type = Option<openapi::CartRequest>)]
    pub(super) cart: Option<CartRequest>,
    /// A cart that the host's backend has signed: `cart1.`, the base64url of a `SignedCart` as JSON, `.`, and the base64url of the HMAC-SHA256
    /// of all before that dot, by one of the site's secrets for carts (R61).
    #[serde(default)]
    pub(super) signed_cart: Option<String>,
    /// The codes, as typed, in order; at most 10.
    #[serde(default)]
    pub(super) codes: Vec<String>,
    /// Who the customer is; not beside a `signed_cart` that says it.
    #[serde(default)]
    pub(super) customer: Option<CustomerRequest>,
    /// Where it is booked: `booking_page` when absent, and for every page; the host's backend may say otherwise (R34).
    #[serde(default)]
    #[schema(value_type = Option<openapi::Channel>)]
    channel: Option<Channel>,
    /// The gifts that the customer chose, at most 10, and at most one a promotion (R17).
    #[serde(default)]
    gifts: Vec<ChosenGift>,
    /// What the visitor saw.
    seen: SeenRequest,
    /// The snapshot of a lookup: while it is honored, the terms and time it was made with stand.
    #[serde(default)]
    snapshot: Option<String>,
    /// Whether the order is placed at once, so that nothing expires. A publishable key must place.
    #[serde(default)]
    pub(super) place: bool,
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

/// What makes two requests the same: the order with what it holds and what it costs. A page that asks again may have looked the code
/// up again meanwhile, so snapshot and digests are not part of it (R56).
#[derive(Serialize)]
pub(super) struct Wanted<'a> {
    order: &'a str,
    cart: &'a CartRequest,
    codes: &'a [String],
    customer: Option<&'a CustomerRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<Channel>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    gifts: &'a [ChosenGift],
    total_minor: i64,
    place: bool,
}

impl<'a> Wanted<'a> {
    /// What is wanted of this cart, whoever vouches for it: one that was signed anew is the same.
    pub(super) fn of(request: &'a RedemptionRequest, told: &'a Told) -> Self {
        Self {
            order: &request.order,
            cart: &told.cart,
            codes: &request.codes,
            customer: told.named.as_ref(),
            channel: request.channel,
            gifts: &request.gifts,
            total_minor: request.seen.total_minor,
            place: request.place,
        }
    }
}

/// A request whose parts are checked as far as that needs no decision.
pub(super) struct Checked {
    pub(super) request: RedemptionRequest,
    pub(super) order: Order,
    pub(super) choices: Choices,
    pub(super) seen: Seen,
    pub(super) snapshot: Option<Snapshot>,
}

pub(super) async fn check(app: &App, caller: &Caller, mut request: RedemptionRequest) -> Result<Checked, Problem> {
    let mut faults = Faults::default();
    let order = Order::parse(&request.order).ok_or((
        Fault::OutOfBounds,
        "must have 1 to 128 characters that all show, no white space but plain spaces, and none at its ends",
    ));
    let order = faults.keep("order", order);
    let seen = check_seen(&request.seen, &mut faults);
    let snapshot = match &request.snapshot {
        None => Ok(None),
        Some(token) => {
            verify(app, caller.site.number, token).await?.map_err(|()| faults.extend(vec![foreign_snapshot()]))
        }
    };
    match (order, seen, snapshot) {
        (Some(order), Some(seen), Ok(snapshot)) if faults.is_empty() => {
            let choices = Choices { channel: request.channel, gifts: std::mem::take(&mut request.gifts) };
            Ok(Checked { request, order, choices, seen, snapshot })
        }
        _ => Err(Problem::invalid(&faults.into_vec())),
    }
}

fn check_seen(seen: &SeenRequest, faults: &mut Faults) -> Option<Seen> {
    let mut digest = |field: &str, text: Option<&String>| {
        let parsed = Digest::parse(text?).ok_or((Fault::Malformed, "must have 64 lower-case hexadecimal digits"));
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

/// Who signed a snapshot.
enum Signer {
    /// We, with this secret.
    Ours(Secret),
    /// We, with a secret that was replaced so long ago that nothing it signed is honored: what bears its name now may be forged.
    Over,
    /// Nobody here.
    Unknown,
}

fn signer(read: &dyn Read, site: SiteNumber, version: u8, now: DateTime<Utc>) -> Stored<Signer> {
    let honored = TimeDelta::seconds(i64::from(HONOR_QUOTE_SECONDS_MAX));
    let replaced_at = read.secret_replaced_at(site, Purpose::Snapshots, version)?;
    let is_over = replaced_at.is_some_and(|replaced_at| now.signed_duration_since(replaced_at) > honored);
    let secret = read.secret(site, Purpose::Snapshots, Some(version))?;
    Ok(match secret {
        Some(secret) if !is_over => Signer::Ours(secret),
        // Of those before the last but one nothing is kept.
        _ if replaced_at.is_some() => Signer::Over,
        _ => Signer::Unknown,
    })
}

/// The snapshot of a token that this site has signed. One of another engine, or of a secret that was replaced, is not honored, and no fault.
async fn verify(app: &App, site: SiteNumber, token: &str) -> Result<Result<Option<Snapshot>, ()>, Problem> {
    let Some(unverified) = Unverified::read(token) else { return Ok(Err(())) };
    let (version, now) = (unverified.version(), app.clock().now());
    let signer: Stored<Signer> =
        app.store().read_briefly(move |read: &dyn Read| signer(read, site, version, now)).await;
    let bytes = match signer? {
        Signer::Ours(secret) => unverified.verify(&secret),
        Signer::Over => return Ok(Ok(None)),
        Signer::Unknown => None,
    };
    Ok(bytes.map(|bytes| Snapshot::read(&bytes).ok()).ok_or(()))
}
