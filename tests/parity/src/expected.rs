//! The file that carries the digests from the native run to the browser.

use std::fmt;

use crate::block;

/// What the blocks of a run must give.
///
/// As text: a comment, `seed`, `cases`, then one digest a line, so that a person can read and compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The seed of the cases.
    pub seed: u64,
    /// How many cases.
    pub cases: u64,
    /// One digest per block.
    pub blocks: Vec<String>,
}

impl Expected {
    /// Reads the file.
    ///
    /// # Errors
    /// Says what is wrong with it, lower case, without a full stop.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut number = |name: &str| {
            let line = lines.next().ok_or(format!("there is no line `{name}`"))?;
            let value =
                line.strip_prefix(name).map(str::trim).ok_or(format!("`{line}` should be `{name}` and a number"))?;
            value.parse::<u64>().map_err(|_| format!("`{value}` is no number"))
        };
        let (seed, cases) = (number("seed")?, number("cases")?);
        let blocks: Vec<String> = lines.map(str::to_owned).collect();
        let wanted = block::count(cases);
        if blocks.len() as u64 != wanted || cases == 0 {
            return Err(format!("{cases} cases need {wanted} digests, and there are {}", blocks.len()));
        }
        match blocks.iter().find(|digest| digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            Some(other) => Err(format!("`{other}` is no digest")),
            None => Ok(Self { seed, cases, blocks }),
        }
    }

    /// One digest over all blocks.
    #[must_use]
    pub fn digest(&self) -> String {
        block::digest_of_all(self.blocks.iter().map(String::as_str))
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "# What core answers to random cases: one digest per {} of them.", block::CASES_A_BLOCK)?;
        writeln!(out, "seed {}\ncases {}", self.seed, self.cases)?;
        self.blocks.iter().try_for_each(|block| writeln!(out, "{block}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let expected = Expected { seed: 7, cases: 1001, blocks: vec!["0a".repeat(32), "ff".repeat(32)] };
        assert_eq!(Expected::parse(&expected.to_string()), Ok(expected));
    }

    #[test]
    fn faults_are_named() {
        for (text, fault) in [
            ("", "there is no line `seed`"),
            ("seed 1\ncases x", "`x` is no number"),
            ("cases 1", "`cases 1` should be `seed` and a number"),
            ("seed 1\ncases 1", "1 cases need 1 digests, and there are 0"),
            ("seed 1\ncases 1\nzz", "`zz` is no digest"),
        ] {
            assert_eq!(Expected::parse(text), Err(fault.to_owned()));
        }
    }
}
