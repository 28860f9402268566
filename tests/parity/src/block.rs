//! Blocks of cases, folded into one digest each.

use std::fmt::Write;
use std::ops::Range;

use sha2::{Digest, Sha256};
use tearoff_core::standalone::{Answer, EvaluationRequest, Question};

/// How many cases are folded into one digest: enough to keep the expected file short, few enough to find a difference soon.
pub const CASES_A_BLOCK: u64 = 1000;

/// The cases of block number `block`, when there are so many in all.
#[must_use]
pub fn cases_of(block: u64, cases: u64) -> Range<u64> {
    let first = block.saturating_mul(CASES_A_BLOCK).min(cases);
    first..first.saturating_add(CASES_A_BLOCK).min(cases)
}

/// How many blocks so many cases make.
#[must_use]
pub const fn count(cases: u64) -> u64 {
    cases.div_ceil(CASES_A_BLOCK)
}

/// Core's answer to a request.
///
/// # Errors
/// When the request is not valid, with all its faults.
pub fn answer(request: &EvaluationRequest) -> Result<Answer, String> {
    Question::parse(request)
        .map(|question| question.answer())
        .map_err(|faults| format!("not a valid request: {faults:?}"))
}

/// Folds answers, one after another, each as its JSON.
#[derive(Clone, Debug, Default)]
pub struct Fold(Sha256);

impl Fold {
    /// Takes in the next answer.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn add(&mut self, answer: &Answer) -> Result<(), String> {
        let json = serde_json::to_vec(answer).map_err(|error| error.to_string())?;
        self.0.update(json);
        self.0.update(b"\n");
        Ok(())
    }

    /// The digest of all that was taken in.
    #[must_use]
    pub fn digest(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

/// The digest of a block, by this target's core.
///
/// # Errors
/// Naming the case that could not be answered.
pub fn digest(seed: u64, block: u64, cases: u64) -> Result<String, String> {
    let mut fold = Fold::default();
    for index in cases_of(block, cases) {
        let answered = answer(&tearoff_cases::case(seed, index)).and_then(|answer| fold.add(&answer));
        answered.map_err(|fault| format!("case {index} of seed {seed}: {fault}"))?;
    }
    Ok(fold.digest())
}

/// One digest over the digests of all blocks.
#[must_use]
pub fn digest_of_all<'a>(blocks: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for block in blocks {
        hash.update(block);
        hash.update(b"\n");
    }
    hexadecimal(&hash.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_every_case_once() {
        assert_eq!((count(0), count(1), count(1000), count(1001)), (0, 1, 1, 2));
        assert_eq!(cases_of(0, 1500), 0..1000);
        assert_eq!(cases_of(1, 1500), 1000..1500);
        assert!(cases_of(2, 1500).is_empty());
    }

    #[test]
    fn a_block_has_one_digest() {
        let digest_of = |seed| digest(seed, 0, 3).unwrap();
        assert_eq!(digest_of(1), digest_of(1));
        assert_ne!(digest_of(1), digest_of(2));
        assert_eq!(digest_of(1).len(), 64);
    }
}
