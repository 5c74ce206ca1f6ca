//! Begin → write → commit: how images come in.
//!
//! A request's parts stream into a spooled tar, each indexed as it ends; then the tar becomes one durable
//! object, then one transaction makes its instances visible, and only then the sender is told.
//!
//! **Invariant:** until [`Ingest::commit`] has succeeded nothing of a request is stored; a request that breaks off
//! leaves nothing, also not the parts that were complete, because nobody was told of them.
//!
//! **Invariant:** a request holds a megabyte of bytes and a few hundred bytes of facts per part in memory.

use std::{collections::HashSet, time::Instant};

use bytes::Bytes;
use dicom::{Limits, Refusal, Uid};
use domain::{Actor, BatchId, ErrorCode, FacilityId, Permission, UploadId};
use store::{TenantRead, UploadRow};
use tokio::sync::Semaphore;

use super::{
    batch_file::{BatchFile, PartRefusal, SpooledInstance},
    policy::{self, Candidate, Known, KnownInstance, KnownStudy, Verdict},
    report::{PartOutcome, RequestOutcome, StoreReport, StoredPart},
    tar,
};
use crate::{
    App, AppError,
    ports::{BlobError, ObjectKey},
};

/// Bytes held before they go to the spool.
const HELD_BYTES: usize = 1 << 20;

/// So many instances are indexed at once: each may hold its whole metadata while it is read.
static INDEXING: Semaphore = Semaphore::const_new(4);

/// Where images are sent to.
#[derive(Debug, Clone, Default)]
pub struct IngestTarget {
    /// The study of the address; instances of others are refused.
    pub study_instance_uid: Option<String>,
    /// The upload the request belongs to; instances it did not announce are refused.
    pub upload: Option<UploadId>,
}

/// One request's images on their way in.
#[derive(Debug)]
pub struct Ingest {
    pub(super) app: App,
    pub(super) actor: Actor,
    pub(super) facility: FacilityId,
    pub(super) upload: Option<UploadRow>,
    pub(super) batch: BatchId,
    pub(super) key: ObjectKey,
    pub(super) parts: Vec<Part>,
    study_instance_uid: Option<String>,
    file: Option<Box<BatchFile>>,
    held: Vec<Bytes>,
    held_bytes: usize,
    part_name: String,
    claimed_uid: Option<Uid>,
    tally: Tally,
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

/// One part as it was received.
#[derive(Debug)]
pub(super) struct Part {
    /// What the sender calls it, or its place in the request.
    pub name: String,
    /// The SOP Instance UID the sender says it has.
    pub claimed_uid: Option<Uid>,
    /// What its bytes hash to.
    pub sha256: [u8; 32],
    /// The instance in it, or why there is none.
    pub content: Result<Box<SpooledInstance>, (ErrorCode, String)>,
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
        let batch = self.ids.next();
        let key = ObjectKey::originals(actor.tenant(), self.clock.now(), batch);
        let limits = Limits {
            part_bytes: self.settings.max_instance_bytes.min(tar::MAX_MEMBER_BYTES),
            ..Limits::default()
        };
        let (folder, name) = (self.settings.spool_dir.clone(), key.to_string());
        let file = blocking(move || BatchFile::create(&folder, batch, &name, limits).map(Box::new)).await?;
        Ok(Ingest {
            app: self.clone(),
            actor: actor.clone(),
            facility,
            upload,
            batch: BatchId::from_uuid(batch),
            key,
            parts: Vec::new(),
            study_instance_uid: target.study_instance_uid,
            file: Some(file),
            held: Vec::new(),
            held_bytes: 0,
            part_name: String::new(),
            claimed_uid: None,
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
        if self.parts.len() >= self.app.settings.max_request_parts {
            let text = format!(
                "a request may have {} parts at the most",
                self.app.settings.max_request_parts
            );
            return Err(AppError::refused(ErrorCode::PayloadTooLarge, text));
        }
        let place = || format!("part {}", self.parts.len() + 1);
        self.claimed_uid = name.and_then(|name| Uid::parse(name).ok());
        self.part_name = name.map_or_else(place, |name| name.chars().take(200).collect());
        self.with_file(|file, _| file.begin_part()).await
    }

    /// Adds bytes to the part.
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), AppError> {
        self.tally.received_bytes += chunk.len() as u64;
        self.held_bytes += chunk.len();
        self.held.push(chunk);
        if self.held_bytes >= HELD_BYTES {
            self.with_file(|file, held| held.iter().try_for_each(|chunk| file.write(chunk)))
                .await?;
        }
        Ok(())
    }

