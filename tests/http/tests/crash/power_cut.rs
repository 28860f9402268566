//! A disk that holds what was synced, and nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;

use tearoff_http_tests::process::Start;
use tempfile::TempDir;

/// What a disk would hold after a power cut: of every file of the database, what was last synced.
pub(super) struct PowerCut {
    folder: TempDir,
    library: PathBuf,
}

impl PowerCut {
    pub(super) fn prepare() -> Self {
        let folder = TempDir::new().unwrap();
        let library = folder.path().join("power_cut.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crash/power_cut.c");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
        let built = Command::new(&compiler)
            .args(["-O2", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .args([source, "-ldl"])
            .status();
        assert!(built.is_ok_and(|status| status.success()), "`{compiler}` builds SQLite and must build power_cut.c");
        Self { folder, library }
    }

    pub(super) fn preloaded(&self, start: Start) -> Start {
        let database = start.database();
        start
            .with("LD_PRELOAD", self.library.to_str().unwrap())
            .with("POWER_CUT_FILES", database.to_str().unwrap())
            .with("POWER_CUT_DISK", self.folder.path().to_str().unwrap())
    }

    /// Gives the database what the disk holds, as after a reboot.
    pub(super) fn restore(&self, database: &Path) {
        let name = database.file_name().unwrap().to_str().unwrap();
        for ending in ["", "-wal", "-shm", "-journal"] {
            let file = format!("{name}{ending}");
            let _ = std::fs::remove_file(database.with_file_name(&file));
            let kept = self.folder.path().join(&file);
            if kept.exists() {
                std::fs::copy(kept, database.with_file_name(&file)).unwrap();
            }
        }
    }
}
