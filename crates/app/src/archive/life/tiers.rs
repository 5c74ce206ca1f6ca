//! Short-term and long-term archive: studies nobody looks at go to a slower store, and come back when somebody will.
//!
//! **Invariant:** a study moves by repacking: its bytes are durable in the other store before a row names it, and stay
//! readable at every moment on the way.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, ErrorCode, PatientId, Permission, StudyId,
    audit::{AuditAction, AuditEvent},
};
use store::{BatchRow, TenantTx, Tier};
use uuid::Uuid;

use super::{MoveStudy, StudyHome};
use crate::{App, AppError, jobs::program_actor};

impl App {
    /// Asks for a study to be brought back from the slow store. It can be opened from there meanwhile, slowly, when it
    /// is NEARLINE; one that is OFFLINE waits until its media are at hand. True when there was something to bring back.
    ///
    /// Errors: `NOT_FOUND`.
    pub async fn recall_study(&self, actor: &Actor, id: StudyId) -> Result<bool, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let study = tx
            .study(id)
            .await?
            .filter(|study| actor.facilities().contains(study.facility))
            .ok_or(AppError::NotFound { what: "study" })?;
        if study.tier == Tier::Hot {
            return Ok(false);
        }
        tx.await_study(id, now).await?;
        self.queue_move(&mut tx, id, StudyHome::Fast, now).await?;
        tx.audit(AuditEvent::of(actor, now, AuditAction::StudyRecall, id));
        self.tell_of_deletion(&mut tx, &study, None);
        tx.commit().await?;
        Ok(true)
    }

    /// A patient is about to be read: what is known of them from before is brought back.
    pub(crate) async fn recall_priors(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        patient: PatientId,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        /// A reader looks at the newest priors.
        const MOST: u64 = 5;
        if self.cold.is_none() {
            return Ok(());
        }
        for study in tx.cold_studies_of_patient(patient, MOST).await? {
            tx.await_study(study, now).await?;
            self.queue_move(tx, study, StudyHome::Fast, now).await?;
            tx.audit(AuditEvent::of(actor, now, AuditAction::StudyRecall, study).detail("as a prior"));
        }
        Ok(())
    }

    pub(super) async fn queue_move(
        &self,
        tx: &mut TenantTx,
        study: StudyId,
        to: StudyHome,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        Ok(tx
            .enqueue(self.ids.next(), now, now, &MoveStudy { study, to })
            .await?)
    }

    /// Queues the way to the slow store for studies that nobody looked at for as long as their tenant decided; gives
    /// their number.
    pub async fn send_quiet_studies_away(&self) -> Result<u64, AppError> {
        const AT_ONCE: u64 = 200;
        if self.cold.is_none() {
            return Ok(0);
        }
        let now = self.clock.now();
        let mut queued = 0;
        for tenant in self.store.read_sign_in().await?.audited_tenants().await? {
            let actor = program_actor(tenant);
            let read = self.store.read(&actor).await?;
            let Some(days) = self.policy_of(&read).await?.cold_after_days else {
                continue;
            };
            drop(read);
            let since = now - TimeDelta::days(i64::from(days));
            let mut after = Uuid::nil();
            loop {
                let quiet = self
                    .store
                    .read(&actor)
                    .await?
                    .quiet_studies(since, after, AT_ONCE)
                    .await?;
                let Some(last) = quiet.last() else { break };
                after = last.uuid();
                let mut tx = self.store.begin(&actor).await?;
                for study in quiet {
                    self.queue_move(&mut tx, study, StudyHome::Slow, now).await?;
                    queued += 1;
                }
                tx.commit().await?;
            }
        }
        Ok(queued)
    }

    /// Moves a study to the slow store now, and says when it cannot.
    ///
    /// Errors: `NOT_FOUND`, `STUDY_OFFLINE` when the media of the slow store are not at hand, and those of
    /// [`App::move_study`].
    pub async fn send_study_away(&self, actor: &Actor, study_instance_uid: &str) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let study = self
            .store
            .read(actor)
            .await?
            .study_of_uid(study_instance_uid)
            .await?
            .ok_or(AppError::NotFound { what: "study" })?;
        self.move_what_is_at_hand(actor, study.id, StudyHome::Slow).await
    }

    /// Moves all of a study into a store. Where media are not at hand nothing more is moved: what stays is looked at
    /// again by the clock.
    ///
    /// Errors: `STORAGE_UNAVAILABLE` and `STORAGE_FULL`; then what was moved is moved, and the rest is where it was.
    pub async fn move_study(&self, actor: &Actor, id: StudyId, to: StudyHome) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        match self.move_what_is_at_hand(actor, id, to).await {
            Err(error) if error.code() == ErrorCode::StudyOffline => {
                metrics::counter!("telerad_moves_put_off_total", "to" => to.as_str()).increment(1);
                Ok(())
            }
            moved => moved,
        }
    }

    async fn move_what_is_at_hand(&self, actor: &Actor, id: StudyId, to: StudyHome) -> Result<(), AppError> {
        let tier = match to {
            StudyHome::Fast => Tier::Hot,
            StudyHome::Slow if self.cold.is_some() => Tier::Cold,
            StudyHome::Slow => return Ok(()),
        };
        let read = self.store.read(actor).await?;
        let Some(study) = read.study(id).await? else {
            return Ok(());
        };
        let batches = read.small_batches_of_study(id, u64::MAX).await?;
        drop(read);
        let elsewhere: Vec<BatchRow> = batches.into_iter().filter(|batch| batch.tier != tier).collect();
        self.repack_study(actor, &study, &elsewhere, tier, "moved")
            .await?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let left = tx.small_batches_of_study(id, u64::MAX).await?;
        if left.iter().any(|batch| batch.tier != tier) {
            // Something is damaged, or came meanwhile.
            return Err(AppError::refused(
                ErrorCode::ObjectDamaged,
                "a part of the study stays where it is",
            ));
        }
        tx.set_tier_of_study(id, tier).await?;
        let action = match to {
            StudyHome::Fast => AuditAction::StudyRecalled,
            StudyHome::Slow => AuditAction::StudySentAway,
        };
        tx.audit(AuditEvent::of(actor, now, action, id));
        self.tell_of_deletion(&mut tx, &study, None);
        tx.commit().await?;
        metrics::counter!("telerad_moved_studies_total", "to" => to.as_str()).increment(1);
        Ok(())
    }
}