    /// Ends the part: it is indexed, and cut off again when it cannot be stored.
    pub async fn end_part(&mut self) -> Result<(), AppError> {
        let now = self.app.clock.now();
        let _indexing = INDEXING.acquire().await;
        let received = self
            .with_file(move |file, held| {
                held.iter().try_for_each(|chunk| file.write(chunk))?;
                file.end_part(now)
            })
            .await?;
        let content = match received.content {
            Err(PartRefusal::Instance(Refusal::Unreadable(kind))) => {
                return Err(BlobError::Unavailable {
                    cause: format!("spool: {kind}"),
                }
                .into());
            }
            Err(PartRefusal::Instance(refusal)) => Err((
                ErrorCode::from_code(refusal.code()).unwrap_or(ErrorCode::NotDicom),
                refusal.to_string(),
            )),
            Err(PartRefusal::TooLarge) => Err((
                ErrorCode::PayloadTooLarge,
                policy::reason(ErrorCode::PayloadTooLarge).to_owned(),
            )),
            Ok(instance) => Ok(instance),
        };
        self.parts.push(Part {
            name: std::mem::take(&mut self.part_name),
            claimed_uid: self.claimed_uid.take(),
            sha256: received.sha256,
            content,
        });
        Ok(())
    }

    /// Makes what came durable and visible, and says what became of each part.
    ///
    /// Errors: `STORAGE_FULL`, `STORAGE_UNAVAILABLE` and internal ones; then nothing is stored.
    pub async fn commit(mut self) -> Result<StoreReport, AppError> {
        self.tally.outcome = RequestOutcome::Failed;
        let report = self.settle().await?;
        self.tally.outcome = report.outcome();
        Ok(report)
    }

    async fn settle(&mut self) -> Result<StoreReport, AppError> {
        let tx = self.app.store.read(&self.actor).await?;
        let verdicts = self.judge(&tx).await?;
        drop(tx);
        let sealed = self.seal(&verdicts).await?;
        let file = self.file.take().ok_or_else(lost_file)?;
        let stored = match sealed {
            None => self.write_rows(&file, None).await,
            Some((path, length)) => {
                let stored = match self.app.blobs.put_file(&self.key, &path).await {
                    Ok(()) => self.write_rows(&file, Some(length)).await,
                    Err(error) => Err(error.into()),
                };
                if !stored.as_ref().is_ok_and(|written| written.object_used) {
                    self.give_object_up().await;
                }
                stored
            }
        };
        // The marker goes last: until then the sweeper looks whether the object is anybody's.
        drop(file);
        Ok(self.report(stored?.verdicts))
    }

    /// Judges the instances that came by what is stored now; one verdict for each indexed part.
    pub(super) async fn judge(&self, tx: &TenantRead) -> Result<Vec<Verdict>, AppError> {
        let candidates: Vec<Candidate<'_>> = self
            .instances()
            .map(|(part, instance)| Candidate {
                facts: &instance.facts,
                sha256: &part.sha256,
            })
            .collect();
        let known = self.known(tx, &candidates).await?;
        Ok(policy::judge(&candidates, self.facility, known))
    }

