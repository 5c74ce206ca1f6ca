//! The object store behind [`app::ports::BlobStore`]: a folder, or a bucket.
//!
//! **Invariant:** an object is complete and durable before it has its name, and is never replaced.

mod local;
mod remote;
#[cfg(test)]
mod suite;

use std::{path::PathBuf, sync::Arc};

use app::ports::BlobStore;
use object_store::aws::AmazonS3Builder;

pub use local::LocalBlobStore;
pub use remote::RemoteBlobStore;

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
