//! The one transaction that makes a batch visible.
//!
//! **Invariant:** everything a batch changes is in this transaction: rows, counts, jobs, receipt, case, audit. It
//! is judged again inside it, so that what another request stored meanwhile counts.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use chrono::{DateTime, Utc};
use domain::{
    InstanceId, QuarantineId, SeriesId, StudyId,
    audit::{AuditAction, AuditEvent},
    change::{Change, ChangeTopic},
};
use store::{NewBatch, NewInstance, NewQuarantined, StoreError, StudyRow, TenantTx};

use super::{
    batch::Batch,
    batch_file::BatchFile,
    jobs::JudgeCompleteness,
    series::growths,
    verdict::Verdict,
    whose::{Arrival, Studies, attributes},
};
use crate::{
    AppError,
    reading::ArrivedStudy,
    renditions::{MakeRenditions, MakeThumbnail},
};

/// So often a transaction is tried when others are in its way.
const TRIES: u32 = 8;
/// So many instances are read from the side file and inserted at a time.
const INSTANCES_AT_ONCE: usize = 100;

/// What the transaction did.
#[derive(Debug)]
pub(super) struct Written {
    /// One verdict for each part.
    pub verdicts: Vec<Verdict>,
    /// Whether a row refers to the batch's object.
    pub object_used: bool,
}

impl Batch {
    /// Writes the rows, again when a concurrent batch was in the way.
    pub(super) async fn write_rows(
        &self,
        file: &BatchFile,
        object_bytes: Option<u64>,
    ) -> Result<Written, AppError> {
        let mut tries = 1;
        loop {
            match self.try_write_rows(file, object_bytes).await {
                Err(AppError::Store(error))
                    if tries < TRIES && (error.is_transient() || error.is_unique_violation()) =>
                {
                    tracing::debug!(error = %error, tries, "another batch was in the way");
                    let [random, ..] = self.sending.app.randomness.secret();
                    let milliseconds = (5 << tries) + u64::from(random);
                    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                    tries += 1;
                }
                done => return done,
            }
        }
    }

