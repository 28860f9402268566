//! What the program is asked for.

use std::path::PathBuf;
use std::thread::available_parallelism;

pub(crate) const USAGE: &str = "parity [--cases N] [--seed S] [--expected FILE] [--threads T]";

/// What the program is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// How many cases.
    pub(crate) cases: u64,
    /// From which seed.
    pub(crate) seed: u64,
    /// Where the digests of the blocks are written, if anywhere.
    pub(crate) expected: Option<PathBuf>,
    /// On how many threads.
    pub(crate) threads: u64,
}

impl Arguments {
    /// Reads the command line.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub(crate) fn parse(mut given: impl Iterator<Item = String>) -> Result<Self, String> {
        let threads = available_parallelism().map_or(1, |threads| threads.get() as u64);
        let mut arguments = Self { cases: 20_000, seed: 1, expected: None, threads };
        while let Some(name) = given.next() {
            let value = given.next().ok_or(format!("`{name}` needs a value: {USAGE}"))?;
            let number = || value.replace('_', "").parse::<u64>().map_err(|_| format!("`{value}` is no number"));
            match name.as_str() {
                "--cases" => arguments.cases = number()?.max(1),
                "--seed" => arguments.seed = number()?,
                "--expected" => arguments.expected = Some(value.into()),
                "--threads" => arguments.threads = number()?.clamp(1, 64),
                _ => return Err(format!("`{name}` is not known: {USAGE}")),
            }
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(given: &str) -> Result<Arguments, String> {
        Arguments::parse(given.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn arguments_have_names_and_values() {
        let arguments = parse("--seed 7 --cases 1_000 --threads 2 --expected a.txt").unwrap();
        assert_eq!(arguments, Arguments { cases: 1000, seed: 7, expected: Some("a.txt".into()), threads: 2 });
        assert_eq!(parse("--cases"), Err(format!("`--cases` needs a value: {USAGE}")));
        assert_eq!(parse("--cases many"), Err("`many` is no number".into()));
        assert_eq!(parse("--fast 1"), Err(format!("`--fast` is not known: {USAGE}")));
    }
}
