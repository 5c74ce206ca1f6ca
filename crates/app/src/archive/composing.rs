//! Instances that come in two: what they say, and their bulk data (PS3.18 §10.5.1).
//!
//! Metadata is held, bulk data spooled; when all has come, each instance is written into the batch as the Part 10
//! file it is from then on.
//!
//! **Invariant:** metadata of a request is bounded as a whole, bulk data lies on the disk; neither is believed before
//! it went through the index like any file.

use std::{collections::HashMap, fs::File, os::unix::fs::FileExt as _, sync::Arc};

use bytes::Bytes;
use dicom::{
    Limits, MediaType,
    compose::{BulkPart, ComposeError, Piece, bulk_transfer_syntax, claimed_uid, compose},
    xml::read_native_model,
};
use domain::ErrorCode;
use serde_json::{Map, Value};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{ingest::Ingest, report::StoreReport, spool::blocking};
use crate::AppError;

/// What all metadata of a request may have.
const METADATA_BYTES: usize = 8 << 20;
/// So much of bulk data is held before it goes to the spool, and copied at a time.
const HELD_BYTES: usize = 1 << 20;
/// A codestream says within so many bytes what it is.
const HEAD_BYTES: usize = 64 << 10;

/// So many requests have their metadata in memory at once.
static ROOM: Semaphore = Semaphore::const_new(4);

/// One request of metadata and bulk data on its way in.
#[derive(Debug)]
pub struct Composing {
    ingest: Ingest,
    spool: Arc<File>,
    spooled: u64,
    parts: usize,
    data_sets: Vec<Map<String, Value>>,
    metadata_bytes: usize,
    bulk: HashMap<String, Bulk>,
    open: Open,
    held: Vec<u8>,
    _room: SemaphorePermit<'static>,
}

/// The parts of one BulkDataURI.
#[derive(Debug, Default)]
struct Bulk {
    parts: Vec<BulkPart>,
    /// Where each begins in the spool.
    offsets: Vec<u64>,
}

/// The part that is being read.
#[derive(Debug)]
enum Open {
    Nothing,
    Json,
    Xml,
    Bulk {
        location: String,
        media_type: Option<MediaType>,
        head: Vec<u8>,
        from: u64,
    },
}

impl Composing {
    /// Begins to put instances of a request together.
    ///
    /// Errors: `STORAGE_FULL`, `STORAGE_UNAVAILABLE`.
    pub async fn begin(ingest: Ingest) -> Result<Self, AppError> {
        let room = ROOM.acquire().await.map_err(|_| AppError::Internal {
            what: "the room for metadata is never closed".to_owned(),
        })?;
        let folder = ingest.spool_dir().to_owned();
        let spool = blocking(move || {
            std::fs::create_dir_all(&folder)?;
            tempfile::tempfile_in(folder)
        });
        Ok(Self {
            spool: Arc::new(spool.await?),
            ingest,
            spooled: 0,
            parts: 0,
            data_sets: Vec::new(),
            metadata_bytes: 0,
            bulk: HashMap::new(),
            open: Open::Nothing,
            held: Vec::new(),
            _room: room,
        })
    }

    /// Begins a part: metadata by its media type, else bulk data of this Content-Location.
    ///
    /// Errors: `BAD_REQUEST` for bulk data that nothing can name, `PAYLOAD_TOO_LARGE` for too many parts.
    pub fn begin_part(
        &mut self,
        media_type: Option<MediaType>,
        location: Option<&str>,
    ) -> Result<(), AppError> {
        self.parts += 1;
        let most = self.ingest.most_parts();
        if self.parts > most {
            let text = format!("a request may have {most} parts at the most");
            return Err(AppError::refused(ErrorCode::PayloadTooLarge, text));
        }
        self.held.clear();
        let essence = media_type.as_ref().map(|media_type| media_type.essence.as_str());
        self.open = match essence {
            Some("application/dicom+json" | "application/json") => Open::Json,
            Some("application/dicom+xml" | "application/xml" | "text/xml") => Open::Xml,
            _ => {
                let location = location.map(str::trim).filter(|location| !location.is_empty());
                let missing =
                    || AppError::refused(ErrorCode::BadRequest, "bulk data needs a Content-Location");
                Open::Bulk {
                    location: location.ok_or_else(missing)?.to_owned(),
                    media_type,
                    head: Vec::new(),
                    from: self.spooled,
                }
            }
        };
        Ok(())
    }

