//! What the comments beside the types say to readers of the sources, made fit for readers of the document.

use serde_json::Value;

/// Tidies a schema and all schemas in it.
pub(crate) fn tidy(schema: &mut Value) {
    let Value::Object(keywords) = schema else { return };
    // Whether something may be left out is said by `required`.
    if keywords.get("default").is_some_and(Value::is_null) {
        keywords.remove("default");
    }
    if let Some(format) = keywords.get("format").and_then(Value::as_str)
        && format.starts_with("uint")
    {
        if format == "uint32" {
            keywords.entry("maximum").or_insert(u32::MAX.into());
        }
        keywords.remove("format");
    }
    if let Some(Value::String(description)) = keywords.get_mut("description") {
        *description = plain(description);
    }
    for (keyword, value) in keywords.iter_mut() {
        match (keyword.as_str(), value) {
            ("properties" | "patternProperties", Value::Object(schemas)) => schemas.values_mut().for_each(tidy),
            ("oneOf" | "anyOf" | "allOf" | "prefixItems", Value::Array(schemas)) => schemas.iter_mut().for_each(tidy),
            ("items" | "additionalProperties" | "not", schema) => tidy(schema),
            _ => {}
        }
    }
}

/// A comment without its links and the numbers of the rules it serves, on one line.
fn plain(comment: &str) -> String {
    let mut text = comment.replace("[`", "`").replace("`None`", "null").replace('\n', " ");
    while let Some((before, after)) = text.split_once("`]") {
        let after = match after.strip_prefix('(').and_then(|target| target.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
        text = format!("{before}`{after}");
    }
    while let Some(at) = text.match_indices(" (R").map(|(at, _)| at).find(|at| rules_end(&text, *at).is_some()) {
        let end = rules_end(&text, at).unwrap_or(text.len());
        text.replace_range(at..end, "");
    }
    text
}

/// Where ` (R3, R40)`, which begins there, ends.
fn rules_end(text: &str, at: usize) -> Option<usize> {
    let length = text[at..].find(')')? + 1;
    let inside = &text[at + 2..at + length - 1];
    let is_rule = |word: &str| {
        word == "to" || word.strip_prefix('R').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    inside.split([',', ' ']).filter(|word| !word.is_empty()).all(is_rule).then_some(at + length)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn comments_become_sentences() {
        assert_eq!(plain("By anybody (R45).\nOr (R29 to R31, R40)."), "By anybody. Or.");
        assert_eq!(plain("The [`Quote`](crate::Quote) of [`Site`], (Really)."), "The `Quote` of `Site`, (Really).");
    }
}
