//! The first stage: from the widget's sources to `widget.wasm` and its JavaScript glue.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, FileContext, Outcome};
use crate::hash::Fingerprint;
use crate::process::Run;
use crate::progress;
use crate::provision::bindgen::{self, Bindgen};
use crate::provision::wasm_target::{BROWSER, WasmToolchain};
use crate::provision::{minifier, optimizer};
use crate::tree;
use crate::workspace::Workspace;

use super::link;
use super::shrink::Tools;

/// The profile of the root manifest that is made for size.
const PROFILE: &str = "wasm";
/// How many compiled widgets the cache keeps.
const KEPT: usize = 6;

/// What the compiled widget depends on.
const SOURCES: [&str; 7] =
    ["Cargo.toml", "Cargo.lock", "core/Cargo.toml", "core/README.md", "core/src", "widget", "xtask/src/bundle"];

/// With these the standard library is rebuilt for size, a panic becomes a trap without a message, and `Debug` prints nothing: a sixth
/// off the widget. They are unstable, so the compiler must be told to accept them. Not among them: anything that lets the optimizer
/// remove a check.
const SMALLEST_RUSTFLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none";
/// The hash function as a loop in place of its unrolled rounds: a page hashes little.
const COMPACT_RUSTFLAGS: &str = "--cfg sha2_backend_soft=\"compact\"";
const SMALLEST_LIBRARY: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];

/// The folder is the last one's value.
const BINDGEN_SWITCHES: [&str; 8] = [
    "--target",
    "web",
    "--no-typescript",
    "--remove-name-section",
    "--remove-producers-section",
    "--out-name",
    "widget",
    "--out-dir",
];

/// A compiled widget.
pub(crate) struct Widget {
    /// The WebAssembly module, `widget.wasm`.
    pub(crate) wasm: PathBuf,
    /// The script that loads it.
    pub(crate) glue: PathBuf,
}

/// What will be compiled, and from what.
pub(crate) struct Plan {
    bindgen: Bindgen,
    optimizer: Option<PathBuf>,
    /// `esbuild`, if there is one.
    pub(crate) minifier: Option<PathBuf>,
    /// Names everything the widget depends on.
    pub(crate) fingerprint: String,
}

impl Plan {
    /// Looks at sources and tools.
    ///
    /// # Errors
    /// When wasm-bindgen's tools cannot be had, or a source cannot be read.
    pub(crate) fn new(workspace: &Workspace, toolchain: &WasmToolchain) -> Outcome<Self> {
        if !workspace.root.join("widget/Cargo.toml").is_file() {
            return Err(Failure::new("there is no package in `widget`"));
        }
        let bindgen = bindgen::ensure(workspace)?;
        let (optimizer, minifier) = (optimizer::ensure(workspace), minifier::ensure(workspace));
        let fingerprint = Fingerprint::new()
            .add("library", if toolchain.has_sources() { "rebuilt" } else { "as it comes" })
            .add("compiler", toolchain.compiler()?)
            .add("bindgen", &bindgen.version)
            .add("optimizer", if optimizer.is_some() { "wasm-opt" } else { "none" })
            .add("minifier", if minifier.is_some() { "esbuild" } else { "none" })
            .add_files(&workspace.root, &SOURCES)?
            .short();
        Ok(Self { bindgen, optimizer, minifier, fingerprint })
    }

    /// What would have made the widget smaller.
    pub(crate) fn missing(&self, toolchain: &WasmToolchain) -> impl Iterator<Item = &'static str> {
        let sources = (!toolchain.has_sources()).then_some("the standard library's sources");
        sources
            .into_iter()
            .chain(self.optimizer.is_none().then_some("wasm-opt"))
            .chain(self.minifier.is_none().then_some("esbuild"))
    }

    /// The compiled widget, from the cache when it is there.
    ///
    /// # Errors
    /// When a tool fails.
    pub(crate) fn ensure(&self, workspace: &Workspace, toolchain: &WasmToolchain) -> Outcome<Widget> {
        let shelf = workspace.cache.join("widgets");
        let home = shelf.join(&self.fingerprint);
        let widget = Widget { wasm: home.join("widget.wasm"), glue: home.join("widget.js") };
        if widget.wasm.is_file() && widget.glue.is_file() {
            return Ok(widget);
        }
        let compiled = self.compile(workspace, toolchain)?;
        progress::step("binding the widget to JavaScript");
        let work = shelf.join(format!("{}.{}", self.fingerprint, std::process::id()));
        tree::empty(&work)?;
        self.bind(&compiled, &work)?;
        let tools = Tools { optimizer: self.optimizer.as_deref(), minifier: self.minifier.as_deref() };
        tools.shrink(&work)?;
        if home.exists() {
            fs::remove_dir_all(&home).file(&home)?;
        }
        fs::rename(&work, &home).file(&home)?;
        discard_oldest(&shelf)?;
        Ok(widget)
    }

    fn compile(&self, workspace: &Workspace, toolchain: &WasmToolchain) -> Outcome<PathBuf> {
        let smallest = toolchain.has_sources();
        progress::long_step("compiling the widget", "2 minutes at first, then seconds");
        // Only `cdylib`: as long as a package is made into an `rlib` too, cargo leaves link-time optimization out.
        let package = ["-p", "tearoff-widget", "--lib", "--crate-type", "cdylib", "--profile", PROFILE];
        let mut run = toolchain.cargo(workspace, "rustc", BROWSER).args(package);
        // A folder of its own: the switches below make build scripts run again in any other.
        let target = workspace.target.join(if smallest { "smallest" } else { "widget" });
        run = run.env("CARGO_TARGET_DIR", &target);
        let flags = if smallest {
            run = run.args(SMALLEST_LIBRARY).env("RUSTC_BOOTSTRAP", "1");
            format!("{SMALLEST_RUSTFLAGS} {COMPACT_RUSTFLAGS}")
        } else {
            COMPACT_RUSTFLAGS.to_owned()
        };
        // Said for the widget alone, so that another path of this program builds nothing else again.
        let ourselves = std::env::current_exe().context(|| "this program's own path")?;
        run = run.args(["--".to_owned(), format!("-Clinker={}", ourselves.display())]);
        run = run.env(link::LINKER, toolchain.linker()?);
        run.env("RUSTFLAGS", flags).minutes(20).run()?;
        Ok(target.join(BROWSER).join(PROFILE).join("tearoff_widget.wasm"))
    }

    fn bind(&self, compiled: &Path, folder: &Path) -> Outcome<()> {
        Run::new(&self.bindgen.bundler).args(BINDGEN_SWITCHES).arg(folder).arg(compiled).minutes(5).output().map(drop)
    }
}

fn discard_oldest(shelf: &Path) -> Outcome<()> {
    let entries = fs::read_dir(shelf).file(shelf)?.flatten();
    let aged = entries.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())));
    let mut aged: Vec<_> = aged.collect();
    aged.sort();
    let surplus = aged.len().saturating_sub(KEPT);
    aged.iter().take(surplus).try_for_each(|(_, old)| fs::remove_dir_all(old).file(old))
}

#[cfg(test)]
mod tests {
    use super::discard_oldest;
    use std::fs;

    #[test]
    fn the_cache_keeps_a_few() {
        let shelf = std::env::temp_dir().join(format!("tearoff-shelf-{}", std::process::id()));
        for number in 0..8 {
            fs::create_dir_all(shelf.join(number.to_string())).expect("made");
        }
        discard_oldest(&shelf).expect("discards");
        assert_eq!(fs::read_dir(&shelf).expect("listed").count(), super::KEPT);
        fs::remove_dir_all(&shelf).expect("removed");
    }
}
