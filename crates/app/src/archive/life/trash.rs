//! The trash: looking at it, and taking something out of it.

use domain::{
    Actor, DeletionId, ErrorCode, Permission,
    audit::{AuditAction, AuditEvent},
};
use store::{DeletionTarget, Page, StudyRow, TrashedStudy};

use super::PurgeDeleted;
use crate::{App, AppError};

impl App {
    /// What lies in the trash, newest first.
    pub async fn deleted_studies(&self, actor: &Actor, page: &Page) -> Result<Vec<TrashedStudy>, AppError> {
        self.authorise(actor, Permission::ManageArchive)?;
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::TrashView, "trash");
        self.record_plain_look(actor, event).await?;
        Ok(self
            .store
            .read(actor)
            .await?
            .trash(actor.facilities(), page)
            .await?)
    }

    /// Takes a deletion back: what it hid is there again, as it was.
    ///
    /// Errors: `NOT_FOUND` also when it was taken back or its removal has begun; `STUDY_DELETED` when what it was part
    /// of is deleted itself and has to be restored first.
    pub async fn restore_study(&self, actor: &Actor, id: DeletionId) -> Result<StudyRow, AppError> {
        self.authorise(actor, Permission::ManageArchive)?;
        let missing = || AppError::NotFound { what: "deletion" };
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let deletion = tx.deletion(id).await?.ok_or_else(missing)?;
        let study = tx
            .lock_study_in_trash_too(deletion.study)
            .await?
            .filter(|study| actor.facilities().contains(study.facility))
            .ok_or_else(missing)?;
        // Again under the lock: somebody else may have restored or begun to remove it.
        let deletion = tx.deletion(id).await?.ok_or_else(missing)?;
        if deletion.restored_at.is_some() || deletion.purging_at.is_some() || deletion.purged_at.is_some() {
            return Err(missing());
        }
        let is_whole = deletion.target == DeletionTarget::Study;
        if !is_whole && !tx.may_restore(&deletion).await? {
            return Err(AppError::refused(
                ErrorCode::StudyDeleted,
                "what this was part of is deleted, too: restore that first",
            ));
        }
        tx.restore_from_trash(&deletion, now).await?;
        if let DeletionTarget::Instance(instance) = deletion.target
            && let Some(instance) = tx.instance(instance).await?
            && let Some(series) = tx.series(&[instance.series]).await?.pop()
        {
            self.derive_anew(&mut tx, actor, &series, now).await?;
        }
        let case = tx.case_of_study(study.id).await?.map(|row| row.case.id);
        if is_whole && case.is_some() {
            // Its target went on running, and nobody watched it.
            self.watch_target_again(&mut tx, study.id, now).await?;
        }
        let event = AuditEvent::of(actor, now, AuditAction::StudyRestore, study.id).detail(id.to_string());
        tx.audit(event.case(case));
        self.tell_of_deletion(&mut tx, &study, case.map(|case| case.uuid()));
        let restored = tx
            .study(study.id)
            .await?
            .ok_or(AppError::NotFound { what: "study" })?;
        tx.commit().await?;
        Ok(restored)
    }

    /// Queues the removal of what has lain in the trash for its time; gives the number of deletions.
    pub async fn empty_trash(&self) -> Result<u64, AppError> {
        const AT_ONCE: u64 = 500;
        let mut queued = 0;
        for tenant in self.store.read_sign_in().await?.audited_tenants().await? {
            let actor = crate::jobs::program_actor(tenant);
            let now = self.clock.now();
            let due = self.store.read(&actor).await?.due_deletions(now, AT_ONCE).await?;
            if due.is_empty() {
                continue;
            }
            let mut tx = self.store.begin(&actor).await?;
            for deletion in due {
                let job = PurgeDeleted {
                    deletion: deletion.id,
                };
                tx.enqueue(self.ids.next(), now, now, &job).await?;
                queued += 1;
            }
            tx.commit().await?;
        }
        Ok(queued)
    }
}
