//! `tearoff quote`: the evaluation the server makes, with any facts given.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;
use tearoff_core::invalid::{Fault, InvalidField};
use tearoff_core::standalone::{EvaluationRequest, Question};

use crate::json;

/// Longest line: a cart at its bounds with thousands of promotions.
const LINE_MAX: u64 = 8 * 1024 * 1024;

/// Where the requests come from.
#[derive(Debug, clap::Args)]
pub(super) struct Input {
    /// File with one request per line; standard input when absent
    file: Option<PathBuf>,
}

/// Why not every line was answered. A line at fault is none of these: it is answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The input cannot be read, or not to its end.
    #[error("the input cannot be read: {0}")]
    Unreadable(io::Error),
    /// Nobody takes the answers.
    #[error("the answers cannot be written: {0}")]
    Unwritable(#[from] io::Error),
}

impl Broken {
    /// The exit code that tells it.
    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Unreadable(_) => 2,
            Self::Unwritable(_) => 1,
        })
    }
}

/// Answers every line.
///
/// # Errors
/// [`Broken`].
pub(super) fn run(input: &Input) -> Result<(), Broken> {
    let mut out = BufWriter::new(io::stdout().lock());
    let answered = match &input.file {
        None => answer_all(&mut io::stdin().lock(), &mut out),
        Some(path) => answer_all(&mut BufReader::new(File::open(path).map_err(Broken::Unreadable)?), &mut out),
    };
    match answered {
        // Whoever reads has seen enough.
        Err(Broken::Unwritable(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A line that is at fault.
#[derive(Serialize)]
struct Refused {
    line: u64,
    error: Errors,
}

#[derive(Serialize)]
struct Errors {
    errors: Vec<InvalidField>,
}

fn answer_all(input: &mut dyn BufRead, out: &mut dyn Write) -> Result<(), Broken> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let taken = io::Read::take(&mut *input, LINE_MAX).read_until(b'\n', &mut line).map_err(Broken::Unreadable)?;
        if taken == 0 {
            break;
        }
        let whole = line.ends_with(b"\n") || (taken as u64) < LINE_MAX;
        if !whole {
            skip_line(input).map_err(Broken::Unreadable)?;
        }
        let answered = if whole { answer(line.trim_ascii()) } else { Err(vec![too_long()]) };
        match answered {
            Ok(answer) => out.write_all(&answer)?,
            Err(errors) => {
                let refused = Refused { line: number, error: Errors { errors } };
                serde_json::to_writer(&mut *out, &refused).map_err(io::Error::from)?;
            }
        }
        out.write_all(b"\n")?;
        // Whoever writes line by line reads line by line.
        out.flush()?;
    }
    Ok(())
}

fn answer(text: &[u8]) -> Result<Vec<u8>, Vec<InvalidField>> {
    if text.is_empty() {
        let message = "must be an object, and the line is empty".into();
        return Err(vec![InvalidField { field: "body".into(), code: Fault::Required, message }]);
    }
    let request: EvaluationRequest = json::parse(text).map_err(|fault| vec![fault])?;
    let answer = Question::parse(&request)?.answer();
    serde_json::to_vec(&answer).map_err(|error| {
        vec![InvalidField { field: "body".into(), code: Fault::Malformed, message: error.to_string().into() }]
    })
}

fn too_long() -> InvalidField {
    InvalidField {
        field: "body".into(),
        code: Fault::OutOfBounds,
        message: format!("must have less than {LINE_MAX} bytes").into(),
    }
}

/// Reads on to the end of the line, keeping nothing.
fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (length, done) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at.saturating_add(1), true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(length);
        if done {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(input: &[u8]) -> Vec<serde_json::Value> {
        let mut out = Vec::new();
        answer_all(&mut &*input, &mut out).unwrap();
        out.split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    const GOOD: &str = r#"{"site":{"currency":"EUR","zone":"Europe/Athens"},"cart":{"lines":[]},"facts":{"now_at":"2026-12-01T16:00:00Z"}}"#;

    #[test]
    fn a_bad_line_does_not_stop_the_others() {
        let input = format!("{GOOD}\nnonsense\n\n{{\"site\":1}}\n{GOOD}");
        let answers = answers(input.as_bytes());
        assert_eq!(answers.len(), 5);
        assert_eq!(answers[0]["quote"]["total_minor"], 0);
        assert_eq!((&answers[1]["line"], &answers[1]["error"]["errors"][0]["field"]), (&2.into(), &"body".into()));
        assert_eq!((&answers[2]["line"], &answers[2]["error"]["errors"][0]["code"]), (&3.into(), &"required".into()));
        assert_eq!((&answers[3]["line"], &answers[3]["error"]["errors"][0]["field"]), (&4.into(), &"site".into()));
        assert_eq!(answers[4], answers[0]);
    }

    #[test]
    fn a_huge_line_is_refused_and_skipped() {
        let mut input = vec![b' '; usize::try_from(LINE_MAX).unwrap() + 10];
        input.push(b'\n');
        input.extend_from_slice(GOOD.as_bytes());
        let answers = answers(&input);
        assert_eq!(answers[0]["error"]["errors"][0]["code"], "out_of_bounds");
        assert_eq!(answers[1]["engine"], tearoff_core::ENGINE);
    }
}
