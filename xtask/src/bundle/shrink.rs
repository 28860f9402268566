//! Makes a bound widget small: removes what no page can reach, optimizes the rest for size, and shortens the names between the two.

use std::fs;
use std::path::Path;

use crate::failure::{FileContext, Outcome};
use crate::process::Run;
use crate::progress;
use crate::tree;

use super::glue::{self, Names};

/// Never `--traps-never-happen`: it may remove the overflow checks on money.
///
/// The control flow is written anew in between, and what is computed twice is not kept in a variable: both add bytes and lose some once
/// they are compressed. A large function stays apart from
/// its one caller, whose variables then have short numbers. The lowest kilobyte of memory is the end of the stack, which nothing reaches and goes on.
const SWITCHES: [&str; 11] = [
    "-Oz",
    "--low-memory-unused",
    "--flatten",
    "--rereloop",
    "--skip-pass=local-cse",
    "-Oz",
    "--converge",
    "--always-inline-max-function-size=4",
    "--one-caller-inline-max-function-size=100",
    "--strip-debug",
    "--strip-producers",
];
/// The last pass, apart, so that what it prints is about the names it found. Functions that are called often get short numbers.
const RENAMING: [&str; 3] =
    ["--reorder-functions", "--minify-imports-and-exports-and-modules", "--strip-target-features"];

/// The tools at hand.
pub(crate) struct Tools<'tools> {
    /// `wasm-opt`; `wasm-metadce` is beside it.
    pub(crate) optimizer: Option<&'tools Path>,
    /// `esbuild`.
    pub(crate) minifier: Option<&'tools Path>,
    /// The widget's own scripts, see [`glue::joined`].
    pub(crate) scripts: &'tools str,
}

impl Tools<'_> {
    /// Turns wasm-bindgen's `widget_bg.wasm` and `widget.js` in `folder` into `widget.wasm` and a smaller `widget.js`, as far as the
    /// tools at hand go.
    ///
    /// # Errors
    /// When a tool fails or wasm-bindgen's script is not written as expected.
    pub(crate) fn shrink(&self, folder: &Path) -> Outcome<()> {
        let (bound, finished) = (folder.join("widget_bg.wasm"), folder.join("widget.wasm"));
        let script = folder.join("widget.js");
        let prepared = glue::prepared(&tree::read_text(&script)?) + self.scripts;
        let has_imports = folder.join("snippets").exists();
        let text = match (self.optimizer, self.minifier) {
            // Scripts beside the glue are modules of their own, whose names must stay.
            (Some(optimizer), Some(minifier)) if !has_imports => {
                progress::long_step("removing what no page reaches and optimizing the rest", "20 seconds");
                both(folder, &prepared, optimizer, minifier)?
            }
            (Some(optimizer), _) => {
                progress::long_step("optimizing the widget for size", "20 seconds");
                optimize(optimizer, &bound, &finished)?;
                prepared
            }
            (None, _) => {
                fs::copy(&bound, &finished).file(&finished)?;
                prepared
            }
        };
        let text = match self.minifier {
            Some(minifier) => bundle(minifier, folder, &text, &["--minify"])?,
            None => text,
        };
        tree::write(&script, text)?;
        fs::remove_file(&bound).file(&bound)
    }
}

/// Optimizes the module `from` for size, and writes it to `to`.
///
/// # Errors
/// When the tool fails.
pub(crate) fn optimize(optimizer: &Path, from: &Path, to: &Path) -> Outcome<()> {
    Run::new(optimizer).args(SWITCHES).arg(from).arg("-o").arg(to).minutes(10).output().map(drop)
}

/// Returns the script that fits the finished module.
fn both(folder: &Path, prepared: &str, optimizer: &Path, minifier: &Path) -> Outcome<String> {
    let bundled = bundle(minifier, folder, prepared, &[])?;
    let graph = folder.join("graph.json");
    tree::write(&graph, glue::graph(&glue::exports_used(&bundled)?))?;
    let file = |name: &str| folder.join(name);
    let (bound, reached, small, finished) =
        (file("widget_bg.wasm"), file("reached.wasm"), file("small.wasm"), file("widget.wasm"));
    let remover = optimizer.with_file_name("wasm-metadce");
    Run::new(remover).arg(&bound).arg("--graph-file").arg(&graph).arg("-o").arg(&reached).minutes(5).output()?;
    optimize(optimizer, &reached, &small)?;
    let printed = Run::new(optimizer).args(RENAMING).arg(&small).arg("-o").arg(&finished).minutes(5).output()?;
    for done in [graph, reached, small] {
        fs::remove_file(&done).file(&done)?;
    }
    Names::parse(&printed)?.apply(prepared)
}

/// The glue `text` and all that it imports as one script.
fn bundle(minifier: &Path, folder: &Path, text: &str, switches: &[&str]) -> Outcome<String> {
    let entry = folder.join("entry.js");
    tree::write(&folder.join("widget.js"), glue::opened(text)?)?;
    tree::write(&entry, glue::ENTRY)?;
    let common = ["--bundle", "--format=esm", "--target=es2022", "--legal-comments=none", "--log-level=error"];
    let bundled = Run::new(minifier).arg(&entry).args(common).args(switches).output()?;
    fs::remove_file(&entry).file(&entry)?;
    Ok(bundled)
}
