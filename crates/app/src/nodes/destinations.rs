//! Where a node has images sent to.

use std::collections::BTreeSet;

use domain::{
    Actor, DicomNodeId, Permission, StudyId,
    audit::{AuditAction, AuditEvent},
};
use store::DicomNodeRow;

use crate::{App, AppError};

impl App {
    /// The node of that title that images may be moved to, within the actor's facilities.
    ///
    /// Errors: `NOT_FOUND`, also for another tenant's or facility's, and for one that says not where it listens.
    pub async fn move_destination(&self, actor: &Actor, title: &str) -> Result<DicomNodeRow, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        tx.dicom_nodes(actor.facilities())
            .await?
            .into_iter()
            .find(|node| node.is_enabled && node.peer_title == title && node.address.is_some())
            .ok_or(AppError::NotFound { what: "node" })
    }

    /// Records that studies are handed to a node, before anything of them is.
    pub async fn record_handover(
        &self,
        actor: &Actor,
        studies: &[StudyId],
        to: DicomNodeId,
        how: &str,
    ) -> Result<(), AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let studies: BTreeSet<StudyId> = studies.iter().copied().collect();
        if studies.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        for study in studies {
            let case = tx.case_of_study(study).await?;
            let event = AuditEvent::of(actor, now, AuditAction::StudySend, study);
            tx.audit(
                event
                    .detail(format!("to {to} by {how}"))
                    .case(case.map(|row| row.case.id)),
            );
        }
        Ok(tx.commit().await?)
    }
}
