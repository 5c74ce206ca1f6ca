//! A batch: the parts that become one object and one transaction.
//!
//! **Invariant:** until [`Batch::commit`] has succeeded nothing of a batch is stored.

use std::collections::{HashMap, HashSet};

use dicom::{Limits, Uid};
use domain::{Actor, BatchId, FacilityId};
use store::{TenantRead, UploadItem, UploadRow};

use super::{
    batch_file::BatchFile,
    identity::Identity,
    ingest::SentInstance,
    part::Part,
    policy::{self, AnnouncedFile, Candidate, Known, KnownInstance, KnownStudy},
    report::StoredPart,
    tar,
    verdict::Verdict,
};
use crate::{
    App, AppError,
    ports::{BlobError, ObjectKey},
};

/// Who sends, for whom, and what for.
#[derive(Debug, Clone)]
pub(super) struct Sending {
    pub app: App,
    pub actor: Actor,
    pub facility: FacilityId,
    pub upload: Option<UploadRow>,
    /// The study of the address, when it names one.
    pub study_instance_uid: Option<String>,
    /// The one instance that is sent, when the sender says so.
    pub instance: Option<SentInstance>,
}

/// The parts of a request that are stored together.
#[derive(Debug)]
pub(super) struct Batch {
    pub sending: Sending,
    pub id: BatchId,
    pub key: ObjectKey,
    pub parts: Vec<Part>,
    file: Option<Box<BatchFile>>,
}

/// What becomes of a batch by what is stored.
#[derive(Debug)]
pub(super) struct Judgement {
    /// One verdict for each part.
    pub verdicts: Vec<Verdict>,
    /// What was known of the parts' studies.
    pub before: HashMap<String, KnownStudy>,
    /// What is known when the parts are stored that are new.
    pub after: HashMap<String, KnownStudy>,
}

impl Batch {
    /// Begins a batch in the spool.
    pub async fn begin(sending: Sending) -> Result<Self, AppError> {
        let Sending { app, actor, .. } = &sending;
        let id = app.ids.next();
        let key = ObjectKey::originals(actor.tenant(), app.clock.now(), id);
        let limits = Limits {
            part_bytes: app.settings.max_instance_bytes.min(tar::MAX_MEMBER_BYTES),
            ..Limits::default()
        };
        let (folder, name) = (app.settings.spool_dir.clone(), key.to_string());
        let file = blocking(move || BatchFile::create(&folder, id, &name, limits).map(Box::new)).await?;
        Ok(Self {
            sending,
            id: BatchId::from_uuid(id),
            key,
            parts: Vec::new(),
            file: Some(file),
        })
    }

