//! The table of what was measured, beside what core aims at.

use std::fmt::Write;

use super::counts::Counted;
use super::measured::{Measured, Time};
use super::modules::Weights;

/// What a figure aims at.
#[derive(Clone, Copy)]
enum Aim {
    AtMost(f64),
    AtLeast(f64),
    LessThan(f64),
}
use Aim::{AtLeast, AtMost, LessThan};

/// A time to be aimed at: what, in how many lines, in how many microseconds at most.
const TIMES: [(&str, u32, f64); 10] = [
    ("native decide", 5, 1.5),
    ("native decide", 50, 15.0),
    ("node decide", 5, 2.5),
    ("node decide", 50, 25.0),
    ("chromium decide", 5, 2.5),
    ("chromium decide", 50, 25.0),
    ("node digest", 5, 10.0),
    ("node digest", 50, 90.0),
    ("chromium digest", 5, 10.0),
    ("chromium digest", 50, 90.0),
];
/// How many times as long as core, at five lines, somebody else shall take.
const PEERS: [(&str, f64); 3] = [("medusa percent", 20.0), ("json-rules-engine", 8.0), ("dinero", 3.0)];
/// Ten times the lines may take so many times as long.
const GROWTH_MAX: f64 = 12.0;
/// What others allow a function to execute, here for 200 lines.
const INSTRUCTIONS_MAX: f64 = 11_000_000.0;
/// What core may add to reading questions and writing answers, in brotli bytes.
const WEIGHT_MAX: f64 = 20_000.0;

impl Aim {
    const fn is_met(self, value: f64) -> bool {
        match self {
            AtMost(bound) => value <= bound,
            AtLeast(bound) => value >= bound,
            LessThan(bound) => value < bound,
        }
    }

    const fn parts(self) -> (&'static str, f64) {
        match self {
            AtMost(bound) => ("<=", bound),
            AtLeast(bound) => (">=", bound),
            LessThan(bound) => ("<", bound),
        }
    }
}

/// The whole report.
pub(super) fn table(measured: &Measured, weights: &Weights, counted: Option<&Counted>) -> String {
    let mut table = String::from(
        "Core and others, in one run: every figure is the median of rounds in which all take turns. What else the machine did is in the\n\
         times, so compare them with each other; ratios are medians of the rounds' own ratios, and counts are the same on any day.\n\n",
    );
    for (name, words) in &measured.notes {
        let _infallible = writeln!(table, "{name:<12}{words}");
    }
    table.push_str("\nAimed at\n");
    for (what, value, unit, aim) in aims(measured, weights) {
        table.push_str(&aimed(&what, value, unit, aim));
    }
    let optimized = if weights.optimized { "" } else { ", without wasm-opt" };
    let _infallible = write!(
        table,
        "\nWeight, brotli bytes{optimized}\n{:<44}{:>12}\n{:<44}{:>12}\n{:<44}{:>12}\n",
        "reading questions, writing answers",
        weights.echoing,
        "deciding and pricing, on top of that",
        weights.evaluation,
        "hints and digests, on top of that",
        weights.comparison
    );
    table.push_str(&times(measured.times()));
    table.push_str(&sums(measured));
    table.push_str("\nWebAssembly instructions of one evaluation\n");
    for count in &measured.counts {
        let _infallible = writeln!(table, "{:<8}{:>5}{:>10}", count.name, count.lines, count.count);
    }
    if let Some(counted) = counted {
        let _infallible = write!(table, "\nInstructions of one evaluation, native, by callgrind\n{}", counted.table());
    }
    table
}

