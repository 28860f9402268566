//! `cargo xtask bench`: every figure that the README quotes, from one run.

use crate::arguments::Arguments;
use crate::bundle;
use crate::failure::Outcome;
use crate::progress;
use crate::workspace::Workspace;

/// Examples that print figures, and cargo's words to run each.
const EXAMPLES: [(&str, &[&str]); 1] =
    [("core/examples/bench_evaluate.rs", &["-p", "tearoff-core", "--features", "serialize,zones"])];

/// `cargo xtask bench`.
///
/// # Errors
/// When something does not compile or run.
pub(crate) fn run(_: &Arguments) -> Outcome<()> {
    let workspace = Workspace::find()?;
    let sizes = bundle::ensure(&workspace)?;
    println!("Sizes of the files served");
    print!("{}", sizes.table());
    for (source, words) in EXAMPLES {
        let path = workspace.root.join(source);
        let Some(name) = path.file_stem().filter(|_| path.is_file()) else { continue };
        progress::step(&format!("measuring with {source}"));
        println!();
        workspace.cargo("run").args(["--quiet", "--release"]).args(words).arg("--example").arg(name).run()?;
    }
    Ok(())
}
