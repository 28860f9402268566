//! Asks what a story asks, as its page does: with item ids, quantities and dates, and never with a price.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tearoff_core::customer::Identity;
use tearoff_core::digest::Digests;
use tearoff_core::promotion::condition::Channel;
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;
use tearoff_core::standalone::GiftRequest;
use tearoff_core::time::LocalStart;
use tearoff_corpus::Story;
use tearoff_http_tests::client::Client;
use tearoff_http_tests::harness::Harness;

use crate::establish::{CUSTOMER, Established};
use crate::told::{Stop, body, done};

/// The quote, with the story's own ids of its promotions.
pub(crate) fn quote(harness: &Harness, story: &Story, established: &Established) -> Result<Value, Stop> {
    let (caller, request) = request(harness, story, established);
    let facts = &story.given.facts;
    let mut answer = body(&caller.post("/v1/quotes", &request), 200, str::to_owned)?;
    if established.by_catalog && facts.codes.len() == 1 {
        page_agrees(&caller, request, &answer)?;
    }
    let mut quote = answer["quote"].take();
    in_story(&mut quote["decisions"], established);
    Ok(quote)
}

/// Who asks, and what.
pub(crate) fn request(harness: &Harness, story: &Story, established: &Established) -> (Client, Value) {
    let facts = &story.given.facts;
    let identity = facts.customer.as_ref().map(|customer| customer.identity);
    // A page claims who its visitor is; the host's backend asserts it (R69), and is trusted with prices (R61).
    let is_elsewhere = facts.channel != Channel::default();
    let asks_as_host = !established.by_catalog || identity == Some(Identity::Asserted) || is_elsewhere;
    let caller = if asks_as_host { harness.backend() } else { harness.page() };
    let cart = if established.by_catalog { as_page_sends(&story.given.cart) } else { story.given.cart.clone() };
    let mut request = json!({ "codes": facts.codes, "cart": cart });
    if identity.is_some() {
        request["customer"] = json!({ "email": CUSTOMER });
    }
    if is_elsewhere {
        request["channel"] = json!(facts.channel);
    }
    let gift = |gift: &GiftRequest| {
        let known = established.promotions.iter().find(|(_, in_story)| *in_story == gift.promotion);
        let promotion = known.map_or(gift.promotion.as_str(), |(id, _)| id);
        json!({ "promotion": promotion, "item": gift.item })
    };
    if !facts.gifts.is_empty() {
        request["gifts"] = facts.gifts.iter().map(gift).collect();
    }
    (caller, request)
}

/// Gives promotions that are named in a list the ids that they have in the story.
pub(crate) fn in_story(list: &mut Value, established: &Established) {
    for entry in list.as_array_mut().into_iter().flatten() {
        let known = established.promotions.iter().find(|(id, _)| entry["promotion"] == id.as_str());
        if let Some((_, id_in_story)) = known {
            entry["promotion"] = id_in_story.as_str().into();
        }
    }
}

/// A cart without what only a host may claim.
fn as_page_sends(cart: &CartRequest) -> CartRequest {
    let mut cart = cart.clone();
    for line in &mut cart.lines {
        line.unit_price_minor = None;
        line.kind = None;
        line.categories = None;
        line.texts = None;
        line.paid = None;
        line.discounted = None;
    }
    cart
}

/// A lookup of the same code answers as the quote does, and so does the page, with what the lookup gave it (R66).
fn page_agrees(caller: &Client, mut request: Value, quoted: &Value) -> Result<(), Stop> {
    request["code"] = request["codes"][0].take();
    if let Some(request) = request.as_object_mut() {
        request.remove("codes");
    }
    let mut looked_up = done(&caller.post("/v1/lookups", &request), 200)?;
    let token = looked_up["snapshot"].take();
    if let Some(members) = looked_up.as_object_mut() {
        members.remove("snapshot");
    }
    if looked_up != *quoted {
        return Err(Stop::Failed(format!("a lookup answers otherwise than the quote: {looked_up}")));
    }
    match token.as_str() {
        Some(token) => page_computes(token, &request["cart"], quoted).map_err(Stop::Failed),
        None => Ok(()),
    }
}

/// What a page makes of a snapshot: the same quote to the last byte, with the same digests.
fn page_computes(token: &str, cart: &Value, quoted: &Value) -> Result<(), String> {
    let (bytes, _) = token.split_once('.').ok_or("a snapshot without a signature")?;
    let bytes = URL_SAFE_NO_PAD.decode(bytes).map_err(|error| error.to_string())?;
    let snapshot = Snapshot::read(&bytes).map_err(|fault| format!("{fault:?}"))?;
    let cart: CartRequest = serde_json::from_value(cart.clone()).map_err(|error| error.to_string())?;
    if is_beyond_clocks(&snapshot, &cart) {
        return Ok(());
    }
    let cart = snapshot.establish(&cart).map_err(|fault| format!("{fault:?}"))?;
    let quote = snapshot.quote(&cart);
    let digests = Digests::of(&snapshot.evaluation(&cart), &quote);
    let computed = json!({ "quote": quote, "digests": digests });
    let differs = ["quote", "digests"].into_iter().find(|member| computed[*member] != quoted[*member]);
    differs.map_or(Ok(()), |member| Err(format!("the page computes otherwise: {}", computed[member])))
}

/// Whether a date of the cart lies where a page is told no wall clock, days ago or in many years: it then asks the server.
fn is_beyond_clocks(snapshot: &Snapshot, cart: &CartRequest) -> bool {
    const DAYS: std::ops::Range<i64> = -1..1_829;
    let today = snapshot.facts.now.date_naive();
    let starts = cart.lines.iter().flat_map(|line| &line.occurrences);
    let mut starts = starts.filter_map(|occurrence| LocalStart::parse(&occurrence.start).ok());
    starts.any(|start| !DAYS.contains(&start.date().signed_duration_since(today).num_days()))
}
