//! `tearoff backtest`: what a draft promotion would have changed on past orders (R67).

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use serde::Serialize;
use tearoff_core::backtest::{Backtest, BacktestOutcome};
use tearoff_core::invalid::InvalidField;
use tearoff_core::standalone::{EvaluationRequest, PromotionRequest};

use super::lines::{Broken, Line, Source, ended, refused, write};
use super::progress::Progress;
use crate::json;

/// Where the draft and the orders come from.
#[derive(Debug, clap::Args)]
pub(super) struct Input {
    /// File with the draft: one of the `promotions` of a request
    #[arg(long, value_name = "DRAFT.json")]
    promotion: PathBuf,
    /// File with one past order per line, each a request of `tearoff quote`; standard input when absent or `-`
    orders: Option<PathBuf>,
}

/// Most bytes of a draft.
const DRAFT_MAX: u64 = 1024 * 1024;

/// What came of it, with the lines that could not be tried.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    outcome: &'a BacktestOutcome,
    at_fault: u64,
}

/// Tries the draft on every order.
///
/// # Errors
/// [`Broken`], also where the draft is at fault, or every order: then nothing was found out.
pub(super) fn run(input: &Input) -> Result<(), Broken> {
    let told = |fault: InvalidField| Broken::invalid(&input.promotion, &[fault]);
    let draft = Source::open(Some(&input.promotion))?.read_all(DRAFT_MAX)?;
    let draft: PromotionRequest = json::parse(&draft).map_err(told)?;
    let mut backtest = Backtest::new(draft).map_err(told)?;
    let source = Source::open(input.orders.as_deref())?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut progress = Progress::new("orders", source.bytes);
    let (mut lines, mut at_fault) = (0_u64, 0_u64);
    let tried = source.for_each(|line| {
        if line.is_empty() {
            return Ok(());
        }
        lines = lines.saturating_add(1);
        if let Err(errors) = try_line(&line, &mut backtest) {
            at_fault = at_fault.saturating_add(1);
            write(&refused(line.number, errors), &mut out)?;
        }
        progress.advance(line.read, lines);
        Ok(())
    });
    progress.done(lines);
    let report = Report { outcome: backtest.outcome(), at_fault };
    ended(tried.and_then(|()| write_report(&report, &mut out)).and_then(|()| Ok(out.flush()?)))?;
    if at_fault > 0 && at_fault == lines {
        return Err(Broken::Invalid(format!("nothing was tried: every order is at fault, {at_fault} of {lines}")));
    }
    Ok(())
}

fn try_line(line: &Line<'_>, backtest: &mut Backtest) -> Result<(), Vec<InvalidField>> {
    let order = line.text.clone().and_then(json::parse::<EvaluationRequest>);
    backtest.add(&order.map_err(|fault| vec![fault])?)
}

fn write_report(report: &Report<'_>, out: &mut dyn Write) -> Result<(), Broken> {
    if !io::stdout().is_terminal() {
        return write(report, out);
    }
    serde_json::to_writer_pretty(&mut *out, report).map_err(io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}

#[cfg(test)]
mod tests {
    use super::super::lines::for_each_line;
    use super::*;

    #[test]
    fn the_example_is_tried_on_the_examples() {
        let draft = json::parse(include_bytes!("../../../core/examples/draft.json")).unwrap();
        let mut backtest = Backtest::new(draft).unwrap();
        let mut faults = 0;
        let orders = format!("{}nonsense\n", include_str!("../../../core/examples/orders.jsonl"));
        for_each_line(&mut orders.as_bytes(), |line| {
            faults += u64::from(try_line(&line, &mut backtest).is_err());
            Ok(())
        })
        .unwrap();
        let mut out = Vec::new();
        write_report(&Report { outcome: backtest.outcome(), at_fault: faults }, &mut out).unwrap();
        let report: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!((&report["orders"], &report["applied"], &report["at_fault"]), (&3.into(), &2.into(), &1.into()));
        assert_eq!(report["currencies"]["EUR"]["cost_minor"], 860);
        assert_eq!(report["reasons"][0]["code"], "minimum_spend_not_met");
    }
}
