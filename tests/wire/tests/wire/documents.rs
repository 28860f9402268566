//! Examples and stories, as requests and with their answers.

use std::fs;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tearoff_core::audit::request::AuditRequest;
use tearoff_core::backtest::Backtest;
use tearoff_core::evaluate;
use tearoff_core::invalid::{InvalidFields, InvalidLine};
use tearoff_core::replay::{Stored, replay};
use tearoff_core::standalone::{EvaluationRequest, PromotionRequest, Question};

use crate::schemas::{check, strict, validator};

fn example(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/examples").join(name)).unwrap()
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn written(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn what_is_committed_is_what_the_types_say() {
    let committed = fs::read_to_string(tearoff_wire::committed()).unwrap_or_default();
    // As values: a build in which other packages order members otherwise writes the same document.
    let is_fresh = serde_json::from_str::<Value>(&committed).is_ok_and(|value| value == tearoff_wire::document());
    assert!(is_fresh, "core/wire/v1.schema.json is stale: cargo run -p tearoff-wire --bin wire-schema");
}

#[test]
fn the_document_is_json_schema() {
    let document = tearoff_wire::document();
    jsonschema::meta::validate(&document).unwrap();
    for name in document["$defs"].as_object().unwrap().keys() {
        validator(name);
        assert!(!name.ends_with(|last: char| last.is_ascii_digit()), "{name}: two types have this name");
    }
}

#[test]
fn every_story_is_asked_and_answered_as_the_document_says() {
    let (requests, answers, lines) = (validator("EvaluationRequest"), strict("Answer"), strict("InvalidLine"));
    let kept = validator("KeptAnswer");
    for story in tearoff_corpus::stories().unwrap() {
        let request = written(&story.given);
        match Question::parse(&story.given) {
            Ok(question) => {
                check(&requests, &request, &story.slug);
                let mut answer = written(&question.answer());
                check(&answers, &answer, &story.slug);
                answer["request"] = request;
                check(&kept, &answer, &story.slug);
            }
            Err(errors) => {
                check(&lines, &written(&InvalidLine { line: 1, error: InvalidFields { errors } }), &story.slug);
            }
        }
    }
}

#[test]
fn requests_of_examples_are_as_the_document_says() {
    let (requests, answers) = (validator("EvaluationRequest"), strict("Answer"));
    for (file, request) in ["request.jsonl", "orders.jsonl"]
        .iter()
        .flat_map(|file| example(file).lines().map(|line| (*file, parsed(line))).collect::<Vec<_>>())
    {
        check(&requests, &request, file);
        let question = Question::parse(&read::<EvaluationRequest>(&request)).unwrap();
        check(&answers, &written(&question.answer()), file);
    }
}

#[test]
fn audits_are_as_the_document_says() {
    let request = parsed(&example("audit.json"));
    check(&validator("AuditRequest"), &request, "audit.json");
    let findings = read::<AuditRequest>(&request).findings().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        check(&strict("Finding"), &written(&finding), "audit.json");
    }
}

#[test]
fn trials_of_drafts_and_replays_are_as_the_document_says() {
    let draft = parsed(&example("draft.json"));
    check(&validator("PromotionRequest"), &draft, "draft.json");
    let mut trial = Backtest::new(read::<PromotionRequest>(&draft)).unwrap();
    let replayed = validator("Replayed");
    for line in example("orders.jsonl").lines() {
        let order = read::<EvaluationRequest>(&parsed(line));
        trial.add(&order).unwrap();
        let question = Question::parse(&order).unwrap();
        let stored = Stored::of(&question.evaluation(), &evaluate(&question.evaluation()));
        check(&replayed, &written(&replay(&stored)), line);
        check(&replayed, &written(&replay(&Stored { engine: 0, ..stored.clone() })), line);
        check(&replayed, &written(&replay(&Stored { quote: vec![1], ..stored })), line);
    }
    check(&strict("BacktestOutcome"), &written(trial.outcome()), "orders.jsonl");
}

#[test]
fn items_of_a_catalog_are_as_the_document_says() {
    let price = json!({"currency": "EUR", "amount_minor": 1});
    let item = json!({"id": "a", "name": "A", "kind": "fee", "categories": ["b"], "prices": [price]});
    check(&validator("CatalogItemDraft"), &item, "an item");
    assert!(
        !validator("CatalogItemDraft").is_valid(&json!({"id": "a", "name": "A", "kind": "boat", "prices": [price]}))
    );
}
