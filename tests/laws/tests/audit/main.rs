//! Laws of audits, replays and back-tests (R67). The first sentence of each is the law.

mod bend;

use std::collections::BTreeMap;

use proptest::prelude::*;
use tearoff_cases::Random;
use tearoff_core::audit::request::AuditRequest;
use tearoff_core::audit::{Finding, Severity, What};
use tearoff_core::backtest::Backtest;
use tearoff_core::canonical::Canonical;
use tearoff_core::evaluate;
use tearoff_core::promotion::draft::Draft;
use tearoff_core::replay::{Replayed, Stored, replay};
use tearoff_core::standalone::{EvaluationRequest, PromotionRequest, Question};
use tearoff_laws::{any_case, config};

/// How many visitors meet the promotions of one audit.
const VISITORS: u64 = 12;

/// What an audit says at the instant of the request; nothing where a promotion was bent into one that cannot be.
fn findings(request: &EvaluationRequest) -> Option<Vec<Finding>> {
    let audit = AuditRequest {
        site: request.site.clone(),
        promotions: request.promotions.clone(),
        now_at: request.facts.now_at.clone(),
        catalog: None,
    };
    audit.findings().ok()
}

/// The promotions that act, with what they take off, in minor units.
fn acting(request: &EvaluationRequest) -> BTreeMap<String, i64> {
    let Ok(question) = Question::parse(request) else { return BTreeMap::new() };
    let decisions = evaluate(&question.evaluation()).decisions.into_iter();
    let applied = decisions.filter(|decision| decision.is_applied());
    let taken = |decision: tearoff_core::quote::Decision| {
        Some((decision.promotion.as_ref()?.as_str().to_owned(), decision.discount().minor()))
    };
    applied.filter_map(taken).collect()
}

/// Finds what acts though it was said that it never does.
fn proved_wrong(request: &EvaluationRequest, findings: &[Finding], seed: u64, random: &mut Random) -> Option<String> {
    (0..VISITORS).find_map(|visitor| {
        let met = if visitor == 0 { request.clone() } else { bend::met_by_others(request, seed, random) };
        let acts = acting(&met);
        let wrong = findings.iter().find(|finding| {
            let never = matches!(finding.severity, Severity::NeverApplies | Severity::Shadowed);
            never && acts.contains_key(finding.promotion.as_str())
        });
        wrong.map(|finding| format!("{finding:?}\n{}", serde_json::to_string(&met).unwrap_or_default()))
    })
}

