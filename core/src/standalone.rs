//! Evaluation of a request that brings everything with it: `tearoff quote`, the corpus, and whoever checks our answers.

pub mod course;

use alloc::{boxed::Box, format, string::String, vec, vec::Vec};
use serde::{Deserialize, Serialize};

use crate::ENGINE;
use crate::cart::{Cart, PriceSource, Site};
use crate::catalog::Catalog;
use crate::code::CodeKey;
use crate::customer::{self, History, Identity};
use crate::digest::Digests;
use crate::evaluate::trace::{Step, trace};
use crate::evaluate::{Evaluation, explain};
use crate::facts::{Candidate, Entered, Facts, Gift};
use crate::id::{CustomerId, ItemId, PassId, PromotionId, TagId};
use crate::invalid::{Fault, Faults, InvalidField, Message};
use crate::money::{Amount, Percent};
use crate::policy::{SitePolicy, SitePolicyDraft};
use crate::project::{self, Marks, Usage, conceal, project};
use crate::promotion::condition::Channel;
use crate::promotion::draft::Draft;
use crate::promotion::{Kind, Promotion};
use crate::quote::Quote;
use crate::request::CartRequest;
use crate::time::parse_instant;
use crate::zones;

/// A question with everything it takes to answer it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct EvaluationRequest {
    /// What the site decided.
    pub site: SitePolicyDraft,
    /// The promotions with their codes.
    #[serde(default)]
    pub promotions: Vec<PromotionRequest>,
    /// The cart, whose prices and kinds are believed.
    pub cart: CartRequest,
    /// What else is known.
    pub facts: FactsRequest,
    /// What happens afterwards, step by step.
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Vec::is_empty"))]
    pub then: Vec<course::Then>,
}

/// A promotion of an [`EvaluationRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct PromotionRequest {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub id: String,
    /// Its codes, as their owner spells them.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Whether it is active (R68); yes when absent.
    #[serde(default = "active")]
    pub active: bool,
    /// Its terms.
    pub terms: Draft,
}

const fn active() -> bool {
    true
}

/// The facts of an [`EvaluationRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct FactsRequest {
    /// When the codes are used: an instant in UTC such as `2026-12-01T16:00:00Z`.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::UtcText"))]
    pub now_at: String,
    /// The codes as typed, in order.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Who the customer is known to be; nobody when absent.
    #[serde(default)]
    pub customer: Option<CustomerRequest>,
    /// Where it is booked (R34); on the booking page when absent.
    #[serde(default)]
    pub channel: Channel,
    /// The gifts that the customer chose (R17).
    #[serde(default)]
    pub gifts: Vec<GiftRequest>,
    /// How often promotions have been used; never, where a promotion is not listed.
    #[serde(default)]
    pub usage: Vec<UsageRequest>,
}

/// The customer of a [`FactsRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct CustomerRequest {
    /// How sure that is.
    pub identity: Identity,
    /// Their id in the site's own system (R32).
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Id>"))]
    pub id: Option<String>,
    /// The tags they carry (R32).
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Vec::is_empty"))]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>"))]
    pub tags: Vec<String>,
    /// The passes they hold (R33).
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Vec::is_empty"))]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>"))]
    pub passes: Vec<String>,
    /// What the business knows of their past (R29 to R31); nothing when absent.
    #[serde(default)]
    pub history: History,
    /// The discount they always have, in basis points (R49).
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Percent>"))]
    pub standing_bp: Option<i64>,
    /// The referral codes that are their own (R52).
    #[serde(default)]
    #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Vec::is_empty"))]
    pub own_codes: Vec<String>,
}

/// A gift that the customer chose, of a [`FactsRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct GiftRequest {
    /// Id of the promotion that gives it.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub promotion: String,
    /// Which item of its list.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub item: String,
    /// What one unit costs otherwise, in minor units of the cart's currency.
    #[cfg_attr(feature = "schema", schemars(with = "crate::money::Amount"))]
    pub unit_price_minor: i64,
}

/// Uses of one promotion, each number in the unit of the limit that it is held against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct UsageRequest {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub promotion: String,
    /// By anybody.
    #[serde(default)]
    pub total: u32,
    /// By this customer.
    #[serde(default)]
    pub customer: u32,
    /// By the code that was entered (R45).
    #[serde(default)]
    pub code: u32,
    /// Within the day of the site's calendar in which `now_at` falls (R45).
    #[serde(default)]
    pub day: u32,
    /// Within its ISO week.
    #[serde(default)]
    pub week: u32,
    /// Within its month.
    #[serde(default)]
    pub month: u32,
    /// What it has taken off so far, in minor units of the cart's currency (R45).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "crate::money::Amount"))]
    pub spent_minor: i64,
}

