//! The files that pages load: loader, widget, demo page. Read once at start and served from memory, so that no request's path ever
//! reaches a file system.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Most bytes of all files together: hundreds of times what a bundle weighs.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Deepest folder: far deeper than the bundle goes, and an end to a link that points to its own folder.
const DEPTH_MAX: usize = 8;

/// One file in every form in which it can be sent.
#[derive(Clone, Debug)]
pub struct Served {
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub plain: Vec<u8>,
    /// The same, compressed with brotli, where the bundle has that.
    pub brotli: Option<Vec<u8>>,
    /// The same, compressed with gzip, where the bundle has that.
    pub gzip: Option<Vec<u8>>,
    /// A strong validator of its plain bytes, without quotes.
    pub tag: String,
}

/// All files by their path, without a leading slash.
#[derive(Clone, Debug, Default)]
pub struct Files(HashMap<String, Served>);

/// A folder that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The file system refused.
    #[error("`{path}` cannot be read: {error}", path = .0.display(), error = .1)]
    Unreadable(PathBuf, std::io::Error),
    /// It is no bundle.
    #[error("`{}` is too large or too deep to be the bundle", .0.display())]
    TooLarge(PathBuf),
}

impl Files {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`FilesError`].
    pub fn read(folder: &Path) -> Result<Self, FilesError> {
        let mut found = HashMap::new();
        let mut left = BYTES_MAX;
        collect(folder, "", DEPTH_MAX, &mut left, &mut found)?;
        let compressed = |path: &str, extension: &str| found.get(&format!("{path}.{extension}")).cloned();
        let mut files = HashMap::new();
        for (path, plain) in &found {
            let Some(media_type) = media_type(path) else { continue };
            let tag: String = Sha256::digest(plain).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            let served = Served {
                media_type,
                plain: plain.clone(),
                brotli: compressed(path, "br"),
                gzip: compressed(path, "gz"),
                tag,
            };
            files.insert(path.clone(), served);
        }
        Ok(Self(files))
    }

    /// The file at a path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Served> {
        self.0.get(path)
    }
}

fn collect(
    folder: &Path,
    prefix: &str,
    depth: usize,
    left: &mut u64,
    found: &mut HashMap<String, Vec<u8>>,
) -> Result<(), FilesError> {
    let Some(deeper) = depth.checked_sub(1) else { return Err(FilesError::TooLarge(folder.to_owned())) };
    let unreadable = |error| FilesError::Unreadable(folder.to_owned(), error);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = entry.path();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), deeper, left, found)?;
            continue;
        }
        let bytes = fs::read(&path).map_err(|error| FilesError::Unreadable(path.clone(), error))?;
        let rest = left.checked_sub(bytes.len() as u64).ok_or_else(|| FilesError::TooLarge(folder.to_owned()))?;
        *left = rest;
        found.insert(format!("{prefix}{name}"), bytes);
    }
    Ok(())
}

/// The media types that a bundle has; anything else in the folder is not served.
fn media_type(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    match extension {
        "html" => Some("text/html; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "wasm" => Some("application/wasm"),
        // A release's sentences. Elsewhere JSON is no page's: a seed holds keys.
        "json" if path.starts_with("r/") => Some("application/json"),
        "svg" => Some("image/svg+xml"),
        "png" => Some("image/png"),
        "webp" => Some("image/webp"),
        "ico" => Some("image/x-icon"),
        "txt" => Some("text/plain; charset=utf-8"),
        _ => None,
    }
}
