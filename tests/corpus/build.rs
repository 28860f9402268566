//! Embeds the story files, so that they can be replayed where there is no file system.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The folder with one story per file.
const FOLDER: &str = "stories";

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let variable = |name: &str| env::var(name).map(PathBuf::from).map_err(|error| format!("{name}: {error}"));
    let (package, out) = (variable("CARGO_MANIFEST_DIR")?, variable("OUT_DIR")?);
    let stories = find(&package.join(FOLDER))?;
    let written = fs::write(out.join("stories.rs"), files(&stories))
        .and_then(|()| fs::write(out.join("for_each_story.rs"), macro_over(&stories)));
    written.map_err(|error| format!("{}: {error}", out.display()))
}

/// The stories by name: the file's name without its ending, and where it is.
fn find(folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut stories = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let slug = name.strip_suffix(".json").filter(|slug| is_slug(slug));
        let Some(slug) = slug else {
            return Err(format!("`{}` is not named like a story: lower-case words, dashes, `.json`", path.display()));
        };
        stories.push((slug.to_owned(), path));
    }
    stories.sort_unstable();
    Ok(stories)
}

/// Whether a name can also name a test: it becomes a Rust identifier.
fn is_slug(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn files(stories: &[(String, PathBuf)]) -> String {
    let mut text = String::from("const FILES: &[(&str, &str)] = &[\n");
    for (slug, path) in stories {
        let _ = writeln!(text, "    ({slug:?}, include_str!({path:?})),");
    }
    text.push_str("];\n");
    text
}

fn macro_over(stories: &[(String, PathBuf)]) -> String {
    let mut text = String::from(
        "/// Calls a macro with `name \"slug\"` for each story, so that each becomes a test of its own.\n\
         #[macro_export]\nmacro_rules! for_each_story {\n    ($each:ident) => {\n        $each! {\n",
    );
    for (slug, _) in stories {
        let _ = writeln!(text, "            {} {slug:?}", slug.replace('-', "_"));
    }
    text.push_str("        }\n    };\n}\n");
    text
}
