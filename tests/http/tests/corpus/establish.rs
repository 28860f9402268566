//! Makes true what a story gives: the site's policy, its catalog, its promotions, and how often they were used.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tearoff_core::cart::PriceSource;
use tearoff_core::catalog::{CatalogItem, CatalogItemDraft, MoneyDraft};
use tearoff_core::customer::{History, Identity};
use tearoff_core::promotion::Kind;
use tearoff_core::promotion::draft::{BenefitDraft, ConditionDraft, Draft, LimitDraft};
use tearoff_core::request::{LineRequest, TextsRequest};
use tearoff_core::standalone::{CustomerRequest, PromotionRequest};
use tearoff_corpus::Story;
use tearoff_http_tests::client::Client;
use tearoff_http_tests::harness::Harness;

use crate::past::{Past, PastUse};
use crate::told::{Stop, body, done};

/// The customer of a story.
pub(crate) const CUSTOMER: &str = "eleni@example.com";
/// What was bought whenever a promotion was used before, and what it costs.
const BOUGHT_BEFORE: &str = "bought-before";
const BOUGHT_BEFORE_MINOR: i64 = 100;
/// More uses than any story counts.
const UNREACHED: i64 = 1_000_000;
/// What was bought where something was taken off, and what it costs.
const DEAR: &str = "dear";
const DEAR_MINOR: i64 = 100_000;

const fn unreached(limit: LimitDraft) -> LimitDraft {
    LimitDraft { max: UNREACHED, ..limit }
}

/// What was established.
#[derive(Debug)]
pub(crate) struct Established {
    /// The server's id of each promotion, with the story's.
    pub(crate) promotions: Vec<(String, String)>,
    /// Whether a catalog can price the cart; else the host's backend asks, which is trusted with prices.
    pub(crate) by_catalog: bool,
}

impl Established {
    /// Establishes what the story gives.
    pub(crate) fn of(harness: &Harness, story: &Story) -> Result<Self, Stop> {
        let backend = harness.backend();
        let catalog = catalog(story);
        let by_catalog = catalog.is_some();
        let mut policy = story.given.site.clone();
        if !by_catalog {
            policy.prices = PriceSource::Caller;
        }
        let in_story = |field: &str| field.replacen("policy", "site", 1);
        body(&backend.put("/v1/site", &json!({ "policy": policy })), 200, in_story)?;
        let mut items = catalog.unwrap_or_default();
        items.push(item(BOUGHT_BEFORE, "product", &[], &policy.currency, BOUGHT_BEFORE_MINOR));
        for gift in &story.given.facts.gifts {
            if items.iter().all(|known| known.id != gift.item) {
                items.push(item(&gift.item, "product", &[], &policy.currency, gift.unit_price_minor));
            }
        }
        items.push(item(DEAR, "product", &[], &policy.currency, DEAR_MINOR));
        done(&backend.put("/v1/catalog", &json!({ "items": items })), 200)?;
        if let Some(customer) = &story.given.facts.customer {
            tell(&backend, customer)?;
        }
        let mut promotions = Vec::new();
        // Ids are in the order of time, and of equal discounts that act without a code the smaller id acts.
        let mut in_order: Vec<_> = story.given.promotions.iter().enumerate().collect();
        in_order.sort_by_key(|(_, promotion)| promotion.codes.is_empty().then_some(&promotion.id));
        for (index, promotion) in in_order {
            let usage = story.given.facts.usage.iter().find(|usage| usage.promotion == promotion.id);
            let in_story = |field: &str| format!("promotions[{index}].{field}");
            let past = usage.map(|usage| Past::of(story, promotion, usage)).unwrap_or_default();
            let id = if past.is_empty() {
                make(&backend, promotion, &promotion.terms, promotion.active, in_story)?
            } else {
                make_used(harness, promotion, &past, in_story)?
            };
            promotions.push((id, promotion.id.clone()));
        }
        Ok(Self { promotions, by_catalog })
    }
}

/// Tells what the business knows of the customer, as far as that is anything.
fn tell(backend: &Client, customer: &CustomerRequest) -> Result<(), Stop> {
    let is_stranger = CustomerRequest { identity: customer.identity, ..stranger() };
    if *customer == is_stranger {
        return Ok(());
    }
    let passes: Vec<Value> = customer.passes.iter().map(|pass| json!({ "id": pass })).collect();
    let mut told = json!({
        "emails": [CUSTOMER], "history": customer.history, "tags": customer.tags, "passes": passes,
    });
    if let Some(standing) = customer.standing_bp {
        told["standing_bp"] = standing.into();
    }
    let id = customer.id.as_deref().unwrap_or("without-a-name");
    let in_story = |field: &str| format!("facts.customer.{field}");
    body(&backend.put(&format!("/v1/customers/{id}"), &told), 201, in_story).map(drop)
}

/// Somebody of whom nothing is known.
fn stranger() -> CustomerRequest {
    CustomerRequest {
        identity: Identity::Claimed,
        id: None,
        tags: Vec::new(),
        passes: Vec::new(),
        history: History::default(),
        standing_bp: None,
        own_codes: Vec::new(),
    }
}

/// A fact of the story that no request establishes yet; `None` where all that it gives can be sent.
pub(crate) fn unsent(story: &Story) -> Option<&'static str> {
    let facts = &story.given.facts;
    let customer = facts.customer.as_ref();
    let is_of = |asks: fn(&CustomerRequest) -> bool| customer.is_some_and(asks);
    let found = [
        (!crate::course::can_be_told(story), "what happens afterwards"),
        (is_of(|customer| !customer.own_codes.is_empty()), "a customer's own codes"),
    ];
    found.into_iter().find_map(|(is_given, fact)| is_given.then_some(fact))
}

