//! A folder for what a step's programs leave behind: browsers that are ended by force leave a good deal.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{FileContext, Outcome};

/// The folder, removed with all it holds when this value is dropped.
#[derive(Debug)]
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    /// Makes the folder, with a short path: browsers put sockets into it, whose paths may have about a hundred bytes.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn new() -> Outcome<Self> {
        let folder = std::env::temp_dir().join(format!("tearoff-{}", std::process::id()));
        fs::create_dir_all(&folder).file(&folder)?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // A browser that is just ending may still write: what stays then is as much as it would have left without us.
        let _gone = fs::remove_dir_all(&self.0);
    }
}
