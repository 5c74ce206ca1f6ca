//! Removing for good: rows first, then the objects that no row names.
//!
//! **Invariant:** each step is a transaction that leaves everything whole, and queues what follows from it. A process
//! that dies between two steps costs a repetition, and an object that dies before its row does not exist.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, DeletionId, Permission,
    audit::{AuditAction, AuditEvent},
};
use store::{DeletionRow, TenantTx};

use super::{RemoveObject, TidyBatch};
use crate::{
    App, AppError,
    ports::{BlobError, ObjectKey},
};

/// So many instances are removed in one transaction.
const INSTANCES_AT_ONCE: u64 = 200;

/// An object stays for so long after the last row that named it: who read that row may still open it.
const OBJECT_LINGERS: TimeDelta = TimeDelta::hours(1);

impl App {
    /// Removes for good what a deletion put into the trash. What was restored, is on hold or is not due yet stays.
    pub async fn purge_deleted(&self, actor: &Actor, id: DeletionId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let Some(deletion) = lock_due(&tx, id, now).await? else {
            return Ok(());
        };
        tx.begin_purge(id, now).await?;
        tx.commit().await?;
        let mut removed = 0;
        loop {
            let now = self.clock.now();
            let mut tx = self.store.begin(actor).await?;
            let purged = tx.purge_instances(&deletion, INSTANCES_AT_ONCE).await?;
            if purged.instances == 0 {
                self.finish_purge(tx, actor, &deletion, removed, now).await?;
                return Ok(());
            }
            removed += purged.instances;
            for key in &purged.derived {
                self.remove_object_later(&mut tx, actor, key, now).await?;
            }
            for batch in purged.batches {
                tx.enqueue(self.ids.next(), now, now, &TidyBatch { batch })
                    .await?;
            }
            tx.commit().await?;
        }
    }

    async fn finish_purge(
        &self,
        mut tx: TenantTx,
        actor: &Actor,
        deletion: &DeletionRow,
        removed: u64,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        for key in tx.finish_purge(deletion, now).await? {
            self.remove_object_later(&mut tx, actor, &key, now).await?;
        }
        tx.audit(
            AuditEvent::of(actor, now, AuditAction::StudyPurge, deletion.study)
                .detail(format!("{}, instances: {}", deletion.id, deletion.instance_count)),
        );
        tx.commit().await?;
        metrics::counter!("telerad_purged_instances_total").increment(removed);
        Ok(())
    }

    /// Queues the removal of an object in the transaction that removes the last row that names it.
    pub(crate) async fn remove_object_later(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        debug_assert!(ObjectKey::stored(actor.tenant(), key.to_owned()).is_some());
        let job = RemoveObject {
            object_key: key.to_owned(),
        };
        Ok(tx
            .enqueue(self.ids.next(), now, now + OBJECT_LINGERS, &job)
            .await?)
    }

    /// Removes an object, unless a row names it after all. That it was removed is a row of the trail, written first:
    /// an object that is gone without a word would look like a loss.
    pub async fn remove_object(&self, actor: &Actor, key: &str) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let Some(key) = ObjectKey::stored(actor.tenant(), key.to_owned()) else {
            return Err(AppError::Internal {
                what: "an object of another tenant was to be removed".to_owned(),
            });
        };
        self.require_at_hand(&key).await?;
        let mut tx = self.store.begin(actor).await?;
        if !tx.named_objects(&[key.to_string()]).await?.is_empty() {
            tracing::warn!(object.key = %key, "an object to be removed is still named by a row; it stays");
            return Ok(());
        }
        tx.audit(AuditEvent::of(
            actor,
            self.clock.now(),
            AuditAction::ObjectRemove,
            &key,
        ));
        tx.commit().await?;
        let stores = [Some(&self.blobs), self.cold.as_ref(), self.replica.as_ref()];
        for store in stores.into_iter().flatten() {
            match store.delete(&key).await {
                // It lay in the other one, as was seen above.
                Err(BlobError::Offline { .. }) => {}
                removed => removed?,
            }
        }
        metrics::counter!("telerad_removed_objects_total").increment(1);
        Ok(())
    }

    /// An object lies in the fast store or in the slow one. When it is not in the fast one, the slow one must be there
    /// to give it up: what is said to be removed is removed.
    ///
    /// Errors: `STUDY_OFFLINE`.
    async fn require_at_hand(&self, key: &ObjectKey) -> Result<(), AppError> {
        let Some(cold) = &self.cold else { return Ok(()) };
        if self.blobs.size(key).await.is_ok() {
            return Ok(());
        }
        match cold.size(key).await {
            Err(error @ BlobError::Offline { .. }) => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// A deletion whose removal may begin, or has begun, with its study locked.
async fn lock_due(
    tx: &TenantTx,
    id: DeletionId,
    now: DateTime<Utc>,
) -> Result<Option<DeletionRow>, AppError> {
    let Some(deletion) = tx.deletion(id).await? else {
        return Ok(None);
    };
    let Some(study) = tx.lock_study_in_trash_too(deletion.study).await? else {
        return Ok(None);
    };
    let deletion = tx.deletion(id).await?;
    Ok(deletion.filter(|deletion| {
        deletion.restored_at.is_none()
            && deletion.purged_at.is_none()
            && deletion.purge_at <= now
            && !study.legal_hold
    }))
}