/// Whether a catalog can give the story's cart its prices, so that a page can ask.
pub(crate) fn is_priced_by_catalog(story: &Story) -> bool {
    catalog(story).is_some()
}

/// The catalog from which the story's cart has its prices; `None` where no catalog can give them.
fn catalog(story: &Story) -> Option<Vec<CatalogItemDraft>> {
    let cart = &story.given.cart;
    let currency = cart.currency.as_ref().unwrap_or(&story.given.site.currency);
    let mut items: BTreeMap<&str, CatalogItemDraft> = BTreeMap::new();
    for line in &cart.lines {
        let LineRequest { item: id, kind: Some(kind), unit_price_minor: Some(price), .. } = line else { return None };
        let has_own_prices =
            line.paid.is_some() || line.occurrences.iter().any(|occurrence| occurrence.unit_price_minor.is_some());
        let mut drafted = item(id, kind, line.categories.as_deref().unwrap_or_default(), currency, *price);
        drafted.texts = line.texts.clone().unwrap_or_default();
        drafted.on_sale = line.discounted.unwrap_or(false);
        let is_one = items.get(id.as_str()).is_none_or(|known| *known == drafted);
        if has_own_prices || !is_one || CatalogItem::parse(&drafted, "").is_err() {
            return None;
        }
        items.insert(id, drafted);
    }
    Some(items.into_values().collect())
}

fn item(id: &str, kind: &str, categories: &[String], currency: &str, amount_minor: i64) -> CatalogItemDraft {
    CatalogItemDraft {
        id: id.into(),
        name: format!("The item {id}"),
        kind: kind.into(),
        categories: categories.to_vec(),
        prices: vec![MoneyDraft { currency: currency.into(), amount_minor }],
        texts: TextsRequest::default(),
        on_sale: false,
    }
}

/// Makes a promotion with these terms, and tells its id.
fn make(
    backend: &Client,
    promotion: &PromotionRequest,
    terms: &Draft,
    active: bool,
    in_story: impl Fn(&str) -> String,
) -> Result<String, Stop> {
    let request = json!({ "terms": terms, "codes": promotion.codes, "active": active });
    let made = body(&backend.post("/v1/promotions", &request), 201, in_story)?;
    Ok(made["id"].as_str().unwrap_or_default().to_owned())
}

/// Makes a promotion that was used before. It is used while its terms let anybody use it for anything; then it is edited to the
/// story's terms, which leaves its counts alone (R45), and switched off where the story has it switched off.
fn make_used(
    harness: &Harness,
    promotion: &PromotionRequest,
    past: &Past,
    in_story: impl Fn(&str) -> String,
) -> Result<String, Stop> {
    let backend = harness.backend();
    let mut coded = promotion.clone();
    if !coded.codes.is_empty() {
        coded.codes.push(past.other_code.clone());
    }
    let id = make(&backend, &coded, &open_to_all(&promotion.terms, past.spent_minor), true, &in_story)?;
    let now = harness.now();
    for (number, used) in past.uses.iter().enumerate() {
        harness.clock().set(used.at);
        redeem(&backend, used, &format!("{}-{number}", promotion.id), past.spent_minor)?;
    }
    harness.clock().set(now);
    let edited = backend.put(&format!("/v1/promotions/{id}"), &json!({ "terms": promotion.terms }));
    body(&edited, 200, in_story)?;
    if !promotion.active {
        done(&backend.post(&format!("/v1/promotions/{id}/deactivate"), &json!({})), 200)?;
    }
    Ok(id)
}

/// The same kinds of limit, far away, and nothing else that could refuse a use; it takes off so much.
fn open_to_all(terms: &Draft, spent_minor: i64) -> Draft {
    let mut open = terms.clone();
    let amounts = |money: MoneyDraft| vec![money];
    let currency = terms.limits.budget.first().map(|budget| budget.currency.clone()).unwrap_or_default();
    open.benefit = match spent_minor {
        0 => BenefitDraft::NoDiscount {},
        amount_minor => {
            let fixed = json!({ "type": "fixed", "amounts": amounts(MoneyDraft { currency, amount_minor }) });
            serde_json::from_value(fixed).expect("a benefit")
        }
    };
    // Only a gift gives one.
    open.kind = if open.kind == Kind::Gift { Kind::Coupon } else { open.kind };
    open.needs_code = None;
    open.note = Some("Thank you.".into());
    open.scope = Default::default();
    // A site may ask for a start.
    open.conditions = vec![ConditionDraft::Redeemable { from: Some("2001-01-01".into()), until: None }];
    let limits = &mut open.limits;
    for limit in [
        &mut limits.total,
        &mut limits.per_customer,
        &mut limits.per_code,
        &mut limits.per_day,
        &mut limits.per_week,
        &mut limits.per_month,
    ] {
        *limit = limit.map(unreached);
    }
    for budget in &mut limits.budget {
        budget.amount_minor = UNREACHED;
    }
    open
}

fn redeem(backend: &Client, used: &PastUse, order: &str, spent_minor: i64) -> Result<Value, Stop> {
    let (item, price) = if spent_minor == 0 { (BOUGHT_BEFORE, BOUGHT_BEFORE_MINOR) } else { (DEAR, DEAR_MINOR) };
    let request = json!({
        "order": order, "codes": used.code.as_slice(), "customer": { "email": used.email }, "place": true,
        "cart": { "lines": [{ "id": "1", "item": item }] },
        "seen": { "total_minor": price - spent_minor },
    });
    done(&backend.reserve(order, &request), 201)
}
