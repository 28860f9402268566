//! `tearoff quote`: the evaluation the server makes, with any facts given.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use tearoff_core::invalid::{Fault, InvalidField};
use tearoff_core::standalone::{EvaluationRequest, Question};

use super::lines::{Broken, Line, Source, ended, refused, write};
use crate::json;

/// Where the requests come from.
#[derive(Debug, clap::Args)]
pub(super) struct Input {
    /// File with one request per line; standard input when absent or `-`
    file: Option<PathBuf>,
    /// Put each request into its answer, as `request`: what `tearoff replay` reads
    #[arg(long)]
    keep_request: bool,
}

/// Answers every line.
///
/// # Errors
/// [`Broken`].
pub(super) fn run(input: &Input) -> Result<(), Broken> {
    let mut out = BufWriter::new(io::stdout().lock());
    let source = Source::open(input.file.as_deref())?;
    let answered = source.for_each(|line| answer_line(&line, input.keep_request, &mut out));
    ended(answered.and_then(|()| Ok(out.flush()?)))
}

fn answer_line(line: &Line<'_>, keep_request: bool, out: &mut dyn Write) -> Result<(), Broken> {
    let answered = line.text.clone().map_err(|fault| vec![fault]).and_then(|text| Ok((text, answer(text)?)));
    match answered {
        // A request is one object on one line, and so is its answer: it goes in as it is.
        Ok((text, answer)) if keep_request => {
            out.write_all(b"{\"request\":")?;
            out.write_all(text)?;
            out.write_all(b",")?;
            out.write_all(answer.get(1..).unwrap_or_default())?;
            out.write_all(b"\n")?;
        }
        Ok((_, answer)) => {
            out.write_all(&answer)?;
            out.write_all(b"\n")?;
        }
        Err(errors) => write(&refused(line.number, errors), out)?,
    }
    // Whoever writes line by line reads line by line.
    Ok(out.flush()?)
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

#[cfg(test)]
mod tests {
    use super::super::lines::{LINE_MAX, for_each_line};
    use super::*;

    fn answers(mut input: &[u8], keep_request: bool) -> Vec<serde_json::Value> {
        let mut out = Vec::new();
        for_each_line(&mut input, |line| answer_line(&line, keep_request, &mut out)).unwrap();
        out.split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    const GOOD: &str = r#"{"site":{"currency":"EUR","zone":"Europe/Athens"},"cart":{"lines":[]},"facts":{"now_at":"2026-12-01T16:00:00Z"}}"#;

    #[test]
    fn a_bad_line_does_not_stop_the_others() {
        let input = format!("{GOOD}\nnonsense\n\n{{\"site\":1}}\n{GOOD}");
        let answers = answers(input.as_bytes(), false);
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
        let answers = answers(&input, false);
        assert_eq!(answers[0]["error"]["errors"][0]["code"], "out_of_bounds");
        assert_eq!(answers[1]["engine"], tearoff_core::ENGINE);
    }

    #[test]
    fn a_request_is_kept_as_it_was() {
        let kept = answers(GOOD.as_bytes(), true);
        assert_eq!(kept[0]["request"], serde_json::from_str::<serde_json::Value>(GOOD).unwrap());
        assert_eq!(kept[0]["quote"], answers(GOOD.as_bytes(), false)[0]["quote"]);
    }
}
