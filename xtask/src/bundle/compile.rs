//! Compiles for a page, as small as the tools at hand can.

use std::path::{Path, PathBuf};

use crate::failure::{Context, Outcome};
use crate::process::Run;
use crate::provision::bindgen::Bindgen;
use crate::provision::wasm_target::{BROWSER, WasmToolchain};
use crate::workspace::Workspace;

use super::link;

/// The profile of the root manifest that is made for size.
const PROFILE: &str = "wasm";

/// With these the standard library is rebuilt for size, a panic becomes a trap without a message, and `Debug` prints nothing: a sixth
/// off the widget. They are unstable, so the compiler must be told to accept them. Not among them: anything that lets the optimizer
/// remove a check.
const SMALLEST_RUSTFLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none";
/// The hash function as a loop in place of its unrolled rounds: a page hashes little.
const COMPACT_RUSTFLAGS: &str = "--cfg sha2_backend_soft=\"compact\"";
/// The library's lists at `s`, with which they are smaller and faster than at `z`. Said here, where the library is a package of the build.
const SMALLEST_LIBRARY: [&str; 4] = [
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "--config",
    "profile.wasm.package.alloc.opt-level=\"s\"",
];

const BINDGEN_SWITCHES: [&str; 5] =
    ["--target", "web", "--no-typescript", "--remove-name-section", "--remove-producers-section"];

/// Compiles what `package`, words for cargo, names; returns the folder with what was made.
///
/// # Errors
/// When it does not compile.
pub(crate) fn module(workspace: &Workspace, toolchain: &WasmToolchain, package: &[&str]) -> Outcome<PathBuf> {
    let smallest = toolchain.has_sources();
    let mut run = toolchain.cargo(workspace, "rustc", BROWSER).args(package).args(["--profile", PROFILE]);
    // A folder of its own: the switches below make build scripts run again in any other.
    let target = workspace.target.join(if smallest { "smallest" } else { "widget" });
    run = run.env("CARGO_TARGET_DIR", &target);
    let flags = if smallest {
        run = run.args(SMALLEST_LIBRARY).env("RUSTC_BOOTSTRAP", "1");
        format!("{SMALLEST_RUSTFLAGS} {COMPACT_RUSTFLAGS}")
    } else {
        COMPACT_RUSTFLAGS.to_owned()
    };
    // Said for this module alone, so that another path of this program builds nothing else again.
    let ourselves = std::env::current_exe().context(|| "this program's own path")?;
    run = run.args(["--".to_owned(), format!("-Clinker={}", ourselves.display())]);
    run = run.env(link::LINKER, toolchain.linker()?);
    run.env("RUSTFLAGS", flags).minutes(20).run()?;
    Ok(target.join(BROWSER).join(PROFILE))
}

/// Binds the `compiled` module to JavaScript: writes `NAME_bg.wasm` and `NAME.js` into `folder`.
///
/// # Errors
/// When the tool fails.
pub(crate) fn bind(bindgen: &Bindgen, compiled: &Path, name: &str, folder: &Path) -> Outcome<()> {
    let run = Run::new(&bindgen.bundler).args(BINDGEN_SWITCHES).args(["--out-name", name, "--out-dir"]);
    run.arg(folder).arg(compiled).minutes(5).output().map(drop)
}
