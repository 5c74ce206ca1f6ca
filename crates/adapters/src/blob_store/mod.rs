//! The object store behind [`app::ports::BlobStore`]: a folder, or a bucket.
//!
//! **Invariant:** an object is complete and durable before it has its name, and is never replaced.

mod local;
mod remote;
mod shelf;
#[cfg(test)]
mod suite;

use std::{path::PathBuf, sync::Arc};

use app::ports::BlobStore;
use object_store::aws::AmazonS3Builder;

pub use local::LocalBlobStore;
pub use remote::RemoteBlobStore;
pub use shelf::{SHELF_MARK, ShelfBlobStore};

/// Why an object store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is neither `file://…` nor `s3://…`.
    #[error("the object store address must begin with file:// or s3://")]
    Address,
    /// The folder cannot be made or reached.
    #[error("the object store folder {path} cannot be used")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The bucket's settings are not complete.
    #[error("the bucket cannot be used")]
    Bucket(#[from] object_store::Error),
}

/// Opens the store at `url`: `file://data/objects` (a path from the working directory), `file:///var/objects`,
/// or `s3://bucket`, whose credentials, region and endpoint come from the usual `AWS_*` variables.
///
/// A folder keeps `reserve_bytes` of its disk free: the database beside it must be able to commit when the
/// images have filled the rest.
pub fn open(url: &str, reserve_bytes: u64) -> Result<Arc<dyn BlobStore>, OpenError> {
    if let Some(path) = url.strip_prefix("file://") {
        return Ok(Arc::new(LocalBlobStore::open(path, reserve_bytes)?));
    }
    if !url.starts_with("s3://") {
        return Err(OpenError::Address);
    }
    let bucket = AmazonS3Builder::from_env().with_url(url).build()?;
    Ok(Arc::new(RemoteBlobStore::new(Arc::new(bucket))))
}

/// The same for a store whose media are not always at hand: a folder on a disk that is taken out is a
/// [`ShelfBlobStore`]. A bucket says itself of each object whether it is archived.
pub fn open_offline(url: &str) -> Result<Arc<dyn BlobStore>, OpenError> {
    match url.strip_prefix("file://") {
        Some(path) => Ok(Arc::new(ShelfBlobStore::open(path)?)),
        None => open(url, 0),
    }
}
