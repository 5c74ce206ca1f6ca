//! An instance's bytes, where a codec child can read them.

use dicom::codec::Source;
use futures_util::StreamExt as _;
use store::InstanceRow;
use tokio::{fs::File, io::AsyncWriteExt as _};

use super::SpoolFile;
use crate::{
    App, AppError,
    ports::{BlobError, ObjectKey},
};

/// Instances up to this size travel to the child through its pipe, larger ones through a file.
const LARGEST_INLINE_BYTES: u64 = 16 << 20;

/// What a codec child reads, and the file behind it where one had to be made.
#[derive(Debug)]
pub struct PixelSource {
    /// For the request.
    pub source: Source,
    /// Kept while the child reads it.
    pub spooled: Option<SpoolFile>,
}

impl App {
    /// Makes an instance's original bytes readable for a codec child.
    ///
    /// An object store with local files lends a range of the object; from any other the bytes are fetched.
    pub async fn pixel_source(
        &self,
        tenant: domain::TenantId,
        instance: &InstanceRow,
    ) -> Result<PixelSource, AppError> {
        let key =
            ObjectKey::stored(tenant, instance.object_key.clone()).ok_or_else(|| AppError::Internal {
                what: "an object key of another tenant".to_owned(),
            })?;
        let range = instance.offset..instance.offset + instance.length;
        if let Some(path) = self.blobs.local_file(&key) {
            let source = Source::File {
                path,
                offset: instance.offset,
                length: instance.length,
            };
            return Ok(PixelSource {
                source,
                spooled: None,
            });
        }
        if instance.length <= LARGEST_INLINE_BYTES {
            let bytes = self.blobs.read(&key, range).await?;
            return Ok(PixelSource {
                source: Source::Inline(bytes.into()),
                spooled: None,
            });
        }
        let spooled = self.spool_file("pixels");
        let mut file = File::create(spooled.path()).await.map_err(spool_error)?;
        let mut chunks = self.blobs.stream(&key, range).await?;
        while let Some(chunk) = chunks.next().await {
            file.write_all(&chunk?).await.map_err(spool_error)?;
        }
        file.flush().await.map_err(spool_error)?;
        let source = Source::File {
            path: spooled.path().to_owned(),
            offset: 0,
            length: instance.length,
        };
        Ok(PixelSource {
            source,
            spooled: Some(spooled),
        })
    }
}

pub(super) fn spool_error(error: std::io::Error) -> AppError {
    AppError::Blob(match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => BlobError::Full,
        kind => BlobError::Unavailable {
            cause: format!("spool: {kind}"),
        },
    })
}
