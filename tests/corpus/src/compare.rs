//! What differs between the answer a story wants and the one it got.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::replay::Answered;
use crate::story::Story;
use crate::want::Want;

/// One place where an answer is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: `quote.lines[0].discount_minor`.
    pub path: String,
    /// What the story wants there.
    pub wanted: String,
    /// What is there.
    pub got: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: wanted {}, got {}", self.path, self.wanted, self.got)
    }
}

/// Everything in which the answer differs from the wanted one, and every internal word it tells (R18).
///
/// Fields of the answer that no story knows are passed over, since answers may gain fields. Lists must have exactly the wanted
/// entries; reasons and hints exactly the wanted data, beside a sentence that no story repeats.
#[must_use]
pub fn differences(story: &Story, answered: &Answered) -> Vec<Difference> {
    let mut found = Vec::new();
    match (&story.want, answered) {
        (Want::Quote(wanted), Answered::Quote(got)) => {
            compare(&value(wanted), got, "quote", &mut found);
            told(story, got, &mut found);
        }
        (Want::Errors(wanted), Answered::Errors(got)) => {
            if wanted != got {
                found.push(differ("errors", &value(wanted), &value(got)));
            }
        }
        (Want::Quote(_), Answered::Errors(got)) => found.push(Difference {
            path: "answer".into(),
            wanted: "a quote".into(),
            got: format!("errors {}", value(got)),
        }),
        (Want::Errors(wanted), Answered::Quote(_)) => found.push(Difference {
            path: "answer".into(),
            wanted: format!("errors {}", value(wanted)),
            got: "a quote".into(),
        }),
    }
    found
}

/// Everything in which the outcomes of the story's steps differ from the wanted ones. A refusal must come with its sentence.
#[must_use]
pub fn outcomes(story: &Story, got: &[Value]) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&value(&story.want_then), &value(&got), "then", &mut found);
    for (index, outcome) in got.iter().enumerate() {
        told(story, outcome, &mut found);
        let sentence = outcome.get("refused").map(|refused| refused.get("message").and_then(Value::as_str));
        if sentence.is_some_and(|sentence| sentence.is_none_or(str::is_empty)) {
            found.push(differ(&format!("then[{index}].refused.message"), &Value::from("a sentence"), &Value::Null));
        }
    }
    found
}

fn compare(wanted: &Value, got: &Value, path: &str, found: &mut Vec<Difference>) {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(got)) => {
            for (name, wanted) in wanted {
                let at = format!("{path}.{name}");
                match (got.get(name), name.as_str()) {
                    (Some(got), "reasons" | "hints") => compare_whole(wanted, got, name == "reasons", &at, found),
                    (Some(got), _) => compare(wanted, got, &at, found),
                    (None, _) if is_nothing(wanted) => {}
                    (None, _) => found.push(differ(&at, wanted, &Value::Null)),
                }
            }
            // What a story leaves out is wanted to be nothing only where leaving out says something: in an applied discount.
            if let (None, Some(extra)) = (wanted.get("discount_minor"), got.get("discount_minor")) {
                found.push(differ(&format!("{path}.discount_minor"), &Value::Null, extra));
            }
        }
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
            for (index, (wanted, got)) in wanted.iter().zip(got).enumerate() {
                compare(wanted, got, &format!("{path}[{index}]"), found);
            }
        }
        _ if wanted == got => {}
        _ => found.push(differ(path, wanted, got)),
    }
}

/// Compares a list of reasons or hints as a whole, so that an order or a datum too many shows. A reason must come with its sentence.
fn compare_whole(wanted: &Value, got: &Value, explained: bool, path: &str, found: &mut Vec<Difference>) {
    let Value::Array(entries) = got else {
        found.push(differ(path, wanted, got));
        return;
    };
    let mut bare = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let mut entry = entry.clone();
        let sentence = entry.as_object_mut().and_then(|entry: &mut Map<String, Value>| entry.remove("message"));
        let says_something = sentence.as_ref().and_then(Value::as_str).is_some_and(|sentence| !sentence.is_empty());
        if explained && !says_something {
            let wanted = Value::from("a sentence");
            found.push(differ(&format!("{path}[{index}].message"), &wanted, &sentence.unwrap_or(Value::Null)));
        }
        bare.push(entry);
    }
    let bare = Value::Array(bare);
    if *wanted != bare {
        found.push(differ(path, wanted, &bare));
    }
}

/// No answer may hold the owner's own words.
fn told(story: &Story, got: &Value, found: &mut Vec<Difference>) {
    let text = got.to_string();
    let words = story.internal_texts().filter(|words| text.contains(words));
    found.extend(words.map(|words| Difference {
        path: "quote".into(),
        wanted: "nothing internal".into(),
        got: format!("`{words}`"),
    }));
}

fn is_nothing(wanted: &Value) -> bool {
    wanted.is_null() || wanted.as_array().is_some_and(Vec::is_empty)
}

fn differ(path: &str, wanted: &Value, got: &Value) -> Difference {
    Difference { path: path.into(), wanted: wanted.to_string(), got: got.to_string() }
}

/// The types of a wanted answer have string keys and integers only, which JSON can always hold.
fn value(wanted: &impl Serialize) -> Value {
    serde_json::to_value(wanted).unwrap_or(Value::Null)
}
