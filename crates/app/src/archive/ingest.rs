//! Begin → write → commit: how images come in.
//!
//! A request's parts stream into a [`Batch`]: a spooled tar, each part indexed as it ends. A full batch becomes one
//! durable object, then one transaction makes its instances visible, and the next part begins another. Only when
//! all are committed the sender is told.
//!
//! **Invariant:** a batch is stored whole or not at all. A request that breaks off leaves the batches that were
//! full, and nothing of the one that was not; whoever sends it again finds the former stored already.
//!
//! **Invariant:** however many parts a request has, it holds two megabytes of bytes, one batch's facts, and of each
//! part before them what the answer says about it.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use dicom::{Refusal, Uid, stow::WarningReason};
use domain::{Actor, ErrorCode, FacilityId, Permission, UploadId};
use store::{TenantRead, UploadRow};

use super::{
    batch::{Batch, Sending},
    batch_file::{BatchFile, PartRefusal, ReceivedPart},
    judging::Addressed,
    part::Part,
    report::{PartOutcome, RequestOutcome, StoreReport, StoredPart},
    verdict,
};
use crate::{App, AppError, ports::BlobError};

/// Bytes held before they go to the spool. While they do, so many more are taken.
const HELD_BYTES: usize = 1 << 20;

/// Chunks held before they go to the spool, however small they are.
const HELD_CHUNKS: usize = 256;

/// A batch has so many parts at the most: their facts are in memory until it is committed, and their rows go into
/// one transaction.
const BATCH_PARTS: usize = 500;

/// Where images are sent to.
#[derive(Debug, Clone, Default)]
pub struct IngestTarget {
    /// The study of the address; instances of others are refused.
    pub study_instance_uid: Option<String>,
    /// The upload the request belongs to; instances it did not announce are refused.
    pub upload: Option<UploadId>,
    /// The one instance that is sent; others are refused.
    pub instance: Option<SentInstance>,
}

/// The instance a sender says it sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentInstance {
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
}

/// One request's images on their way in.
#[derive(Debug)]
pub struct Ingest {
    sending: Sending,
    addressed: Addressed,
    /// The batch under way; none before the first part and after a full one.
    batch: Option<Batch>,
    /// What became of the parts of the batches before it.
    told: Vec<StoredPart>,
    held: Vec<Bytes>,
    held_bytes: usize,
    /// The part that is received.
    open: Option<OpenPart>,
    /// The part before it, while its end is worked on.
    ending: Option<OpenPart>,
    tally: Tally,
}

/// A part that is received.
#[derive(Debug)]
struct OpenPart {
    name: String,
    claimed_uid: Option<Uid>,
    warning: Option<WarningReason>,
    /// Whether the file knows of it.
    is_spooled: bool,
}

/// Counts a request when it ends, however it ends.
#[derive(Debug)]
struct Tally {
    outcome: RequestOutcome,
    received_bytes: u64,
    began: Instant,
}

impl Drop for Tally {
    fn drop(&mut self) {
        let outcome = self.outcome.as_str();
        metrics::counter!("telerad_ingest_requests_total", "outcome" => outcome).increment(1);
        metrics::counter!("telerad_ingest_bytes_total").increment(self.received_bytes);
        metrics::histogram!("telerad_ingest_seconds").record(self.began.elapsed().as_secs_f64());
    }
}

impl App {
    /// Begins to take images in.
    ///
    /// Errors: `NOT_FOUND` for an upload that is not the actor's, `INVALID_INPUT` when the sender could mean
    /// several facilities and names none, `FORBIDDEN` when there is none, `STORAGE_FULL`.
    pub async fn begin_ingest(&self, actor: &Actor, target: IngestTarget) -> Result<Ingest, AppError> {
        self.authorise(actor, Permission::StoreStudies)?;
        let tx = self.store.read(actor).await?;
        let upload = match target.upload {
            Some(id) => Some(self.upload_in_reach(&tx, actor, id).await?),
            None => None,
        };
        let facility = match &upload {
            Some(upload) => upload.facility,
            None => sending_facility(&tx, actor).await?,
        };
        drop(tx);
        let sending = Sending {
            app: self.clone(),
            actor: actor.clone(),
            facility,
            upload,
        };
        Ok(Ingest {
            sending,
            addressed: Addressed {
                study_instance_uid: target.study_instance_uid,
                instance: target.instance,
            },
            batch: None,
            told: Vec::new(),
            held: Vec::new(),
            held_bytes: 0,
            open: None,
            ending: None,
            tally: Tally {
                outcome: RequestOutcome::BrokenOff,
                received_bytes: 0,
                began: Instant::now(),
            },
        })
    }
}

