//! What the scripts in `xtask/bench` print: words parted by tabs, one fact a line.

use crate::failure::{Failure, Outcome};

/// What was measured.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Measured {
    times: Vec<Time>,
    /// Instructions executed.
    pub(super) counts: Vec<Count>,
    /// What the shares of each discount sum to.
    pub(super) sums: Vec<Sum>,
    /// What it was measured with.
    pub(super) notes: Vec<(String, String)>,
}

/// How long something takes.
#[derive(Debug, PartialEq)]
pub(super) struct Time {
    /// What it is.
    pub(super) name: String,
    /// Lines of its cart.
    pub(super) lines: u32,
    /// Nanoseconds, one number a round.
    rounds: Vec<f64>,
}

/// How many WebAssembly instructions something executes.
#[derive(Debug, PartialEq)]
pub(super) struct Count {
    /// What it is.
    pub(super) name: String,
    /// Lines of its cart.
    pub(super) lines: u32,
    /// How many.
    pub(super) count: u64,
}

/// What the shares of a discount sum to.
#[derive(Debug, PartialEq)]
pub(super) struct Sum {
    /// Whose shares.
    pub(super) name: String,
    /// Lines of the cart.
    pub(super) lines: u32,
    /// The discount in cents.
    pub(super) whole: i64,
    /// The shares in cents, each rounded, together.
    pub(super) shares: i64,
    /// Whether each share was a number of whole cents before it was rounded.
    pub(super) cents: bool,
}

impl Measured {
    /// Reads what the scripts print.
    ///
    /// # Errors
    /// Naming a line that is none of theirs.
    pub(super) fn parse(printed: &str) -> Outcome<Self> {
        let mut measured = Self::default();
        for line in printed.lines() {
            measured.take(line).ok_or_else(|| Failure::new(format!("`{line}` is nothing that a bench prints")))?;
        }
        Ok(measured)
    }

    fn take(&mut self, line: &str) -> Option<()> {
        let words: Vec<&str> = line.split('\t').collect();
        match *words.as_slice() {
            ["time", name, lines, ref rounds @ ..] if !rounds.is_empty() => {
                let rounds = rounds.iter().map(|round| round.parse().ok()).collect::<Option<_>>()?;
                self.times.push(Time { name: name.to_owned(), lines: lines.parse().ok()?, rounds });
            }
            ["count", name, lines, count] => {
                let (lines, count) = (lines.parse().ok()?, count.parse().ok()?);
                self.counts.push(Count { name: name.to_owned(), lines, count });
            }
            ["sums", name, lines, whole, shares, cents] => self.sums.push(Sum {
                name: name.to_owned(),
                lines: lines.parse().ok()?,
                whole: whole.parse().ok()?,
                shares: shares.parse().ok()?,
                cents: cents.parse().ok()?,
            }),
            ["note", name, words] => self.notes.push((name.to_owned(), words.to_owned())),
            _ => return None,
        }
        Some(())
    }

    /// All times, in the order measured.
    pub(super) fn times(&self) -> &[Time] {
        &self.times
    }

    /// The median time of something, in nanoseconds.
    pub(super) fn nanoseconds(&self, name: &str, lines: u32) -> Option<f64> {
        self.time(name, lines).map(Time::median)
    }

    /// How many times as long one thing takes as another: the median of the rounds' ratios, since what else the machine does slows down
    /// both within a round.
    pub(super) fn ratio(&self, longer: (&str, u32), shorter: (&str, u32)) -> Option<f64> {
        let (longer, shorter) = (self.time(longer.0, longer.1)?, self.time(shorter.0, shorter.1)?);
        Some(median(longer.rounds.iter().zip(&shorter.rounds).map(|(longer, shorter)| longer / shorter)))
    }

    /// WebAssembly instructions.
    pub(super) fn count(&self, name: &str, lines: u32) -> Option<u64> {
        self.counts.iter().find(|count| count.name == name && count.lines == lines).map(|count| count.count)
    }

    fn time(&self, name: &str, lines: u32) -> Option<&Time> {
        self.times.iter().find(|time| time.name == name && time.lines == lines)
    }
}

impl Time {
    /// The median of the rounds, in nanoseconds.
    pub(super) fn median(&self) -> f64 {
        median(self.rounds.iter().copied())
    }

    /// The shortest and the longest round.
    pub(super) fn range(&self) -> (f64, f64) {
        let all = || self.rounds.iter().copied();
        (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max))
    }
}

impl Sum {
    /// Whether the shares are the whole.
    pub(super) fn holds(&self) -> bool {
        self.cents && self.shares == self.whole
    }
}

/// The middle one of some numbers, or the mean of the middle two; 0 for none.
fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = |index: usize| sorted.get(index).copied().unwrap_or_default();
    let half = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) && half > 0 {
        f64::midpoint(middle(half - 1), middle(half))
    } else {
        middle(half)
    }
}

#[cfg(test)]
mod tests {
    use super::{Measured, median};

    #[test]
    fn the_middle_is_found() {
        for (numbers, want) in [(&[][..], 0.0), (&[3.0], 3.0), (&[4.0, 1.0], 2.5), (&[9.0, 1.0, 2.0], 2.0)] {
            assert!((median(numbers.iter().copied()) - want).abs() < 1e-9, "{numbers:?}");
        }
    }

    #[test]
    fn what_is_printed_is_read() {
        let printed = "note\tnode\tv20\ntime\tours\t5\t10.0\t30.0\t20.0\ntime\ttheirs\t5\t100.0\t600.0\t500.0\n\
                       count\tdecide\t200\t1234\nsums\tours\t5\t99\t99\ttrue\nsums\ttheirs\t5\t99\t100\ttrue\n";
        let measured = Measured::parse(printed).expect("valid");
        assert_eq!(measured.nanoseconds("ours", 5), Some(20.0));
        assert_eq!(measured.nanoseconds("ours", 50), None);
        assert_eq!(measured.ratio(("theirs", 5), ("ours", 5)), Some(20.0), "of 10, 20 and 25");
        assert_eq!(measured.count("decide", 200), Some(1234));
        assert_eq!(measured.sums.iter().map(super::Sum::holds).collect::<Vec<_>>(), [true, false]);
        assert_eq!(measured.times()[1].range(), (100.0, 600.0));
        assert_eq!(measured.notes, [("node".to_owned(), "v20".to_owned())]);
    }

    #[test]
    fn a_line_of_another_kind_is_named() {
        for line in ["time\tours\t5", "time\tours\tfive\t1", "Warning: deprecated", "count\tdecide\t5\t-1"] {
            assert!(Measured::parse(line).expect_err("is none").to_string().contains(line), "{line}");
        }
    }
}