    async fn try_write_rows(&self, file: &BatchFile, object_bytes: Option<u64>) -> Result<Written, AppError> {
        let now = self.sending.app.clock.now();
        let mut tx = self.sending.app.store.begin(&self.sending.actor).await?;
        let judgement = self.judge(&tx).await?;
        let verdicts = judgement.verdicts.clone();
        if tx.has_batch(self.id).await? {
            // An earlier try was committed although its answer was lost: everything is there.
            return Ok(Written {
                verdicts,
                object_used: true,
            });
        }
        let judged: Vec<(Arrival<'_>, Verdict)> = self
            .parts
            .iter()
            .zip(verdicts.iter().copied())
            .filter_map(|(part, verdict)| {
                let instance = part.content.as_deref().ok()?;
                Some((Arrival { part, instance }, verdict))
            })
            .collect();
        if judged
            .iter()
            .any(|(arrival, verdict)| verdict.needs_bytes() && arrival.part.left_out.is_some())
        {
            return Err(AppError::Internal {
                what: "a part is to be stored whose bytes are not in the object".to_owned(),
            });
        }
        let mut studies = Studies::new();
        for (arrival, _) in judged.iter().filter(|(_, verdict)| *verdict == Verdict::New) {
            studies
                .entry(&arrival.facts().study.study_instance_uid)
                .or_default()
                .push(*arrival);
        }
        let mut object_used = false;
        if let Some(bytes) = object_bytes {
            self.add_batch(&mut tx, bytes, now).await?;
            object_used |= self.set_conflicts_aside(&mut tx, &judged, now).await?;
            object_used |= !studies.is_empty();
        } else if !studies.is_empty() {
            return Err(AppError::Internal {
                what: "instances were removed while they came again".to_owned(),
            });
        }
        let rows = self.lock_studies(&mut tx, &studies, &judgement, now).await?;
        for (uid, arrivals) in &studies {
            let row = rows.get(*uid).ok_or(StoreError::Contended { what: "study" })?;
            self.add_to_study(&mut tx, file, row, arrivals, now).await?;
        }
        self.settle_receipt(&mut tx, &verdicts, now).await?;
        self.judge_studies(&mut tx, &judged, now).await?;
        if !studies.is_empty() {
            let job = MakeRenditions { batch: self.id };
            tx.enqueue(self.sending.app.ids.next(), now, now, &job).await?;
        }
        if object_bytes.is_some() && !object_used {
            // Every instance that seemed new was stored by somebody else meanwhile: begin again without an
            // object, so that no row names one that is about to be removed.
            drop(tx);
            return Box::pin(self.try_write_rows(file, None)).await;
        }
        tx.commit().await?;
        Ok(Written {
            verdicts,
            object_used,
        })
    }

    async fn add_batch(&self, tx: &mut TenantTx, bytes: u64, now: DateTime<Utc>) -> Result<(), AppError> {
        let batch = NewBatch {
            id: self.id,
            object_key: self.key.to_string(),
            stored_bytes: bytes,
            facility: self.sending.facility,
            upload: self.sending.upload.as_ref().map(|upload| upload.id),
        };
        Ok(tx.add_batch(&batch, now).await?)
    }

    async fn add_to_study(
        &self,
        tx: &mut TenantTx,
        file: &BatchFile,
        study: &StudyRow,
        arrivals: &[Arrival<'_>],
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let known = tx.series_of_studies(&[study.id]).await?;
        let series = self.ensure_series(tx, study.id, &known, arrivals, now).await?;
        for group in arrivals.chunks(INSTANCES_AT_ONCE) {
            let rows = group
                .iter()
                .map(|arrival| self.row(file, study.id, &series, arrival));
            tx.add_instances(self.id, rows.collect::<Result<_, _>>()?, now)
                .await?;
        }
        for growth in growths(arrivals, &series) {
            tx.grow_series(&growth, now).await?;
            // The first image gives the series a face at once; a better one is drawn when the study is complete.
            let has_face = known
                .iter()
                .any(|series| series.id == growth.series && series.image_count > 0);
            if growth.images > 0 && !has_face {
                tx.enqueue(
                    self.sending.app.ids.next(),
                    now,
                    now,
                    &MakeThumbnail {
                        series: growth.series,
                    },
                )
                .await?;
            }
        }
        let row = tx.refresh_study(study.id, &attributes(arrivals), now).await?;
        self.tell_of_study(tx, &row, arrivals, now).await
    }

    /// The case, the trail and the live screens learn of what came.
    async fn tell_of_study(
        &self,
        tx: &mut TenantTx,
        study: &StudyRow,
        arrivals: &[Arrival<'_>],
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let new_instances = u32::try_from(arrivals.len()).unwrap_or(u32::MAX);
        let upload = self.sending.upload.as_ref();
        let arrived = ArrivedStudy {
            study: study.id,
            facility: study.facility,
            patient: study.patient,
            modality: representative_modality(study),
            body_part: study.body_part.clone(),
            description: study.description.clone(),
            priority: upload.map(|upload| upload.priority),
            protocol_flag: upload.and_then(|upload| upload.protocol_flag),
            indication: upload.and_then(|upload| upload.indication.clone()),
            received_count: study.instance_count,
            expected_count: super::completeness::expected_count(tx, study).await?,
            new_instances,
        };
        self.sending
            .app
            .study_arrived(tx, &self.sending.actor, &arrived, now)
            .await?;
        let mut detail = format!("instances: {new_instances}");
        if let Some(upload) = upload {
            detail.push_str(&format!(", {}", upload.id));
        }
        tx.audit(AuditEvent::of(&self.sending.actor, now, AuditAction::StudyStore, study.id).detail(detail));
        tx.announce(Change {
            topic: ChangeTopic::Study,
            object: study.id.uuid(),
            facility: Some(study.facility),
        });
        Ok(())
    }

    fn row(
        &self,
        file: &BatchFile,
        study: StudyId,
        series: &HashMap<String, SeriesId>,
        arrival: &Arrival<'_>,
    ) -> Result<NewInstance, AppError> {
        let (instance, facts) = (arrival.instance, arrival.facts());
        let side = |range| {
            file.read_side(range).map_err(|error| AppError::Internal {
                what: format!("the side file: {error}"),
            })
        };
        let bulk_values = String::from_utf8(side(instance.bulk)?).map_err(|_| AppError::Internal {
            what: "the side file holds JSON".to_owned(),
        })?;
        Ok(NewInstance {
            id: InstanceId::from_uuid(self.sending.app.ids.next()),
            study,
            series: series[&facts.series_instance_uid],
            sop_instance_uid: facts.sop_instance_uid.clone(),
            sop_class_uid: facts.sop_class_uid.clone(),
            transfer_syntax_uid: facts.transfer_syntax_uid.clone(),
            number: facts.number,
            rows: facts.rows,
            columns: facts.columns,
            bits_allocated: facts.bits_allocated,
            frames: facts.frames,
            has_pixels: facts.has_pixels,
            offset: instance.offset,
            length: instance.length,
            sha256: arrival.part.sha256,
            data_set_offset: instance.data_set_offset,
            data_set_hash: instance.data_set_hash,
            chunk_sums: side(instance.sums)?,
            frame_index: side(instance.frames)?,
            remarks: facts.remarks.clone(),
            metadata_gzip: side(instance.metadata)?,
            bulk_values,
        })
    }

    /// Sets aside what came under taken UIDs. Whether a row refers to the object now.
    async fn set_conflicts_aside(
        &self,
        tx: &mut TenantTx,
        judged: &[(Arrival<'_>, Verdict)],
        now: DateTime<Utc>,
    ) -> Result<bool, AppError> {
        let mut any = false;
        for (arrival, _) in judged.iter().filter(|(_, verdict)| *verdict == Verdict::Conflict) {
            let facts = arrival.facts();
            let new = NewQuarantined {
                id: QuarantineId::from_uuid(self.sending.app.ids.next()),
                sop_instance_uid: facts.sop_instance_uid.clone(),
                series_instance_uid: facts.series_instance_uid.clone(),
                study_instance_uid: facts.study.study_instance_uid.clone(),
                reason: domain::ErrorCode::InstanceConflict.as_str(),
                offset: arrival.instance.offset,
                length: arrival.instance.length,
                sha256: arrival.part.sha256,
            };
            if tx
                .quarantine_instance(self.id, self.sending.facility, &new, now)
                .await?
            {
                tx.audit(AuditEvent::of(
                    &self.sending.actor,
                    now,
                    AuditAction::InstanceQuarantine,
                    new.id,
                ));
                any = true;
            }
        }
        Ok(any)
    }

    /// Decides for every study the request touched whether it is complete.
    async fn judge_studies(
        &self,
        tx: &mut TenantTx,
        judged: &[(Arrival<'_>, Verdict)],
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let mut touched: BTreeMap<&str, bool> = BTreeMap::new();
        for (arrival, verdict) in judged {
            let grew = match verdict {
                Verdict::New => true,
                Verdict::Duplicate => false,
                Verdict::Conflict | Verdict::Refused(_) => continue,
            };
            *touched
                .entry(&arrival.facts().study.study_instance_uid)
                .or_default() |= grew;
        }
        for (uid, grew) in touched {
            let Some(study) = tx.study_of_uid(uid).await? else {
                continue;
            };
            let complete = self
                .sending
                .app
                .complete_by_manifest(tx, &self.sending.actor, &study, now)
                .await?;
            if grew && !complete {
                let at = now + self.sending.app.settings.quiet_period;
                tx.enqueue(
                    self.sending.app.ids.next(),
                    now,
                    at,
                    &JudgeCompleteness { study: study.id },
                )
                .await?;
            }
        }
        Ok(())
    }
}

/// The modality a worklist shows: one that makes images before reports and annotations.
fn representative_modality(study: &StudyRow) -> Option<String> {
    const ABOUT_IMAGES: &[&str] = &["SR", "PR", "KO", "SEG", "DOC", "RTSTRUCT", "REG", "OT"];
    let makes_images = |modality: &&String| !ABOUT_IMAGES.contains(&modality.as_str());
    study
        .modalities
        .iter()
        .find(makes_images)
        .or_else(|| study.modalities.first())
        .cloned()
}
