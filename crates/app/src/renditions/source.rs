//! An instance's bytes, where a codec child can read them.

use dicom::codec::{CodecReply, CodecRequest, Source, Work};
use domain::Actor;
use futures_util::StreamExt as _;
use store::InstanceRow;
use tokio::{fs::File, io::AsyncWriteExt as _};

use super::SpoolFile;
use crate::{
    App, AppError,
    integrity::StoredBytes,
    ports::{BlobError, CodecError},
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
    /// An object store with local files lends a range of the object, which the child checks as it reads; from any
    /// other the bytes are fetched and checked here.
    pub async fn pixel_source(&self, actor: &Actor, instance: &InstanceRow) -> Result<PixelSource, AppError> {
        let stored = StoredBytes::original(actor.tenant(), instance)?;
        let length = instance.length;
        if let Some(path) = self.store_of(instance.tier).local_file(&stored.key) {
            let source = Source::Stored {
                path,
                offset: stored.offset,
                length,
                sums: stored.sums,
            };
            return Ok(PixelSource {
                source,
                spooled: None,
            });
        }
        self.fetched_pixels(actor, &stored).await
    }

    /// The bytes out of whichever store has them sound.
    async fn fetched_pixels(&self, actor: &Actor, stored: &StoredBytes) -> Result<PixelSource, AppError> {
        let length = stored.length;
        let mut chunks = self.open_stored(actor, stored, 0..length).await?;
        if length <= LARGEST_INLINE_BYTES {
            let mut bytes = Vec::new();
            while let Some(chunk) = chunks.next().await {
                bytes.extend_from_slice(&chunk?);
            }
            return Ok(PixelSource {
                source: Source::Inline(bytes),
                spooled: None,
            });
        }
        let spooled = self.spool_file("pixels");
        let mut file = File::create(spooled.path()).await.map_err(spool_error)?;
        while let Some(chunk) = chunks.next().await {
            file.write_all(&chunk?).await.map_err(spool_error)?;
        }
        file.flush().await.map_err(spool_error)?;
        let source = Source::File {
            path: spooled.path().to_owned(),
            offset: 0,
            length,
        };
        Ok(PixelSource {
            source,
            spooled: Some(spooled),
        })
    }

    /// Has a codec child work on an instance's pixels.
    pub(crate) async fn work_on_pixels(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
        work: Work,
    ) -> Result<CodecReply, AppError> {
        let PixelSource { source, spooled } = self.pixel_source(actor, instance).await?;
        let request = CodecRequest {
            source,
            work: work.clone(),
        };
        let outcome = self.run_codec(actor, instance, request).await;
        drop(spooled);
        match outcome {
            // The child read the file in place; another store may have it sound.
            Err(AppError::Codec(CodecError::Damaged)) if self.replica.is_some() => {
                let stored = StoredBytes::original(actor.tenant(), instance)?;
                let PixelSource { source, spooled } = self.fetched_pixels(actor, &stored).await?;
                let outcome = self
                    .run_codec(actor, instance, CodecRequest { source, work })
                    .await;
                drop(spooled);
                outcome
            }
            outcome => outcome,
        }
    }

    /// Runs a request on bytes of `instance`; a child that finds them damaged raises the alarm.
    pub(super) async fn run_codec(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
        request: CodecRequest,
    ) -> Result<CodecReply, AppError> {
        let outcome = match request.work {
            // Nobody waits for a viewing rendition: the original serves meanwhile.
            Work::HtJ2k { .. } => self.background_codec.run(request).await,
            _ => self.codec.run(request).await,
        };
        if let Err(CodecError::Damaged) = outcome {
            self.original_is_damaged(actor, instance).await;
        }
        Ok(outcome?)
    }
}

pub(super) fn spool_error(error: std::io::Error) -> AppError {
    BlobError::of_spool(error.kind()).into()
}
