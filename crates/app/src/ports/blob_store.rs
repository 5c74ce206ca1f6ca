//! Immutable objects: originals, renditions, thumbnails, documents.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use chrono::{DateTime, Datelike, Utc};
use domain::{SeriesId, TenantId};
use futures_util::stream::BoxStream;
use uuid::Uuid;

/// The name of an object. It begins with its tenant, whoever makes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// Where the originals of one request go: a tar of Part 10 files.
    pub fn originals(tenant: TenantId, received: DateTime<Utc>, batch: Uuid) -> Self {
        Self(format!(
            "t/{}/originals/{:04}/{:02}/{}.tar",
            tenant.uuid(),
            received.year(),
            received.month(),
            batch
        ))
    }

    /// A series' thumbnail, by the version of the code that drew it.
    pub fn thumbnail(tenant: TenantId, series: SeriesId, version: u32, id: Uuid) -> Self {
        Self(format!(
            "t/{}/renditions/thumbnails/v{version}/{}/{id}.jpg",
            tenant.uuid(),
            series.uuid()
        ))
    }

    /// The viewing rendition of one instance, by the version of the codec that made it.
    pub fn rendition(tenant: TenantId, instance: Uuid, version: u32, id: Uuid) -> Self {
        // Ids begin with the time they were made at: what comes within a minute shares a folder, which has to be
        // made durable once and stays small enough to be listed.
        let minute = instance.as_fields().0;
        Self(format!(
            "t/{}/renditions/htj2k/v{version}/{minute:08x}/{instance}-{id}.frames",
            tenant.uuid()
        ))
    }

    /// A signed report as a document.
    pub fn report(tenant: TenantId, version: Uuid, id: Uuid) -> Self {
        Self(format!("t/{}/reports/{version}/{id}.pdf", tenant.uuid()))
    }

    /// Where everything of a tenant lies.
    pub fn tenant(tenant: TenantId) -> Self {
        Self(format!("t/{}", tenant.uuid()))
    }

    /// The folder of a tenant's checkpoints.
    pub fn checkpoints(tenant: TenantId) -> Self {
        Self(format!("t/{}/audit", tenant.uuid()))
    }

    /// A checkpoint of a tenant's audit trail at `sequence`; later ones have later names.
    pub fn checkpoint(tenant: TenantId, sequence: i64, id: Uuid) -> Self {
        let folder = Self::checkpoints(tenant);
        Self(format!("{folder}/{}{id}.jws", Self::checkpoint_number(sequence)))
    }

    /// How the name of a checkpoint at `sequence` begins.
    pub fn checkpoint_number(sequence: i64) -> String {
        format!("{sequence:019}-")
    }

    /// The key a row of the store names; `tenant` must be the row's, which the key is checked against.
    pub fn stored(tenant: TenantId, key: String) -> Option<Self> {
        key.starts_with(&format!("t/{}/", tenant.uuid()))
            .then_some(Self(key))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A failed operation on the object store.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The store has no object of that name.
    #[error("no object {key}")]
    NotFound {
        /// The name.
        key: String,
    },
    /// The object is there, but ends early or holds other bytes than were stored.
    #[error("object {key} is damaged")]
    Damaged {
        /// The name.
        key: String,
    },
    /// The object is on media that are not at hand, and safe there as far as anybody can tell.
    #[error("object {key} is on media that are not at hand")]
    Offline {
        /// The name.
        key: String,
    },
    /// No space is left.
    #[error("no space left")]
    Full,
    /// The store does not answer, or answers with an error.
    #[error("{cause}")]
    Unavailable {
        /// What it said, for the log.
        cause: String,
    },
}

impl BlobError {
    /// What an error of the spool, where objects wait to be made, means to who stores.
    pub fn of_spool(kind: std::io::ErrorKind) -> Self {
        use std::io::ErrorKind;
        match kind {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            kind => Self::Unavailable {
                cause: format!("spool: {kind}"),
            },
        }
    }
}

/// The bytes of an object as they are read.
pub type BlobStream = BoxStream<'static, Result<Bytes, BlobError>>;

/// An object as a walk over the store finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundObject {
    /// Its key.
    pub key: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

/// Objects as a walk over the store finds them.
pub type ObjectWalk = BoxStream<'static, Result<FoundObject, BlobError>>;

/// The object store.
#[async_trait::async_trait]
pub trait BlobStore: Send + Sync + fmt::Debug {
    /// Makes the file at `path` the object `key`; the file is gone or useless afterwards. When this
    /// returns the object survives a power failure. An existing object is never replaced.
    async fn put_file(&self, key: &ObjectKey, path: &Path) -> Result<(), BlobError>;

    /// Stores a small object durably.
    async fn put(&self, key: &ObjectKey, content: Bytes) -> Result<(), BlobError>;

    /// Reads a small range whole.
    async fn read(&self, key: &ObjectKey, range: Range<u64>) -> Result<Bytes, BlobError>;

    /// Reads a range of any size as a stream of chunks.
    async fn stream(&self, key: &ObjectKey, range: Range<u64>) -> Result<BlobStream, BlobError>;

    /// A whole small object.
    async fn get(&self, key: &ObjectKey) -> Result<Bytes, BlobError>;

    /// The file that holds `key`, where objects are local files; a codec child reads it in place.
    fn local_file(&self, _key: &ObjectKey) -> Option<PathBuf> {
        None
    }

    /// The names of the objects right below `folder`, in no order; none when there is no such folder.
    async fn list(&self, folder: &ObjectKey) -> Result<Vec<String>, BlobError>;

    /// Every object below `folder`, however deep, in no order. What is written meanwhile may be found or not.
    fn walk(&self, folder: &ObjectKey) -> ObjectWalk;

    /// How many bytes an object has.
    async fn size(&self, key: &ObjectKey) -> Result<u64, BlobError>;

    /// Removes an object; one that is absent is no error.
    async fn delete(&self, key: &ObjectKey) -> Result<(), BlobError>;

    /// Whether the store can be written to.
    async fn check(&self) -> Result<(), BlobError>;
}
