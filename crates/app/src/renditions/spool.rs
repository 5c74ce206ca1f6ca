//! A file in the spool folder that is gone when nobody needs it any more.

use std::path::{Path, PathBuf};

use crate::App;

/// The path of a spooled file; dropping it removes the file, if there is one.
#[derive(Debug)]
pub struct SpoolFile {
    path: PathBuf,
}

impl SpoolFile {
    /// Where the file is, or will be.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SpoolFile {
    fn drop(&mut self) {
        // Mostly it has been moved into the object store; what a crash leaves is swept later.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl App {
    /// A fresh name in the spool folder; nothing is created yet.
    pub(crate) fn spool_file(&self, what: &str) -> SpoolFile {
        SpoolFile {
            path: self
                .settings
                .spool_dir
                .join(format!("{what}-{}", self.ids.next().simple())),
        }
    }
}
