//! Core natively, for `cargo xtask bench core`.
//!
//! - `input FOLDER` writes, for each number of lines: the question in canonical bytes, the cart as JSON, the quote as JSON.
//! - `serve` reads lines `decide LINES TIMES` or `digest LINES TIMES` and answers each with the nanoseconds it took.
//! - `decide LINES TIMES` and `digest LINES TIMES` do that once and print nothing.
//! - `count MODULE` writes MODULE with a counter beside it, as `counting.wasm`.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use std::{fs, io};

use tearoff_bench::held::Held;
use tearoff_bench::{count, question};
use tearoff_core::evaluate;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match *words.as_slice() {
        ["input", folder] => input(Path::new(folder)),
        ["serve"] => serve(io::stdin().lock(), io::stdout().lock()),
        ["count", module] => counting(Path::new(module)),
        [what, lines, times] => once(what, lines, times),
        _ => Err("see the sources for what to say".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn input(folder: &Path) -> Result<(), String> {
    let write =
        |name: String, bytes: Vec<u8>| fs::write(folder.join(&name), bytes).map_err(|cause| format!("{name}: {cause}"));
    for lines in question::LINES {
        let held = question::held(lines);
        let quote = evaluate(&held.snapshot.evaluation(&held.cart));
        write(format!("{lines}.bin"), question::bytes(&held))?;
        write(format!("{lines}.cart.json"), json(&question::cart(lines))?)?;
        write(format!("{lines}.quote.json"), json(&quote)?)?;
    }
    Ok(())
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec(value).map_err(|cause| cause.to_string())
}

/// Questions are made when they are first asked for, and kept.
#[derive(Default)]
struct Questions(BTreeMap<usize, Held>);

impl Questions {
    /// Nanoseconds that answering takes.
    fn answer(&mut self, what: &str, lines: &str, times: &str) -> Result<u128, String> {
        let lines: usize = lines.parse().map_err(|_| format!("`{lines}` is no number of lines"))?;
        let times: u32 = times.parse().map_err(|_| format!("`{times}` is no number of times"))?;
        let held = self.0.entry(lines).or_insert_with(|| question::held(lines));
        let begun = Instant::now();
        match what {
            "decide" => held.decide(times),
            "digest" => held.digest(times),
            _ => return Err(format!("`{what}` is nothing to measure")),
        }
        Ok(begun.elapsed().as_nanos())
    }
}

fn once(what: &str, lines: &str, times: &str) -> Result<(), String> {
    Questions::default().answer(what, lines, times).map(drop)
}

fn serve(asked: impl BufRead, mut answers: impl Write) -> Result<(), String> {
    let mut questions = Questions::default();
    for line in asked.lines() {
        let line = line.map_err(|cause| cause.to_string())?;
        let words: Vec<&str> = line.split(' ').collect();
        let [what, lines, times] = *words.as_slice() else { return Err(format!("`{line}` is no question")) };
        let took = questions.answer(what, lines, times)?;
        writeln!(answers, "{took}").and_then(|()| answers.flush()).map_err(|cause| cause.to_string())?;
    }
    Ok(())
}

fn counting(module: &Path) -> Result<(), String> {
    let fault = |cause: io::Error| format!("{}: {cause}", module.display());
    let made = count::counting(&fs::read(module).map_err(fault)?)?;
    fs::write(module.with_file_name("counting.wasm"), made).map_err(fault)
}
