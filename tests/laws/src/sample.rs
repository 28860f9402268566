//! Random cases for proptest.

use std::fmt;

use proptest::prelude::*;
use tearoff_cases::{Random, case};
use tearoff_core::standalone::{Answer, EvaluationRequest, Question};

/// How many cases each law is tried on: enough to meet every benefit and condition, few enough for every test run.
const CASES: u32 = 600;

/// How every law runs. Failures print their case, so no file of seeds is kept; `PROPTEST_CASES` asks for more cases.
#[must_use]
pub fn config() -> ProptestConfig {
    let usual =
        ProptestConfig { max_global_rejects: 1_000_000, failure_persistence: None, ..ProptestConfig::default() };
    let cases = std::env::var_os("PROPTEST_CASES").map_or(CASES, |_| usual.cases);
    ProptestConfig { cases, ..usual }
}

/// A random case, with a stream of its own for what a law changes in it.
#[derive(Clone)]
pub struct Sample {
    seed: u64,
    /// The request.
    pub request: EvaluationRequest,
}

impl Sample {
    /// Numbers that are always the same for this case.
    #[must_use]
    pub fn random(&self) -> Random {
        Random::of(self.seed, 1)
    }
}

impl fmt::Debug for Sample {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = serde_json::to_string(&self.request).map_err(|_| fmt::Error)?;
        write!(out, "case 0 of seed {}:\n{line}\n", self.seed)
    }
}

/// Any case. It does not shrink: a neighbor's seed is another case altogether.
pub fn any_case() -> impl Strategy<Value = Sample> {
    any::<u64>().prop_map(|seed| Sample { seed, request: case(seed, 0) }).no_shrink()
}

/// Core's answer, where the request is valid.
#[must_use]
pub fn answer(request: &EvaluationRequest) -> Option<Answer> {
    Question::parse(request).ok().map(|question| question.answer())
}