/// The answer to an [`EvaluationRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Answer {
    /// Which engine answered.
    pub engine: u32,
    /// The answer.
    pub quote: Quote,
    /// Its digests.
    pub digests: Digests,
    /// How it came about.
    pub trace: Vec<Step>,
    /// What came of each step under `then`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<course::Told>,
}

/// A checked [`EvaluationRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The promotions, projected.
    pub candidates: Vec<Candidate>,
    /// The cart.
    pub cart: Cart,
    /// What else is known.
    pub facts: Facts,
    /// What came of each step under `then`: a step's input is checked against what came before it, so it is taken at once.
    pub then: Vec<course::Told>,
}

impl Question {
    /// Checks a request.
    ///
    /// # Errors
    /// Every fault with its field.
    pub fn parse(request: &EvaluationRequest) -> Result<Self, Vec<InvalidField>> {
        let policy = SitePolicy::parse(&request.site, &zones::exists, "site")?;
        let mut faults = Faults::default();
        let promotions = parse_promotions(&request.promotions, &policy, &mut faults);
        let now = faults.keep("facts.now_at", parse_instant(&request.facts.now_at));
        let locations = policy.location_ids();
        let site = Site {
            currency: policy.currency,
            locations: &locations,
            catalog: &Catalog::default(),
            prices: PriceSource::Caller,
        };
        let cart = Cart::establish(&request.cart, site).map_err(|found| faults.extend(found)).ok();
        for (index, usage) in request.facts.usage.iter().enumerate() {
            if !request.promotions.iter().any(|promotion| promotion.id == usage.promotion) {
                faults.add(&format!("facts.usage[{index}].promotion"), Fault::Unknown, "is none of the promotions");
            }
        }
        let customer = parse_customer(request.facts.customer.as_ref(), &mut faults);
        let gifts = parse_gifts(request, &promotions, &mut faults);
        let spent = parse_spent(request, &mut faults);
        let (Some(now), Some(cart), true) = (now, cart, faults.is_empty()) else { return Err(faults.into_vec()) };
        let facts = Facts {
            now,
            venues: zones::venues(&policy, &cart, now),
            entered: entered(&request.facts.codes, &promotions),
            customer: customer.as_ref().map(|customer| customer.facts),
            channel: request.facts.channel,
            gifts,
            policy: policy.evaluation.clone(),
        };
        let entered = |id: &PromotionId| facts.entered.iter().any(|entered| entered.promotion.as_ref() == Some(id));
        let acts = |known: &&Known| !known.promotion.terms.needs_code || entered(&known.promotion.terms.promotion);
        let believed =
            |customer: &&Customer| customer.facts.identity == Identity::Asserted || facts.policy.trusts_claims;
        let project_one = |known: &Known| {
            let is_own = |customer: &Customer| {
                let owns = |key: &CodeKey| customer.own_codes.contains(key);
                known.promotion.terms.kind == Kind::Referral && known.codes.iter().any(|(key, _)| owns(key))
            };
            let known_now = project::Known {
                active: known.active,
                usage: usage(request, &known.promotion, &spent),
                marks: customer.as_ref().filter(believed).map(Customer::marks),
                is_own: customer.as_ref().is_some_and(is_own),
            };
            project(&known.promotion, &known_now, cart.currency())
        };
        let mut candidates: Vec<Candidate> = promotions.iter().filter(acts).map(project_one).collect();
        // However they are listed, they are looked at in one order, which the trace shows.
        candidates.sort_unstable_by(|one, two| one.terms.promotion.cmp(&two.terms.promotion));
        let question = Self { candidates, cart, facts, then: Vec::new() };
        let then = course::run(request, &policy, &question)?;
        Ok(Self { then, ..question })
    }

    /// The question in the form in which it is evaluated.
    #[must_use]
    pub fn evaluation(&self) -> Evaluation<'_> {
        Evaluation { candidates: &self.candidates, cart: &self.cart, facts: &self.facts }
    }

    /// Answers it, with hints, digests and trace. Hints and digests are those of what may be told ([`conceal`]); the trace tells
    /// all.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let (mut quote, trace) = trace(&self.evaluation());
        let (mut candidates, mut facts) = (self.candidates.clone(), self.facts.clone());
        conceal(&mut candidates, &self.cart, &mut facts);
        let told = Evaluation { candidates: &candidates, cart: &self.cart, facts: &facts };
        // Tried on what may be told: a private promotion that a change would wake must not show by a hint that is missing.
        explain(&told, &mut quote);
        Answer { engine: ENGINE, digests: Digests::of(&told, &quote), quote, trace, then: self.then.clone() }
    }
}

