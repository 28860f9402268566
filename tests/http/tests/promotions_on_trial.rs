//! `tearoff audit`, `replay` and `backtest`, run as documented: on the examples of core.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");

fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/examples").join(name).to_string_lossy().into_owned()
}

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut running = Command::new(SERVER)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who needs no input does not wait for it.
    let _ = running.stdin.take().unwrap().write_all(input);
    running.wait_with_output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_audit_ends_with_what_it_found() {
    let found = run(&["audit", &example("audit.json")], b"");
    let codes: Vec<Value> = lines(&found).into_iter().map(|finding| finding["code"].clone()).collect();
    assert_eq!(codes, ["weekdays_outside_window", "worst_case_cost", "worst_case_cost"]);
    assert_eq!(found.status.code(), Some(1));

    let mut clean: Value = serde_json::from_slice(&std::fs::read(example("audit.json")).unwrap()).unwrap();
    clean["promotions"].as_array_mut().unwrap().remove(0);
    assert_eq!(run(&["audit", "-"], clean.to_string().as_bytes()).status.code(), Some(0));

    clean["now_at"] = "soon".into();
    let refused = run(&["audit", "-"], clean.to_string().as_bytes());
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("`now_at`"));
    assert_eq!(run(&["audit", "/nowhere"], b"").status.code(), Some(2));
}

#[test]
fn what_was_kept_replays() {
    let kept = run(&["quote", "--keep-request", &example("request.jsonl")], b"");
    assert!(lines(&kept).iter().all(|answer| answer["request"].is_object() && answer["quote"].is_object()));
    let same = run(&["replay"], &kept.stdout);
    let count = lines(&same).pop().unwrap();
    assert_eq!((&count["lines"], &count["same"], &count["differ"]), (&2.into(), &2.into(), &0.into()));
    assert_eq!(same.status.code(), Some(0));

    let tampered = String::from_utf8(kept.stdout).unwrap().replacen("\"total_minor\":2880", "\"total_minor\":1", 1);
    let differs = run(&["replay", "-"], tampered.as_bytes());
    assert_eq!(lines(&differs)[0]["differences"][0]["field"], "quote.total_minor");
    assert_eq!(differs.status.code(), Some(1));
}

#[test]
fn a_draft_is_tried_on_past_orders() {
    let tried = run(&["backtest", "--promotion", &example("draft.json"), &example("orders.jsonl")], b"");
    assert_eq!(tried.status.code(), Some(0));
    let report = lines(&tried).pop().unwrap();
    let effect = &report["currencies"]["EUR"];
    assert_eq!((&report["orders"], &report["applied"]), (&3.into(), &2.into()));
    assert_eq!((&effect["winners"], &effect["cost_minor"]), (&2.into(), &860.into()));
    assert!(tried.stderr.is_empty(), "a short file needs no progress");
    assert_eq!(run(&["backtest", "--promotion", "/nowhere"], b"").status.code(), Some(2));
}
