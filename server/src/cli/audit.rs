//! `tearoff audit`: what is wrong with promotions before anybody uses them (R67).

mod read;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use tearoff_core::audit::{Finding, Severity};
use tearoff_core::time::format_instant;

use super::lines::{Broken, Source, ended, write};
use crate::clock::{Clock, SystemClock};
use read::findings;

/// Where the promotions come from.
#[derive(Debug, clap::Args)]
pub(super) struct Input {
    /// File with one JSON object; standard input when `-`
    ///
    /// Either `site` and `promotions`, as in a request of `tearoff quote` or as the interface serves them; `now_at`, which is now
    /// when it is absent; and `catalog`, a list or as it is served, where items shall be looked up. Or a seed: then every site of it.
    file: PathBuf,
}

/// Most bytes of a file: a catalog and thousands of promotions.
const FILE_MAX: u64 = 64 * 1024 * 1024;

/// Tells every finding.
///
/// # Errors
/// [`Broken`], also where the file holds something else than promotions.
pub(super) fn run(input: &Input) -> Result<ExitCode, Broken> {
    let text = Source::open(Some(&input.file))?.read_all(FILE_MAX)?;
    let now = format_instant(SystemClock.now());
    let findings = findings(&text, &now).map_err(|faults| Broken::invalid(&input.file, &faults))?;
    let mut out = io::stdout().lock();
    let written = if out.is_terminal() { write_text(&findings, &mut out) } else { write_lines(&findings, &mut out) };
    ended(written.and_then(|()| Ok(out.flush()?)))?;
    let clean = findings.iter().all(|finding| finding.severity == Severity::Note);
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_lines(findings: &[Finding], out: &mut dyn Write) -> Result<(), Broken> {
    findings.iter().try_for_each(|finding| write(finding, out))
}

/// One promotion after the other, each with what was found, the worst first.
fn write_text(findings: &[Finding], out: &mut dyn Write) -> Result<(), Broken> {
    for of_one in findings.chunk_by(|one, two| one.promotion == two.promotion) {
        let mut sorted: Vec<&Finding> = of_one.iter().collect();
        sorted.sort_by_key(|finding| finding.severity);
        for (index, finding) in sorted.into_iter().enumerate() {
            if index == 0 {
                writeln!(out, "{}", finding.promotion)?;
            }
            let Finding { severity, field, rule, message, .. } = finding;
            writeln!(out, "  {:<14} {message} ({field}, R{rule})", words(*severity))?;
        }
    }
    Ok(())
}

const fn words(severity: Severity) -> &'static str {
    match severity {
        Severity::NeverApplies => "never applies",
        Severity::Contradiction => "contradiction",
        Severity::Shadowed => "shadowed",
        Severity::NotChecked => "not checked",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &[u8] = include_bytes!("../../../core/examples/audit.json");

    #[test]
    fn the_example_is_told_as_text_and_as_lines() {
        let findings = findings(EXAMPLE, "2026-11-20T10:00:00Z").unwrap();
        let mut text = Vec::new();
        write_text(&findings, &mut text).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), TEXT);
        let mut lines = Vec::new();
        write_lines(&findings, &mut lines).unwrap();
        let first: serde_json::Value =
            serde_json::from_slice(lines.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
        assert_eq!((&first["code"], &first["rule"]), (&"weekdays_outside_window".into(), &27.into()));
    }

    const TEXT: &str = "\
prm_quiet
  never applies  It is for appointments from 2026-12-07 to 2026-12-09, in which there is no sat or sun. (conditions.weekdays, R27)
  note           Nothing bounds what it takes off in EUR. (limits, R67)
prm_first100
  note           It takes off at most 1000.00 EUR in all. (limits, R67)
";

    #[test]
    fn faults_are_told_with_their_fields() {
        for (text, field) in [("{", "body"), ("{}", "site"), ("[]", "body"), (r#"{"site":1}"#, "site")] {
            assert_eq!(findings(text.as_bytes(), "2026-11-20T10:00:00Z").unwrap_err()[0].field, field, "{text}");
        }
    }
}
