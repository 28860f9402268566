//! The corpus as a whole: every rule, reason, benefit, condition and hint has its stories, and generated files are fresh.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tearoff_core::evaluate::Hint;
use tearoff_core::promotion::{Benefit, Condition};
use tearoff_core::reason::Reason;
use tearoff_corpus::native::question;
use tearoff_corpus::rules::{Proof, RULES};
use tearoff_corpus::{Story, digests, table};

/// At most one story in so many may be left out over HTTP.
const HTTP_SKIP_ONE_IN: usize = 10;

fn stories() -> Vec<Story> {
    tearoff_corpus::stories().unwrap_or_else(|fault| panic!("{fault}"))
}

#[test]
fn every_rule_has_an_accepting_story_and_one_that_refuses_or_stands_at_its_border() {
    let stories = stories();
    let proves = |rule: &tearoff_corpus::rules::Rule, wanted: fn(Proof) -> bool| {
        stories.iter().any(|story| story.rules.get(&rule.number).is_some_and(|proof| wanted(*proof)))
    };
    let mut missing = Vec::new();
    for rule in RULES {
        if !proves(rule, |proof| proof == Proof::Accepts) {
            missing.push(format!("{} ({}) has no accepting story", rule.number, rule.about));
        }
        if !proves(rule, |proof| proof != Proof::Accepts) {
            missing.push(format!("{} ({}) has no refusing or border story", rule.number, rule.about));
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn the_rules_are_in_order_and_their_files_exist() {
    assert!(RULES.is_sorted_by(|one, two| one.number < two.number));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/src");
    let files = RULES.iter().flat_map(|rule| rule.files.iter().map(|file| (rule.number, *file)));
    let gone: Vec<_> = files.filter(|(_, file)| !source.join(file).is_file()).collect();
    assert!(gone.is_empty(), "{gone:?}");
}

#[test]
fn titles_are_told_apart() {
    let mut titles = BTreeMap::new();
    for story in stories() {
        let other = titles.insert(story.title.clone(), story.slug.clone());
        assert_eq!(other, None, "`{}` has the same title", story.slug);
    }
}

#[test]
fn few_stories_are_left_out_over_http() {
    let stories = stories();
    let left_out: Vec<_> = stories.iter().filter(|story| story.http_skip.is_some()).map(|story| &story.slug).collect();
    assert!(
        left_out.len() * HTTP_SKIP_ONE_IN <= stories.len(),
        "{} of {}: {left_out:?}",
        left_out.len(),
        stories.len()
    );
}

#[test]
fn stories_said_to_be_alike_are_answered_byte_for_byte_alike() {
    let stories = stories();
    let answer = |story: &Story| {
        let answer = question(story).map(|question| question.answer()).map_err(|faults| format!("{faults:?}"));
        answer.map(|answer| (serde_json::to_string(&answer.quote).unwrap(), answer.digests))
    };
    let mut differing = Vec::new();
    for story in stories.iter().filter(|story| story.alike.is_some()) {
        let other = stories.iter().find(|other| Some(&other.slug) == story.alike.as_ref());
        let other = other.unwrap_or_else(|| panic!("{}.json: there is no story {:?}", story.slug, story.alike));
        if answer(story) != answer(other) {
            differing.push(format!("{} and {}", story.slug, other.slug));
        }
    }
    assert!(differing.is_empty(), "{differing:?}");
}

/// Matches without a wildcard: a new variant does not compile until it stands here, and then needs a story.
#[test]
fn every_reason_hint_benefit_and_condition_has_a_story() {
    let mut seen = BTreeSet::new();
    for question in stories().iter().filter_map(|story| question(story).ok()) {
        for candidate in &question.candidates {
            seen.insert(match candidate.terms.benefit {
                Benefit::Percent { .. } => "percent",
                Benefit::Fixed { .. } => "fixed",
                Benefit::NoDiscount => "no_discount",
            });
            seen.extend(candidate.terms.conditions.iter().map(|condition| match condition {
                Condition::Redeemable { .. } => "redeemable",
                Condition::Weekdays { .. } => "weekdays",
                Condition::MinimumSubtotal { .. } => "minimum_subtotal",
                Condition::MaximumSubtotal { .. } => "maximum_subtotal",
            }));
        }
        for decision in &question.answer().quote.decisions {
            seen.extend(decision.reasons().iter().map(reason));
            seen.extend(decision.hints.iter().map(|hint| match hint {
                Hint::SpendMore { .. } => "spend_more",
                Hint::ChooseWeekday { .. } => "choose_weekday",
                Hint::Replace { .. } => "replace",
            }));
        }
    }
    let unseen: Vec<_> = VARIANTS.iter().filter(|variant| !seen.contains(**variant)).collect();
    assert!(unseen.is_empty(), "no story has {unseen:?}");
    assert_eq!(seen.len(), VARIANTS.len(), "a variant stands in a match and not in the list");
}

const VARIANTS: [&str; 25] = [
    "percent",
    "fixed",
    "no_discount",
    "redeemable",
    "weekdays",
    "minimum_subtotal",
    "maximum_subtotal",
    "spend_more",
    "choose_weekday",
    "replace",
    "unknown_code",
    "promotion_inactive",
    "currency_not_offered",
    "not_yet_active",
    "expired",
    "usage_limit_reached",
    "customer_limit_reached",
    "empty_cart",
    "date_needed",
    "customer_needed",
    "no_eligible_lines",
    "outside_weekdays",
    "minimum_spend_not_met",
    "maximum_spend_exceeded",
    "not_combinable",
];

fn reason(reason: &Reason) -> &'static str {
    match reason {
        Reason::UnknownCode => "unknown_code",
        Reason::PromotionInactive => "promotion_inactive",
        Reason::CurrencyNotOffered { .. } => "currency_not_offered",
        Reason::NotYetActive { .. } => "not_yet_active",
        Reason::Expired { .. } => "expired",
        Reason::UsageLimitReached => "usage_limit_reached",
        Reason::CustomerLimitReached => "customer_limit_reached",
        Reason::EmptyCart => "empty_cart",
        Reason::DateNeeded => "date_needed",
        Reason::CustomerNeeded => "customer_needed",
        Reason::NoEligibleLines => "no_eligible_lines",
        Reason::OutsideWeekdays { .. } => "outside_weekdays",
        Reason::MinimumSpendNotMet { .. } => "minimum_spend_not_met",
        Reason::MaximumSpendExceeded { .. } => "maximum_spend_exceeded",
        Reason::NotCombinable { .. } => "not_combinable",
    }
}

#[test]
fn the_committed_table_is_fresh() {
    let committed = include_str!("../RULES.md");
    let fresh = table::markdown(&stories());
    assert!(committed == fresh, "run `cargo run -p tearoff-corpus --bin rule-table`");
}

/// R67: under one engine the same bytes, for ever. A release that changes any of them raises the engine number.
#[test]
fn answers_hash_to_what_they_hashed_to() {
    let fresh = digests::list(&stories());
    let changed: Vec<_> = digests::COMMITTED.lines().filter(|line| !fresh.contains(line)).collect();
    let hint =
        "raise the engine number if this engine was ever released; then `cargo run -p tearoff-corpus --bin digests`";
    assert!(changed.is_empty(), "answers have changed: {hint}\n{changed:#?}");
    assert!(
        digests::COMMITTED == fresh,
        "stories were added or taken out: `cargo run -p tearoff-corpus --bin digests`"
    );
}
