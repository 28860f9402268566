//! `tearoff replay`: what this engine makes of answers that were kept with their requests (R67).

mod database;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tearoff_core::ENGINE;
use tearoff_core::invalid::{Fault, InvalidField};
use tearoff_core::standalone::{EvaluationRequest, Question};

use super::database::Which;
use super::lines::{Broken, Line, Source, ended, refused, write};
use super::progress::Progress;
use crate::json;

/// Where the answers come from.
#[derive(Debug, clap::Args)]
pub(super) struct Input {
    /// File with what `tearoff quote --keep-request` wrote; standard input when absent or `-`
    file: Option<PathBuf>,
    /// Every redemption that a database keeps, in place of a file; a server may be running beside
    #[arg(long, conflicts_with = "file")]
    all: bool,
    #[command(flatten)]
    database: Which,
}

/// A line of `tearoff quote --keep-request`. Answers may gain fields.
#[derive(Deserialize)]
struct Kept {
    #[serde(default)]
    request: Option<EvaluationRequest>,
    #[serde(default)]
    engine: u32,
    #[serde(default)]
    quote: Value,
    #[serde(default)]
    digests: Value,
    /// A request that was refused.
    #[serde(default)]
    error: Option<IgnoredAny>,
}

/// What a replay says of a line whose answer is another today.
#[derive(Debug, Serialize)]
struct Differs {
    line: u64,
    /// Which engine answered then.
    engine: u32,
    differences: Vec<Difference>,
}

/// One value that differs.
#[derive(Debug, PartialEq, Serialize)]
struct Difference {
    field: String,
    then: Value,
    now: Value,
}

/// Most differences told of one line: one wrong price shows in many sums.
const DIFFERENCES_MAX: usize = 50;

/// How many lines were what.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Count {
    /// This engine's number.
    engine: u32,
    lines: u64,
    same: u64,
    differ: u64,
    /// Of those, or of the same ones, answered by another engine.
    other_engine: u64,
    /// Requests that were refused then.
    skipped: u64,
    /// Lines that cannot be replayed.
    at_fault: u64,
}