    /// Makes the batch durable and visible, and says what became of each part.
    ///
    /// Errors: `STORAGE_FULL`, `STORAGE_UNAVAILABLE` and internal ones; then nothing of it is stored.
    pub async fn commit(mut self) -> Result<Vec<StoredPart>, AppError> {
        let app = self.sending.app.clone();
        let tx = app.store.read(&self.sending.actor).await?;
        let verdicts = self.judge(&tx).await?.verdicts;
        drop(tx);
        let sealed = self.seal(&verdicts).await?;
        let file = self.file.take().ok_or_else(lost_file)?;
        let stored = match sealed {
            None => self.write_rows(&file, None).await,
            Some((path, length)) => {
                let stored = match app.blobs.put_file(&self.key, &path).await {
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
        let verdicts = stored?.verdicts;
        let parts = self.parts.iter().zip(verdicts);
        Ok(parts
            .map(|(part, verdict)| StoredPart::judged(part, verdict))
            .collect())
    }

    /// Judges what came by what is stored now.
    pub async fn judge(&self, tx: &TenantRead) -> Result<Judgement, AppError> {
        let candidates: Vec<Candidate<'_>> = self
            .parts
            .iter()
            .filter_map(|part| {
                let instance = part.content.as_deref().ok()?;
                Some(Candidate {
                    facts: &instance.facts,
                    claimed_uid: part.claimed_uid.as_ref().map(Uid::as_str),
                    length: part.length,
                    sha256: &part.sha256,
                    data_set_hash: &instance.data_set_hash,
                    left_out: part.left_out,
                })
            })
            .collect();
        let mut known = self.known(tx, &candidates).await?;
        let before = known.studies.clone();
        let mut unread: Vec<Verdict> = Vec::new();
        for part in &self.parts {
            if let Err((code, _)) = &part.content {
                unread.push(policy::judge_unread(part, *code, known.manifest.as_ref()));
            }
        }
        let mut unread = unread.into_iter();
        let mut judged = policy::judge(&candidates, self.sending.facility, &mut known).into_iter();
        let verdicts = self.parts.iter().map(|part| match part.content {
            Ok(_) => judged.next(),
            Err(_) => unread.next(),
        });
        let verdicts = verdicts
            .collect::<Option<Vec<Verdict>>>()
            .ok_or_else(|| AppError::Internal {
                what: "every part has a verdict".to_owned(),
            })?;
        Ok(Judgement {
            verdicts,
            before,
            after: known.studies,
        })
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
                let known = KnownInstance {
                    data_set_hash: stored.data_set_hash,
                    facility: stored.facility,
                };
                (uid, known)
            });
        let known_studies = tx
            .studies_of_uids(&studies)
            .await?
            .into_iter()
            .map(|(study, patient)| {
                let birth_date = study.patient_birth_date;
                let known = KnownStudy {
                    facility: study.facility,
                    identity: Identity::of_stored(&patient, birth_date),
                };
                (study.study_instance_uid, known)
            });
        Ok(Known {
            address_study: self.sending.study_instance_uid.clone(),
            sent: self.sending.instance.clone(),
            instances: instances.collect(),
            studies: known_studies.collect(),
            manifest: self.manifest(tx, &uids).await?,
        })
    }

    /// What was announced of what came, or of what the sender says that came.
    async fn manifest(
        &self,
        tx: &TenantRead,
        came: &[&str],
    ) -> Result<Option<HashMap<String, AnnouncedFile>>, AppError> {
        let Some(upload) = &self.sending.upload else {
            return Ok(None);
        };
        let claimed = self.parts.iter().filter_map(|part| part.claimed_uid.as_ref());
        let named: HashSet<&str> = came.iter().copied().chain(claimed.map(Uid::as_str)).collect();
        let named: Vec<&str> = named.into_iter().collect();
        let announced = tx.announced(upload.id, &named).await?;
        Ok(Some(
            announced
                .into_iter()
                .map(|(uid, item)| (uid, announced_file(item)))
                .collect(),
        ))
    }

    /// Leaves in the tar what is to be stored or set aside, and ends it. `None` when that is nothing.
    async fn seal(&mut self, verdicts: &[Verdict]) -> Result<Option<(std::path::PathBuf, u64)>, AppError> {
        for (part, verdict) in self.parts.iter_mut().zip(verdicts) {
            part.left_out = Some(*verdict).filter(|verdict| !verdict.needs_bytes());
        }
        if self.parts.iter().all(|part| part.left_out.is_some()) {
            return Ok(None);
        }
        let now = self.sending.app.clock.now();
        let mut parts = std::mem::take(&mut self.parts);
        let (sealed, parts) = self
            .with_file(move |file| {
                let (mut kept, mut all_kept) = (Vec::new(), true);
                for part in &mut parts {
                    match (part.left_out, &mut part.content) {
                        (None, Ok(instance)) => kept.push(instance.as_mut()),
                        (_, content) => all_kept &= content.is_err(),
                    }
                }
                if !all_kept {
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
        let Sending { app, actor, .. } = &self.sending;
        let removed = async {
            if !app.store.read(actor).await?.has_batch(self.id).await? {
                app.blobs.delete(&self.key).await?;
            }
            Ok::<(), AppError>(())
        };
        if let Err(error) = removed.await {
            tracing::warn!(error = %error, object.key = %self.key, "an unused object may stay behind");
        }
    }

    /// Works on the spooled file where it may block.
    pub async fn with_file<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut BatchFile) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, AppError> {
        let mut file = self.file.take().ok_or_else(lost_file)?;
        let (file, done) = blocking(move || {
            let done = work(&mut file)?;
            Ok((file, done))
        })
        .await?;
        self.file = Some(file);
        Ok(done)
    }
}

fn announced_file(item: UploadItem) -> AnnouncedFile {
    AnnouncedFile {
        study_instance_uid: item.study_instance_uid,
        series_instance_uid: item.series_instance_uid,
        bytes: item.announced_bytes,
        sha256: item.announced_sha256,
    }
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, AppError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(BlobError::of_spool(error.kind()).into()),
        Err(error) => Err(AppError::Internal {
            what: format!("the spool: {error}"),
        }),
    }
}

fn lost_file() -> AppError {
    AppError::Internal {
        what: "a batch went on after its spool had failed".to_owned(),
    }
}
