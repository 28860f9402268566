//! The first stage: from the widget's sources to `widget.wasm` and its JavaScript glue.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, FileContext, Outcome};
use crate::hash::Fingerprint;
use crate::progress;
use crate::provision::bindgen::{self, Bindgen};
use crate::provision::wasm_target::WasmToolchain;
use crate::provision::{minifier, optimizer};
use crate::tree;
use crate::workspace::Workspace;

use super::shrink::Tools;
use super::{compile, glue};

/// How many compiled widgets the cache keeps.
const KEPT: usize = 6;

/// What the compiled widget depends on.
const SOURCES: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "core/Cargo.toml",
    "core/README.md",
    "core/src",
    "widget/Cargo.toml",
    "widget/README.md",
    "widget/src",
    "widget/js",
    "xtask/src/bundle",
];

/// The scripts in `widget/js`, each after those that it imports.
const SCRIPTS: [&str; 8] =
    ["bytes.js", "quote.js", "words.js", "cart.js", "server.js", "page.js", "view.js", "field.js"];

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
        progress::long_step("compiling the widget", "2 minutes at first, then seconds");
        // Only `cdylib`: as long as a package is made into an `rlib` too, cargo leaves link-time optimization out.
        let package = ["-p", "tearoff-widget", "--lib", "--crate-type", "cdylib"];
        let compiled = compile::module(workspace, toolchain, &package)?.join("tearoff_widget.wasm");
        progress::step("binding the widget to JavaScript");
        let work = shelf.join(format!("{}.{}", self.fingerprint, std::process::id()));
        tree::empty(&work)?;
        compile::bind(&self.bindgen, &compiled, "widget", &work)?;
        let scripts = scripts(&workspace.root.join("widget/js"))?;
        let tools =
            Tools { optimizer: self.optimizer.as_deref(), minifier: self.minifier.as_deref(), scripts: &scripts };
        tools.shrink(&work)?;
        if home.exists() {
            fs::remove_dir_all(&home).file(&home)?;
        }
        fs::rename(&work, &home).file(&home)?;
        discard_oldest(&shelf)?;
        Ok(widget)
    }
}

/// The scripts beside the WebAssembly, as one.
fn scripts(folder: &Path) -> Outcome<String> {
    let texts = SCRIPTS.iter().map(|name| tree::read_text(&folder.join(name))).collect::<Outcome<Vec<_>>>()?;
    Ok(glue::joined(&texts, &tree::read_text(&folder.join("style.css"))?))
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
