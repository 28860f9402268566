//! What was measured, as a table that a document may hold, beside what is aimed at.

use std::fmt::Write;

use crate::load::Came;
use crate::rounds::{Aged, CLIENTS, CLIENTS_OF_FIXED, Database, Measured, SHARE, Side, Weight, What};

/// What a ratio aims at.
#[derive(Clone, Copy, Debug)]
enum Aim {
    AtMost(f64),
    AtLeast(f64),
}

impl Aim {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(bound) => value <= bound,
            Self::AtLeast(bound) => value >= bound,
        }
    }

    fn verdict(self, value: f64) -> &'static str {
        if self.is_met(value) { "met" } else { "**missed**" }
    }

    fn words(self) -> String {
        match self {
            Self::AtMost(bound) => format!("at most {bound:.2}"),
            Self::AtLeast(bound) => format!("at least {bound:.2}"),
        }
    }
}

/// How long a server may take to start, in seconds.
const START_SECONDS_MAX: f64 = 2.0;

type Of = (What, usize, Side);
type Figure = fn(&Came) -> f64;

const RATE: Figure = |came| came.rate;
const P50: Figure = |came| came.p50;
const P99: Figure = |came| came.p99;

/// The whole report.
#[must_use]
pub fn report(measured: &Measured, weight: &Weight, counted: f64) -> String {
    let rounds = measured.values().map(Vec::len).max().unwrap_or_default();
    let mut text = format!(
        "Medians of {rounds} rounds in which all take turns, {counted} s each; sender and servers share {} processors. A redemption adds \
         {:.0} bytes in {} trees to the SQLite file, one of the floor {:.0}.\n\n",
        std::thread::available_parallelism().map_or(1, usize::from),
        weight.ours,
        weight.trees,
        weight.floor,
    );
    text.push_str(&aims(measured));
    if let Some(aged) = &weight.history {
        text.push_str(&history(aged));
    }
    text.push_str(&figures(measured));
    text
}

/// What a long history costs, beside what it may.
fn history(aged: &Aged) -> String {
    let Aged { start, late, early } = *aged;
    let start = (format!("seconds to start after a million orders: {start:.2}"), start, Aim::AtMost(START_SECONDS_MAX));
    let pages = |of: &str, late: f64, early: f64| {
        let what = format!(
            "pages of the SQLite file that {of} touches, after a million orders ({late:.0}) / without ({early:.0})"
        );
        (what, late / early, Aim::AtMost(1.5))
    };
    let all =
        [start, pages("a quote", late.quote, early.quote), pages("a redemption", late.redemption, early.redemption)];
    all.into_iter()
        .map(|(what, value, aim)| format!("| {what} | {value:.2} | | {} | {} |\n", aim.words(), aim.verdict(value)))
        .collect()
}

fn aims(measured: &Measured) -> String {
    use Database::{Postgres, Sqlite};
    let fixed = format!("SQLite, {:.0} % of the floor's rate: p99 / floor's", 100.0 * SHARE);
    let mut aims: Vec<(&str, Of, Of, Figure, Aim)> = vec![
        (
            "SQLite, 64 clients: redemptions / floor's",
            (What::Many(Sqlite), 64, Side::Ours),
            (What::Many(Sqlite), 64, Side::Floor),
            RATE,
            Aim::AtLeast(0.5),
        ),
        (
            &fixed,
            (What::Fixed(Sqlite), CLIENTS_OF_FIXED, Side::Ours),
            (What::Fixed(Sqlite), CLIENTS_OF_FIXED, Side::Floor),
            P99,
            Aim::AtMost(2.0),
        ),
        (
            "SQLite, 1 client: p50 / floor's",
            (What::Many(Sqlite), 1, Side::Ours),
            (What::Many(Sqlite), 1, Side::Floor),
            P50,
            Aim::AtMost(2.0),
        ),
        (
            "SQLite, 64 clients: quotes / echo server's",
            (What::Quotes(Sqlite), 64, Side::Ours),
            (What::Quotes(Sqlite), 64, Side::Floor),
            RATE,
            Aim::AtLeast(1.0 / 3.0),
        ),
        (
            "PostgreSQL, one promotion, 64 clients: redemptions / naive server's",
            (What::Hot(Postgres), 64, Side::Ours),
            (What::Hot(Postgres), 64, Side::Floor),
            RATE,
            Aim::AtLeast(3.0),
        ),
        (
            "PostgreSQL, one promotion: redemptions with 64 clients / with 16",
            (What::Hot(Postgres), 64, Side::Ours),
            (What::Hot(Postgres), 16, Side::Ours),
            RATE,
            Aim::AtLeast(0.8),
        ),
        (
            "PostgreSQL, one promotion: redemptions with 256 clients / with 16",
            (What::Hot(Postgres), 256, Side::Ours),
            (What::Hot(Postgres), 16, Side::Ours),
            RATE,
            Aim::AtLeast(0.8),
        ),
    ];
    for (words, what) in [
        ("SQLite, 1 client, after a million orders: p50 of a redemption / without", What::Late),
        ("SQLite, 1 client, after a million orders: p50 of a quote / without", What::LateQuotes),
    ] {
        aims.push((words, (what, 1, Side::Ours), (what, 1, Side::Floor), P50, Aim::AtMost(1.25)));
    }
    let mut table = String::from("| aimed at | ratio | of the rounds | aim | |\n|---|---:|---:|---|---|\n");
    for (what, one, other, figure, aim) in aims {
        let Some(ratios) = ratios(measured, one, other, figure) else { continue };
        let (least, ratio, most) = spread(ratios);
        let _infallible = writeln!(
            table,
            "| {what} | {ratio:.2} | {least:.2} to {most:.2} | {} | {} |",
            aim.words(),
            aim.verdict(ratio)
        );
    }
    table
}

