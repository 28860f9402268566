//! The way of a page: it knows items by their id, and prices with a snapshot.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use tearoff_core::ENGINE;
use tearoff_core::catalog::{Catalog, CatalogItem, CatalogItemDraft, MoneyDraft};
use tearoff_core::id::LocationId;
use tearoff_core::money::Currency;
use tearoff_core::project::conceal;
use tearoff_core::request::{CartRequest, LineRequest};
use tearoff_core::snapshot::Snapshot;
use tearoff_core::standalone::{EvaluationRequest, Question};

/// The request with every line sold as the first line of its item: one price, one kind, and no prices of single dates.
#[must_use]
pub fn sold_from_a_catalog(request: &EvaluationRequest) -> EvaluationRequest {
    let mut changed = request.clone();
    let mut sold: BTreeMap<String, LineRequest> = BTreeMap::new();
    for line in &mut changed.cart.lines {
        let first = sold.entry(line.item.clone()).or_insert_with(|| line.clone());
        line.unit_price_minor = first.unit_price_minor;
        line.kind.clone_from(&first.kind);
        line.categories.clone_from(&first.categories);
        line.texts.clone_from(&first.texts);
        line.discounted = first.discounted;
        // A page sells nothing unpaid.
        line.paid = None;
        line.occurrences.iter_mut().for_each(|occurrence| occurrence.unit_price_minor = None);
    }
    changed
}

/// The cart as a page sends it: what is bought, with claims that must not count.
#[must_use]
pub fn as_a_page_sends_it(cart: &CartRequest) -> CartRequest {
    let mut changed = cart.clone();
    for line in &mut changed.lines {
        line.unit_price_minor = Some(1);
        line.kind = None;
        line.categories = Some(vec!["invented".into()]);
    }
    changed
}

/// The snapshot that a server would make for a valid request whose lines are [sold from a catalog](sold_from_a_catalog).
///
/// # Panics
/// When the request is not valid.
#[must_use]
pub fn snapshot(request: &EvaluationRequest, question: &Question) -> Snapshot {
    let (mut candidates, mut facts) = (question.candidates.clone(), question.facts.clone());
    conceal(&mut candidates, &question.cart, &mut facts);
    Snapshot {
        engine: ENGINE,
        site: "site".into(),
        customer: "".into(),
        expires_at: facts.now + TimeDelta::minutes(5),
        currency: Currency::parse(&request.site.currency).expect("a currency"),
        locations: request.site.locations.iter().map(|site| LocationId::parse(&site.id).expect("an id")).collect(),
        catalog: catalog(request, question),
        candidates,
        facts,
    }
}

fn catalog(request: &EvaluationRequest, question: &Question) -> Catalog {
    let currency = question.cart.currency();
    let item = |line: &LineRequest| {
        let price = MoneyDraft { currency: currency.code().into(), amount_minor: line.unit_price_minor.unwrap_or(0) };
        let draft = CatalogItemDraft {
            id: line.item.clone(),
            name: line.item.clone(),
            kind: line.kind.clone().unwrap_or_default(),
            categories: line.categories.clone().unwrap_or_default(),
            prices: vec![price],
            texts: line.texts.clone().unwrap_or_default(),
            on_sale: line.discounted.unwrap_or(false),
        };
        CatalogItem::parse(&draft, "item").expect("an item")
    };
    Catalog::new(request.cart.lines.iter().map(item).collect())
}
