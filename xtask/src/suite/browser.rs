//! Tests compiled to WebAssembly and run by wasm-bindgen's test runner in a headless browser.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::lockfile;
use crate::process::Run;
use crate::provision::browser::Browser;
use crate::provision::wasm_target::{self, BROWSER};
use crate::provision::{bindgen, browser};
use crate::temporary::Temporary;
use crate::tree;
use crate::workspace::Workspace;

/// The package with the tests.
pub(crate) const PACKAGE: &str = "tests/browser";

/// Its test of the random cases, which needs the digests of the native run.
pub(crate) const PARITY: &str = "parity";

/// Without a window, without a graphics card, without asking any host but the one under test.
const SWITCHES: [&str; 10] = [
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
];
/// Chromium's sandbox refuses to be started by root, which is who runs in a container.
const ROOT_SWITCH: &str = "--no-sandbox";
/// Seconds until a test binary that says nothing counts as hung.
const QUIET_MAX: &str = "300";

/// Every test of the package but [`PARITY`].
///
/// # Errors
/// When there is none, one fails, or one does not compile.
pub(crate) fn all(workspace: &Workspace) -> Outcome<()> {
    let files = tree::files(&workspace.root.join(PACKAGE).join("tests"))?;
    let targets: Vec<_> = files.iter().filter_map(|file| target(file)).filter(|name| *name != PARITY).collect();
    if targets.is_empty() {
        return Err(Failure::new(format!("there are no tests in `{PACKAGE}/tests`")));
    }
    test(workspace, &targets, |run| run)
}

/// The name of the test target whose root `file` is.
fn target(file: &Path) -> Option<&str> {
    let (folder, stem) = (file.parent()?.file_name()?, file.file_stem()?.to_str()?);
    let is_rust = file.extension().is_some_and(|extension| extension == "rs");
    match (is_rust, folder == "tests", stem) {
        (true, true, name) => Some(name),
        (true, false, "main") => folder.to_str(),
        _ => None,
    }
}

/// These test targets of the package, with what `environment` adds.
///
/// # Errors
/// When one fails, or does not compile.
pub(crate) fn test(workspace: &Workspace, targets: &[&str], environment: impl FnOnce(Run) -> Run) -> Outcome<()> {
    let package = lockfile::package_name(workspace, PACKAGE)?;
    let toolchain = wasm_target::ensure(workspace)?;
    let (bindgen, found) = (bindgen::ensure(workspace)?, browser::ensure()?);
    let temporary = Temporary::new()?;
    let capabilities = capabilities(workspace, &found)?;
    let run = toolchain
        .cargo(workspace, "test", BROWSER)
        .args(["-p", &package])
        .args(targets.iter().flat_map(|name| ["--test", name]));
    let run = run
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &bindgen.test_runner)
        .env("CHROMEDRIVER", &found.driver)
        .env("CHROME", &found.chrome)
        .env("TMPDIR", temporary.path())
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1")
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities)
        .env("WASM_BINDGEN_TEST_TIMEOUT", QUIET_MAX)
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    environment(run).minutes(30).run()
}

/// Writes what the driver is asked for to a file.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn capabilities(workspace: &Workspace, found: &Browser) -> Outcome<PathBuf> {
    let file = workspace.scratch().join("webdriver.json");
    tree::write(&file, asked(&found.chrome, nix::unistd::geteuid().is_root()))?;
    Ok(file)
}

fn asked(chrome: &Path, is_root: bool) -> String {
    let switches = SWITCHES.into_iter().chain(is_root.then_some(ROOT_SWITCH));
    let quoted: Vec<_> = switches.map(|switch| format!("\"{switch}\"")).collect();
    format!(
        "{{ \"goog:chromeOptions\": {{ \"binary\": {:?}, \"args\": [{}] }} }}\n",
        chrome.display().to_string(),
        quoted.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::{asked, target};
    use std::path::Path;

    #[test]
    fn test_targets_are_found_by_their_files() {
        for (file, want) in
            [("tests/a.rs", Some("a")), ("tests/b/main.rs", Some("b")), ("tests/b/c.rs", None), ("tests/d.md", None)]
        {
            assert_eq!(target(Path::new(file)), want, "{file}");
        }
    }

    #[test]
    fn only_root_leaves_the_sandbox() {
        let chrome = Path::new("/usr/bin/chromium");
        assert!(asked(chrome, true).ends_with("\"--no-default-browser-check\", \"--no-sandbox\"] } }\n"));
        assert!(!asked(chrome, false).contains("no-sandbox"));
        assert!(asked(chrome, false).starts_with(
            "{ \"goog:chromeOptions\": { \"binary\": \"/usr/bin/chromium\", \"args\": [\"--headless=new\""
        ));
    }
}
