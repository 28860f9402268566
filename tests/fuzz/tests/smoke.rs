//! A few thousand spoiled inputs for each target, the same in every test run.

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use tearoff_cases::Random;
use tearoff_fuzz::{find, mutate, seeds};

/// How many inputs each target is given.
const INPUTS: u32 = 5000;

fn smoke(name: &str) {
    let target = find(name).unwrap();
    let seeds = seeds(name).unwrap();
    assert!(seeds.len() >= 100, "{} inputs to begin with", seeds.len());
    seeds.iter().for_each(|seed| (target.run)(seed));
    let config = ProptestConfig {
        cases: INPUTS,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let strategy = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u64>());
    let run = TestRunner::new(config).run(&strategy.no_shrink(), |(one, other, seed)| {
        let (one, other): (&Vec<u8>, &Vec<u8>) = (one.get(&seeds), other.get(&seeds));
        let input = mutate(one, other, &mut Random::of(seed, 0));
        (target.run)(&input);
        Ok(())
    });
    run.unwrap();
}

#[test]
fn codes() {
    smoke("code");
}

#[test]
fn requests() {
    smoke("request");
}

#[test]
fn snapshots() {
    smoke("snapshot");
}

#[test]
fn stored_evaluations() {
    smoke("stored");
}

/// Inputs of the corpus are read to the end, or spoiling them would try nothing but the first check.
#[test]
fn inputs_are_what_targets_expect() {
    use tearoff_core::canonical::Canonical;
    use tearoff_core::replay::{Replayed, Stored, replay};
    let stored = seeds("stored").unwrap();
    assert!(stored.iter().all(|bytes| Stored::from_bytes(bytes).map(|stored| replay(&stored)) == Ok(Replayed::Same)));
}
