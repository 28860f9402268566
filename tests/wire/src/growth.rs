//! How version 1 may grow: what would break somebody who keeps to what was frozen.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Where the frozen document is committed.
pub const FROZEN: &str = "v1.frozen.json";

/// The parts of a document with what binds and nothing that only explains, one a line.
#[must_use]
pub fn binding(document: &Value) -> String {
    let mut text = String::from("{\n");
    let definitions = document["$defs"].as_object().into_iter().flatten();
    let lines = definitions.map(|(name, schema)| format!("\"{name}\":{}", bare(schema)));
    let _ = write!(text, "{}", lines.collect::<Vec<_>>().join(",\n"));
    text.push_str("\n}\n");
    text
}

fn bare(schema: &Value) -> Value {
    match schema {
        Value::Object(keywords) => {
            let binds = |name: &&String| !["description", "default", "format"].contains(&name.as_str());
            // A property may have such a name: then it stands for a schema, an object.
            let kept = keywords.iter().filter(|(name, value)| binds(name) || value.is_object());
            Value::Object(kept.map(|(name, value)| (name.clone(), bare(value))).collect())
        }
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}

/// Who must go on as before: whoever sends, or whoever reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum For {
    Sender,
    Reader,
}

/// All that breaks the rule: `frozen` and `now` are the parts of two documents by name; a request is what `requests` names, all
/// else is answered.
#[must_use]
pub fn breaks(frozen: &Value, now: &Value, requests: &[&str]) -> Vec<String> {
    let mut walk = Walk { frozen, now, seen: BTreeSet::new(), found: Vec::new() };
    for name in requests {
        walk.part(name, For::Sender);
    }
    for (name, _) in frozen.as_object().into_iter().flatten() {
        walk.part(name, For::Reader);
    }
    walk.found
}

struct Walk<'a> {
    frozen: &'a Value,
    now: &'a Value,
    seen: BTreeSet<(String, For)>,
    found: Vec<String>,
}

impl Walk<'_> {
    fn part(&mut self, name: &str, whom: For) {
        // A request that an answer repeats was written by whoever reads it.
        let is_sent = whom == For::Reader && self.seen.contains(&(name.to_owned(), For::Sender));
        if !is_sent && self.seen.insert((name.to_owned(), whom)) {
            let (old, new) = (&self.frozen[name], &self.now[name]);
            self.compare(old, new, name, whom);
        }
    }

    fn compare(&mut self, old: &Value, new: &Value, path: &str, whom: For) {
        if let Some(name) = reference(old) {
            if reference(new) != Some(name) {
                self.found.push(format!("{path}: is no `{name}` any more"));
            }
            return self.part(name, whom);
        }
        if new.is_null() {
            return self.found.push(format!("{path}: is gone"));
        }
        self.types(old, new, path, whom);
        self.bounds(old, new, path, whom);
        for keyword in ["pattern", "additionalProperties", "uniqueItems"] {
            if old[keyword] != new[keyword] {
                self.found.push(format!("{path}: another `{keyword}`"));
            }
        }
        self.fields(old, new, path, whom);
        if old["items"].is_object() {
            self.compare(&old["items"], &new["items"], &format!("{path}[]"), whom);
        }
        self.choices(old, new, path, whom);
    }

    fn types(&mut self, old: &Value, new: &Value, path: &str, whom: For) {
        let (old, new) = (texts(&old["type"]), texts(&new["type"]));
        let fits = if whom == For::Sender { old.is_subset(&new) } else { new.is_subset(&old) };
        if !fits {
            self.found.push(format!("{path}: {old:?} became {new:?}"));
        }
    }

    /// For a sender bounds may widen, for a reader they may narrow.
    fn bounds(&mut self, old: &Value, new: &Value, path: &str, whom: For) {
        for (keyword, is_least) in [
            ("minimum", true),
            ("minLength", true),
            ("minItems", true),
            ("maximum", false),
            ("maxLength", false),
            ("maxItems", false),
        ] {
            let of = |schema: &Value| schema[keyword].as_i64().unwrap_or(if is_least { i64::MIN } else { i64::MAX });
            let (old, new) = (of(old), of(new));
            let widens = if is_least { new <= old } else { new >= old };
            if new != old && widens != (whom == For::Sender) {
                self.found.push(format!("{path}: another `{keyword}`"));
            }
        }
    }

    fn fields(&mut self, old: &Value, new: &Value, path: &str, whom: For) {
        for (name, schema) in old["properties"].as_object().into_iter().flatten() {
            self.compare(schema, &new["properties"][name], &format!("{path}.{name}"), whom);
        }
        let (before, after) = (texts(&old["required"]), texts(&new["required"]));
        let broken: Vec<_> = match whom {
            For::Sender => after.difference(&before).map(|name| format!("{path}.{name}: is required now")).collect(),
            For::Reader => {
                before.difference(&after).map(|name| format!("{path}.{name}: may be left out now")).collect()
            }
        };
        self.found.extend(broken);
    }

    /// What there was to choose from is there still; more may be.
    fn choices(&mut self, old: &Value, new: &Value, path: &str, whom: For) {
        let names = |schema: &Value| match (&schema["enum"], &schema["const"]) {
            (Value::Array(names), _) => names.clone(),
            (_, Value::Null) => Vec::new(),
            (_, name) => vec![name.clone()],
        };
        let now = names(new);
        for name in names(old).iter().filter(|name| !now.contains(name)) {
            self.found.push(format!("{path}: {name} is gone"));
        }
        for keyword in ["oneOf", "anyOf", "allOf"] {
            let choices = |schema: &Value| schema[keyword].as_array().cloned().unwrap_or_default();
            let now = choices(new);
            for choice in choices(old) {
                let about = format!("{path}<{}>", mark(&choice));
                let same = now.iter().find(|other| mark(other) == mark(&choice)).cloned().unwrap_or_default();
                self.compare(&choice, &same, &about, whom);
            }
        }
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

fn texts(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        other => other.as_str().map(str::to_owned).into_iter().collect(),
    }
}

/// What tells one choice from the others: a constant, a name, the only field, or the type.
fn mark(choice: &Value) -> String {
    let constant =
        |fields: &Map<String, Value>| fields.values().find_map(|field| Some(field["const"].as_str()?.to_owned()));
    let own = choice["const"].as_str().map(str::to_owned);
    let field = || choice["properties"].as_object().and_then(constant);
    let required = || texts(&choice["required"]).into_iter().next().filter(|_| choice["properties"].is_object());
    let named = own.or_else(|| reference(choice).map(str::to_owned)).or_else(field).or_else(required);
    named.unwrap_or_else(|| choice["type"].to_string())
}
