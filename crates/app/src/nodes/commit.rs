//! Storage commitment: whether instances are safely kept, so that their sender may delete its own (PS3.4 annex J).

use domain::{
    Actor, CommitmentId, ErrorCode, Permission, Principal,
    audit::{AuditAction, AuditEvent},
};
use serde::{Deserialize, Serialize};
use store::CommitmentRow;

use super::ReportCommitment;
use crate::{App, AppError};

/// An instance, as a node names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommittedInstance {
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
}

/// What is and is not safely kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitmentAnswer {
    /// Kept, bit for bit.
    pub kept: Vec<CommittedInstance>,
    /// Not here.
    pub absent: Vec<CommittedInstance>,
    /// Here under another SOP class than was said.
    pub of_other_class: Vec<CommittedInstance>,
    /// Here, and what is stored of it is missing or damaged: its sender should send it again.
    #[serde(default)]
    pub damaged: Vec<CommittedInstance>,
}

impl App {
    /// Answers for the instances a node names and notes that it asked; what the node may not see is absent. A node
    /// that listens is told by a job.
    pub async fn commit_to_storage(
        &self,
        actor: &Actor,
        transaction_uid: &str,
        instances: Vec<CommittedInstance>,
    ) -> Result<(CommitmentId, CommitmentAnswer), AppError> {
        self.authorise(actor, Permission::ConfirmStorage)?;
        let Principal::Node { id: node, .. } = actor.principal() else {
            return Err(AppError::refused(
                ErrorCode::Forbidden,
                "only a node asks for a commitment",
            ));
        };
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let uids: Vec<&str> = instances
            .iter()
            .map(|one| one.sop_instance_uid.as_str())
            .collect();
        let stored = tx.stored_instances(&uids).await?;
        let mut answer = CommitmentAnswer::default();
        for instance in instances {
            let list = match stored.get(&instance.sop_instance_uid) {
                Some(stored) if !actor.facilities().contains(stored.facility) => &mut answer.absent,
                Some(stored) if stored.sop_class_uid != instance.sop_class_uid => &mut answer.of_other_class,
                Some(stored) if stored.is_damaged => &mut answer.damaged,
                Some(_) => &mut answer.kept,
                None => &mut answer.absent,
            };
            list.push(instance);
        }
        let report = serde_json::to_value(&answer).map_err(|error| AppError::Internal {
            what: format!("a commitment as JSON: {error}"),
        })?;
        let row = CommitmentRow {
            id: CommitmentId::from_uuid(self.ids.next()),
            node: *node,
            transaction_uid: transaction_uid.to_owned(),
            report,
            requested_at: now,
            reported_at: None,
        };
        tx.insert_commitment(&row).await?;
        let listens = tx
            .dicom_node(*node)
            .await?
            .is_some_and(|node| node.address.is_some());
        if listens {
            let job = ReportCommitment { commitment: row.id };
            tx.enqueue(self.ids.next(), now, now, &job).await?;
        }
        let counts = format!(
            "{} kept, {} not",
            answer.kept.len(),
            answer.absent.len() + answer.of_other_class.len() + answer.damaged.len()
        );
        tx.audit(AuditEvent::of(actor, now, AuditAction::StorageCommit, row.id).detail(counts));
        tx.commit().await?;
        Ok((row.id, answer))
    }

    /// Notes that the node took the report.
    pub async fn commitment_reported(&self, actor: &Actor, id: CommitmentId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ConfirmStorage)?;
        let tx = self.store.begin(actor).await?;
        tx.commitment_is_reported(id, self.clock.now()).await?;
        Ok(tx.commit().await?)
    }
}
