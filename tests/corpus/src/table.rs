//! The generated table: rule, its stories, whose rule it is, where core keeps it; then what waits until the server can be asked.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::rules::{Proof, RULES, Rule, System};
use crate::story::Story;

/// What stands above the table.
const HEAD: &str = "# Which stories prove which rule

Written by `cargo run -p tearoff-corpus --bin rule-table`; a test fails when it is not fresh.
A system in parentheses has the rule, but no story names it there.

";

/// The table in Markdown.
#[must_use]
pub fn markdown(stories: &[Story]) -> String {
    let mut text = format!("{HEAD}{} stories.\n\n", stories.len());
    text.push_str("| Rule | About | Accepting | Refusing, or at the border | Systems | In core |\n");
    text.push_str("|---|---|---|---|---|---|\n");
    for rule in RULES {
        let proves = |wanted: fn(Proof) -> bool| links(rule, stories, wanted);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            rule.number,
            rule.about,
            proves(|proof| proof == Proof::Accepts),
            proves(|proof| proof != Proof::Accepts),
            systems(rule, stories),
            rule.files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", "),
        );
    }
    text.push_str(&left_out(stories));
    text
}

/// The stories that are not told over HTTP: those that never will be, and those that wait, by what they wait for.
fn left_out(stories: &[Story]) -> String {
    let skipped: Vec<_> = stories.iter().filter(|story| story.http_skip.is_some()).map(link).collect();
    let mut waiting: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for story in stories {
        if let Some(waits) = &story.http_waits {
            waiting.entry(waits).or_default().push(link(story));
        }
    }
    let count: usize = waiting.values().map(Vec::len).sum();
    let mut text = String::from("\n## Over HTTP\n\n");
    let _ = writeln!(text, "{} are left out for good{}.", skipped.len(), listed(&skipped));
    let _ = writeln!(text, "{count} wait until the server can establish their facts:\n");
    text.push_str("| Waits for | Count | Stories |\n|---|---|---|\n");
    for (waits, stories) in waiting {
        let _ = writeln!(text, "| {waits} | {} | {} |", stories.len(), stories.join(", "));
    }
    text
}

fn listed(links: &[String]) -> String {
    if links.is_empty() { String::new() } else { format!(": {}", links.join(", ")) }
}

fn link(story: &Story) -> String {
    format!("[{}](stories/{}.json)", story.slug, story.slug)
}

/// The stories of a rule whose proof is of that sort, as links.
fn links(rule: &Rule, stories: &[Story], wanted: fn(Proof) -> bool) -> String {
    let proves = |story: &&Story| story.rules.get(&rule.number).is_some_and(|proof| wanted(*proof));
    stories.iter().filter(proves).map(link).collect::<Vec<_>>().join(", ")
}

/// The systems that have the rule; in parentheses where no story of the rule names them.
fn systems(rule: &Rule, stories: &[Story]) -> String {
    let told = |system: System| {
        let mut stories = stories.iter().filter(|story| story.rules.contains_key(&rule.number));
        stories.any(|story| story.systems.contains(&system))
    };
    let name = |system: &System| if told(*system) { system.name().into() } else { format!("({})", system.name()) };
    rule.systems.iter().map(name).collect::<Vec<_>>().join(", ")
}
