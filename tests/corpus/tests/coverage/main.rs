//! The corpus as a whole: every rule, reason, benefit, condition and hint has its stories, and generated files are fresh.

mod variants;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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
    // Those that wait are listed and counted apart, in the table.
    let stories: Vec<_> = stories.iter().filter(|story| story.http_waits.is_none()).collect();
    let left_out: Vec<_> = stories.iter().filter(|story| story.http_skip.is_some()).map(|story| &story.slug).collect();
    assert!(
        left_out.len() * HTTP_SKIP_ONE_IN <= stories.len(),
        "{} of {}: {left_out:?}",
        left_out.len(),
        stories.len()
    );
}

/// Every sort of step, and every code of a refusal, is in some story.
#[test]
fn every_step_and_its_refusals_have_a_story() {
    let mut seen = BTreeSet::new();
    for story in stories() {
        let key = |value: serde_json::Value| value.as_object().and_then(|object| object.keys().next().cloned());
        seen.extend(story.given.then.iter().filter_map(|step| key(serde_json::to_value(step).unwrap())));
        let refused = story.want_then.iter().filter_map(|outcome| outcome["refused"]["code"].as_str());
        seen.extend(refused.map(|code| format!("refused: {code}")));
    }
    let unseen: Vec<_> = STEPS.iter().filter(|name| !seen.contains(**name)).collect();
    assert!(unseen.is_empty(), "no story has {unseen:?}");
    let unlisted: Vec<_> = seen.iter().filter(|name| !STEPS.contains(&name.as_str())).collect();
    assert!(unlisted.is_empty(), "not in the list: {unlisted:?}");
}

const STEPS: [&str; 44] = [
    "settle",
    "reward_rules",
    "add_credit",
    "spend",
    "earn",
    "refer",
    "paid",
    "withdraw",
    "expire",
    "subscribe",
    "renew",
    "reserve",
    "place",
    "confirm",
    "release",
    "end_hold",
    "reverse",
    "change",
    "switch_off",
    "draft_invoice",
    "invoice_lines",
    "invoice_line_discount",
    "invoice_discount",
    "finalize_invoice",
    "refused: sign_in_needed",
    "refused: own_code",
    "refused: not_offered",
    "refused: currency_not_offered",
    "refused: no_eligible_lines",
    "refused: minimum_order_not_met",
    "refused: maximum_exceeded",
    "refused: not_enough_credit",
    "refused: already_recorded",
    "refused: not_confirmed",
    "refused: too_late",
    "refused: unknown_part",
    "refused: not_that_many",
    "refused: staff_only",
    "refused: partly_reversed",
    "refused: unknown_line",
    "refused: redemption_over",
    "refused: nothing_to_do_this_to",
    "refused: finalized",
    "refused: not_applied",
];

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

#[test]
fn the_committed_table_is_fresh() {
    let committed = include_str!("../../RULES.md");
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
