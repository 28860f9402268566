//! Replays every story by core on this machine, each as a test of its own.

#[macro_use]
extern crate tearoff_corpus;

use tearoff_corpus::native::Native;

macro_rules! each_is_answered_as_wanted {
    ($($name:ident $slug:literal)*) => {
        $(
            #[test]
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
