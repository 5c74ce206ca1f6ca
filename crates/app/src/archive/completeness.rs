//! When a study is complete: an event that may fire again, never a lock.
//!
//! With a manifest a study is complete when everything announced is there, or the sender said that nothing more
//! will come and nothing is missing. Without one, or when something stays missing, it is complete when nothing
//! new came for the quiet period; twenty times as long while its sender still means to send.

use chrono::{DateTime, Utc};
use domain::{
    Actor, Permission, StudyId, UploadId,
    change::{Change, ChangeTopic},
};
use store::{StudyRow, TenantRead, TenantTx, UploadState};

use super::{
    jobs::{JudgeCompleteness, WarmSeriesMetadata},
    life::CompactStudy,
};
use crate::{App, AppError, renditions::MakeThumbnail};

/// A sender that announced more is waited for so many times longer: lost connections come back.
const PATIENCE: u32 = 20;

/// How many instances a study is to have, when somebody announced some: those that are there and those that were
/// announced and are not.
pub(super) async fn expected_count(tx: &TenantRead, study: &StudyRow) -> Result<Option<u32>, AppError> {
    let counts = tx.study_item_counts(&study.study_instance_uid).await?;
    let outstanding = counts.missing + counts.refused;
    Ok((counts.expected() > 0).then(|| study.instance_count.saturating_add(outstanding)))
}

impl App {
    /// Judges a study whose images stopped coming; puts itself off while they still come.
    pub async fn judge_completeness(&self, actor: &Actor, study: StudyId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let Some(study) = tx.study(study).await? else {
            // It was deleted meanwhile.
            return Ok(());
        };
        if study.completed_at.is_some() {
            return Ok(());
        }
        let patience = if self.more_is_announced(&tx, &study).await? {
            PATIENCE
        } else {
            1
        };
        let quiet_at = study.last_received_at + self.settings.quiet_period * patience;
        if quiet_at > now {
            tx.enqueue(
                self.ids.next(),
                now,
                quiet_at,
                &JudgeCompleteness { study: study.id },
            )
            .await?;
        } else {
            self.complete(&mut tx, actor, &study, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Whether images are missing that somebody said they would send.
    async fn more_is_announced(&self, tx: &TenantRead, study: &StudyRow) -> Result<bool, AppError> {
        let counts = tx.study_item_counts(&study.study_instance_uid).await?;
        Ok(counts.missing > 0 && !self.sender_has_finished(tx, study).await?)
    }

    /// Completes a study of which everything announced is there. Whether it is complete now.
    pub(super) async fn complete_by_manifest(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        study: &StudyRow,
        now: DateTime<Utc>,
    ) -> Result<bool, AppError> {
        if study.completed_at.is_some() {
            return Ok(true);
        }
        let counts = tx.study_item_counts(&study.study_instance_uid).await?;
        let all_settled = counts.expected() > 0 && counts.missing == 0;
        let settled_for_good = counts.refused == 0 || self.sender_has_finished(tx, study).await?;
        if all_settled && settled_for_good {
            self.complete(tx, actor, study, now).await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// A refused instance may be sent again corrected, until its sender says that nothing more will come.
    async fn sender_has_finished(&self, tx: &TenantRead, study: &StudyRow) -> Result<bool, AppError> {
        let upload = tx.newest_upload_of_study(&study.study_instance_uid).await?;
        Ok(upload.is_some_and(|upload| upload.state == UploadState::Complete))
    }

    async fn complete(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        study: &StudyRow,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let expected = expected_count(tx, study).await?;
        self.study_complete(tx, actor, study.id, study.instance_count, expected, now)
            .await?;
        tx.mark_study_complete(study.id, now).await?;
        let quiet_at = now + self.settings.compact_after;
        tx.enqueue(self.ids.next(), now, quiet_at, &CompactStudy { study: study.id })
            .await?;
        for series in tx.series_of_studies(&[study.id]).await? {
            tx.enqueue(
                self.ids.next(),
                now,
                now,
                &WarmSeriesMetadata { series: series.id },
            )
            .await?;
            if series.image_count > 0 {
                tx.enqueue(self.ids.next(), now, now, &MakeThumbnail { series: series.id })
                    .await?;
            }
        }
        tx.announce(Change {
            topic: ChangeTopic::Study,
            object: study.id.uuid(),
            facility: Some(study.facility),
        });
        Ok(())
    }

    /// Judges the studies of an upload of which nothing more will come.
    pub(super) async fn judge_studies_of_upload(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        upload: UploadId,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        for uid in tx.studies_of_upload(upload).await? {
            // Of some studies perhaps nothing came at all.
            let Some(study) = tx.study_of_uid(&uid).await? else {
                continue;
            };
            if !self.complete_by_manifest(tx, actor, &study, now).await? {
                // The quiet period counts from the newest image, so it may be over. Whatever judgement is queued
                // still waits for a sender that meant to send.
                let job = JudgeCompleteness { study: study.id };
                tx.enqueue(self.ids.next(), now, now, &job).await?;
            }
        }
        Ok(())
    }
}
