//! Answers the random cases again, by core as WebAssembly, and finds the bytes that the native build found.
#![cfg(target_arch = "wasm32")]

use tearoff_parity::{Expected, block};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

// In a worker, so that the page stays able to answer the driver for as long as this takes.
wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// What the native run wrote; empty where there was none.
const EXPECTED: &str = include_str!(concat!(env!("OUT_DIR"), "/parity.txt"));

#[wasm_bindgen_test]
fn answers_are_those_of_the_native_build() {
    assert!(
        !EXPECTED.is_empty(),
        "there are no digests to compare with: `cargo xtask parity` makes them, and names their file in TEAROFF_PARITY"
    );
    let expected = Expected::parse(EXPECTED).unwrap_or_else(|fault| panic!("the file of TEAROFF_PARITY: {fault}"));
    let Expected { seed, cases, blocks } = expected;
    for (number, wanted) in (0..).zip(&blocks) {
        let range = block::cases_of(number, cases);
        let found = block::digest(seed, number, cases).unwrap_or_else(|fault| panic!("{fault}"));
        assert!(found == *wanted, "cases {range:?} of seed {seed}: {found} here, {wanted} natively");
    }
    console_log!("{cases} cases of seed {seed}, in {} blocks, have the digests of the native build", blocks.len());
}