impl Ingest {
    /// Begins a part. `name` is what the sender calls it, if anything; a sender that calls it by its SOP
    /// Instance UID finds it by that in the answer and the receipt, also when it cannot be read.
    ///
    /// Errors: `PAYLOAD_TOO_LARGE` when the request has more parts than it may.
    pub async fn begin_part(&mut self, name: Option<&str>) -> Result<(), AppError> {
        let of_batch = self.batch.as_ref().map_or(0, |batch| batch.parts.len());
        let before = self.told.len() + of_batch + usize::from(self.ending.is_some());
        let most = self.sending.app.settings.max_request_parts;
        if before >= most {
            let text = format!("a request may have {most} parts at the most");
            return Err(AppError::refused(ErrorCode::PayloadTooLarge, text));
        }
        if self.batch.is_none() {
            self.batch = Some(Batch::begin(self.sending.clone(), self.addressed.clone()).await?);
        }
        self.open = Some(OpenPart {
            name: name.map_or_else(
                || format!("part {}", before + 1),
                |name| name.chars().take(200).collect(),
            ),
            claimed_uid: name.and_then(|name| Uid::parse(name).ok()),
            warning: None,
            is_spooled: false,
        });
        Ok(())
    }

    /// Adds bytes to the part.
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), AppError> {
        self.tally.received_bytes += chunk.len() as u64;
        self.held_bytes += chunk.len();
        self.held.push(chunk);
        if self.held_bytes >= HELD_BYTES || self.held.len() >= HELD_CHUNKS {
            self.spool(|_| Ok(None)).await?;
        }
        Ok(())
    }

    /// Where spooled bytes go.
    pub(super) fn spool_dir(&self) -> &std::path::Path {
        &self.sending.app.settings.spool_dir
    }

    /// The most parts of a request.
    pub(super) fn most_parts(&self) -> usize {
        self.sending.app.settings.max_request_parts
    }

    /// The most bytes of an instance.
    pub(super) fn most_bytes(&self) -> u64 {
        self.sending.app.settings.max_instance_bytes
    }

    /// Notes what was changed about the part on its way from what the sender said.
    pub(super) fn warn(&mut self, warning: Option<WarningReason>) {
        if let Some(open) = &mut self.open {
            open.warning = warning;
        }
    }

    /// Ends a part of which nothing is kept, for instance because the rest of it cannot be had.
    ///
    /// Errors: those of [`Ingest::commit`].
    pub async fn refuse_part(&mut self, code: ErrorCode, text: String) -> Result<(), AppError> {
        self.held.clear();
        self.end(move |file| file.give_part_up(code, text)).await
    }

    /// Ends the part: it is indexed, and cut off again when it cannot be stored, while the next one comes. The part
    /// that fills a batch has the batch committed.
    ///
    /// Errors: those of [`Ingest::commit`], also for the part before.
    pub async fn end_part(&mut self) -> Result<(), AppError> {
        let now = self.sending.app.clock.now();
        let indexing = Arc::clone(&self.sending.app.indexing).acquire_owned().await;
        self.end(move |file| {
            let received = file.end_part(now);
            drop(indexing);
            received
        })
        .await
    }

    async fn end(
        &mut self,
        end: impl FnOnce(&mut BatchFile) -> std::io::Result<ReceivedPart> + Send + 'static,
    ) -> Result<(), AppError> {
        self.spool(|file| end(file).map(Some)).await?;
        let part = self.open.take().ok_or_else(lost_batch)?;
        self.ending = Some(part);
        let batch = self.batch.as_ref().ok_or_else(lost_batch)?;
        if batch.parts.len() + 1 >= BATCH_PARTS {
            self.commit_batch().await?;
        }
        Ok(())
    }

    /// Has the bytes held so far go to the file, and more done with it, while the sender goes on.
    async fn spool(
        &mut self,
        then: impl FnOnce(&mut BatchFile) -> std::io::Result<Option<ReceivedPart>> + Send + 'static,
    ) -> Result<(), AppError> {
        let held = std::mem::take(&mut self.held);
        self.held_bytes = 0;
        let open = self.open.as_mut().ok_or_else(lost_batch)?;
        let begins = !std::mem::replace(&mut open.is_spooled, true);
        let batch = self.batch.as_mut().ok_or_else(lost_batch)?;
        let found = batch.spool.begin(move |file| {
            if begins {
                file.begin_part()?;
            }
            held.iter().try_for_each(|chunk| file.write(chunk))?;
            then(file)
        });
        let found = found.await?;
        self.take_found(found)
    }

    /// Adds what a part turned out to be to the batch.
    fn take_found(&mut self, found: Option<ReceivedPart>) -> Result<(), AppError> {
        let Some(received) = found else { return Ok(()) };
        let part = self.ending.take().ok_or_else(lost_batch)?;
        let content = match received.content {
            Err(PartRefusal::Instance(Refusal::Unreadable(kind))) => {
                return Err(BlobError::of_spool(kind).into());
            }
            Err(PartRefusal::Instance(refusal)) => Err((
                ErrorCode::from_code(refusal.code()).unwrap_or(ErrorCode::NotDicom),
                refusal.to_string(),
            )),
            Err(PartRefusal::GivenUp(code, text)) => Err((code, text)),
            Err(PartRefusal::TooLarge) => Err((
                ErrorCode::PayloadTooLarge,
                verdict::reason(ErrorCode::PayloadTooLarge).to_owned(),
            )),
            Ok(instance) => Ok(instance),
        };
        let batch = self.batch.as_mut().ok_or_else(lost_batch)?;
        batch.parts.push(Part {
            name: part.name,
            claimed_uid: part.claimed_uid,
            length: received.length,
            sha256: received.sha256,
            left_out: None,
            warning: part.warning,
            content,
        });
        Ok(())
    }

    /// Makes what came durable and visible, and says what became of each part.
    ///
    /// Errors: `STORAGE_FULL`, `STORAGE_UNAVAILABLE` and internal ones; then nothing of the last batch is stored.
    pub async fn commit(mut self) -> Result<StoreReport, AppError> {
        self.tally.outcome = RequestOutcome::Failed;
        self.commit_batch().await?;
        let report = StoreReport {
            parts: std::mem::take(&mut self.told),
        };
        self.tally.outcome = report.outcome();
        Ok(report)
    }

    async fn commit_batch(&mut self) -> Result<(), AppError> {
        let Some(batch) = &mut self.batch else {
            return Ok(());
        };
        let found = batch.spool.settle().await?;
        self.take_found(found)?;
        let batch = self.batch.take().ok_or_else(lost_batch)?;
        let parts = batch.commit().await?;
        for outcome in parts.iter().map(|part| &part.outcome) {
            let outcome = match outcome {
                PartOutcome::Stored => "stored",
                PartOutcome::Duplicate => "duplicate",
                PartOutcome::Refused { .. } => "refused",
            };
            metrics::counter!("telerad_ingest_instances_total", "outcome" => outcome).increment(1);
        }
        self.told.extend(parts);
        Ok(())
    }
}

/// The one facility a sender can mean.
async fn sending_facility(tx: &TenantRead, actor: &Actor) -> Result<FacilityId, AppError> {
    let facilities = tx.facilities(actor.facilities()).await?;
    match facilities.as_slice() {
        [one] => Ok(one.id),
        [] => Err(AppError::refused(
            ErrorCode::Forbidden,
            "you send for no facility; ask your administrator to assign you to one",
        )),
        _ => Err(AppError::invalid(
            "facility",
            "you may send for several facilities: announce an upload for one of them, or use its API key",
        )),
    }
}

impl App {
    /// An upload the actor may add to.
    pub(super) async fn upload_in_reach(
        &self,
        tx: &TenantRead,
        actor: &Actor,
        id: UploadId,
    ) -> Result<UploadRow, AppError> {
        tx.upload(id)
            .await?
            .filter(|upload| actor.facilities().contains(upload.facility))
            .ok_or(AppError::NotFound { what: "upload" })
    }
}

fn lost_batch() -> AppError {
    AppError::Internal {
        what: "a request went on after its batch had failed".to_owned(),
    }
}