proptest! {
    #![proptest_config(config())]

    /// What is said never to apply, or to be shadowed, never acts: for no cart, no customer, and at no later instant (R67).
    #[test]
    fn what_never_applies_never_acts(sample in any_case(), seed: u64) {
        let mut random = sample.random();
        let request = bend::bent(&sample.request, &mut random);
        let Some(findings) = findings(&request) else { return Ok(()) };
        prop_assert_eq!(proved_wrong(&request, &findings, seed, &mut random), None);
    }

    /// Taking out what is shadowed changes no total (R49, R67).
    #[test]
    fn what_is_shadowed_changes_no_total(sample in any_case(), seed: u64) {
        let mut random = sample.random();
        let request = bend::bent(&sample.request, &mut random);
        let Some(findings) = findings(&request) else { return Ok(()) };
        let shadowed = |id: &str| {
            findings.iter().any(|finding| finding.severity == Severity::Shadowed && finding.promotion.as_str() == id)
        };
        for _ in 0..VISITORS {
            let met = bend::met_by_others(&request, seed, &mut random);
            let mut without = met.clone();
            without.promotions.retain(|promotion| !shadowed(&promotion.id));
            without.facts.usage.retain(|usage| !shadowed(&usage.promotion));
            without.facts.gifts.retain(|gift| !shadowed(&gift.promotion));
            let total = |request| Question::parse(request).ok().map(|question| evaluate(&question.evaluation()).total);
            prop_assert_eq!(total(&met), total(&without));
        }
    }

    /// No redemption takes off more than the worst case (R67).
    #[test]
    fn no_redemption_takes_off_more_than_the_worst_case(sample in any_case(), seed: u64) {
        let mut random = sample.random();
        let Some(findings) = findings(&sample.request) else { return Ok(()) };
        for _ in 0..VISITORS {
            let met = bend::met_by_others(&sample.request, seed, &mut random);
            let Ok(question) = Question::parse(&met) else { continue };
            let taken = acting(&met);
            for finding in &findings {
                let What::WorstCaseCost { currency, amount: Some(most) } = finding.what else { continue };
                let taken = taken.get(finding.promotion.as_str()).copied().unwrap_or(0);
                prop_assert!(
                    currency != question.cart.currency() || taken <= most.minor(),
                    "{} took {taken}: {finding:?}", finding.promotion,
                );
            }
        }
    }

    /// What is stored of an evaluation replays to the same bytes, and a quote of another cart does not (R67).
    #[test]
    fn what_is_stored_replays(sample in any_case(), at: prop::sample::Index) {
        let question = Question::parse(&sample.request).unwrap();
        let quote = evaluate(&question.evaluation());
        let stored = Stored::from_bytes(&Stored::of(&question.evaluation(), &quote).to_bytes()).unwrap();
        prop_assert_eq!(replay(&stored), Replayed::Same);
        let mut changed = stored.clone();
        let at = at.index(changed.quote.len());
        changed.quote[at] = changed.quote[at].wrapping_add(1);
        prop_assert_ne!(replay(&changed), Replayed::Same);
    }

    /// A back-test adds up: every order is counted once, and what was won and lost is what the totals differ by (R67).
    #[test]
    fn a_back_test_adds_up(sample in any_case(), percent in 0_i64..=10_000, automatic: bool) {
        let kind = if automatic { "automatic" } else { "coupon" };
        let terms: Draft = serde_json::from_value(serde_json::json!({
            "name": "d", "kind": kind, "label": "d", "benefit": { "type": "percent", "percent_bp": percent },
        })).unwrap();
        let codes = if automatic { Vec::new() } else { vec!["DRAFT-ON-TRIAL".to_owned()] };
        let draft = PromotionRequest { id: "draft_on_trial".into(), codes, active: true, terms };
        let mut backtest = Backtest::new(draft.clone()).unwrap();
        // Where the site asks for a start, this draft cannot be.
        if backtest.add(&sample.request).is_err() {
            return Ok(());
        }
        let mut with = sample.request.clone();
        with.facts.codes.extend(draft.codes.first().cloned());
        with.promotions.push(draft);
        let total = |request| evaluate(&Question::parse(request).unwrap().evaluation()).total.minor();
        let fallen = total(&sample.request) - total(&with);
        let outcome = backtest.outcome();
        let effect = outcome.currencies.values().next().copied().unwrap();
        prop_assert_eq!(outcome.orders, 1);
        prop_assert_eq!(effect.winners + effect.losers + effect.unchanged, 1);
        prop_assert_eq!(effect.won_minor - effect.lost_minor, fallen);
        let told: u64 = outcome.reasons.iter().map(|told| told.orders).sum();
        prop_assert!(outcome.applied == 1 || outcome.not_better == 1 || told > 0);
    }
}

/// The laws above are no empty words: every finding of theirs is found among random cases.
#[test]
fn every_claim_is_put_to_the_test() {
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for index in 0..1500 {
        let mut random = Random::of(7, index);
        let request = bend::bent(&tearoff_cases::case(7, index), &mut random);
        for finding in findings(&request).unwrap_or_default() {
            if matches!(finding.severity, Severity::NeverApplies | Severity::Shadowed) {
                let code = serde_json::to_value(&finding.what).unwrap()["code"].as_str().unwrap().to_owned();
                *found.entry(code).or_default() += 1;
            }
        }
        assert_eq!(proved_wrong(&request, &findings(&request).unwrap_or_default(), index, &mut random), None);
    }
    for code in [
        "budget_empty",
        "gives_nothing",
        "hours_outside_window",
        "lead_time_outside_window",
        "minimum_above_maximum",
        "no_appointment_in_scope",
        "no_codes",
        "no_common_currency",
        "nothing_in_scope",
        "over",
        "shadowed_by",
        "unknown_locations",
        "weekdays_outside_window",
    ] {
        assert!(found.get(code).is_some_and(|count| *count >= 3), "{code}: {found:?}");
    }
}
