//! The one transaction that makes batches visible.
//!
//! **Invariant:** everything a batch changes is in this transaction: rows, counts, jobs, receipt, case, audit. It
//! is judged again inside it, so that what another request stored meanwhile counts.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use chrono::{DateTime, Utc};
use domain::{
    BatchId, InstanceId, SeriesId, StudyId,
    audit::{AuditAction, AuditEvent},
    change::{Change, ChangeTopic},
};
use store::{NewBatch, NewInstance, StoreError, StudyRow, TenantTx};

use super::{
    batch::SealedBatch,
    group::Group,
    jobs::JudgeCompleteness,
    judging::Came,
    series::growths,
    verdict::Verdict,
    whose::{Arrival, Studies, attributes},
};
use crate::{
    AppError,
    integrity::ReplicateBatch,
    reading::ArrivedStudy,
    renditions::{GATHERING, MakeRenditions, MakeThumbnail},
};

/// So often a transaction is tried when others are in its way.
const TRIES: u32 = 8;
/// So many instances are read from the side file and inserted at a time.
const INSTANCES_AT_ONCE: usize = 100;

/// What the transaction did.
#[derive(Debug)]
pub(super) struct Written {
    /// One verdict for each part of each batch.
    pub verdicts: Vec<Verdict>,
    /// The batches to whose objects a row refers.
    pub used: HashSet<BatchId>,
}

