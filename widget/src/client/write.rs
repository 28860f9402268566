//! Requests in the form in which the server wants them.

use serde::Serialize;
use tearoff_core::digest::Digest;
use tearoff_core::money::Amount;
use tearoff_core::request::CartRequest;

use crate::json;
use crate::model::{Customer, Endpoint, Question, Redeem};

/// The body of every request; each has its own part of it.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    codes: Option<[&'a str; 1]>,
    cart: &'a CartRequest,
    customer: &'a Customer,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<Seen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<bool>,
}

#[derive(Serialize)]
struct Seen {
    total_minor: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
}

pub(super) fn question(question: &Question) -> String {
    let code = question.code.as_str();
    let (code, codes) = match question.endpoint {
        Endpoint::Lookups => (Some(code), None),
        Endpoint::Quotes => (None, Some([code])),
    };
    let (cart, customer) = (&question.page.cart, &question.page.customer);
    json::write(&Body { order: None, code, codes, cart, customer, seen: None, snapshot: None, place: None })
}

pub(super) fn redeem(redeem: &Redeem) -> String {
    json::write(&Body {
        order: Some(&redeem.order),
        code: None,
        codes: Some([&redeem.code]),
        cart: &redeem.page.cart,
        customer: &redeem.page.customer,
        seen: Some(Seen { total_minor: redeem.seen.total.amount, digest: redeem.seen.digest }),
        snapshot: redeem.snapshot.as_deref(),
        // With the tag alone nobody else would place it: reserve and place are one (R55).
        place: Some(true),
    })
}
