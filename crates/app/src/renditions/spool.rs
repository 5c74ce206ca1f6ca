//! A file in the spool folder that is gone when nobody needs it any more.

use std::path::{Path, PathBuf};

use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::source::spool_error;
use crate::{
    App, AppError,
    ports::{BlobError, BlobStream},
};

/// A file is read in pieces of this size.
const CHUNK_BYTES: usize = 64 << 10;

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

    /// The file's bytes in chunks. Its name is gone at once, its space when the stream is.
    pub async fn stream(self) -> Result<BlobStream, AppError> {
        let file = File::open(&self.path).await.map_err(spool_error)?;
        let unreadable = |error: std::io::Error| BlobError::Unavailable {
            cause: format!("spool: {}", error.kind()),
        };
        Ok(ReaderStream::with_capacity(file, CHUNK_BYTES)
            .map_err(unreadable)
            .boxed())
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