impl Group {
    /// Writes the rows, again when a concurrent transaction was in the way.
    pub(super) async fn write_rows(&self) -> Result<Written, AppError> {
        let mut unused = HashSet::new();
        let mut tries = 1;
        loop {
            match self.try_write_rows(&mut unused).await {
                Ok(Some(written)) => return Ok(written),
                Ok(None) => {}
                Err(AppError::Store(error))
                    if tries < TRIES && (error.is_transient() || error.is_unique_violation()) =>
                {
                    tracing::debug!(error = %error, tries, "another batch was in the way");
                    let [random, ..] = self.sending.app.randomness.secret();
                    let milliseconds = (5 << tries) + u64::from(random);
                    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// None when objects turned out to be nobody's: every instance in them that seemed new was stored by somebody
    /// else meanwhile. Then nothing is written, they are among `unused`, and it is to be begun again, so that no row
    /// names an object that is about to be removed.
    async fn try_write_rows(&self, unused: &mut HashSet<BatchId>) -> Result<Option<Written>, AppError> {
        let app = &self.sending.app;
        let now = app.clock.now();
        let mut tx = app.store.begin(&self.sending.actor).await?;
        let came: Vec<Came<'_>> = self.batches.iter().flat_map(SealedBatch::came).collect();
        let judgement = self.sending.judge(&tx, &came).await?;
        let verdicts = judgement.verdicts.clone();
        let objects: Vec<&SealedBatch> = self
            .batches
            .iter()
            .filter(|batch| batch.object_bytes.is_some() && !unused.contains(&batch.id))
            .collect();
        let ids: HashSet<BatchId> = objects.iter().map(|batch| batch.id).collect();
        if let Some(first) = objects.first()
            && tx.has_batch(first.id).await?
        {
            // An earlier try was committed although its answer was lost: everything is there.
            return Ok(Some(Written { verdicts, used: ids }));
        }
        let judged = self.judged(&verdicts);
        for (arrival, verdict) in judged.iter().filter(|(_, verdict)| verdict.needs_bytes()) {
            // What is stored may have been removed while it came again. What was set aside before needs no object.
            let has_object = ids.contains(&arrival.batch.id) || *verdict == Verdict::Conflict;
            if arrival.part.left_out.is_some() || !has_object {
                return Err(AppError::Internal {
                    what: "a part is to be stored whose bytes are not in the object".to_owned(),
                });
            }
        }
        let of_verdict = |wanted| judged.iter().filter(move |(_, verdict)| *verdict == wanted);
        let mut studies = Studies::new();
        for (arrival, _) in of_verdict(Verdict::New) {
            studies
                .entry(arrival.study_instance_uid())
                .or_default()
                .push(*arrival);
        }
        let mut used: HashSet<BatchId> = studies
            .values()
            .flatten()
            .map(|arrival| arrival.batch.id)
            .collect();
        self.add_batches(&mut tx, &objects, now).await?;
        self.set_conflicts_aside(&mut tx, &judged, &mut used, now).await?;
        // Whoever deletes locks a study before its instances, too.
        let healing = of_verdict(Verdict::Heals).map(|(arrival, _)| arrival.study_instance_uid());
        let rows = self
            .lock_studies(&mut tx, &studies, healing.collect(), &judgement, now)
            .await?;
        self.heal(&mut tx, &judged, &mut used, now).await?;
        if !ids.is_subset(&used) {
            unused.extend(ids.difference(&used));
            return Ok(None);
        }
        let mut grown = HashMap::with_capacity(studies.len());
        for (uid, arrivals) in &studies {
            let row = rows.get(*uid).ok_or(StoreError::Contended { what: "study" })?;
            let row = self.add_to_study(&mut tx, row, arrivals, now).await?;
            grown.insert(*uid, row);
        }
        self.settle_receipt(&mut tx, &verdicts, now).await?;
        self.judge_studies(&mut tx, &judged, &grown, now).await?;
        if app.replica.is_some() {
            for batch in &objects {
                let job = ReplicateBatch { batch: batch.id };
                tx.enqueue(app.ids.next(), now, now, &job).await?;
            }
        }
        tx.commit().await?;
        Ok(Some(Written { verdicts, used }))
    }

    /// The parts that could be read, each with its verdict.
    fn judged(&self, verdicts: &[Verdict]) -> Vec<(Arrival<'_>, Verdict)> {
        let parts = self
            .batches
            .iter()
            .flat_map(|batch| batch.parts.iter().map(move |part| (batch, part)));
        parts
            .zip(verdicts)
            .filter_map(|((batch, part), verdict)| {
                let instance = part.content.as_deref().ok()?;
                let arrival = Arrival {
                    batch,
                    part,
                    instance,
                };
                Some((arrival, *verdict))
            })
            .collect()
    }

    async fn add_batches(
        &self,
        tx: &mut TenantTx,
        objects: &[&SealedBatch],
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let new = objects.iter().map(|batch| NewBatch {
            id: batch.id,
            object_key: batch.key.to_string(),
            stored_bytes: batch.object_bytes.unwrap_or(0),
            facility: self.sending.facility,
            upload: self.sending.upload.as_ref().map(|upload| upload.id),
        });
        Ok(tx.add_batches(new.collect(), now).await?)
    }

    async fn add_to_study(
        &self,
        tx: &mut TenantTx,
        study: &StudyRow,
        arrivals: &[Arrival<'_>],
        now: DateTime<Utc>,
    ) -> Result<StudyRow, AppError> {
        let known = tx.series_of_studies(&[study.id]).await?;
        let series = self.ensure_series(tx, study.id, &known, arrivals, now).await?;
        for group in arrivals.chunks(INSTANCES_AT_ONCE) {
            let rows = group.iter().map(|arrival| self.row(study.id, &series, arrival));
            tx.add_instances(rows.collect::<Result<_, _>>()?, now).await?;
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
        if arrivals.iter().any(|arrival| arrival.facts().has_pixels) {
            let job = MakeRenditions { study: study.id };
            tx.enqueue(self.sending.app.ids.next(), now, now + GATHERING, &job)
                .await?;
        }
        let row = tx.refresh_study(study, &attributes(arrivals), now).await?;
        self.tell_of_study(tx, &row, arrivals, now).await?;
        Ok(row)
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
        study: StudyId,
        series: &HashMap<String, SeriesId>,
        arrival: &Arrival<'_>,
    ) -> Result<NewInstance, AppError> {
        let (instance, facts) = (arrival.instance, arrival.facts());
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
            data_set_hash: instance.data_set_hash,
            remarks: facts.remarks.clone(),
            metadata_gzip: arrival.side(instance.metadata)?,
            bytes: arrival.bytes()?,
        })
    }

    /// Decides for every study the request touched whether it is complete.
    async fn judge_studies(
        &self,
        tx: &mut TenantTx,
        judged: &[(Arrival<'_>, Verdict)],
        grown: &HashMap<&str, StudyRow>,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let mut touched: BTreeMap<&str, bool> = BTreeMap::new();
        for (arrival, verdict) in judged {
            let grew = match verdict {
                Verdict::New => true,
                Verdict::Duplicate | Verdict::Heals => false,
                Verdict::Conflict | Verdict::Refused(_) => continue,
            };
            *touched
                .entry(&arrival.facts().study.study_instance_uid)
                .or_default() |= grew;
        }
        for (uid, grew) in touched {
            let study = match grown.get(uid) {
                Some(study) => Some(study.clone()),
                None => tx.study_of_uid(uid).await?,
            };
            let Some(study) = study else { continue };
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