/// Replays every line.
///
/// # Errors
/// [`Broken`].
pub(super) fn run(input: &Input) -> Result<ExitCode, Broken> {
    if input.all {
        return database::run(&input.database.named()?);
    }
    if input.database.is_told() {
        return Err(Broken::Invalid("`--database` goes with `--all`".into()));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let source = Source::open(input.file.as_deref())?;
    let mut progress = Progress::new("answers", source.bytes);
    let mut count = Count { engine: ENGINE, ..Count::default() };
    let replayed = source.for_each(|line| {
        replay_line(&line, &mut count, &mut out)?;
        progress.advance(line.read, count.lines);
        Ok(())
    });
    progress.done(count.lines);
    ended(replayed.and_then(|()| write(&count, &mut out)).and_then(|()| Ok(out.flush()?)))?;
    Ok(if count.differ == 0 && count.at_fault == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn replay_line(line: &Line<'_>, count: &mut Count, out: &mut dyn Write) -> Result<(), Broken> {
    if line.is_empty() {
        return Ok(());
    }
    let add = |to: &mut u64| *to = to.saturating_add(1);
    add(&mut count.lines);
    let kept = line.text.clone().and_then(json::parse::<Kept>);
    let replayed = match kept {
        Ok(Kept { error: Some(IgnoredAny), .. }) => {
            add(&mut count.skipped);
            return Ok(());
        }
        Ok(kept) => compare(kept),
        Err(fault) => Err(vec![fault]),
    };
    match replayed {
        Ok((engine, differences)) => {
            if engine != ENGINE {
                add(&mut count.other_engine);
            }
            if differences.is_empty() {
                add(&mut count.same);
                return Ok(());
            }
            add(&mut count.differ);
            write(&Differs { line: line.number, engine, differences }, out)
        }
        Err(errors) => {
            add(&mut count.at_fault);
            write(&refused(line.number, errors), out)
        }
    }
}

/// What differs between then and now, and which engine answered then.
fn compare(kept: Kept) -> Result<(u32, Vec<Difference>), Vec<InvalidField>> {
    let missing =
        |field: &str| vec![InvalidField { field: field.into(), code: Fault::Required, message: "is required".into() }];
    let request = kept.request.ok_or_else(|| missing("request"))?;
    if !kept.quote.is_object() {
        return Err(missing("quote"));
    }
    // A request's own faults are told at their places in the line.
    let within = |mut faults: Vec<InvalidField>| {
        faults.iter_mut().for_each(|fault| fault.field = format!("request.{}", fault.field));
        faults
    };
    let answer = Question::parse(&request).map_err(within)?.answer();
    let fault = |error: serde_json::Error| {
        vec![InvalidField { field: "body".into(), code: Fault::Malformed, message: error.to_string().into() }]
    };
    let quote = serde_json::to_value(&answer.quote).map_err(fault)?;
    let digests = serde_json::to_value(answer.digests).map_err(fault)?;
    let mut found = Vec::new();
    differences("quote", kept.quote, quote, &mut found);
    // Another engine has other digests of the same answer.
    if kept.engine == ENGINE && kept.digests.is_object() {
        differences("digests", kept.digests, digests, &mut found);
    }
    Ok((kept.engine, found))
}

/// Collects what differs, value by value. What only today's answer has is no difference: answers may gain fields. Hints are advice,
/// no part of what was decided.
fn differences(field: &str, then: Value, now: Value, found: &mut Vec<Difference>) {
    if then == now || found.len() >= DIFFERENCES_MAX {
        return;
    }
    match (then, now) {
        (Value::Object(then), Value::Object(mut now)) => {
            for (name, then) in then.into_iter().filter(|(name, _)| name != "hints") {
                let now = now.remove(&name).unwrap_or_default();
                let below = if field.is_empty() { name } else { format!("{field}.{name}") };
                differences(&below, then, now, found);
            }
        }
        (Value::Array(then), Value::Array(now)) if then.len() == now.len() => {
            for (index, (then, now)) in then.into_iter().zip(now).enumerate() {
                differences(&format!("{field}[{index}]"), then, now, found);
            }
        }
        (then, now) => found.push(Difference { field: field.into(), then, now }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::for_each_line;
    use super::*;
    use serde_json::json;

    fn kept() -> Value {
        let request: Value =
            serde_json::from_str(include_str!("../../../core/examples/request.jsonl").lines().next().unwrap()).unwrap();
        let asked: EvaluationRequest = serde_json::from_value(request.clone()).unwrap();
        let mut kept = serde_json::to_value(Question::parse(&asked).unwrap().answer()).unwrap();
        kept["request"] = request;
        kept
    }

    fn replayed(lines: &[Value]) -> (Vec<Value>, Count) {
        let (mut out, mut count) = (Vec::new(), Count::default());
        let input = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        for_each_line(&mut input.as_bytes(), |line| replay_line(&line, &mut count, &mut out)).unwrap();
        let told = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        (told.map(|line| serde_json::from_slice(line).unwrap()).collect(), count)
    }

    #[test]
    fn what_differs_is_told_with_its_field() {
        let with = |pointer: &str, value: Value| {
            let mut kept = kept();
            *kept.pointer_mut(pointer).unwrap() = value;
            kept
        };
        let lines = [
            kept(),
            with("/quote/total_minor", json!(2881)),
            with("/engine", json!(0)),
            with("/digests/result", json!("00")),
            json!({ "line": 5, "error": { "errors": [] } }),
            json!({ "engine": 1 }),
            with("/request/facts/now_at", json!("soon")),
            with("/request/cart/lines/0/quantity", json!(0)),
            with("/quote/decisions/0/hints", json!(["anything"])),
        ];
        let (told, count) = replayed(&lines);
        assert_eq!(
            told[0],
            json!({ "line": 2, "engine": 1, "differences": [
            { "field": "quote.total_minor", "then": 2881, "now": 2880 },
        ] })
        );
        assert_eq!(told[1]["differences"][0]["field"], "digests.result");
        assert_eq!((&told[2]["line"], &told[2]["error"]["errors"][0]["field"]), (&json!(6), &json!("request")));
        assert_eq!(told[3]["error"]["errors"][0]["field"], "request.facts.now_at");
        assert_eq!(told[4]["error"]["errors"][0]["field"], "request.cart.lines[0].quantity");
        let want = Count { engine: 0, lines: 9, same: 3, differ: 2, other_engine: 1, skipped: 1, at_fault: 3 };
        assert_eq!(count, want);
    }
}
