//! Bad input: whatever comes in, the answer names what is wrong, is never ours to blame, and nothing has changed.

mod bodies;
mod carts;
mod owners;
mod transport;

use serde_json::Value;
use tearoff_http_tests::client::Answer;
use tearoff_http_tests::harness::Harness;

/// Sends every bad request of a table, and looks at what is kept before and after.
fn nothing_changes(harness: &Harness, attack: impl FnOnce()) {
    let before = harness.kept();
    attack();
    assert_eq!(harness.kept(), before, "what is kept has changed");
}

/// A problem that says the request is at fault and names this field.
fn names(answer: &Answer, field: &str, told: &str) {
    let problem = answer.any_problem();
    assert_eq!((answer.status, &problem["code"]), (400, &Value::from("invalid_request")), "{told}: {problem}");
    let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{told}: {problem}"));
    assert!(errors.iter().any(|error| error["field"] == field), "{told} does not name `{field}`: {problem}");
    for error in errors {
        let message = error["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty() && message.len() < 400 && !message.ends_with('.'), "{told}: {problem}");
        for inside in ["struct ", "i64", "u64", "serde", "Option", "variant identifier"] {
            assert!(!message.contains(inside), "{told} tells our insides: {problem}");
        }
        assert!(error["code"].as_str().is_some_and(|code| !code.is_empty()), "{told}: {problem}");
    }
}
