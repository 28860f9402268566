//! Evaluation of a request that brings everything with it: `tearoff quote`, the corpus, and whoever checks our answers.

use alloc::{boxed::Box, format, string::String, vec, vec::Vec};
use serde::{Deserialize, Serialize};

use crate::ENGINE;
use crate::cart::{Cart, PriceSource, Site};
use crate::catalog::Catalog;
use crate::code::CodeKey;
use crate::customer::Identity;
use crate::digest::Digests;
use crate::evaluate::trace::{Step, trace};
use crate::evaluate::{Evaluation, explain};
use crate::facts::{Candidate, Entered, Facts};
use crate::id::PromotionId;
use crate::invalid::{Fault, Faults, InvalidField};
use crate::policy::{SitePolicy, SitePolicyDraft};
use crate::project::{Usage, conceal, project};
use crate::promotion::Promotion;
use crate::promotion::draft::Draft;
use crate::quote::Quote;
use crate::request::CartRequest;
use crate::time::parse_instant;
use crate::zones;

/// A question with everything it takes to answer it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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
}

/// A promotion of an [`EvaluationRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct PromotionRequest {
    /// Its id.
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
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct FactsRequest {
    /// When the codes are used: an instant in UTC such as `2026-12-01T16:00:00Z`.
    pub now_at: String,
    /// The codes as typed, in order.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Who the customer is known to be; nobody when absent.
    #[serde(default)]
    pub customer: Option<CustomerRequest>,
    /// How often promotions have been used; never, where a promotion is not listed.
    #[serde(default)]
    pub usage: Vec<UsageRequest>,
}

/// The customer of a [`FactsRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct CustomerRequest {
    /// How sure that is.
    pub identity: Identity,
}

/// Uses of one promotion.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct UsageRequest {
    /// Its id.
    pub promotion: String,
    /// Redemptions by anybody.
    #[serde(default)]
    pub total: u32,
    /// Redemptions by this customer.
    #[serde(default)]
    pub customer: u32,
}

/// The answer to an [`EvaluationRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Which engine answered.
    pub engine: u32,
    /// The answer.
    pub quote: Quote,
    /// Its digests.
    pub digests: Digests,
    /// How it came about.
    pub trace: Vec<Step>,
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
}

impl Question {
    /// Checks a request.
    ///
    /// # Errors
    /// Every fault with its field.
    pub fn parse(request: &EvaluationRequest) -> Result<Self, Vec<InvalidField>> {
        let policy = SitePolicy::parse(&request.site, &zones::exists, "site")?;
        let mut faults = Faults::default();
        let promotions = parse_promotions(request, &policy, &mut faults);
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
        let (Some(now), Some(cart), true) = (now, cart, faults.is_empty()) else { return Err(faults.into_vec()) };
        let facts = Facts {
            now,
            policy: policy.evaluation,
            venues: zones::venues(&policy, &cart, now),
            entered: entered(&request.facts.codes, &promotions),
            customer: request.facts.customer.map(|customer| customer.identity),
        };
        let candidates = promotions
            .iter()
            .filter(|known| {
                facts.entered.iter().any(|entered| entered.promotion.as_ref() == Some(&known.promotion.terms.promotion))
            })
            .map(|known| project(&known.promotion, known.active, usage(request, &known.promotion)))
            .collect();
        Ok(Self { candidates, cart, facts })
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
        Answer { engine: ENGINE, digests: Digests::of(&told, &quote), quote, trace }
    }
}

/// A promotion with the codes that unlock it.
struct Known {
    promotion: Promotion,
    active: bool,
    codes: Vec<(CodeKey, Box<str>)>,
}

fn parse_promotions(request: &EvaluationRequest, policy: &SitePolicy, faults: &mut Faults) -> Vec<Known> {
    let mut promotions: Vec<Known> = Vec::new();
    for (index, draft) in request.promotions.iter().enumerate() {
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
        let zone = |local| zones::around(&policy.zone, local);
        match Promotion::parse(id, 1, &draft.terms, &zone, &format!("{field}.terms")) {
            Ok(promotion) => promotions.push(Known { promotion, active: draft.active, codes }),
            Err(found) => faults.extend(found),
        }
    }
    promotions
}

fn usage(request: &EvaluationRequest, promotion: &Promotion) -> Usage {
    let id = promotion.terms.promotion.as_str();
    let used = request.facts.usage.iter().find(|usage| usage.promotion == id);
    Usage {
        total: used.map_or(0, |usage| usage.total),
        customer: request.facts.customer.map(|_| used.map_or(0, |usage| usage.customer)),
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