    async fn known(&self, tx: &TenantRead, candidates: &[Candidate<'_>]) -> Result<Known, AppError> {
        let uids: Vec<&str> = candidates
            .iter()
            .map(|one| one.facts.sop_instance_uid.as_str())
            .collect();
        let studies: HashSet<&str> = candidates
            .iter()
            .map(|one| one.facts.study.study_instance_uid.as_str())
            .collect();
        let studies: Vec<&str> = studies.into_iter().collect();
        let instances = tx
            .stored_instances(&uids)
            .await?
            .into_iter()
            .map(|(uid, stored)| {
                (
                    uid,
                    KnownInstance {
                        sha256: stored.sha256,
                        facility: stored.facility,
                    },
                )
            });
        let known_studies = tx
            .studies_of_uids(&studies)
            .await?
            .into_iter()
            .map(|(study, patient)| {
                let known = KnownStudy {
                    facility: study.facility,
                    patient_id: patient.patient_id,
                    issuer: patient.issuer,
                };
                (study.study_instance_uid, known)
            });
        let manifest = match &self.upload {
            None => None,
            Some(upload) => {
                let announced = tx.announced(upload.id, &uids).await?.into_values();
                Some(
                    announced
                        .map(|item| (item.study_instance_uid, item.sop_instance_uid))
                        .collect(),
                )
            }
        };
        Ok(Known {
            address_study: self.study_instance_uid.clone(),
            instances: instances.collect(),
            studies: known_studies.collect(),
            manifest,
        })
    }

    /// Leaves in the tar what is to be stored or set aside, and ends it. `None` when that is nothing.
    async fn seal(&mut self, verdicts: &[Verdict]) -> Result<Option<(std::path::PathBuf, u64)>, AppError> {
        let wanted = |verdict: &Verdict| matches!(verdict, Verdict::New | Verdict::Conflict);
        if !verdicts.iter().any(wanted) {
            return Ok(None);
        }
        let all_wanted = verdicts.iter().all(wanted);
        let now = self.app.clock.now();
        let mut parts = std::mem::take(&mut self.parts);
        let verdicts = verdicts.to_vec();
        let (sealed, parts) = self
            .with_file(move |file, _| {
                if !all_wanted {
                    let instances = parts
                        .iter_mut()
                        .filter_map(|part| part.content.as_deref_mut().ok());
                    let mut kept: Vec<&mut SpooledInstance> = instances
                        .zip(&verdicts)
                        .filter_map(|(instance, verdict)| wanted(verdict).then_some(instance))
                        .collect();
                    file.keep_only(&mut kept, now)?;
                }
                Ok((file.seal()?, parts))
            })
            .await?;
        self.parts = parts;
        Ok(Some(sealed))
    }

    /// Removes the object unless a row refers to it: a commit whose answer was lost did happen. When the database
    /// cannot say, the object stays; it costs space and nothing else.
    async fn give_object_up(&self) {
        let removed = async {
            if !self
                .app
                .store
                .read(&self.actor)
                .await?
                .has_batch(self.batch)
                .await?
            {
                self.app.blobs.delete(&self.key).await?;
            }
            Ok::<(), AppError>(())
        };
        if let Err(error) = removed.await {
            tracing::warn!(error = %error, object.key = %self.key, "an unused object may stay behind");
        }
    }

    /// The parts that hold an instance.
    pub(super) fn instances(&self) -> impl Iterator<Item = (&Part, &SpooledInstance)> {
        self.parts
            .iter()
            .filter_map(|part| part.content.as_deref().ok().map(|instance| (part, instance)))
    }

    fn report(&self, verdicts: Vec<Verdict>) -> StoreReport {
        let mut verdicts = verdicts.into_iter();
        let parts = self.parts.iter().map(|part| match &part.content {
            Err((code, text)) => StoredPart::unread(part.claimed_uid.clone(), *code, text.clone()),
            Ok(instance) => {
                let verdict = verdicts.next().unwrap_or(Verdict::Refused(ErrorCode::Internal));
                StoredPart::judged(&instance.facts, verdict)
            }
        });
        let report = StoreReport {
            parts: parts.collect(),
        };
        for outcome in report.parts.iter().map(|part| &part.outcome) {
            let outcome = match outcome {
                PartOutcome::Stored => "stored",
                PartOutcome::Duplicate => "duplicate",
                PartOutcome::Refused { .. } => "refused",
            };
            metrics::counter!("telerad_ingest_instances_total", "outcome" => outcome).increment(1);
        }
        report
    }

    /// Works on the spooled file with the bytes held so far where it may block.
    async fn with_file<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut BatchFile, &[Bytes]) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, AppError> {
        let mut file = self.file.take().ok_or_else(lost_file)?;
        let held = std::mem::take(&mut self.held);
        self.held_bytes = 0;
        let (file, done) = blocking(move || {
            let done = work(&mut file, &held)?;
            Ok((file, done))
        })
        .await?;
        self.file = Some(file);
        Ok(done)
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

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, AppError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(spool_error(&error).into()),
        Err(error) => Err(AppError::Internal {
            what: format!("the spool: {error}"),
        }),
    }
}

fn spool_error(error: &std::io::Error) -> BlobError {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => BlobError::Full,
        kind => BlobError::Unavailable {
            cause: format!("spool: {kind}"),
        },
    }
}

fn lost_file() -> AppError {
    AppError::Internal {
        what: "a request went on after its spool had failed".to_owned(),
    }
}
