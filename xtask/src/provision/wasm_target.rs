//! A compiler for the two WebAssembly targets: `wasm32-unknown-unknown` for the widget, bare `wasm32v1-none` to prove core's `no_std`.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::{Failure, Outcome};
use crate::process::{self, Run};
use crate::progress;
use crate::tree;
use crate::workspace::{self, Workspace};

use super::debian;

/// What the widget is built for.
pub(crate) const BROWSER: &str = "wasm32-unknown-unknown";
/// A target without any standard library.
pub(crate) const BARE: &str = "wasm32v1-none";

/// Debian's compiler with the sources of its standard library, and the linker of its LLVM.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
const DEBIAN_LINKER: &str = "/usr/bin/wasm-ld-22";
/// The oldest compiler that builds this workspace, as the root manifest says.
const RUST_MINOR_MIN: u32 = 95;

/// Where WebAssembly is compiled.
#[derive(Debug)]
pub(crate) enum WasmToolchain {
    /// By the compiler that runs everything else; whether it has the sources of its standard library too.
    Installed {
        /// With them, a release rebuilds the standard library for size.
        has_sources: bool,
    },
    /// By Debian's, which has no built standard library for WebAssembly and makes it from source.
    Debian,
}

impl fmt::Display for WasmToolchain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Installed { has_sources: true } => "installed, with the library's sources",
            Self::Installed { has_sources: false } => "installed, without the library's sources",
            Self::Debian => "Debian's packages",
        })
    }
}

impl WasmToolchain {
    /// Whether the standard library can be rebuilt, which the smallest widget needs.
    pub(crate) fn has_sources(&self) -> bool {
        matches!(self, Self::Installed { has_sources: true } | Self::Debian)
    }

    /// Whether clippy can look at what is compiled for the browser alone.
    pub(crate) fn has_clippy(&self) -> bool {
        matches!(self, Self::Installed { .. })
    }

    /// `cargo <subcommand> --target <triple>` in the checkout.
    pub(crate) fn cargo(&self, workspace: &Workspace, subcommand: &str, triple: &str) -> Run {
        match self {
            Self::Installed { .. } => workspace.cargo(subcommand).args(["--target", triple]),
            Self::Debian => {
                let library = if triple == BARE { "build-std=core,alloc" } else { "build-std=std,panic_abort" };
                let linker = format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase().replace('-', "_"));
                let run = workspace::clean(Run::new("/usr/bin/cargo"))
                    .arg(subcommand)
                    .args(["--target", triple, "-Z", library]);
                let run = run
                    .env("RUSTC", "/usr/bin/rustc")
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env(linker, DEBIAN_LINKER)
                    .without_env("RUSTUP_TOOLCHAIN");
                run.directory(&workspace.root).env("CARGO_TARGET_DIR", workspace.target.join("debian")).minutes(60)
            }
        }
    }

    /// What links WebAssembly.
    ///
    /// # Errors
    /// When the compiler does not run.
    pub(crate) fn linker(&self) -> Outcome<PathBuf> {
        match self {
            Self::Installed { .. } => {
                let libraries = PathBuf::from(rustc(&["--print", "target-libdir"])?.trim());
                Ok(libraries.with_file_name("bin").join("rust-lld"))
            }
            Self::Debian => Ok(DEBIAN_LINKER.into()),
        }
    }

    /// The compiler's own description, for fingerprints.
    ///
    /// # Errors
    /// When it does not run.
    pub(crate) fn compiler(&self) -> Outcome<String> {
        match self {
            Self::Installed { .. } => rustc(&["-vV"]),
            Self::Debian => Run::new("/usr/bin/rustc").arg("-vV").output(),
        }
    }
}

