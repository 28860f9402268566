//! Random cases for proptest.

use std::fmt;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tearoff_cases::{Random, case};
use tearoff_core::standalone::{Answer, EvaluationRequest, Question};

/// How many cases each law is tried on: enough to meet every benefit and condition, few enough for every test run.
const CASES: u32 = 600;
/// Where the cases of every run begin.
const SEED: u64 = 20_261_121;

/// How every law runs: on the same cases in every run, so that a change is what turns it red. `PROPTEST_RNG_SEED` draws others and
/// `PROPTEST_CASES` more of them; failures print their case, so no file of seeds is kept.
#[must_use]
pub fn config() -> ProptestConfig {
    let usual =
        ProptestConfig { max_global_rejects: 1_000_000, failure_persistence: None, ..ProptestConfig::default() };
    let cases = std::env::var_os("PROPTEST_CASES").map_or(CASES, |_| usual.cases);
    let rng_seed = std::env::var_os("PROPTEST_RNG_SEED").map_or(RngSeed::Fixed(SEED), |_| usual.rng_seed);
    ProptestConfig { cases, rng_seed, ..usual }
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
