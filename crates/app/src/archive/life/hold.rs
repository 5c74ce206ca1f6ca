//! Legal holds: a study that must not be deleted, whatever a person or a rule says.

use domain::{
    Actor, ErrorCode, LegalHoldId, Permission, StudyId,
    audit::{AuditAction, AuditEvent},
};
use store::{HoldRow, StudyRow, TenantTx};

use super::{delete::required_reason, person};
use crate::{App, AppError};

impl App {
    /// Places a hold on a study; also on one in the trash, which is then not removed.
    ///
    /// Errors: `NOT_FOUND`, `INVALID_INPUT` without a reason, `STUDY_DELETED` when its removal has begun.
    pub async fn place_legal_hold(
        &self,
        actor: &Actor,
        study: StudyId,
        reason: &str,
    ) -> Result<HoldRow, AppError> {
        self.authorise(actor, Permission::ManageArchive)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let study = lock_in_reach(&tx, actor, study).await?;
        if tx.is_being_purged(study.id).await? {
            return Err(AppError::refused(
                ErrorCode::StudyDeleted,
                "this study was deleted and is being removed for good just now: nothing of it can be held any more",
            ));
        }
        let (placed_by, placed_by_name) = person(actor);
        let hold = HoldRow {
            id: LegalHoldId::from_uuid(self.ids.next()),
            study: study.id,
            reason: required_reason(reason)?,
            placed_by,
            placed_by_name,
            placed_at: now,
            lifted_at: None,
        };
        tx.place_hold(&hold).await?;
        tx.audit(
            AuditEvent::of(actor, now, AuditAction::StudyHold, study.id)
                .detail(format!("{}: {}", hold.id, hold.reason)),
        );
        self.tell_of_deletion(&mut tx, &study, None);
        tx.commit().await?;
        Ok(hold)
    }

    /// Lifts the hold on a study, all of them when there are several. False when there was none.
    ///
    /// Errors: `NOT_FOUND`, `INVALID_INPUT` without a reason.
    pub async fn lift_legal_hold(
        &self,
        actor: &Actor,
        study: StudyId,
        reason: &str,
    ) -> Result<bool, AppError> {
        self.authorise(actor, Permission::ManageArchive)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let study = lock_in_reach(&tx, actor, study).await?;
        let reason = required_reason(reason)?;
        let (by, name) = person(actor);
        if tx.lift_holds(study.id, &reason, (&by, &name), now).await? == 0 {
            return Ok(false);
        }
        tx.audit(AuditEvent::of(actor, now, AuditAction::StudyHoldLift, study.id).detail(reason));
        self.tell_of_deletion(&mut tx, &study, None);
        tx.commit().await?;
        Ok(true)
    }

    /// The holds on a study that are not lifted, oldest first.
    pub async fn legal_holds(&self, actor: &Actor, study: StudyId) -> Result<Vec<HoldRow>, AppError> {
        self.authorise(actor, Permission::ManageArchive)?;
        let tx = self.store.read(actor).await?;
        tx.study_in_trash_too(study)
            .await?
            .filter(|study| actor.facilities().contains(study.facility))
            .ok_or(AppError::NotFound { what: "study" })?;
        Ok(tx.holds(&[study]).await?)
    }
}

async fn lock_in_reach(tx: &TenantTx, actor: &Actor, study: StudyId) -> Result<StudyRow, AppError> {
    tx.lock_study_in_trash_too(study)
        .await?
        .filter(|study| actor.facilities().contains(study.facility))
        .ok_or(AppError::NotFound { what: "study" })
}
