//! What `Cargo.lock` says about one package, and what a manifest calls itself.

use crate::failure::{Failure, Outcome};
use crate::tree;
use crate::workspace::Workspace;

/// The locked version of `package`.
///
/// # Errors
/// When there is no `Cargo.lock`, or it does not hold the package.
pub(crate) fn version(workspace: &Workspace, package: &str) -> Outcome<String> {
    let lock = tree::read_text(&workspace.root.join("Cargo.lock"))?;
    let version = locked_version(&lock, package).map(str::to_owned);
    version.ok_or_else(|| Failure::new(format!("Cargo.lock holds no `{package}`")))
}

/// The name of the package in `folder`, a path within the checkout.
///
/// # Errors
/// When that folder has no readable manifest.
pub(crate) fn package_name(workspace: &Workspace, folder: &str) -> Outcome<String> {
    let path = workspace.root.join(folder).join("Cargo.toml");
    if !path.is_file() {
        return Err(Failure::new(format!("there is no package in `{folder}`")));
    }
    let manifest = tree::read_text(&path)?;
    let name = value(manifest.lines(), "name").map(str::to_owned);
    name.ok_or_else(|| Failure::new(format!("`{}` has no name", path.display())))
}

fn locked_version<'lock>(lock: &'lock str, package: &str) -> Option<&'lock str> {
    let entries = lock.split("[[package]]");
    let mut named = entries.filter(|entry| value(entry.lines(), "name") == Some(package));
    named.next().and_then(|entry| value(entry.lines(), "version"))
}

fn value<'text>(mut lines: impl Iterator<Item = &'text str>, key: &str) -> Option<&'text str> {
    lines.find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::{locked_version, value};

    const LOCK: &str = r#"version = 4

[[package]]
name = "wasm-bindgen-shared"
version = "0.2.99"

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
source = "registry"
dependencies = [
 "wasm-bindgen-shared",
]
"#;

    #[test]
    fn the_version_is_that_of_the_whole_name() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm-bindgen-shared"), Some("0.2.99"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }

    #[test]
    fn a_manifest_names_its_package() {
        assert_eq!(value("[package]\nname = \"tearoff-laws\"\n".lines(), "name"), Some("tearoff-laws"));
    }
}