type Row = (String, Option<f64>, &'static str, Aim);

fn aims(measured: &Measured, weights: &Weights) -> Vec<Row> {
    let time = |(name, lines, most): (&str, u32, f64)| {
        let took = measured.nanoseconds(name, lines).map(|nanoseconds| nanoseconds / 1000.0);
        (format!("{name}, {lines} lines"), took, "us", AtMost(most))
    };
    let peer = |(name, least): (&str, f64)| {
        let ratio = measured.ratio((name, 5), ("native decide", 5));
        (format!("{name} / native decide, 5 lines"), ratio, "times", AtLeast(least))
    };
    let growth = |name: &str| {
        let ratio = measured.ratio((name, 500), (name, 50));
        (format!("{name}, 500 lines / 50 lines"), ratio, "times", AtMost(GROWTH_MAX))
    };
    let count = |name: &str| {
        let count = measured.count(name, 200).map(|count| count as f64);
        (format!("wasm instructions, {name}, 200 lines"), count, "", LessThan(INSTRUCTIONS_MAX))
    };
    // A page prices with hints and digests, so they belong to what core adds to it.
    let added = weights.evaluation.saturating_add(weights.comparison);
    let weight =
        ("deciding, pricing, hints and digests, weight".to_owned(), Some(added as f64), "B", AtMost(WEIGHT_MAX));
    let mut rows: Vec<Row> = TIMES.into_iter().map(time).collect();
    rows.extend(PEERS.map(peer));
    rows.extend(["native decide", "node decide", "chromium decide"].map(growth));
    rows.extend(["decide", "digest"].map(count));
    rows.push(weight);
    rows
}

fn aimed(what: &str, value: Option<f64>, unit: &str, aim: Aim) -> String {
    let (sign, bound) = aim.parts();
    let (told, verdict) = match value {
        None => ("-".to_owned(), "not measured"),
        Some(value) => (number(value), if aim.is_met(value) { "met" } else { "MISSED" }),
    };
    format!("{what:<44}{told:>12} {unit:<6}{sign:>2} {:<12}{verdict}\n", number(bound))
}

/// A number with as many digits as it deserves.
fn number(value: f64) -> String {
    if value.fract().abs() < 1e-9 || value >= 1000.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

fn times(times: &[Time]) -> String {
    let mut table = format!("\n{:<32}{:>6}{:>12}{:>12}{:>12}\n", "Microseconds", "lines", "median", "least", "most");
    for time in times {
        let (least, most) = time.range();
        let [median, least, most] = [time.median(), least, most].map(|nanoseconds| nanoseconds / 1000.0);
        let _infallible = writeln!(table, "{:<32}{:>6}{median:>12.3}{least:>12.3}{most:>12.3}", time.name, time.lines);
    }
    table
}

fn sums(measured: &Measured) -> String {
    let mut table = format!("\n{:<32}{:>6}{:>12}{:>12}\n", "Shares of a discount, cents", "lines", "whole", "shares");
    for sum in &measured.sums {
        let verdict = match (sum.holds(), sum.cents) {
            (true, _) => "the shares are the whole",
            (false, true) => "THE SHARES ARE NOT THE WHOLE",
            (false, false) => "the shares have fractions of cents, which nobody can charge",
        };
        let _infallible =
            writeln!(table, "{:<32}{:>6}{:>12}{:>12}  {verdict}", sum.name, sum.lines, sum.whole, sum.shares);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{AtLeast, AtMost, LessThan, Measured, number};
    use super::{Weights, aimed, table};

    #[test]
    fn an_aim_is_met_or_missed() {
        for (value, aim, met) in [
            (Some(1.5), AtMost(1.5), "met"),
            (Some(1.51), AtMost(1.5), "MISSED"),
            (Some(20.0), AtLeast(20.0), "met"),
            (Some(19.9), AtLeast(20.0), "MISSED"),
            (Some(11.0), LessThan(11.0), "MISSED"),
            (None, AtMost(1.0), "not measured"),
        ] {
            let row = aimed("what", value, "us", aim);
            assert!(row.ends_with(&format!(" {met}\n")), "{row}");
        }
    }

    #[test]
    fn numbers_have_the_digits_they_deserve() {
        for (value, want) in [(1.5, "1.50"), (15.0, "15"), (11_000_000.0, "11000000"), (1234.5, "1234"), (0.0, "0")] {
            assert_eq!(number(value), want);
        }
    }

    #[test]
    fn the_table_says_what_was_missed_and_whose_shares_do_not_add_up() {
        let printed = "time\tnative decide\t5\t1600.0\ntime\tdinero\t5\t8000.0\nsums\tcore\t5\t99\t99\ttrue\nsums\tmedusa percent\t5\t99\t99\tfalse\n";
        let weights = Weights { echoing: 100, evaluation: 19_996, comparison: 5, optimized: true };
        let table = table(&Measured::parse(printed).expect("valid"), &weights, None);
        for (begins, ends) in [
            ("native decide, 5 lines ", " 1.50        MISSED"),
            ("dinero / native decide, 5 lines ", ">= 3           met"),
            ("node decide, 5 lines ", "not measured"),
            ("deciding, pricing, hints and digests, weight ", "20001 B     <= 20000       MISSED"),
            ("core ", "the shares are the whole"),
            ("medusa percent ", "which nobody can charge"),
        ] {
            let found = table.lines().any(|line| line.starts_with(begins) && line.ends_with(ends));
            assert!(found, "{begins} … {ends}\n{table}");
        }
    }
}