/// Finds a compiler for both targets; adds them by rustup, or else installs Debian's.
///
/// # Errors
/// When neither can be done, with what to type.
pub(crate) fn ensure(workspace: &Workspace) -> Outcome<WasmToolchain> {
    let sysroot = PathBuf::from(rustc(&["--print", "sysroot"])?.trim());
    let has_targets =
        || [BROWSER, BARE].iter().all(|triple| sysroot.join("lib/rustlib").join(triple).join("lib").is_dir());
    let installed = || WasmToolchain::Installed { has_sources: ensure_sources(workspace, &sysroot) };
    if has_targets() {
        return Ok(installed());
    }
    if debian_is_there() {
        return Ok(WasmToolchain::Debian);
    }
    match rustup("targets", &["target", "add", BROWSER, BARE]) {
        Ok(()) if has_targets() => return Ok(installed()),
        Ok(()) => {}
        Err(failure) => progress::warning(&failure.to_string()),
    }
    let typed = |failure: Failure| {
        Failure::new(format!("no compiler for WebAssembly; type `rustup target add {BROWSER} {BARE}`, or: {failure}"))
    };
    debian::install(&DEBIAN_PACKAGES, "a Rust compiler for WebAssembly", "1 minute").map_err(typed)?;
    if debian_is_there() {
        Ok(WasmToolchain::Debian)
    } else {
        Err(Failure::new(format!(
            "Debian's compiler is older than 1.{RUST_MINOR_MIN}; type `rustup target add {BROWSER} {BARE}`"
        )))
    }
}

fn ensure_sources(workspace: &Workspace, sysroot: &Path) -> bool {
    let present = || sysroot.join("lib/rustlib/src/rust/library/Cargo.toml").is_file();
    // Asked for once a day: they only make the widget smaller, and an answer may never come.
    let asked = workspace.cache.join("rust-src-asked");
    if !present() && !tree::is_younger(&asked, Duration::from_secs(24 * 60 * 60)) {
        let _noted = tree::write(&asked, "");
        if let Err(failure) = rustup("library's sources", &["component", "add", "rust-src"]) {
            progress::warning(&format!(
                "the widget will be larger, since the standard library cannot be rebuilt: {failure}"
            ));
        }
    }
    present()
}

/// Asks rustup, which may hang where its downloads are closed.
fn rustup(what: &str, arguments: &[&str]) -> Outcome<()> {
    let program = process::find("rustup").ok_or_else(|| Failure::new("there is no rustup"))?;
    progress::long_step(&format!("asking rustup for the {what}"), "10 seconds");
    Run::new(program)
        .args(arguments)
        .env("RUSTUP_AUTO_INSTALL", "0")
        .env("RUSTUP_MAX_RETRIES", "1")
        .seconds(90)
        .output()
        .map(drop)
}

fn rustc(arguments: &[&str]) -> Outcome<String> {
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    Run::new(program).args(arguments).env("RUSTUP_AUTO_INSTALL", "0").output()
}

fn debian_is_there() -> bool {
    let programs = ["/usr/bin/rustc", "/usr/bin/cargo", DEBIAN_LINKER].iter().all(|path| Path::new(path).is_file());
    let sources = || Run::new("/usr/bin/rustc").args(["--print", "sysroot"]).output();
    let has_sources = || {
        sources()
            .is_ok_and(|sysroot| Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/Cargo.toml").exists())
    };
    let new_enough = || {
        Run::new("/usr/bin/rustc")
            .arg("--version")
            .output()
            .is_ok_and(|said| minor(&said).is_some_and(|minor| minor >= RUST_MINOR_MIN))
    };
    programs && new_enough() && has_sources()
}

/// 96 of `rustc 1.96.0 (…)`.
fn minor(said: &str) -> Option<u32> {
    said.split_whitespace().nth(1)?.split('.').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn the_compilers_version_is_read() {
        assert_eq!(minor("rustc 1.96.0 (f2d3ce0bd 2026-03-21) (built from a source tarball)"), Some(96));
        assert_eq!(minor("rustc"), None);
    }
}