/// A promotion with the codes that unlock it.
pub(crate) struct Known {
    pub(crate) promotion: Promotion,
    pub(crate) active: bool,
    pub(crate) codes: Vec<(CodeKey, Box<str>)>,
}

/// Checks promotions and their codes, all below `promotions`.
pub(crate) fn parse_promotions(drafts: &[PromotionRequest], policy: &SitePolicy, faults: &mut Faults) -> Vec<Known> {
    let mut promotions: Vec<Known> = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let field = format!("promotions[{index}]");
        let Some(id) = faults.keep(&format!("{field}.id"), PromotionId::parse(&draft.id)) else { continue };
        if promotions.iter().any(|known| known.promotion.terms.promotion == id) {
            faults.add(&format!("{field}.id"), Fault::Duplicate, "is the id of an earlier promotion");
        }
        let mut codes = vec![];
        for (at, code) in draft.codes.iter().enumerate() {
            let key = CodeKey::normalize(code).map_err(|fault| (Fault::Malformed, format!("{fault}")));
            let Some(key) = faults.keep(&format!("{field}.codes[{at}]"), key) else { continue };
            let mut taken = promotions.iter().flat_map(|known| &known.codes).chain(&codes);
            if taken.any(|(other, _)| *other == key) {
                faults.add(&format!("{field}.codes[{at}]"), Fault::Duplicate, "is taken already");
            }
            codes.push((key.clone(), policy.new_codes.spelling(&key, code).into()));
        }
        if !codes.is_empty() && draft.terms.kind == Kind::Automatic {
            faults.add(&format!("{field}.codes"), Fault::Contradiction, "an automatic promotion has no codes");
        }
        faults.extend(draft.terms.against(policy, &format!("{field}.terms")));
        let zone = |local| zones::around(&policy.zone, local);
        match Promotion::parse(id, 1, &draft.terms, &zone, &format!("{field}.terms")) {
            Ok(promotion) => promotions.push(Known { promotion, active: draft.active, codes }),
            Err(found) => faults.extend(found),
        }
    }
    promotions
}

/// A checked customer.
struct Customer {
    facts: customer::Customer,
    ids: Vec<CustomerId>,
    tags: Vec<TagId>,
    passes: Vec<PassId>,
    own_codes: Vec<CodeKey>,
}

impl Customer {
    fn marks(&self) -> Marks<'_> {
        Marks { customers: &self.ids, tags: &self.tags, passes: &self.passes }
    }
}

fn parse_customer(request: Option<&CustomerRequest>, faults: &mut Faults) -> Option<Customer> {
    fn list<T>(
        field: &str,
        texts: &[String],
        parse: impl Fn(&str) -> Result<T, (Fault, Message)>,
        faults: &mut Faults,
    ) -> Vec<T> {
        let parse = |(index, text): (usize, &String)| faults.keep(&format!("{field}[{index}]"), parse(text));
        texts.iter().enumerate().filter_map(parse).collect()
    }
    let request = request?;
    let key = |code: &str| CodeKey::normalize(code).map_err(|fault| (Fault::Malformed, format!("{fault}").into()));
    let standing =
        request.standing_bp.map(|percent| faults.keep("facts.customer.standing_bp", Percent::from_bp(percent)));
    let facts =
        customer::Customer { identity: request.identity, history: request.history, standing: standing.flatten() };
    Some(Customer {
        facts,
        ids: request.id.iter().filter_map(|id| faults.keep("facts.customer.id", CustomerId::parse(id))).collect(),
        tags: list("facts.customer.tags", &request.tags, TagId::parse, faults),
        passes: list("facts.customer.passes", &request.passes, PassId::parse, faults),
        own_codes: list("facts.customer.own_codes", &request.own_codes, key, faults),
    })
}

fn parse_gifts(request: &EvaluationRequest, promotions: &[Known], faults: &mut Faults) -> Vec<Gift> {
    let mut gifts: Vec<Gift> = Vec::new();
    for (index, gift) in request.facts.gifts.iter().enumerate() {
        let at = |name: &str| format!("facts.gifts[{index}].{name}");
        let known = promotions.iter().find(|known| known.promotion.terms.promotion.as_str() == gift.promotion);
        let known = known.ok_or((Fault::Unknown, "is none of the promotions"));
        let promotion = faults.keep(&at("promotion"), known).map(|known| known.promotion.terms.promotion.clone());
        let item = faults.keep(&at("item"), ItemId::parse(&gift.item));
        let price = Amount::new(gift.unit_price_minor).map_err(|fault| (Fault::OutOfBounds, format!("{fault}")));
        let price = faults.keep(&at("unit_price_minor"), price);
        let (Some(promotion), Some(item), Some(price)) = (promotion, item, price) else { continue };
        if gifts.iter().any(|other| other.promotion == promotion) {
            faults.add(&at("promotion"), Fault::Duplicate, "has a gift chosen already");
        }
        gifts.push(Gift { promotion, item, price });
    }
    gifts
}