fn figures(measured: &Measured) -> String {
    let mut table = String::from(
        "\n| | clients | a second | p50 ms | p99 ms | held against | a second | p50 ms | p99 ms |\n\
         |---|---:|---:|---:|---:|---|---:|---:|---:|\n",
    );
    let whats = [Database::Sqlite, Database::Postgres]
        .into_iter()
        .flat_map(|database| [What::Many(database), What::Hot(database), What::Fixed(database)])
        .chain([What::Quotes(Database::Sqlite), What::Quotes(Database::Postgres), What::Late, What::LateQuotes]);
    for (what, clients) in whats.flat_map(|what| CLIENTS.map(|clients| (what, clients))) {
        let Some(ours) = measured.get(&(what, clients, Side::Ours)) else { continue };
        let theirs = measured.get(&(what, clients, Side::Floor));
        let (name, against) = names(what);
        let against = theirs.map_or("", |_| against);
        let theirs = theirs.map_or_else(|| "| | ".to_owned(), |came| told(came));
        let _infallible = writeln!(table, "| {name} | {clients} | {} | {against} | {theirs} |", told(ours));
    }
    table
}

fn names(what: What) -> (&'static str, &'static str) {
    match what {
        What::Many(Database::Sqlite) => ("redemptions, SQLite, 200 promotions", "floor"),
        What::Hot(Database::Sqlite) => ("redemptions, SQLite, one promotion", "floor"),
        What::Fixed(Database::Sqlite) => ("the same, 200 promotions, at a fixed rate", "floor"),
        What::Many(Database::Postgres) => ("redemptions, PostgreSQL, 200 promotions", "naive server"),
        What::Hot(Database::Postgres) => ("redemptions, PostgreSQL, one promotion", "naive server"),
        What::Fixed(Database::Postgres) => ("the same, 200 promotions, at a fixed rate", "naive server"),
        What::Quotes(Database::Sqlite) => ("quotes, SQLite", "echo server"),
        What::Quotes(Database::Postgres) => ("quotes, PostgreSQL", "echo server"),
        What::Late => ("redemptions, SQLite, after a million orders", "without them"),
        What::LateQuotes => ("quotes, SQLite, after a million orders", "without them"),
    }
}

fn told(came: &[Came]) -> String {
    let median = |figure: Figure| spread(came.iter().map(figure).collect()).1;
    format!("{:.0} | {:.2} | {:.2}", median(RATE), median(P50), median(P99))
}

fn ratios(measured: &Measured, one: Of, other: Of, figure: Figure) -> Option<Vec<f64>> {
    let (one, other) = (measured.get(&one)?, measured.get(&other)?);
    Some(one.iter().zip(other).map(|(one, other)| figure(one) / figure(other)).collect())
}

/// The least, the middle one and the most.
fn spread(mut numbers: Vec<f64>) -> (f64, f64, f64) {
    numbers.sort_by(f64::total_cmp);
    let at = |index: usize| numbers.get(index).copied().unwrap_or_default();
    (at(0), at(numbers.len() / 2), at(numbers.len().saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::{Came, Database, Measured, Side, Weight, What, report};

    #[test]
    fn ratios_are_those_of_the_rounds() {
        let came = |rates: &[f64]| rates.iter().map(|&rate| Came { rate, p50: 1.0, p99: 2.0 }).collect::<Vec<_>>();
        let mut measured = Measured::new();
        let many = What::Many(Database::Sqlite);
        measured.insert((many, 64, Side::Ours), came(&[10.0, 30.0, 50.0]));
        measured.insert((many, 64, Side::Floor), came(&[20.0, 100.0, 62.5]));
        let text = report(&measured, &Weight::default(), 1.0);
        assert!(text.contains("redemptions / floor's | 0.50 | 0.30 to 0.80 | at least 0.50 | met |"), "{text}");
        assert!(
            text.contains("| redemptions, SQLite, 200 promotions | 64 | 30 | 1.00 | 2.00 | floor | 62 | 1.00 | 2.00 |"),
            "{text}"
        );
        assert!(!text.contains("PostgreSQL"), "{text}");
    }
}
