//! Each concern stays in its place: a scan of the sources for words that belong elsewhere.
//!
//! A scan proves less than a type, but the compiler cannot see that a second place rounds or that a route speaks SQL. Comments are
//! not scanned; text within quotes only where a rule asks for it.

mod arithmetic;
mod rules;
mod source;

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::tree;
use crate::workspace::Workspace;

use rules::RULES;
use source::Source;

/// Checks every rule on every Rust source of the workspace.
///
/// # Errors
/// Naming each place that breaks a rule, with the reason for the rule.
pub(crate) fn check(workspace: &Workspace) -> Outcome<()> {
    let mut broken = Vec::new();
    let mut scanned = 0_usize;
    for folder in ["core/src", "widget/src", "server/src"] {
        for file in tree::files(&workspace.root.join(folder))? {
            if file.extension().is_some_and(|extension| extension == "rs") {
                scanned = scanned.saturating_add(1);
                let name = file.strip_prefix(&workspace.root).unwrap_or(&file);
                broken.extend(breaches(name, &tree::read_text(&file)?));
            }
        }
    }
    if broken.is_empty() {
        println!("{scanned} sources keep {} rules", RULES.len());
        return Ok(());
    }
    Err(Failure::new(format!("invariants broken\n{}", broken.join("\n"))))
}

/// Where `text`, the content of the file at `path` within the checkout, breaks which rule.
fn breaches(path: &Path, text: &str) -> Vec<String> {
    let path = path.to_string_lossy().replace('\\', "/");
    let applying = RULES.iter().filter(|rule| rule.applies_to(&path));
    let source = Source::new(text);
    let found = applying.flat_map(|rule| {
        let lines = rule.lines(&source);
        lines.into_iter().map(move |(line, what)| (line, format!("`{what}`: {}", rule.reason)))
    });
    let mut found: Vec<_> = found.collect();
    found.sort();
    found.into_iter().map(|(line, what)| format!("{path}:{line}: {what}")).collect()
}

#[cfg(test)]
mod tests {
    use super::breaches;
    use std::path::Path;

    fn count(path: &str, text: &str) -> usize {
        breaches(Path::new(path), text).len()
    }

    #[test]
    fn each_rule_finds_its_word_in_the_wrong_place_only() {
        for (path, text, want) in [
            ("core/src/evaluate.rs", "let m = exact.to_i64();", 1),
            ("core/src/evaluate.rs", "exact.round()", 1),
            ("core/src/evaluate.rs", "use money::rounding::round; Policy { round: Round::PerCart }", 0),
            ("core/src/money/rounding.rs", "let m = exact.to_i64();", 0),
            ("core/src/money.rs", "let x: f64 = 0.0;", 1),
            ("core/src/money.rs", "// an f64 would lose cents\nlet text = \"f32\";", 0),
            ("core/src/money.rs", "let buf64 = 1; let f64ish = 2;", 0),
            ("core/src/time.rs", "let now = Utc::now();", 1),
            ("server/src/clock.rs", "Utc::now()", 0),
            ("server/src/routes/quotes.rs", "use rust_decimal::Decimal;", 2),
            ("server/src/routes/quotes.rs", "let q = \"SELECT 1\";", 1),
            ("server/src/routes/quotes.rs", "let q = \"select a promo code\"; // SELECT", 0),
            ("server/src/store/sqlite/promotion.rs", "let q = \"SELECT 1\"; use rusqlite::Row;", 0),
            ("server/src/store.rs", "use rusqlite::Connection;", 0),
            ("server/src/redeem.rs", "use rusqlite::Connection;", 1),
            ("server/src/redeem.rs", "let total_minor = subtotal_minor - discount_minor;", 2),
            (
                "core/src/reason.rs",
                "write!(f, \"{:?}\", self)\n#[cfg(test)]\nmod tests { fn a() { format!(\"{:?}\", 1) } }",
                1,
            ),
            ("widget/src/model.rs", "use web_sys::Element;", 1),
            ("widget/src/lib.rs", "use leptos::prelude::*;", 0),
            ("widget/src/lib.rs", "use web_sys::Element;", 1),
            ("widget/src/model.rs", "use leptos::prelude::*;", 1),
            ("widget/src/border.rs", "gloo_net::http::Request::get(url)", 1),
        ] {
            assert_eq!(count(path, text), want, "{path}: {text}: {:?}", breaches(Path::new(path), text));
        }
    }

    #[test]
    fn a_breach_is_told_with_its_line_and_reason() {
        let told = breaches(Path::new("core/src/a.rs"), "\n\nfn a(x: f32) {}\n");
        assert_eq!(told, ["core/src/a.rs:3: `f32`: no float exists in core: money is exact and equal on every target"]);
    }
}
