//! Folders as lists of files, always in the same order.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::failure::{FileContext, Outcome};

/// All files below `folder`, sorted by path; none when it does not exist. A file is its own only entry.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(path) = waiting.pop() {
        if path.is_file() {
            found.push(path);
        } else if path.is_dir() {
            for entry in fs::read_dir(&path).file(&path)? {
                waiting.push(entry.file(&path)?.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The bytes of all files below `folder`; what cannot be read counts nothing.
pub(crate) fn bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

/// Whether the file exists and was written less than `age` ago.
pub(crate) fn is_younger(path: &Path, age: Duration) -> bool {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|passed| passed < age))
}

/// Makes all files below `folder` as new as if they were written now.
///
/// # Errors
/// When one of them cannot be opened for writing.
pub(crate) fn touch(folder: &Path) -> Outcome<()> {
    let now = SystemTime::now();
    for path in files(folder)? {
        let file = fs::File::options().append(true).open(&path).file(&path)?;
        file.set_modified(now).file(&path)?;
    }
    Ok(())
}

/// Reads a file, naming it when that fails.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).file(path)
}

/// Reads a text file, naming it when that fails.
///
/// # Errors
/// When it cannot be read or is no UTF-8.
pub(crate) fn read_text(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).file(path)
}

/// Writes a file and the folders it needs.
///
/// # Errors
/// When either cannot be written.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Outcome<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).file(folder)?;
    }
    fs::write(path, bytes).file(path)
}

/// Makes `folder` new and empty.
///
/// # Errors
/// When the old one cannot be removed or the new one not made.
pub(crate) fn empty(folder: &Path) -> Outcome<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).file(folder)?;
    }
    fs::create_dir_all(folder).file(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_touched_is_young_again() {
        let folder = std::env::temp_dir().join(format!("tearoff-touched-{}", std::process::id()));
        let file = folder.join("deep/source.rs");
        write(&file, "//! Old.").expect("written");
        let hour = Duration::from_secs(3600);
        let old = SystemTime::now() - 2 * hour;
        fs::File::options().append(true).open(&file).expect("there").set_modified(old).expect("made older");
        assert!(!is_younger(&file, hour));
        touch(&folder).expect("touched");
        assert!(is_younger(&file, hour));
        fs::remove_dir_all(folder).expect("removed");
    }
}
