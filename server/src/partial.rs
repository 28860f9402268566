//! A file that has no name until it is whole: nothing is overwritten, and nobody takes half of it for all.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Why there is no file of that name, or another one.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// There is a file of that name.
    #[error("`{}` is there already, and nothing is overwritten", .0.display())]
    Exists(PathBuf),
    /// The name under which it is made is taken.
    #[error("`{}` is there already: the same is being made by somebody else, or was broken off, and then this file must be removed", .0.display())]
    UnderWay(PathBuf),
    /// The file system refused.
    #[error("`{path}` cannot be written: {error}", path = .0.display(), error = .1)]
    File(PathBuf, io::Error),
}

/// The file while it is made, readable for its owner only; it is taken away unless it gets its name.
pub(crate) struct Partial {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What is written to.
    pub(crate) file: File,
}

impl Partial {
    /// Begins what will have the name `to`.
    ///
    /// # Errors
    /// [`NotMade`].
    pub(crate) fn make(to: &Path) -> Result<Self, NotMade> {
        const OWNER_ONLY: u32 = 0o600;
        if to.symlink_metadata().is_ok() {
            return Err(NotMade::Exists(to.to_owned()));
        }
        let path = to.with_added_extension("partial");
        match OpenOptions::new().create_new(true).write(true).mode(OWNER_ONLY).open(&path) {
            Ok(file) => Ok(Self { path, file }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(NotMade::UnderWay(path)),
            Err(error) => Err(NotMade::File(path, error)),
        }
    }

    /// Gives it its name, once it is on the disk; tells how large it is. A link does not overwrite, where a rename would.
    ///
    /// # Errors
    /// [`NotMade`].
    pub(crate) fn name(self, to: &Path) -> Result<u64, NotMade> {
        let failed = |error| NotMade::File(to.to_owned(), error);
        self.file.sync_all().map_err(failed)?;
        let bytes = self.file.metadata().map_err(failed)?.len();
        fs::hard_link(&self.path, to).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => NotMade::Exists(to.to_owned()),
            _ => failed(error),
        })?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // The other name goes before the folder is synced.
        drop(self);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(bytes)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // With what SQLite makes beside a database.
        for ending in ["", "-journal", "-wal", "-shm"] {
            let mut path = self.path.as_os_str().to_owned();
            path.push(ending);
            // What is not there need not go.
            let _ = fs::remove_file(path);
        }
    }
}