    /// Adds bytes to the part.
    ///
    /// Errors: `PAYLOAD_TOO_LARGE`, `STORAGE_FULL`.
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), AppError> {
        if let Open::Bulk { head, from, .. } = &mut self.open {
            let wanted = HEAD_BYTES.saturating_sub(head.len()).min(chunk.len());
            head.extend_from_slice(&chunk[..wanted]);
            let length = self.spooled + self.held.len() as u64 + chunk.len() as u64 - *from;
            if length > self.ingest.most_bytes() {
                let text = "bulk data is larger than an instance may be";
                return Err(AppError::refused(ErrorCode::PayloadTooLarge, text));
            }
            self.held.extend_from_slice(&chunk);
            if self.held.len() >= HELD_BYTES {
                self.spool_held().await?;
            }
            return Ok(());
        }
        self.metadata_bytes += chunk.len();
        if self.metadata_bytes > METADATA_BYTES {
            let text = format!(
                "the metadata of a request may have {} MB at the most",
                METADATA_BYTES >> 20
            );
            return Err(AppError::refused(ErrorCode::PayloadTooLarge, text));
        }
        self.held.extend_from_slice(&chunk);
        Ok(())
    }

    /// Ends the part.
    ///
    /// Errors: `BAD_REQUEST` for metadata that cannot be read, `UNSUPPORTED_MEDIA_TYPE` for bulk data of a kind that
    /// is not taken.
    pub async fn end_part(&mut self) -> Result<(), AppError> {
        match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Nothing => Ok(()),
            Open::Json => self.take_json(),
            Open::Xml => {
                let limits = Limits {
                    metadata_bytes: METADATA_BYTES,
                    ..Limits::default()
                };
                let data_set = read_native_model(&self.held, &limits)
                    .map_err(|error| AppError::refused(ErrorCode::BadRequest, error.to_string()))?;
                self.data_sets.push(data_set);
                Ok(())
            }
            Open::Bulk {
                location,
                media_type,
                head,
                from,
            } => {
                self.spool_held().await?;
                let transfer_syntax = bulk_transfer_syntax(media_type.as_ref(), &head)
                    .map_err(|error| AppError::refused(ErrorCode::UnsupportedMediaType, error.to_string()))?;
                let bulk = self.bulk.entry(location).or_default();
                bulk.parts.push(BulkPart {
                    length: self.spooled - from,
                    transfer_syntax,
                });
                bulk.offsets.push(from);
                Ok(())
            }
        }
    }

    /// Writes the instances and makes them durable and visible.
    ///
    /// Errors: `BAD_REQUEST` when no metadata came; those of [`Ingest::commit`].
    pub async fn commit(mut self) -> Result<StoreReport, AppError> {
        if self.data_sets.is_empty() {
            return Err(AppError::refused(
                ErrorCode::BadRequest,
                "the request has no metadata",
            ));
        }
        for data_set in std::mem::take(&mut self.data_sets) {
            self.write_instance(&data_set).await?;
        }
        self.ingest.commit().await
    }

    async fn write_instance(&mut self, data_set: &Map<String, Value>) -> Result<(), AppError> {
        self.ingest.begin_part(claimed_uid(data_set).as_deref()).await?;
        let bulk = &self.bulk;
        let composed = compose(data_set, |uri| Some(bulk.get(uri.trim())?.parts.as_slice()));
        let composed = match composed {
            Ok(composed) => composed,
            Err(error) => return self.ingest.refuse_part(code_of(&error), error.to_string()).await,
        };
        self.ingest.warn(composed.warning);
        for piece in composed.pieces {
            match piece {
                Piece::Bytes(bytes) => self.ingest.write(bytes.into()).await?,
                Piece::Bulk { uri, part } => self.copy(uri.trim(), part).await?,
            }
        }
        self.ingest.end_part().await
    }

    /// Copies bulk data from the spool into the instance.
    async fn copy(&mut self, uri: &str, part: usize) -> Result<(), AppError> {
        let Some((of, from)) = self
            .bulk
            .get(uri)
            .and_then(|bulk| Some((bulk.parts.get(part)?, *bulk.offsets.get(part)?)))
        else {
            return Ok(());
        };
        let (mut from, end) = (from, from + of.length);
        while from < end {
            let wanted = usize::try_from(end - from).unwrap_or(HELD_BYTES).min(HELD_BYTES);
            let spool = Arc::clone(&self.spool);
            let bytes = blocking(move || {
                let mut bytes = vec![0; wanted];
                spool.read_exact_at(&mut bytes, from)?;
                Ok(bytes)
            })
            .await?;
            from += wanted as u64;
            self.ingest.write(bytes.into()).await?;
        }
        Ok(())
    }

    async fn spool_held(&mut self) -> Result<(), AppError> {
        let held = std::mem::take(&mut self.held);
        let (at, spool) = (self.spooled, Arc::clone(&self.spool));
        self.spooled += held.len() as u64;
        let mut held = blocking(move || {
            spool.write_all_at(&held, at)?;
            Ok(held)
        })
        .await?;
        held.clear();
        self.held = held;
        Ok(())
    }

    fn take_json(&mut self) -> Result<(), AppError> {
        // Never with the parser's own words: they quote the body.
        let wrong = |_| AppError::refused(ErrorCode::BadRequest, "the metadata is not the DICOM JSON Model");
        match serde_json::from_slice::<Value>(&self.held).map_err(wrong)? {
            Value::Object(data_set) => self.data_sets.push(data_set),
            Value::Array(data_sets) => {
                for data_set in data_sets {
                    let Value::Object(data_set) = data_set else {
                        let text = "the metadata is not an array of data sets";
                        return Err(AppError::refused(ErrorCode::BadRequest, text));
                    };
                    self.data_sets.push(data_set);
                }
            }
            _ => {
                let text = "the metadata is not an array of data sets";
                return Err(AppError::refused(ErrorCode::BadRequest, text));
            }
        }
        self.held.clear();
        Ok(())
    }
}

fn code_of(error: &ComposeError) -> ErrorCode {
    match error {
        ComposeError::BulkMissing(_) => ErrorCode::InstanceTruncated,
        ComposeError::Frames(_) => ErrorCode::TransferSyntaxUnknown,
        ComposeError::TooLong(_) => ErrorCode::PayloadTooLarge,
        ComposeError::Model(_) | ComposeError::Value(_) => ErrorCode::NotDicom,
    }
}
