//! Deleting: into the trash, at once out of everybody's sight.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, DeletionId, Permission, StudyId,
    audit::{AuditAction, AuditEvent},
    change::{Change, ChangeTopic},
    deletion::{ReportedStudies, expect_deletable},
};
use store::{DeletionRow, DeletionTarget, InstanceRow, SeriesRow, StudyRow, TenantTx};

use super::person;
use crate::{
    App, AppError,
    archive::{ArchiveAddress, WarmSeriesMetadata},
    renditions::MakeThumbnail,
};

/// What an administrator orders on a screen.
#[derive(Debug, Clone)]
pub struct StudyDeletion {
    /// The study.
    pub study: StudyId,
    /// Why, for the trail and for who finds it in the trash.
    pub reason: String,
    /// Whether it goes although a signed report speaks of it.
    pub reported: ReportedStudies,
}

/// What of a locked study is to go.
enum Doomed {
    Study,
    Series(Box<SeriesRow>),
    Instance(Box<SeriesRow>, Box<InstanceRow>),
}

impl App {
    /// Deletes what an address names. Whoever asks over DICOMweb gives no reason and keeps signed reports.
    ///
    /// Errors: `NOT_FOUND`, `LEGAL_HOLD`, `STUDY_IN_USE`.
    pub async fn delete_at(&self, actor: &Actor, address: &ArchiveAddress) -> Result<(), AppError> {
        self.authorise(actor, Permission::DeleteStudies)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let study = self.study_at(&tx, actor, address).await?;
        let study = lock(&tx, study.id).await?;
        let doomed = if address.instance.is_some() {
            let (_, series) = self.series_at(&tx, actor, address).await?;
            let instance = self.instance_at(&tx, actor, address).await?.instance;
            Doomed::Instance(Box::new(series), Box::new(instance))
        } else if address.series.is_some() {
            let (_, series) = self.series_at(&tx, actor, address).await?;
            Doomed::Series(Box::new(series))
        } else {
            Doomed::Study
        };
        self.put_into_trash(
            &mut tx,
            actor,
            &study,
            doomed,
            "deleted over DICOMweb",
            ReportedStudies::Keep,
            now,
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a study.
    ///
    /// Errors: `NOT_FOUND`, `INVALID_INPUT` without a reason, `LEGAL_HOLD`, `STUDY_IN_USE`.
    pub async fn delete_study(&self, actor: &Actor, order: StudyDeletion) -> Result<DeletionRow, AppError> {
        self.authorise(actor, Permission::DeleteStudies)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let study = lock(&tx, order.study).await?;
        if !actor.facilities().contains(study.facility) {
            return Err(AppError::NotFound { what: "study" });
        }
        let reason = required_reason(&order.reason)?;
        let deletion = self
            .put_into_trash(
                &mut tx,
                actor,
                &study,
                Doomed::Study,
                &reason,
                order.reported,
                now,
            )
            .await?;
        tx.commit().await?;
        Ok(deletion)
    }

    /// Puts part of a locked study, or all of it, into the trash.
    #[expect(clippy::too_many_arguments, reason = "one step of two use cases")]
    async fn put_into_trash(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        study: &StudyRow,
        doomed: Doomed,
        reason: &str,
        reported: ReportedStudies,
        now: DateTime<Utc>,
    ) -> Result<DeletionRow, AppError> {
        let case = tx.lock_case_of_study(study.id).await?;
        expect_deletable(study.legal_hold, case.as_ref().map(|row| &row.case), reported)
            .map_err(|refused| AppError::refused(refused.code(), refused.to_string()))?;
        let (target, instance_count, stored_bytes) = extent(study, &doomed);
        let (deleted_by, deleted_by_name) = person(actor);
        let deletion = DeletionRow {
            id: DeletionId::from_uuid(self.ids.next()),
            study: study.id,
            study_instance_uid: study.study_instance_uid.clone(),
            target,
            reason: reason.to_owned(),
            deleted_by,
            deleted_by_name,
            deleted_at: now,
            instance_count,
            stored_bytes,
            purge_at: now + TimeDelta::days(i64::from(self.policy_of(tx).await?.trash_days)),
            purging_at: None,
            purged_at: None,
            restored_at: None,
        };
        tx.move_to_trash(&deletion).await?;
        if let (DeletionTarget::Instance(_), Doomed::Instance(series, _)) = (target, &doomed) {
            self.derive_anew(tx, actor, series, now).await?;
        }
        let part = name_of(target);
        let event = AuditEvent::of(actor, now, AuditAction::StudyDelete, study.id)
            .detail(format!(
                "{part}, instances: {instance_count}, {}: {reason}",
                deletion.id
            ))
            .case(case.as_ref().map(|row| row.case.id));
        tx.audit(event);
        self.tell_of_deletion(tx, study, case.map(|row| row.case.id.uuid()));
        metrics::counter!("telerad_deletions_total", "level" => level_of(target)).increment(1);
        Ok(deletion)
    }

    /// What was derived from all instances of a series is taken away and made again of those that are there now.
    pub(super) async fn derive_anew(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        series: &SeriesRow,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        if let Some(old) = &series.thumbnail {
            tx.set_thumbnail(series.id, crate::renditions::THUMBNAIL_VERSION, None)
                .await?;
            self.remove_object_later(tx, actor, &old.object_key, now).await?;
        }
        tx.refresh_rendition_states(series.study, crate::renditions::RENDITION_VERSION)
            .await?;
        tx.enqueue(
            self.ids.next(),
            now,
            now,
            &WarmSeriesMetadata { series: series.id },
        )
        .await?;
        tx.enqueue(self.ids.next(), now, now, &MakeThumbnail { series: series.id })
            .await?;
        Ok(())
    }

    /// The live screens learn that a study, or its case, came or went.
    pub(super) fn tell_of_deletion(&self, tx: &mut TenantTx, study: &StudyRow, case: Option<uuid::Uuid>) {
        tx.announce(Change {
            topic: ChangeTopic::Study,
            object: study.id.uuid(),
            facility: Some(study.facility),
        });
        if let Some(case) = case {
            tx.announce(Change {
                topic: ChangeTopic::Case,
                object: case,
                facility: Some(study.facility),
            });
        }
    }
}

async fn lock(tx: &TenantTx, study: StudyId) -> Result<StudyRow, AppError> {
    tx.lock_study(study)
        .await?
        .ok_or(AppError::NotFound { what: "study" })
}

/// What is really deleted: a series without instances and a study without series are none.
fn extent(study: &StudyRow, doomed: &Doomed) -> (DeletionTarget, u32, u64) {
    let series = match doomed {
        Doomed::Instance(series, instance) if series.instance_count > 1 => {
            return (DeletionTarget::Instance(instance.id), 1, instance.length);
        }
        Doomed::Instance(series, _) | Doomed::Series(series) => Some(series),
        Doomed::Study => None,
    };
    match series {
        Some(series) if study.series_count > 1 => (
            DeletionTarget::Series(series.id),
            series.instance_count,
            series.stored_bytes,
        ),
        _ => (DeletionTarget::Study, study.instance_count, study.stored_bytes),
    }
}

fn name_of(target: DeletionTarget) -> String {
    match target {
        DeletionTarget::Study => "the study".to_owned(),
        DeletionTarget::Series(id) => id.to_string(),
        DeletionTarget::Instance(id) => id.to_string(),
    }
}

fn level_of(target: DeletionTarget) -> &'static str {
    match target {
        DeletionTarget::Study => "study",
        DeletionTarget::Series(_) => "series",
        DeletionTarget::Instance(_) => "instance",
    }
}

/// A reason in one line of words.
///
/// Errors: `INVALID_INPUT`.
pub(super) fn required_reason(text: &str) -> Result<String, AppError> {
    const LONGEST: usize = 500;
    let reason = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() {
        return Err(AppError::invalid("reason", "say why"));
    }
    if reason.chars().count() > LONGEST {
        return Err(AppError::invalid(
            "reason",
            format!("a reason has {LONGEST} characters at the most"),
        ));
    }
    Ok(reason)
}