fn parse_spent(request: &EvaluationRequest, faults: &mut Faults) -> Vec<Amount> {
    let spent = |(index, usage): (usize, &UsageRequest)| {
        let spent = Amount::new(usage.spent_minor).map_err(|fault| (Fault::OutOfBounds, format!("{fault}")));
        faults.keep(&format!("facts.usage[{index}].spent_minor"), spent).unwrap_or_default()
    };
    request.facts.usage.iter().enumerate().map(spent).collect()
}

fn usage(request: &EvaluationRequest, promotion: &Promotion, spent: &[Amount]) -> Usage {
    let id = promotion.terms.promotion.as_str();
    let none = (&UsageRequest::default(), &Amount::ZERO);
    let (used, spent) = request.facts.usage.iter().zip(spent).find(|(usage, _)| usage.promotion == id).unwrap_or(none);
    Usage {
        total: used.total,
        customer: request.facts.customer.as_ref().map(|_| used.customer),
        code: used.code,
        day: used.day,
        week: used.week,
        month: used.month,
        spent: *spent,
    }
}

fn entered(typed: &[String], promotions: &[Known]) -> Vec<Entered> {
    Entered::match_codes(typed.iter().map(String::as_str), |key| {
        promotions.iter().find_map(|known| {
            let (_, shown) = known.codes.iter().find(|(code, _)| code == key)?;
            Some((shown.clone(), known.promotion.terms.promotion.clone()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn answers() -> Vec<serde_json::Value> {
        let lines = include_str!("../examples/request.jsonl").lines();
        let answer = |line| Question::parse(&serde_json::from_str(line).unwrap()).unwrap().answer();
        lines.map(|line| serde_json::to_value(answer(line)).unwrap()).collect()
    }

    #[test]
    fn the_examples_are_answered_as_documented() {
        let answers = answers();
        let decision = |answer: usize, code: usize| &answers[answer]["quote"]["decisions"][code];
        assert_eq!(answers[0]["quote"]["total_minor"], 2880);
        assert_eq!(decision(0, 0)["status"], "applied");
        assert_eq!(decision(0, 0)["allocations"][0]["occurrences"][0]["discount_minor"], 720);
        assert_eq!(decision(1, 0)["reasons"][0]["code"], "minimum_spend_not_met");
        assert_eq!(decision(1, 0)["reasons"][0]["required"]["amount_minor"], 8000);
        assert_eq!(decision(1, 0)["hints"][0]["amount"]["amount_minor"], 800);
        assert_eq!(decision(1, 1)["reasons"][0]["code"], "unknown_code");
    }

    #[test]
    fn the_trace_tells_every_rule_and_rounding() {
        let answers = answers();
        let steps: Vec<_> =
            answers[0]["trace"].as_array().unwrap().iter().map(|step| step["step"].to_string()).collect();
        assert_eq!(steps, ["\"checked\"", "\"checked\"", "\"checked\"", "\"rounded\"", "\"decided\""]);
    }

    #[test]
    fn all_faults_are_told_with_their_fields() {
        let request = r#"{"site":{"currency":"EUR","zone":"Europe/Athens"},"cart":{"currency":"EURO","lines":[
            {"id":"1","item":"a b","kind":"boat","quantity":-1,"unit_price_minor":-5,"location":"moon","occurrences":[{"start":"soon"}]},
            {"id":"1","item":"x","kind":"product","unit_price_minor":2000000000000}]},"facts":{"now_at":"now"}}"#;
        let faults = Question::parse(&serde_json::from_str(request).unwrap()).unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "facts.now_at",
                "cart.currency",
                "cart.lines[0].item",
                "cart.lines[0].quantity",
                "cart.lines[0].location",
                "cart.lines[0].kind",
                "cart.lines[0].unit_price_minor",
                "cart.lines[0].occurrences[0].start",
                "cart.lines[1].id",
                "cart.lines[1].unit_price_minor",
            ]
        );
    }

    #[test]
    fn unknown_fields_are_refused() {
        let request = include_str!("../examples/request.jsonl").lines().next().unwrap();
        for (place, with) in
            [("{\"site\"", "{\"discount_minor\":5,\"site\""), ("{\"id\":\"1\"", "{\"discount\":1,\"id\":\"1\"")]
        {
            let request = request.replacen(place, with, 1);
            assert!(serde_json::from_str::<EvaluationRequest>(&request).is_err(), "{with}");
        }
    }
}
