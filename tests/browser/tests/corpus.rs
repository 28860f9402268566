//! Replays every story of the corpus by core as WebAssembly, each as a test of its own.
#![cfg(target_arch = "wasm32")]

#[macro_use]
extern crate tearoff_corpus;

use tearoff_corpus::digests;
use tearoff_corpus::native::Native;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

macro_rules! each_is_answered_as_wanted {
    ($($name:ident $slug:literal)*) => {
        $(
            #[wasm_bindgen_test]
            fn $name() {
                let story = tearoff_corpus::story($slug).unwrap_or_else(|fault| panic!("{fault}"));
                if let Err(differences) = tearoff_corpus::replay(&story, &Native) {
                    panic!("\n{differences}");
                }
            }
        )*
    };
}

for_each_story!(each_is_answered_as_wanted);

/// The same bytes as a native build, for every answer.
#[wasm_bindgen_test]
fn answers_hash_to_what_they_hash_to_natively() {
    let stories = tearoff_corpus::stories().unwrap_or_else(|fault| panic!("{fault}"));
    let here = digests::list(&stories);
    let differing: Vec<_> = digests::COMMITTED.lines().filter(|line| !here.contains(line)).collect();
    assert!(digests::COMMITTED == here, "{differing:#?}");
}
