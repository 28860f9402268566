//! The generator makes valid requests, the same for the same numbers, and reaches everything often.

use tearoff_cases::{Coverage, case};
use tearoff_core::standalone::Question;

const SEED: u64 = 20_261_201;
const CASES: u64 = 10_000;

#[test]
fn every_case_is_a_valid_request_and_everything_happens_often() {
    let mut coverage = Coverage::default();
    for index in 0..CASES {
        let request = case(SEED, index);
        let question =
            Question::parse(&request).unwrap_or_else(|faults| panic!("case {index}: {faults:?}\n{request:?}"));
        coverage.note(&request, &question.answer());
    }
    println!("{coverage}");
    assert_eq!(coverage.missed(), [""; 0]);
}

#[test]
fn a_case_depends_on_its_numbers_alone() {
    assert_eq!(case(3, 14), case(3, 14));
    assert_ne!(case(3, 14), case(3, 15));
    assert_ne!(case(3, 14), case(4, 14));
}
