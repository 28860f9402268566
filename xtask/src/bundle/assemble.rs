//! The second stage: from widget, loader and demo page to the folder that is served.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, FileContext, Outcome};
use crate::hash;
use crate::process::Run;
use crate::tree;
use crate::workspace::Workspace;

use super::sizes::{Size, Sizes};
use super::widget::Widget;
use super::{Provenance, compress, languages, release};

/// The demo site's data is the server's, not the visitors'.
const NOT_SERVED: &str = "seed.json";
const COMPRESSED: [&str; 6] = ["html", "css", "js", "json", "svg", "txt"];

/// Makes the folder anew, beside the old one, and puts it in that one's place.
///
/// # Errors
/// When a source is missing, or the minifier fails.
pub(crate) fn dist(
    workspace: &Workspace,
    widget: &Widget,
    minifier: Option<&Path>,
    provenance: Provenance,
) -> Outcome<Sizes> {
    let (old, new) = (workspace.dist(), workspace.scratch().join("dist"));
    tree::empty(&new)?;
    let (glue, wasm) = (tree::read(&widget.glue)?, tree::read(&widget.wasm)?);
    let source = loader(workspace, minifier)?;
    let languages = languages::read(&workspace.root.join("widget/words"))?;
    let name = release::name(&source, &glue, &wasm, &languages);
    let loader = release::loader(&source, &name, &glue, &wasm)?.into_bytes();
    place(&new.join("tearoff.js"), &loader)?;
    let folder = new.join("r").join(&name);
    let size = |file: &str, bytes: &[u8]| place(&folder.join(file), bytes);
    let (loader, glue, wasm) = (size("tearoff.js", &loader)?, size("widget.js", &glue)?, size("widget.wasm", &wasm)?);
    let files = languages.iter().map(|language| size(&[&language.name, ".json"].concat(), language.json.as_bytes()));
    let files = files.collect::<Outcome<Vec<_>>>()?;
    let words = files.into_iter().max_by_key(|file| file.brotli).ok_or_else(|| Failure::new("there is no language"))?;
    booking(workspace, &new)?;
    if old.exists() {
        fs::remove_dir_all(&old).file(&old)?;
    }
    fs::rename(&new, &old).file(&old)?;
    let Provenance { inputs, made_without } = provenance;
    Ok(Sizes { inputs, release: name, made_without, loader, glue, wasm, words })
}

/// The loader with its style sheet, minified, its places still unfilled.
fn loader(workspace: &Workspace, minifier: Option<&Path>) -> Outcome<String> {
    let folder = workspace.root.join("www/loader");
    let text = |path: &Path| match minifier {
        Some(minifier) => minify(minifier, path),
        None => tree::read_text(path),
    };
    let style = folder.join("tearoff.css");
    let style = style.is_file().then(|| text(&style)).transpose()?;
    release::with_style(text(&folder.join("tearoff.js"))?.trim_end(), style.as_deref())
}

fn minify(minifier: &Path, file: &Path) -> Outcome<String> {
    let common = ["--minify", "--target=es2022", "--charset=utf8", "--legal-comments=none", "--log-level=error"];
    let minified = Run::new(minifier).arg(file).args(common).output()?;
    // What nothing assigns to may be `let` as well, and is shorter: the loader has a dozen of them, and no text with this word.
    Ok(minified.replace("const ", "let "))
}

fn booking(workspace: &Workspace, new: &Path) -> Outcome<()> {
    let www = workspace.root.join("www");
    for file in tree::files(&www.join("booking"))? {
        if file.file_name().is_some_and(|name| name != NOT_SERVED) {
            place(&new.join(file.strip_prefix(&www).unwrap_or(&file)), &tree::read(&file)?)?;
        }
    }
    Ok(())
}

/// Writes a file with its compressed forms beside it.
fn place(path: &Path, bytes: &[u8]) -> Outcome<Size> {
    tree::write(path, bytes)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut size = Size { name, raw: bytes.len() as u64, gzip: 0, brotli: 0, integrity: hash::integrity(bytes) };
    let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    if extension == "wasm" || COMPRESSED.contains(&extension.as_str()) {
        let (brotli, gzip) = (compress::brotli(bytes)?, compress::gzip(bytes)?);
        tree::write(&path.with_added_extension("br"), &brotli)?;
        tree::write(&path.with_added_extension("gz"), &gzip)?;
        (size.brotli, size.gzip) = (brotli.len() as u64, gzip.len() as u64);
    }
    Ok(size)
}
