//! How far long work has come, on standard error: a bar on a terminal, now and then a plain line elsewhere.

use std::io::{self, IsTerminal, Write};

/// How far a file has been read.
pub(super) struct Progress<W = io::Stderr> {
    out: W,
    /// What the lines are, for example `orders`.
    what: &'static str,
    total: Option<u64>,
    /// What is done before anybody wonders.
    short: u64,
    terminal: bool,
    /// What was shown last: parts of a hundred, or thousands of lines where the end is not known.
    shown: u64,
}

/// Letters of the bar.
const WIDTH: usize = 30;
/// Lines between two signs of life where the end is not known.
const LINES: u64 = 1000;
/// A file of less is done before anybody wonders.
const LONG: u64 = 256 * 1024;

impl Progress {
    pub(super) fn new(what: &'static str, total: Option<u64>) -> Self {
        let out = io::stderr();
        let terminal = out.is_terminal();
        Self { out, what, total, short: LONG, terminal, shown: 0 }
    }
}

impl Progress {
    /// Of so many things that take a while each.
    pub(super) fn counted(what: &'static str, total: u64) -> Self {
        const MANY: u64 = 5000;
        Self { short: MANY, ..Self::new(what, Some(total)) }
    }
}

impl<W: Write> Progress<W> {
    /// `read` bytes are done, and `lines` lines.
    pub(super) fn advance(&mut self, read: u64, lines: u64) {
        if self.total.is_some_and(|total| total < self.short) {
            return;
        }
        let percent = self.total.map(|total| read.saturating_mul(100).checked_div(total).unwrap_or(100).min(100));
        let (now, step) = match percent {
            // Beside a bar every part counts; a log wants a line rarely.
            Some(percent) => (percent, if self.terminal { 1 } else { 25 }),
            None => (lines.checked_div(LINES).unwrap_or(0), if self.terminal { 1 } else { 100 }),
        };
        if now < self.shown.saturating_add(step) {
            return;
        }
        self.shown = now;
        let what = self.what;
        // What cannot be shown is no reason to stop.
        let _ = match (self.terminal, percent) {
            (true, Some(percent)) => write!(self.out, "\r[{}] {percent:3} %  {lines} {what}", bar(percent)),
            (true, None) => write!(self.out, "\r{lines} {what}"),
            (false, Some(percent)) => writeln!(self.out, "{percent} %, {lines} {what}"),
            (false, None) => writeln!(self.out, "{lines} {what}"),
        };
        let _ = self.out.flush();
    }

    /// All is done, or it has broken off: whoever says why begins a line of their own.
    pub(super) fn ended(mut self, lines: u64, whole: bool) {
        if whole {
            self.done(lines);
        } else if self.terminal && self.shown > 0 {
            let _ = writeln!(self.out);
        }
    }

    /// All is done; nothing is said of it where nothing was before.
    pub(super) fn done(mut self, lines: u64) {
        if self.shown == 0 {
            return;
        }
        let what = self.what;
        let _ = if self.terminal {
            // Over the bar, and blanks over what is longer than this.
            writeln!(self.out, "\r{:<width$}", format!("done: {lines} {what}"), width = WIDTH + 40)
        } else {
            writeln!(self.out, "done: {lines} {what}")
        };
    }
}

fn bar(percent: u64) -> String {
    let full = usize::try_from(percent).unwrap_or(100).saturating_mul(WIDTH).checked_div(100).unwrap_or(WIDTH);
    format!("{}{}", "=".repeat(full), " ".repeat(WIDTH.saturating_sub(full)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(total: Option<u64>, terminal: bool, steps: &[(u64, u64)]) -> String {
        let mut out = Vec::new();
        let mut progress = Progress { out: &mut out, what: "orders", total, short: LONG, terminal, shown: 0 };
        steps.iter().for_each(|(read, lines)| progress.advance(*read, *lines));
        progress.done(steps.len() as u64);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_has_broken_off_is_not_done() {
        for (terminal, wanted) in
            [(true, "\r[===============               ]  50 %  2 orders\n"), (false, "50 %, 2 orders\n")]
        {
            let mut out = Vec::new();
            let mut progress =
                Progress { out: &mut out, what: "orders", total: Some(1_000_000), short: LONG, terminal, shown: 0 };
            progress.advance(500_000, 2);
            progress.ended(2, false);
            assert_eq!(String::from_utf8(out).unwrap(), wanted);
        }
    }

    #[test]
    fn a_terminal_has_a_bar_and_a_log_has_lines() {
        let bar = shown(Some(1_000_000), true, &[(5, 1), (500_000, 2), (504_000, 3), (1_000_000, 4)]);
        assert_eq!(bar.matches('\r').count(), 3, "{bar:?}");
        assert!(bar.contains("\r[===============               ]  50 %  2 orders"), "{bar:?}");
        let lines = shown(Some(1_000_000), false, &[(100_000, 1), (260_000, 2), (300_000, 3), (1_000_000, 4)]);
        assert_eq!(lines, "26 %, 2 orders\n100 %, 4 orders\ndone: 4 orders\n");
        assert_eq!(shown(None, false, &[(1, 1), (9, 100_000)]), "100000 orders\ndone: 2 orders\n");
        assert!(shown(None, true, &[(1, 999), (9, 1000)]).starts_with("\r1000 orders\r"));
        assert_eq!(shown(Some(1000), true, &[(500, 1), (1000, 2)]), "", "short");
    }
}
